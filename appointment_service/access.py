"""Who may call appointment_service's routes."""

from chassis.access import Access
from contracts.identity import STAFF, Role

_DESK = frozenset({Role.RECEPTIONIST, Role.ADMIN})
_ADMIN = frozenset({Role.ADMIN})

ACCESS: Access = {
    "POST /appointments": _DESK,
    "PUT /appointments/{appointment_id}": _DESK | {Role.DOCTOR},
    "DELETE /appointments/{appointment_id}": _DESK,
    "GET /appointments": STAFF,
    "GET /appointments/available-slots": STAFF,
    "GET /appointments/statistics": STAFF,
    "GET /appointments/{appointment_id}": STAFF,
    "GET /clinics": STAFF,
    "GET /clinics/{clinic_id}": STAFF,
    "GET /clinics/{clinic_id}/doctors": STAFF,
    "GET /clinics/{clinic_id}/services": STAFF,
    "POST /clinics": _ADMIN,
    "PUT /clinics/{clinic_id}": _ADMIN,
    "DELETE /clinics/{clinic_id}": _ADMIN,
    "GET /doctors": STAFF,
    "GET /doctors/{doctor_id}": STAFF,
    "POST /doctors": _ADMIN,
    "PUT /doctors/{doctor_id}": _ADMIN,
    "DELETE /doctors/{doctor_id}": _ADMIN,
    "GET /services": STAFF,
    "GET /services/{service_id}": STAFF,
    "POST /services": _ADMIN,
    "PUT /services/{service_id}": _ADMIN,
    "DELETE /services/{service_id}": _ADMIN,
    "POST /auth/revoke": _ADMIN,
}
