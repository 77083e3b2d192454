"""Who may call appointment_service's routes, and how far."""

from chassis.access import Access
from contracts.identity import Reach, Role, everyone

_DESK = everyone((Role.RECEPTIONIST, Role.ADMIN), Reach.CLINIC)
_OF_CLINIC = everyone((Role.RECEPTIONIST, Role.DOCTOR, Role.CASHIER, Role.ADMIN), Reach.CLINIC)
_READERS = _OF_CLINIC | {Role.DOCTOR: Reach.OWN}
_ADMIN = {Role.ADMIN: Reach.CLINIC}

ACCESS: Access = {
    "POST /appointments": _DESK,
    "PUT /appointments/{appointment_id}": _DESK | {Role.DOCTOR: Reach.OWN},
    "DELETE /appointments/{appointment_id}": _DESK,
    "GET /appointments": _READERS,
    "GET /appointments/available-slots": _OF_CLINIC,
    "GET /appointments/statistics": _READERS,
    "GET /appointments/{appointment_id}": _READERS,
    "GET /clinics": _OF_CLINIC,
    "GET /clinics/{clinic_id}": _OF_CLINIC,
    "GET /clinics/{clinic_id}/doctors": _OF_CLINIC,
    "GET /clinics/{clinic_id}/services": _OF_CLINIC,
    "POST /clinics": {Role.ADMIN: Reach.EVERY_CLINIC},
    "PUT /clinics/{clinic_id}": _ADMIN,
    "DELETE /clinics/{clinic_id}": _ADMIN,
    "GET /doctors": _OF_CLINIC,
    "GET /doctors/{doctor_id}": _OF_CLINIC,
    "POST /doctors": _ADMIN,
    "PUT /doctors/{doctor_id}": _ADMIN,
    "DELETE /doctors/{doctor_id}": _ADMIN,
    "GET /services": _OF_CLINIC,
    "GET /services/{service_id}": _OF_CLINIC,
    "POST /services": _ADMIN,
    "PUT /services/{service_id}": _ADMIN,
    "DELETE /services/{service_id}": _ADMIN,
    "POST /auth/revoke": {Role.ADMIN: Reach.ALL},
}
