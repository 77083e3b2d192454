"""The dashboard's files, as its build left them: what a browser gets at the root."""

from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Message, Receive, Scope, Send

FOLDER = Path(__file__).parent.parent / "dashboard" / "dist"

PAGES = frozenset({"/", "/index.html", "/reception", "/doctor", "/cashier", "/board"})
"""The addresses of pages: one document, which shows the page that the address names."""

ICON = "/icon.svg"

ASSETS = "/assets/"
"""Where scripts and styles are, each under a name made of its content."""

HEADERS = {
    # Only what lies in this folder runs, and it talks to nobody but the origin it came from.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""What goes with each file; `deploy/Caddyfile` says the same."""

FRESH = "no-cache"
"""How long a page is kept: asked for again each time, so that a new build shows at once."""

FOREVER = "public, max-age=31536000, immutable"
"""How long an asset is kept: another content has another name."""

NOT_BUILT = "The dashboard is not built yet; run: make setup\n"


def is_file(path: str) -> bool:
    """Whether this address is one of the dashboard's."""
    return path in PAGES or path == ICON or path.startswith(ASSETS)


class Dashboard:
    """The ASGI app that answers the addresses of `is_file` from a folder."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._document = folder / "index.html"
        self._files = StaticFiles(directory=folder, check_dir=False)
        self._compressed = GZipMiddleware(self._answer)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the file and its headers."""
        path = scope["path"]
        kept = FOREVER if path.startswith(ASSETS) else FRESH

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                # An asset that is missing may be there after the next build.
                told = {**HEADERS, "Cache-Control": kept if message["status"] in (200, 206, 304) else FRESH}
                added = [(name.lower().encode(), value.encode()) for name, value in told.items()]
                message = {**message, "headers": [*message["headers"], *added]}
            await send(message)

        await self._compressed(scope, receive, with_headers)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] in PAGES:
            await self._page()(scope, receive, send)
            return
        try:
            await self._files(scope, receive, send)
        except HTTPException:
            missing = PlainTextResponse("There is no such file; load the page again\n", 404)
            await missing(scope, receive, send)

    def _page(self) -> Response:
        if not self._document.exists():
            return PlainTextResponse(NOT_BUILT, 503)
        return FileResponse(self._document)
