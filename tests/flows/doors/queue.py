"""The ways to queue_service's things."""

from typing import Any

from contracts.identity import Role
from tests.flows.doors.door import Body, Door, ids
from tests.flows.doors.target import Target


def _of_visit(**more: Any) -> Any:
    def body(target: Target, _: Role) -> Body:
        return {"visit_id": target.visit.id} | more

    return body


def _to(path: str) -> Any:
    return lambda target: path.format(t=target, v=target.visit)


def _in_queue(target: Target, answer: Body) -> bool:
    columns = ("waiting", "called", "in_progress", "completed")
    return any(target.visit.id in ids(answer[column]) for column in columns)


def _in_phases(target: Target, answer: Body) -> bool:
    return any(target.visit.id in ids(column, "visit_id") for column in answer["phases"].values())


def _in_appointments(target: Target, answer: Body) -> bool:
    return target.appointment_id in ids(answer["appointments"])


def _is_visit(target: Target, answer: Body) -> bool:
    return bool((answer.get("visit") or {}).get("id") == target.visit.id)


def _arrival(target: Target, _: Role) -> Body:
    return {"appointment_id": target.appointment_id}


def _walk_in(target: Target, _: Role) -> Body:
    return target.walk_in()


_MOVE = _of_visit(from_phase="waiting", to_phase="with_doctor")

DOORS = {
    "POST /queue/checkin": Door(_to("/queue/checkin"), _arrival, "scheduled"),
    "POST /queue/walkin": Door(_to("/queue/walkin"), _walk_in),
    "POST /queue/call": Door(_to("/queue/call"), _of_visit()),
    "POST /queue/recall": Door(_to("/queue/recall"), _of_visit(), "called"),
    "POST /queue/requeue": Door(_to("/queue/requeue"), _of_visit(), "called"),
    "POST /queue/start": Door(_to("/queue/start"), _of_visit(), "called"),
    "POST /queue/complete": Door(_to("/queue/complete"), _of_visit(), "in_progress"),
    "POST /queue/skip": Door(_to("/queue/skip"), _of_visit()),
    "POST /queue/cancel": Door(_to("/queue/cancel"), _of_visit(reason="Told us on the phone")),
    "PUT /queue/reorder": Door(_to("/queue/reorder"), _of_visit(new_position=1)),
    "POST /queue/phases/move": Door(_to("/queue/phases/move"), _MOVE),
    "GET /queue/clinic/{clinic_id}": Door(_to("/queue/clinic/{v.clinic_id}"), shows=_in_queue),
    "GET /queue/doctor/{doctor_id}": Door(_to("/queue/doctor/{v.doctor_id}"), shows=_in_queue),
    "GET /queue/phases/{clinic_id}": Door(_to("/queue/phases/{v.clinic_id}"), shows=_in_phases),
    "GET /queue/statistics/{clinic_id}": Door(_to("/queue/statistics/{v.clinic_id}")),
    "GET /queue/upcoming": Door(_to("/queue/upcoming"), state="scheduled", shows=_in_appointments),
    "GET /queue/appointments": Door(_to("/queue/appointments"), booked=True, shows=_in_appointments),
    "POST /visits/check-in": Door(_to("/visits/check-in"), _arrival, "scheduled"),
    "POST /visits/walk-in": Door(_to("/visits/walk-in"), _walk_in),
    "GET /visits": Door(
        _to("/visits?per_page=100"), shows=lambda target, seen: target.visit.id in ids(seen["visits"])
    ),
    "GET /visits/queue": Door(_to("/visits/queue?clinic_id={v.clinic_id}"), shows=_in_queue),
    "GET /visits/{visit_id}": Door(_to("/visits/{v.id}"), shows=_is_visit),
    "PUT /visits/{visit_id}/status": Door(_to("/visits/{v.id}/status"), lambda *_: {"status": "called"}),
    "POST /visits/{visit_id}/call": Door(_to("/visits/{v.id}/call"), lambda *_: {}),
    "GET /appointments/current": Door(
        _to("/appointments/current"), state="in_progress", shows=_is_visit, of_caller=True
    ),
    "POST /appointments/current/complete": Door(
        _to("/appointments/current/complete"), lambda *_: {}, "in_progress", shows=_is_visit, of_caller=True
    ),
    "GET /dashboard/stats": Door(_to("/dashboard/stats?clinic_id={v.clinic_id}"), of_caller=True),
    "GET /audit": Door(_to("/audit?visit_id={v.id}")),
    "GET /dashboard/notifications": Door(
        _to("/dashboard/notifications?clinic_id={v.clinic_id}"), of_caller=True
    ),
}
