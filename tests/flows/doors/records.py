"""The ways to the things of the other three services."""

from typing import Any

from contracts.identity import Role
from tests.flows.doors.door import Body, Door, ids
from tests.flows.doors.target import Target, new_doctor, new_service


def _to(path: str) -> Any:
    return lambda target: path.format(t=target, v=target.visit, s=target.spare)


def _lists(noun: str, wanted: Any) -> Any:
    return lambda target, answer: wanted(target) in ids(answer[noun])


def _changes(target: Target, role: Role) -> Body:
    # What a doctor may change of an appointment is that it is over.
    return {"status": "completed"} if role is Role.DOCTOR else {"notes": "Comes by train"}


def _spare_clinic(target: Target) -> int:
    return target.spare["clinic"]


def money(amount: int) -> Body:
    """Coins on the desk."""
    return {"amount_paid": amount, "payment_method": "cash"}


def _money(target: Target, _: Role) -> Body:
    return {"visit_id": target.visit.id} | money(1)


_APPOINTMENTS = {
    "POST /appointments": Door(_to("/appointments"), lambda target, _: target.new_booking()),
    "PUT /appointments/{appointment_id}": Door(
        _to("/appointments/{t.appointment_id}"), _changes, "in_progress", booked=True
    ),
    "DELETE /appointments/{appointment_id}": Door(
        _to("/appointments/{t.appointment_id}"), lambda *_: {}, "scheduled"
    ),
    "GET /appointments": Door(
        _to("/appointments?per_page=100"),
        booked=True,
        shows=_lists("appointments", lambda target: target.appointment_id),
    ),
    "GET /appointments/available-slots": Door(
        _to("/appointments/available-slots?clinic_id={v.clinic_id}&doctor_id={v.doctor_id}&date={t.today}")
    ),
    "GET /appointments/statistics": Door(
        _to("/appointments/statistics?clinic_id={v.clinic_id}&doctor_id={v.doctor_id}"),
        shows=lambda _, answer: answer["total"] > 0,
    ),
    "GET /appointments/{appointment_id}": Door(_to("/appointments/{t.appointment_id}"), booked=True),
    "POST /auth/revoke": Door(
        _to("/auth/revoke"), lambda target, _: {"jti": f"lost-{target.house.number()}"}
    ),
}

_CATALOGUE = {
    "GET /clinics": Door(_to("/clinics"), shows=_lists("clinics", lambda target: target.visit.clinic_id)),
    "GET /clinics/{clinic_id}": Door(_to("/clinics/{v.clinic_id}")),
    "GET /clinics/{clinic_id}/doctors": Door(_to("/clinics/{v.clinic_id}/doctors")),
    "GET /clinics/{clinic_id}/services": Door(_to("/clinics/{v.clinic_id}/services")),
    "POST /clinics": Door(_to("/clinics"), lambda target, _: {"name": f"Clinic {target.house.number()}"}),
    "PUT /clinics/{clinic_id}": Door(
        _to("/clinics/{s[clinic]}"), lambda *_: {"room_number": "R9"}, clinic=_spare_clinic
    ),
    "DELETE /clinics/{clinic_id}": Door(_to("/clinics/{s[clinic]}"), lambda *_: {}, clinic=_spare_clinic),
    "GET /doctors": Door(_to("/doctors"), shows=_lists("doctors", lambda target: target.visit.doctor_id)),
    "GET /doctors/{doctor_id}": Door(_to("/doctors/{v.doctor_id}")),
    "POST /doctors": Door(_to("/doctors"), lambda target, _: new_doctor(target.visit.clinic_id)),
    "PUT /doctors/{doctor_id}": Door(_to("/doctors/{s[doctor]}"), lambda *_: {"specialty": "Examples"}),
    "DELETE /doctors/{doctor_id}": Door(_to("/doctors/{s[doctor]}"), lambda *_: {}),
    "GET /services": Door(_to("/services"), shows=_lists("services", lambda target: target.visit.service_id)),
    "GET /services/{service_id}": Door(_to("/services/{v.service_id}")),
    "POST /services": Door(_to("/services"), lambda target, _: new_service(target.visit.clinic_id)),
    "PUT /services/{service_id}": Door(_to("/services/{s[service]}"), lambda *_: {"duration": 20}),
    "DELETE /services/{service_id}": Door(_to("/services/{s[service]}"), lambda *_: {}),
}

_PATIENTS = {
    "POST /patients": Door(
        _to("/patients"),
        lambda target, _: {"name": "Nora Newcomer", "phone": f"+888{target.house.number():06}"},
    ),
    "PUT /patients/{patient_id}": Door(
        _to("/patients/{t.patient_id}"), lambda *_: {"address": "5 Example Row"}
    ),
    "DELETE /patients/{patient_id}": Door(_to("/patients/{s[patient]}"), lambda *_: {}),
    "GET /patients": Door(_to("/patients?phone=%2B999&per_page=100")),
    "GET /patients/search": Door(_to("/patients/search?q=Quinn")),
    "GET /patients/{patient_id}": Door(_to("/patients/{t.patient_id}")),
    "GET /patients/statistics": Door(_to("/patients/statistics")),
    "GET /patients/export": Door(_to("/patients/export")),
}

_PAYMENTS = {
    "GET /payments": Door(
        _to("/payments?per_page=100"), shows=_lists("payments", lambda target: target.payment_id)
    ),
    "GET /payments/{payment_id}": Door(_to("/payments/{t.payment_id}")),
    "GET /payments/invoice/{visit_id}": Door(_to("/payments/invoice/{v.id}")),
    "GET /payments/statistics": Door(_to("/payments/statistics?clinic_id={v.clinic_id}")),
    "GET /payments/export": Door(_to("/payments/export?clinic_id={v.clinic_id}")),
    "POST /payments": Door(_to("/payments"), _money),
    "PUT /payments/{payment_id}/process": Door(_to("/payments/{t.payment_id}/process"), lambda *_: money(1)),
    "POST /payments/refund/{payment_id}": Door(
        _to("/payments/refund/{t.payment_id}"), lambda *_: {}, paid=True
    ),
}

DOORS = _APPOINTMENTS | _CATALOGUE | _PATIENTS | _PAYMENTS
