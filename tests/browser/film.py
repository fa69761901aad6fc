"""A film before the reader: ninety seconds of picture and tone, and a wire that counts and refuses.

The wire stands between browser and site and answers for playback as the site does: a playlist whose
addresses hold a token, and files for as long as the token lives.
"""

import re
from itertools import count

from meetings.media import segments, storage
from meetings.media.models import Recording
from meetings.transcripts.utterances import Utterance
from tests.meetings.media.factories import record, video
from tests.meetings.transcripts.factories import transcribe

SECONDS = 90
EVERY_MS = 3_000
TYPES = {".m3u8": "application/vnd.apple.mpegurl", ".m4s": "video/mp4", ".mp4": "video/mp4"}
TYPES |= {".jpg": "image/jpeg", ".vtt": "text/vtt"}
_PACKAGED = {}


def filmed(meeting, folder):
    """Give the meeting a recording and a transcript of thirty segments in turns.

    The film is packaged once in a folder, which is MEDIA_ROOT; after that its row is put back.
    """
    if folder in _PACKAGED:
        recording = Recording.objects.create(meeting=meeting, **_PACKAGED[folder])
    else:
        recording = record(meeting, video(folder, seconds=SECONDS))
        _PACKAGED[folder] = {
            field.name: getattr(recording, field.name)
            for field in Recording._meta.concrete_fields
            if field.name not in {"id", "meeting"}
        }
    said = [
        Utterance(n * EVERY_MS, (n + 1) * EVERY_MS - 200, f"Sentence {n} of the film.", name)
        for n, name in enumerate(["Ann", "Ann", "Bob"] * (SECONDS * 1000 // EVERY_MS // 3))
    ]
    transcribe(said, meeting=meeting, version=2)
    meeting.agenda.all().delete()
    for position, (title, start_ms) in enumerate(
        [("Opening & <b>roll</b>", 0), ("Budget", 30_000), ("Closing", 75_000)], start=1
    ):
        meeting.agenda.create(position=position, title=title, start_ms=start_ms)
    return recording


class Wire:
    """What was asked of playback, and how it was answered."""

    def __init__(self, reader, recording):
        self.recording = recording
        self.folder = storage.package_of(recording.key, recording.package_version)
        self.playlists, self.asked, self.refused = 0, [], []
        self.status, self.is_cut = 200, False
        self._good = set()
        self._numbers = count(1)
        for address, answer in [
            (r"/meetings/\d+/playlist\.m3u8", self._playlist),
            (r"/meetings/\d+/poster\.jpg", self._poster),
            (r"/playback/", self._file),
        ]:
            reader.context.route(re.compile(address), answer)

    def ends_tokens(self):
        """All tokens that were given until now are over."""
        self._good.clear()

    def _playlist(self, route):
        self.playlists += 1
        if self.is_cut:
            route.abort()
        elif self.status != 200:
            route.fulfill(status=self.status, content_type="application/problem+json", body="{}")
        else:
            token = f"token-{next(self._numbers)}"
            self._good.add(token)
            base = f"/playback/{token}/"
            body = "".join(segments.playlist(self.recording.segment_ends_ms, base=base))
            headers = {"Cache-Control": "private, no-store"}
            route.fulfill(content_type=TYPES[".m3u8"], body=body, headers=headers)

    def _poster(self, route):
        self._give(route, self.folder / "poster.jpg")

    def _file(self, route):
        token, name = route.request.url.split("/")[-2:]
        self.asked.append((token, name))
        if self.is_cut:
            route.abort()
        elif token not in self._good:
            self.refused.append((token, name))
            route.fulfill(status=403)
        else:
            self._give(route, self.folder / name)

    def _give(self, route, path):
        route.fulfill(content_type=TYPES[path.suffix], body=path.read_bytes())
