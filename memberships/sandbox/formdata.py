"""Form data: Stripe's bracketed parameters, `line_items[0][price]=…`, as nested lists and dicts."""

import re
from typing import Any
from urllib.parse import parse_qsl

from .problems import Problem

_NAME = re.compile(r"^[^\[\]]+(?:\[[^\[\]]*\])*$")


def decode(text: str) -> dict[str, Any]:
    """The parameters of a query or a body, every leaf a text. Raises Problem for what has no shape.

    `a[]` adds to a list, and so do `a[0]`, `a[1]`, … in their order.
    """
    tree: dict[str, Any] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        if not _NAME.match(name):
            raise Problem(f"Invalid parameter name: {name:.100}", param=name)
        first, *rest = name.replace("]", "").split("[")
        _plant(tree, [first, *rest], value, name)
    return {name: _lists(branch) for name, branch in tree.items()}


def _plant(tree: dict[str, Any], path: list[str], value: str, name: str) -> None:
    for number, step in enumerate(path):
        key = step or str(len(tree))
        if number == len(path) - 1:
            if key in tree:
                raise Problem(f"Parameter given twice: {name:.100}", param=name)
            tree[key] = value
            return
        tree = tree.setdefault(key, {})
        if not isinstance(tree, dict):
            raise Problem(f"Invalid parameter: {name:.100}", param=name)


def _lists(branch: Any) -> Any:
    if not isinstance(branch, dict):
        return branch
    grown = {name: _lists(twig) for name, twig in branch.items()}
    if grown and all(re.fullmatch(r"0|[1-9]\d*", name) for name in grown):
        return [grown[name] for name in sorted(grown, key=int)]
    return grown
