"""Who met, where and when, and the log of what became of it."""

from .log import Change, ChangeQuerySet, CurrentSystem, CurrentTransaction, Follower, Horizon
from .meetings import AgendaItem, Body, Level, Meeting, Place, State, address

__all__ = [
    "AgendaItem",
    "Body",
    "Change",
    "ChangeQuerySet",
    "CurrentSystem",
    "CurrentTransaction",
    "Follower",
    "Horizon",
    "Level",
    "Meeting",
    "Place",
    "State",
    "address",
]
