"""Amounts as people read them: minor units in, "$199.00" out."""

# The currencies whose minor unit is not a hundredth, as Stripe counts them:
# https://docs.stripe.com/currencies (ISK and UGX are counted in hundredths there).
WITHOUT_DECIMALS = frozenset(
    "bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf".split()  # noqa: SIM905 - a line
)
WITH_THREE_DECIMALS = frozenset(["bhd", "jod", "kwd", "omr", "tnd"])
SIGNS = {"usd": "$", "eur": "€", "gbp": "£", "jpy": "¥"}


def decimals(currency: str) -> int:
    """How many digits of an amount stand behind the point."""
    if currency in WITHOUT_DECIMALS:
        return 0
    return 3 if currency in WITH_THREE_DECIMALS else 2


def written(amount: int, currency: str) -> str:
    """An amount with its sign, or with its code where readers know no sign: "199.00 CHF"."""
    places = decimals(currency)
    whole, part = divmod(abs(amount), 10**places)
    text = f"{whole:,}" + (f".{part:0{places}}" if places else "")
    minus = "−" if amount < 0 else ""
    sign = SIGNS.get(currency)
    return f"{minus}{sign}{text}" if sign else f"{minus}{text} {currency.upper()}"
