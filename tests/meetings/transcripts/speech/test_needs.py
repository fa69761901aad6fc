"""What is missing is said in a sentence with what to do, and named by `manage.py check`."""

import pytest
from django.core.checks import run_checks

from meetings.transcripts.speech import needs


@pytest.fixture
def folder(tmp_path, settings):
    """A folder that could be a model's, by its files."""
    for name in ("model.bin", "config.json", "tokenizer.json", "vocabulary.json"):
        (tmp_path / name).touch()
    settings.SPEECH_MODEL, settings.SPEECH_LANGUAGE = str(tmp_path), ""
    return tmp_path


def found():
    return [(one.id, one.msg) for one in run_checks(tags=["speech"])]


def test_nothing_is_missing_where_the_model_is(folder):
    assert needs.lacking() == ""
    assert found() == []


def test_without_a_model_it_is_said_how_to_set_one(settings):
    settings.SPEECH_MODEL = ""
    assert "SPEECH_MODEL" in needs.lacking()
    assert "or bring captions in" in needs.lacking()
    assert found() == []  # no model is no mistake


def test_a_wrong_folder_is_named(folder, settings):
    settings.SPEECH_MODEL = f"{folder}/none"
    assert f"{folder}/none, which is not there" in needs.lacking()
    ((code, said),) = found()
    assert code == "speech.W001"
    assert f"{folder}/none" in said


@pytest.mark.parametrize("name", ["model.bin", "config.json", "tokenizer.json", "vocabulary.json"])
def test_a_file_that_the_folder_lacks_is_named(folder, name):
    (folder / name).unlink()
    assert f"lacks {name}." in needs.lacking()
    assert found()[0][0] == "speech.W001"


def test_any_vocabulary_will_do(folder):
    (folder / "vocabulary.json").rename(folder / "vocabulary.txt")
    assert needs.lacking() == ""


def test_without_the_extra_it_is_said_what_to_install(folder, monkeypatch):
    monkeypatch.setattr(needs, "PACKAGE", "no_such_package")
    assert "requirements-speech.lock" in needs.lacking()
    assert [code for code, _said in found()] == ["speech.W002"]


@pytest.mark.parametrize(
    ("language", "wrong"), [("en", False), ("de-AT", False), ("English!", True)]
)
def test_a_language_that_is_none_is_named(folder, settings, language, wrong):
    settings.SPEECH_LANGUAGE = language
    assert [code for code, _said in found()] == (["speech.W003"] if wrong else [])
