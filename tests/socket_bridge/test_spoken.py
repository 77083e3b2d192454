"""Socket.IO packets of clients, as they are read."""

import pytest

from socket_bridge.spoken import Spoken, read


@pytest.mark.parametrize(
    ("said", "spoken"),
    [
        ("0", Spoken(0, "/", None, None)),
        ('0{"token":"x"}', Spoken(0, "/", None, {"token": "x"})),
        ("0/", Spoken(0, "/", None, None)),
        ("0/admin", Spoken(0, "/admin", None, None)),
        ('0/admin?token=x,{"a":1}', Spoken(0, "/admin", None, {"a": 1})),
        ("1", Spoken(1, "/", None, None)),
        ("1/admin,", Spoken(1, "/admin", None, None)),
        ('2["a/b,c",{"d":"1"}]', Spoken(2, "/", None, ["a/b,c", {"d": "1"}])),
        ('217["a",\n1]', Spoken(2, "/", 17, ["a", 1])),
        ('2/admin,17["é"]', Spoken(2, "/admin", 17, ["é"])),
        ("30[]", Spoken(3, "/", 0, [])),
    ],
)
def test_a_packet_is_read(said: str, spoken: Spoken) -> None:
    assert read(said) == spoken


@pytest.mark.parametrize(
    "said",
    [
        "",
        "x",
        "4{}",
        '51-["a",{"_placeholder":true,"num":0}]',
        "61-[]",
        "2[",
        "2{",
        "2" + "[" * 9000,
        "2²[]",
        b"2[]",
        None,
    ],
)
def test_what_is_none_is_not(said: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        read(said)
