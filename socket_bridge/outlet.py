"""The last step to a WebSocket: a frame's bytes into its descriptor, with nothing in between."""

import os


class Outlet:
    """Where a connection's frames can be written right now; `fd` is -1 while they have to wait.

    Whoever owns the descriptor takes it away before it is closed, so that its number can't be another
    connection's by the time that something is written.
    """

    __slots__ = ("fd",)

    def __init__(self) -> None:
        self.fd = -1

    def write(self, frame: bytes) -> int:
        """How many bytes of this the kernel took; none when it is full, or the other side is gone."""
        try:
            return os.write(self.fd, frame)
        except OSError:
            return 0
