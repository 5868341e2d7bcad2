"""Messages field by field, each with the place of its bytes."""

from __future__ import annotations

from capf_dissectors.capf import Command, Tag
from capf_dissectors.capf.words import MASK
from capf_dissectors.outline import Node
from capf_dissectors.outline.capf import MAX_MESSAGES, outline_capf, outline_tvs

from tests.dissectors.framed import builders


def named(nodes: tuple[Node, ...], name: str) -> Node:
    return next(node for top in nodes for node in top.walk() if node.name == name)


def test_a_message_stands_field_by_field_where_its_bytes_are() -> None:
    data = builders.capf(Command.AUTH_RESPONSE, (Tag.DEVICE_NAME, b"SEP0\0"), (Tag.REASON, b"\1"))
    (message,) = outline_capf(b"xx" + data, 2)
    assert (message.name, message.value) == ("CAPF message", "AUTH_RESPONSE")
    assert (message.start, message.end) == (2, 2 + len(data))
    name = named((message,), "DEVICE_NAME (13)")
    assert (name.value, name.start, name.end) == ("SEP0", 13, 18)
    assert named((message,), "REASON (1)").value == "OK (1)"
    assert named((message,), "Session id").value == "1"


def test_a_certificate_inside_an_element_is_outlined() -> None:
    der = builders.certificate()
    data = builders.capf(Command.STORE_CERT_REQUEST, (Tag.CERTIFICATE, builders.nested(der)))
    found = named(outline_capf(data), "Certificate")
    assert (found.start, found.end) == (len(data) - len(der), len(data))
    assert named(outline_capf(data), "Serial number").value == "50639e30"
    assert named(outline_capf(data), "CERTIFICATE (4)").value == "CN=SEP001122334455"


def test_a_public_key_is_named_and_a_password_hidden() -> None:
    data = builders.capf(4, (Tag.PUBLIC_KEY, builders.public_key("ec-256")))
    data += builders.capf(2, (Tag.PASSWORD, b"483920\0"))
    nodes = outline_capf(data)
    assert named(nodes, "PUBLIC_KEY (9)").value == "EC secp256r1"
    assert named(nodes, "PASSWORD (11)").value == MASK
    assert "483920" not in repr(nodes)
    assert "343833393230" not in repr(nodes)


def test_a_damaged_message_says_what_is_missing() -> None:
    data = builders.capf(15, (Tag.REASON, b"\1"))
    (message,) = outline_capf(data[:-1])
    assert [node.value for node in message.walk() if node.is_problem]
    (problem,) = outline_capf(b"GET /")
    assert problem.is_problem


def test_an_answer_of_tvs_is_outlined() -> None:
    data = builders.tvs(2, (7, b"\1"), (1, b"\1SEP0"), (5, b"\0\x12"))
    nodes = outline_tvs(data)
    assert nodes[0].value == "VERIFY_RESPONSE"
    assert named(nodes, "STATUS (7)").value == "invalid (1)"
    assert named(nodes, "DEVICE_NAME (1)").value == "SEP0"
    assert named(nodes, "SERIAL (5)").value == "12"


def test_many_messages_are_bounded() -> None:
    nodes = outline_capf(builders.capf(17) * (MAX_MESSAGES + 1))
    assert len(nodes) == MAX_MESSAGES + 1
    assert nodes[-1].is_problem
    assert not outline_capf(builders.capf(17) * MAX_MESSAGES)[-1].is_problem
