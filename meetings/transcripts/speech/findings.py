"""Findings: what a finished recognition comes to, as utterances and doubts about them."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from meetings.transcripts.models import Recognition
from meetings.transcripts.utterances import Utterance

from .doubts import Stretch, doubts
from .lines import lines
from .phrases import Phrase, read

LEAST_SURE = 0.5  # of the language
LEFT_OUT_SHARE = 0.05  # of the phrases


@dataclass(frozen=True, slots=True)
class Findings:
    utterances: list[Utterance]
    doubts: list[str]


def of(recognition: Recognition) -> Findings:
    """Two queries: the parts and the recording."""
    parts = list(recognition.parts.order_by("start_ms"))
    phrases: list[Phrase] = [read(phrase) for part in parts for phrase in part.phrases]
    until_ms = recognition.recording.duration_ms or recognition.heard_ms
    utterances = lines(phrases, language=recognition.language, until_ms=until_ms)
    stretches = [Stretch(part.start_ms, part.end_ms, part.spoken_ms) for part in parts]
    found = doubts(utterances, stretches=stretches)
    sure = recognition.language_probability
    if sure is not None and sure < LEAST_SURE:
        found.append(
            _("It is not certain which language is spoken: “%(language)s” by %(percent)d percent.")
            % {"language": recognition.language, "percent": int(sure * 100)}
        )
    left_out = recognition.left_out_count
    if left_out > (len(phrases) + left_out) * LEFT_OUT_SHARE:
        found.append(
            _("%(count)d of %(all)d phrases were left out: hardly anything can be heard there.")
            % {"count": left_out, "all": len(phrases) + left_out}
        )
    return Findings(utterances, found)
