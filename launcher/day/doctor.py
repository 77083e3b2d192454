"""A doctor: calls whoever is next, waits for them to come in, and sees them."""

from contracts import shapes
from contracts.shapes import VisitStatus
from launcher.day.book import Book, Entry, named
from launcher.day.clock import Clock
from launcher.day.member import Member, NotUnderstood, Refused
from launcher.day.plan import MINUTE, Answer, Second
from launcher.day.reception import Reception
from queue_service.shapes import Call, OfVisit, VisitMoved

S = VisitStatus

LOOK: Second = 30
"""How often an idle doctor looks whether somebody waits."""

NOTES: Second = 60
"""What a doctor writes before the next one is called."""

SECOND_CALL: Second = 2 * MINUTE
"""How long after a call without an answer the next one is made."""


class Doctor:
    """Sees everyone in the own line until nobody is there any more, nor may still come."""

    def __init__(
        self, member: Member, doctor: shapes.Doctor, reception: Reception, book: Book, clock: Clock
    ) -> None:
        self._member = member
        self._doctor = doctor
        self._reception = reception
        self._book = book
        self._clock = clock

    async def work(self, begins: Second) -> None:
        """The doctor's day."""
        self._book.at_work.add(self._doctor.id)
        try:
            await self._clock.until(begins)
            await self._see_who_was_left()
            while self._book.is_expecting(self._doctor.id):
                if not await self._see_next():
                    await self._clock.after(LOOK)
        finally:
            self._book.at_work.discard(self._doctor.id)

    async def _see_who_was_left(self) -> None:
        """Who an earlier day left with the doctor, or called."""
        try:
            for entry in self._book.of_doctor(self._doctor.id, S.IN_PROGRESS):
                await self._complete(entry)
            for entry in self._book.of_doctor(self._doctor.id, S.CALLED):
                await self._see(entry)
        except (Refused, NotUnderstood) as trouble:
            self._book.note_trouble(trouble)

    async def _see_next(self) -> bool:
        if not self._book.line(self._doctor.id):
            return False
        entry = None
        try:
            entry = await self._call_next()
            if entry is not None and await self._comes_in(entry):
                await self._see(entry)
        except (Refused, NotUnderstood) as trouble:
            self._book.note_trouble(trouble)
        return entry is not None

    async def _call_next(self) -> Entry | None:
        first = self._first()
        wanted = Call(clinic_id=self._doctor.clinic_id, doctor_id=self._doctor.id)
        try:
            called = (await self._member.post("/queue/call", wanted, VisitMoved)).visit
        except Refused as refusal:
            if refusal.status == 409 and not self._first():
                return None  # the last one gave up at this very moment
            raise
        entry = self._book.entries.get(called.id)
        if entry is None:
            # Another desk's, or somebody's at the page.
            entry = self._book.take_over(called)
        self._book.note(entry, called, S.CALLED)
        # Only who stood in line before the call and still does was surely passed over.
        if first and first is self._first() and not entry.by_hand and first.place < entry.place:
            self._book.wrong.append(f"{named(called)} was called before {named(first.visit)}, who was first")
        return entry

    def _first(self) -> Entry | None:
        """Who is to be called next, as far as the staff can know."""
        certain = (e for e in self._book.line(self._doctor.id) if not e.by_hand and not e.on_the_way)
        return next(certain, None)

    async def _comes_in(self, entry: Entry) -> bool:
        answer = entry.coming.answer
        if answer is Answer.IS_AWAY and not entry.requeued:
            await self._clock.after(SECOND_CALL)
            entry.requeued = entry.by_hand = True
            await self._move(entry, "/queue/requeue", S.WAITING)
            return False
        if answer in (Answer.COMES_ON_RECALL, Answer.HAS_LEFT):
            await self._clock.after(SECOND_CALL)
            await self._move(entry, "/queue/recall", S.CALLED)
            self._book.recalls += 1
        if answer is Answer.HAS_LEFT:
            await self._clock.after(SECOND_CALL)
            await self._reception.skip(entry, "Has left")
            return False
        await self._clock.after(entry.coming.walks)
        return True

    async def _see(self, entry: Entry) -> None:
        await self._move(entry, "/queue/start", S.IN_PROGRESS)
        entry.started = self._clock.now
        await self._clock.after(entry.coming.consultation)
        await self._complete(entry)
        await self._clock.after(NOTES)

    async def _complete(self, entry: Entry) -> None:
        await self._move(entry, "/queue/complete", S.COMPLETED)
        entry.ended = self._clock.now
        self._book.leaving.append(entry)

    async def _move(self, entry: Entry, path: str, status: VisitStatus) -> None:
        entry.on_the_way += 1
        try:
            moved = await self._member.post(path, OfVisit(visit_id=entry.visit.id), VisitMoved)
        finally:
            entry.on_the_way -= 1
        self._book.note(entry, moved.visit, status)
