"""The one door to faster-whisper: finds the model, loads it, and lets it hear.

The model is a folder that the setting SPEECH_MODEL names, in CTranslate2's form. Nothing is ever
fetched. The package is an optional extra, so it is imported only here and only when it is needed.
"""

from collections.abc import Iterable, Sequence
from hashlib import file_digest
from importlib.metadata import version
from pathlib import Path
from typing import Any

import structlog
from django.conf import settings
from django.utils.translation import gettext as _

from .needs import Lacking, NotRecognized, lacking
from .phrases import Heard, Hearing, Language, Phrase, Word
from .sound import RATE, Samples, loudness

log = structlog.get_logger(__name__)

# Tried one after the other where a phrase comes out badly. Higher ones make more up than they mend.
TEMPERATURES = (0.0, 0.2, 0.4)
BEAM = 5
NAMES_MAX = 500  # characters: a prompt holds about 220 tokens, and each takes time


# What these models call otherwise than BCP 47 does.
OUR_TAGS = {"jw": "jv"}


class Whisper:
    """A loaded model. Raises Lacking where something must be brought, and NotRecognized."""

    def __init__(self) -> None:
        if missing := lacking():
            raise Lacking(missing)
        import ctranslate2  # an optional extra
        from faster_whisper import WhisperModel

        folder = Path(settings.SPEECH_MODEL)
        ctranslate2.set_random_seed(0)  # the same sound gives the same words
        try:
            self._model = WhisperModel(
                str(folder),
                device="cpu",
                compute_type="int8",
                cpu_threads=settings.SPEECH_THREADS,
                local_files_only=True,
            )
            with (folder / "model.bin").open("rb") as file:
                self.sha256 = file_digest(file, "sha256").hexdigest()
        except (RuntimeError, ValueError, OSError, KeyError) as error:
            log.warning("speech_model_broken", error=str(error))
            raise NotRecognized(
                _("The speech model in %s cannot be loaded. Copy its files again.") % folder
            ) from error
        self.name = settings.SPEECH_MODEL_NAME or folder.resolve().name
        if settings.SPEECH_LANGUAGE:
            self._code(settings.SPEECH_LANGUAGE)
        self.engine = f"faster-whisper {version('faster-whisper')}"

    @property
    def is_multilingual(self) -> bool:
        return bool(self._model.model.is_multilingual)

    def language_of(self, places: Iterable[Samples]) -> Language | None:
        """The language that is likeliest over all places together: one alone may be music."""
        if not self.is_multilingual:
            return Language("en", 1.0)
        sums: dict[str, float] = {}
        heard = 0
        for samples in places:
            voices = self._voices(samples)
            if not voices:
                continue
            heard += 1
            spoken = samples[voices[0]["start"] :]
            for tag, probability in self._model.detect_language(spoken)[2]:
                sums[tag] = sums.get(tag, 0.0) + float(probability)
        if not heard:
            return None
        best = max(sums, key=lambda tag: sums[tag])
        return Language(OUR_TAGS.get(best, best), sums[best] / heard)

    def hear(
        self, samples: Samples, *, language: str, names: Sequence[str], heard: Heard
    ) -> Hearing:
        heard(0)
        segments, info = self._model.transcribe(
            samples,
            language=self._code(language),
            beam_size=BEAM,
            temperature=TEMPERATURES,
            condition_on_previous_text=False,  # a loop would feed itself
            word_timestamps=True,
            vad_filter=True,
            hotwords=_listed(names) or None,
        )
        phrases = []
        for segment in segments:
            phrases.append(_phrase(segment, samples))
            heard(phrases[-1].end_ms)
        return Hearing(tuple(phrases), round(float(info.duration_after_vad) * 1000))

    def _code(self, tag: str) -> str:
        """What the model calls a language. Raises NotRecognized where it does not know it."""
        bare = tag.partition("-")[0].lower()
        code = next((theirs for theirs, ours in OUR_TAGS.items() if ours == bare), bare)
        if code not in self._model.supported_languages:
            raise NotRecognized(
                _("The speech model %(model)s does not know the language “%(language)s”.")
                % {"model": self.name, "language": tag}
            )
        return code

    @staticmethod
    def _voices(samples: Samples) -> list[dict[str, int]]:
        from faster_whisper.vad import get_speech_timestamps

        voices: list[dict[str, int]] = get_speech_timestamps(samples)
        return voices


def _phrase(segment: Any, samples: Samples) -> Phrase:
    """`Any`: faster-whisper's segment. Its numbers are numpy's, and become Python's here."""
    start_ms, end_ms = _ms(segment.start), _ms(segment.end)
    heard = samples[start_ms * RATE // 1000 : max(end_ms, start_ms + 1) * RATE // 1000]
    words = tuple(
        Word(
            str(word.word),
            _ms(word.start),
            max(_ms(word.start), _ms(word.end)),
            min(max(float(word.probability), 0.0), 1.0),
        )
        for word in segment.words or ()
        if str(word.word).strip()
    )
    return Phrase(
        start_ms=start_ms,
        end_ms=max(start_ms, end_ms),
        text=str(segment.text),
        words=words,
        no_speech=float(segment.no_speech_prob),
        log_probability=float(segment.avg_logprob),
        loudness=loudness(heard),
    )


def _ms(seconds: Any) -> int:
    """`Any`: a numpy float."""
    return max(0, round(float(seconds) * 1000))


def _listed(names: Sequence[str]) -> str:
    """As many of the names as a prompt holds, the first ones first."""
    listed = ""
    for name in names:
        longer = f"{listed}, {name}" if listed else name
        if len(longer) > NAMES_MAX:
            break
        listed = longer
    return listed
