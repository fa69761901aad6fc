"""Taking meetings in: whole or not at all, once, and in versions."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client
from kombu.exceptions import OperationalError

from meetings.articles import versions
from meetings.articles.models import Article
from meetings.articles.models import State as ArticleState
from meetings.articles.services import NeedsReason
from meetings.intake import deciding, services, tasks
from meetings.intake.models import Import, Step
from meetings.intake.parcels import Parcel
from meetings.intake.repairs import Refused
from meetings.intake.services import Outcome, Taken
from meetings.records.models import AgendaItem, Body, Change, Meeting, State
from meetings.records.services import IllegalMove, Item
from meetings.transcripts.models import Segment, Speaker, Transcript
from tests.concurrency import at_once
from tests.meetings.articles.factories import ArticleFactory, sound_article
from tests.meetings.records.factories import BodyFactory, MeetingFactory
from tests.memberships.factories import UserFactory

NOW = datetime(2026, 9, 15, 9, tzinfo=UTC)
CAPTIONS = b"""WEBVTT

00:01.000 --> 00:04.000
<v Mayor Ruiz>Good evening.

00:05.000 --> 00:09.000
<v Mayor Ruiz>The meeting will come to order.
"""
BROKEN = CAPTIONS + b"\n00:12.000 --> 00:10.000\nAye.\n"
TABLES = (Meeting, Transcript, Segment, Speaker, Import, Step, AgendaItem, Change)


def parcel(body: Body | str, captions: bytes = CAPTIONS, **facts: Any) -> Parcel:
    given = {
        "name": "2026-09-14 council.vtt",
        "body": body if isinstance(body, str) else body.slug,
        "place": "",
        "title": "Council",
        "held_on": date(2026, 9, 14),
        "language": "",
        "agenda": None,
        "captions_name": "council.vtt",
        "captions": captions,
    }
    return Parcel(**(given | facts))


def take(body: Body | str, captions: bytes = CAPTIONS, **facts: Any) -> Taken:
    return services.take_in(parcel=parcel(body, captions, **facts), by=None, now=NOW)


def counts() -> list[int]:
    return [model.objects.count() for model in TABLES]


@pytest.mark.django_db
def test_a_meeting_is_taken_with_its_words() -> None:
    taken = take(BodyFactory())

    assert taken.outcome is Outcome.CREATED
    assert taken.meeting.state == State.DRAFT
    assert [(s.speaker_name, s.text) for s in Segment.objects.order_by("position")] == [
        ("Mayor Ruiz", "Good evening."),
        ("Mayor Ruiz", "The meeting will come to order."),
    ]
    assert Step.objects.get(name=Step.Name.DRAFTED).state == Step.State.WAITING


@pytest.mark.django_db
def test_the_same_file_again_changes_nothing() -> None:
    body = BodyFactory()
    take(body)
    before = counts()

    again = take(body)

    assert again.outcome is Outcome.UNCHANGED
    assert counts() == before


@pytest.mark.django_db
def test_a_changed_file_becomes_a_new_version_of_the_same_meeting() -> None:
    body = BodyFactory()
    first = take(body)

    second = take(body, CAPTIONS.replace(b"Good evening", b"Good morning"))

    assert second.outcome is Outcome.NEW_VERSION
    assert second.meeting == first.meeting
    assert Transcript.objects.current().get().version == 2


@pytest.mark.django_db
def test_going_back_to_an_older_file_is_a_new_version_too() -> None:
    body = BodyFactory()
    take(body)
    take(body, CAPTIONS.replace(b"evening", b"morning"))

    assert take(body).outcome is Outcome.NEW_VERSION
    assert Transcript.objects.current().get().version == 3


@pytest.mark.django_db
def test_a_repair_is_kept_for_staff() -> None:
    taken = take(BodyFactory(), BROKEN)

    assert len(taken.repairs) == 1
    assert "ends before it starts" in taken.repairs[0]
    assert Import.objects.get().repairs == list(taken.repairs)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("captions", "says"),
    [
        (b"", "empty"),
        (b"<!DOCTYPE html><html><body>404</body></html>", "web page"),
        (b"just some words\nwithout any time", "times"),
        (CAPTIONS + b"\n100:00:01.000 --> 100:00:02.000\nLate.\n", "hours"),
        (CAPTIONS + b"\n00:20.000 --> 00:21.000\n<script>alert(1)</script>\n", "code"),
        (CAPTIONS + b"\n00:20.000 --> 00:21.000\nA \x07\x07 bell.\n", "control character"),
        (CAPTIONS + b"\n00:20.000 --> 00:21.000\n<v " + b"x" * 10_000 + b">Hi.\n", "10,000"),
        (b"\xff\xfe\x00", "byte 3"),
        (CAPTIONS + b"\n00:20.000 --> oops\nLost words.\n", "line|Line"),
    ],
)
def test_bad_captions_leave_no_row(captions: bytes, says: str) -> None:
    body = BodyFactory()

    with pytest.raises(Refused, match=says) as refusal:
        take(body, captions)

    assert len(str(refusal.value)) > 10
    assert not any(counts())


@pytest.mark.django_db
def test_an_unknown_body_is_refused_with_those_that_are_known() -> None:
    BodyFactory(slug="council")

    with pytest.raises(Refused, match=r"no body with the address “elsewhere”.*council"):
        take("elsewhere")
    with pytest.raises(Refused, match="Which body"):
        take("")


@pytest.mark.django_db
def test_a_manifest_that_names_another_place_is_refused() -> None:
    with pytest.raises(Refused, match="belongs to the place"):
        take(BodyFactory(), place="atlantis")


@pytest.mark.django_db
def test_a_manifest_changes_the_agenda_of_a_known_meeting() -> None:
    body = BodyFactory()
    take(body, agenda=(Item("Opening", 0),))

    again = take(body, agenda=(Item("Opening", 0), Item("Budget", 5_000)))

    assert again.outcome is Outcome.UNCHANGED
    assert again.meeting.agenda.count() == 2


@pytest.mark.django_db
def test_an_announced_meeting_gets_its_words() -> None:
    body = BodyFactory()
    announced = MeetingFactory(
        body=body, title="Council", held_on=date(2026, 9, 14), state=State.ANNOUNCED
    )

    assert take(body).meeting == announced


@pytest.mark.django_db
def test_new_words_of_a_published_meeting_are_written_into_the_log() -> None:
    body = BodyFactory()
    meeting = take(body).meeting
    services.publish_meeting(meeting=meeting, now=NOW)

    take(body, CAPTIONS.replace(b"evening", b"morning"))

    kinds = list(Change.objects.order_by("id").values_list("kind", flat=True))
    assert kinds == [Change.Kind.PUBLISHED, Change.Kind.EDITED]


@pytest.mark.django_db(transaction=True)
def test_two_who_bring_the_same_file_at_once_make_one_meeting() -> None:
    body = BodyFactory()

    outcomes = at_once(*[lambda: take(body).outcome] * 4)

    assert sorted(outcomes) == ["created", "unchanged", "unchanged", "unchanged"]
    assert Meeting.objects.count() == Transcript.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_crash_in_the_middle_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def die(**_kwargs: object) -> None:
        raise MemoryError

    monkeypatch.setattr(services.steps, "ask_for", die)

    with pytest.raises(MemoryError):
        take(BodyFactory())

    assert not any(counts())


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_down_does_not_lose_the_draft(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_kwargs: object) -> None:
        raise OperationalError("Connection refused.")

    monkeypatch.setattr(tasks.take_up_waiting, "apply_async", refuse)

    assert take(BodyFactory()).outcome is Outcome.CREATED
    assert Step.objects.get(name=Step.Name.DRAFTED).state == Step.State.WAITING


@pytest.mark.django_db
def test_approving_an_article_publishes_it_with_its_meeting() -> None:
    article = sound_article(state=ArticleState.IN_REVIEW, meeting__state=State.DRAFT)
    staff = UserFactory(is_staff=True)

    services.approve_article(article=article, by=staff, now=NOW)

    article.refresh_from_db()
    assert article.state == ArticleState.PUBLISHED
    assert article.reviewed_by == staff
    assert article.meeting.state == State.PUBLISHED


@pytest.mark.django_db
def test_an_article_of_a_withdrawn_meeting_is_not_approved() -> None:
    article = ArticleFactory(state=ArticleState.IN_REVIEW, meeting__state=State.WITHDRAWN)

    with pytest.raises(IllegalMove):
        services.approve_article(article=article, by=UserFactory(is_staff=True), now=NOW)

    assert Article.objects.get().state == ArticleState.IN_REVIEW


@pytest.mark.django_db
def test_what_is_edited_in_public_is_told_and_shown_at_once(
    client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    article = sound_article(state=ArticleState.PUBLISHED)
    staff = UserFactory(display_name="Rosa Lind", is_staff=True)
    url = article.get_absolute_url()
    assert "“The matter is decided.”" in client.get(url).content.decode()

    def edited(text: str) -> deciding.Done:
        row = article.sentences.get()
        wish = deciding.Wish(deciding.Do.EDIT, row.pk, versions.token(row), text)
        return deciding.decide(article=article, wish=wish, by=staff, now=NOW)

    with django_capture_on_commit_callbacks(execute=True):
        edited("“The matter is”.")

    assert "“The matter is decided.”" not in client.get(url).content.decode()
    assert {one.kind for one in Change.objects.all()} == {Change.Kind.EDITED}

    told = Change.objects.count()
    with pytest.raises(NeedsReason):
        edited("“It is not.”")
    assert Change.objects.count() == told


@pytest.mark.django_db
def test_what_is_edited_before_publication_is_told_to_nobody() -> None:
    article = sound_article(state=ArticleState.IN_REVIEW)
    row = article.sentences.get()
    wish = deciding.Wish(deciding.Do.EDIT, row.pk, versions.token(row), "“The matter is”.")
    deciding.decide(article=article, wish=wish, by=UserFactory(is_staff=True), now=NOW)
    assert not Change.objects.exists()
