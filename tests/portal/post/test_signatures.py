"""A webhook's signature is the one that the receivers' libraries expect."""

import base64
from datetime import UTC, datetime

from portal.post import signatures


def test_the_example_of_standard_webhooks():
    """The values that its reference implementations are tested with."""
    given = signatures.headers(
        key="msg_p5jXN8AQM9LWM0D4loKWxJek",
        body=b'{"test": 2432232314}',
        secret="whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        now=datetime.fromtimestamp(1614265330, UTC),
    )
    assert given == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_a_new_secret_is_32_bytes_and_never_the_same():
    one, other = signatures.new_secret(), signatures.new_secret()
    assert one != other
    assert len(base64.b64decode(one.removeprefix("whsec_"), validate=True)) == 32
    assert len(one) <= 64
