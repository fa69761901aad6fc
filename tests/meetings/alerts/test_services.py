"""Making alerts: what may be one, how many, and what becomes of it."""

from datetime import UTC, datetime, timedelta

import pytest

from meetings.alerts import services
from meetings.alerts.estimating import TooBroad
from meetings.alerts.models import Alert, Cadence, StoredTree, TreeTerm
from meetings.alerts.services import Known, NotAnAlert, Telling, TooMany, understood
from meetings.search.building import rebuild
from meetings.search.folder import Folder
from meetings.transcripts.utterances import Utterance
from tests.meetings.records.factories import MeetingFactory
from tests.meetings.transcripts.factories import transcribe
from tests.memberships.factories import MembershipFactory

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 5, 10, tzinfo=UTC)


@pytest.fixture(autouse=True)
def index(settings, tmp_path):
    settings.INDEX_ROOT = tmp_path / "index"
    return lambda: rebuild(Folder(settings.INDEX_ROOT))


@pytest.fixture
def owner():
    return MembershipFactory().user


def make(owner, typed, *muted, **given):
    wanted = understood(typed, muted)
    return services.make(owner=owner, wanted=wanted, telling=Telling(), now=NOW, **given)


def test_an_alert_is_kept_in_canonical_form(owner):
    one = make(owner, "  (water)   AND main", "Hydrants", "fire  hose")
    assert (one.query, one.name) == ("water main", "water main")
    assert one.muted == ["hydrants", "fire hose"]
    assert one.tree.canonical == 'water main -hydrants -"fire hose"'
    assert one.cadence == Cadence.DAILY


@pytest.mark.parametrize("typed", ["", "  ", "()", "-"])
def test_nothing_is_no_alert(typed):
    with pytest.raises(NotAnAlert):
        understood(typed)


def test_what_is_too_long_to_be_kept_whole_is_refused():
    with pytest.raises(NotAnAlert):
        understood(" ".join(f"word{n}" for n in range(49)), ["one", "two", "three"])
    with pytest.raises(NotAnAlert):
        understood("water", [f"word{n}" for n in range(21)])


def test_the_same_twice_is_refused_and_leads_to_the_first(owner):
    one = make(owner, "water main")
    with pytest.raises(Known) as refused:
        make(owner, "(water main)")
    assert refused.value.alert == one
    make(MembershipFactory().user, "water main")
    assert StoredTree.objects.count() == 1


def test_a_member_has_only_so_many(owner, settings):
    settings.ALERTS_A_MEMBER = 1
    one = make(owner, "water")
    with pytest.raises(TooMany):
        make(owner, "zoning")
    assert [*Alert.objects.all()] == [one]
    services.delete(alert=one)
    make(owner, "zoning")


def test_a_tree_goes_with_the_last_who_asked(owner):
    one, other = make(owner, "water"), make(MembershipFactory().user, "water")
    services.delete(alert=one)
    assert StoredTree.objects.count() == 1
    services.edit(alert=other, wanted=understood("zoning"), telling=Telling(), now=NOW)
    assert [tree.canonical for tree in StoredTree.objects.all()] == ["zoning"]
    services.forget(other.owner)
    assert not Alert.objects.exists()
    assert not StoredTree.objects.exists()
    assert not TreeTerm.objects.exists()


def test_editing_into_another_of_ones_own_changes_nothing(owner):
    one, other = make(owner, "water"), make(owner, "zoning")
    with pytest.raises(Known) as refused:
        services.edit(alert=other, wanted=understood("water"), telling=Telling(), now=NOW)
    assert refused.value.alert == one
    assert Alert.objects.get(pk=other.pk).query == "zoning"


def test_what_was_deleted_meanwhile_does_not_come_back(owner):
    one = make(owner, "water")
    stale = Alert.objects.get()
    services.delete(alert=one)
    with pytest.raises(Alert.DoesNotExist):
        services.edit(alert=stale, wanted=understood("zoning"), telling=Telling(), now=NOW)
    assert not Alert.objects.exists()


def test_what_is_paused_while_it_is_edited_stays_paused(owner):
    stale = make(owner, "water")
    services.pause(alert=stale, now=NOW)
    services.edit(alert=stale, wanted=understood("water"), telling=Telling(), now=NOW, name="W")
    one = Alert.objects.get()
    assert (one.name, one.paused_at) == ("W", NOW)


def test_before_it_is_saved_it_says_how_often_it_would_have_fired(index):
    for days in (1, 20, 89, 91):
        meeting = MeetingFactory(held_on=NOW.date() - timedelta(days=days))
        transcribe([Utterance(0, 900, f"the water main {days}")], meeting=meeting)
    index()
    found = services.look_ahead(understood("water"), now=NOW)
    assert (found.moments, found.meetings, found.is_too_broad) == (3, 3, False)
    assert [one.lines[0].text for one in found.last] == [
        "the water main 1", "the water main 20", "the water main 89",
    ]  # fmt: skip
    assert found.a_week == pytest.approx(3 * 7 / 90)


def test_what_is_too_broad_is_refused_with_the_number_and_a_way_out(index, owner, settings):
    settings.ALERT_MOST_MOMENTS = 2
    for number in range(3):
        meeting = MeetingFactory(held_on=NOW.date())
        transcribe([Utterance(0, 900, f"water {number}")], meeting=meeting)
    index()
    with pytest.raises(TooBroad, match=r"3 moments.* body:/[\w-]+ it would have been 1\."):
        make(owner, "water")
    assert not StoredTree.objects.exists()
    make(owner, f"water body:/{meeting.body.slug}")


def test_a_tree_is_filed_under_its_rarest_word(index, owner):
    for text in ("water main", "water", "water", "main"):
        transcribe([Utterance(0, 900, text)], meeting=MeetingFactory(held_on=NOW.date()))
    index()
    one = make(owner, "water main zoning")
    assert "zone" in one.tree.needs[0]
    assert "main" in one.tree.needs[1]
    assert set(one.tree.terms.values_list("term", flat=True)) == set(one.tree.needs[0])


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("water budget", "budget"),
        ("wat* budget", "budget"),
        ('"the water" speaker:ruiz', "speaker:ruiz"),
        ("water in:agendas", "in:agendas"),
        ("water body:/nowhere", "body:/nowhere"),
        ("water place:atlantis", "place:atlantis"),
        ("water level:county", "level:county"),
    ],
)
def test_words_beginnings_and_what_narrows_are_all_counted(index, owner, typed, first):
    for _ in range(3):
        meeting = MeetingFactory(held_on=NOW.date())
        transcribe([Utterance(0, 900, "the water main", "Ana Smith")], meeting=meeting)
    index()
    assert first in make(owner, typed).tree.needs[0]


class PanicException(BaseException):
    """As the engine's binding raises it: no Exception, and of a class that it does not give."""


@pytest.mark.parametrize("error", [ValueError, OSError, PanicException])
def test_with_a_damaged_index_too_and_its_writer_hears_of_it(
    index, owner, monkeypatch, settings, error
):
    def stumbles(*_args, **_given):
        raise error("cannot read this")

    index()
    monkeypatch.setattr(services, "estimate", stumbles)
    assert services.look_ahead(understood("water"), now=NOW) is None
    folder = Folder(settings.INDEX_ROOT)
    assert folder.take_doubt(folder.current())
    assert make(owner, "water").tree.canonical == "water"


def test_without_an_index_an_alert_can_be_made_all_the_same(owner):
    assert services.look_ahead(understood("water"), now=NOW) is None
    make(owner, "water")
