"""Who may call patient_service's routes; a patient is no clinic's own."""

from chassis.access import Access
from contracts.identity import Reach, Role, everyone

_DESK = everyone((Role.RECEPTIONIST, Role.ADMIN), Reach.ALL)
_READERS = _DESK | everyone((Role.CASHIER, Role.DOCTOR), Reach.ALL)

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
