"""The reception: books, cancels, checks in, takes up who walks in, and gives up who does not come."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from appointment_service.shapes.appointments import AppointmentBooked, Cancellation, NewAppointment
from appointment_service.shapes.basics import Done
from contracts.shapes import Clinic, Doctor, Id, PatientCard, Service, VisitStatus
from launcher.day.book import Book, Entry
from launcher.day.clock import Clock
from launcher.day.member import Member, NotUnderstood, Refused
from launcher.day.people import People
from launcher.day.plan import GRACE, Coming
from queue_service.shapes import CheckIn, Ending, Reorder, TicketGiven, VisitMoved, WalkIn

S = VisitStatus


@dataclass(frozen=True)
class House:
    """The clinic that plays the day: its doctors and what they offer.

    `times` has the time to book for the patients who are planned to have one, by their number in the plan,
    `spare` what else each doctor has free today.
    """

    clinic: Clinic
    doctors: tuple[Doctor, ...]
    service: Service
    times: Mapping[int, datetime]
    spare: Mapping[Id, deque[datetime]]


class Reception:
    """Brings each patient to the queue, as planned."""

    def __init__(self, desk: Member, people: People, house: House, book: Book, clock: Clock) -> None:
        self._desk = desk
        self._people = people
        self._house = house
        self._book = book
        self._clock = clock

    async def receive(self, coming: Coming) -> None:
        """Go with one patient until the doctor calls; what goes wrong is noted, and ends this one's way."""
        try:
            entry = await self._until_queued(coming)
            if entry is not None:
                await self._in_the_waiting_room(entry)
        except (Refused, NotUnderstood) as trouble:
            self._book.note_trouble(trouble)
        finally:
            self._settle(coming)

    async def skip(self, entry: Entry, reason: str) -> None:
        """Give a patient up."""
        await self._move(entry, "/queue/skip", reason, S.NO_SHOW)

    async def _until_queued(self, coming: Coming) -> Entry | None:
        await self._clock.until(coming.books)
        patient = await self._people.someone(coming.new)
        entry = None if coming.slot is None else await self._book_slot(coming, patient)
        if coming.cancels is not None:
            await self._clock.until(coming.cancels)
            if entry is not None:
                await self._cancel_by_phone(entry)
            return None
        if coming.arrives is None:
            await self._clock.until((coming.slot or 0) + GRACE)
            if entry is not None:
                await self.skip(entry, "Did not come")
            return None
        await self._clock.until(coming.arrives)
        # Who found no free time comes all the same.
        return await self._walk_in(coming, patient) if entry is None else await self._check_in(entry)

    async def _in_the_waiting_room(self, entry: Entry) -> None:
        entry.arrived = self._clock.now
        self._settle(entry.coming)
        if entry.coming.goes_first:
            await self._let_first(entry)
        if entry.coming.patience is not None:
            await self._clock.after(entry.coming.patience)
            if entry.status is S.WAITING:
                await self._let_go(entry)

    async def _book_slot(self, coming: Coming, patient: PatientCard) -> Entry | None:
        doctor = self._house.doctors[coming.doctor]
        spare = self._house.spare[doctor.id]
        time = self._house.times.get(coming.number)
        while time is not None:
            wanted = NewAppointment(
                clinic_id=self._house.clinic.id,
                doctor_id=doctor.id,
                patient_id=patient.id,
                service_id=self._house.service.id,
                start_time=time,
                booking_source=coming.source,
            )
            try:
                booked = await self._desk.post("/appointments", wanted, AppointmentBooked)
            except Refused as refusal:
                # Somebody else took it, or the service is longer than what is free there.
                if refusal.status != 409:
                    raise
                time = spare.popleft() if spare else None
            else:
                return self._book.enter(coming, booked.visit, booked.appointment.start_time)
        return None

    async def _cancel_by_phone(self, entry: Entry) -> None:
        path = f"/appointments/{entry.visit.appointment_id}"
        entry.on_the_way += 1
        try:
            await self._desk.delete(path, Cancellation(reason="Called to cancel"), Done)
        except Refused as refusal:
            # A DELETE takes no Idempotency-Key: the first one was heard, and its answer lost.
            if refusal.status != 409 or not refusal.repeated:
                raise
        finally:
            entry.on_the_way -= 1
        # The answer does not show it: whoever deletes an appointment ends its visit.
        entry.visit = entry.visit.model_copy(update={"status": S.CANCELLED})

    async def _check_in(self, entry: Entry) -> Entry:
        wanted = CheckIn(appointment_id=entry.visit.appointment_id or 0)
        entry.on_the_way += 1
        try:
            given = await self._desk.post("/queue/checkin", wanted, TicketGiven)
        finally:
            entry.on_the_way -= 1
        self._book.note(entry, given.visit, S.WAITING)
        return entry

    async def _walk_in(self, coming: Coming, patient: PatientCard) -> Entry:
        wanted = WalkIn(
            patient_id=patient.id,
            clinic_id=self._house.clinic.id,
            service_id=self._house.service.id,
            doctor_id=self._house.doctors[coming.doctor].id,
            priority=coming.priority,
        )
        given = await self._desk.post("/queue/walkin", wanted, TicketGiven)
        entry = self._book.enter(coming, given.visit)
        self._book.note(entry, given.visit, S.WAITING)
        return entry

    async def _let_first(self, entry: Entry) -> None:
        entry.by_hand = True
        wanted = Reorder(visit_id=entry.visit.id, new_position=1)
        try:
            moved = await self._desk.put("/queue/reorder", wanted, VisitMoved)
        except Refused as refusal:
            _unless_called(refusal)
        else:
            if moved.visit.position != 1:
                self._book.wrong.append(
                    f"visit {entry.visit.id} was put first, and has place {moved.visit.position}"
                )
            self._book.note(entry, moved.visit, S.WAITING)

    async def _let_go(self, entry: Entry) -> None:
        try:
            await self._move(entry, "/queue/cancel", "Did not want to wait longer", S.CANCELLED)
        except Refused as refusal:
            _unless_called(refusal)

    async def _move(self, entry: Entry, path: str, reason: str, status: VisitStatus) -> None:
        entry.on_the_way += 1
        try:
            moved = await self._desk.post(path, Ending(visit_id=entry.visit.id, reason=reason), VisitMoved)
        finally:
            entry.on_the_way -= 1
        self._book.note(entry, moved.visit, status)

    def _settle(self, coming: Coming) -> None:
        self._book.to_come[self._house.doctors[coming.doctor].id].discard(coming.number)


def _unless_called(refusal: Refused) -> None:
    # The doctor may call the patient at this very moment; what is true then, the next stock-taking shows.
    if refusal.status != 409:
        raise refusal
