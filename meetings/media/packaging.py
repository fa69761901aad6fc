"""Packaging: from an original to what players read, HLS with segments of about six seconds.

What browsers play is copied as it is (H.264 and AAC); anything else is encoded to that. Each
segment is a file of its own (fragmented MP4), so that serving one means to send one file.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from . import ffmpeg, probing, segments, thumbnails
from .containers import SAFELY
from .probing import MAY_MISS_MS, Facts, Unplayable

SEGMENT_S = 6
WIDEST = 1920
FASTEST = 30  # pictures a second
GUESSED_MS = 250
_SAFELY = [word for name, value in SAFELY.items() for word in (f"-{name}", value)]
# Of the whole work, as it is reported: first the segments, then the pictures.
SHARE_OF_SEGMENTS = 0.9


@dataclass(frozen=True, slots=True)
class Package:
    """What was made."""

    segment_ends_ms: list[int]
    has_poster: bool


def build(
    original: Path, facts: Facts, folder: Path, *, report: ffmpeg.Report | None = None
) -> Package:
    """Make the whole package in an empty folder. Raises ffmpeg.TryAgain or ffmpeg.WillNotHelp.

    `report` is called by the thread that asks. Where the picture is copied, the small pictures are
    made at the same time out of the original; where it is encoded, afterwards out of ours, which
    has key frames every few seconds.
    """
    source = [*_SAFELY, "-i", f"file:{original}"]
    early = facts.video is not None and facts.copies_video
    late = facts.video is not None and not early
    share = SHARE_OF_SEGMENTS if late else 1.0
    with ThreadPoolExecutor(1) as beside:
        pictures = early and beside.submit(
            thumbnails.make,
            original,
            facts.video or 0,
            folder,
            options=_SAFELY,
            duration_ms=facts.duration_ms,
        )
        package = _segments(source, facts, folder, _part(report, 0.0, share))
        if pictures:
            pictures.result()
    if late:
        thumbnails.make(
            folder / segments.INDEX,
            0,
            folder,
            duration_ms=facts.duration_ms,
            report=_part(report, share, 1.0),
        )
    return replace(package, has_poster=(folder / thumbnails.POSTER).is_file())


def _segments(
    source: list[str], facts: Facts, folder: Path, report: ffmpeg.Report | None
) -> Package:
    try:
        _cut(source, facts, folder, report)
        return read(folder, facts)
    except ffmpeg.WillNotHelp:
        # Copying asks more of a file than decoding does: times that are missing, for one.
        if not (facts.copies_video or facts.copies_audio):
            raise
    for left in [folder / segments.INDEX, folder / segments.INIT, *folder.glob("*.m4s")]:
        left.unlink(missing_ok=True)
    facts = replace(facts, copies_video=False, copies_audio=False)
    _cut(source, facts, folder, report)
    return read(folder, facts)


def read(folder: Path, facts: Facts) -> Package:
    """The package that lies in a folder. Raises WillNotHelp where it breaks off.

    ffmpeg guesses the length of the last segment where pictures come unevenly, so that one's end
    is looked up in the segment itself.
    """
    try:
        ends_ms = segments.read_ends(folder)
        last = folder / segments.name_of(len(ends_ms) - 1)
        files = (folder / segments.INIT, folder / segments.name_of(0), last)
        first_ms, until_ms = probing.measure(*files)
    except (segments.NotWhole, Unplayable) as error:
        raise ffmpeg.WillNotHelp(_("Nothing of this recording could be made playable.")) from error
    lasts_ms = until_ms - first_ms
    missing_ms = facts.duration_ms - lasts_ms
    if missing_ms > max(MAY_MISS_MS, facts.duration_ms // 100):
        raise ffmpeg.WillNotHelp(
            _("The recording is damaged: it breaks off %d seconds before its end.")
            % (missing_ms // 1000)
        )
    if abs(lasts_ms - ends_ms[-1]) > GUESSED_MS and lasts_ms > (ends_ms[-2:-1] or [0])[0]:
        ends_ms[-1] = lasts_ms
    return Package(ends_ms, has_poster=(folder / thumbnails.POSTER).is_file())


def _cut(source: list[str], facts: Facts, folder: Path, report: ffmpeg.Report | None) -> None:
    picture = ["-map", f"0:{facts.video}"] if facts.video is not None else []
    ffmpeg.run(
        [
            *source,
            *(*picture, "-map", f"0:{facts.audio}", "-map_metadata", "-1", "-map_chapters", "-1"),
            *(_picture(facts) if picture else []),
            *_sound(facts),
            *("-max_muxing_queue_size", "4096"),
            *("-f", "hls", "-hls_time", str(SEGMENT_S), "-hls_playlist_type", "vod"),
            *("-hls_segment_type", "fmp4", "-hls_flags", "independent_segments"),
            *("-hls_fmp4_init_filename", segments.INIT, "-hls_segment_filename", "%d.m4s"),
            segments.INDEX,
        ],
        folder=folder,
        duration_ms=facts.duration_ms,
        report=report,
    )


def _picture(facts: Facts) -> list[str]:
    if facts.copies_video:
        return ["-c:v", "copy"]
    square = "scale='trunc(iw*sar/2)*2':'trunc(ih/2)*2',setsar=1"
    return [
        *("-vf", f"bwdif=deint=interlaced,{square},scale='min({WIDEST},iw)':-2"),
        *("-c:v", "libx264", "-preset", "veryfast", "-crf", "23", "-pix_fmt", "yuv420p"),
        *("-force_key_frames", f"expr:gte(t,n_forced*{SEGMENT_S})", "-fpsmax", str(FASTEST)),
        *("-threads", str(settings.FFMPEG_THREADS)),
    ]


def _sound(facts: Facts) -> list[str]:
    if facts.copies_audio:
        return ["-c:a", "copy"]
    even = "aresample=async=1:first_pts=0,aformat=channel_layouts=mono|stereo"
    return ["-af", even, "-c:a", "aac", "-b:a", "96k", "-ar", "48000"]


def _part(report: ffmpeg.Report | None, begin: float, end: float) -> ffmpeg.Report | None:
    """A report for one part of the work, told on as a part of the whole."""
    if report is None:
        return None
    return lambda done: report(begin + done * (end - begin))
