"""What can be done with a visit that an answer names, for the OpenAPI document."""

from chassis.links import Link, to


def steps(place: str) -> dict[str, Link]:
    """The routes that take a visit further; `place` is where its id is in the answer."""
    verbs = ("call", "recall", "requeue", "start", "complete", "skip", "cancel")
    by_verb = {verb: to(f"POST /queue/{verb}", body={"visit_id": place}) for verb in verbs}
    return by_verb | {"visit": to("GET /visits/{visit_id}", visit_id=place)}


OF_VISIT = steps("visit/id")
_AGAIN = {name: f"visits/0/{name}" for name in ("patient_id", "clinic_id", "doctor_id", "service_id")}

OF_LIST = steps("visits/0/id") | {
    "check_in": to("POST /queue/checkin", body={"appointment_id": "visits/0/appointment_id"}),
    "again": to("POST /queue/walkin", body=_AGAIN),
}
