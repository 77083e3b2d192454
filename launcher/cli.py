"""`clinicwire`: a function a command, which imports what it needs when it runs: each starts fast."""

import sys
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from contracts.event import Process
from contracts.identity import Role
from launcher.refusal import CannotGoOn

app = typer.Typer(
    name="clinicwire",
    help="The real-time backbone of an outpatient clinic.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Data = Annotated[
    Path,
    typer.Option(
        envvar="CLINICWIRE_DATA", help="Where this installation keeps its databases, stream and secret."
    ),
]
HERE = Path(".clinicwire")

LONGEST = 10 * 366 * 24 * 3600
"""Seconds: no token is for longer than ten years."""


class LogLevel(StrEnum):
    """From which level on something is logged."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@app.command()
def up(
    port: Annotated[int, typer.Option(envvar="PORT", help="Where it listens; 0 takes a free one.")] = 8000,
    host: Annotated[str, typer.Option(help="The address it listens on; 0.0.0.0 for all.")] = "127.0.0.1",
    demo: Annotated[bool, typer.Option(help="With the demo's clinics, doctors and patients.")] = True,
    data: Data = HERE,
    log_level: Annotated[
        LogLevel, typer.Option(envvar="LOG_LEVEL", help="What is logged, on standard error.")
    ] = LogLevel.WARNING,
) -> None:
    """Run everything on one port: the broker, the four services and the bridge; Ctrl-C stops it."""
    from chassis import logs
    from launcher.serving import until_stopped
    from launcher.up import Installation, up

    logs.configure(log_level)
    until_stopped(up(Installation(data, host, port, demo), typer.echo))


@app.command()
def serve(process: Annotated[Process, typer.Argument(help="Which one.")]) -> None:
    """Run one service or bridge alone, configured by its environment (see the README's table)."""
    from launcher.serve import serve
    from launcher.serving import until_stopped

    until_stopped(serve(process, typer.echo))


@app.command()
def migrate(process: Annotated[Process, typer.Argument(help="Whose database (DATABASE_URL).")]) -> None:
    """Bring a service's database to the newest shape; quick when it is there already."""
    from launcher.serve import migrate
    from launcher.serving import until_stopped

    until_stopped(migrate(process))


@app.command()
def provision(
    max_bytes: Annotated[
        int, typer.Option(envvar="NATS_MAX_BYTES", help="How large the stream may grow.", min=2**20)
    ] = 2 * 2**30,
    replicas: Annotated[
        int, typer.Option(envvar="NATS_REPLICAS", help="Servers that keep the stream; production: 3.", min=1)
    ] = 1,
) -> None:
    """Make the stream and the services' consumers, or bring them up to date (NATS_URL, NATS_NKEY)."""
    from chassis.settings import Settings
    from launcher import services
    from launcher.provision import StreamSize, provision
    from launcher.serving import until_stopped

    settings = services.from_environment(Settings)
    size = StreamSize(max_bytes=max_bytes, replicas=replicas)
    until_stopped(provision(settings, services.heard(), size))


@app.command()
def keys(
    folder: Annotated[Path, typer.Argument(help="Where compose.yaml is.")] = Path(),
) -> None:
    """Make a deployment's secrets, .env (of .env.example) and deploy/nats.conf; what is there stays."""
    from launcher.deployment import prepare

    for written in prepare(folder):
        typer.echo(f"wrote {written}")


@app.command()
def tail(
    clinic: Annotated[list[int] | None, typer.Option(help="A clinic to hear; may be repeated.")] = None,
    base: Annotated[str, typer.Option(help="Where the installation is.")] = "http://127.0.0.1:8000",
    token: Annotated[
        str | None,
        typer.Option(
            envvar="CLINICWIRE_TOKEN", help="Who listens; an admin of the data folder's by default."
        ),
    ] = None,
    data: Data = HERE,
) -> None:
    """Print events as they come, one line each; Ctrl-C stops it."""
    from rich.console import Console

    from launcher.serving import until_stopped
    from launcher.tail import tail

    bearer = token or _token(data, Role.ADMIN)
    until_stopped(tail(base.rstrip("/"), bearer, clinic or (), Console(highlight=False)))


@app.command()
def day(
    speed: Annotated[
        float, typer.Option(help="Seconds of play in a real one; 0: as fast as it goes.", min=0)
    ] = 60,
    seed: Annotated[int | None, typer.Option(help="Which day; the same seed plays the same one.")] = None,
    hours: Annotated[int, typer.Option(help="How long the clinic is open.", min=1, max=12)] = 8,
    clinic: Annotated[int | None, typer.Option(help="Where; the first clinic by default.")] = None,
    base: Annotated[str, typer.Option(help="Where the installation is.")] = "http://127.0.0.1:8000",
    token: Annotated[
        list[str] | None,
        typer.Option(
            envvar="CLINICWIRE_TOKEN",
            help="A member of staff's, or an admin's for all; may be repeated. Signed here by default.",
        ),
    ] = None,
    data: Data = HERE,
) -> None:
    """Play a clinic's day as its staff would, and say whether the queue was right; 1 when it was not."""
    import secrets

    from rich.console import Console

    from launcher.day.plan import HOUR
    from launcher.day.play import Wanted, play
    from launcher.day.tokens import GivenTokens, SignedTokens
    from launcher.serving import until_stopped

    def sign(role: Role, clinics: Collection[int], doctor_id: int | None) -> str:
        return _token(data, role, clinics=clinics, doctor_id=doctor_id)

    # A short one: it is typed again.
    chosen = secrets.randbelow(10_000) if seed is None else seed
    wanted = Wanted(base.rstrip("/"), clinic, speed, chosen, hours * HOUR)
    tokens = GivenTokens(token) if token else SignedTokens(sign)
    until_stopped(play(wanted, tokens, Console(highlight=False), lambda: datetime.now(UTC)))


@app.command()
def token(
    role: Annotated[Role, typer.Option(help="What the bearer is to the clinic.")],
    sub: Annotated[str | None, typer.Option(help="Who the bearer is; a doctor's number by default.")] = None,
    clinic: Annotated[
        list[int] | None, typer.Option(help="A clinic of theirs; may be repeated.", min=1)
    ] = None,
    doctor: Annotated[int | None, typer.Option(help="The doctor that the bearer is.", min=1)] = None,
    ttl: Annotated[
        int | None,
        typer.Option(help="Seconds it is good for; negative: expired.", min=-LONGEST, max=LONGEST),
    ] = None,
    data: Data = HERE,
) -> None:
    """Print a token, signed with this installation's secret (JWT_SECRET, else the data folder's)."""
    typer.echo(_token(data, role, sub=sub, clinics=clinic or (), doctor_id=doctor, ttl=ttl))


def _token(
    data: Path,
    role: Role,
    *,
    sub: str | None = None,
    clinics: Collection[int] = (),
    doctor_id: int | None = None,
    ttl: int | None = None,
) -> str:
    from chassis.settings import Settings
    from launcher import token
    from launcher.secret import jwt_secret

    settings = Settings()
    return token.sign(
        jwt_secret(data),
        role,
        datetime.now(UTC),
        life=token.lifetime(role) if ttl is None else timedelta(seconds=ttl),
        sub=sub,
        clinics=clinics,
        doctor_id=doctor_id,
        issuer=settings.jwt_issuer,
        audience=settings.jwt_audience,
    )


def main() -> None:
    """The console script: what a person can put right is said in one line."""
    try:
        app()
    except CannotGoOn as refusal:
        typer.echo(f"clinicwire: {refusal}", err=True)
        sys.exit(1)
