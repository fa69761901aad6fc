"""The JSON schemas that answers are asked to follow, where the service can hold a model to one."""

from typing import Any

# `Any`: a schema is JSON.
Schema = dict[str, Any]


def _object(**properties: Schema) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


_TEXT: Schema = {"type": "string"}
_COUNT: Schema = {"type": ["integer", "null"]}
_SENTENCE = _object(text=_TEXT, ids=_list(_TEXT))

NOTES = _object(notes=_list(_SENTENCE))
ARTICLES = _object(
    articles=_list(
        _object(
            headline=_TEXT,
            standfirst=_SENTENCE,
            paragraphs=_list(_list(_SENTENCE)),
            why_it_matters=_list(_SENTENCE),
            what_happens_next=_list(_SENTENCE),
            not_decided=_list(_SENTENCE),
        )
    )
)
INSIGHTS = _object(
    insights=_list(
        _object(
            kind={
                "type": "string",
                "enum": ["decision", "vote", "commitment", "money", "date", "question"],
            },
            text=_TEXT,
            ids=_list(_TEXT),
            who=_TEXT,
            due=_TEXT,
            ayes=_COUNT,
            noes=_COUNT,
            abstained=_COUNT,
            votes=_list(
                _object(
                    name=_TEXT,
                    vote={"type": "string", "enum": ["aye", "no", "abstained", "absent"]},
                )
            ),
        )
    )
)
