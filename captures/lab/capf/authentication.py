"""How a phone shows that it is who it says, and how CAPF finds out: both sides of it.

By an existing certificate the phone sends that certificate, and its device name with the number of
the session signed by the certificate's key, once with SHA-1 and once with SHA-256; beside them its
SUDI, where it has one. What a real phone signs is not published: the sizes are those of one.
"""

from __future__ import annotations

from collections.abc import Mapping

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from captures.lab import pki
from captures.lab.capf.knobs import Task
from captures.lab.capf.messages import (
    CERTIFICATE_TYPE_LSC,
    CERTIFICATE_TYPE_MIC,
    Element,
    Message,
    certificate_element,
    certificate_of,
)
from captures.lab.knobs import Phone
from captures.lab.plan import Plan

MAKER = "manufacturing-ca"
"""The scenario's certificate that issues MICs and SUDIs."""
_WAYS = ("none", "string", "null-string", "lsc", "mic")
"""By the value of AUTH_TYPE; of capfAuthMode the same, 3 and 4 being the ways tried first."""
_LSC, _MIC = b"\x03", b"\x04"


def auth_type(task: Task, configured: int) -> bytes:
    """What AUTH_REQUEST asks for: as the task says, or else as ``capfAuthMode`` does."""
    way = _WAYS.index(task.authentication) if task.authentication else configured
    return bytes([way])


def key_octets(key: pki.PrivateKey) -> bytes:
    """A public key as SubjectPublicKeyInfo in DER."""
    spki = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(serialization.Encoding.DER, spki)


class Credentials:
    """What a phone has from its maker, and from CAPF on an earlier day."""

    def __init__(self, plan: Plan, phone: Phone) -> None:
        self._plan = plan
        self._phone = phone
        self._key = pki.generate_key("rsa-2048")

    def lsc(self) -> bytes:
        """The certificate (DER) that CAPF issued."""
        issuer = self._phone.lsc_of or self._plan.record.capf.certificate
        capf = pki.read(self._plan.identities, issuer)
        return pki.issue_lsc(capf, key_octets(self._key), self._phone.name, self._phone.model)

    def _by_maker(self) -> bytes:
        maker = pki.read(self._plan.identities, MAKER)
        return pki.issue_mic(maker, key_octets(self._key), self._phone.name, self._phone.model)

    def answer(self, request: Message) -> dict[int, bytes]:
        """The elements with which the phone authenticates, without its name."""
        way = request.elements.get(Element.AUTH_TYPE, b"")
        if way not in (_LSC, _MIC):
            password = self._phone.password
            return {} if password is None else {Element.PASSWORD: password.encode() + b"\0"}
        kind, der = CERTIFICATE_TYPE_LSC, self.lsc
        if way == _MIC:
            kind, der = CERTIFICATE_TYPE_MIC, self._by_maker
        signed = _signed(self._phone.name, request.session)
        elements: dict[int, bytes] = {
            Element.CERTIFICATE_TYPE: kind,
            Element.CERTIFICATE: certificate_element(der()),
            Element.SIGNED_DATA: _sign(self._key, signed, hashes.SHA1()),
        }
        if MAKER in self._plan.record.certificates:
            elements[Element.SUDI_DATA] = self._by_maker()
        return elements | {Element.SHA2_SIGNED_DATA: _sign(self._key, signed, hashes.SHA256())}


def _signed(device: str, session: int) -> bytes:
    return device.encode() + session.to_bytes(4, "big")


def _sign(key: pki.PrivateKey, data: bytes, digest: hashes.HashAlgorithm) -> bytes:
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(data, padding.PKCS1v15(), digest)
    return key.sign(data, ec.ECDSA(digest))


def is_accepted(plan: Plan, task: Task, asked: bytes, response: Message) -> bool:
    """Whether CAPF takes an AUTH_RESPONSE for that of the phone."""
    if asked not in (_LSC, _MIC):
        given = response.elements.get(Element.PASSWORD, b"").rstrip(b"\0").decode()
        return not task.string or given == task.string
    names = [plan.record.capf.certificate] if asked == _LSC else [MAKER]
    issuers = [pki.read(plan.identities, name).certificate for name in names]
    try:
        return _is_proven(issuers, response)
    except (InvalidSignature, LookupError, ValueError, TypeError):
        return False


def _is_proven(issuers: list[x509.Certificate], response: Message) -> bool:
    """Check the certificate's issuer and the signature of the phone.

    Raises:
        InvalidSignature: by somebody else.
        LookupError: elements are missing.
        TypeError: the certificate is signed in a way that no issuer here has.
        ValueError: the issuer's name is another, or the certificate is none.
    """
    elements: Mapping[int, bytes] = response.elements
    certificate = x509.load_der_x509_certificate(certificate_of(elements[Element.CERTIFICATE]))
    for issuer in issuers:
        certificate.verify_directly_issued_by(issuer)
    device = elements[Element.DEVICE_NAME].rstrip(b"\0").decode()
    key, data = certificate.public_key(), _signed(device, response.session)
    if not isinstance(key, rsa.RSAPublicKey):
        return False
    key.verify(elements[Element.SHA2_SIGNED_DATA], data, padding.PKCS1v15(), hashes.SHA256())
    key.verify(elements[Element.SIGNED_DATA], data, padding.PKCS1v15(), hashes.SHA1())
    return True
