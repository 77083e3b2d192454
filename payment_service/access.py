"""Who may call payment_service's routes."""

from chassis.access import Access
from contracts.identity import DESK, Role

_READERS = DESK | {Role.DOCTOR}

ACCESS: Access = {
    "GET /payments": _READERS,
    "GET /payments/{payment_id}": _READERS,
    "GET /payments/invoice/{visit_id}": _READERS,
    "GET /payments/statistics": DESK,
    "GET /payments/export": DESK,
    "POST /payments": DESK,
    "PUT /payments/{payment_id}/process": DESK,
    "POST /payments/refund/{payment_id}": DESK,
}
