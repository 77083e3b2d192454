"""The gate before a change that would break a reader: refused until `contracts.schemas.MAJOR` is raised.

Two readers count. One that is older than the change meets new events; one that is newer meets old events, as
the stream holds seven days of them. So what a reader was promised stays exactly as it was, at every depth;
events, rooms and fields with a default may come. A value added to an enumeration is a break like any other
change of type: a reader that decides by it would not know what to do.
"""

import json
from collections.abc import Iterator, Mapping
from typing import cast

from pydantic import JsonValue

from contracts.schemas import Schema

_PROSE = {"$defs", "description", "title", "default"}
_UNORDERED = {"anyOf", "enum", "required"}


def breaks(promised: Mapping[str, Schema], now: Mapping[str, Schema]) -> Iterator[str]:
    """What of the promised schemas (by event) readers would miss or misread now, one sentence each.

    What was promised under an earlier version than that of `now` binds no longer.
    """
    version = max((cast(int, schema["x-version"]) for schema in now.values()), default=0)
    for event, before in promised.items():
        if cast(int, before["x-version"]) >= version:
            if event in now:
                yield from _breaks_of(event, before, now[event])
            else:
                yield f"{event} is gone"


def _breaks_of(event: str, before: Schema, after: Schema) -> Iterator[str]:
    for what in ("subject", "snapshot"):
        if before[f"x-{what}"] != after[f"x-{what}"]:
            yield f"{event} has another {what}: {before[f'x-{what}']} became {after[f'x-{what}']}"
    kept = cast(list[str], after["x-rooms"])
    for room in cast(list[str], before["x-rooms"]):
        if room not in kept:
            yield f"{event} no longer goes to {room}"
    yield from _misread(event, _resolved(before, before), _resolved(after, after))


def _misread(path: str, before: JsonValue, after: JsonValue) -> Iterator[str]:
    if isinstance(before, dict) and isinstance(after, dict):
        promised, fields = _properties(before), _properties(after)
        if promised and fields:
            for field in promised:
                if field in fields:
                    yield from _misread(f"{path}.{field}", promised[field], fields[field])
                else:
                    yield f"{path}.{field} is gone"
            for field in fields.keys() - promised.keys():
                if "default" not in fields[field]:
                    yield f"{path}.{field} is new without a default, so events that are kept cannot be read"
            return
        options = before.get("anyOf"), after.get("anyOf")
        if (
            isinstance(options[0], list)
            and isinstance(options[1], list)
            and len(options[0]) == len(options[1])
        ):
            for old, new in zip(options[0], options[1], strict=True):
                yield from _misread(path, old, new)
            return
        if before.get("type") == after.get("type") == "array":
            yield from _misread(f"{path}[]", before.get("items"), after.get("items"))
            return
    if _bare(before) != _bare(after):
        yield f"{path} is of another type: {_told(before)} became {_told(after)}"


def _properties(schema: Mapping[str, JsonValue]) -> dict[str, dict[str, JsonValue]]:
    return cast(dict[str, dict[str, JsonValue]], schema.get("properties", {}))


def _resolved(part: JsonValue, document: Schema) -> JsonValue:
    """The part with every reference replaced by what it names: a shape's own name is no promise."""
    if isinstance(part, list):
        return [_resolved(item, document) for item in part]
    if not isinstance(part, dict):
        return part
    if "$ref" in part:
        named = cast(dict[str, JsonValue], document["$defs"])[str(part["$ref"]).rsplit("/", 1)[1]]
        beside = {key: value for key, value in part.items() if key != "$ref"}
        return cast(dict[str, JsonValue], _resolved(named, document)) | beside
    return {
        key: sorted(cast(list[JsonValue], found), key=json.dumps) if key in _UNORDERED else found
        for key, value in part.items()
        if key != "$defs"
        for found in [_resolved(value, document)]
    }


def _bare(part: JsonValue) -> JsonValue:
    if isinstance(part, list):
        return [_bare(item) for item in part]
    if isinstance(part, dict):
        return {key: _bare(value) for key, value in part.items() if key not in _PROSE and key[:2] != "x-"}
    return part


def _told(part: JsonValue) -> str:
    return json.dumps(_bare(part), sort_keys=True)
