"""Quotations beside what was said: each verdict where it belongs, and nowhere else."""

import re
from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from meetings.articles.checks.finding import Kind
from meetings.articles.checks.heard import Heard
from meetings.articles.checks.quotations import FAILED, Verdict, check, compared
from tests.meetings.articles.checks.said import Said, meeting

COUNCIL = meeting(
    ("MAYOR LEE", "Good evening, everyone. We will not raise the water rate this year."),
    ("MAYOR LEE", "It costs twenty-five million dollars, uh, over ten years, and we were warned."),
    ("THE CLERK", "The clerk of council reads the item. Seven ayes, two nays. (Applause.)"),
    ("ANNA SMITH", "I think — I think the bridge is unsafe. (Laughter.) Somebody must close it"),
    ("ANNA SMITH", "before winter. We can do that. We cannot wait for the state to pay for it."),
    ("Speaker 3", "And that is the end of it, I suppose, for tonight at least."),
)


def verdicts(sentence, transcript=COUNCIL, evidence=()):
    return [finding.verdict for finding in check(sentence, evidence, transcript)]


def only(sentence, transcript=COUNCIL, evidence=()):
    (finding,) = check(sentence, evidence, transcript)
    return finding


@pytest.mark.parametrize(
    "sentence",
    [
        "Lee said: “We will not raise the water rate this year.”",
        '"we will not raise the water rate," the mayor said.',
        "“It costs $25 million over 10 years,” said Lee.",
        "“[W]e will not raise the water rate.”",
        "“I think the bridge is unsafe. Somebody must close it before winter.”",
        "“I think — I think the bridge is unsafe.”",
        "“Um, it costs 25 million dollars, uh, over ten years.”",
        "The mayor promised to keep the “water rate”.",
        "“… the bridge is unsafe …”",
        "„We were warned“, sagte Lee.",
        "“This year. It costs twenty five million dollars”",
    ],
)
def test_words_as_they_were_said_are_verbatim(sentence):
    assert verdicts(sentence) == [Verdict.VERBATIM]


@pytest.mark.parametrize(
    "sentence",
    [
        "“We will not raise the … rate this year.”",
        "“The bridge [on Main Street] is unsafe.”",
        "“Somebody must close [the bridge] before winter.”",
        "“I think the bridge is unsafe … We can do that.”",
        "“We will not [increase] the water rate.”",
        "“The clerk of [the] council reads the item.”",
    ],
)
def test_what_is_marked_as_left_out_or_put_in_is_trimmed(sentence):
    assert verdicts(sentence) == [Verdict.TRIMMED]


@pytest.mark.parametrize(
    ("sentence", "piece"),
    [
        ("“The clerk of counsel reads the item.”", ("added", "counsel")),
        ("“We will raise the water rate this year.”", ("removed", "not")),
        ("“We will not raise the water rates this year.”", ("removed", "rate")),
        ("“It costs $26 million over 10 years.”", ("added", "$26 million")),
        ("“Seven ayes, three nays.”", ("removed", "two")),
        ("“over ten years, and we’re warned”", ("added", "we’re warned")),
        ("“Somebody must close the bridge before winter.”", ("removed", "it")),
        ("“We can not do that. We cannot wait for the state.”", ("added", "not")),
    ],
)
def test_one_other_word_is_altered_and_shown(sentence, piece):
    finding = only(sentence)
    assert finding.verdict == Verdict.ALTERED
    assert list(piece) in finding.detail["difference"]


@pytest.mark.parametrize(
    "sentence",
    [
        "“We will … raise the water rate.”",
        "“We will [certainly] raise the water rate.”",
        "“Good evening, everyone. We will […] raise the water rate.”",
        "“We can [not] do that.”",
    ],
)
def test_marks_do_not_excuse_leaving_out_or_putting_in_a_not(sentence):
    assert verdicts(sentence) == [Verdict.ALTERED]


def test_an_ellipsis_joins_what_was_said_near_each_other_only():
    filler = [("MAYOR LEE", f"Item {number} is about streets and parks.") for number in range(80)]
    love, rise = "We love this town and all who live in it.", "Taxes will rise."
    near = meeting(("MAYOR LEE", love), *filler[:4], ("MAYOR LEE", rise))
    far = meeting(("MAYOR LEE", love), *filler, ("MAYOR LEE", rise))
    assert verdicts(f"“{love} … {rise}”", near) == [Verdict.TRIMMED]
    assert verdicts(f"“{love} … {rise}”", far) == [Verdict.ALTERED]


def test_brackets_stand_for_a_few_words_only():
    night = "The plan was read to us on a cold and rainy night in May, and then adopted by all."
    read = meeting(("LEE", night))
    assert verdicts("“The plan was read to us [one] night in May”", read) == [Verdict.TRIMMED]
    assert verdicts("“The plan was [quickly] adopted by all”", read) == [Verdict.ALTERED]


def test_fragments_in_another_order_are_altered_at_best():
    assert only("“The bridge is unsafe … I think before winter.”").verdict in FAILED


@pytest.mark.parametrize(
    "sentence",
    [
        "“There are many more dogs than cats in parliament today.”",
        "“bridge tax”",
        "“Nobody knows.”",
        "“We will win.”",
    ],
)
def test_what_nobody_said_is_not_found(sentence):
    assert verdicts(sentence) == [Verdict.NOT_FOUND]


@pytest.mark.parametrize(
    ("sentence", "language"),
    [
        ("“Nous n’allons pas augmenter le prix de l’eau cette année.”", "fr"),
        ("„Wir werden den Wasserpreis in diesem Jahr nicht erhöhen.“", "de"),
        ("“Мы не будем повышать цены на воду в этом году.”", "ru"),
    ],
)
def test_a_language_that_nobody_spoke_is_named(sentence, language):
    finding = only(sentence)
    assert finding.verdict == Verdict.OTHER_LANGUAGE
    assert finding.detail["language"] == language


@pytest.mark.parametrize(
    "sentence",
    [
        "Smith said: “We will not raise the water rate.”",
        "“The bridge is unsafe,” Mayor Lee said.",
        "“The bridge is unsafe,” said Lee.",
        "According to the clerk, “the bridge is unsafe”.",
        "ANNA SMITH: “Seven ayes, two nays.”",
        "Smith told Lee: “We will not raise the water rate.”",
        "Lee sagte: „The bridge is unsafe“",
    ],
)
def test_words_of_somebody_else_are_another_speakers(sentence):
    assert verdicts(sentence) == [Verdict.OTHER_SPEAKER]


@pytest.mark.parametrize(
    "sentence",
    [
        "Asked by Smith about the rate, Lee said: “We will not raise the water rate.”",
        "“The bridge is unsafe,” Smith said; Lee answered: “We will not raise the water rate.”",
        "After Lee had spoken, a resident said: “The bridge is unsafe.”",
        "Smith, as the town said later: “We will not raise the water rate this year.”",
        "Smith, who had asked for it, heard: “We will not raise the water rate this year.”",
        "“We will not raise the water rate,” he said.",
        "Lee said: “That is the end of it.”",  # by a voice without a name
        "Senator Doe said: “The bridge is unsafe.”",  # nobody here has that name
    ],
)
def test_who_cannot_be_told_is_not_accused(sentence):
    assert set(verdicts(sentence)) == {Verdict.VERBATIM}


def test_the_evidence_says_who_where_the_sentence_does_not():
    sentence = "“The bridge is unsafe.”"
    assert verdicts(sentence, evidence=COUNCIL[3:4]) == [Verdict.VERBATIM]
    assert verdicts(sentence, evidence=COUNCIL[:1]) == [Verdict.OTHER_SPEAKER]
    assert verdicts(sentence, evidence=COUNCIL[5:]) == [Verdict.VERBATIM]


def test_words_of_two_people_are_nobodys_quotation():
    assert verdicts("“Two nays. I think the bridge is unsafe.”") == [Verdict.OTHER_SPEAKER]


def test_what_others_throw_in_is_no_difference():
    interrupted = meeting(
        ("LEE", "We will build"), ("AUDIENCE", "Yes, yes."), ("LEE", "the bridge in May.")
    )
    assert verdicts("Lee: “We will build the bridge in May.”", interrupted) == [Verdict.VERBATIM]


def test_the_cited_place_goes_before_the_same_words_elsewhere():
    twice = meeting(
        ("LEE", "The motion carries."), ("ROE", "No."), ("LEE", "So the motion carries again.")
    )
    first, last = (
        only("“The motion carries”", twice),
        only("“The motion carries”", twice, twice[2:]),
    )
    assert first.detail["first_key"] == twice[0].key
    assert last.detail["first_key"] == twice[2].key
    assert (first.detail["is_cited"], last.detail["is_cited"]) == (False, True)


def test_a_finding_says_where_in_the_sentence_and_where_in_the_meeting():
    sentence = "It was late when she said: “The bridge is unsafe.”"
    finding = only(sentence, evidence=COUNCIL[3:5])
    assert finding.kind == Kind.QUOTATION
    assert sentence[finding.start : finding.end] == "“The bridge is unsafe.”"
    assert finding.detail["words"] == "the bridge is unsafe"
    assert finding.detail["speaker"] == "ANNA SMITH"
    assert finding.detail["start_ms"] == COUNCIL[3].start_ms
    assert finding.detail["is_cited"] is True


def test_words_parted_otherwise_are_the_same_at_either_end():
    care = meeting(("LEE", "Childcare is dear, and so is health care"))
    assert verdicts("“Child care is dear, and so is healthcare”", care) == [Verdict.VERBATIM]


def test_corrections_by_the_transcriber_may_be_taken_or_left():
    text = "All are endowed with certain ~~inalienable~~ [unalienable] rights by law."
    corrected = meeting(("LEE", text))
    for word in ("inalienable", "unalienable", "inalienable unalienable"):
        assert verdicts(f"“endowed with certain {word} rights by law”", corrected)[0] not in FAILED
    assert verdicts("“endowed with uncertain unalienable rights by law”", corrected) == ["altered"]


@pytest.mark.parametrize("transcript", [[], meeting(("", "")), meeting(("LEE", "… — (Applause.)"))])
def test_a_transcript_without_words_has_no_quotations(transcript):
    assert verdicts("Lee said: “We will build it.”", transcript, transcript) == ["not_found"]


def test_evidence_that_is_gone_is_passed_over():
    gone = replace(COUNCIL[0], key="gone")
    assert verdicts("“The bridge is unsafe.”", evidence=[gone]) == [Verdict.VERBATIM]


def test_a_very_long_quotation_is_compared_in_full():
    long = meeting(*[("LEE", f"Point {n} of the plan is dear to us all.") for n in range(60)])
    text = " ".join(segment.text for segment in long)
    assert verdicts(f"“{text}”", long) == [Verdict.VERBATIM]
    assert verdicts(f"“{text.replace('Point 30', 'Point 31')}”", long) == [Verdict.ALTERED]


# In general

PLAIN = "river bridge council budget water street school winter money people garden tower"
sentences = st.lists(st.sampled_from(PLAIN.split()), min_size=12, max_size=40).map(tuple)


@st.composite
def quoted(draw):
    """Words of a meeting of one speaker, and from where to where they are quoted."""
    said = draw(sentences)
    begin = draw(st.integers(0, len(said) - 6))
    return said, begin, draw(st.integers(begin + 6, len(said)))


def in_segments(said, size):
    return meeting(*[("LEE", " ".join(said[at : at + size])) for at in range(0, len(said), size)])


@given(quoted(), st.integers(1, 12), st.sampled_from([str.upper, str.title, "{}.".format]))
def test_whatever_is_taken_out_of_a_transcript_is_verbatim(case, size, written):
    said, begin, end = case
    quotation = written(" ".join(said[begin:end]))
    assert compared(quotation, [], Heard(in_segments(said, size))).verdict == Verdict.VERBATIM


@given(quoted(), st.integers(1, 4), st.integers(0, 10**6))
def test_whatever_has_a_word_that_nobody_said_is_never_let_through(case, size, where):
    said, begin, end = case
    words = list(said[begin:end])
    words[where % len(words)] = "elephant"
    assert compared(" ".join(words), [], Heard(in_segments(said, size))).verdict in FAILED


@given(quoted(), st.integers(0, 10**6))
def test_a_word_that_is_missing_unmarked_is_never_let_through(case, where):
    said, begin, end = case
    at = 1 + where % (end - begin - 2)
    words = [*said[begin : begin + at], *said[begin + at + 1 : end]]
    assume(" ".join(words) not in " ".join(said))
    assert compared(" ".join(words), [], Heard(in_segments(said, 9))).verdict in FAILED


@given(quoted(), st.integers(0, 10**6))
def test_a_word_that_is_missing_as_marked_is_trimmed(case, where):
    said, begin, end = case
    at = 1 + where % (end - begin - 2)
    words = [*said[begin : begin + at], "…", *said[begin + at + 1 : end]]
    found = compared(" ".join(words), [], Heard(in_segments(said, 9))).verdict
    is_said = " ".join(words).replace("… ", "") in " ".join(said)
    assert found == Verdict.TRIMMED or (is_said and found == Verdict.VERBATIM)


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_text_is_an_accident(sentence, text):
    for finding in check(f"“{sentence}”", [], [*meeting(("LEE", text))]):
        assert finding.verdict in set(Verdict)
        assert 0 <= finding.start < finding.end <= len(sentence) + 2


def test_what_is_taken_out_of_real_captions_is_verbatim(sample_data):
    """Live captions in capitals, cut anywhere, written as an article would write them."""
    path = next(iter(sorted((sample_data / "captions" / "ca-legislature").glob("*.vtt"))))
    lines = [
        line
        for line in path.read_text(encoding="utf-8-sig").splitlines()[:4_000]
        if re.fullmatch(r"[A-Za-z ,.'-]{20,}", line)
    ]
    heard = Heard(meeting(*[("", line) for line in lines]))
    for at in range(0, len(lines) - 2, 40):
        said = " ".join(lines[at : at + 2]).split()[1:-1]
        quotation = " ".join(said).capitalize()
        assert compared(quotation, [], heard).verdict == Verdict.VERBATIM, quotation


def test_segments_are_what_a_transcript_is():
    heard = Heard(COUNCIL)
    assert [*heard] == COUNCIL == heard[:]
    assert len(heard) == len(COUNCIL)
    assert isinstance(heard[0], Said)
