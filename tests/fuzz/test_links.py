"""Where the OpenAPI documents say that an answer leads."""

import json

import pytest

from contracts.permissions import SERVICES
from tests.fuzz.routes import document


@pytest.mark.parametrize("process", SERVICES)
async def test_every_link_leads_to_a_route_that_takes_what_it_gives(process: str) -> None:
    paths = json.loads(await document(next(one for one in SERVICES if one == process)))["paths"]
    links = [
        (f"{method} {path}", link)
        for path, methods in paths.items()
        for method, route in methods.items()
        for answer in route["responses"].values()
        for link in answer.get("links", {}).values()
    ]
    assert links
    for source, link in links:
        _, _, path, method = link["operationRef"].split("/")
        route = paths[path.replace("~1", "/")][method]
        named = {parameter["name"] for parameter in route.get("parameters", ()) if parameter["in"] == "path"}
        assert set(link.get("parameters", {})) == named, source
        assert ("requestBody" in route) >= ("requestBody" in link), source
