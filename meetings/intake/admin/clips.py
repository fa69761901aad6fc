"""The screen of a clip: what takes it down, and what puts it back."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy
from unfold.decorators import action

from meetings.clips.admin import ClipAdmin

from .. import services
from ..forms import ReasonForm, SureForm
from ..verbs import Verb

_take_down = Verb(
    gettext_lazy("Take this clip down?"),
    ReasonForm,
    lambda row, request, reason: services.take_down_clip(
        clip=row, reason=reason, by=request.user, now=timezone.now()
    ),
    gettext_lazy("The clip is taken down. Its page says so, and why."),
)
_put_back = Verb(
    gettext_lazy("Show this clip again?"),
    SureForm,
    lambda row, request: services.put_clip_back(clip=row),
    gettext_lazy("The clip is shown again."),
)


class ClipDesk(ClipAdmin):
    """A clip with what staff can do to it."""

    actions_detail = ["take_down", "put_back"]

    @action(description=gettext_lazy("Take down"), url_path="take-down", permissions=["take_down"])
    def take_down(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return _take_down.answer(self, request, object_id)

    @action(description=gettext_lazy("Put back"), url_path="put-back", permissions=["put_back"])
    def put_back(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return _put_back.answer(self, request, object_id)

    def has_take_down_permission(self, request: HttpRequest, object_id: str) -> bool:
        return self._is_offered(request, object_id, when_down=False)

    def has_put_back_permission(self, request: HttpRequest, object_id: str) -> bool:
        return self._is_offered(request, object_id, when_down=True)

    def _is_offered(self, request: HttpRequest, object_id: str, *, when_down: bool) -> bool:
        clip = self.get_object(request, object_id)
        return (
            clip is not None
            and self.has_change_permission(request, clip)
            and clip.is_taken_down == when_down
        )
