"""What a phone reads in its trust list and its configuration.

This is the phone's own reading, on purpose not the analyzer's: two programs that agree prove more.
"""

from __future__ import annotations

import hashlib
import re
import struct
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric import padding, rsa

from captures.lab import pki
from captures.lab.plan import Plan
from captures.lab.trust_lists import DIGESTS
from captures.lab.trust_rows import PADDING, Function, HeaderTag, RecordTag, row

HEADER_LENGTH_OFFSET = 8
RECORD_LENGTH_OFFSET = 3


def _rows(data: bytes) -> dict[int, bytes]:
    """Rows of a header or record by tag; the padding octet ends them."""
    rows: dict[int, bytes] = {}
    while data and not data.startswith(PADDING):
        tag, length = struct.unpack_from("!BH", data)
        rows[tag] = data[3 : 3 + length]
        data = data[3 + length :]
    return rows


def split_header(data: bytes) -> tuple[dict[int, bytes], bytes]:
    """A signed file's header rows and what follows the header."""
    (length,) = struct.unpack_from("!H", data, HEADER_LENGTH_OFFSET)
    return _rows(data[:length]), data[length:]


class TrustStore:
    """The trust list that a phone holds; a list that is broken or not well signed is refused.

    A record that has a certificate's hash only stands for the scenario's certificate of that hash.
    """

    def __init__(self, plan: Plan, data: bytes) -> None:
        header, content = split_header(data)
        _verify(plan, data, header)
        self._signer = _rows(header[HeaderTag.SIGNER_ID])
        self._records = _records(content)
        identities = (pki.read(plan.identities, name) for name in plan.record.all_certificates())
        self._by_hash = {hashlib.sha1(each.der).digest(): each.der for each in identities}

    @property
    def signer_name(self) -> bytes:
        """The signer's subject, with its NUL."""
        return self._signer[HeaderTag.SIGNER_NAME]

    @property
    def signer_serial(self) -> bytes:
        """The signer's serial number."""
        return self._signer[HeaderTag.SERIAL_NUMBER]

    def certificate(self, function: Function) -> bytes | None:
        """The certificate (DER) of the first record with a function."""
        for record in self._records:
            if record[RecordTag.FUNCTION] == struct.pack("!H", function):
                whole = record.get(RecordTag.CERTIFICATE)
                return whole or self._by_hash[record[RecordTag.CERTIFICATE_HASH]]
        return None


def _verify(plan: Plan, data: bytes, header: dict[int, bytes]) -> None:
    """Check the signature with the scenario's certificate that has the signer's serial number."""
    serial = _rows(header[HeaderTag.SIGNER_ID])[HeaderTag.SERIAL_NUMBER]
    digest = _rows(header[HeaderTag.SIGNATURE_INFO])[HeaderTag.DIGEST_ALGORITHM]
    algorithm = dict(DIGESTS.values())[digest[0]]
    signature = header[HeaderTag.SIGNATURE]
    start = data.index(row(HeaderTag.SIGNATURE, signature))
    signed = data[:start] + data[start + 3 + len(signature) :]
    for name in plan.record.all_certificates():
        certificate = pki.read(plan.identities, name).certificate
        key = certificate.public_key()
        if pki.serial_bytes(certificate) == serial and isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, signed, padding.PKCS1v15(), algorithm)
            return
    raise ValueError("nobody knows the signer")


def _records(content: bytes) -> list[dict[int, bytes]]:
    records = []
    while content:
        (length,) = struct.unpack_from("!H", content, RECORD_LENGTH_OFFSET)
        if not RECORD_LENGTH_OFFSET < length <= len(content):
            raise ValueError(f"a record of {length} octets")
        records.append(_rows(content[:length]))
        content = content[length:]
    return records


@dataclass(frozen=True, slots=True)
class Configuration:
    """What the phone reads in its configuration."""

    auth_mode: int
    capf_host: str
    capf_port: int
    tvs_host: str


def read_configuration(xml: str) -> Configuration:
    """Find what the enrolment needs."""

    def value(pattern: str, default: str = "") -> str:
        found = re.search(pattern, xml, re.DOTALL)
        return found[1] if found else default

    return Configuration(
        auth_mode=int(value(r"<capfAuthMode>(\d+)<", "0")),
        capf_host=value(r"<capfList>.*?<processNodeName>([^<]*)<"),
        capf_port=int(value(r"<phonePort>(\d+)<", "3804")),
        tvs_host=value(r"<TVS>.*?<address>([^<]*)<"),
    )
