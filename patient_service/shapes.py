"""What comes in and goes out over patient_service's routes."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from chassis.forms import Request, or_empty
from chassis.texts import Line, OptionalLine, OptionalText, Phone
from contracts.event import Shape
from contracts.shapes import Appointment, Gender, Id, PatientCard, Visit

OptionalAge = Annotated[
    Annotated[int, Field(ge=0, le=150)] | None,
    BeforeValidator(lambda given: None if given == "" else given),
    or_empty({"type": "integer", "minimum": 0, "maximum": 150}),
]
OptionalGender = Annotated[
    Gender | None,
    BeforeValidator(lambda given: None if given == "" else given),
    or_empty({"type": "string", "enum": list(Gender)}),
]


class NewPatient(Request):
    """POST /patients."""

    name: Line
    phone: Phone
    age: OptionalAge = None
    gender: OptionalGender = None
    address: OptionalLine = None
    medical_history: OptionalText = None
    clinic_id: Id | None = None
    doctor_id: Id | None = None


class PatientChanges(Request):
    """PUT /patients/{id}: what is left out stays as it is."""

    name: Line = ""
    phone: Phone = ""
    age: OptionalAge = None
    gender: OptionalGender = None
    address: OptionalLine = None
    medical_history: OptionalText = None
    clinic_id: Id | None = None
    doctor_id: Id | None = None


class Patient(PatientCard):
    """A patient as the routes show it; the history is null for who may not read it."""

    medical_history: str | None


class PatientWithPast(Patient):
    """A patient and what was last."""

    recent_appointments: tuple[Appointment, ...]
    recent_visits: tuple[Visit, ...]


class PatientSaved(Shape):
    """POST and PUT /patients."""

    message: str
    patient: Patient


class PatientFound(Shape):
    """GET /patients/{id}."""

    patient: PatientWithPast


class PatientDeleted(Shape):
    """DELETE /patients/{id}."""

    message: str


class PatientList(Shape):
    """GET /patients."""

    patients: tuple[Patient, ...]
    total: int
    pages: int
    current_page: int
    per_page: int


class PatientMatches(Shape):
    """GET /patients/search."""

    patients: tuple[Patient, ...]


class GenderCount(Shape):
    """How many of each."""

    male: int
    female: int


class PatientStatistics(Shape):
    """GET /patients/statistics; `recent` counts those registered in the last 30 days."""

    total: int
    by_gender: GenderCount
    recent: int
