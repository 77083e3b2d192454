"""What payment_service publishes."""

from typing import ClassVar

from contracts.event import Event, Process
from contracts.shapes import Id, Payment, Visit


class PaymentProcessed(Event):
    """Money came in, for the whole of a visit or a part of it."""

    subject: ClassVar[str] = "clinic.{visit.clinic_id}.payment_processed"
    rooms: ClassVar[tuple[str, ...]] = (
        "desk_{visit.clinic_id}",
        "desk_all",
        "doctor_{visit.doctor_id}",
    )
    owner: ClassVar[Process] = Process.PAYMENT
    of_clinic: ClassVar[str | None] = "{visit.clinic_id}"

    payment: Payment
    visit: Visit


class PaymentRecorded(Event):
    """A payment was made, part-paid, paid, refunded or voided; `void` ones are neither listed nor counted."""

    subject: ClassVar[str] = "clinic.{clinic_id}.payment_recorded"
    rooms: ClassVar[tuple[str, ...]] = ()
    owner: ClassVar[Process] = Process.PAYMENT
    about: ClassVar[str | None] = "payment_{payment.id}"
    became: ClassVar[str | None] = "{outcome}"

    payment: Payment
    void: bool
    clinic_id: Id
    doctor_id: Id

    @property
    def outcome(self) -> str:
        """How the payment stands."""
        return "void" if self.void else self.payment.status
