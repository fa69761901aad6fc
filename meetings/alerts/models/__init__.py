"""Alert and its StoredTree, Match and Round, what is told and how: a module for each subject."""

from .alert import Alert, Cadence, StoredTree, TreeTerm
from .match import Match, Quiet, Round, Run, Source, Stage
from .telling import Channel, ChannelKind, Digest, DigestState, Schedule, Told

__all__ = [
    "Alert",
    "Cadence",
    "Channel",
    "ChannelKind",
    "Digest",
    "DigestState",
    "Match",
    "Quiet",
    "Round",
    "Run",
    "Schedule",
    "Source",
    "Stage",
    "StoredTree",
    "Told",
    "TreeTerm",
]
