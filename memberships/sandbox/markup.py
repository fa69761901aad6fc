"""Markup: the frame of every page of the sandbox, which says that no money moves here."""

from html import escape

__all__ = ["STYLE", "button", "escape", "money", "page"]

STYLE = """
:root { color-scheme: light dark; font: 1.0625rem/1.5 system-ui, sans-serif; }
body { margin: 0; }
.test { background: #8a4b00; color: #fff; font-weight: 700; font-size: 1.25rem;
  padding: 1rem; text-align: center; }
main { max-width: 34rem; margin: 0 auto; padding: 1rem; }
main.wide { max-width: 60rem; }
h1 { font-size: 1.5rem; line-height: 1.25; overflow-wrap: anywhere; }
.price { font-size: 2rem; margin: 0 0 1.5rem; }
label { display: block; font-weight: 600; }
input { box-sizing: border-box; width: 100%; font: inherit; padding: .6rem; margin: .25rem 0 1rem; }
button { font: inherit; width: 100%; min-height: 3rem; padding: .6rem; margin: 0 0 .75rem;
  cursor: pointer; }
button.first { background: #14523f; color: #fff; border: 2px solid #14523f; border-radius: 4px; }
article button { width: auto; margin: 0 .5rem .5rem 0; }
article form { display: inline; }
a { color: inherit; }
.said { border-left: 4px solid #8a4b00; padding-left: .75rem; }
""".strip()


def page(title: str, body: str, *, is_wide: bool = False) -> str:
    """A whole page around a body that is escaped already."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{escape(title)} – sandbox</title><link rel="stylesheet" href="/style.css"></head>'
        '<body><header class="test" role="banner">TEST – no money</header>'
        f"<main{' class=wide' if is_wide else ''}>{body}</main></body></html>"
    )


def button(action: str, label: str, *, is_first: bool = False) -> str:
    """A button that sends its form with `do` set to the action."""
    kind = ' class="first"' if is_first else ""
    return f'<button name="do" value="{escape(action)}"{kind}>{escape(label)}</button>'


# Currencies without a minor unit: https://docs.stripe.com/currencies#zero-decimal
_WHOLE = "bif clp djf gnf jpy kmf krw mga pyg rwf ugx vnd vuv xaf xof xpf"


def money(amount: int, currency: str) -> str:
    """An amount in minor units, to be read by a person."""
    if currency in _WHOLE:
        return f"{amount} {currency.upper()}"
    return f"{amount // 100}.{amount % 100:02} {currency.upper()}"
