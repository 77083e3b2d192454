"""What a service keeps of what it was asked is bounded, however many different things that were."""

from sqlalchemy import literal_column, select

from chassis.database import STATEMENTS, Database
from chassis.service import Service
from chassis.settings import Settings
from tests.chassis.notebook import PARTS
from tests.parts import SECRET, client

MANY = 300


async def test_statements_of_many_kinds_are_forgotten_once_others_were_run(database: Database) -> None:
    async with database.reading() as session:
        for number in range(MANY):
            found: int = (await session.execute(select(literal_column(f"{number}")))).scalar_one()
            assert found == number
        engine = session.get_bind().engine
    assert engine._compiled_cache is not None
    assert len(engine._compiled_cache) <= STATEMENTS * 1.5


async def test_addresses_and_methods_that_are_none_are_counted_as_one() -> None:
    settings = Settings(database_url="sqlite:///never-opened", jwt_secret=SECRET)
    service = Service(settings, PARTS)
    async with client(service) as http:
        for number in range(MANY):
            assert (await http.request(f"M{number}", f"/somewhere/{number}")).status_code == 404
            assert (await http.request(f"M{number}", "/notes")).status_code == 405
    [requests] = [family for family in service.metrics.collect() if family.name == "http_requests"]
    counted = {
        tuple(one.labels.values()): one.value for one in requests.samples if one.name.endswith("_total")
    }
    assert counted == {("OTHER", "unknown", "404"): MANY, ("OTHER", "unknown", "405"): MANY}
