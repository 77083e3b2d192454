"""Log lines as JSON on standard error: what happened, to which id; never a person, never a token."""

import logging
import sys

import structlog


def configure(level: str) -> None:
    """Set up this process's log, from `level` upwards."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    # Libraries' loggers print addresses with their query, and a query may hold a token.
    for name in ("uvicorn.access", "engineio", "socketio", "httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
