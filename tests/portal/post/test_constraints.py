"""States that must not be are refused by the database."""

import pytest
from django.db import IntegrityError, transaction

from portal.post.models import Mail
from tests.portal.post.conftest import NOW

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("wrong", "constraint"),
    [
        ({"state": "lost", "ended_at": NOW}, "mail_state_known"),
        ({"state": "sent"}, "mail_ended_or_under_way"),
        ({"ended_at": NOW}, "mail_ended_or_under_way"),
        ({"state": "dead", "ended_at": NOW}, "mail_failed_says_why"),
        ({"state": "refused", "ended_at": NOW}, "mail_failed_says_why"),
        ({"state": "sent", "ended_at": NOW, "emptied_at": NOW}, "mail_emptied_is_empty"),
        ({"subject": "", "text": ""}, "mail_says_something"),
        ({"message_id": ""}, "mail_has_its_names"),
        ({"key": ""}, "mail_has_its_names"),
    ],
)
def test_a_wrong_state_cannot_be_stored(queue, wrong, constraint):
    queue()
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Mail.objects.update(**wrong)


def test_a_mail_under_way_keeps_its_words(queue):
    queue()
    empty = dict.fromkeys(("person", "address", "name", "subject", "text", "html", "error"), "")
    with pytest.raises(IntegrityError, match="mail_emptied_is_empty"), transaction.atomic():
        Mail.objects.update(**empty, emptied_at=NOW)
