"""Every payload there can be: Hypothesis strategies made from the contracts' own classes."""

from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt
from hypothesis import reject
from hypothesis import strategies as st
from pydantic import AwareDatetime, BaseModel, ValidationError
from pydantic.fields import FieldInfo

from contracts.event import Event

MARK = "Quillfeather"
"""What is in every free text, so that it is found wherever it went."""

PLACES = {"room_number": "Room 3", "time_zone": "Europe/Vienna"}
"""Texts about a place, not a person: where to go, and what time it is there."""

MONEY = Decimal("777777.77")
"""Every amount is this one, or a multiple."""

PATIENTS = st.integers(8_000_000_000_000_000, 8_999_999_999_999_999)
"""Ids that nothing but a patient has."""

_MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))


def events(kind: type[Event]) -> st.SearchStrategy[Event]:
    """Any event of this kind."""
    return _model(kind)


def _model(kind: type[BaseModel]) -> st.SearchStrategy[Any]:
    fields = {name: _field(name, field, kind) for name, field in kind.model_fields.items()}
    return st.fixed_dictionaries(fields).map(lambda given: _made(kind, given))


def _made(kind: type[BaseModel], given: dict[str, Any]) -> BaseModel:
    try:
        return kind.model_validate(given)
    except ValidationError:
        reject()  # fields that contradict one another


def _field(name: str, field: FieldInfo, of: type[BaseModel]) -> st.SearchStrategy[Any]:
    if name == "patient_id" or (name == "id" and of.__name__ == "PatientCard"):
        return PATIENTS
    pattern = next((one.pattern for one in field.metadata if getattr(one, "pattern", None)), None)
    if pattern:
        return st.from_regex(pattern, fullmatch=True)
    return _value(name, field.annotation, field.metadata)


def _value(name: str, kind: Any, metadata: list[Any]) -> st.SearchStrategy[Any]:
    origin, given = get_origin(kind), get_args(kind)
    if origin is Literal:
        return st.sampled_from(given)
    if origin in (Union, UnionType):
        return st.one_of(*(_value(name, one, metadata) for one in given))
    if origin is tuple:
        return st.lists(_value(name, given[0], metadata), max_size=3).map(tuple)
    if hasattr(kind, "__metadata__"):
        inside = list(kind.__metadata__)
        more = [one for info in inside if isinstance(info, FieldInfo) for one in info.metadata]
        return _value(name, kind.__origin__, [*metadata, *inside, *more])
    if kind is NoneType:
        return st.none()
    if issubclass(kind, BaseModel):
        return _model(kind)
    if issubclass(kind, Enum):
        return st.sampled_from(kind)
    return _plain(name, kind, metadata)


def _plain(name: str, kind: type, metadata: list[Any]) -> st.SearchStrategy[Any]:
    if kind is bool:
        return st.booleans()
    if kind is int:
        return PATIENTS if name == "patient_id" else st.integers(*_bounds(metadata))
    if kind is float:
        return st.floats(0, 1)
    if kind is Decimal:
        return st.just(MONEY)
    if kind in (datetime, AwareDatetime):
        return _MOMENTS
    if kind is date:
        return st.dates(date(2020, 1, 1), date(2030, 1, 1))
    if kind is str:
        pattern = next((one.pattern for one in metadata if getattr(one, "pattern", None)), None)
        if pattern:
            return st.from_regex(pattern, fullmatch=True)
        words = st.text(st.characters(codec="utf-8"), max_size=20)
        return st.just(PLACES[name]) if name in PLACES else words.map(f"{MARK} {{}}".format)
    raise TypeError(f"{name}: nothing is known of {kind}")


def _bounds(metadata: list[Any]) -> tuple[int, int]:
    low, high = 0, 2**40
    for one in metadata:
        match one:
            case Ge(ge=bound):
                low = max(low, int(str(bound)))
            case Gt(gt=bound):
                low = max(low, int(str(bound)) + 1)
            case Le(le=bound):
                high = min(high, int(str(bound)))
            case Lt(lt=bound):
                high = min(high, int(str(bound)) - 1)
    return low, high
