"""The page at the root: a live queue in the browser for whoever follows a sign-in link."""

import re
from base64 import b64encode
from functools import cache
from hashlib import sha256
from pathlib import Path

from starlette.responses import Response

INDEX = Path(__file__).with_name("index.html")


@cache
def _parts() -> tuple[bytes, dict[str, str]]:
    html = INDEX.read_text(encoding="utf-8")

    def hashes(tag: str) -> str:
        found = re.findall(rf"<{tag}>(.*?)</{tag}>", html, re.DOTALL)
        return " ".join(f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'" for text in found)

    headers = {
        # Only what is written in the file itself runs, and it talks to nobody else.
        "Content-Security-Policy": (
            f"default-src 'none'; script-src {hashes('script')}; style-src {hashes('style')}; "
            "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        ),
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-cache",
    }
    return html.encode(), headers


def response() -> Response:
    """The page, allowed to run nothing but its own script and to connect only where it came from."""
    html, headers = _parts()
    return Response(html, media_type="text/html", headers=headers)
