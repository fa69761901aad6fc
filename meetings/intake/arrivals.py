"""Arrivals: uploads that are whole become recordings, and what follows is put on the list."""

import logging

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from meetings.media import services as media
from meetings.media import uploads
from meetings.media.models import Recording, Upload, UploadState
from memberships.gate import pages

from . import steps
from .models import Step

log = logging.getLogger(__name__)


def take_in() -> None:
    """Take every upload that waits. What cannot be taken ends as a sentence for staff.

    One that a server noted no more before it was killed is found by its size.
    """
    for upload in Upload.objects.filter(state=UploadState.ARRIVING):
        uploads.close_if_whole(upload)
    for upload in Upload.objects.to_take().order_by("id"):
        _take(upload)


def _take(upload: Upload) -> None:
    try:
        with (
            media.uploaded(upload=upload) as incoming,
            media.sent_ahead(incoming=incoming, key=upload.key),
            transaction.atomic(),
        ):
            recording = media.take(upload=upload, incoming=incoming, now=timezone.now())
            follow(recording)
    except media.UnderWay:
        log.info("upload %s: another worker is at it, or was", upload.pk)
    except media.Unplayable as error:
        _refuse(upload, str(error))
    except OSError as error:
        log.warning("upload %s: %s", upload.pk, error)
        _refuse(upload, _("The files cannot be written: %s.") % error.strerror)


def follow(recording: Recording) -> None:
    """Put on the list what a new recording asks for."""
    if not recording.is_ready:
        steps.ask_for(meeting=recording.meeting, name=Step.Name.PACKAGED)


def show(*, recording: Recording) -> None:
    """Make it the recording that readers see, and have it packaged if it is not."""
    with transaction.atomic():
        media.show(recording=recording)
        follow(recording)
    pages.drop_all()


def _refuse(upload: Upload, sentence: str) -> None:
    Upload.objects.filter(pk=upload.pk, state=UploadState.ARRIVED).update(
        state=UploadState.REFUSED, error=sentence
    )
