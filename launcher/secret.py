"""What only this installation knows, each in a file that only its owner reads."""

import os
import secrets
import tempfile
from collections.abc import Callable
from pathlib import Path


def jwt_secret(data: Path) -> str:
    """The HS256 secret of the tokens: `JWT_SECRET` where it is set, else made in the data folder once."""
    return os.environ.get("JWT_SECRET") or kept(data / "jwt.secret", lambda: secrets.token_urlsafe(48))


def kept(path: Path, make: Callable[[], str]) -> str:
    """What the file holds; made first where it is not there, by exactly one of those who ask at once."""
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # For its owner alone from the first moment (0600).
        descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(descriptor, "w") as file:
            file.write(make())
        try:
            # A link, not a rename: whole from the first moment, and never over somebody else's.
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            os.unlink(draft)
    return path.read_text().strip()
