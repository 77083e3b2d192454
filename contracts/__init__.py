"""Every event of the system, declared once; all else about events is derived from here."""

from contracts.appointments import (
    AppointmentCancelled,
    AppointmentCompleted,
    AppointmentCreated,
    AppointmentUpdated,
)
from contracts.catalogue import ClinicChanged, DoctorChanged, ServiceChanged
from contracts.encoding import encode
from contracts.event import Event, Process, Shape
from contracts.patients import PatientCreated, PatientDeleted, PatientUpdated
from contracts.payments import PaymentProcessed, PaymentRecorded
from contracts.queue import (
    BoardUpdated,
    CurrentAppointmentAvailable,
    DoctorPhasesUpdated,
    DoctorQueueUpdated,
    NewCheckin,
    PhasesUpdated,
    QueueReordered,
    QueueUpdated,
    VisitCancelled,
    VisitStatusChanged,
    WalkinAdded,
)
from contracts.tokens import TokenRevoked

EVENTS: tuple[type[Event], ...] = (
    QueueUpdated,
    DoctorQueueUpdated,
    BoardUpdated,
    NewCheckin,
    VisitStatusChanged,
    WalkinAdded,
    VisitCancelled,
    QueueReordered,
    PhasesUpdated,
    DoctorPhasesUpdated,
    CurrentAppointmentAvailable,
    AppointmentCreated,
    AppointmentUpdated,
    AppointmentCancelled,
    AppointmentCompleted,
    ClinicChanged,
    DoctorChanged,
    ServiceChanged,
    PatientCreated,
    PatientUpdated,
    PatientDeleted,
    PaymentProcessed,
    PaymentRecorded,
    TokenRevoked,
)

__all__ = [
    "EVENTS",
    "AppointmentCancelled",
    "AppointmentCompleted",
    "AppointmentCreated",
    "AppointmentUpdated",
    "BoardUpdated",
    "ClinicChanged",
    "CurrentAppointmentAvailable",
    "DoctorChanged",
    "DoctorPhasesUpdated",
    "DoctorQueueUpdated",
    "Event",
    "NewCheckin",
    "PatientCreated",
    "PatientDeleted",
    "PatientUpdated",
    "PaymentProcessed",
    "PaymentRecorded",
    "PhasesUpdated",
    "Process",
    "QueueReordered",
    "QueueUpdated",
    "ServiceChanged",
    "Shape",
    "TokenRevoked",
    "VisitCancelled",
    "VisitStatusChanged",
    "WalkinAdded",
    "encode",
]
