"""The contracts as TypeScript types, for screens: `contracts/events.gen.ts`."""

import json
from collections.abc import Iterator
from typing import cast

from pydantic import JsonValue

from contracts import EVENTS
from contracts.schemas import Schema, definitions
from contracts.screen import ANSWERS, HEARD, MESSAGES, SAID

_HEAD = """\
// Written by `python -m contracts write` from the contracts; change those instead.
"""
_PLAIN = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}


def typescript() -> str:
    """Every shape, event and socket message, and how the names on the wire map onto them."""
    types = [_declared(name, schema) for name, schema in definitions("", EVENTS, MESSAGES).items()]
    return "\n".join((_HEAD, *types, *_maps()))


def _maps() -> Iterator[str]:
    happens: dict[str, list[str]] = {}
    for event in EVENTS:
        if event.rooms:
            happens.setdefault(event.name(), []).append(event.__name__)
    yield _map("What happens in a clinic and a screen hears of, by name.", "Events", happens)
    yield "/** The name of something that happens. */\nexport type EventName = keyof Events;\n"
    said = {name: [said.__name__] for name, said in SAID.items()}
    yield _map("What a screen hears, by name.", "ServerEvents extends Events", said)
    asked = {name: [message.__name__] for name, message in HEARD.items()}
    yield _map("What a screen may say, by name.", "ClientEvents", asked)
    answers = {name: [answer.__name__ for answer in ANSWERS[name]] for name in HEARD}
    yield _map("How what a screen said is acknowledged, by name.", "Answers", answers)


def _map(meaning: str, name: str, types: dict[str, list[str]]) -> str:
    lines = "".join(f"  {key}: {' | '.join(names)};\n" for key, names in types.items())
    return f"/** {meaning} */\nexport interface {name} {{\n{lines}}}\n"


def _declared(name: str, schema: Schema) -> str:
    comment = _comment(schema, "")
    if schema.get("type") != "object":
        return f"{comment}export type {name} = {_type(schema)};\n"
    fields = "".join(
        f"{_comment(field, '  ')}  readonly {key}{'' if key in _required(schema) else '?'}: {_type(field)};\n"
        for key, field in cast(dict[str, Schema], schema["properties"]).items()
    )
    return f"{comment}export interface {name} {{\n{fields}}}\n"


def _type(schema: Schema) -> str:
    match schema:
        case {"$ref": str(name)}:
            return name
        case {"const": value}:
            return json.dumps(value)
        case {"enum": list(values)}:
            return " | ".join(json.dumps(value) for value in values)
        case {"anyOf": list(options)}:
            return " | ".join(_type(cast(Schema, option)) for option in options)
        case {"type": "array", "items": dict(items)}:
            inner = _type(items)
            return f"readonly ({inner})[]" if " | " in inner else f"readonly {inner}[]"
        case {"type": str(plain)} if plain in _PLAIN:
            return _PLAIN[plain]
    raise NotImplementedError(f"no TypeScript is known for {schema}: add it to contracts/typescript.py")


def _required(schema: Schema) -> list[JsonValue]:
    return cast(list[JsonValue], schema.get("required", []))


def _comment(schema: Schema, indent: str) -> str:
    description = schema.get("description")
    if not isinstance(description, str) or "$ref" in schema:
        return ""
    lines = description.splitlines()
    if len(lines) == 1:
        return f"{indent}/** {lines[0]} */\n"
    return (
        f"{indent}/**\n" + "".join(f"{indent} * {line}".rstrip() + "\n" for line in lines) + f"{indent} */\n"
    )
