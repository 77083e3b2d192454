"""A client's WebSocket frames, read without the connection (RFC 6455, 5)."""

from collections.abc import Iterator

try:
    from websockets.speedups import apply_mask
except ImportError:  # a platform that it is not compiled for
    from websockets.utils import apply_mask

TEXT, BINARY, CLOSE, PING, PONG = 0x1, 0x2, 0x8, 0x9, 0xA

PROTOCOL_ERROR, TOO_LARGE = 1002, 1009


class Broken(Exception):
    """This is no WebSocket any more; `code` says why when it is closed."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def frame(opcode: int, body: bytes) -> bytes:
    """One whole frame of the server's, which has no mask."""
    size = len(body)
    if size < 126:
        return bytes((0x80 | opcode, size)) + body
    if size < 1 << 16:
        return bytes((0x80 | opcode, 126)) + size.to_bytes(2, "big") + body
    return bytes((0x80 | opcode, 127)) + size.to_bytes(8, "big") + body


class Frames:
    """Puts a client's messages together, none larger than `limit`."""

    __slots__ = ("_kind", "_limit", "_message", "_rest")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._rest = b""
        self._kind = 0
        self._message = b""

    def read(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """The messages and control frames that these bytes complete; raises `Broken`."""
        buffer, at = self._rest + data, 0
        while at < len(buffer) and (found := self._next(buffer, at)) is not None:
            at, opcode, final, body = found
            if opcode >= CLOSE:
                yield opcode, body
                continue
            self._kind = self._kind or opcode
            self._message += body
            if final:
                whole = self._kind, self._message
                self._kind, self._message = 0, b""
                yield whole
        self._rest = buffer[at:]

    def _next(self, buffer: bytes, at: int) -> tuple[int, int, bool, bytes] | None:
        """Where the next frame ends, and what it is; None while it is not whole."""
        if len(buffer) - at < 2:
            return None
        first, second = buffer[at], buffer[at + 1]
        opcode, final, size, start = first & 0x0F, first >= 0x80, second & 0x7F, at + 2
        if size >= 126:
            start += 2 if size == 126 else 8
            if len(buffer) < start:
                return None
            size = int.from_bytes(buffer[at + 2 : start], "big")
        # Before the body is here: what is wrong or too large is not waited for.
        if first & 0x70 or second < 0x80 or not self._fits(opcode, final, size):
            raise Broken(PROTOCOL_ERROR)
        if opcode < CLOSE and len(self._message) + size > self._limit:
            raise Broken(TOO_LARGE)
        end = start + 4 + size
        if len(buffer) < end:
            return None
        return end, opcode, final, apply_mask(buffer[start + 4 : end], buffer[start : start + 4])

    def _fits(self, opcode: int, final: bool, size: int) -> bool:
        if opcode in (CLOSE, PING, PONG):
            return final and size < 126
        return opcode <= BINARY and (opcode == 0) == (self._kind != 0)
