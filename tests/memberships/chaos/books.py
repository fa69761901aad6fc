"""Stripe's books: the sandbox's own objects, read where it keeps them, past every line of ours."""

import json


class Books:
    """What stands in the folder of a sandbox now. Objects are Stripe's documents, as they are."""

    def __init__(self, folder):
        self._folder = folder

    def one(self, kind, id_):
        return self._read(self._folder / kind / f"{id_}.json")

    def all(self, kind):
        """Every object of a kind: sessions, intents, charges, refunds, disputes, events."""
        return [self._read(path) for path in sorted((self._folder / kind).glob("*.json"))]

    @staticmethod
    def _read(path):
        return json.loads(path.read_text())["doc"]

    def charge_of(self, session_id):
        """The latest charge of a session; None where nobody has tried to pay."""
        intent_id = self.one("sessions", session_id)["payment_intent"]
        return intent_id and self.one("charges", self.one("intents", intent_id)["latest_charge"])

    def refunds_of(self, session_id):
        """The refunds of what was paid on a session."""
        intent_id = self.one("sessions", session_id)["payment_intent"]
        return [one for one in self.all("refunds") if one["payment_intent"] == intent_id]
