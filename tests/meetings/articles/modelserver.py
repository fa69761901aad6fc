"""A model's service on loopback: it speaks OpenAI's protocol, and answers as a test tells it to.

Each answer is a function of the request, as JSON. `Played` says what goes over the wire.
"""

import json
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Played:
    """An answer: its status and body; `pieces` are written one by one, and may wait."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    pieces: Callable[[], Any] | None = None


def completion(content: str | None, *, finish="stop", refusal=None, tokens=(1_000, 200)) -> Played:
    """What a service answers for a model that wrote `content`."""
    return Played(
        json.dumps(
            {
                "id": "chatcmpl-1",
                "object": "chat.completion",
                "created": 1,
                "model": "small-and-exact",
                "choices": [
                    {
                        "index": 0,
                        "finish_reason": finish,
                        "message": {"role": "assistant", "content": content, "refusal": refusal},
                    }
                ],
                "usage": {
                    "prompt_tokens": tokens[0],
                    "completion_tokens": tokens[1],
                    "total_tokens": sum(tokens),
                },
            }
        ).encode()
    )


def failed(status: int, **headers: str) -> Played:
    """An error as the service tells it, with the key in it, as some do."""
    error = {"message": "Trouble with key sk-very-secret", "type": "trouble", "code": None}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Played(json.dumps({"error": error}).encode(), status, named)


def written(value: object) -> Played:
    return completion(json.dumps(value))


class ModelServer(ThreadingHTTPServer):
    """`plays` has the answers in turn; the last one is given again and again."""

    daemon_threads = True
    block_on_close = False

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.plays: list[Any] = []
        self.asked: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self.ended = threading.Event()  # lets go of whoever waits in an answer

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def play(self, *answers: Any) -> None:
        self.plays = list(answers)

    def given(self, number: int = 0) -> str:
        """What the model was given to read in a request: its last message."""
        return self.asked[number]["messages"][-1]["content"]


class _Conversation(BaseHTTPRequestHandler):
    server: ModelServer

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append({**asked, "path": self.path})
        self.server.keys.append(self.headers.get("Authorization"))
        plays = self.server.plays
        answer = plays.pop(0) if len(plays) > 1 else plays[0]
        if not isinstance(answer, Played):
            answer = answer(asked)
        if answer is None:  # hang up
            return
        self.send_response(answer.status)
        self.send_header("Content-Type", "application/json")
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.pieces is None:
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        try:
            for piece in answer.pieces() if answer.pieces else [answer.body]:
                self.wfile.write(piece)
        except OSError:
            return

    def log_message(self, *_args):
        """Tests say what they want to know."""


LINE = re.compile(r"^(s\d+) \| (.*?) \| (.*)$", re.MULTILINE)


def lines_of(asked: dict[str, Any]) -> list[tuple[str, str, str]]:
    """The segments that a request shows: id, speaker, words."""
    return LINE.findall(asked["messages"][1]["content"])


def id_of(asked: dict[str, Any], words: str) -> str:
    """The id of the segment that has these words."""
    return next(name for name, _speaker, said in lines_of(asked) if words in said)
