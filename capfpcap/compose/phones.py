"""Phones for the report."""

from __future__ import annotations

from collections.abc import Iterator

from capfpcap import report
from capfpcap.compose.basics import describe_certificate
from capfpcap.compose.capf import describe_operations
from capfpcap.report import CertificateKind, Outcome
from capfpcap.rules.engine import Account
from capfpcap.rules.model.case import Case
from capfpcap.rules.model.progress import Progress
from capfpcap.rules.outcome import operation_of, status_message
from capfpcap.services import Service


def describe_phone(account: Account) -> report.Phone:
    """One phone and how its enrolment went."""
    case, phone, root = account.case, account.case.phone, account.root
    blamed = account.outcome not in (Outcome.SUCCEEDED, Outcome.IN_PROGRESS)
    return report.Phone(
        name=phone.name,
        mac=phone.mac,
        addresses=phone.addresses,
        operation=operation_of(case),
        outcome=account.outcome,
        status_message=status_message(root, account.outcome),
        root_cause=root.code.code if root is not None and blamed else None,
        operations=describe_operations(phone),
        attempts=len(phone.attempts),
        lsc=_lsc(case),
        trust_list=_trust_list(case),
        configuration=_configuration(case),
    )


def _lsc(case: Case) -> report.Certificate | None:
    """The LSC that the phone got, showed or sent last, where TLS did not hide it."""
    shown: report.Certificate | None = None
    since = -1
    for progress in case.progresses:
        if progress.flow.started <= since:
            continue
        for leaf in _certificates(case, progress):
            described = describe_certificate(leaf)
            if described is not None and described.kind is CertificateKind.LSC:
                shown, since = described, progress.flow.started
    return shown


def _certificates(case: Case, progress: Progress) -> Iterator[bytes]:
    """The certificates of the phone that a session shows, DER, the one that it then had last."""
    if progress.session.client_leaf is not None:
        yield progress.session.client_leaf
    known = case.session_read(progress) if progress.flow.service is Service.CAPF else None
    if known is not None:
        yield from filter(None, (known.presented, known.fetched, known.installed))


def _trust_list(case: Case) -> report.TrustList | None:
    """The trust list that the phone loaded last."""
    if not case.phone.trust_lists:
        return None
    loaded = case.phone.trust_lists[-1]
    certificate = next(
        (record.certificate for record in loaded.read.capf_records if record.certificate), None
    )
    return report.TrustList(
        file=loaded.transfer.name,
        server=case.address(loaded.transfer.server),
        via=loaded.transfer.via.value,
        sha256=loaded.read.sha256,
        capf_certificate=describe_certificate(certificate),
    )


def _configuration(case: Case) -> report.Configuration | None:
    """The configuration that the phone loaded last."""
    if not case.phone.configurations:
        return None
    loaded = case.phone.configurations[-1]
    parsed = loaded.configuration
    server = parsed.capf_servers[0] if parsed and parsed.capf_servers else None
    return report.Configuration(
        file=loaded.transfer.name,
        capf_host=server.host if server else None,
        capf_port=server.port if server else None,
        capf_auth_mode=parsed.capf_auth_mode if parsed else None,
        encrypted=loaded.encrypted,
        problem=None if loaded.encrypted else loaded.problem,
    )
