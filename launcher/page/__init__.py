"""The page at the root: a live queue in the browser for whoever follows a sign-in link."""

from pathlib import Path

from starlette.staticfiles import StaticFiles
from starlette.types import Message, Receive, Scope, Send

FOLDER = Path(__file__).parent

HEADERS = {
    # Only what lies in this folder runs, and it talks to nobody but the origin it came from.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",
}
"""What goes with each file; `deploy/Caddyfile` says the same."""

FILES = frozenset({"/", "/index.html", "/queue.js", "/queue.css"})
"""The addresses that are files of the page."""

_files = StaticFiles(directory=FOLDER, html=True)


async def page(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one of `FILES`."""

    async def with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            added = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
            message = {**message, "headers": [*message["headers"], *added]}
        await send(message)

    await _files(scope, receive, with_headers)
