"""The desk: staff's admin site, what it opens on, and who may come in."""

from collections.abc import Callable
from typing import Any

from csp.constants import SELF, UNSAFE_EVAL, UNSAFE_INLINE
from csp.decorators import csp_update
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy
from unfold.sites import UnfoldAdminSite

from meetings.alerts import quieting

from . import figures, lateness

View = Callable[..., HttpResponseBase]


class Desk(UnfoldAdminSite):
    """Unfold's admin, under a policy of its own: it needs inline styles and eval, and nobody
    else does. It stands behind sign-in and, where settings say so, a second factor.
    """

    index_template = "admin/desk.html"
    index_title = gettext_lazy("Desk")

    def admin_view(  # the signature is Django's
        self,
        view: View,
        cacheable: bool = False,  # noqa: FBT001, FBT002 - as above
    ) -> View:
        relaxed: View = csp_update(
            {"script-src": [SELF, UNSAFE_EVAL], "style-src": [SELF, UNSAFE_INLINE]}
        )(super().admin_view(view, cacheable))
        return relaxed

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        may = request.user.has_perm
        now = timezone.now()
        context = {
            "late": [one for one in lateness.followers(now=now).values() if one is not None],
            "quiet": quieting.running_now(),
            "waiting": figures.waiting(may=may),
            "money": figures.money(may=may, now=now),
            **(extra_context or {}),
        }
        answer: TemplateResponse = super().index(request, context)
        return answer
