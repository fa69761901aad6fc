"""What `manage.py check` says of the keys of clips."""

from meetings.clips import checks, signing

SECRET = signing.encode(bytes(range(32)))


def test_keys_in_order_are_passed_over(settings):
    settings.CLIP_SIGNING_KEY, settings.CLIP_FORMER_KEYS = SECRET, []
    assert checks.keys_are_keys() == []
    assert checks.clips_are_signed() == []


def test_what_is_no_key_is_an_error_and_is_not_shown(settings):
    settings.CLIP_SIGNING_KEY, settings.CLIP_FORMER_KEYS = SECRET[:-3], []
    (error,) = checks.keys_are_keys()
    assert error.id == "clips.E001"
    assert SECRET[:-3] not in str(error)
    settings.CLIP_SIGNING_KEY, settings.CLIP_FORMER_KEYS = SECRET, [SECRET]
    (error,) = checks.keys_are_keys()
    assert SECRET not in str(error)


def test_site_of_others_without_a_key_is_warned(settings):
    settings.CLIP_SIGNING_KEY, settings.CLIP_FORMER_KEYS = "", []
    assert checks.keys_are_keys() == []
    assert [one.id for one in checks.clips_are_signed()] == ["clips.W001"]
