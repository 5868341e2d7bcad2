"""Codes for what keys reveal of CAPF sessions; what finds them is loaded where keys are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from capfpcap.report import Severity, Stage
from capfpcap.rules.model.code import Code, Family
from capfpcap.rules.model.screen import Screen
from capfpcap.rules.model.sight import Sight

if TYPE_CHECKING:
    from capfpcap.rules.model.case import Case
    from capfpcap.rules.model.draft import Draft

_SERVICES = ("capf",)
_TRACE = "CAPF's trace ('file list activelog cm/trace/capf/sdi', or RTMT)"

CAPF_UNKNOWN_DEVICE = Code(
    code="capf-unknown-device",
    family=Family.CAPF,
    severity=Severity.CRITICAL,
    stage=Stage.CAPF,
    screen=Screen.TOO_LATE,
    services=_SERVICES,
    looks_for=Sight.READ,
    meaning="CAPF does not know the device: it ends the session with reason 9.",
    told_by="Decrypted: END_SESSION with reason 9.",
    not_this="A phone whose authentication CAPF declines (capf-authentication-rejected), or for "
    "which nothing is pending (capf-no-operation).",
    remedy="Look for the device name in CUCM (Device > Phone): it must be there to the letter, "
    "model and all. A phone that was deleted, replaced or moved to another cluster still asks the "
    "CAPF that its old configuration names. If it is there, check database replication ('utils "
    "dbreplication runtimestate') and restart Cisco Certificate Authority Proxy Function.",
)
CAPF_AUTHENTICATION_REJECTED = Code(
    code="capf-authentication-rejected",
    family=Family.CAPF,
    severity=Severity.CRITICAL,
    stage=Stage.CAPF,
    screen=Screen.TOO_LATE,
    services=_SERVICES,
    looks_for=Sight.READ,
    meaning="CAPF declines what the phone authenticates itself with: it ends the session with "
    "reason 7 right after AUTH_RESPONSE.",
    told_by="Decrypted: END_SESSION with reason 7 behind AUTH_RESPONSE.",
    not_this="Reason 7 later in a session: then CAPF declines the key or the phone's answer "
    "(capf-session-refused).",
    remedy=f"See 'Certificate Operation Status' on the phone's page in CUCM and {_TRACE}: Invalid "
    "Authentication String, Invalid LSC, Invalid MIC or Invalid Credentials. Set the "
    "Authentication Mode there to one that the phone can meet; save, apply, reset the phone.",
)
CAPF_NO_OPERATION = Code(
    code="capf-no-operation",
    family=Family.CAPF,
    severity=Severity.WARNING,
    stage=Stage.CAPF,
    screen=None,
    services=_SERVICES,
    looks_for=Sight.READ,
    meaning="CAPF has nothing to do for the phone: it ends the session right after authentication "
    "and names no fault.",
    told_by="Decrypted: END_SESSION with reason 0 or 1 behind AUTH_RESPONSE. Info where a later "
    "session is complete.",
    not_this="A session after a complete one, where nothing is pending any more.",
    remedy="On the phone's page in CUCM set Certificate Operation to Install/Upgrade and "
    "'Operation Completes By' at least an hour ahead; save, apply, reset the phone. An operation "
    "whose deadline has passed counts as none.",
)
CAPF_RETRY_LATER = Code(
    code="capf-retry-later",
    family=Family.CAPF,
    severity=Severity.WARNING,
    stage=Stage.CAPF,
    screen=None,
    services=_SERVICES,
    looks_for=Sight.READ,
    meaning="CAPF is busy and asks the phone to come again later.",
    told_by="Decrypted: RETRY_LATER. Info where a later session is complete.",
    not_this="A refusal: that is END_SESSION with a reason.",
    remedy="Wait: the phone comes back by itself. If CAPF puts it off every time, spread the "
    "operations of many phones over a longer time ('Operation Completes By', Bulk "
    f"Administration), and look at {_TRACE} and at the publisher's load.",
)
CAPF_MALFORMED = Code(
    code="capf-malformed",
    family=Family.CAPF,
    severity=Severity.WARNING,
    stage=Stage.CAPF,
    screen=Screen.CONNECTION_FAILED,
    services=_SERVICES,
    looks_for=Sight.READ,
    meaning="What is said inside TLS on CAPF's port is not CAPF, or not whole messages of it.",
    told_by="Decrypted: a message does not begin as one does, or an element reaches past the end "
    "of its message; the finding says at which byte of the plaintext. Critical where the session "
    "is not complete.",
    not_this="A message over several records or several in one; commands and elements that are "
    "not known; bytes that the capture lacks.",
    remedy="Find out who sent it: the frame names the sender. If it is CAPF, compare the "
    "certificate that it presents with 'show cert own CAPF' (another service, or a box in the "
    "middle, may answer), and look for a defect of that release; if it is the phone, update its "
    "firmware.",
)
LSC_INSTALLED = Code(
    code="lsc-installed",
    family=Family.CAPF,
    severity=Severity.INFO,
    stage=Stage.CAPF,
    screen=None,
    services=_SERVICES,
    looks_for=Sight.READ,
    meaning="CAPF issued an LSC and the phone stored it.",
    told_by="Decrypted: STORE_CERT_REQUEST with the certificate, and a STORE_CERT_RESPONSE that "
    "gives no reason against it. A warning where the LSC is not for the key that the phone "
    "generated, names another device or had expired.",
    not_this="A certificate that CAPF sent and the phone did not confirm (capf-session-aborted).",
    remedy="Nothing to do.",
)
LSC_FETCHED = Code(
    code="lsc-fetched",
    family=Family.CAPF,
    severity=Severity.INFO,
    stage=Stage.CAPF,
    screen=None,
    services=_SERVICES,
    looks_for=Sight.READ,
    meaning="CAPF read the certificate that the phone has (Troubleshoot).",
    told_by="Decrypted: FETCH_RESPONSE with a certificate.",
    not_this="An installation; a phone without a certificate, which answers with a reason.",
    remedy="Nothing to do.",
)
LSC_DELETED = Code(
    code="lsc-deleted",
    family=Family.CAPF,
    severity=Severity.INFO,
    stage=Stage.CAPF,
    screen=None,
    services=_SERVICES,
    looks_for=Sight.READ,
    meaning="CAPF had the phone delete its LSC.",
    told_by="Decrypted: a DELETE_RESPONSE that gives no reason against it.",
    not_this="A phone that CAPF asks for a certificate which it does not have: without keys the "
    "two look alike.",
    remedy="Nothing to do, if that was meant: Certificate Operation on the phone's page in CUCM.",
)


@CAPF_UNKNOWN_DEVICE.by_phone
def unknown_device(case: Case) -> Iterator[Draft]:
    """END_SESSION with reason 9."""
    from capfpcap.rules.capf.reading import ending  # noqa: PLC0415 - keys only

    return ending.unknown_device(case)


@CAPF_AUTHENTICATION_REJECTED.by_phone
def authentication_rejected(case: Case) -> Iterator[Draft]:
    """END_SESSION with reason 7 right after authentication."""
    from capfpcap.rules.capf.reading import ending  # noqa: PLC0415 - keys only

    return ending.authentication_rejected(case)


@CAPF_NO_OPERATION.by_phone
def no_operation(case: Case) -> Iterator[Draft]:
    """END_SESSION without a fault right after authentication."""
    from capfpcap.rules.capf.reading import ending  # noqa: PLC0415 - keys only

    return ending.no_operation(case)


@CAPF_RETRY_LATER.by_phone
def retry_later(case: Case) -> Iterator[Draft]:
    """RETRY_LATER."""
    from capfpcap.rules.capf.reading import ending  # noqa: PLC0415 - keys only

    return ending.retry_later(case)


@CAPF_MALFORMED.by_phone
def capf_malformed(case: Case) -> Iterator[Draft]:
    """The last session with bytes that are not CAPF."""
    from capfpcap.rules.capf.reading import faults  # noqa: PLC0415 - keys only

    return faults.capf_malformed(case)


@LSC_INSTALLED.by_phone
def lsc_installed(case: Case) -> Iterator[Draft]:
    """The last certificate that CAPF had the phone store."""
    from capfpcap.rules.capf.reading import certificates  # noqa: PLC0415 - keys only

    return certificates.lsc_installed(case)


@LSC_FETCHED.by_phone
def lsc_fetched(case: Case) -> Iterator[Draft]:
    """The last certificate that CAPF read of the phone."""
    from capfpcap.rules.capf.reading import certificates  # noqa: PLC0415 - keys only

    return certificates.lsc_fetched(case)


@LSC_DELETED.by_phone
def lsc_deleted(case: Case) -> Iterator[Draft]:
    """The last time that CAPF had the phone delete its certificate."""
    from capfpcap.rules.capf.reading import certificates  # noqa: PLC0415 - keys only

    return certificates.lsc_deleted(case)
