"""The queue of articles, and one article on its screen: what staff see there and may do."""

import re
import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.urls import reverse

from meetings.articles import services, versions
from meetings.articles.models import (
    Article,
    Check,
    Correction,
    Insight,
    InsightKind,
    Sentence,
    State,
)
from meetings.intake.models import Step
from meetings.records.models import Change
from meetings.records.models import State as MeetingState
from meetings.transcripts.models import Segment
from meetings.transcripts.utterances import Utterance
from tests.meetings.articles.factories import (
    ArticleFactory,
    ErrorReportFactory,
    EvidenceFactory,
    SentenceFactory,
)
from tests.meetings.articles.test_checking import reword
from tests.meetings.records.factories import MeetingFactory
from tests.meetings.transcripts.factories import transcribe
from tests.memberships.factories import StaffFactory, UserFactory

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
SAID = [
    ("Ana Quintero", "We will replace the water main under Elm Street for eight million dollars."),
    ("Tom Diaz", "The library opens on Sunday from next month on."),
    ("Ana Quintero", "The motion carries five to two."),
    ("Tom Diaz", "The county pays for half of the new bridge over the mill creek this summer."),
    ("Tom Diaz", "Eleven of the forty timber piles of the north pier have to be replaced."),
]
QUOTED = "“We will replace the water main under Elm Street,” Ana Quintero said."
HOSTILE = "<img src=x onerror=alert(1)> שלום"
pytestmark = pytest.mark.django_db


@pytest.fixture
def article():
    """In review: a standfirst, a quotation, and a sentence, each resting on what was said."""
    meeting = MeetingFactory(state=MeetingState.PUBLISHED)
    transcribe(
        [Utterance(at * 5_000, at * 5_000 + 4_000, *reversed(SAID[at])) for at in range(len(SAID))],
        meeting=meeting,
    )
    article = ArticleFactory(meeting=meeting, state=State.IN_REVIEW, standfirst="It passed 5–2.")
    for place, text in enumerate(["It passed 5–2.", QUOTED, "The library will open on Sundays."]):
        sentence = SentenceFactory(
            article=article, paragraph=int(place > 0), position=place + 1, text=text, evidence=None
        )
        rest(sentence, [2, 0, 1][place])
    services.check_article(article=article, now=NOW)
    return article


def rest(sentence, place):
    segment = Segment.objects.get(
        transcript__meeting=sentence.article.meeting, transcript__is_current=True, position=place
    )
    EvidenceFactory(
        sentence=sentence,
        first_key=segment.key,
        last_key=segment.key,
        start_ms=segment.start_ms,
        end_ms=segment.end_ms,
    )


def url(article, name="review"):
    return reverse(f"admin:meetings_article_{name}", args=[article.pk])


QUEUE = "/admin/meetings/article/queue/"


def at(article, place):
    return article.sentences.get(position=place + 1)


def wish(client, sentence, do, **more):
    """One button of a sentence, pressed on the page as it is now."""
    data = {"do": do, "row": sentence.pk, "seen": versions.token(sentence)} | more
    return client.post(url(sentence.article), data)


def page(answer):
    return answer.content.decode()


def plain(answer):
    """The text of a page without its tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", page(answer)).split())


class TestQueue:
    def test_drafts_wait_by_age_and_say_what_is_to_be_seen(self, staff, article):
        old = ArticleFactory(
            state=State.IN_REVIEW, headline="An older draft", created_at=NOW - timedelta(days=900)
        )
        wrong = QUOTED.replace("water", "gas")
        services.edit(sentence=at(article, 1), text=wrong, by=staff.user, now=NOW)
        services.accept(sentence=at(article, 2), by=staff.user, now=NOW)
        answer = staff.get(QUEUE)
        text = plain(answer)
        assert text.index(old.headline) < text.index(article.headline)
        assert "1 check failed" in text
        assert "1 of 3 sentences accepted" in text
        assert f'href="{url(article)}"' in page(answer)

    def test_what_is_public_waits_again_when_its_words_changed_or_a_reader_reports(
        self, staff, article
    ):
        services.publish(article=article, by=staff.user, now=NOW)
        reported = ErrorReportFactory().article
        calm = ArticleFactory(headline="Nothing happened since")
        reword(article, 0, "We will replace the gas main.", by=staff.user)
        text = plain(staff.get(f"{QUEUE}?of=again"))
        assert "1 sentence stale" in text
        assert "1 report of an error" in text
        assert reported.headline in text
        assert calm.headline not in text
        assert calm.headline in plain(staff.get(f"{QUEUE}?of=published"))

    def test_another_part_of_the_queue_is_not_found(self, staff):
        assert staff.get(f"{QUEUE}?of=everything").status_code == 404

    def test_it_takes_as_many_queries_for_many_articles(
        self, staff, article, django_assert_max_num_queries
    ):
        for _ in range(5):
            SentenceFactory(article__state=State.IN_REVIEW)
        with django_assert_max_num_queries(12):
            staff.get(QUEUE)


class TestScreen:
    def test_each_sentence_stands_beside_its_verdicts_and_what_was_said(self, staff, article):
        services.edit(
            sentence=at(article, 1),
            text=QUOTED.replace("water", "gas"),
            by=staff.user,
            now=NOW,
        )
        answer = staff.get(url(article))
        text = plain(answer)
        assert "Not quite as it was said." in text
        assert "<del>water</del> <ins>gas</ins>" in page(answer)
        assert f"<mark>{SAID[0][1]}</mark>" in page(answer)
        assert "1 check failed" in text
        assert f"{article.meeting.get_absolute_url()}?t=0" in page(answer)

    def test_it_takes_as_many_queries_for_a_long_article(
        self, staff, article, django_assert_num_queries
    ):
        for place in range(10, 40):
            sentence = SentenceFactory(article=article, position=place, evidence=None)
            rest(sentence, place % len(SAID))
        services.check_article(article=article, now=NOW)
        staff.get(url(article))
        with django_assert_num_queries(13):
            staff.get(url(article))

    def test_nothing_that_was_written_or_said_is_markup(self, staff, article):
        transcript = article.meeting.transcripts.get()
        Segment.objects.filter(transcript=transcript, position=0).update(text=HOSTILE)
        Article.objects.update(headline=HOSTILE)
        services.edit(sentence=at(article, 1), text=f"“{HOSTILE}”", by=staff.user, now=NOW)
        wish(staff, at(article, 2), "edit", text=HOSTILE * 900)
        for answer in (staff.get(url(article)), staff.get(QUEUE)):
            assert "<img src=x" not in page(answer)

    def test_shortcuts_stand_on_the_screen(self, staff, article):
        text = page(staff.get(url(article)))
        for key in ("a", "c", "e", "o", "s", "h"):
            assert f'aria-keyshortcuts="{key}"' in text
            assert f"<kbd>{key}</kbd>" in text

    def test_an_article_that_is_gone_leads_to_the_queue(self, staff, article):
        gone = url(article)
        article.delete()
        answer = staff.post(gone, {"do": "edit", "row": 1, "text": "What I wrote."}, follow=True)
        assert answer.redirect_chain[-1][0].endswith("/queue/")
        assert "You wrote: What I wrote." in plain(answer)

    def test_visitors_page_is_previewed_as_visitors_see_it(self, staff, article):
        services.publish(article=article, by=staff.user, now=NOW)
        address = article.get_absolute_url()
        assert f'href="{address}?as=visitor"' in page(staff.get(url(article)))
        preview = staff.get(f"{address}?as=visitor")
        assert preview.status_code == 200
        assert "Become a member" in plain(preview)
        assert "Become a member" not in plain(staff.get(address))

    def test_a_draft_is_previewed_by_staff_alone(self, staff, member, visitor, article):
        address = f"{article.get_absolute_url()}?as=visitor"
        assert staff.get(address).status_code == 200
        assert member.get(address).status_code == 404
        assert visitor.get(address).status_code == 404
        assert staff.get(article.get_absolute_url()).status_code == 200


class TestDeciding:
    def test_accepting_is_noted_with_the_name_and_ends_with_a_change(self, staff, article):
        answer = wish(staff, at(article, 1), "accept")
        assert answer.status_code == 302
        assert answer.headers["Location"].endswith(f"#s{at(article, 1).pk}")
        assert (at(article, 1).accepted_by, at(article, 1).is_accepted) == (staff.user, True)
        wish(staff, at(article, 1), "edit", text="Ana Quintero spoke of the water main.")
        assert not at(article, 1).is_accepted
        wish(staff, at(article, 1), "accept")
        wish(staff, at(article, 1), "take-back")
        assert at(article, 1).accepted_at is None

    def test_an_edit_is_checked_at_once_and_kept_as_a_version(self, staff, article):
        answer = wish(staff, at(article, 1), "edit", text=QUOTED.replace("water", "gas"))
        assert "1 check fails" in plain(staff.get(answer.headers["Location"]))
        assert Check.objects.of_article(article).failed().get().verdict == "altered"
        assert [one.change for one in article.versions.in_order()] == ["drafted", "edited"]

    def test_the_same_words_again_change_nothing(self, staff, article):
        answer = wish(staff, at(article, 1), "edit", text=f"  {QUOTED}\n")
        assert answer.status_code == 302
        assert not article.versions.exists()

    @pytest.mark.parametrize("text", ["", " \n ", "x" * 2_001, "x" * 10_001])
    def test_an_edit_that_cannot_be_is_told_and_stores_nothing(self, staff, article, text):
        answer = wish(staff, at(article, 1), "edit", text=text)
        assert answer.status_code in {400, 422}
        assert at(article, 1).text == QUOTED
        assert not article.versions.exists()

    def test_a_standfirst_fits_where_it_is_shown(self, staff, article):
        answer = wish(staff, at(article, 0), "edit", text="word " * 100)
        assert answer.status_code == 422
        assert "at most 400 characters" in plain(answer)
        assert ("word " * 100).strip() in page(answer)

    def test_striking_goes_on_to_the_next_sentence(self, staff, article):
        struck, following = at(article, 1), at(article, 2)
        answer = wish(staff, struck, "strike")
        assert answer.headers["Location"].endswith(f"#s{following.pk}")
        assert not Sentence.objects.filter(pk=struck.pk).exists()
        assert wish(staff, following, "strike").status_code == 422

    def test_context_is_marked_and_taken_back(self, staff, article):
        wish(staff, at(article, 2), "context")
        assert at(article, 2).is_context
        wish(staff, at(article, 2), "no-context")
        assert not at(article, 2).is_context

    def test_a_headline_is_changed_and_the_address_of_a_draft_follows(self, staff, article):
        data = {"do": "retitle", "seen": article.headline, "text": "A new  water main"}
        assert staff.post(url(article), data).status_code == 302
        article.refresh_from_db()
        assert (article.headline, article.slug) == ("A new water main", "a-new-water-main")
        late = staff.post(url(article), data | {"text": "Mine"})
        assert late.status_code == 409
        assert 'value="Mine"' in page(late)

    def test_what_is_stale_is_shown_and_rests_again_on_the_new_words(self, staff, article):
        """A part of the third of the issue's shows: the transcript is changed under a sentence."""
        wish(staff, at(article, 2), "accept")
        reword(article, 1, "The library opens on Sunday from May on.", by=staff.user)
        answer = staff.get(url(article))
        assert "1 stale" in plain(answer)
        assert "what it rests on was changed" in plain(answer)
        assert not at(article, 2).is_accepted
        assert wish(staff, at(article, 2), "accept").status_code == 422
        assert wish(staff, at(article, 2), "rest").status_code == 302
        assert at(article, 2).stale_since is None
        assert wish(staff, at(article, 2), "accept").status_code == 302

    def test_another_sentence_is_one_that_was_said_and_is_not_there_yet(self, staff, article):
        sentence = at(article, 2)
        answer = staff.get(f"{url(article)}?another={sentence.pk}")
        assert "nothing is written anew" in plain(answer)
        offers = re.findall(r'name="text" value="(\w{16})"', page(answer))
        assert offers
        assert QUOTED not in page(answer).split('class="offers"')[1].split("</section>")[0]
        assert wish(staff, sentence, "replace", text=offers[0]).status_code == 302
        replaced = at(article, 2)
        assert replaced.text.startswith("Tom Diaz said: “")
        assert replaced.text != sentence.text
        assert not replaced.checks.failed().exists()
        assert replaced.evidence.get().kind == "quotation"

    def test_words_that_were_never_offered_cannot_be_put_in(self, staff, article):
        answer = wish(staff, at(article, 2), "replace", text="0123456789abcdef")
        assert answer.status_code == 422
        assert at(article, 2).text == "The library will open on Sundays."

    def test_offers_for_another_articles_sentence_are_not_made(self, staff, article):
        other = SentenceFactory()
        assert 'class="offers"' not in page(staff.get(f"{url(article)}?another={other.pk}"))

    def test_a_sentence_of_another_article_is_not_changed_from_here(self, staff, article):
        other = SentenceFactory(article__state=State.IN_REVIEW)
        data = {"do": "edit", "row": other.pk, "seen": versions.token(other), "text": "Mine."}
        assert staff.post(url(article), data).status_code == 422
        assert Sentence.objects.get(pk=other.pk).text == other.text

    @pytest.mark.parametrize(
        "data",
        [
            {},
            {"do": "destroy", "row": "1"},
            {"do": "edit", "row": "one"},
            {"do": "edit", "row": "-1"},
            {"do": "edit", "row": "9" * 30},
            {"do": "edit", "text": "a\0b"},
            {"do": "publish", "seen": "²"},
            {"do": "accept-insight", "row": "999999"},
        ],
    )
    def test_nonsense_is_refused_in_words(self, staff, article, data):
        answer = staff.post(url(article), data)
        assert answer.status_code in {400, 422}
        assert 'role="alert"' in page(answer)
        article.refresh_from_db()
        assert article.state == State.IN_REVIEW


class TestTwoAtOnce:
    def test_the_later_of_two_is_told_and_overwrites_nothing(self, staff, article):
        sentence = at(article, 1)
        seen = versions.token(sentence)
        rosa = UserFactory(display_name="Rosa Lind", is_staff=True)
        services.edit(sentence=sentence, text="Hers.", by=rosa, now=NOW)
        answer = wish(staff, at(article, 1), "edit", text="His.", seen=seen)
        assert answer.status_code == 409
        assert "Rosa Lind changed this meanwhile" in plain(answer)
        assert ">His.</textarea>" in page(answer)
        assert at(article, 1).text == "Hers."
        again = wish(staff, at(article, 1), "edit", text="His.")
        assert again.status_code == 302
        assert at(article, 1).text == "His."

    @pytest.mark.parametrize("do", ["accept", "strike", "context", "rest"])
    def test_every_verb_says_what_it_saw(self, staff, article, do):
        seen = versions.token(at(article, 1))
        services.edit(sentence=at(article, 1), text="Hers.", by=StaffFactory(), now=NOW)
        answer = wish(staff, at(article, 1), do, seen=seen)
        assert answer.status_code == 409
        assert (at(article, 1).text, at(article, 1).is_accepted) == ("Hers.", False)

    def test_two_who_edit_different_sentences_do_not_disturb_each_other(self, staff, article):
        tokens = [versions.token(at(article, place)) for place in (1, 2)]
        for place, token in zip((1, 2), tokens, strict=True):
            answer = wish(staff, at(article, place), "edit", text=f"Text {place}.", seen=token)
            assert answer.status_code == 302

    def test_words_for_a_sentence_that_was_struck_are_given_back(self, staff, article):
        sentence = at(article, 1)
        data = {"do": "edit", "row": sentence.pk, "seen": "0" * 16, "text": "What I wrote."}
        services.strike(sentence=sentence, by=StaffFactory(), now=NOW)
        answer = staff.post(url(article), data)
        assert answer.status_code == 422
        assert "struck meanwhile" in plain(answer)
        assert "What I wrote." in plain(answer)

    def test_nobody_publishes_what_was_changed_since_they_looked(self, staff, article):
        services.edit(sentence=at(article, 2), text="Hers.", by=StaffFactory(), now=NOW)
        answer = staff.post(url(article), {"do": "publish", "seen": 0, "reason": "It is so."})
        assert answer.status_code == 422
        assert "changed since you opened it" in plain(answer)
        article.refresh_from_db()
        assert not article.is_published

    @pytest.mark.django_db(transaction=True)
    def test_of_many_at_the_same_instant_one_is_stored(self, article):
        sentence = at(article, 1)
        seen, told = versions.token(sentence), []
        people = [StaffFactory() for _ in range(4)]
        start = threading.Barrier(len(people))

        def write(number):
            try:
                start.wait()
                services.edit(
                    sentence=sentence, text=f"By {number}.", by=people[number], now=NOW, seen=seen
                )
            except services.Overtaken:
                told.append(number)
            finally:
                connection.close()

        threads = [threading.Thread(target=write, args=[n]) for n in range(len(people))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(told) == len(people) - 1
        assert article.versions.count() == 2

    def test_a_new_draft_leaves_what_somebody_worked_on(self, staff):
        from tests.meetings.articles.test_services import spoken_meeting

        meeting = spoken_meeting()
        mine = services.draft(meeting=meeting, now=NOW)
        services.accept(sentence=mine.sentences.first(), by=staff.user, now=NOW)
        other = services.draft(meeting=meeting, now=NOW)
        third = services.draft(meeting=meeting, now=NOW)
        assert set(Article.objects.all()) == {mine, third}
        assert other != third


class TestPublishing:
    def test_a_failed_check_asks_for_a_reason_which_is_kept_with_the_name(self, staff, article):
        wish(staff, at(article, 1), "edit", text=QUOTED.replace("water", "gas"))
        seen = article.versions.count()
        refused = staff.post(url(article), {"do": "publish", "seen": seen})
        assert refused.status_code == 422
        assert "1 check of this article failed" in plain(refused)
        article.refresh_from_db()
        assert not article.is_published
        reason = "She corrected herself in writing."
        staff.post(url(article), {"do": "publish", "seen": seen, "reason": reason})
        version = article.versions.get(is_public=True)
        assert (version.reason, version.made_by_name) == (reason, staff.user.display_name)

    def test_one_word_changed_in_a_public_quotation_asks_for_a_reason(self, staff, article):
        """The third of the issue's shows, on the screen."""
        services.publish(article=article, by=staff.user, now=NOW)
        wrong = QUOTED.replace("water", "gas")
        refused = wish(staff, at(article, 1), "edit", text=wrong)
        assert refused.status_code == 422
        assert "Not quite as it was said." in plain(refused)
        assert "takes a reason" in plain(refused)
        assert wrong in page(refused)
        assert at(article, 1).text == QUOTED
        before = Change.objects.count()
        done = wish(staff, at(article, 1), "edit", text=wrong, reason="She said so later.")
        assert done.status_code == 302
        assert at(article, 1).text == wrong
        version = article.versions.public().last()
        assert (version.change, version.reason) == ("revised", "She said so later.")
        assert Change.objects.count() > before

    def test_a_change_in_public_stands_in_the_log_with_its_reason_for_readers(self, staff, article):
        services.publish(article=article, by=staff.user, now=NOW)
        wish(
            staff,
            at(article, 2),
            "edit",
            text="The library opens on Sundays.",
            why="It had the wrong tense.",
        )
        wish(staff, at(article, 2), "edit", text="The library opens on Sunday.")
        reasons = list(Correction.objects.order_by("id").values_list("reason", flat=True))
        assert reasons[0] == "It had the wrong tense."
        assert len(reasons) == 2

    def test_the_later_of_two_is_told_in_public_too(self, staff, article):
        services.publish(article=article, by=staff.user, now=NOW)
        seen = versions.token(at(article, 2))
        wish(staff, at(article, 2), "edit", text="The library opens on Sundays.", why="Tense.")
        answer = wish(
            staff, at(article, 2), "edit", text="The library opens.", why="Short.", seen=seen
        )
        assert answer.status_code == 409
        assert Correction.objects.count() == 1

    def test_a_withdrawn_article_is_shown_and_not_changed(self, staff, article):
        services.publish(article=article, by=staff.user, now=NOW)
        services.withdraw(article=article, reason="It named the wrong street.")
        answer = staff.get(url(article))
        assert "It named the wrong street." in plain(answer)
        assert "aria-keyshortcuts" not in page(answer)
        assert wish(staff, at(article, 1), "edit", text="Other.").status_code == 422

    def test_writing_anew_is_a_step_for_a_worker(self, staff, article):
        assert staff.get(url(article, "redraft")).status_code == 200
        staff.post(url(article, "redraft"))
        assert Step.objects.filter(meeting=article.meeting, name="drafted").exists()


class TestInsights:
    @pytest.fixture
    def insight(self, article):
        segment = Segment.objects.get(transcript__meeting=article.meeting, position=2)
        row = Insight.objects.create(
            meeting=article.meeting,
            position=1,
            kind=InsightKind.DECISION,
            text="The motion carries.",
            language="en",
            writer="extractive",
            writer_version="1",
            transcript_version=1,
            created_at=NOW,
        )
        row.evidence.create(first_key=segment.key, last_key=segment.key, start_ms=0, end_ms=9)
        return row

    def shown(self, article):
        return Insight.objects.resting_in(article.meeting.transcripts.get()).count()

    def test_one_is_struck_accepted_and_shown_again(self, staff, article, insight):
        assert insight.text in plain(staff.get(url(article)))
        staff.post(url(article), {"do": "strike-insight", "row": insight.pk})
        assert self.shown(article) == 0
        assert f"Struck by {staff.user}" in plain(staff.get(url(article)))
        staff.post(url(article), {"do": "show-insight", "row": insight.pk})
        assert self.shown(article) == 1
        staff.post(url(article), {"do": "accept-insight", "row": insight.pk})
        insight.refresh_from_db()
        assert insight.decided_by == staff.user
        assert insight.accepted_at is not None

    def test_what_was_struck_stays_so_when_it_is_found_again(self, staff, article):
        services.gather(meeting=article.meeting, now=NOW)
        found = Insight.objects.first()
        assert found is not None
        services.strike_insight(insight=found, by=staff.user, now=NOW)
        services.gather(meeting=article.meeting, now=NOW)
        again = Insight.objects.get(text=found.text, kind=found.kind)
        assert again.pk != found.pk
        assert again.struck_at == NOW

    def test_one_of_another_meeting_is_not_decided_from_here(self, staff, article, insight):
        other = ArticleFactory(state=State.IN_REVIEW)
        answer = staff.post(url(other), {"do": "strike-insight", "row": insight.pk})
        assert answer.status_code == 422
        assert self.shown(article) == 1


class TestDoors:
    """Staff alone come here, and change only what they may."""

    def test_nobody_else_comes_in(self, visitor, member, refunded_member, article):
        before = list(Sentence.objects.values())
        for address in (url(article), QUEUE):
            assert visitor.get(address).status_code == 302
            assert "/accounts/login/" in visitor.get(address).headers["Location"]
            for client in (member, refunded_member):
                assert client.get(address).status_code == 404
        for client in (visitor, member, refunded_member):
            answer = wish(client, at(article, 1), "edit", text="Mine.")
            assert answer.status_code in {302, 404}
        assert list(Sentence.objects.values()) == before

    def test_who_may_only_look_changes_nothing(self, staff, article):
        staff.user.is_superuser = False
        staff.user.save()
        assert staff.get(url(article)).status_code == 403
        staff.user.user_permissions.add(Permission.objects.get(codename="view_article"))
        looked = staff.get(url(article))
        assert looked.status_code == 200
        assert "<textarea" not in page(looked)
        assert wish(staff, at(article, 1), "edit", text="Mine.").status_code == 403
        assert at(article, 1).text == QUOTED

    def test_the_form_needs_its_token(self, staff, article):
        staff.handler.enforce_csrf_checks = True
        assert wish(staff, at(article, 1), "accept").status_code == 403
        assert not at(article, 1).is_accepted

    def test_the_plain_form_changes_no_word(self, staff, article):
        change = reverse("admin:meetings_article_change", args=[article.pk])
        assert "<textarea" not in page(staff.get(change))
        staff.post(change, {"headline": "Other", "slug": "other", "standfirst": "Other."})
        article.refresh_from_db()
        assert "Other" not in {article.headline, article.standfirst}
