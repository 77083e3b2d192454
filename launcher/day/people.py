"""The day's patients: every one of them invented, and known by a phone that nobody can have."""

import itertools
from collections import deque
from collections.abc import Collection, Iterable
from random import Random

from contracts.shapes import Gender, Id, PatientCard
from launcher.day.member import Member, Refused
from launcher.refusal import CannotGoOn
from patient_service.shapes import NewPatient, PatientList, PatientSaved

INVENTED = "+000555"
"""How an invented person's phone begins, the demo's people's too: no country has this code."""

_FIRST = (
    *("Ada", "Bruno", "Cleo", "Dario", "Edda", "Felix", "Greta", "Hugo", "Iris", "Jonas", "Kira", "Linus"),
    *("Mina", "Nilo", "Olga", "Pavel", "Quinn", "Rosa", "Silas", "Tilda", "Ugo", "Vera", "Wim", "Xenia"),
)
_LAST = (
    *("Placeholder", "Fictional", "Makebelieve", "Pretend", "Sampleton", "Notreal", "Whatsitson"),
    *("Standin", "Dummyfield", "Imaginary", "Testcase", "Nobodyson", "Exampleby"),
)


class People:
    """Who is there to come: those invented before who have not been here today, and ever new ones."""

    def __init__(self, desk: Member, clinic_id: Id, seed: int) -> None:
        self._desk = desk
        self._clinic_id = clinic_id
        self._random = Random(seed)  # noqa: S311  # names are no secret
        self._known: deque[PatientCard] = deque()
        self._numbers = itertools.count(1)
        self.registered = 0

    async def look_up(self, seen_today: Collection[Id]) -> None:
        """Find the invented patients that the installation has, but for those who were here today."""
        found: list[PatientCard] = []
        for page in itertools.count(1):
            query: dict[str, str | int] = {"phone": INVENTED, "page": page, "per_page": 100}
            listed = await self._desk.get("/patients", PatientList, query)
            found += listed.patients
            if page >= listed.pages:
                break
        free = [one for one in _invented(found) if one.id not in seen_today]
        self._random.shuffle(free)
        self._known = deque(free)
        self._numbers = itertools.count(len(found) + 1)

    async def someone(self, new: bool) -> PatientCard:
        """A patient who comes for the first time today; one never seen before where `new`."""
        return await self._register() if new or not self._known else self._known.popleft()

    async def _register(self) -> PatientCard:
        gender = self._random.choice(tuple(Gender))
        name = f"{self._random.choice(_FIRST)} {self._random.choice(_LAST)}"
        age = self._random.randint(1, 95)
        for number in itertools.islice(self._numbers, 1000):
            given = NewPatient(
                name=name,
                phone=f"{INVENTED}{number:07}",
                age=age,
                gender=gender,
                address=f"{number} Example Street",
                clinic_id=self._clinic_id,
            )
            try:
                saved = await self._desk.post("/patients", given, PatientSaved)
            except Refused as refusal:
                # A phone in use: another day is played at the same time.
                if refusal.status != 400:
                    raise
            else:
                self.registered += 1
                return saved.patient
        raise CannotGoOn(
            f"all phones from {INVENTED} on are in use; delete the invented patients of old days"
        )


def _invented(patients: Iterable[PatientCard]) -> list[PatientCard]:
    return [patient for patient in patients if is_invented(patient.phone)]


def is_invented(phone: str) -> bool:
    """Whether this is the phone of an invented person."""
    return phone.startswith(INVENTED)
