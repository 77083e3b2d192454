"""Log lines as JSON on standard error: what happened, to which id; never a person, never a token."""

import json
import logging
import sys
import traceback
from collections.abc import Callable, Iterator, MutableMapping
from typing import Any

import orjson
import structlog


def configure(level: str) -> None:
    """Set up this process's log, from `level` upwards; what libraries log goes the same way."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _without_messages,
            structlog.processors.JSONRenderer(serializer=_written),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=logging.WARNING, handlers=[_Libraries()], force=True)
    # Libraries' loggers print addresses with their query, and a query may hold a token.
    for name in ("uvicorn.access", "engineio", "socketio", "httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)


def traced(error: BaseException) -> str:
    """Where an error came from, without its message: that may quote what a person had typed in."""
    return "\n".join(_lines(error))


def _lines(error: BaseException) -> Iterator[str]:
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None:
        yield from _lines(before)
        yield "which led to"
    for frame in traceback.extract_tb(error.__traceback__):
        yield f"{frame.filename}:{frame.lineno} in {frame.name}"
    yield f"{type(error).__module__}.{type(error).__qualname__}"
    if isinstance(error, BaseExceptionGroup):
        for part in error.exceptions:
            yield "of which"
            yield from _lines(part)


def _without_messages(_: Any, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    error = line.pop("exc_info", None)
    if isinstance(error, BaseException):
        line["exception"] = traced(error)
    return line


def _written(line: object, default: Callable[[Any], Any]) -> str:
    try:
        return orjson.dumps(line, default).decode()
    except orjson.JSONEncodeError:
        # A number beyond 64 bits, half of a surrogate pair: a client may have sent it.
        return json.dumps(line, default=default)


class _Libraries(logging.Handler):
    """Takes what libraries log by Python's own logging."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write the first line: those that follow (asyncio's) show objects with all that is in them."""
        error = record.exc_info[1] if record.exc_info else None
        told, *_ = record.getMessage().splitlines() or [""]
        structlog.get_logger().log(record.levelno, told, logger=record.name, exc_info=error)
