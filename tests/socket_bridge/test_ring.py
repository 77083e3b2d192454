"""The ring against a plain list that forgets nothing."""

from hypothesis import given
from hypothesis import strategies as st

from contracts import headers
from socket_bridge.message import Message
from socket_bridge.ring import Ring

ROOMS = ("clinic_1", "doctor_2", "staff")

EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["clinic.1.queue_updated", "doctor.2.queue_updated", "clinic.1.visit_cancelled"]),
        st.lists(st.sampled_from(ROOMS), min_size=1, max_size=3, unique=True),
        st.integers(1, 3),
        st.integers(0, 30),
    ),
    max_size=40,
)


@given(events=EVENTS, limit=st.integers(1, 12), bytes_limit=st.integers(20, 200), asked=st.data())
def test_what_the_ring_covers_it_has_whole(
    events: list[tuple[str, list[str], int, int]], limit: int, bytes_limit: int, asked: st.DataObject
) -> None:
    ring, everything, seq = Ring(limit, bytes_limit), list[Message](), 0
    for subject, rooms, step, size in events:
        seq += step
        message = Message(seq, subject, {headers.ROOMS: ",".join(rooms)}, b"x" * size)
        everything.append(message)
        ring.add(message)
    since = asked.draw(st.integers(0, seq + 1))
    wanted = set(asked.draw(st.lists(st.sampled_from(ROOMS), min_size=1, unique=True)))
    newest = {message.subject: message.seq for message in everything}
    expected = [
        message
        for message in everything
        if message.seq > since
        and wanted & set(message.rooms)
        and (message.subject == "clinic.1.visit_cancelled" or newest[message.subject] == message.seq)
    ]
    if ring.covers(since):
        assert ring.after(since, wanted, 1000) == expected
        assert ring.after(since, wanted, 2) == expected[:2]
    else:
        assert all(message in expected for message in ring.after(since, wanted, 1000))
