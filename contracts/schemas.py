"""The JSON Schema of each payload as it is written, kept in `contracts/schemas/` for readers of any language.

The kept files are also what `contracts.compatibility` compares with: they say what readers were promised.
"""

from collections.abc import Sequence

from pydantic import BaseModel, JsonValue
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, models_json_schema
from pydantic_core import core_schema

from contracts import EVENTS
from contracts.event import Event

MAJOR = 1
"""The version of all contracts; raised by hand when a change may break readers, never otherwise."""

Schema = dict[str, JsonValue]


class _AsWritten(GenerateJsonSchema):
    """What is written has every field, as `contracts.encode` leaves none out; no field has a title."""

    def field_is_required(
        self,
        field: core_schema.ModelField | core_schema.DataclassField | core_schema.TypedDictField,
        total: bool,
    ) -> bool:
        return self.mode == "serialization" or super().field_is_required(field, total)

    def field_title_should_be_set(self, schema: object) -> bool:
        return False


def schema_of(event: type[Event]) -> Schema:
    """The event's payload as JSON Schema 2020-12, with its subject, rooms, owner and version beside it."""
    return {
        "$schema": GenerateJsonSchema.schema_dialect,
        "$id": f"urn:clinicwire:v{MAJOR}:{event.__name__}",
        "x-version": MAJOR,
        "x-event": event.name(),
        "x-subject": event.subject,
        "x-rooms": list(event.rooms),
        "x-owner": event.owner,
        "x-snapshot": event.snapshot,
        **event.model_json_schema(schema_generator=_AsWritten, mode="serialization"),
    }


def schemas() -> dict[str, Schema]:
    """The schema of every event by its class's name; two events may share a name on the wire."""
    return {event.__name__: schema_of(event) for event in EVENTS}


def definitions(
    at: str, written: Sequence[type[BaseModel]], said: Sequence[type[BaseModel]] = ()
) -> dict[str, Schema]:
    """These models and all they are made of, each once and by name; `at` is where references find them.

    What is `written` has every field; what is `said` may leave out those with a default.
    """
    models: list[tuple[type[BaseModel], JsonSchemaMode]] = [(model, "serialization") for model in written]
    models += [(model, "validation") for model in said]
    _, document = models_json_schema(models, ref_template=f"{at}{{model}}", schema_generator=_AsWritten)
    found: dict[str, Schema] = document["$defs"]
    return found
