"""Who may call queue_service's routes, and how far; whose a single move is stands in `rules.MOVERS`."""

from chassis.access import Access
from contracts.identity import Reach, Role, everyone

_DESK = everyone((Role.RECEPTIONIST, Role.ADMIN), Reach.CLINIC)
_DOCTOR = {Role.DOCTOR: Reach.OWN}
_EITHER = _DESK | _DOCTOR
_COMPLETING = {Role.ADMIN: Reach.CLINIC} | _DOCTOR
_OF_CLINIC = everyone((Role.RECEPTIONIST, Role.DOCTOR, Role.CASHIER, Role.ADMIN), Reach.CLINIC)
_READERS = _OF_CLINIC | _DOCTOR

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
    "GET /queue/clinic/{clinic_id}": _READERS,
    "GET /queue/doctor/{doctor_id}": _READERS,
    "GET /queue/phases/{clinic_id}": _READERS,
    "GET /queue/statistics/{clinic_id}": _OF_CLINIC,
    "GET /queue/upcoming": _READERS,
    "GET /queue/appointments": _READERS,
    "POST /visits/check-in": _DESK,
    "POST /visits/walk-in": _DESK,
    "GET /visits": _READERS,
    "GET /visits/queue": _READERS,
    "GET /visits/{visit_id}": _READERS,
    "PUT /visits/{visit_id}/status": _EITHER,
    "POST /visits/{visit_id}/call": _EITHER,
    "GET /appointments/current": _DOCTOR,
    "POST /appointments/current/complete": _DOCTOR,
    "GET /dashboard/stats": _READERS,
    "GET /dashboard/notifications": _READERS,
    "GET /audit": {Role.ADMIN: Reach.CLINIC},
}
