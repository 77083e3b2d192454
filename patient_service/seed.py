"""The people of the demo: every one of them invented."""

from chassis.service import Service
from contracts.shapes import Gender
from patient_service import actions, queries
from patient_service.shapes import NewPatient

_FIRST = ("Alma", "Basil", "Clover", "Dorian", "Ember", "Fern", "Gale", "Hazel", "Indigo", "Juniper")
_LAST = ("Testwell", "Samplesson", "Demoford", "Mockridge")


async def seed(service: Service) -> None:
    """Register patients 1 to 40, unless there are any."""
    async with service.database.transaction(service.now(), "demo") as change:
        if await queries.all_patients(change.session):
            return
        for number in range(1, 41):
            first, last = _FIRST[(number - 1) % 10], _LAST[(number - 1) // 10]
            given = NewPatient(
                name=f"{first} {last}",
                phone=f"+000555{number:04}",
                age=20 + number,
                gender=Gender.FEMALE if number % 2 else Gender.MALE,
                address=f"{number} Example Street",
            )
            await actions.register(change, given, number)
