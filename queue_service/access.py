"""Who may call queue_service's routes; whose a single move is stands in `rules.MOVERS`."""

from chassis.access import Access
from contracts.identity import STAFF, Role

_DESK = frozenset({Role.RECEPTIONIST, Role.ADMIN})
_EITHER = _DESK | {Role.DOCTOR}
_COMPLETING = frozenset({Role.DOCTOR, Role.ADMIN})
_DOCTOR = frozenset({Role.DOCTOR})

ACCESS: Access = {
    "POST /queue/checkin": _DESK,
    "POST /queue/walkin": _DESK,
    "POST /queue/call": _EITHER,
    "POST /queue/recall": _EITHER,
    "POST /queue/requeue": _EITHER,
    "POST /queue/start": _EITHER,
    "POST /queue/complete": _COMPLETING,
    "POST /queue/skip": _DESK,
    "POST /queue/cancel": _DESK,
    "PUT /queue/reorder": _DESK,
    "POST /queue/phases/move": _EITHER,
    "GET /queue/clinic/{clinic_id}": STAFF,
    "GET /queue/doctor/{doctor_id}": STAFF,
    "GET /queue/phases/{clinic_id}": STAFF,
    "GET /queue/statistics/{clinic_id}": STAFF,
    "GET /queue/upcoming": STAFF,
    "GET /queue/appointments": STAFF,
    "POST /visits/check-in": _DESK,
    "POST /visits/walk-in": _DESK,
    "GET /visits": STAFF,
    "GET /visits/queue": STAFF,
    "GET /visits/{visit_id}": STAFF,
    "PUT /visits/{visit_id}/status": _EITHER,
    "POST /visits/{visit_id}/call": _EITHER,
    "GET /appointments/current": _DOCTOR,
    "POST /appointments/current/complete": _DOCTOR,
    "GET /dashboard/stats": STAFF,
    "GET /dashboard/notifications": STAFF,
}
