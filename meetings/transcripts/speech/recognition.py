"""Recognition: a recording heard from its start to its end, piece by piece.

Each piece is stored as soon as it is heard. Whoever hears the same recording with the same model
again goes on behind the last piece, so a worker that is killed costs five minutes of a meeting.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from meetings.media import originals
from meetings.media.models import Recording
from meetings.transcripts.models import Recognition, RecognizedPart

from . import glossary, sound
from .needs import NotRecognized
from .phrases import Language, Phrase, Recognizer, is_invented, usual_loudness, written

Report = Callable[[float], None]
"""Told how much is done, from 0 to 1."""

# Where the language is listened for, as shares of the recording: its start may be music.
PLACES = (0.1, 0.3, 0.5, 0.7, 0.9)
PLACE_MS = 40_000
LEAST = sound.RATE // 5  # samples: in less nobody says a word


def hear(
    *, recording: Recording, recognizer: Recognizer, report: Report, now: datetime
) -> Recognition:
    """Hear all of a recording, or what is left of it. All parts are stored when this returns.

    Raises NotRecognized.
    """
    try:
        with originals.on_disk(str(recording.original), report=_waiting(report)) as original:
            return _hear(original, recording, recognizer, report, now)
    except originals.Gone as error:
        raise NotRecognized(_("The original is gone. Restore it from a backup.")) from error
    except sound.Unhearable as error:
        raise NotRecognized(str(error)) from error
    except OSError as error:
        said = error.strerror or type(error).__name__
        raise NotRecognized(_("The original cannot be read: %s.") % said) from error


def _hear(
    original: Path,
    recording: Recording,
    recognizer: Recognizer,
    report: Report,
    now: datetime,
) -> Recognition:
    recognition = _begun(original, recording, recognizer, report, now)
    names = glossary.of(recording.meeting.body)
    whole_ms = max(recording.duration_ms or 0, 1)

    def told(at_ms: int) -> None:
        report(min(at_ms / whole_ms, 1.0))

    with original.open("rb") as file:
        for piece in sound.pieces(file, from_ms=recognition.heard_ms, piece_ms=sound.PIECE_MS):
            if len(piece.samples) < LEAST:
                continue
            hearing = recognizer.hear(
                piece.samples,
                language=recognition.language,
                names=names,
                heard=_from(piece, told),
            )
            usual = usual_loudness(hearing.phrases)
            kept = [one for one in hearing.phrases if not is_invented(one, usual_db=usual)]
            left_out = len(hearing.phrases) - len(kept)
            _store(recognition, piece, kept, left_out, hearing.spoken_ms)
            told(piece.end_ms)
    recognition.refresh_from_db()
    return recognition


def _waiting(report: Report) -> Report:
    """Says that it goes on where nothing has been heard yet."""
    return lambda _done: report(0.0)


def _telling(places: Iterable[sound.Samples], report: Report) -> Iterator[sound.Samples]:
    for samples in places:
        report(0.0)
        yield samples


def _from(piece: sound.Piece, told: Callable[[int], None]) -> Callable[[int], None]:
    return lambda ms: told(piece.start_ms + ms)


def _begun(
    original: Path,
    recording: Recording,
    recognizer: Recognizer,
    report: Report,
    now: datetime,
) -> Recognition:
    """What another worker began with this model, or a new one in the language that is spoken."""
    under_way = Recognition.objects.filter(
        recording=recording, model_sha256=recognizer.sha256, finished_at__isnull=True
    )
    begun = under_way.first()
    if begun is not None:
        return begun
    language = _language(original, recording, recognizer, report)
    begun, _made = Recognition.objects.get_or_create(
        recording=recording,
        model_sha256=recognizer.sha256,
        finished_at=None,
        defaults={
            "model_name": recognizer.name,
            "engine": recognizer.engine,
            "language": language.tag,
            "language_probability": language.probability,
            "begun_at": now,
        },
    )
    return begun


def _language(
    original: Path, recording: Recording, recognizer: Recognizer, report: Report
) -> Language:
    if settings.SPEECH_LANGUAGE:
        return Language(settings.SPEECH_LANGUAGE, None)
    report(0.0)
    whole_ms = recording.duration_ms or 0
    places = [0] if whole_ms < 3 * PLACE_MS else [round(whole_ms * share) for share in PLACES]
    with original.open("rb") as file:
        heard_at = sound.samples_at(file, places_ms=places, lasting_ms=PLACE_MS)
        heard = recognizer.language_of(_telling(heard_at, report))
    if heard is None and places != [0]:  # nobody speaks there; somebody may elsewhere
        with original.open("rb") as file:
            spread = [whole_ms * number // 25 for number in range(25)]
            heard_at = sound.samples_at(file, places_ms=spread, lasting_ms=PLACE_MS)
            heard = recognizer.language_of(_telling(heard_at, report))
    if heard is None:
        raise NotRecognized(
            _("Nobody is heard speaking in this recording. Look whether it is the right one.")
        )
    return heard


@transaction.atomic
def _store(
    recognition: Recognition,
    piece: sound.Piece,
    kept: Sequence[Phrase],
    left_out: int,
    spoken_ms: int,
) -> None:
    """Keep what was heard in a piece, once: of two workers at it, the second adds nothing."""
    fresh = Recognition.objects.select_for_update().get(pk=recognition.pk)
    if fresh.heard_ms > piece.start_ms or fresh.finished_at is not None:
        return
    RecognizedPart.objects.create(
        recognition=fresh,
        start_ms=piece.start_ms,
        end_ms=piece.end_ms,
        spoken_ms=spoken_ms,
        phrases=[written(phrase, by_ms=piece.start_ms) for phrase in kept],
    )
    fresh.heard_ms = piece.end_ms
    fresh.spoken_ms += spoken_ms
    fresh.left_out_count += left_out
    fresh.save(update_fields=["heard_ms", "spoken_ms", "left_out_count"])
