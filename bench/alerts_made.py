"""The alerts that `bench/alerts.py` matches: searches drawn from what was said, in bulk."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Sequence

from django.db import connection
from django.db.models import Max
from django.utils import timezone

from meetings.alerts.filing import ALWAYS, VERSION, Condition, Rarity, conditions
from meetings.alerts.models import Alert, StoredTree, TreeTerm
from meetings.alerts.stored import hash_of, read_tree
from meetings.search.parsing import parse
from meetings.search.printing import canonical
from meetings.search.words import exact, read, stem
from memberships.accounts.models import User
from memberships.purchases.models import Membership

OWN = 0.7  # of the alerts, those whose search nobody else has
SHARED = 500  # searches that the others share, at most
A_MEMBER = 20
NARROWED = 0.7  # to one body
BROAD = 0.1  # whose words may be any; the others have one that is rarely said, as a name is
RARELY = 40  # times in all hearings that alerts are drawn from
_WINDOW = 12  # words


def made(count: int, said: Sequence[Sequence[str]], chance: random.Random, *, bodies: int) -> None:
    """Store so many more alerts of members."""
    spoken = [[word for line in lines for word in read(line)] for lines in said]
    counts = Counter(word for words in spoken for word in words)
    rarity = rarity_of(counts)
    known = {name for (name,) in StoredTree.objects.values_list("canonical_hash")}
    first = (StoredTree.objects.aggregate(last=Max("pk"))["last"] or 0) + 1
    trees: list[tuple[str, str]] = []
    wanted = int(count * OWN) + min(SHARED, count // 10)
    while len(trees) < wanted:
        asked = parse(typed(spoken, counts, chance, bodies)).tree
        if asked is None:
            continue
        text = canonical(asked)
        name = hash_of(text)
        if name not in known:
            known.add(name)
            trees.append((name, text))
    owners = members(max(SHARED, count // A_MEMBER))
    store(trees, first, rarity)
    own = int(count * OWN)
    rest = wanted - own
    rows = [(first + n, owners[n % len(owners)]) for n in range(own)]
    rows += (  # each of the shared ones has owners one after the other
        (first + own + n % rest, owners[(n // rest) % len(owners)]) for n in range(count - own)
    )
    now = timezone.now()
    columns = (
        "owner_id, tree_id, name, query, muted, cadence, by_email, by_feed, by_webhook,"
        " created_at, changed_at"
    )
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {Alert._meta.db_table} ({columns}) FROM STDIN") as copy,
    ):
        for tree, owner in rows:
            copy.write_row((owner, tree, "x", "x", [], "daily", True, False, False, now, now))


def typed(
    spoken: Sequence[Sequence[str]], counts: Counter[str], chance: random.Random, bodies: int
) -> str:
    """A search as somebody could type it who cares about what was said."""
    is_broad = chance.random() < BROAD
    while True:
        words = chance.choice(spoken)
        at = chance.randrange(max(1, len(words) - _WINDOW))
        window = words[at : at + _WINDOW]
        telling = sorted({word for word in window if len(word) > 3}, key=lambda word: counts[word])
        if len(telling) >= 3 and (is_broad or counts[telling[0]] <= RARELY):
            break
    rare, second, third = telling[:3]
    kind = chance.random()
    if kind < 0.40:
        text = f"{rare} {second}"
    elif kind < 0.55:
        start = chance.randrange(_WINDOW // 2)
        text = f'"{" ".join(window[start : start + chance.randint(2, 4)])}"'
    elif kind < 0.65:
        text = rare if counts[rare] < 200 else f"{rare} {second} {third}"
    elif kind < 0.75:
        text = f"({rare} OR {second}) {third}"
    elif kind < 0.82:
        text = f"{rare} NEAR/5 {third}"
    elif kind < 0.90:
        text = f"{rare[: max(4, len(rare) - 2)]}* {second}"
    else:
        text = f"{rare} {second} -{third}"
    if chance.random() < NARROWED:
        text = f"{text} body:/bench-{chance.randrange(bodies)}"
    return text


def rarity_of(counts: Counter[str]) -> Rarity:
    """How often the words of a condition were said: what an index would say of them."""
    times: Counter[str] = Counter()
    total = sum(counts.values())
    for word, count in counts.items():
        times[stem(word, "english")] += count
        times[f"={exact(word)}"] += count
        for length in range(2, 6):
            times[f"{exact(word)[:length]}*"] += count

    def rarity(condition: Condition) -> float:
        return sum(times[term] or (total // 40 if ":" in term else 0) for term in condition)

    return rarity


def store(trees: Sequence[tuple[str, str]], first: int, rarity: Rarity) -> None:
    """The searches with these numbers, filed as they would be when they are made one by one."""
    terms: list[tuple[str, int]] = []
    with (
        connection.cursor() as cursor,
        cursor.copy(
            f"COPY {StoredTree._meta.db_table} (id, canonical_hash, canonical, needs, filing)"
            " FROM STDIN"
        ) as copy,
    ):
        for number, (name, text) in enumerate(trees, start=first):
            needs = conditions(read_tree(text), rarity)
            terms += ((term, number) for term in (needs[0] if needs else (ALWAYS,)))
            copy.write_row((number, name, text, json.dumps(needs), VERSION))
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {TreeTerm._meta.db_table} (term, tree_id) FROM STDIN") as copy,
    ):
        for row in terms:
            copy.write_row(row)


def members(count: int) -> list[int]:
    """The numbers of so many more members."""
    there = User.objects.count()
    users = User.objects.bulk_create(
        (User(email=f"{there + n}@example.org") for n in range(count)), batch_size=5_000
    )
    now = timezone.now()
    Membership.objects.bulk_create(
        (Membership(user=user, source=Membership.Source.GRANT, started_at=now) for user in users),
        batch_size=5_000,
    )
    return [user.pk for user in users]
