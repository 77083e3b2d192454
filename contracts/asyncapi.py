"""The AsyncAPI 3 document of the whole: subjects and questions on NATS, messages on Socket.IO."""

import ast
import inspect
import re
from itertools import pairwise

from pydantic import BaseModel

from contracts import EVENTS, headers
from contracts.event import Event
from contracts.questions import QUESTIONS, Question
from contracts.schemas import MAJOR, Schema, definitions
from contracts.screen import ANSWERS, HEARD, MESSAGES, SAID

_ON_SCREEN = tuple(event for event in EVENTS if event.rooms)
_REPLIES = tuple(dict.fromkeys(question.answer for question in QUESTIONS))


def asyncapi() -> Schema:
    """Events are sent by their owner, questions received by theirs, screens told and heard by the bridge."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Clinicwire",
            "version": str(MAJOR),
            "description": "What happens in an outpatient clinic, as it happens: "
            "on NATS for services, on Socket.IO for screens.",
        },
        "defaultContentType": "application/json",
        "servers": {
            "nats": {"host": "localhost:4222", "protocol": "nats", "description": "NATS with JetStream."},
            "bridge": {
                "host": "localhost:8000",
                "protocol": "socketio",
                "pathname": "/socket.io",
                "description": "Socket.IO; the handshake's `auth` is `Credentials`.",
            },
        },
        "channels": {
            **{event.__name__: _subject(event.__name__, event.subject) for event in EVENTS},
            **{question.__name__: _subject(question.__name__, question.subject) for question in QUESTIONS},
            "inbox": _inbox(),
            "screen": _screen(),
        },
        "operations": {
            **{f"publish{event.__name__}": _publish(event) for event in EVENTS},
            **{f"answer{question.__name__}": _answer(question) for question in QUESTIONS},
            "tell": {
                "action": "send",
                "title": "What the bridge tells a screen",
                "channel": _ref("channels", "screen"),
                "messages": [
                    _ref("channels", "screen", "messages", name)
                    for name in (*(event.__name__ for event in _ON_SCREEN), *SAID)
                ],
            },
            **{f"hear_{name}": _hear(name) for name in HEARD},
        },
        "components": {
            "messages": {
                **{event.__name__: _message(event, event.name(), _headers(event)) for event in EVENTS},
                **{model.__name__: _message(model, model.__name__) for model in (*QUESTIONS, *_REPLIES)},
                **{name: _message(model, name) for name, model in (SAID | HEARD).items()},
                **{model.__name__: _message(model, model.__name__) for model in _acknowledgements()},
            },
            "schemas": {**definitions("#/components/schemas/", (*EVENTS, *QUESTIONS, *_REPLIES), MESSAGES)},
        },
    }


def _subject(name: str, subject: str) -> Schema:
    fields = re.findall(r"\{([^}]*)\}", subject)
    return {
        "address": re.sub(r"\{([^}]*)\}", lambda field: f"{{{_parameter(field[1])}}}", subject),
        "servers": [_ref("servers", "nats")],
        "parameters": {
            _parameter(field): {"location": f"$message.payload#/{field.replace('.', '/')}"}
            for field in fields
        },
        "messages": {name: _ref("components", "messages", name)},
    }


def _parameter(field: str) -> str:
    return field.replace(".", "_")


def _inbox() -> Schema:
    return {
        "address": None,
        "description": "The asker's own; a refusal has the HTTP status in `Nats-Service-Error-Code`.",
        "servers": [_ref("servers", "nats")],
        "messages": {model.__name__: _ref("components", "messages", model.__name__) for model in _REPLIES},
    }


def _screen() -> Schema:
    events = (event.__name__ for event in _ON_SCREEN)
    acknowledgements = (model.__name__ for model in _acknowledgements())
    return {
        "address": "/",
        "description": "The one namespace. Events go to those in their rooms (`x-rooms`), by their `name`; "
        "whoever connected with `cursor: true` gets `Stamp` as a second argument.",
        "servers": [_ref("servers", "bridge")],
        "messages": {
            name: _ref("components", "messages", name) for name in (*events, *SAID, *HEARD, *acknowledgements)
        },
    }


def _acknowledgements() -> tuple[type[BaseModel], ...]:
    return tuple(dict.fromkeys(model for models in ANSWERS.values() for model in models))


def _publish(event: type[Event]) -> Schema:
    return {
        "action": "send",
        "channel": _ref("channels", event.__name__),
        "messages": [_ref("channels", event.__name__, "messages", event.__name__)],
        "x-owner": event.owner,
        "x-rooms": list(event.rooms),
        "x-snapshot": event.snapshot,
    }


def _answer(question: type[Question]) -> Schema:
    return {
        "action": "receive",
        "channel": _ref("channels", question.__name__),
        "messages": [_ref("channels", question.__name__, "messages", question.__name__)],
        "reply": {
            "channel": _ref("channels", "inbox"),
            "messages": [_ref("channels", "inbox", "messages", question.answer.__name__)],
        },
        "x-owner": question.owner,
        "x-askers": list(question.askers),
    }


def _hear(name: str) -> Schema:
    return {
        "action": "receive",
        "channel": _ref("channels", "screen"),
        "messages": [_ref("channels", "screen", "messages", name)],
        "reply": {
            "channel": _ref("channels", "screen"),
            "messages": [_ref("channels", "screen", "messages", answer.__name__) for answer in ANSWERS[name]],
        },
    }


def _message(model: type[BaseModel], name: str, described_headers: Schema | None = None) -> Schema:
    said = inspect.getdoc(model) or ""
    summary, _, more = said.partition("\n\n")
    return {
        "name": name,
        "summary": summary,
        **({"description": more} if more else {}),
        **({"headers": described_headers} if described_headers else {}),
        "payload": _ref("components", "schemas", model.__name__),
    }


def _headers(event: type[Event]) -> Schema:
    carried = [headers.MESSAGE_ID, headers.VERSION, headers.AT]
    carried += [headers.ROLLUP] if event.snapshot else []
    carried += [headers.ROOMS] if event.rooms else []
    carried += [headers.REVISION] if event.of_clinic else []
    meanings = _meanings()
    return {
        "type": "object",
        "properties": {name: {"type": "string", "description": meanings[name]} for name in carried},
        "required": [name for name in carried if name != headers.REVISION],
    }


def _meanings() -> dict[str, str]:
    """Each header with the docstring below its constant, which is not there at run time."""
    lines = ast.parse(inspect.getsource(headers)).body
    meanings: dict[str, str] = {}
    for line, after in pairwise(lines):
        match line, after:
            case (
                ast.Assign(value=ast.Constant(value=str(name))),
                ast.Expr(value=ast.Constant(value=str(meaning))),
            ):
                meanings[name] = meaning
    return meanings


def _ref(*path: str) -> Schema:
    return {"$ref": "#/" + "/".join(path)}
