"""Trust lists of several servers that do not name the same CAPF certificate."""

from __future__ import annotations

from collections.abc import Iterator

from capf_dissectors.trust_list import Record, TrustList

from capfpcap.enrolment.loaded import LoadedTrustList, ReadTrustList, compare
from capfpcap.report import Severity, Stage
from capfpcap.rules.model.advice import RESET
from capfpcap.rules.model.case import Case, Scene
from capfpcap.rules.model.code import Code, Family
from capfpcap.rules.model.draft import Draft, proof
from capfpcap.rules.model.presented import is_listed, presented_in
from capfpcap.rules.model.screen import Screen
from capfpcap.rules.model.sight import Sight
from capfpcap.rules.model.timeouts import SECOND
from capfpcap.rules.tls.alerts import TLS_CERTIFICATE_REJECTED, alert_code
from capfpcap.rules.trust.mismatch import describe_record
from capfpcap.timeline.files import FileKind
from capfpcap.timeline.session import Session
from capfpcap.vantage.flow import Flow, Sighting

ITL_DIFFERS_BETWEEN_SERVERS = Code(
    code="itl-differs-between-servers",
    family=Family.TRUST_LIST,
    severity=Severity.CRITICAL,
    stage=Stage.TRUST_LIST,
    screen=Screen.PENDING,
    services=("tftp", "http"),
    looks_for=Sight.SEVERAL_LISTS | Sight.ALERT | Sight.ODD_CERTIFICATE,
    meaning="TFTP servers of one cluster serve trust lists with different CAPF certificates: which "
    "one a phone trusts depends on the server that it asks.",
    told_by="Lists of one name that two servers served to this phone, or to phones of one cluster, "
    "have different CAPF records; or lists that are given (--itl, --show-itl), beside each other "
    "or beside the one that a phone loaded.",
    not_this="TFTP and TVS records of the server itself, signatures and timestamps: these differ "
    "normally. Lists from before and after a certificate was regenerated.",
    remedy="'utils service restart Cisco Tftp' on the node whose list is old, and compare 'show "
    f"itl' on all nodes. {RESET} the phones that loaded the old list.",
)

Keys = frozenset[bytes]

AT_ONCE = 600 * SECOND
"""Nanoseconds between two loadings of a list in which hardly a certificate is made anew."""


@ITL_DIFFERS_BETWEEN_SERVERS.by_phone
def itl_differs_between_servers(case: Case) -> Iterator[Draft]:
    """The phone's list, and one of the same name from another server."""
    itls = [item for item in case.phone.trust_lists if item.kind is FileKind.ITL]
    if not itls:
        return
    own = itls[-1]
    earlier = [item for item in itls[:-1] if own.time - item.time < AT_ONCE]
    for other in (*earlier, *_of_others(case, own)):
        if _differs(own, other) and _differs(_latest(case, own), _latest(case, other)):
            yield _draft(case, own, other)
            return


def _of_others(case: Case, own: LoadedTrustList) -> Iterator[LoadedTrustList]:
    """Lists of the same name from other servers, one of each, where the own one proved wrong."""
    for (name, server, _), loaded in _served(case.scene).items():
        if name != own.transfer.name.lower() or server == own.transfer.server:
            continue
        if any(_would_have_done(loaded, own, case, *session) for session in case.capf_sessions):
            yield loaded


def _would_have_done(
    other: LoadedTrustList,
    own: LoadedTrustList,
    case: Case,
    flow: Flow,
    sighting: Sighting,
    session: Session,
) -> bool:
    """Whether a session with CAPF failed for a certificate that the other list has.

    TLS 1.3 hides the certificate; there it may be so where the phone's alert refuses it, and both
    lists were served at about the same time.
    """
    item = presented_in(flow, sighting, session)
    if item is not None:
        listed = any(match.matches for _, match in compare(other.read, item.facts.der))
        return listed and not item.accepted and not is_listed(case, item)
    coded = alert_code(session)
    refused = coded is not None and coded[0] is TLS_CERTIFICATE_REJECTED
    return refused and abs(own.time - other.time) < AT_ONCE


def _latest(case: Case, loaded: LoadedTrustList) -> LoadedTrustList:
    """The list of the same name that the same server served last, to any phone."""
    return _served(case.scene).get(_source(loaded), loaded)


def _source(loaded: LoadedTrustList) -> tuple[str, int, int]:
    """Name and server of a list, and the group of captures that show it."""
    transfer = loaded.transfer
    return transfer.name.lower(), transfer.server, loaded.sighting.at.group


def _served(scene: Scene) -> dict[tuple[str, int, int], LoadedTrustList]:
    """The last list of each name that each server served to any phone.

    Captures that share no flow may be of different times, or of different networks.
    """
    if scene.lists_served is None:
        scene.lists_served = {
            _source(loaded): loaded
            for phone in scene.phones
            for loaded in phone.trust_lists
            if loaded.kind is FileKind.ITL
        }
    return scene.lists_served


def lists_served(scene: Scene) -> list[tuple[str, int, int]]:
    """File name, server and a hash of the CAPF keys of every list that :func:`_served` holds.

    Phones that are judged apart from each other must be judged together where two servers' lists
    of one name differ in that hash.
    """
    return [
        (name, server, hash(_capf_keys(loaded.read)))
        for (name, server, _), loaded in _served(scene).items()
    ]


def _differs(one: LoadedTrustList, other: LoadedTrustList) -> bool:
    """Whether two servers' lists of one cluster have no CAPF record in common."""
    if one.transfer.server == other.transfer.server:
        return False
    here, there = _capf_keys(one.read), _capf_keys(other.read)
    return bool(here and there) and here != there and _same_cluster(one.read, other.read)


def _capf_keys(read: ReadTrustList) -> Keys:
    return frozenset(_key(record) for record in read.capf_records)


def _key(record: Record) -> bytes:
    """What a record stands for: its key, or else its certificate or the hash of it."""
    return record.public_key or record.certificate or record.certificate_hash


def _same_cluster(one: ReadTrustList, other: ReadTrustList) -> bool:
    """Whether two lists share any certificate, or their signer's name."""
    if not isinstance(one.parsed, TrustList) or not isinstance(other.parsed, TrustList):
        return False
    keys = [{_key(record) for record in parsed.records} for parsed in (one.parsed, other.parsed)]
    shared = (keys[0] & keys[1]) - {b""}
    return bool(shared) or one.parsed.header.signer.name == other.parsed.header.signer.name


def _draft(case: Case, own: LoadedTrustList, other: LoadedTrustList) -> Draft:
    name = own.transfer.name
    servers = [case.address(item.transfer.server) for item in (own, other)]
    return Draft(
        ITL_DIFFERS_BETWEEN_SERVERS,
        title=f"{servers[0]} and {servers[1]} serve different trust lists",
        detail=f"The CAPF record of {name} from {servers[0]}, which the phone loaded last, holds "
        f"{_shown(own.read)}; that of {other.transfer.name} from {servers[1]} holds "
        f"{_shown(other.read)}.",
        proofs=tuple(
            proof(
                item.sighting, item.transfer.final_row, f"{item.transfer.name} from {server}, whole"
            )
            for item, server in zip((own, other), servers, strict=True)
        ),
        service=own.transfer.via,
        flow=own.flow,
    )


def _shown(read: ReadTrustList) -> str:
    return ", ".join(dict.fromkeys(describe_record(record) for record in read.capf_records))
