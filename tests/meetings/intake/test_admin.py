"""Staff bring meetings in, publish, withdraw and run steps again; nobody else does."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from meetings.articles.models import Article, Check
from meetings.articles.models import State as ArticleState
from meetings.intake.models import Import, Step
from meetings.records.models import Body, Change, Meeting, State
from meetings.transcripts.models import Segment, Transcript
from tests.meetings.articles.factories import ArticleFactory, sound_article
from tests.meetings.records.factories import AgendaItemFactory, BodyFactory, MeetingFactory
from tests.memberships.factories import UserFactory

CAPTIONS = b"WEBVTT\n\n00:01.000 --> 00:04.000\n<v Mayor Ruiz>Good evening.\n"
BRING_IN = "/admin/meetings/meeting/bring-in/"


def upload(name: str, data: bytes = CAPTIONS) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


@pytest.fixture
def body(db: None) -> Body:
    return BodyFactory(slug="council")


def page(answer) -> str:
    return answer.content.decode()


def test_staff_bring_in_a_caption_file(staff: Client, body: Body) -> None:
    answer = staff.post(
        BRING_IN,
        {"captions": [upload("council-2026-09-14.vtt")], "body": "council", "publish": "on"},
        follow=True,
    )

    assert answer.status_code == 200
    assert "council-2026-09-14.vtt was taken: 1 segments" in page(answer)
    meeting = Meeting.objects.get()
    assert (meeting.state, str(meeting.held_on)) == (State.PUBLISHED, "2026-09-14")
    assert Import.objects.get().imported_by == staff.user


def test_staff_bring_in_several_files_and_a_folder(staff: Client, body: Body) -> None:
    facts = {
        "title": "Regular meeting",
        "body": "council",
        "held_on": "2026-09-28",
        "files": ["captions.vtt"],
    }
    staff.post(
        BRING_IN,
        {
            "captions": [upload("a-2026-09-14.vtt"), upload("b-2026-09-21.vtt")],
            "folder": [
                upload("meeting.json", json.dumps(facts).encode()),
                upload("captions.vtt"),
                upload("notes.pdf", b"%PDF"),
            ],
            "body": "council",
        },
    )

    titles = Meeting.objects.order_by("held_on").values_list("title", flat=True)
    assert list(titles) == ["A", "B", "Regular meeting"]


def test_a_repair_is_shown(staff: Client, body: Body) -> None:
    broken = CAPTIONS + b"\n00:12.000 --> 00:10.000\nAye.\n"

    answer = staff.post(
        BRING_IN,
        {"captions": [upload("2026-09-14.vtt", broken)], "body": "council"},
        follow=True,
    )

    assert "ends before it starts" in page(answer)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({}, "Choose the files"),
        ({"captions": [upload("2026-09-14.vtt", b"")]}, "empty"),
        ({"captions": [upload("x.vtt")], "body": "council"}, "day of the meeting"),
        ({"captions": [upload("2026-09-14.vtt")]}, "Which body met"),
        ({"captions": [upload("2026-09-14.vtt")], "body": "nowhere"}, "Select a valid choice"),
        (
            {"captions": [upload("2026-09-14.vtt", b"<html>404</html>")], "body": "council"},
            "web page",
        ),
        (
            {"captions": [upload("2026-09-14.vtt")], "body": "council", "title": "x" * 10_000},
            "at most 200",
        ),
        ({"captions": [upload("meeting.json", b"{")]}, "not JSON"),
    ],
)
def test_what_is_refused_is_an_error_of_the_form(
    given: dict, says: str, staff: Client, body: Body
) -> None:
    answer = staff.post(BRING_IN, given)

    assert answer.status_code == 422
    assert says in page(answer)
    for model in (Meeting, Transcript, Segment, Import, Step):
        assert not model.objects.exists()


@pytest.mark.parametrize("who", ["visitor", "member", "refunded_member"])
def test_nobody_else_brings_anything_in(
    who: str, body: Body, request: pytest.FixtureRequest
) -> None:
    client: Client = request.getfixturevalue(who)

    answer = client.post(BRING_IN, {"captions": [upload("2026-09-14.vtt")], "body": "council"})

    assert answer.status_code == (302 if who == "visitor" else 404)
    assert not Meeting.objects.exists()


def test_staff_without_the_right_bring_nothing_in(visitor: Client, body: Body) -> None:
    visitor.force_login(UserFactory(is_staff=True))

    answer = visitor.post(BRING_IN, {"captions": [upload("2026-09-14.vtt")], "body": "council"})

    assert answer.status_code == 403
    assert not Meeting.objects.exists()


@pytest.mark.django_db
def test_publishing_is_asked_first_and_done_by_post(staff: Client) -> None:
    meeting = MeetingFactory(state=State.DRAFT)
    url = f"/admin/meetings/meeting/{meeting.pk}/publish/"

    assert "Publish this meeting?" in page(staff.get(url))
    meeting.refresh_from_db()
    assert meeting.state == State.DRAFT

    assert "The meeting is published." in page(staff.post(url, follow=True))
    meeting.refresh_from_db()
    assert meeting.state == State.PUBLISHED


@pytest.mark.django_db
def test_withdrawing_takes_a_reason(staff: Client) -> None:
    meeting = MeetingFactory()
    url = f"/admin/meetings/meeting/{meeting.pk}/withdraw/"

    staff.post(url, {"reason": ""})
    meeting.refresh_from_db()
    assert meeting.state == State.PUBLISHED

    staff.post(url, {"reason": "Recorded twice."})
    meeting.refresh_from_db()
    assert (meeting.state, meeting.withdrawn_reason) == (State.WITHDRAWN, "Recorded twice.")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("state", "offered"),
    [
        (State.DRAFT, {"announce", "publish"}),
        (State.ANNOUNCED, {"publish", "withdraw"}),
        (State.PUBLISHED, {"withdraw"}),
        (State.WITHDRAWN, {"publish"}),
    ],
)
def test_only_legal_moves_are_offered(state: State, offered: set[str], staff: Client) -> None:
    meeting = MeetingFactory(state=state)

    shown = page(staff.get(f"/admin/meetings/meeting/{meeting.pk}/change/"))

    verbs = {
        verb for verb in ("announce", "publish", "withdraw") if f"{meeting.pk}/{verb}" in shown
    }
    assert verbs == offered


@pytest.mark.django_db
def test_an_article_is_approved_under_the_name_of_who_did_it(staff: Client) -> None:
    article = sound_article(state=ArticleState.IN_REVIEW, meeting__state=State.DRAFT)

    answer = staff.post(f"/admin/meetings/article/{article.pk}/approve/", follow=True)

    assert "The article is published." in page(answer)
    article.refresh_from_db()
    assert article.state == ArticleState.PUBLISHED
    assert article.reviewed_by == staff.user
    staff.post(f"/admin/meetings/article/{article.pk}/take-back/", {"reason": "A wrong street."})
    assert Article.objects.get().withdrawn_reason == "A wrong street."


@pytest.mark.django_db
def test_an_article_with_a_failed_check_is_approved_for_a_reason(staff: Client) -> None:
    article = sound_article(state=ArticleState.IN_REVIEW, meeting__state=State.DRAFT)
    article.sentences.update(text="“The matter is undecided.”")
    type(staff.user).objects.update(display_name="Rosa Lind")
    url = f"/admin/meetings/article/{article.pk}/approve/"

    assert "takes a reason" in page(staff.post(url, follow=True))
    assert Article.objects.get().state == ArticleState.IN_REVIEW
    assert Meeting.objects.get().state == State.DRAFT
    assert Check.objects.failed().get().verdict == "altered"

    staff.post(url, {"reason": "The minutes have it so."})
    version = article.versions.get(is_public=True)
    assert (version.reason, version.made_by_name) == ("The minutes have it so.", "Rosa Lind")


@pytest.mark.django_db
def test_an_edit_of_a_published_meeting_is_written_into_the_log(staff: Client) -> None:
    item = AgendaItemFactory(meeting=MeetingFactory(), position=1)
    form = {
        "body": item.meeting.body.pk,
        "title": "Special meeting",
        "slug": item.meeting.slug,
        "held_on": "2026-03-03",
        "agenda-TOTAL_FORMS": 1,
        "agenda-INITIAL_FORMS": 1,
        "agenda-0-id": item.pk,
        "agenda-0-meeting": item.meeting.pk,
        "agenda-0-position": 1,
        "agenda-0-title": item.title,
    }
    url = reverse("admin:meetings_meeting_change", args=[item.meeting.pk])

    assert staff.post(url, form).status_code == 302

    item.meeting.refresh_from_db()
    assert item.meeting.title == "Special meeting"
    assert Change.objects.get().kind == Change.Kind.EDITED


@pytest.mark.django_db
def test_a_meeting_that_was_public_is_never_deleted(staff: Client) -> None:
    meeting = MeetingFactory()

    answer = staff.post(f"/admin/meetings/meeting/{meeting.pk}/delete/", {"post": "yes"})

    assert answer.status_code == 403
    assert Meeting.objects.exists()


@pytest.mark.django_db
def test_a_failed_step_is_run_again(staff: Client) -> None:
    step = Step.objects.create(
        meeting=MeetingFactory(), name="drafted", state="failed", tries=1, error="Too little."
    )

    staff.post("/admin/meetings/step/", {"action": "run_again", "_selected_action": [step.pk]})

    step.refresh_from_db()
    assert step.state == Step.State.WAITING


@pytest.mark.django_db
def test_where_a_model_writes_the_extractive_writer_is_offered_too(staff: Client, settings) -> None:
    meeting = MeetingFactory()
    page = f"/admin/meetings/meeting/{meeting.pk}/change/"
    excerpt = f"/admin/meetings/meeting/{meeting.pk}/excerpt/"
    assert excerpt.encode() not in staff.get(page).content
    assert staff.post(excerpt).status_code == 403

    settings.LLM_BASE_URL, settings.LLM_MODEL = "http://127.0.0.1:9/v1", "small"
    assert excerpt.encode() in staff.get(page).content
    staff.post(excerpt)

    assert Step.objects.get(meeting=meeting).name == Step.Name.EXCERPTED


@pytest.mark.django_db
def test_the_desk_counts_what_waits(staff: Client, django_assert_max_num_queries) -> None:
    ArticleFactory(state=ArticleState.IN_REVIEW)
    Step.objects.create(meeting=MeetingFactory(), name="drafted", state="failed", error="No.")

    with django_assert_max_num_queries(27):  # seven of them say who follows the log too slowly
        answer = staff.get("/admin/")

    counted = {str(thing.title): thing.count for thing in answer.context["waiting"]}
    assert counted["articles to review"] == counted["steps that failed"] == 1
    assert sum(counted.values()) == 2
