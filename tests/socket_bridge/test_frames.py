"""What clients send, against a client's own implementation of the protocol."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.uri import parse_uri

from socket_bridge.frames import BINARY, CLOSE, PING, PONG, TEXT, Broken, Frames, frame

LIMIT = 70_000

MESSAGES = st.lists(
    st.tuples(st.sampled_from([TEXT, BINARY]), st.sampled_from([0, 1, 125, 126, 300, 65_535, 65_536])),
    min_size=1,
    max_size=4,
)


def sent(*frames: tuple[int, bytes, bool]) -> bytes:
    """The bytes of these frames as a client sends them: masked."""
    return b"".join(Frame(Opcode(opcode), body, final).serialize(mask=True) for opcode, body, final in frames)


@settings(deadline=None, max_examples=60)
@given(messages=MESSAGES, cuts=st.lists(st.integers(1, 140_000), max_size=5))
def test_messages_come_out_as_they_went_in_however_they_are_cut(
    messages: list[tuple[int, int]], cuts: list[int]
) -> None:
    wanted = [(opcode, bytes(at % 251 for at in range(size))) for opcode, size in messages]
    data = sent(*((opcode, body, True) for opcode, body in wanted))
    frames, got, start = Frames(LIMIT), list[tuple[int, bytes]](), 0
    for end in [*sorted({cut for cut in cuts if cut < len(data)}), len(data)]:
        got += frames.read(data[start:end])
        start = end
    assert got == wanted


def test_a_message_in_fragments_is_one_with_a_ping_between_them() -> None:
    data = sent((TEXT, b"42[", False), (PING, b"?", True), (0, b'"x"', False), (0, b"]", True))
    frames = Frames(LIMIT)
    got = [message for at in range(len(data)) for message in frames.read(data[at : at + 1])]
    assert got == [(PING, b"?"), (TEXT, b'42["x"]')]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(frame(TEXT, b"no mask"), 1002, id="not masked"),
        pytest.param(b"\xc1" + sent((TEXT, b"x", True))[1:], 1002, id="compressed"),
        pytest.param(b"\x83" + sent((TEXT, b"x", True))[1:], 1002, id="of no known kind"),
        pytest.param(b"\x8b" + sent((TEXT, b"x", True))[1:], 1002, id="of no known control"),
        pytest.param(sent((0, b"x", True)), 1002, id="a continuation of nothing"),
        pytest.param(sent((TEXT, b"x", False), (TEXT, b"x", True)), 1002, id="a message within another"),
        pytest.param(b"\x09" + sent((PING, b"", True))[1:], 1002, id="half a ping"),
        pytest.param(b"\x89\xfe\x00\x7e", 1002, id="a large ping"),
        pytest.param(b"\x81\xff" + (LIMIT + 1).to_bytes(8, "big"), 1009, id="too large, said at once"),
        pytest.param(sent((TEXT, b"x" * LIMIT, False), (0, b"x", True)), 1009, id="too large, in parts"),
    ],
)
def test_what_is_no_frame_or_too_large_ends_it(data: bytes, code: int) -> None:
    with pytest.raises(Broken) as broken:
        list(Frames(LIMIT).read(data))
    assert broken.value.code == code


@pytest.mark.parametrize("size", [0, 125, 126, 65_535, 65_536])
@pytest.mark.parametrize("opcode", [TEXT, CLOSE, PONG])
def test_a_client_understands_our_frames(opcode: int, size: int) -> None:
    body = b"\x03\xe8" * min(size // 2, 1 if opcode == CLOSE else size) if opcode == CLOSE else b"x" * size
    if opcode != TEXT and len(body) > 125:
        body = body[:125]
    client = ClientProtocol(parse_uri("ws://x"), max_size=None)
    client.state = client.state.OPEN
    client.reader.feed_data(frame(opcode, body))
    client.parser = client.parse()
    client.receive_data(b"")
    [received] = client.events_received()
    assert isinstance(received, Frame)
    assert (received.opcode, bytes(received.data), received.fin) == (opcode, body, True)
