"""The port that everything is served on."""

import asyncio

import pytest
import uvloop
from starlette.responses import PlainTextResponse

from launcher import serving
from launcher.serving import PortInUse

APP = PlainTextResponse("here")


def test_a_port_that_somebody_listens_on_is_refused() -> None:
    with serving.bound("127.0.0.1", 0) as first:
        first.listen()
        port = first.getsockname()[1]
        with pytest.raises(PortInUse, match=f"port {port} .* --port {port + 1}"):
            serving.bound("127.0.0.1", port)


def test_of_two_that_bound_at_once_the_second_to_listen_is_refused() -> None:
    async def both() -> None:
        with serving.bound("127.0.0.1", 0) as first:
            port = first.getsockname()[1]
            with serving.bound("127.0.0.1", port) as second:
                listening = asyncio.Event()
                serves = asyncio.create_task(serving.serve(APP, first, listening.set))
                async with asyncio.timeout(10):
                    await listening.wait()
                    with pytest.raises(PortInUse, match=f"port {port}"):
                        await serving.serve(APP, second)
                serves.cancel()
                await asyncio.gather(serves, return_exceptions=True)

    # Its listen() says nothing of a port in use.
    uvloop.run(both())
