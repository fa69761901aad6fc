"""A sender of files by tus, as bare as the protocol: nothing is retried, nothing is remembered."""

import base64
from typing import Any

from django.test import Client

TUS = {"Tus-Resumable": "1.0.0"}
PIECE = "application/offset+octet-stream"
UPLOADS = "/uploads/"


def about(**told: object) -> str:
    """The header that says what the file is."""
    return ",".join(
        f"{name} {base64.b64encode(str(value).encode()).decode()}" for name, value in told.items()
    )


class Sender:
    """Sends through Django's test client, piece by piece."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def begins(self, size: int, **told: object) -> Any:
        headers = {**TUS, "Upload-Length": str(size), "Upload-Metadata": about(**told)}
        return self.client.post(UPLOADS, headers=headers)

    def place(self, size: int, **told: object) -> str:
        answer = self.begins(size, **told)
        assert answer.status_code == 201, answer.content
        return str(answer["Location"])

    def asks(self, place: str) -> Any:
        return self.client.head(place, headers=TUS)

    def offset(self, place: str) -> int:
        return int(self.asks(place)["Upload-Offset"])

    def sends(self, place: str, data: bytes, at: int = 0, **more: str) -> Any:
        headers = {**TUS, "Upload-Offset": str(at), **more}
        return self.client.patch(place, data, content_type=PIECE, headers=headers)

    def gives_up(self, place: str) -> Any:
        return self.client.delete(place, headers=TUS)
