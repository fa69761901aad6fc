"""Versions of articles: added with every change, never overwritten, and held beside one another."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from hashlib import sha256

from memberships.gate.entitlement import User

from . import queries
from .models import Article, ArticleVersion, Check, Sentence

Change = ArticleVersion.Change


def token(sentence: Sentence) -> str:
    """Stands for a sentence as it reads and for what it rests on: any change of it changes this."""
    evidence = sorted(
        (one.start_ms, one.first_key, one.last_key) for one in sentence.evidence.all()
    )
    reading = json.dumps([sentence.text, sentence.is_context, evidence])
    return sha256(reading.encode()).hexdigest()[:16]


def newest(article: Article) -> ArticleVersion | None:
    """The newest version of an article, without its sentences; none before any was kept."""
    return article.versions.defer("sentences").order_by("-number").first()


def begin(article: Article) -> None:
    """Keep an article as it is, if no version was kept before, so that a change loses nothing.

    Called under the article's lock, before the change.
    """
    if article.versions.exists():
        return
    ArticleVersion.objects.create(
        **_as_it_is(article),
        number=1,
        change=Change.PUBLISHED if article.is_published else Change.DRAFTED,
        is_public=article.is_published,
        made_at=article.published_at or article.created_at,
        made_by=article.reviewed_by,
        made_by_name=article.reviewed_by_name,
    )


def add(
    article: Article,
    *,
    change: ArticleVersion.Change,
    by: User,
    now: datetime,
    failed: Sequence[Check] = (),
    reason: str = "",
) -> ArticleVersion:
    """Keep an article as it is after a change. Called under the article's lock.

    `failed` are the checks that failed, where the version is one for readers.
    """
    last = article.versions.order_by("-number").values_list("number", flat=True).first() or 0
    return ArticleVersion.objects.create(
        **_as_it_is(article),
        number=last + 1,
        change=change,
        is_public=change in {Change.PUBLISHED, Change.REVISED},
        failed=[
            {
                "sentence": check.sentence_id,
                "kind": check.kind,
                "verdict": check.verdict,
                "claim": check.claim,
            }
            for check in failed
        ],
        reason=reason,
        made_at=now,
        made_by=by,
        made_by_name=by.display_name,
    )


def _as_it_is(article: Article) -> dict[str, object]:
    return {
        "article": article,
        "headline": article.headline,
        "standfirst": article.standfirst,
        "transcript_version": article.transcript_version,
        "sentences": [
            {
                "id": sentence.pk,
                "paragraph": sentence.paragraph,
                "position": sentence.position,
                "part": sentence.part,
                "text": sentence.text,
                "is_context": sentence.is_context,
                "evidence": [
                    {
                        "first_key": one.first_key,
                        "last_key": one.last_key,
                        "start_ms": one.start_ms,
                        "end_ms": one.end_ms,
                    }
                    for one in sentence.evidence.all()
                ],
            }
            for sentence in queries.sentences(article)
        ],
    }


@dataclass(frozen=True, slots=True)
class Difference:
    """A sentence of two versions. `was` or `now` is "" where only the other has it.

    `pieces` are its words: `same`, `removed`, `added`.
    """

    sentence: int
    was: str
    now: str
    pieces: tuple[tuple[str, str], ...]


def differences(was: ArticleVersion, now: ArticleVersion) -> list[Difference]:
    """What changed from one version to the other, in the order of the newer one.

    The headline stands first, as sentence 0. Sentences that were struck come last.
    """
    old = {0: was.headline} | {one["id"]: one["text"] for one in was.sentences}
    new = {0: now.headline} | {one["id"]: one["text"] for one in now.sentences}
    changed = [number for number in new if old.get(number) != new[number]]
    struck = [number for number in old if number not in new]
    return [
        Difference(
            number,
            old.get(number, ""),
            new.get(number, ""),
            tuple(_pieces(old.get(number, "").split(), new.get(number, "").split())),
        )
        for number in (*changed, *struck)
    ]


def _pieces(old: Sequence[str], new: Sequence[str]) -> list[tuple[str, str]]:
    told: list[tuple[str, str]] = []
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for tag, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        if tag == "equal":
            told.append(("same", " ".join(new[new_from:new_to])))
            continue
        if old_to > old_from:
            told.append(("removed", " ".join(old[old_from:old_to])))
        if new_to > new_from:
            told.append(("added", " ".join(new[new_from:new_to])))
    return told
