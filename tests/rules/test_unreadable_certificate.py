"""A certificate that no library reads is known by its hash, and compared with the list by it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from capfpcap.compose.basics import describe_certificate
from capfpcap.report import Outcome, Report
from capfpcap.trust.certificate import UnreadableCertificate, read_certificate
from tests.dissectors import builders
from tests.hostile.wire import FATAL_UNKNOWN_CA, client_hello, server_flight
from tests.rules.made import CONFIGURATION, SECOND, at, by_tftp, from_port, report_on
from tests.timeline.wire import connection

VERSION = bytes.fromhex("a003020102")
FAULTS = {
    "a version that does not exist": builders.CAPF.der.replace(VERSION, VERSION[:4] + b"\7", 1),
    "a byte behind its end": builders.CAPF.der + b"\0",
    "no DER at all": b"no certificate",
}
SHOWN = pytest.mark.parametrize("shown", FAULTS.values(), ids=FAULTS)
FILES = b"<device><capfAuthMode>2</capfAuthMode></device>"


def record_of(certificate: bytes, *, whole: bool) -> bytes:
    """A CAPF record for a certificate: all of it, or its hash."""
    kept = (
        builders.field(9, certificate)
        if whole
        else builders.field(11, hashlib.sha256(certificate).digest()) + builders.field(12, b"\x01")
    )
    return builders.record(builders.text(2, "pub"), builders.field(4, b"\0\4"), kept)


def refused(folder: Path, listed: bytes, shown: bytes, *, whole: bool) -> Report:
    """A phone that holds a list for one certificate and refuses another."""
    signer = builders.certificate_record(0, builders.SIGNER)
    content = builders.signed(signer + record_of(listed, whole=whole), builders.SIGNER)
    turns = [(True, client_hello()), (False, server_flight([shown])), (True, FATAL_UNKNOWN_CA)]
    tried = [at(begin, connection(3804, turns)) for begin in (5 * SECOND, 9 * SECOND)]
    return report_on(
        folder,
        [
            *by_tftp(0, "ITLFile.tlv", content),
            *by_tftp(SECOND, CONFIGURATION, FILES),
            *tried[0],
            *at(9 * SECOND, from_port([packet for _, packet in tried[1]], 50001)),
        ],
    )


@SHOWN
def test_it_has_its_hashes_and_a_reason(shown: bytes) -> None:
    read = read_certificate(shown)
    assert isinstance(read, UnreadableCertificate)
    described = describe_certificate(shown)
    assert described is not None
    assert (described.sha1, described.sha256) == (read.sha1, read.sha256)
    assert described.sha1 == hashlib.sha1(shown).hexdigest()
    assert described.problem
    assert (described.subject, described.not_after) == (None, None)


@SHOWN
@pytest.mark.parametrize("whole", [True, False])
def test_one_that_the_list_does_not_hold_is_a_mismatch(
    shown: bytes, whole: bool, tmp_path: Path
) -> None:
    report = refused(tmp_path, builders.CAPF.der, shown, whole=whole)
    (finding,) = [item for item in report.findings if item.code == "itl-capf-mismatch"]
    assert "cannot be read" in finding.detail
    assert f"SHA-1 {hashlib.sha1(shown).hexdigest()}" in finding.detail
    (phone,) = report.phones
    assert (phone.outcome, phone.root_cause) == (Outcome.FAILED, "itl-capf-mismatch")
    (presented,) = {
        flow.tls.server_certificate.sha256
        for flow in report.flows
        if flow.tls is not None and flow.tls.server_certificate is not None
    }
    assert presented == hashlib.sha256(shown).hexdigest()


@SHOWN
@pytest.mark.parametrize("whole", [True, False])
def test_one_that_the_list_holds_is_no_mismatch(shown: bytes, whole: bool, tmp_path: Path) -> None:
    report = refused(tmp_path, shown, shown, whole=whole)
    codes = {item.code for item in report.findings}
    assert "itl-capf-mismatch" not in codes
    assert "tls-certificate-rejected" in codes
