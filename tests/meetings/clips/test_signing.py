"""Keys and signatures, against the examples of the RFCs that they follow."""

import json

import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as some

from meetings.clips import signing

# RFC 8037, appendix A: the key, its public part, its thumbprint, a message and its signature.
D = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"
X = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
THUMBPRINT = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
MESSAGE = b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"
SIGNATURE = "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
OTHER = signing.encode(bytes(range(32)))

# RFC 8785, section 3.2.2: what goes in, and what comes out.
BEFORE = r"""{
  "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
  "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
  "literals": [null, true, false]
}"""
AFTER = (
    r'{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
    '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
)


@pytest.fixture
def key(settings):
    settings.CLIP_SIGNING_KEY, settings.CLIP_FORMER_KEYS = D, []


def test_canonical_json_is_that_of_the_rfc():
    assert rfc8785.dumps(json.loads(BEFORE)).decode() == AFTER


def test_names_are_sorted_by_utf_16():
    """RFC 8785, section 3.2.3: its own example."""
    names = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\x80", "\xf6"]
    ordered = json.loads(rfc8785.dumps(dict.fromkeys(names)))
    assert list(ordered) == ["\r", "1", "\x80", "\xf6", "\u20ac", "\U0001f600", "\ufb33"]


def test_signature_and_id_are_those_of_the_rfc(key):
    assert signing.sign(MESSAGE) == (SIGNATURE, THUMBPRINT)
    assert signing.is_signed(MESSAGE, SIGNATURE, by=THUMBPRINT)


def test_public_keys_are_a_jwk_set_without_anything_private(key):
    assert signing.key_set() == {
        "keys": [
            {
                "kty": "OKP",
                "crv": "Ed25519",
                "x": X,
                "kid": THUMBPRINT,
                "use": "sig",
                "alg": "EdDSA",
            }
        ]
    }


def test_after_rotation_both_keys_are_believed_and_the_new_one_signs(key, settings):
    signature, first = signing.sign(b"before")
    settings.CLIP_FORMER_KEYS = signing.written()
    settings.CLIP_SIGNING_KEY = OTHER
    assert signing.is_signed(b"before", signature, by=first)
    after, second = signing.sign(b"after")
    assert second != first
    assert signing.is_signed(b"after", after, by=second)
    assert not signing.is_signed(b"after", after, by=first)
    assert [one["kid"] for one in signing.key_set()["keys"]] == [second, first]


def test_command_prints_what_the_setting_takes(key, settings, capsys):
    call_command("clip_keys")
    settings.CLIP_FORMER_KEYS = capsys.readouterr().out.split()
    settings.CLIP_SIGNING_KEY = OTHER
    assert signing.is_signed(MESSAGE, SIGNATURE, by=THUMBPRINT)
    call_command("clip_keys")
    assert len(capsys.readouterr().out.split()) == 2


def test_key_that_is_left_out_is_believed_no_more(key, settings):
    settings.CLIP_SIGNING_KEY = OTHER
    with pytest.raises(KeyError):
        signing.is_signed(MESSAGE, SIGNATURE, by=THUMBPRINT)


def test_without_a_key_nothing_is_signed_and_former_keys_still_hold(settings):
    settings.CLIP_SIGNING_KEY, settings.CLIP_FORMER_KEYS = "", [f"{THUMBPRINT}.{X}"]
    assert not signing.can_sign()
    with pytest.raises(signing.NoKey):
        signing.sign(MESSAGE)
    assert signing.is_signed(MESSAGE, SIGNATURE, by=THUMBPRINT)


@pytest.mark.parametrize("wrong", ["too-short", D + "A", D[:-1] + "B", "é" * 43, D[:20] + "+" * 23])
def test_what_is_no_key_is_refused_by_name(settings, wrong):
    settings.CLIP_SIGNING_KEY = wrong
    with pytest.raises(ImproperlyConfigured, match="CLIP_SIGNING_KEY"):
        signing.sign(MESSAGE)


@pytest.mark.parametrize("wrong", [D, X, f"{THUMBPRINT}.{D}", f"{THUMBPRINT}.", "nothing", "."])
def test_private_key_among_the_public_ones_is_refused_and_not_repeated(settings, wrong):
    settings.CLIP_SIGNING_KEY, settings.CLIP_FORMER_KEYS = "", [wrong]
    with pytest.raises(ImproperlyConfigured) as refusal:
        signing.key_set()
    assert D not in str(refusal.value)


def test_one_signature_is_written_in_one_way_only(key):
    """The last of 86 characters has four bits to spare, so sixteen would mean the same bytes."""
    assert SIGNATURE[-1] == "g"
    for last in "hijklmnopqrstuv":
        with pytest.raises(signing.NotWritten):
            signing.is_signed(MESSAGE, SIGNATURE[:-1] + last, by=THUMBPRINT)
    for last in "AQw":
        assert not signing.is_signed(MESSAGE, SIGNATURE[:-1] + last, by=THUMBPRINT)


@given(some.binary(max_size=100))
def test_bytes_come_back_as_they_were(what):
    assert signing.decode(signing.encode(what), len(what)) == what


@given(some.text(max_size=90))
def test_any_text_is_a_signature_or_is_none(written):
    try:
        what = signing.decode(written, signing.SIGNATURE_BYTES)
    except signing.NotWritten:
        return
    assert signing.encode(what) == written


def test_our_bytes_are_those_of_the_library():
    private = Ed25519PrivateKey.generate()
    assert len(private.public_key().public_bytes_raw()) == signing.KEY_BYTES
    assert len(private.sign(b"")) == signing.SIGNATURE_BYTES
