"""Before the doors open: which clinic, who works there, which times are free, who is left from before."""

from collections import deque
from collections.abc import Sequence
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from appointment_service.shapes.appointments import Slots
from appointment_service.shapes.catalogue import ClinicList, DoctorList, ServiceList
from contracts.shapes import Clinic, Doctor, Id, Service, Visit
from launcher.day.member import Member, Query
from launcher.day.people import is_invented
from launcher.day.plan import Plan
from launcher.day.reception import House
from launcher.refusal import CannotGoOn
from queue_service.shapes import Queue, VisitFound, VisitList


async def choose(anyone: Member, clinic_id: Id | None) -> Clinic:
    """The clinic named, or the first; raises CannotGoOn when there is none."""
    clinics = (await anyone.get("/clinics", ClinicList)).clinics
    for clinic in clinics:
        if clinic.is_active and clinic_id in (None, clinic.id):
            return clinic
    known = ", ".join(f"{clinic.id} ({clinic.name})" for clinic in clinics if clinic.is_active)
    raise CannotGoOn(f"there is no such clinic; there are: {known or 'none'}; name one: --clinic ID")


async def staffed(desk: Member, clinic: Clinic) -> tuple[tuple[Doctor, ...], Service]:
    """The clinic's doctors, and its first service; raises CannotGoOn when it lacks either."""
    doctors = (await desk.get(f"/clinics/{clinic.id}/doctors", DoctorList)).doctors
    services = (await desk.get(f"/clinics/{clinic.id}/services", ServiceList)).services
    working = tuple(doctor for doctor in doctors if doctor.is_active)
    offered = [service for service in services if service.is_active]
    if not working or not offered:
        raise CannotGoOn(f"{clinic.name} has no doctor or offers no service; name another: --clinic ID")
    return working, offered[0]


async def furnished(
    desk: Member, clinic: Clinic, doctors: tuple[Doctor, ...], service: Service, plan: Plan, now: datetime
) -> House:
    """The clinic with a time for each patient who is planned to have one, as far as there are free ones."""
    zone = ZoneInfo(clinic.time_zone)
    today = now.astimezone(zone).date()
    times: dict[int, datetime] = {}
    spare: dict[Id, deque[datetime]] = {}
    for index, doctor in enumerate(doctors):
        free = await _free(desk, clinic, doctor, today)
        booked = [one.number for one in plan.coming if one.doctor == index and one.slot is not None]
        chosen = chosen_times(free, now, len(booked))
        # Fewer times than patients: the last ones will walk in.
        times |= dict(zip(booked, chosen, strict=False))
        spare[doctor.id] = deque(moment for moment in free if moment not in chosen)
    return House(clinic, doctors, service, times, spare)


def chosen_times(free: Sequence[datetime], now: datetime, count: int) -> list[datetime]:
    """So many of the free times, in order: first of all those that have begun.

    An appointment stands in line from its booked time on: with a later one a patient would wait for the real
    clock, while the play goes on.
    """
    begun = sorted(moment for moment in free if moment <= now)
    later = sorted(moment for moment in free if moment > now)
    chosen = begun[max(0, len(begun) - count) :]
    return chosen + later[: count - len(chosen)]


async def left_over(desk: Member, clinic: Clinic, doctors: Sequence[Doctor]) -> list[Visit]:
    """Visits of invented people that an earlier day left in the queue.

    Raises CannotGoOn when there is anybody else: a day is not played with real patients.
    """
    queue = await desk.get(f"/queue/clinic/{clinic.id}", Queue)
    items = (*queue.waiting, *queue.called, *queue.in_progress)
    real = [item for item in items if not is_invented(item.patient_phone)]
    if real:
        raise CannotGoOn(
            f"{clinic.name} has {len(real)} patients in its queue whom this command has not invented; "
            "a day is played where nobody real waits: name another clinic: --clinic ID"
        )
    visits = [(await desk.get(f"/visits/{item.id}", VisitFound)).visit for item in items]
    return [visit for visit in visits if visit.doctor_id in {doctor.id for doctor in doctors}]


async def seen_today(desk: Member, clinic: Clinic, today: date) -> frozenset[Id]:
    """The patients who have been here today, or are still expected."""
    patients: set[Id] = set()
    page, more = 1, True
    while more:
        query: Query = {"clinic_id": clinic.id, "date": today.isoformat(), "page": page, "per_page": 100}
        listed = await desk.get("/visits", VisitList, query)
        patients |= {visit.patient_id for visit in listed.visits}
        page, more = page + 1, listed.pagination.has_next
    return frozenset(patients)


async def _free(desk: Member, clinic: Clinic, doctor: Doctor, today: date) -> list[datetime]:
    query: Query = {"clinic_id": clinic.id, "doctor_id": doctor.id, "date": today.isoformat()}
    slots = (await desk.get("/appointments/available-slots", Slots, query)).available_slots
    zone = ZoneInfo(clinic.time_zone)
    return [datetime.combine(today, time.fromisoformat(slot.start_time), zone) for slot in slots]
