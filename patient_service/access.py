"""Who may call patient_service's routes."""

from chassis.access import Access
from contracts.identity import Role

_DESK = frozenset({Role.RECEPTIONIST, Role.ADMIN})
_READERS = _DESK | {Role.CASHIER, Role.DOCTOR}

ACCESS: Access = {
    "POST /patients": _DESK,
    "PUT /patients/{patient_id}": _DESK,
    "DELETE /patients/{patient_id}": _DESK,
    "GET /patients": _READERS,
    "GET /patients/search": _READERS,
    "GET /patients/{patient_id}": _READERS,
    "GET /patients/statistics": _DESK,
    "GET /patients/export": _DESK,
}
