"""Whom a sentence names as the speaker of each of its quotations."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from .marks import Quoted
from .words import Word, words

SAYING = re.compile(
    r"\b(?:said|says|say|saying|told|tells|asked|asks|added|adds|replied|replies|answered|explained"
    r"|explains|stated|states|noted|notes|argued|argues|warned|warns|insisted|remarked|declared"
    r"|announced|called|calls|described|describes|responded|continued|concluded|promised|quipped"
    r"|according to|sagte|sagt|erklärte|fragte|antwortete|betonte|laut|so|meinte|dit|déclare"
    r"|déclaré|ajoute|ajouté|demande|demandé|selon|dijo|dice|afirmó|preguntó|añadió|según)\b",
    re.IGNORECASE,
)
# "Said Smith", "according to the vice president"; not "asked by Smith".
_SAID_BY = re.compile(
    rf"(?:{SAYING.pattern})(?!\s+(?:by|of|about|to|from|for)\b)(?:\s+[\w.]+){{0,3}}\s+$",
    re.IGNORECASE,
)
# "Asked by Smith", "as Smith said of Jones": what follows is not who speaks.
_NOT_OF = re.compile(r"\b(?:by|of|about|to|from|for|von|über|de|par|por|sobre)\s*$", re.IGNORECASE)
_TITLES = (
    "the mr mrs ms miss dr sir dame hon rev prof professor president vice mayor deputy chair"
    " chairman chairwoman chairperson council councilmember councilman councilwoman member"
    " commissioner alderman alderwoman supervisor senator representative congressman secretary"
    " minister prime director administrator ambassador governor speaker judge justice general"
    " herr frau präsident präsidentin m mme monsieur madame señor señora"
)
TITLES = set(_TITLES.split())
# Voices that a machine tells apart and cannot name.
_NUMBERED = re.compile(r"(?:s|spk|spkr|speaker|unknown|participant)?[ _-]*\d*", re.IGNORECASE)
LONGEST_PHRASE = 60  # letters between a name and what says that it speaks
FARTHEST = 80  # letters between that and the quotation


@dataclass(frozen=True, slots=True)
class _Mention:
    names: frozenset[str]
    start: int
    end: int


def is_named(speaker: str) -> bool:
    """Whether a transcript's name for a voice says who it is, or at least what."""
    return _NUMBERED.fullmatch(speaker.strip()) is None


def attributed(
    sentence: str, quoted: Sequence[Quoted], speakers: Collection[str]
) -> list[frozenset[str]]:
    """For each quotation, who of the transcript's speakers is said to have said it.

    Nobody where the sentence does not say so in plain words, or names somebody else; several where
    the name fits several.
    """
    outside = sentence
    for one in quoted:
        outside = outside[: one.start] + "\n" * (one.end - one.start) + outside[one.end :]
    speaking = list(_speaking(outside, _mentions(outside, speakers)))
    return [_nearest(one, speaking, outside) for one in quoted]


def _nearest(quoted: Quoted, speaking: Sequence[_Mention], text: str) -> frozenset[str]:
    def distance(mention: _Mention) -> int:
        if mention.end <= quoted.start:
            return quoted.start - mention.end
        return mention.start - quoted.end

    def is_of_another_sentence(mention: _Mention) -> bool:
        between = text[min(mention.end, quoted.end) : max(mention.start, quoted.start)]
        return re.search(r"[.!?;]\s", between) is not None

    near = [
        one for one in speaking if distance(one) <= FARTHEST and not is_of_another_sentence(one)
    ]
    return min(near, key=distance).names if near else frozenset()


def _speaking(text: str, mentions: Sequence[_Mention]) -> list[_Mention]:
    """The mentions of those who speak, each together with the word or colon that says so."""
    found = []
    taken = 0  # until where a verb has its speaker
    for number, mention in enumerate(mentions):
        limit = mentions[number + 1].start if number + 1 < len(mentions) else len(text)
        since = mentions[number - 1].end if number else 0
        after = text[mention.end : min(limit, mention.end + LONGEST_PHRASE)].partition("\n")[0]
        before = text[max(since, mention.start - LONGEST_PHRASE) : mention.start]
        before = before.rpartition("\n")[2]
        says, said_by = SAYING.search(after), _SAID_BY.search(before)
        if says and after[: says.start()].count(",") % 2 == 0 and not _NOT_OF.search(before):
            taken = mention.end + says.end()
            found.append(_Mention(mention.names, mention.start, taken))
        elif not says and re.match(r"[^.!?;]*:\s*$", after) and not _is_told(before):
            found.append(_Mention(mention.names, mention.start, mention.end + len(after)))
        elif said_by and (start := mention.start - len(said_by[0])) >= taken:
            found.append(_Mention(mention.names, start, mention.end))
    return found


def _is_told(before: str) -> bool:
    """Whether a name behind these words is of one who is spoken to, or of."""
    clause = re.split(r"[.!?;]\s", before)[-1]
    return bool(_NOT_OF.search(clause) or SAYING.search(clause))


def _mentions(text: str, speakers: Collection[str]) -> list[_Mention]:
    """Where speakers are named: by the whole name, or by the last of it where that is a name."""
    forms: dict[tuple[str, ...], set[str]] = {}
    offices: set[tuple[str, ...]] = set()
    for speaker in speakers:
        if not is_named(speaker):
            continue
        norms = [word.norm for word in words(speaker)]
        bare = norms[1:] if norms[:1] == ["the"] else norms
        if not bare:
            continue
        forms.setdefault(tuple(bare), set()).add(speaker)
        if bare is not norms or TITLES.issuperset(bare):
            offices.add(tuple(bare))
        own = [norm for norm in bare if norm not in TITLES]
        if own and len(own[-1]) > 1:
            forms.setdefault(tuple(own), set()).add(speaker)
            forms.setdefault((own[-1],), set()).add(speaker)
    longest = max(map(len, forms), default=0)
    found = words(text)
    mentions: list[_Mention] = []
    at = 0
    while at < len(found):
        length = next((n for n in range(longest, 0, -1) if _form(found, at, n) in forms), 0)
        form = _form(found, at, length)
        # A name is capitalised; an office need not be ("the vice president").
        if length and (form in offices or not text[found[at].start].islower()):
            place = found[at].start, found[at + length - 1].end
            mentions.append(_Mention(frozenset(forms[form]), *place))
        at += length or 1
    return mentions


def _form(found: Sequence[Word], at: int, length: int) -> tuple[str, ...]:
    form = tuple(word.norm for word in found[at : at + length])
    return form if len(form) == length else ()
