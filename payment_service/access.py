"""Who may call payment_service's routes, and how far."""

from chassis.access import Access
from contracts.identity import DESK, Reach, Role, everyone

_DESK = everyone(DESK, Reach.CLINIC)
_READERS = _DESK | {Role.DOCTOR: Reach.OWN}

ACCESS: Access = {
    "GET /payments": _READERS,
    "GET /payments/{payment_id}": _READERS,
    "GET /payments/invoice/{visit_id}": _READERS,
    "GET /payments/statistics": _DESK,
    "GET /payments/export": _DESK,
    "POST /payments": _DESK,
    "PUT /payments/{payment_id}/process": _DESK,
    "POST /payments/refund/{payment_id}": _DESK,
}
