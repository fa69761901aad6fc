"""System check: each operation of the API says who it is for.

One view serves all methods of an address, so the gate's own check does not see them.
"""

from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from ninja import NinjaAPI
from ninja.constants import NOT_SET

from memberships.gate.audience import Kind, audience_of

from .api.callers import MemberToken
from .api.site import api


@register(Tags.security)
def operations_have_audiences(**_options: Any) -> list[CheckMessage]:
    """An operation asks for a member's token, or is open and marked so."""
    return _unmarked(api)


def _unmarked(api: NinjaAPI) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    for prefix, router in api._routers:  # there is no other way to see them
        for path, view in router.path_operations.items():
            for operation in view.operations:
                given = (operation.auth_param, router.auth, api.auth)
                asked = next((one for one in given if one is not NOT_SET), None)
                if isinstance(asked, list) and len(asked) == 1:  # as ninja keeps the API's own
                    asked = asked[0]
                mark = audience_of(operation.view_func)
                is_open = asked is None and mark is not None and mark.kind is Kind.PUBLIC
                if is_open or (mark is None and isinstance(asked, MemberToken)):
                    continue
                found.append(
                    Error(
                        f"The operation {'/'.join(operation.methods)} “{prefix}{path}” does not "
                        "say who it is for.",
                        hint="Give it auth=None and @public, or auth=MemberToken(scope) alone.",
                        obj=f"{operation.view_func.__module__}.{operation.view_func.__qualname__}",
                        id="data.E001",
                    )
                )
    return found
