"""A mail server that keeps what it is given, and that refuses, dawdles or falls mute if told to.

It speaks as much SMTP (RFC 5321) as Django's client does, on a free port of this machine.
"""

import socketserver
import threading
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import NamedTuple

Answer = str | Callable[[], str]


class Taken(NamedTuple):
    """A message with its envelope."""

    sender: str
    recipient: str
    message: EmailMessage


class Sink(socketserver.ThreadingTCPServer):
    """`answers` maps a step (greeting, MAIL, RCPT, DATA, message, QUIT) to what is said instead.

    An answer may be a function, that is called when the step is there. Empty means: hang up.
    """

    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.taken: list[Taken] = []
        self.answers: dict[str, Answer] = {}
        self.connections = 0
        self.ended = threading.Event()  # lets go of whoever waits in an answer

    @property
    def port(self) -> int:
        return self.server_address[1]

    def message_ids(self) -> list[str]:
        return [taken.message["Message-ID"] for taken in list(self.taken)]

    def falls_mute(self) -> str:
        """As an answer: says nothing until the test is over."""
        self.ended.wait(60)
        return ""


class _Conversation(socketserver.StreamRequestHandler):
    server: Sink

    def handle(self):
        self.server.connections += 1
        sender = recipient = ""
        try:
            self.say("greeting", "220 sink")
            while line := self.rfile.readline().decode().strip():
                step = line[:4].upper()
                if step == "DATA":
                    self.say("DATA", "354 go on")
                    self.take(sender, recipient)
                    continue
                if step == "MAIL":
                    sender = line.partition("<")[2].partition(">")[0]
                if step == "RCPT":
                    recipient = line.partition("<")[2].partition(">")[0]
                self.say(step, "221 bye" if step == "QUIT" else "250 fine")
                if step == "QUIT":
                    return
        except (OSError, HungUp):
            return

    def take(self, sender, recipient):
        lines = []
        while (line := self.rfile.readline()) not in {b".\r\n", b""}:
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        if not line:
            raise HungUp
        answer = self.server.answers.get("message", "250 taken")
        if callable(answer) or answer.startswith("2"):
            message = message_from_bytes(b"".join(lines), policy=policy.default)
            self.server.taken.append(Taken(sender, recipient, message))
        self.say("message", "250 taken")

    def say(self, step, usual):
        answer = self.server.answers.get(step, usual)
        text = answer() if callable(answer) else answer
        if not text:
            raise HungUp
        self.wfile.write(f"{text}\r\n".encode())


class HungUp(Exception):
    """The other side, or we, have had enough."""
