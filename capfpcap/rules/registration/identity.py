"""Findings on the certificate that the phone presents, where a service asks for one."""

from __future__ import annotations

from collections.abc import Iterator

from capf_dissectors.distinguished_name import common_names
from msgspec import Struct

from capfpcap.enrolment.loaded import LoadedTrustList
from capfpcap.report import Certainty, Severity, Stage
from capfpcap.rules.model.case import Case
from capfpcap.rules.model.code import Code, Family
from capfpcap.rules.model.draft import Draft, proof
from capfpcap.rules.model.progress import Progress
from capfpcap.rules.model.screen import Screen, ScreenRule
from capfpcap.rules.model.sight import Sight
from capfpcap.timeline.session_end import left_behind_certificate
from capfpcap.trust.certificate import NANOSECONDS, CertificateFacts, read_certificate
from capfpcap.trust.issuers import CertificateOwner, is_capf_name
from capfpcap.trust.validity import day, days_between

_SERVICES = ("sip-tls", "sccp-tls", "tvs")
_DAY = 86_400 * NANOSECONDS
_ACCEPTED_ISSUER = (
    "The server accepted it, as it does where the former CAPF certificate of its own cluster, or "
    "that of the other one, is still in CallManager-trust."
)

PHONE_USES_MIC = Code(
    code="phone-uses-mic",
    family=Family.PHONE_CERTIFICATE,
    severity=Severity.CRITICAL,
    stage=Stage.CERTIFICATE,
    screen=Screen.PENDING,
    looks_for=Sight.CLIENT_CERTIFICATE,
    services=_SERVICES,
    meaning="The phone presents its manufacturer-installed certificate where an LSC is expected.",
    told_by="A client certificate issued by a Cisco manufacturing CA. Critical if the server "
    "rejects it, else a warning.",
    not_this="A phone that presents an LSC.",
    remedy="Check the security profile that the phone's page names: a secure one needs an LSC. "
    "Install one (Certificate Operation: Install/Upgrade), or assign a non-secure profile. "
    "Trusting the manufacturing CA instead would admit every Cisco phone.",
)
LSC_EXPIRED = Code(
    code="lsc-expired",
    family=Family.PHONE_CERTIFICATE,
    severity=Severity.CRITICAL,
    stage=Stage.CERTIFICATE,
    screen=ScreenRule.BY_SERVICE,
    looks_for=Sight.CLIENT_CERTIFICATE,
    services=_SERVICES,
    meaning="The phone's LSC has expired.",
    told_by="Its notAfter lies before the capture's time.",
    not_this="One that expires soon.",
    remedy="Install a new LSC. With authentication by existing certificate an expired LSC is "
    "refused: use an authentication string, or the null string for the time of the installation.",
)
LSC_EXPIRING = Code(
    code="lsc-expiring",
    family=Family.PHONE_CERTIFICATE,
    severity=Severity.WARNING,
    stage=Stage.CERTIFICATE,
    screen=None,
    looks_for=Sight.CLIENT_CERTIFICATE,
    services=_SERVICES,
    meaning="The phone's LSC expires soon.",
    told_by="Its notAfter lies within --expiry-days (30) of the capture's time.",
    not_this="One that has expired.",
    remedy="Install a new LSC before it expires (Certificate Operation: Install/Upgrade).",
)
LSC_FOREIGN_ISSUER = Code(
    code="lsc-foreign-issuer",
    family=Family.PHONE_CERTIFICATE,
    severity=Severity.CRITICAL,
    stage=Stage.CERTIFICATE,
    screen=ScreenRule.BY_SERVICE,
    looks_for=Sight.CLIENT_CERTIFICATE,
    services=_SERVICES,
    meaning="The phone's LSC comes from another cluster's CAPF, or from this one's before its "
    "certificate was regenerated.",
    told_by="Its issuer is a CAPF that is not the one in the phone's trust list. Critical if the "
    "server rejects it, else a warning.",
    not_this="An LSC that an enterprise CA issued.",
    remedy="Install a new LSC from this cluster's CAPF, or import the other cluster's CAPF "
    "certificate into CallManager-trust (Cisco 213407).",
)


class _Shown(Struct, frozen=True, eq=False):
    """A certificate that the phone showed to a server."""

    progress: Progress
    facts: CertificateFacts
    row: int

    @property
    def time(self) -> int:
        return self.progress.time(self.row)

    @property
    def rejected(self) -> bool:
        """Whether the server answered it with a fatal alert, or not at all and went away."""
        session = self.progress.session
        said = session.fatal_alert
        if said is None:
            return left_behind_certificate(session)
        return not said.from_client and said.row >= self.row


def _shown(case: Case) -> Iterator[_Shown]:
    """The phone's certificates, the last session of each service first."""
    for progress in reversed(case.progresses):
        said, leaf = progress.session.client_certificate, progress.session.client_leaf
        facts = read_certificate(leaf) if leaf is not None else None
        if said is not None and isinstance(facts, CertificateFacts):
            yield _Shown(progress, facts, said.row)


def _draft(item: _Shown, code: Code, title: str, detail: str, severity: Severity | None) -> Draft:
    facts = item.facts
    note = f"client certificate CN={facts.common_name}, issued by {facts.issuer_common_name}"
    return Draft(
        code,
        title=title,
        detail=f"CN={facts.common_name}, issued by {facts.issuer_common_name}, serial "
        f"{facts.serial}: {detail}",
        proofs=(proof(item.progress.sighting, item.row, note),),
        service=item.progress.flow.service,
        flow=item.progress.flow,
        severity=severity,
        certainty=Certainty.PROVEN,
    )


def _unless_rejected(item: _Shown) -> Severity | None:
    return None if item.rejected else Severity.WARNING


@PHONE_USES_MIC.by_phone
def phone_uses_mic(case: Case) -> Iterator[Draft]:
    """A manufacturing CA issued it."""
    for item in _shown(case):
        if item.facts.owner is CertificateOwner.MIC:
            yield _draft(
                item,
                PHONE_USES_MIC,
                "The phone presents its MIC, not an LSC",
                "the server refused it." if item.rejected else "the server accepted it.",
                _unless_rejected(item),
            )
            return


@LSC_EXPIRED.by_phone
def lsc_expired(case: Case) -> Iterator[Draft]:
    """Its time is over."""
    for item in _shown(case):
        if item.facts.owner is CertificateOwner.LSC and item.facts.not_after < item.time:
            since = days_between(item.facts.not_after, item.time)
            yield _draft(
                item,
                LSC_EXPIRED,
                f"The phone's LSC expired on {day(item.facts.not_after)}",
                f"it was valid until {day(item.facts.not_after)}, {since} days before the capture.",
                None,
            )
            return


@LSC_EXPIRING.by_phone
def lsc_expiring(case: Case) -> Iterator[Draft]:
    """Its time is nearly over."""
    for item in _shown(case):
        left = item.facts.not_after - item.time
        if (
            item.facts.owner is CertificateOwner.LSC
            and 0 <= left <= case.judgement.expiry_days * _DAY
        ):
            yield _draft(
                item,
                LSC_EXPIRING,
                f"The phone's LSC expires in {left // _DAY} days",
                f"it is valid until {day(item.facts.not_after)}.",
                None,
            )
            return


@LSC_FOREIGN_ISSUER.by_phone
def lsc_foreign_issuer(case: Case) -> Iterator[Draft]:
    """Another CAPF issued it than the trust list names."""
    for item in _shown(case):
        trusted = case.phone.trusted_at(item.progress.flow.started)
        names = {name for loaded in trusted for name in capf_names(loaded)}
        issuer = item.facts.issuer_common_name.casefold()
        if item.facts.owner is not CertificateOwner.LSC or not is_capf_name(issuer) or not names:
            continue
        if issuer not in names:
            yield _draft(
                item,
                LSC_FOREIGN_ISSUER,
                f"The phone's LSC comes from another CAPF: {item.facts.issuer_common_name}",
                f"the phone's trust list names {', '.join(sorted(names))}. "
                + ("The server refused it." if item.rejected else _ACCEPTED_ISSUER),
                _unless_rejected(item),
            )
            return


def capf_names(loaded: LoadedTrustList) -> Iterator[str]:
    """The common names of the CAPF records of a list, in lower case."""
    for record in loaded.read.capf_records:
        yield from common_names(record.subject)
