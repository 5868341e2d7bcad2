"""What one direction of a TLS connection says, message by message.

Every message has ``offset`` and ``end``, the stream offsets of its first octet and of the one
behind its last: the segment that carries octet ``end - 1`` completed it. They are named tuples
because a capture holds a hundred thousand of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, TypeAlias

from capf_dissectors.tls.registries import AlertDescription, AlertLevel, Extension, is_tls13

HELLO_RETRY_REQUEST_RANDOM = bytes.fromhex(
    "cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c"
)
"""The random that makes a ServerHello a HelloRetryRequest (RFC 8446, section 4.1.3)."""


class Record(NamedTuple):
    """One TLS record, or one SSL 2.0 record that carries a ClientHello."""

    offset: int
    end: int
    """Where the record ends as its header says, even if the stream does not reach that far."""
    content_type: int
    version: int
    """The version of the record header."""
    length: int
    """Octets of the fragment, without the header."""
    encrypted: bool
    complete: bool
    """Whether every octet of the fragment was captured."""
    resynchronised: bool
    """Whether the record was found by searching, because the octets before it are missing."""


class ClientHello(NamedTuple):
    """ClientHello (RFC 8446, section 4.1.2; RFC 5246, section 7.4.1.2 and appendix E.2)."""

    offset: int
    end: int
    record_version: int
    """The record header's version; ``Version.SSL_2_0`` where it came in an SSL 2.0 record."""
    version: int
    """``client_version``, in TLS 1.3 ``legacy_version``."""
    supported_versions: tuple[int, ...]
    """From the extension of that name; empty where it is not offered."""
    random: bytes
    session_id: bytes
    cipher_suites: tuple[int, ...]
    """In the client's order, GREASE included; of an SSL 2.0 record three octets each."""
    server_name: str | None
    """Host name of the server_name extension; octets outside ASCII are escaped."""
    extensions: Mapping[int, bytes]
    problem: str | None = None
    """What is wrong with the extensions, of which only those in front of the fault are here."""

    @property
    def encrypt_then_mac(self) -> bool:
        """Whether encrypt_then_mac is offered (RFC 7366)."""
        return Extension.ENCRYPT_THEN_MAC in self.extensions

    @property
    def highest_version(self) -> int:
        """The highest version offered, drafts and GREASE aside."""
        known = [offer for offer in self.supported_versions if 0x0300 <= offer <= 0x0304]
        return max(known, default=self.version)


class ServerHello(NamedTuple):
    """ServerHello (RFC 8446, section 4.1.3; RFC 5246, section 7.4.1.3)."""

    offset: int
    end: int
    record_version: int
    version: int
    """The negotiated version, from supported_versions where the server sent it."""
    random: bytes
    session_id: bytes
    cipher_suite: int
    extensions: Mapping[int, bytes]

    @property
    def encrypt_then_mac(self) -> bool:
        """Whether encrypt_then_mac is accepted (RFC 7366)."""
        return Extension.ENCRYPT_THEN_MAC in self.extensions

    @property
    def hello_retry_request(self) -> bool:
        """Whether this asks for a second ClientHello."""
        return self.random == HELLO_RETRY_REQUEST_RANDOM

    @property
    def tls13(self) -> bool:
        """Whether TLS 1.3 is negotiated, so that all that follows is encrypted."""
        return is_tls13(self.version)


class Certificate(NamedTuple):
    """Certificate up to TLS 1.2 (RFC 5246, section 7.4.2); in TLS 1.3 it is encrypted."""

    offset: int
    end: int
    certificates: tuple[bytes, ...]
    """DER, the sender's own first; empty where a client has none."""
    left_out: bool
    """Whether certificates beyond the limits of this dissector were passed over."""


class CertificateRequest(NamedTuple):
    """CertificateRequest up to TLS 1.2 (RFC 5246, section 7.4.4)."""

    offset: int
    end: int
    certificate_types: tuple[int, ...]
    signature_algorithms: tuple[int, ...]
    """SignatureScheme numbers; empty before TLS 1.2."""
    authorities: tuple[bytes, ...]
    """Distinguished names in DER."""


class ServerKeyExchange(NamedTuple):
    """ServerKeyExchange; only ECDHE names its curve (RFC 8422, section 5.4)."""

    offset: int
    end: int
    named_curve: int | None


class ServerHelloDone(NamedTuple):
    """ServerHelloDone (RFC 5246, section 7.4.5)."""

    offset: int
    end: int


class ClientKeyExchange(NamedTuple):
    """ClientKeyExchange (RFC 5246, section 7.4.7)."""

    offset: int
    end: int


class CertificateVerify(NamedTuple):
    """CertificateVerify up to TLS 1.2 (RFC 5246, section 7.4.8)."""

    offset: int
    end: int
    signature_algorithm: int | None
    """SignatureScheme number; None before TLS 1.2."""


class NewSessionTicket(NamedTuple):
    """NewSessionTicket up to TLS 1.2 (RFC 5077, section 3.3)."""

    offset: int
    end: int
    lifetime: int
    """Seconds."""
    ticket: bytes


class CertificateStatus(NamedTuple):
    """CertificateStatus (RFC 6066, section 8)."""

    offset: int
    end: int
    status_type: int
    response: bytes


class Handshake(NamedTuple):
    """A handshake message of a type without a class here, or one whose body cannot be read."""

    offset: int
    end: int
    type: int
    body: bytes
    problem: str | None
    """Why the body of a known type was not read."""


class EncryptedHandshake(NamedTuple):
    """The fragment of one handshake record behind ChangeCipherSpec, first of all Finished."""

    offset: int
    end: int


class Finished(NamedTuple):
    """Finished (RFC 8446, section 4.4.4), which only keys reveal."""

    offset: int
    end: int


class ChangeCipherSpec(NamedTuple):
    """ChangeCipherSpec in the clear; TLS 1.3 sends it for the sake of middleboxes."""

    offset: int
    end: int


class Alert(NamedTuple):
    """One alert (RFC 8446, section 6); level and description are None where it is encrypted."""

    offset: int
    end: int
    level: int | None
    description: int | None

    @property
    def encrypted(self) -> bool:
        """Whether nothing but the alert's presence can be seen."""
        return self.description is None

    @property
    def fatal(self) -> bool:
        """Whether the alert is readable and ends the connection by its level."""
        return self.level == AlertLevel.FATAL

    @property
    def close_notify(self) -> bool:
        """Whether the alert is readable and announces an orderly close."""
        return self.description == AlertDescription.CLOSE_NOTIFY


Message: TypeAlias = (
    ClientHello
    | ServerHello
    | Certificate
    | CertificateRequest
    | ServerKeyExchange
    | ServerHelloDone
    | ClientKeyExchange
    | CertificateVerify
    | NewSessionTicket
    | CertificateStatus
    | Handshake
    | EncryptedHandshake
    | Finished
    | ChangeCipherSpec
    | Alert
)
