"""Who may be in which room and hear which event: one table, deny by default.

`admission.may_enter` enforces the rooms and nothing else does; what an event's rooms are is the contract's.
"""

from collections.abc import Iterable, Mapping

from contracts import Event
from contracts.identity import DESK, STAFF, Reach, Rights, Role, everyone

COUNTER = frozenset({Role.RECEPTIONIST, Role.ADMIN})
"""Who watches over the queue of a doctor of their clinic."""

ROOMS: Mapping[str, Rights] = {
    "staff": everyone(STAFF, Reach.ALL),
    "desk_all": {Role.ADMIN: Reach.EVERY_CLINIC},
    "desk_{clinic_id}": everyone(DESK, Reach.CLINIC),
    "clinic_{clinic_id}": everyone(STAFF, Reach.CLINIC),
    "doctor_{doctor_id}": everyone(COUNTER, Reach.CLINIC) | {Role.DOCTOR: Reach.OWN},
    "board_{clinic_id}": everyone(frozenset(Role), Reach.CLINIC),
}
"""Which roles may be in a room of each kind, and in whose."""

_CLINICS = STAFF
_DOCTORS = COUNTER | {Role.DOCTOR}

EVENTS: Mapping[str, frozenset[Role]] = {
    "QueueUpdated": _CLINICS,
    "DoctorQueueUpdated": _DOCTORS,
    "BoardUpdated": frozenset(Role),
    "NewCheckin": _CLINICS,
    "VisitStatusChanged": _CLINICS,
    "WalkinAdded": _CLINICS,
    "VisitCancelled": _CLINICS,
    "QueueReordered": _CLINICS,
    "PhasesUpdated": _CLINICS,
    "DoctorPhasesUpdated": _DOCTORS,
    "CurrentAppointmentAvailable": _DOCTORS,
    "AppointmentCreated": _CLINICS,
    "AppointmentUpdated": _CLINICS,
    "AppointmentCancelled": _CLINICS,
    "AppointmentCompleted": _CLINICS,
    "PatientCreated": STAFF,
    "PatientUpdated": STAFF,
    "PaymentProcessed": DESK | {Role.DOCTOR},
    "ClinicChanged": frozenset(),
    "DoctorChanged": frozenset(),
    "ServiceChanged": frozenset(),
    "PatientDeleted": frozenset(),
    "PaymentRecorded": frozenset(),
    "TokenRevoked": frozenset(),
}
"""Which roles may hear each event at all; an event that nobody but services hears has an empty line."""


_NUMBERED = {template.partition("_")[0]: template for template in ROOMS if template.endswith("}")}


def line(room: str) -> str | None:
    """The line of `ROOMS` that a room, or a contract's template of one, is of; None when there is none."""
    if room.endswith("}") or room not in ROOMS:
        return _NUMBERED.get(room.partition("_")[0])
    return room


def reached(event: type[Event]) -> frozenset[Role]:
    """The roles that can be in a room that this event goes to."""
    lines = (line(room) for room in event.rooms)
    return frozenset(role for found in lines if found is not None for role in ROOMS[found])


def check(events: Iterable[type[Event]]) -> None:
    """Raise ValueError unless each event has its line, and its rooms hold the roles of the line alone."""
    known = {event.__name__: event for event in events}
    if known.keys() != EVENTS.keys():
        raise ValueError(f"events and access differ: {sorted(known.keys() ^ EVENTS.keys())}")
    for name, event in known.items():
        unknown = [room for room in event.rooms if line(room) is None]
        if unknown:
            raise ValueError(f"{name} goes to rooms that access has no line for: {unknown}")
        if reached(event) != EVENTS[name]:
            raise ValueError(f"{name} reaches {sorted(reached(event))}, access says {sorted(EVENTS[name])}")
