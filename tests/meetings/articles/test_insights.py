"""Insights: what patterns find, what a model finds, and what is stored of either."""

import dataclasses
from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, transaction

from meetings.articles import services
from meetings.articles.insights import patterns
from meetings.articles.insights.asked import Asked
from meetings.articles.insights.found import Cast, Kind, Tally
from meetings.articles.models import Insight, InsightEvidence, Writing
from meetings.articles.services import NotGathered
from meetings.articles.writers.draft import Source
from tests.meetings.articles.modelserver import completion, failed, id_of, written
from tests.meetings.articles.test_extractive import meeting as source_of_meeting
from tests.meetings.articles.test_extractive import words_of
from tests.meetings.articles.test_llm_writer import ADOPTED, TABLE
from tests.meetings.articles.test_sentences import Line
from tests.meetings.articles.test_services import spoken_meeting
from tests.meetings.records.factories import MeetingFactory
from tests.meetings.transcripts.factories import transcribe

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)


def spoken(*texts, language="en"):
    lines = [
        Line(text, at * 6_000, at * 6_000 + 5_000, f"{at:04}", "Mayor Ana Quintero")
        for at, text in enumerate(texts)
    ]
    return Source("Council", "Meeting", language, lines)


def kinds_of(*texts):
    return [one.kind.value for one in patterns.find(spoken(*texts))]


class TestPatterns:
    def test_each_is_a_quotation_of_the_segments_that_it_names(self):
        source = source_of_meeting()
        by_key = {line.key: line.text for line in source.lines}
        found = patterns.find(source)
        assert len(found) >= 5
        for one in found:
            assert words_of(one.text) in by_key[one.spans[0].first_key]
        assert [one.spans[0].start_ms for one in found] == sorted(
            one.spans[0].start_ms for one in found
        )

    @pytest.mark.parametrize(
        ("text", "kinds"),
        [
            ("The ordinance on water rates is adopted, four to two.", ["vote"]),
            ("The resolution on the sewer plan is approved unanimously.", ["decision"]),
            ("Staff will publish the new rate table on the website by December 3.",
             ["commitment", "date"]),
            ("Engineers recommend a steel deck, which costs $2.1 million.", ["money"]),
            ("Crews will begin the repair of the deck on June 15.", ["date"]),
            ("The zoning of the harbor lot was postponed to the next hearing.", ["question"]),
            ("The county likes the bridge very much and the river too.", []),
            ("Would you say the bridge costs $2 million by June 15?", []),
            ("We will always love the great people of this old town.", []),
            ("The bridge on Cannery Street was closed to trucks in March 2024.", []),
            ("Thank you for the $500 that we will spend by June 3.", []),
        ],
    )  # fmt: skip
    def test_a_sentence_is_what_it_says(self, text, kinds):
        assert kinds_of(text) == kinds

    def test_none_is_longer_than_its_column_whoever_says_it(self):
        text = "Staff will publish the new rate table of the district by December 3"
        lines = spoken(f"{text}{', and notwithstandingness' * 11}.").lines
        [short] = lines
        assert patterns.find(Source("Council", "Meeting", "en", lines))
        named = dataclasses.replace(short, speaker_name="Ana " * 49)
        assert patterns.find(Source("Council", "Meeting", "en", [named])) == []

    @pytest.mark.parametrize(
        ("text", "tally"),
        [
            ("The ordinance on water rates is adopted, four to two.", Tally(4, 2)),
            ("The library plan for the district is approved, 6 to 0.", Tally(6, 0)),
            ("The motion carries seven to two with one abstention.", Tally(7, 2, 1)),
        ],
    )
    def test_a_tally_is_what_was_said(self, text, tally):
        [vote] = [one for one in patterns.find(spoken(text)) if one.kind is Kind.VOTE]
        assert vote.tally == tally

    def test_a_promise_says_who_and_by_when(self):
        [one] = [
            one
            for one in patterns.find(spoken("Staff will publish the rate table by December 3."))
            if one.kind is Kind.COMMITMENT
        ]
        assert (one.who, one.due) == ("Mayor Ana Quintero", "by December 3")

    def test_the_same_words_twice_are_one_insight(self):
        text = "The ordinance on water rates is adopted, four to two."
        assert kinds_of(text, text) == ["vote"]

    def test_an_unknown_language_gives_nothing_rather_than_guesses(self):
        assert patterns.find(spoken("Prijedlog je usvojen s 5 prema 2 glasa.", language="hr")) == []

    def test_nothing_said_is_nothing_found(self):
        assert patterns.find(spoken()) == []


def line(asked, kind, text, words, **more):
    blank = {"who": "", "due": "", "ayes": None, "noes": None, "abstained": None, "votes": []}
    return {"kind": kind, "text": text, "ids": [id_of(asked, words)], **blank, **more}


def vote(asked, **more):
    return line(asked, "vote", "The ordinance on water rates passed 4 to 2.", ADOPTED, **more)


def all_kinds(asked):
    promise = {"who": "Staff", "due": "by December 3"}
    return written(
        {
            "insights": [
                vote(asked, ayes=4, noes=2, votes=[{"name": "Quintero", "vote": "aye"}]),
                line(asked, "commitment", "Staff publish the rate table.", TABLE, **promise),
                line(asked, "money", "A bill of $46 becomes $50.", "a bill of $46"),
            ]
        }
    )


def found(source=None):
    return Asked(lambda done=0.0: None).find(source or source_of_meeting())


class TestAModel:
    def test_what_it_finds_is_in_the_order_of_the_meeting(self, model):
        model.play(all_kinds)
        money, promise, voted = found()
        assert (money.kind, promise.kind, voted.kind) == (Kind.MONEY, Kind.COMMITMENT, Kind.VOTE)
        assert (promise.who, promise.due) == ("Staff", "by December 3")
        assert voted.tally == Tally(4, 2)
        assert voted.votes == (("Quintero", Cast.AYE),)

    @pytest.mark.parametrize(
        "wrong",
        [
            {"kind": "gossip"},
            {"kind": ["vote"]},
            {"kind": None},
            {"ids": ["s9999"]},
            {"text": "<b>The ordinance</b> passed."},
            {"text": "Pirates rule."},
            {"text": ""},
            {"ayes": 0, "votes": [{"name": "Ruiz", "vote": "aye"}]},
            {"votes": [{"name": "Ruiz", "vote": "maybe"}]},
            {"votes": [{"name": "Ruiz", "vote": ["aye"]}]},
            {"votes": [{"name": "", "vote": "aye"}]},
            {"votes": ["Ruiz"]},
            {"votes": [{"name": "Ruiz", "vote": "aye"}, {"name": "Ruiz", "vote": "no"}]},
        ],
    )
    def test_what_cannot_be_is_sent_back_then_dropped(self, model, wrong):
        model.play(
            lambda asked: written(
                {
                    "insights": [
                        {**vote(asked), **wrong},
                        line(asked, "money", "A bill of $46 becomes $50.", "a bill of $46"),
                    ]
                }
            )
        )
        asked = Asked(lambda done=0.0: None)
        [kept] = asked.find(source_of_meeting())
        assert kept.kind is Kind.MONEY
        assert (asked.spending.sent_back, asked.spending.dropped) == (1, 1)

    @pytest.mark.parametrize("count", [-1, True, "four", 10**12, 4.5])
    def test_a_count_that_is_none_is_left_empty(self, model, count):
        model.play(lambda asked: written({"insights": [vote(asked, ayes=count)]}))
        [one] = found()
        assert one.tally == Tally()

    def test_each_window_is_asked_and_nothing_stands_twice(self, model, settings):
        settings.LLM_WINDOW_WORDS = 90
        same = {"insights": [{"kind": "money", "text": "Rates are paid.", "ids": ["s1"]}]}

        def each(asked):
            rates = [name for name, _who, said in lines_with_rates(asked)]
            if not rates:
                return written({"insights": []})
            return written({"insights": [{**same["insights"][0], "ids": rates[:1]}]})

        model.play(each)
        assert len(found()) == 1
        assert len(model.asked) > 2


def lines_with_rates(asked):
    from tests.meetings.articles.modelserver import lines_of

    return [one for one in lines_of(asked) if "rates" in one[2].lower()]


@pytest.mark.django_db
class TestGather:
    def test_without_a_model_patterns_find_them(self):
        meeting = spoken_meeting()
        services.gather(meeting=meeting, now=NOW)
        assert {one.writer for one in Insight.objects.all()} == {"extractive"}
        assert InsightEvidence.objects.count() == Insight.objects.count() > 4
        assert not Writing.objects.exists()

    def test_with_a_model_it_is_named_and_paid(self, model):
        model.play(all_kinds)
        meeting = spoken_meeting()
        services.gather(meeting=meeting, now=NOW)
        one = Insight.objects.get(kind="vote")
        assert (one.ayes, one.noes, one.abstained) == (4, 2, None)
        assert one.votes == [{"name": "Quintero", "vote": "aye"}]
        assert (one.writing.purpose, one.writing.prompt) == ("insights", "insights-2")

    def test_gathering_again_replaces_what_was_there(self):
        meeting = spoken_meeting()
        first = services.gather(meeting=meeting, now=NOW)
        second = services.gather(meeting=meeting, now=NOW)
        assert Insight.objects.count() == len(second) == len(first)

    @pytest.mark.parametrize("play", [completion("Prose."), failed(500), completion("{}x")])
    def test_what_was_there_outlives_a_failure(self, model, play):
        meeting = spoken_meeting()
        model.play(all_kinds)
        services.gather(meeting=meeting, now=NOW)
        model.play(play)
        with pytest.raises(NotGathered, match="Run the step again"):
            services.gather(meeting=meeting, now=NOW)
        assert Insight.objects.count() == 3
        assert Writing.objects.exclude(error="").count() == 1

    def test_without_a_transcript_nothing_is_found(self):
        with pytest.raises(NotGathered, match="no transcript"):
            services.gather(meeting=MeetingFactory(), now=NOW)

    def test_only_what_still_stands_in_the_words_is_shown(self):
        meeting = spoken_meeting()
        services.gather(meeting=meeting, now=NOW)
        before = meeting.transcripts.get()
        assert Insight.objects.resting_in(before).count() == Insight.objects.count()
        voted = Insight.objects.filter(kind="vote").first()
        gone = voted.evidence.get().first_key
        from meetings.transcripts.models import Segment
        from meetings.transcripts.utterances import Utterance

        lines = Segment.objects.filter(transcript=before).in_order()
        after = transcribe(
            [
                Utterance(one.start_ms, one.end_ms, "Changed." if one.key == gone else one.text)
                for one in lines
            ],
            meeting=meeting,
            version=2,
        )
        shown = Insight.objects.resting_in(after)
        assert voted not in shown
        assert shown.exists()

    @pytest.mark.parametrize(
        "facts",
        [
            {"kind": "gossip"},
            {"text": ""},
            {"kind": "money", "ayes": 3},
            {"kind": "money", "votes": [{"name": "Ruiz", "vote": "aye"}]},
            {"kind": "money", "who": "Staff"},
        ],
    )
    def test_an_impossible_insight_cannot_be_stored(self, facts):
        row = {"kind": "vote", "text": "It passed.", "position": 1, "language": "en"} | facts
        with pytest.raises(IntegrityError), transaction.atomic():
            Insight.objects.create(
                meeting=MeetingFactory(),
                writer="extractive",
                writer_version="1",
                transcript_version=1,
                created_at=NOW,
                **row,
            )
