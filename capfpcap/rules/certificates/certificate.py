"""Findings on the certificate that CAPF presents, judged by the capture's time."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from capfpcap.report import Certainty, Severity, Stage
from capfpcap.rules.model.advice import AFTER_CAPF_CERTIFICATE, RESET
from capfpcap.rules.model.case import Case
from capfpcap.rules.model.code import Code, Family
from capfpcap.rules.model.draft import Draft, proof
from capfpcap.rules.model.presented import (
    Presented,
    has_old_signature,
    has_short_key,
    is_foreign,
    is_listed,
    may_be_signed_by_ca,
    presented_to,
)
from capfpcap.rules.model.screen import Screen
from capfpcap.rules.model.sight import Sight
from capfpcap.trust.validity import day

_SERVICES = ("capf",)

EITHER_EXPLANATION = (
    " Either CAPF was given a certificate signed by that CA, and the phone's list is from "
    "before; or a middlebox presents a certificate of its own. A capture at the publisher tells "
    "which, or 'show cert own CAPF' there."
)
EITHER_REMEDY = (
    "Compare with 'show cert own CAPF' on the publisher. If the serial numbers are equal, the "
    f"phone needs the new list: {AFTER_CAPF_CERTIFICATE}. Check 'show itl' for the new "
    "certificate, then reset the phone. If they differ, exempt TCP 3804 to the publisher from "
    "TLS inspection on firewalls and proxies."
)

CAPF_CERTIFICATE_EXPIRED = Code(
    code="capf-certificate-expired",
    family=Family.CAPF_CERTIFICATE,
    severity=Severity.CRITICAL,
    stage=Stage.TLS,
    screen=Screen.CONNECTION_FAILED,
    looks_for=Sight.ODD_CERTIFICATE,
    services=_SERVICES,
    meaning="The certificate that CAPF presents has expired.",
    told_by="Its notAfter lies before the capture's time.",
    not_this="A certificate that expires soon.",
    remedy="Regenerate the CAPF certificate (OS Administration > Security > Certificate "
    f"Management); {AFTER_CAPF_CERTIFICATE}. {RESET} the phones so that they load the new list.",
)
CAPF_CERTIFICATE_NOT_YET_VALID = Code(
    code="capf-certificate-not-yet-valid",
    family=Family.CAPF_CERTIFICATE,
    severity=Severity.CRITICAL,
    stage=Stage.TLS,
    screen=Screen.CONNECTION_FAILED,
    looks_for=Sight.ODD_CERTIFICATE,
    services=_SERVICES,
    meaning="The certificate that CAPF presents is not valid yet.",
    told_by="Its notBefore lies after the capture's time.",
    not_this="A capture whose clock is wrong: compare with its other times.",
    remedy="Check NTP on the publisher ('utils ntp status') and correct its clock. If the "
    f"certificate still begins later, regenerate it; {AFTER_CAPF_CERTIFICATE}. {RESET} the "
    "phones so that they load the new list.",
)
CAPF_CERTIFICATE_EXPIRING = Code(
    code="capf-certificate-expiring",
    family=Family.CAPF_CERTIFICATE,
    severity=Severity.WARNING,
    stage=Stage.TLS,
    screen=None,
    looks_for=Sight.ODD_CERTIFICATE,
    services=_SERVICES,
    meaning="The certificate that CAPF presents expires soon.",
    told_by="Its notAfter lies within --expiry-days (30) of the capture's time.",
    not_this="One that has expired.",
    remedy="Regenerate the CAPF certificate (OS Administration > Security > Certificate "
    f"Management); {AFTER_CAPF_CERTIFICATE}. {RESET} the phones so that they load the new list.",
)
CAPF_CERTIFICATE_WEAK = Code(
    code="capf-certificate-weak",
    family=Family.CAPF_CERTIFICATE,
    severity=Severity.WARNING,
    stage=Stage.TLS,
    screen=None,
    looks_for=Sight.ODD_CERTIFICATE,
    services=_SERVICES,
    meaning="The certificate that CAPF presents may be refused for its key, its signature or its "
    "extensions.",
    told_by="RSA under 2048 bits, a SHA-1 or MD5 signature; or, where the phone refused it and "
    "nothing else explains that, no CA:TRUE or keyCertSign (needed from 14SU2 on).",
    not_this="A certificate without CA:TRUE that the phone accepts.",
    remedy="Regenerate the CAPF certificate with RSA 2048 or more and SHA-256, with the default "
    f"extensions of the release; {AFTER_CAPF_CERTIFICATE}. {RESET} the phones so that they load "
    "the new list.",
)
CAPF_CERTIFICATE_REPLACED = Code(
    code="capf-certificate-replaced",
    family=Family.CAPF_CERTIFICATE,
    severity=Severity.CRITICAL,
    stage=Stage.TLS,
    screen=Screen.CONNECTION_FAILED,
    looks_for=Sight.ODD_CERTIFICATE,
    services=_SERVICES,
    meaning="Something between phone and CAPF presents its own certificate.",
    told_by="Issuer and key of the presented certificate are none of the trust list's, and the "
    "issuer is no CAPF: a middlebox intercepts TLS. If it is named CAPF-…, it may be CAPF's "
    "own, signed by a CA: then itl-capf-mismatch stands beside it.",
    not_this="A regenerated CAPF certificate, which is named CAPF-…; one of that name that the "
    "publisher's own capture shows, or with which another phone enrolled.",
    remedy="Exempt TCP 3804 to the publisher from TLS inspection on firewalls and proxies.",
)


def _draft(
    item: Presented,
    code: Code,
    title: str,
    detail: str,
    certainty: Certainty = Certainty.PROVEN,
) -> Draft:
    facts = item.facts
    valid = f"valid from {day(facts.not_before)} until {day(facts.not_after)}"
    note = f"server certificate CN={facts.common_name}, {valid}"
    return Draft(
        code,
        title=title,
        detail=f"CN={facts.common_name}, serial {facts.serial}, SHA-1 {facts.sha1}: {detail}",
        proofs=(proof(item.sighting, item.row, note),),
        service=item.flow.service,
        flow=item.flow,
        certainty=certainty,
        severity=Severity.WARNING if item.accepted else None,
    )


def _shown(case: Case, wanted: Callable[[Presented], bool]) -> Presented | None:
    """The last certificate with a fault, of those that count."""
    return next(filter(wanted, presented_to(case)), None)


@CAPF_CERTIFICATE_EXPIRED.by_phone
def expired(case: Case) -> Iterator[Draft]:
    """Its notAfter is past."""
    item = _shown(case, lambda item: item.expired)
    if item is not None:
        since = -item.days_left
        yield _draft(
            item,
            CAPF_CERTIFICATE_EXPIRED,
            f"The certificate of CAPF expired on {day(item.facts.not_after)}",
            f"it was valid until {day(item.facts.not_after)}, {since} days before the capture.",
        )


@CAPF_CERTIFICATE_NOT_YET_VALID.by_phone
def not_yet_valid(case: Case) -> Iterator[Draft]:
    """Its notBefore is to come."""
    item = _shown(case, lambda item: item.early)
    if item is not None:
        yield _draft(
            item,
            CAPF_CERTIFICATE_NOT_YET_VALID,
            f"The certificate of CAPF is valid from {day(item.facts.not_before)} only",
            f"it is valid from {day(item.facts.not_before)}, after the capture's time.",
        )


@CAPF_CERTIFICATE_EXPIRING.by_phone
def expiring(case: Case) -> Iterator[Draft]:
    """Its notAfter is near."""
    item = next(iter(presented_to(case)), None)
    if item is None or item.expired or is_foreign(case, item):
        return
    if item.expires_within(case.judgement.expiry_days):
        yield _draft(
            item,
            CAPF_CERTIFICATE_EXPIRING,
            f"The certificate of CAPF expires in {item.days_left} days",
            f"it is valid until {day(item.facts.not_after)}, {item.days_left} days after the "
            "capture.",
        )


@CAPF_CERTIFICATE_WEAK.by_phone
def weak(case: Case) -> Iterator[Draft]:
    """A short key, an old signature, or extensions that newer phones ask for."""
    item = next(iter(presented_to(case)), None)
    if item is None or is_foreign(case, item):
        return
    facts, faults = item.facts, []
    if has_short_key(facts):
        faults.append(f"its key is {facts.key}")
    if has_old_signature(facts):
        faults.append(f"it is signed with {str(facts.signature_hash).upper()}")
    explained = item.expired or item.early or not is_listed(case, item)
    if item.refused and not explained:
        if not facts.authority:
            faults.append("it lacks CA:TRUE")
        if facts.signs_certificates is False:
            faults.append("its keyUsage lacks keyCertSign")
    if faults:
        yield _draft(
            item, CAPF_CERTIFICATE_WEAK, "The certificate of CAPF is weak", "; ".join(faults) + "."
        )


_ITS_LIST = "the phone's trust list"
_GIVEN_LISTS = "the trust lists that were given"


@CAPF_CERTIFICATE_REPLACED.by_phone
def replaced(case: Case) -> Iterator[Draft]:
    """A certificate that no CAPF issued and no record of the list knows."""
    item = _shown(case, lambda item: not item.accepted and is_foreign(case, item))
    if item is None:
        return
    issued = (
        f"it was issued by {item.facts.issuer}, which is no CAPF and stands in no record of "
        f"{_ITS_LIST if case.phone.trust_lists else _GIVEN_LISTS}."
    )
    either = may_be_signed_by_ca(item.facts)
    draft = _draft(
        item,
        CAPF_CERTIFICATE_REPLACED,
        f"CAPF's certificate comes from {item.facts.issuer_common_name}, which the trust list "
        "does not know: a middlebox, or a certificate signed by a CA"
        if either
        else "A middlebox presents its own certificate in place of CAPF's",
        issued + EITHER_EXPLANATION * either,
        certainty=Certainty.LIKELY,
    )
    draft.remedy = EITHER_REMEDY if either else None
    yield draft
