"""How said words are set as quotations, by language."""

import re
from dataclasses import dataclass

# Names that a machine gives to voices that it tells apart.
NO_NAME = re.compile(r"(?:s|spk|spkr|speaker|unknown)?[ _-]*\d*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Voice:
    opening: str = "“"
    closing: str = "”"
    attribution: str = "{name}: {quotation}"

    def quote(self, words: str, *, speaker_name: str = "") -> str:
        """The words as a quotation, unchanged, with who said them where that is known."""
        quotation = f"{self.opening}{words.strip()}{self.closing}"
        if NO_NAME.fullmatch(speaker_name):
            return quotation
        return self.attribution.format(name=speaker_name, quotation=quotation)


VOICES = {
    "en": Voice(attribution="{name} said: {quotation}"),
    "de": Voice("„", "“", "{name} sagte: {quotation}"),
    "fr": Voice(
        "«\N{NO-BREAK SPACE}", "\N{NO-BREAK SPACE}»", "{name} a dit\N{NO-BREAK SPACE}: {quotation}"
    ),
    "es": Voice("«", "»", "{name} dijo: {quotation}"),
}


def voice(language: str) -> Voice:
    """The habits of a language (BCP 47). In an unknown one a name is followed by a colon."""
    return VOICES.get(language.partition("-")[0].lower(), Voice())
