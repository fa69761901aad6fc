"""Pages for when the site itself may be broken need nothing: no query, no context, no session."""

import pytest
from django.template.loader import render_to_string


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("400", "This request cannot be understood"),
        ("403_csrf", "The form had expired"),
        ("500", "Something went wrong here"),
    ],
)
def test_they_are_rendered_from_nothing(name: str, says: str) -> None:
    page = render_to_string(f"{name}.html")

    assert f"<h1>{says}</h1>" in page
    assert f"<title>{says}</title>" in page
    assert "css/tokens.css" in page
