"""Staff correct a transcript, compare versions, bring one back, mark it reviewed; nobody else."""

import json
import os
import signal
import subprocess
import sys
import uuid
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.utils import timezone

from meetings.intake import editing
from meetings.records.models import Change, State
from meetings.transcripts import services
from meetings.transcripts.lines import EditRefused
from meetings.transcripts.models import Segment, Transcript
from meetings.transcripts.utterances import Utterance
from tests.meetings.articles.factories import ArticleFactory, EvidenceFactory, SentenceFactory
from tests.meetings.records.factories import MeetingFactory
from tests.memberships.factories import UserFactory

ROOT = Path(__file__).resolve().parents[3]
SAID = [
    Utterance(0, 2_000, "Good evening.", "Chair Ruiz"),
    Utterance(2_000, 6_000, "We begin with the budjet.", "Chair Ruiz"),
    Utterance(6_000, 7_000, "Aye <script>alert(1)</script>", "<b>Quandt</b>"),
    Utterance(7_000, 9_000, "שלום עולם", ""),
]


@pytest.fixture
def transcript(db) -> Transcript:
    return services.add_version(
        meeting=MeetingFactory(), language="en", source_format="webvtt", utterances=SAID
    )


def at(transcript: Transcript, screen: str) -> str:
    return f"/admin/meetings/transcript/{transcript.pk}/{screen}"


def keys(transcript: Transcript) -> list[str]:
    rows = Segment.objects.filter(transcript=transcript).in_order()
    return list(rows.values_list("key", flat=True))


def send(client, transcript, edits, **more):
    body = {"draft": str(uuid.uuid4()), "note": "", "edits": edits} | more
    return client.post(at(transcript, "save/"), body, content_type="application/json")


def current(transcript: Transcript) -> Transcript:
    return Transcript.objects.get(meeting=transcript.meeting, is_current=True)


def texts(transcript: Transcript) -> list[str]:
    rows = Segment.objects.filter(transcript=transcript).in_order()
    return list(rows.values_list("text", flat=True))


def page(answer) -> str:
    return answer.content.decode()


def test_the_editor_gets_all_lines(staff, transcript):
    assert staff.get(at(transcript, "edit/")).status_code == 200
    answer = staff.get(at(transcript, "lines.json")).json()
    assert answer["version"] == 1
    assert [line[1:] for line in answer["lines"]] == [
        [u.start_ms, u.end_ms, u.text, u.speaker_name, None] for u in SAID
    ]


def test_a_save_is_a_version_and_the_log_hears_of_it(staff, transcript):
    key = keys(transcript)[1]
    answer = send(staff, transcript, [["reword", key, "We begin with the budget."]], note="A slip")

    assert answer.status_code == 200
    assert answer.json()["version"] == 2
    made = current(transcript)
    assert (made.made_by, made.note) == (staff.user, "A slip")
    assert texts(made)[1] == "We begin with the budget."
    assert texts(transcript)[1] == "We begin with the budjet."
    assert Change.objects.get().kind == Change.Kind.EDITED
    assert Change.objects.get().meeting_id == transcript.meeting.pk


def test_a_save_is_of_few_statements(staff, transcript, django_assert_num_queries):
    key = keys(transcript)[1]
    # Session, person, transcript; 9 of the version; the log and its bell; what rests on it; whether
    # an article or an insight can be stale; the savepoints.
    with django_assert_num_queries(25):
        send(staff, transcript, [["reword", key, "We begin with the budget."]])


def test_kept_pages_are_dropped(staff, visitor, transcript, django_capture_on_commit_callbacks):
    article = ArticleFactory(meeting=transcript.meeting)
    SentenceFactory(article=article)
    url = article.get_absolute_url()
    visitor.get(url)
    type(article).objects.update(headline="Another headline")
    assert "Another headline" not in page(visitor.get(url))

    with django_capture_on_commit_callbacks(execute=True):
        send(staff, transcript, [["reword", keys(transcript)[0], "Good morning."]])

    assert "Another headline" in page(visitor.get(url))


def test_sentences_that_rest_on_what_changed_are_named(staff, transcript):
    a, b, c, d = keys(transcript)
    article = ArticleFactory(meeting=transcript.meeting)
    over, beside = SentenceFactory(article=article), SentenceFactory(article=article, paragraph=2)
    over.evidence.all().delete()
    beside.evidence.all().delete()
    EvidenceFactory(sentence=over, first_key=a, last_key=c)
    EvidenceFactory(sentence=beside, first_key=c, last_key=d)

    answer = send(staff, transcript, [["reword", b, "We begin."], ["assign", d, "Somebody"]])

    assert [one["text"] for one in answer.json()["resting"]] == [over.text]


def test_who_saves_second_is_merged_and_told_of_the_first(staff, transcript):
    a, b, *_ = keys(transcript)
    send(staff, transcript, [["reword", a, "Good morning."]])
    answer = send(staff, transcript, [["reword", b, "We begin."]])
    assert answer.json()["merged_with"]["version"] == 2
    assert texts(current(transcript))[:2] == ["Good morning.", "We begin."]


def test_who_saves_second_at_the_same_words_is_shown_both(staff, transcript):
    a, b, *_ = keys(transcript)
    send(staff, transcript, [["reword", a, "Theirs."]])
    answer = send(staff, transcript, [["reword", b, "Fits."], ["reword", a, "Mine."]])

    assert answer.status_code == 409
    told = answer.json()
    assert (told["newest"]["version"], told["newest"]["by"]) == (2, staff.user.display_name)
    assert told["fits"] == [0]
    (conflict,) = told["conflicts"]
    assert conflict["edits"] == [1]
    assert [conflict[side][0][3] for side in ("was", "theirs", "mine")] == [
        "Good evening.",
        "Theirs.",
        "Mine.",
    ]
    assert current(transcript).version == 2


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"edits"',
        b'{"edits": []}',
        b'{"draft": "x", "edits": []}',
        b'{"draft": 7, "edits": []}',
        b'{"draft": "%b", "edits": {}}',
        b'{"draft": "%b", "edits": [["reword"]]}',
        b'{"draft": "%b", "edits": [["reword", 1, "x"]]}',
        b'{"draft": "%b", "edits": [["split", "x", true, "n"]]}',
        b'{"draft": "%b", "edits": [["apply", "x", "n"]]}',
        b'{"draft": "%b", "edits": [[]]}',
        b'{"draft": "%b", "edits": ["reword"]}',
        b'{"draft": "%b", "edits": [[["reword"], "x", "n"]]}',
        b'{"draft": "%b", "edits": [], "note": 7}',
        b"[" * 100_000,
        b"\xff\xfe",
    ],
)
def test_what_is_no_set_of_edits_is_refused_whole(body, staff, transcript):
    body = body.replace(b"%b", str(uuid.uuid4()).encode())
    answer = staff.post(at(transcript, "save/"), body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()["error"].endswith(".")
    assert Transcript.objects.count() == 1


@pytest.mark.parametrize(
    "edits",
    [
        [],
        [["reword", "KEY", ""]],
        [["reword", "KEY", "\x00"]],
        [["reword", "KEY", "x" * 10_001]],
        [["assign", "KEY", "x" * 201]],
        [["split", "KEY", 0, "new"]],
        [["split", "KEY", 10**30, "new"]],
        [["reword", "elsewhere", "x"]],
    ],
)
def test_what_cannot_be_done_is_said_and_stores_nothing(edits, staff, transcript):
    key = keys(transcript)[0]
    edits = [[key if part == "KEY" else part for part in edit] for edit in edits]
    answer = send(staff, transcript, edits)
    assert answer.status_code == 422
    assert answer.json()["error"].endswith(".")
    assert Transcript.objects.count() == 1
    assert not Change.objects.exists()


def test_too_many_edits_and_too_long_a_note_are_refused():
    draft = str(uuid.uuid4())
    with pytest.raises(EditRefused, match=r"5000"):
        editing.read({"draft": draft, "edits": [["remove", "x"]] * 5_001})
    with pytest.raises(EditRefused, match="at most 300"):
        editing.read({"draft": draft, "edits": [], "note": "x" * 301})


def test_half_a_character_is_stored_as_a_sign_for_one(staff, transcript):
    body = '{"draft": "%s", "edits": [["reword", "%s", "a \\ud83d b"]]}'
    body %= (uuid.uuid4(), keys(transcript)[0])
    answer = staff.post(at(transcript, "save/"), body, content_type="application/json")
    assert answer.status_code == 200
    assert texts(current(transcript))[0] == "a \ufffd b"


SCREENS = ["edit/", "lines.json", "versions/", "read/", "compare/?with=1"]
VERBS = ["save/", "bring-back/", "reviewed/"]


@pytest.mark.parametrize(
    ("who", "status"), [("visitor", 302), ("member", 404), ("refunded_member", 404)]
)
def test_nobody_else_sees_or_changes_anything(who, status, transcript, request):
    client = request.getfixturevalue(who)
    for screen in SCREENS:
        answer = client.get(at(transcript, screen))
        assert answer.status_code == status, screen
        assert "budjet" not in page(answer)
    for verb in VERBS:
        body = {"is_reviewed": "yes", "instead_of": 1}
        assert client.post(at(transcript, verb), body).status_code == status, verb
    assert send(client, transcript, [["remove", keys(transcript)[0]]]).status_code == status
    assert Transcript.objects.get().reviewed_at is None


def test_staff_need_the_permission(visitor, transcript):
    clerk = UserFactory(is_staff=True)
    visitor.force_login(clerk)
    for screen in SCREENS:
        assert visitor.get(at(transcript, screen)).status_code == 403, screen
    assert send(visitor, transcript, [["remove", keys(transcript)[0]]]).status_code == 403

    clerk.user_permissions.add(Permission.objects.get(codename="view_transcript"))
    for screen, status in zip(SCREENS, [403, 403, 200, 200, 200], strict=True):
        answer = visitor.get(at(transcript, screen))
        assert answer.status_code == status, screen
    assert "Bring this version back" not in page(visitor.get(at(transcript, "versions/")))
    for verb in VERBS:
        assert visitor.post(at(transcript, verb), {"is_reviewed": "yes"}).status_code == 403
    assert Transcript.objects.get().reviewed_at is None

    clerk.user_permissions.add(Permission.objects.get(codename="change_transcript"))
    assert send(visitor, transcript, [["remove", keys(transcript)[0]]]).status_code == 200


def test_a_save_from_another_site_is_refused(transcript, staff):
    staff.handler.enforce_csrf_checks = True
    assert send(staff, transcript, [["remove", keys(transcript)[0]]]).status_code == 403
    assert Transcript.objects.count() == 1


def test_a_link_to_edit_an_old_version_leads_to_the_current_one(staff, transcript):
    send(staff, transcript, [["reword", keys(transcript)[0], "Good morning."]])
    answer = staff.get(at(transcript, "edit/"))
    assert answer.url == at(current(transcript), "edit/")
    meeting = f"/admin/meetings/meeting/{transcript.meeting.pk}/transcript/"
    assert staff.get(meeting, follow=True).request["PATH_INFO"] == answer.url


@pytest.mark.parametrize("number", ["0", "999", "x", "1e3", "9" * 40, "%00"])
def test_a_version_that_is_not_there_is_404(number, staff, transcript):
    for screen in SCREENS:
        assert staff.get(f"/admin/meetings/transcript/{number}/{screen}").status_code == 404
    for other in ("", "-1", "99", "x", "9" * 20):
        assert staff.get(at(transcript, f"compare/?with={other}")).status_code == 404


def test_an_old_version_stays_readable_and_comes_back(staff, transcript):
    send(staff, transcript, [["reword", keys(transcript)[0], "Good morning."]])
    second = current(transcript)
    old = page(staff.get(at(transcript, "read/")))
    assert "Good evening." in old
    assert "Readers see version 2." in old

    body = {"instead_of": second.version}
    said = page(staff.post(at(transcript, "bring-back/"), body, follow=True))

    assert "Version 1 is back, as version 3." in said
    assert texts(current(transcript)) == texts(transcript)
    assert f"version 1, brought back by {staff.user.display_name}".replace("'", "&#x27;") in said
    assert Change.objects.count() == 2


def test_bringing_back_asks_again_when_somebody_was_quicker(staff, transcript):
    key = keys(transcript)[0]
    send(staff, transcript, [["reword", key, "Good morning."]])
    second = current(transcript)
    send(staff, second, [["reword", keys(second)[0], "Good night."]])
    said = page(staff.post(at(transcript, "bring-back/"), {"instead_of": 2}, follow=True))
    assert "Meanwhile version 3 was saved" in said
    assert texts(current(transcript))[0] == "Good night."


def test_versions_say_who_made_them_and_why(staff, transcript):
    send(staff, transcript, [["reword", keys(transcript)[0], "Good morning."]], note="<i>Why</i>")
    said = page(staff.get(at(transcript, "versions/")))
    assert "1 segment changed" in said
    assert "&lt;i&gt;Why&lt;/i&gt;" in said
    assert "Bring this version back" in said


def test_differences_are_shown_word_by_word_and_escaped(staff, transcript):
    edits = [
        ["reword", keys(transcript)[1], "We begin with the budget."],
        ["reword", keys(transcript)[2], "Nay <script>alert(1)</script>"],
        ["assign", keys(transcript)[3], "<b>Quandt</b>"],
    ]
    send(staff, transcript, edits)
    said = page(staff.get(at(current(transcript), "compare/?with=1")))
    assert "<del>budjet.</del> <ins>budget.</ins>" in said
    assert "<del>Aye</del> <ins>Nay</ins> &lt;script&gt;alert(1)&lt;/script&gt;" in said
    assert "1 segment of nobody is &lt;b&gt;Quandt&lt;/b&gt;’s now" in said
    assert "<script>alert(1)" not in said
    other_way = page(staff.get(at(transcript, "compare/?with=2")))
    assert "<del>budjet.</del> <ins>budget.</ins>" in other_way


def test_readers_are_told_whether_it_was_reviewed(staff, visitor, transcript):
    url = transcript.meeting.get_absolute_url()
    assert "Not yet reviewed" in page(visitor.get(url))

    staff.post(at(transcript, "reviewed/"), {"is_reviewed": "yes"})
    day = timezone.localdate()
    said = page(visitor.get(url)).replace("&#x27;", "'")
    assert f"Reviewed by {staff.user.display_name} on {day:%B} {day.day}, {day.year}" in said
    assert Change.objects.count() == 1

    send(staff, transcript, [["reword", keys(transcript)[0], "Good morning."]])
    assert "Corrected since" in page(visitor.get(url))
    said = page(staff.post(at(transcript, "reviewed/"), {"is_reviewed": "yes"}, follow=True))
    assert "There is a newer version" in said

    staff.post(at(current(transcript), "reviewed/"), {"is_reviewed": "no"})
    assert "Not yet reviewed" in page(visitor.get(url))


def test_a_draft_s_edits_are_in_the_log_too(staff, transcript):
    transcript.meeting.state = State.DRAFT
    transcript.meeting.save()
    send(staff, transcript, [["reword", keys(transcript)[0], "Good morning."]])
    assert Change.objects.count() == 1


KILLED = """
import json, os, signal, sys
import django
django.setup()
from meetings.intake import editing
from meetings.records import services as records
from meetings.transcripts.models import Transcript
from memberships.models import User
def die(*, meeting):
    os.kill(os.getpid(), signal.SIGKILL)
records.note_edit = die
base, by = Transcript.objects.get(), User.objects.get()
editing.save(base=base, submission=editing.read(json.loads(sys.argv[1])), by=by)
"""


@pytest.mark.django_db(transaction=True)
def test_killed_between_the_version_and_the_log_neither_is_there(staff) -> None:
    transcript = services.add_version(
        meeting=MeetingFactory(), language="en", source_format="webvtt", utterances=SAID
    )
    edits = [["reword", keys(transcript)[0], "Good morning."]]
    draft = {"draft": str(uuid.uuid4()), "edits": edits}
    database = urlsplit(os.environ["DATABASE_URL"])._replace(
        path="/" + connection.settings_dict["NAME"]
    )
    given = {"DATABASE_URL": database.geturl(), "DJANGO_SETTINGS_MODULE": "portal.settings"}
    ended = subprocess.run(
        [sys.executable, "-c", KILLED, json.dumps(draft)],
        cwd=ROOT,
        env=os.environ | given,
        check=False,
    )

    assert ended.returncode == -signal.SIGKILL
    assert Transcript.objects.get() == transcript
    assert not Change.objects.exists()
    # Nothing is locked, and the same set of edits can be sent again.
    answer = staff.post(at(transcript, "save/"), draft, content_type="application/json")
    assert answer.json()["version"] == 2
