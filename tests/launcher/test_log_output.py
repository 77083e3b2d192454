"""What a running process prints, at its most talkative: no token that was in an address, and no person."""

import asyncio
import contextlib
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from contracts.event import Process
from contracts.identity import Role
from launcher import services
from tests.launcher.processes import Running, answers_ready, ready, run, started
from tests.parts import SECRET, Broker, token
from tests.socket_bridge.raw import Raw

PERSON, PHONE = "Petra Private", "+0005550177"


async def provoke(base: str, secret: str) -> None:
    """Put a token into every kind of address, right and wrong."""
    at = urlsplit(base)
    query = f"?token={secret}"
    async with httpx.AsyncClient(base_url=base, headers={"Authorization": f"Bearer {secret}"}) as http:
        for path in ("/", "/patients", "/patients/x", "/nothing", "/socket.io/", "/metrics", "/%zz"):
            for method in ("GET", "POST", "DELETE", "BREW"):
                await http.request(method, path + query, content=b"{" if method == "POST" else None)
        for more in ("&EIO=3", "&EIO=4", "&EIO=4&transport=smoke", "&EIO=4&transport=polling&sid=gone"):
            await http.get(f"/socket.io/{query}{more}")
        await http.post("/patients", json={"name": PERSON, "phone": PHONE, "age": PERSON})
        for _ in range(2):
            await http.post("/patients", json={"name": PERSON, "phone": PHONE, "medical_history": PERSON})
        await http.get("/patients/search", params={"q": PERSON})
    for line in (
        f"GET /{query} HTTP/9.9",
        f"GET /socket.io/{query}",
        f"BREW /{query} HTTP/1.1\r\nHost: x\r\nA",
    ):
        reader, writer = await asyncio.open_connection(at.hostname, at.port)
        writer.write(f"{line}\r\n\r\n".encode())
        with contextlib.suppress(ConnectionError, TimeoutError):
            await asyncio.wait_for(reader.read(100), 1)
        writer.close()


async def connects(base: str, secret: str) -> None:
    """Come in by either transport, with the token in the address; and fail to, with a wrong one."""
    for transport in ("websocket", "polling"):
        async with Raw(base, query=f"&token={secret}", transport=transport) as client:
            await client.event("connected")
            await client.call("join_queue_room", {"clinic_id": 1, "token": secret})
            await client.emit("join_queue_room", {"clinic_id": PERSON, "token": secret + "x"})
            await client.send(f"42[{secret}")
            await client.event("error")
        async with Raw(base, query=f"&token={secret}x", transport=transport) as stranger:
            await stranger.until(lambda packet: packet.startswith("44"))


def printed(process: Running) -> str:
    return "\n".join((*process.lines, process.err))


async def test_up_prints_no_token_of_an_address_and_no_person(tmp_path: Path) -> None:
    async with started("up", "--port", "0", "--data", tmp_path, "--log-level", "debug") as clinic:
        base = await ready(clinic)
        made = await run("token", "--role", "admin", "--sub", "keeper", "--data", tmp_path)
        secret = made.out.strip()
        await provoke(base, secret)
        await connects(base, secret)
        async with httpx.AsyncClient(base_url=base) as http:
            figures = (await http.get("/metrics")).text
        assert await clinic.stop() == 0
    # It was talkative: who came is there, by subject.
    assert '"event":"connected"' in clinic.err
    assert "keeper" in clinic.err
    for word in (secret, secret.rpartition(".")[2], PERSON, PHONE):
        assert word not in printed(clinic)
        assert word not in figures
    assert "http_requests_total" in figures


async def test_a_process_alone_prints_no_token_of_an_address_and_no_person(
    broker: Broker, tmp_path: Path
) -> None:
    await broker.provision({process: tuple(heard) for process, heard in services.heard().items()})
    secret = token(Role.ADMIN, clinics="*", sub="keeper")

    def environment(process: Process) -> dict[str, str]:
        return {
            "NATS_URL": broker.url,
            "NATS_NKEY": broker.seeds[process],
            "DATABASE_URL": f"sqlite:///{tmp_path}/{process}.db",
            "JWT_SECRET": SECRET,
            "PORT": "0",
            "LOG_LEVEL": "debug",
        }

    async with (
        started("serve", "bridge", env=environment(Process.BRIDGE)) as bridge,
        started("serve", "patient", env=environment(Process.PATIENT)) as patient,
    ):
        for process, name in ((bridge, "bridge"), (patient, "patient")):
            base = f"http://127.0.0.1:{await process.line(f'{name} on port ')}"
            await answers_ready(base)
            await provoke(base, secret)
            if process is bridge:
                await connects(base, secret)
            assert await process.stop() == 0
    assert '"event":"connected"' in bridge.err
    for word in (secret, secret.rpartition(".")[2], PERSON, PHONE):
        assert word not in printed(bridge)
        assert word not in printed(patient)
