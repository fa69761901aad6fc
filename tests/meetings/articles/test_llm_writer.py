"""The writer that asks a language model: good, careless and hostile ones, over the wire."""

import json
from datetime import UTC, datetime

import pytest

from meetings.articles.llm import client
from meetings.articles.llm.refusals import TryAgainLater, WillNotHelp
from meetings.articles.llm.script import Script
from meetings.articles.writers.draft import Chapter, Source
from meetings.articles.writers.llm import Llm
from tests.meetings.articles.modelserver import (
    Played,
    completion,
    failed,
    id_of,
    lines_of,
    written,
)
from tests.meetings.articles.test_extractive import meeting as source_of_meeting
from tests.meetings.articles.test_sentences import Line

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
RATES = "raises water rates by 8 percent"
ADOPTED = "water rates is adopted"
TABLE = "publish the new rate table"
LIBRARY = "The library plan is approved"


def article(asked, **changes):
    """An article as a good model writes it of the meeting in these tests."""
    rates, adopted = id_of(asked, RATES), id_of(asked, ADOPTED)
    return {
        "headline": "Water rates rise by 8 percent",
        "standfirst": {"text": "Water rates will rise by 8 percent.", "ids": [rates]},
        "paragraphs": [
            [
                {"text": "The council adopted the ordinance, four to two.", "ids": [adopted]},
                {"text": "Rates rise on January 1.", "ids": [rates, adopted]},
            ]
        ],
        "why_it_matters": [
            {"text": "A bill of $46 becomes $50.", "ids": [id_of(asked, "a bill of $46")]}
        ],
        "what_happens_next": [
            {"text": "Staff publish the rate table by December 3.", "ids": [id_of(asked, TABLE)]}
        ],
        "not_decided": [],
        **changes,
    }


def good(asked, **changes):
    return written({"articles": [article(asked, **changes)]})


def sentence(text, *ids):
    return {"text": text, "ids": list(ids)}


def work():
    """A writer whose heartbeat is heard by nobody."""
    return Llm(lambda done=0.0: None)


def texts(draft):
    return [one.text for _part, told in draft.parts for one in told]


class TestAGoodModel:
    def test_what_it_writes_rests_on_the_segments_that_it_cites(self, model):
        model.play(good)
        source = source_of_meeting()
        [draft] = work().drafts(source)
        by_key = {line.key: line for line in source.lines}
        assert draft.headline == "Water rates rise by 8 percent"
        assert RATES in by_key[draft.standfirst.first_key].text
        [[adopted, rise]] = draft.paragraphs
        assert ADOPTED in by_key[adopted.first_key].text
        assert len(rise.spans) == 2  # two segments that lie apart
        assert rise.spans[0].start_ms < rise.spans[1].start_ms
        assert [one.text for one in draft.why_it_matters] == ["A bill of $46 becomes $50."]

    def test_it_is_shown_every_word_and_told_the_language(self, model):
        model.play(good)
        source = source_of_meeting()
        work().drafts(source)
        [asked] = model.asked
        shown = [said for _id, _speaker, said in lines_of(asked)]
        assert shown == [line.text for line in source.lines]
        assert "code en." in model.given()
        assert asked["path"] == "/v1/chat/completions"
        assert asked["model"] == "small-and-exact"
        assert asked["response_format"]["json_schema"]["schema"]["required"] == ["articles"]
        assert model.keys == ["Bearer sk-very-secret"]

    def test_what_it_took_is_counted_and_priced(self, model, settings):
        from decimal import Decimal

        settings.LLM_PRICE_IN, settings.LLM_PRICE_OUT = Decimal("0.5"), Decimal("1.5")
        model.play(good)
        writer = work()
        writer.drafts(source_of_meeting())
        spending = writer.spending
        assert (spending.calls, spending.input_tokens, spending.output_tokens) == (1, 1_000, 200)
        assert spending.cost_micros == 800

    def test_a_service_that_knows_no_schemas_is_asked_without(self, model):
        refused = Played(b'{"error": {"message": "unknown field response_format"}}', 400)
        model.play(refused, good)
        assert work().drafts(source_of_meeting())
        assert [asked["response_format"]["type"] for asked in model.asked] == [
            "json_schema",
            "json_object",
        ]

    def test_asking_without_says_before_it_that_the_work_goes_on(self, model):
        said, said_before = [], []

        def refusing(asked):
            said_before.append(len(said))
            return Played(b'{"error": {"message": "unknown field response_format"}}', 400)

        def answering(asked):
            said_before.append(len(said))
            return good(asked)

        model.play(refusing, answering)
        Llm(lambda done=0.0: said.append(done)).drafts(source_of_meeting())
        first, second = said_before
        assert second > first

    def test_a_fence_around_the_json_is_taken_off(self, model):
        def fenced(asked):
            return completion(f"```json\n{json.dumps({'articles': [article(asked)]})}\n```")

        model.play(fenced)
        assert work().drafts(source_of_meeting())
        assert len(model.asked) == 1

    def test_several_articles_are_one_draft_each(self, model):
        def two(asked):
            library = id_of(asked, LIBRARY)
            other = article(
                asked,
                headline="The library opens on Sundays",
                standfirst=sentence("The library plan is approved.", library),
                paragraphs=[[sentence("The vote on the library was six to nothing.", library)]],
            )
            return written({"articles": [article(asked), other]})

        model.play(two)
        assert [draft.headline for draft in work().drafts(source_of_meeting())] == [
            "Water rates rise by 8 percent",
            "The library opens on Sundays",
        ]


class TestALongMeeting:
    def test_is_read_in_windows_and_written_from_the_notes(self, model, settings):
        settings.LLM_WINDOW_WORDS = 90
        seen = []

        def noting(asked):
            if "notes" in asked["response_format"]["json_schema"]["name"]:
                seen.append([said for _id, _speaker, said in lines_of(asked)])
                marks = (RATES, ADOPTED, TABLE, "a bill of $46")
                said = [(name, words) for name, _who, words in lines_of(asked)]
                return written(
                    {
                        "notes": [
                            sentence(words, name)
                            for name, words in said
                            if any(mark in words for mark in marks)
                        ]
                    }
                )
            return good(asked)

        model.play(noting)
        source = source_of_meeting()
        [draft] = work().drafts(source)
        assert len(seen) > 1
        assert [said for window in seen for said in window] == [line.text for line in source.lines]
        assert "<notes>" in model.given(-1)
        assert len(lines_of(model.asked[-1])) == 4  # what the notes cite and nothing else
        assert RATES in next(
            line.text for line in source.lines if line.key == draft.standfirst.first_key
        )

    def test_agenda_items_stay_together_and_nothing_is_left_out(self):
        lines = [
            Line("word " * 10, at * 1_000, at * 1_000 + 900, f"k{at}", "A") for at in range(40)
        ]
        source = Source(
            "Council", "Meeting", "en", lines, [Chapter("One", 0), Chapter("Two", 15_000)]
        )
        windows = Script(source).windows(200)
        assert [at for window in windows for at in window] == list(range(40))
        assert windows[0] == range(15)
        assert all(len(window) <= 20 for window in windows)

    def test_a_segment_longer_than_a_window_is_shown_whole(self):
        lines = [Line("word " * 500, 0, 1_000, "a", "A"), Line("More.", 1_000, 2_000, "b", "A")]
        assert Script(Source("C", "M", "en", lines)).windows(100) == [range(1), range(1, 2)]


BAD_ANSWERS = {
    "prose": completion("The council met on Tuesday and raised the water rates."),
    "half a JSON": completion('{"articles": [{"headline": "Water ra'),
    "cut off": completion('{"articles": []}', finish="length"),
    "nothing": completion(""),
    "no content": completion(None),
    "a list": completion("[]"),
    "a number": completion("12"),
    "no articles": written({"articles": []}),
    "articles as words": written({"articles": "none"}),
    "nested without end": completion("[" * 100_000),
    "a number of a million digits": completion("1" * 1_000_000),
}


class TestABadModel:
    @pytest.mark.parametrize("answer", BAD_ANSWERS.values(), ids=BAD_ANSWERS)
    def test_a_bad_answer_is_sent_back_once_with_the_reason(self, model, answer):
        model.play(answer, good)
        assert work().drafts(source_of_meeting())
        first, second = model.asked
        assert second["messages"][:2] == first["messages"]
        assert "cannot be used" in model.given(1)

    @pytest.mark.parametrize("answer", BAD_ANSWERS.values(), ids=BAD_ANSWERS)
    def test_a_second_bad_answer_ends_it(self, model, answer):
        model.play(answer)
        with pytest.raises(WillNotHelp, match="did not answer as it was asked"):
            work().drafts(source_of_meeting())
        assert len(model.asked) == 2

    @pytest.mark.parametrize(
        ("ids", "named"),
        [
            (["s9999"], "s9999"),
            (["s0"], "s0"),
            (["twelve"], "twelve"),
            (["s١"], "s١"),
            ([1], "1"),
            ([{"id": "s1"}], "id"),
            (["s1", "s9999"], "s9999"),
            ([], "does not cite"),
            ("s1", "does not cite"),
            (None, "does not cite"),
            (["s1"] * 1_000, "does not cite"),
        ],
    )
    def test_ids_that_do_not_exist_are_sent_back_then_dropped(self, model, ids, named):
        def careless(asked):
            made_up = {"text": "The water rates will double.", "ids": ids}
            kept = sentence("The council adopted the ordinance.", id_of(asked, ADOPTED))
            return good(asked, paragraphs=[[kept, made_up]])

        model.play(careless)
        writer = work()
        [draft] = writer.drafts(source_of_meeting())
        assert named in model.given(1)
        assert "The water rates will double." not in texts(draft)
        assert "The council adopted the ordinance." in texts(draft)
        assert (writer.spending.sent_back, writer.spending.dropped) == (1, 1)

    def test_half_a_character_can_be_sent_back(self, model):
        model.play(completion("The rates \ud83d rise."), good)
        assert work().drafts(source_of_meeting())
        assert model.asked[1]["messages"][2]["content"] == "The rates ? rise."

    def test_what_is_put_right_the_second_time_is_kept(self, model):
        def careless(asked):
            return good(asked, not_decided=[sentence("The bridge was put off.", "s9999")])

        def mended(asked):
            bridge = id_of(asked, "contract for the bridge")
            return good(asked, not_decided=[sentence("The bridge stays closed.", bridge)])

        model.play(careless, mended)
        [draft] = work().drafts(source_of_meeting())
        assert texts(draft)[-1] == "The bridge stays closed."

    def test_where_the_second_answer_is_worse_the_sound_part_of_the_first_stands(self, model):
        def careless(asked):
            return good(asked, not_decided=[sentence("The bridge was put off.", "s9999")])

        model.play(careless, completion("I am sorry."))
        [draft] = work().drafts(source_of_meeting())
        assert "The bridge was put off." not in texts(draft)

    def test_an_article_in_another_language_is_not_taken(self, model):
        def german(asked):
            rates = id_of(asked, RATES)
            told = [
                sentence("Der Rat hat die Gebühren für das Wasser um 8 percent erhöht.", rates),
                sentence(
                    "Die Satzung über die water rates wurde mit vier zu zwei beschlossen.", rates
                ),
                sentence(
                    "Das ist für die Bürger der Stadt und für den Haushalt 8 percent mehr.", rates
                ),
            ]
            return written(
                {
                    "articles": [
                        {
                            "headline": "Der Rat erhöht die water rates",
                            "standfirst": told[0],
                            "paragraphs": [told],
                        }
                    ]
                }
            )

        model.play(german)
        with pytest.raises(WillNotHelp, match="language"):
            work().drafts(source_of_meeting())

    @pytest.mark.parametrize(
        "play",
        [
            completion(None, refusal="I cannot help with that."),
            completion("", finish="content_filter"),
        ],
    )
    def test_a_refusal_is_told_as_one_and_not_asked_again(self, model, play):
        model.play(play)
        with pytest.raises(WillNotHelp, match="refused"):
            work().drafts(source_of_meeting())
        assert len(model.asked) == 1

    def test_ten_megabytes_are_not_read(self, model):
        written_bytes = []

        def pieces():
            for _ in range(160):
                written_bytes.append(65_536)
                yield b"x" * 65_536

        model.play(Played(pieces=pieces))
        with pytest.raises(WillNotHelp, match="larger than 2 MB"):
            work().drafts(source_of_meeting())

    def test_a_service_of_another_kind_is_told_as_one(self, model):
        model.play(Played(b"<html>Welcome to nginx</html>"))
        with pytest.raises(WillNotHelp, match="does not speak"):
            work().drafts(source_of_meeting())

    def test_counts_that_cannot_be_are_no_counts(self, model):
        def boasting(asked):
            content = json.dumps({"articles": [article(asked)]})
            return completion(content, tokens=(-5, 10**30))

        model.play(boasting)
        writer = work()
        writer.drafts(source_of_meeting())
        assert (writer.spending.input_tokens, writer.spending.output_tokens) == (0, 0)


class TestAServiceInTrouble:
    @pytest.mark.parametrize("status", [429, 500, 502, 503])
    def test_it_is_tried_again(self, model, status):
        model.play(failed(status, retry_after="0"), failed(status), good)
        assert work().drafts(source_of_meeting())
        assert len(model.asked) == 3

    @pytest.mark.parametrize(("status", "told"), [(429, "too much to do"), (500, "HTTP 500")])
    def test_after_three_tries_it_is_left_for_later(self, model, status, told):
        model.play(failed(status))
        with pytest.raises(TryAgainLater, match=told) as refused:
            work().drafts(source_of_meeting())
        assert len(model.asked) == 3
        assert "secret" not in str(refused.value)

    @pytest.mark.parametrize(
        ("status", "told"), [(401, "LLM_API_KEY"), (404, "LLM_MODEL"), (422, "HTTP 422")]
    )
    def test_what_will_not_help_is_not_tried_again(self, model, status, told):
        model.play(failed(status))
        with pytest.raises(WillNotHelp, match=told) as refused:
            work().drafts(source_of_meeting())
        assert len(model.asked) == 1
        assert "secret" not in str(refused.value)

    def test_nothing_at_all_ends_when_the_time_is_up(self, model, settings):
        settings.LLM_TIMEOUT_S = 0.1
        model.play(lambda asked: model.ended.wait(5) and None)
        with pytest.raises(TryAgainLater, match="in time"):
            work().drafts(source_of_meeting())
        assert len(model.asked) == 3

    def test_a_body_that_trickles_ends_when_the_time_is_up(self, model, monkeypatch):
        monkeypatch.setattr(client, "LONGEST_TRY_S", 0.05)

        def pieces():
            while not model.ended.wait(0.02):
                yield b" "

        model.play(Played(pieces=pieces))
        with pytest.raises(TryAgainLater):
            work().drafts(source_of_meeting())

    def test_a_hang_up_is_tried_again(self, model):
        model.play(lambda asked: None, good)
        assert work().drafts(source_of_meeting())

    @pytest.mark.parametrize("status", [200, 500])
    def test_half_a_body_is_tried_again(self, model, status):
        broken = Played(b"", status, headers={"X": "y"}, pieces=lambda: [b'{"choi'])
        broken.headers["Content-Length"] = "5000"
        model.play(broken, good)
        assert work().drafts(source_of_meeting())

    @pytest.mark.parametrize(("size", "pause_s"), [(65_536, 0.0), (1, 0.01)])
    def test_an_error_that_does_not_end_is_not_heard_out(self, model, monkeypatch, size, pause_s):
        monkeypatch.setattr(client, "LONGEST_ERROR_S", 0.1)
        told = []

        def pieces():
            for _ in range(160):
                told.append(size)
                yield b"x" * size
                model.ended.wait(pause_s)

        model.play(Played(b"", 500, pieces=pieces))
        with pytest.raises(TryAgainLater):
            work().drafts(source_of_meeting())
        assert len(model.asked) == 3
        assert len(told) < 3 * 160

    def test_every_try_and_every_pause_says_before_it_that_the_work_goes_on(
        self, model, monkeypatch
    ):
        said, said_before = [], []

        def noted(answer):
            def asked_now(asked):
                said_before.append(("try", len(said)))
                return answer(asked) if callable(answer) else answer

            return asked_now

        monkeypatch.setattr(
            client.time, "sleep", lambda _s: said_before.append(("pause", len(said)))
        )
        model.play(noted(failed(500)), noted(failed(500)), noted(good))
        Llm(lambda done=0.0: said.append(done)).drafts(source_of_meeting())
        assert [what for what, _count in said_before] == ["try", "pause", "try", "pause", "try"]
        counts = [0, *(count for _what, count in said_before)]
        assert counts == sorted(set(counts))  # something was said between any two of them

    def test_an_answer_that_comes_slowly_says_so_while_it_comes(self, model):
        def slowly(asked):
            body = good(asked).body
            middle = len(body) // 2

            def pieces():
                yield body[:middle]
                model.ended.wait(0.05)
                yield body[middle:]

            return Played(pieces=pieces)

        model.play(slowly)
        said = []
        Llm(lambda done=0.0: said.append(done)).drafts(source_of_meeting())
        assert len(said) >= 2 + 2
