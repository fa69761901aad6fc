"""Text in capitals is set for reading, and no word becomes another."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from meetings.transcripts.recase import Caser, recase


@given(text=st.text(), starts_sentence=st.booleans())
@example(text="İ'S İSTANBUL'LL", starts_sentence=True)  # small letters longer than the capital
def test_nothing_changes_but_the_case(text: str, starts_sentence: bool) -> None:
    cased = recase(text, ["Elena Ruiz", "Water Board"], starts_sentence=starts_sentence)
    assert cased.casefold() == text.casefold()


RULED = """
THE MR. MISTER CHAIR SENATOR O'DONNELL MCCARTY U.S. A. I I'M COVID-19 21ST DMV NEW YORK CITY'S MAY 5
ASSEMBLY MEMBER ELENA RUIZ JOHN -- . SO? (YES) "NO" STRASSE ẞ İSTANBUL ΑΣ NO.
"""


@given(st.lists(st.sampled_from(RULED.split())))
def test_nothing_changes_but_the_case_of_words_with_rules(words: list[str]) -> None:
    text = " ".join(words)
    assert recase(text, ["Elena Ruiz", "New York City"]).casefold() == text.casefold()


@pytest.mark.parametrize(
    ("spoken", "read"),
    [
        ("THE MOTION PASSES. ALL IN FAVOR?", "The motion passes. All in favor?"),
        ("I'M SURE I SAID SO AND I'LL WAIT", "I'm sure I said so and I'll wait"),
        ("ON TUESDAY THE 5TH OF JANUARY", "On Tuesday the 5th of January"),
        ("WE MAY MARCH IN MAY OR ON MARCH 3", "We may march in May or on March 3"),
        ("APRIL TWELFTH AND MAY SIXTEENTH", "April twelfth and May sixteenth"),
        ("CALIFORNIA'S COAST AND NEW YORK CITY", "California's coast and New York city"),
        ("SHE SPEAKS SPANISH IN LOS ANGELES", "She speaks Spanish in Los Angeles"),
        ("AB 12 AND SB-823 OF THE CSU AND THE DMV", "AB 12 and SB-823 of the CSU and the DMV"),
        ("THE U.S. HAD COVID-19 AT 9 A.M. AND 5 PM", "The U.S. had COVID-19 at 9 a.m. and 5 PM"),
        ("MISTER OBERNOLTE AND MS. LEE", "Mister Obernolte and Ms. Lee"),
        ("MADAM CHAIR AND MISTER PRESIDENT", "Madam Chair and Mister President"),
        ("SENATOR FROM THE NORTH", "Senator from the north"),
        ("THE GOVERNOR SIGNED IT", "The governor signed it"),
        ("SO GOVERNOR NEWSOM SIGNED", "So Governor Newsom signed"),
        ("ASSEMBLY MEMBER AGUIAR-CURRY VOTES", "Assembly Member Aguiar-Curry votes"),
        ("THE ASSEMBLY MEMBER VOTES", "The assembly member votes"),
        ("SENATOR MARIA DURAZO MOVES", "Senator Maria Durazo moves"),
        ("DOCTOR O'DONNELL OF MCHENRY", "Doctor O'Donnell of McHenry"),
        ("THE MEDI-CAL PLAN, HMM", "The Medi-Cal plan, hmm"),
        ("JOHN A. SMITH CALLED A VOTE", "John A. Smith called a vote"),
        ("THANK YOU ROBERT RIVAS, JIM CAME", "Thank you Robert Rivas, Jim came"),
        ("SIR LIMóN AND JOSé", "Sir limón and josé"),
        ("TEN O'CLOCK", "Ten o'clock"),
        ("Already set in iPhone CASE", "Already set in iPhone case"),
        ("", ""),
    ],
)
def test_text_reads_as_people_write(spoken: str, read: str) -> None:
    assert recase(spoken) == read


def test_names_of_the_caller_keep_their_case() -> None:
    names = ["Elena Ruiz", "Harbor Works Commission", "McKinney-Vento", "Approval of the minutes"]
    text = "AND MEMBER RUIZ OF THE HARBOR WORKS COMMISSION READ THE MCKINNEY-VENTO ACT"
    assert recase(text, names) == (
        "And member Ruiz of the Harbor Works Commission read the McKinney-Vento act"
    )
    assert recase("THE APPROVAL IS IN ORDER", names) == "The approval is in order"


def test_a_name_that_often_follows_a_title_is_known_without_it() -> None:
    said = "MISTER LACKEY HERE SENATOR LACKEY AYE ASSEMBLY MEMBER VOEPEL"
    caser = Caser().learned(said.split(" "))
    assert caser.recase("LACKEY HERE VOEPEL") == "Lackey here voepel"


def test_a_word_said_mostly_without_a_title_is_not_taken_for_a_name() -> None:
    said = [*["MISTER", "BUDGETS"] * 2, *["BUDGETS"] * 20]
    assert Caser().learned(said).recase("THE BUDGETS PASS") == "The budgets pass"


def test_a_text_that_goes_on_with_a_sentence_begins_small() -> None:
    assert recase("AND SO ON. THEN", starts_sentence=False) == "and so on. Then"


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("SENATOR SMITH", "Senator Smith"),
        ("CHAIR AGUIAR-CURRY", "Chair Aguiar-Curry"),
        ("MR. O'DONNELL", "Mr. O'Donnell"),
        ("SPEAKER 2", "Speaker 2"),
    ],
)
def test_speakers_are_named_with_capitals(label: str, name: str) -> None:
    assert Caser().name(label) == name
