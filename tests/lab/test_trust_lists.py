import hashlib
import struct

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from captures.lab import pki
from captures.lab.knobs import Certificate
from captures.lab.trust_lists import Entry, signed_file, trust_list
from captures.lab.trust_rows import Function

RECORD_LENGTH_ROW = 5


@pytest.fixture(scope="module")
def signer() -> pki.Identity:
    return pki.make_certificate(Certificate(common_name="ITLRECOVERY_cucm-pub.lab.example"))


def _rows(data: bytes) -> list[tuple[int, bytes, int]]:
    """Tag, value and offset of each row; the padding at the end is left out."""
    rows = []
    offset = 0
    while offset < len(data) and data[offset] != 0x0D:
        tag, length = struct.unpack_from("!BH", data, offset)
        rows.append((tag, data[offset + 3 : offset + 3 + length], offset))
        offset += 3 + length
    return rows


def _header_length(data: bytes) -> int:
    length: int = struct.unpack_from("!H", data, 8)[0]
    return length


@pytest.mark.parametrize("digest", ["sha1", "sha512"])
def test_header_and_records_fill_the_file(signer: pki.Identity, digest: str) -> None:
    entries = [
        Entry(Function.SAST, signer.certificate),
        Entry(Function.CAPF, signer.certificate, "cucm-pub.lab.example", "10.1.2.3", True),
        Entry(Function.TVS, signer.certificate, "cucm-pub.lab.example", "10.1.2.3"),
    ]
    data = trust_list("ITLFile.tlv", signer, digest, entries)
    offset = _header_length(data)
    assert offset % 4 == 0
    for _ in entries:
        (length,) = struct.unpack_from("!H", data, offset + 3)
        rows = _rows(data[offset + RECORD_LENGTH_ROW : offset + length])
        assert length == RECORD_LENGTH_ROW + sum(3 + len(value) for _, value, _ in rows)
        offset += length
    assert offset == len(data)


@pytest.mark.parametrize(
    ("digest", "algorithm"), [("sha1", hashes.SHA1()), ("sha512", hashes.SHA512())]
)
def test_the_signature_covers_the_file_without_its_own_row(
    signer: pki.Identity, digest: str, algorithm: hashes.HashAlgorithm
) -> None:
    data = signed_file("SEP001122334455.cnf.xml.sgn", signer, digest, b"<device/>")
    [(value, start)] = [(v, o) for tag, v, o in _rows(data[: _header_length(data)]) if tag == 12]
    key = signer.certificate.public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    signed = data[:start] + data[start + 3 + len(value) :]
    key.verify(value, signed, padding.PKCS1v15(), algorithm)
    assert data.endswith(b"<device/>")


def test_a_record_of_release_11_has_the_hash_in_place_of_the_certificate(
    signer: pki.Identity,
) -> None:
    entry = Entry(Function.CAPF, signer.certificate, hash_only=True)
    data = trust_list("ITLFile.tlv", signer, "sha1", [entry])
    rows = {tag: value for tag, value, _ in _rows(data[_header_length(data) :])}
    assert rows[11] == hashlib.sha1(signer.der).digest()
    assert 9 not in rows
