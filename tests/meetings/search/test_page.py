"""The search page: what each of the four is shown, and that it works whatever is asked."""

import re
from datetime import date
from html import unescape
from itertools import pairwise
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from meetings.records.models import Level, Meeting, State
from meetings.search import answering
from meetings.search.folder import Folder
from meetings.transcripts.utterances import Utterance
from tests.meetings.articles.factories import ArticleFactory, SentenceFactory
from tests.meetings.records.factories import (
    AgendaItemFactory,
    BodyFactory,
    MeetingFactory,
    PlaceFactory,
)
from tests.meetings.transcripts.factories import transcribe

pytestmark = pytest.mark.django_db


def say(*lines, **options) -> Meeting:
    """A published meeting in which these are said: (speaker, words), four seconds each."""
    meeting = MeetingFactory(**options)
    said = [
        Utterance(number * 4_000, number * 4_000 + 4_000, text, speaker)
        for number, (speaker, text) in enumerate(lines)
    ]
    transcribe(said, meeting=meeting)
    return meeting


@pytest.fixture
def council():
    state = PlaceFactory(name="Kennomac", slug="kennomac", level=Level.STATE)
    town = PlaceFactory(name="Osier Ferry", slug="osier-ferry", parent=state)
    return BodyFactory(name="City Council", slug="city-council", place=town)


@pytest.fixture
def library():
    return BodyFactory(name="Library Board", slug="library-board")


@pytest.fixture
def town(council, library, site_index):
    """Two bodies, three meetings, an article and an agenda."""
    spring = say(
        ("Mayor Haskett", "We come to the heron rookery."),
        ("Clerk Oduya", "The heron rookery stays where it is."),
        ("Mayor Haskett", "So ordered."),
        body=council,
        title="Spring meeting",
        held_on=date(2025, 4, 7),
    )
    AgendaItemFactory(meeting=spring, position=1, title="Protecting the rookery", start_ms=0)
    article = ArticleFactory(meeting=spring, headline="Council keeps the rookery")
    SentenceFactory(article=article, text="The council protected the birds.")
    for month in (5, 6):
        say(
            ("Chair Lund", f"Report {month} on the heron rookery and its visitors."),
            body=library,
            title=f"Library meeting {month}",
            held_on=date(2026, month, 3),
        )
    site_index()
    return spring


def text(response) -> str:
    """What a person reads on the page."""
    page = re.sub(r"<(script|style|title)\b.*?</\1>", "", response.content.decode(), flags=re.S)
    return " ".join(unescape(re.sub(r"<[^>]*>", "", page.partition("<main")[2])).split())


def links(response) -> list[str]:
    return [unescape(link) for link in re.findall(r'href="([^"]*)"', response.content.decode())]


def search(persona, q, *, status=200, **parameters):
    headers = parameters.pop("headers", {})
    response = persona.get(f"/search/?{urlencode({'q': q, **parameters})}", headers=headers)
    assert response.status_code == status
    return response


def test_member_reads_the_moment_with_its_words_marked_and_what_was_said_around(member, town):
    page = search(member, '"rookery stays"')
    html = page.content.decode()
    assert "The heron <mark>rookery stays</mark> where it is." in html
    assert html.count("<mark>") == 1
    said = text(page)
    for shown in ("Spring meeting", "April 7, 2025", "City Council", "Clerk Oduya", "0:04"):
        assert shown in said
    assert "We come to the heron rookery." in said
    assert "So ordered." in said
    assert f"{town.get_absolute_url()}?t=4#moment" in links(page)
    assert "1 moment " in said
    assert 'class="offer"' not in html


def test_a_hit_opens_at_its_own_segment_to_the_millisecond(member, site_index):
    """As a fraction of two, 1.001 seconds are a little less than 1,001 milliseconds."""
    ends = [1_001, 2_009, 4_017, 16_077]
    said = [
        Utterance(start, end, f"Kestrel number {end}.")
        for start, end in pairwise([0, *ends, 20_000])
    ]
    transcribe(said, meeting=MeetingFactory())
    site_index()
    for end in ends[1:]:
        (address,) = [
            one for one in links(search(member, f'"kestrel number {end}"')) if "?t=" in one
        ]
        page = b"".join(member.get(address).streaming_content).decode()
        assert f'<mark id="moment">Kestrel number {end}.</mark>' in page


def test_a_hit_names_its_words_for_the_reader(member, visitor, town):
    (quote,) = re.findall(
        r'data-quote="([^"]*)"', search(member, '"rookery stays"').content.decode()
    )
    assert unescape(quote) == "#t=4,8&q=rookery+stays&p=heron+rookery+The+heron&s=where+it+is+So"
    assert "data-quote" not in search(visitor, "rookery").content.decode()


def test_moments_of_one_meeting_stand_together_and_say_how_many_more(member, site_index):
    meeting = say(*[("", f"Number {n}. " + "The osprey was seen again. " * 30) for n in range(40)])
    site_index()
    page = search(member, "osprey")
    assert page.content.decode().count('class="moment"') == 2
    (more,) = re.findall(r"(\d+) more in this meeting", text(page))
    alone = member.get(f"/search/{next(one for one in links(page) if 'meeting=' in one)}")
    shown = alone.content.decode().count('class="moment"')
    assert shown == int(more) + 2
    assert f"Only in {meeting.title}" in text(alone)
    times = [int(t) for t in re.findall(r"\?t=(\d+)#moment", alone.content.decode())]
    assert times == sorted(times)


def test_facets_count_and_narrow_and_can_be_taken_back(member, town):
    page = search(member, "rookery")
    assert "Library Board 2" in text(page)
    (narrower,) = [one for one in links(page) if "body=library-board" in one]
    narrowed = member.get(f"/search/{narrower}")
    assert "2 moments" in text(narrowed)
    assert "Spring meeting" not in text(narrowed)
    assert 'type="hidden" name="body" value="library-board"' in narrowed.content.decode()
    back = next(one for one in links(narrowed) if one == "?q=rookery")
    assert text(member.get(f"/search/{back}")) == text(page)


@pytest.mark.parametrize(
    ("name", "value", "titles"),
    [
        ("body", "city-council", {"Spring meeting"}),
        ("place", "kennomac", {"Spring meeting"}),
        ("year", "2026", {"Library meeting 5", "Library meeting 6"}),
        ("year", "2025", {"Spring meeting"}),
        ("speaker", "Clerk Oduya", {"Spring meeting"}),
        ("kind", "agendas", {"Spring meeting"}),
        ("level", "city", {"Spring meeting", "Library meeting 5", "Library meeting 6"}),
    ],
)
def test_each_facet_keeps_what_it_says(member, town, name, value, titles):
    page = search(member, "rookery", **{name: value})
    assert {
        title for title in Meeting.objects.values_list("title", flat=True) if title in text(page)
    } == titles
    assert "remove" in text(page)


def test_what_was_chosen_is_seen_without_opening_anything(member, town):
    html = search(member, "rookery", body="library-board", year="2026").content.decode()
    chosen, _told, facets = html.partition('<details class="facets"')
    assert "Library Board" in chosen.partition('class="chosen"')[2]
    assert "remove" not in facets


def test_where_others_may_have_said_the_words_the_number_is_about(member, visitor, site_index):
    """A passage is of all who speak in it. Only what is shown is known to be theirs."""
    say(("Ada", "The kestrel is back."), ("Bob", "Is it?"), title="By Ada")
    site_index()
    assert "Nothing was found" in text(search(member, "kestrel speaker:bob"))
    assert "<svg" not in search(member, "kestrel speaker:bob").content.decode()
    assert "1 moment " in text(search(member, "kestrel speaker:ada"))
    for number in range(12):
        say(("Ada", "The kestrel is back."), ("Bob", "The kestrel?"), title=f"Both {number}")
    site_index()
    assert "About 13 moments" in text(search(member, "kestrel speaker:ada"))
    assert "About 13 moments" in text(search(member, "kestrel", speaker="Ada"))
    assert "About" not in text(search(member, "kestrel")).partition("How articles")[0]
    assert "About 13" not in text(search(visitor, "kestrel speaker:ada"))


def test_sorting_is_by_relevance_newest_or_oldest(member, visitor, town):
    def order(page):
        return re.findall(r"<h2><a [^>]*>(?:Library|Spring) meeting ?(\d?)", page.content.decode())

    assert order(search(member, "rookery", sort="newest")) == ["6", "5", ""]
    assert order(search(member, "rookery", sort="oldest")) == ["", "5", "6"]
    assert "relevance newest oldest" in text(search(member, "rookery"))
    assert "Sort by newest oldest" in text(search(visitor, "rookery"))
    # what is rare in transcripts must not show in the order of what a visitor sees
    assert text(search(visitor, "rookery", sort="relevance")) == text(search(visitor, "rookery"))


def test_a_misspelt_word_is_asked_about(member, town):
    page = search(member, "rokery heron", body="city-council")
    assert "Did you mean rookery heron?" in text(page)
    (link,) = [one for one in links(page) if "rookery" in one]
    assert parse_qs(urlsplit(link).query) == {"q": ["rookery heron"], "body": ["city-council"]}


def test_what_was_not_understood_is_said(member, town):
    assert "“soon” is not a day." in text(search(member, "rookery after:soon"))
    assert "There is no word in this search." in text(search(member, "?!"))
    assert "How to ask" in text(search(member, "?!"))


def test_nothing_asked_shows_how_to_ask(visitor, member, settings, tmp_path):
    settings.INDEX_ROOT = tmp_path / "none"
    for persona in (visitor, member):
        assert "NEAR/5" in text(search(persona, "  "))


def test_while_typing_only_the_part_below_the_box_is_sent(member, town):
    part = search(member, "rookery", headers={"HX-Request": "true"})
    html = part.content.decode()
    assert "<main" not in html
    assert "<title>rookery · Search" in html
    assert 'hx-swap-oob="innerHTML:#told"' in html
    assert "HX-Request" in part.headers["Vary"]
    assert "<mark>rookery</mark>" in html
    whole = search(member, "rookery").content.decode()
    assert html.partition("</p>")[2].strip() in whole


def test_months_are_drawn_and_told_in_a_table(member, visitor, town):
    page = search(member, "heron rookery")
    html = page.content.decode()
    assert html.count("<rect") == 3
    assert "April 2025" in html
    assert re.search(r'<th scope="row">May 2026</th><td class="figures">1</td>', html)
    assert "style=" not in html
    assert "<svg" not in search(visitor, "heron rookery").content.decode()
    one_month = search(member, "heron rookery", body="city-council")
    assert "<svg" not in one_month.content.decode()


def test_what_is_withdrawn_is_not_shown_though_the_index_has_it_still(member, town):
    town.state, town.withdrawn_reason = State.WITHDRAWN, "The clerk asked."
    town.save()
    page = search(member, "rookery", sort="oldest")
    assert "Spring meeting" not in text(page)
    assert "stays where it is" not in text(page)


@pytest.mark.parametrize(
    "bad",
    [
        {"body": "nowhere"},
        {"body": "a\0b"},
        {"place": "' or 1=1"},
        {"level": "galaxy"},
        {"year": "0"},
        {"year": "9999"},
        {"year": "x"},
        {"sort": "price"},
        {"page": "0"},
        {"page": "51"},
        {"page": "-1"},
        {"kind": "secrets"},
        {"meeting": "0"},
        {"meeting": "99999999999999999999"},
        {"speaker": "x" * 201},
        {"speaker": "\0"},
    ],
)
def test_an_unknown_value_is_an_unknown_page(member, visitor, bad):
    for persona in (member, visitor):
        search(persona, "rookery", status=404, **bad)


def test_a_meeting_that_is_not_in_public_cannot_be_searched_alone(member, town):
    draft = MeetingFactory(state=State.DRAFT)
    search(member, "rookery", meeting=draft.pk, status=404)


@pytest.mark.parametrize(
    "typed",
    [
        '"',
        "-",
        "OR OR",
        "((((((((((",
        "\0rookery\0",
        "rookery " * 2_000,
        "🐦",
        "<script>alert(1)</script>",
        "\ud800",
        "البلدية",
        "speaker:",
        "-rookery",
        "body:library",
        "a* b* c*",
        "%00",
        "after:0001 before:9999-12-31",
    ],
)
def test_whatever_is_typed_is_answered(member, visitor, town, typed):
    address = "/search/?" + urlencode({"q": typed}, errors="surrogatepass")
    for persona in (member, visitor):
        page = persona.get(address)
        assert page.status_code == 200
        assert "<script>alert" not in page.content.decode()


def test_a_page_that_is_not_there_any_more_leads_to_the_first(member, town):
    page = search(member, "rookery", page=7)
    assert "There is nothing more" in text(page)
    assert "?q=rookery" in links(page)


def test_pages_lead_on_and_back(member, site_index):
    for _number in range(12):
        say(("", "The kestrel is back."))
    site_index()
    first = search(member, "kestrel", sort="newest")
    (onward,) = [one for one in links(first) if "page=2" in one]
    second = member.get(f"/search/{onward}")
    assert second.content.decode().count('class="moment"') == 2
    assert "?q=kestrel&sort=newest" in links(second)


@pytest.mark.parametrize("harm", ["absent", "empty", "damaged", "swapped for a file"])
def test_without_an_index_there_is_a_sentence_and_no_error(personas, town, settings, harm):
    root = settings.INDEX_ROOT
    if harm == "absent":
        (root / "current").unlink()
    elif harm == "empty":
        for file in (root / "current").resolve().iterdir():
            file.unlink()
    elif harm == "damaged":
        (root / "current" / "meta.json").write_text("{")
    else:
        (root / "current").unlink()
        (root / "current").write_text("")
    for persona in personas.values():
        page = search(persona, "rookery", status=503)
        assert "Search is being set up" in text(page)
        assert 'name="q" value="rookery"' in page.content.decode()
        search(persona, "rookery", status=503, headers={"HX-Request": "true"})
        search(persona, "")


class PanicException(BaseException):
    """What a panic in the engine becomes."""


@pytest.mark.parametrize("error", [ValueError, OSError, PanicException])
def test_an_index_that_breaks_while_it_is_asked_is_told_the_same(
    member, town, monkeypatch, settings, error
):
    def broken(*args, **options):
        raise error("corrupt block")

    folder = Folder(settings.INDEX_ROOT)
    assert not folder.take_doubt(folder.current())
    monkeypatch.setattr(answering, "search", broken)
    assert "corrupt" not in text(search(member, "rookery", status=503))
    assert folder.take_doubt(folder.current())


def test_no_other_end_is_mistaken_for_a_damaged_index(member, town, monkeypatch):
    def stopped(*args, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(answering, "search", stopped)
    with pytest.raises(KeyboardInterrupt):
        search(member, "rookery")


def test_a_rebuilt_index_is_read_at_once(member, town, site_index):
    assert "Nothing was found." in text(search(member, "gyrfalcon"))
    say(("", "A gyrfalcon."))
    site_index()
    assert "1 moment" in text(search(member, "gyrfalcon"))


def test_the_number_of_queries_does_not_grow_with_what_is_found(
    visitor, member, refunded_member, town, site_index
):
    """Session, user, membership and announcement; meetings, segments, articles with sentences,
    agenda with its languages, names of bodies and places.
    """
    for number in range(15):
        meeting = say(("Anna", "The rookery."), ("Ben", "The rookery again."))
        if number % 3 == 1:
            AgendaItemFactory(meeting=meeting, position=1, title="Rookery")
        if number % 3 == 2:
            ArticleFactory(meeting=meeting, headline="Rookery", standfirst="Rookery")
    site_index()
    for persona, most in ((member, 13), (refunded_member, 11), (visitor, 8)):
        with CaptureQueriesContext(connection) as queries:
            search(persona, "rookery")
        assert len(queries) == most, [query["sql"][:60] for query in queries]


def test_results_are_nobody_elses_and_no_search_engines(member, visitor, town):
    for persona in (member, visitor):
        page = search(persona, "rookery")
        assert page.headers["Cache-Control"] == "private, no-store"
        assert '<meta name="robots" content="noindex">' in page.content.decode()
        assert 'rel="canonical"' not in page.content.decode()


def test_home_has_the_search_box_and_is_still_kept_for_everybody(visitor, db):
    page = visitor.get("/")
    assert 'action="/search/"' in page.content.decode()
    assert page.headers["Cache-Control"] == "public, max-age=0, s-maxage=60"
