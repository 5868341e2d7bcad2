"""The sizes are those of the protocol notes: they are what an analyzer sees of a session."""

from captures.lab.capf.messages import (
    Command,
    Element,
    Message,
    certificate_element,
    certificate_of,
    receive,
)


class _Pipe:
    """A channel that hands out what was sent, three octets at a time."""

    def __init__(self) -> None:
        self._data = b""

    def sendall(self, data: bytes, /) -> None:
        self._data += data

    def recv(self, size: int, /) -> bytes:
        size = min(size, 3)
        piece, self._data = self._data[:size], self._data[size:]
        return piece


def _auth_response(password: bytes | None) -> bytes:
    elements = {int(Element.REASON): b"\x01", int(Element.VERSION): b"\x03"}
    if password is not None:
        elements[Element.PASSWORD] = password
    elements[Element.DEVICE_NAME] = b"SEP001122334455\0"
    return Message(Command.AUTH_RESPONSE, 7, elements).encode()


def test_an_authentication_response_is_as_long_as_a_phones() -> None:
    lengths = [len(_auth_response(each)) for each in (None, b"\0", b"123456\0")]
    assert lengths == [35, 39, 45]


def test_a_store_request_is_its_certificate_and_twenty_octets() -> None:
    der = bytes(900)
    elements = {
        int(Element.CERTIFICATE_TYPE): b"\x01",
        int(Element.CERTIFICATE): certificate_element(der),
    }
    message = Message(Command.STORE_CERT_REQUEST, 7, elements)
    assert len(message.encode()) == len(der) + 20
    assert certificate_of(elements[Element.CERTIFICATE]) == der


def test_a_message_is_read_as_it_was_written_however_it_arrives() -> None:
    pipe = _Pipe()
    pipe.sendall(_auth_response(b"9\0"))
    message = receive(pipe)
    assert message.command is Command.AUTH_RESPONSE
    assert message.session == 7
    assert message.elements[Element.DEVICE_NAME] == b"SEP001122334455\0"
