"""Which languages have phrases of their own."""

from .english import ENGLISH
from .phrases import Phrases, ending, opening, words

GERMAN = Phrases(
    formality=words(
        r"""
        (?:danke|bedanke|dank|willkommen|begrüße\w*|bitte|beifall|gratulier\w+|glückw[uü]nsch\w*)
        guten (?:morgen|tag|abend)
        (?:liebe[rs]?|verehrte[rs]?) (?:kolleg|herr|frau|freund|gäste)\w*
        (?:das wort|sehr geehrte|von herzen|ich freue mich|gute tradition|mögen sie)
        meine (?:sehr )?(?:damen|verehrten)
        (?:rufe|erteile) .*auf
        nächste[rn]? redner\w*
        sitzung .{0,20}(?:eröffn\w+|geschlossen|unterbrochen)
        (?:handzeichen|wer stimmt|enthält sich|zwischenruf|zuruf)
        """
    ),
    leaning=opening(
        r"""
        (?:und|aber|oder|denn|also|dann|da|das|dies\w*|er|sie|es|ihm|ihr|ja|nein|so|doch|auch|weil)
        (?:deshalb|deswegen|darum|darüber|damit|dazu|dabei|dafür|davon|daher|dort|hierzu|hiermit|ich)
        """
    ),
    dangling=ending(
        "(?:der|die|das|und|oder|zu|von|mit|für|auf|in|ein|eine|dass|ist|sind|nicht|haben)"
    ),
    filler=words("(?:äh|ähm|hm|sozusagen|quasi|irgendwie|halt)"),
    pointing=words("(?:er|sie|es|ihm|ihn|ihnen|dies\\w*|hier|dort|damit|dazu|dabei|jene\\w*)"),
    outcome=words(
        r"""
        (?:ist|sind|hat|haben|wurden?) .{0,80}(?:angenommen|abgelehnt|beschlossen|gewählt|vertagt)
        """
    ),
    decision=words(
        r"""
        (?:angenommen|abgelehnt|beschlossen|beschließ\w+|gewählt|einstimmig|mehrheitlich|genehmigt)
        (?:vertagt|(?:ja|nein)-?stimmen|stimmen|enthaltung\w*|mehrheit)
        """
    ),
    commitment=words(
        r"""
        (?:werden|wird|wollen|sollen|müssen|planen|schlagen vor|beantrag\w+|spätestens|frist)
        """
    ),
    money=words(r"(?:\d[\d.,]* )?(?:millionen|milliarden|tausend|hundert)? ?euro"),
    date=words(
        r"""
        (?:januar|februar|märz|april|mai|juni|juli|august|september|oktober|november|dezember)
        (?:19|20)\d\d
        (?:nächst|letzt|komm|dies)\w+ (?:woche|monat|jahr)\w*
        """
    ),
    business=words(
        r"""
        (?:haushalt\w*|mittel|steuer\w*|gebühr\w*|gesetz\w*|antrag|verordnung|satzung|vertrag)
        (?:stadt\w*|gemeinde\w*|land|bund|kreis|schule\w*|straße\w*|wasser|wohn\w+|polizei|wahl\w*)
        """
    ),
)

FRENCH = Phrases(
    formality=words(
        r"""
        (?:merci|remerci\w+|bonjour|bonsoir|bienvenue|applaudissements|excus\w+|pardon)
        (?:s' ?il vous pla[iî]t|je m' ?appelle|la parole|je vous en prie|ordre du jour|micro)
        (?:monsieur le (?:maire|président)|madame la|vous m' ?entendez|qui est contre|s' ?abstient)
        (?:des|une|vos|les) questions?
        """
    ),
    leaning=opening(
        r"""
        (?:et|mais|ou|donc|car|or|parce|puis|alors|voilà|oui|non|ce|cela|ça|il|elle|ils|elles|qui)
        (?:que|dont|on|y|en|euh|ben|bon|après|du coup|juste|coup|tu|je|par exemple|là|avec|sur)
        (?:c|d|j|n|l)['’] ?(?:est|accord|ai|a|ont?)
        """
    ),
    dangling=ending("(?:le|la|les|un|une|de|du|des|et|ou|à|au|aux|que|qui|pour|par|avec|en|est)"),
    filler=words("(?:euh|hein|ben|bah|voilà|du coup|en fait|quoi|on va dire|je dirais)"),
    pointing=words("(?:il|elle|ils|elles|cela|ça|celui|celle|ceux|ici|là|y|lui|leur)"),
    outcome=words(r"(?:est|sont) .{0,40}(?:adopté|approuvé|rejeté)\w*"),
    decision=words(
        r"""
        (?:adopté\w*|approuvé\w*|rejeté\w*|voté\w*|unanimité|délibér\w+|décidé\w*|abstentions?|voix)
        """
    ),
    commitment=words(
        r"(?:nous allons|on va|sera|seront|devra|devront|propos\w+|prévu\w*|avant le|au plus tard)"
    ),
    money=words(r"(?:\d[\d., ]*|mille|cent|millions?|milliards?)(?: d['’])? ?euros?"),
    date=words(
        r"""
        (?:janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre)
        (?:19|20)\d\d
        deux mille
        (?:semaine|mois|année) (?:prochaine?|dernière?)
        """
    ),
    business=words(
        r"""
        (?:budget|financement|impôts?|taxes?|tarifs?|subventions?|contrats?|marchés?|loi|règlement)
        (?:ville|commune|conseil|projets?|habitants?|écoles?|eau|routes?|logements?|entreprises?)
        """
    ),
)

BY_LANGUAGE = {"en": ENGLISH, "de": GERMAN, "fr": FRENCH}


def phrases(language: str) -> Phrases:
    """The phrases of a language (BCP 47). Of an unknown one nothing is known."""
    return BY_LANGUAGE.get(language.partition("-")[0].lower(), Phrases())
