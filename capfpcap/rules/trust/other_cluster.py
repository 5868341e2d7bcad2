"""A phone that holds the trust list of another cluster, told by whom it asks."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from capf_dissectors.trust_list import TrustList

from capfpcap.enrolment.loaded import LoadedConfiguration, asks_for_operation
from capfpcap.report import Certainty, Severity, Stage
from capfpcap.rules.model.advice import ERASE_ITL
from capfpcap.rules.model.case import Case
from capfpcap.rules.model.code import Code, Family
from capfpcap.rules.model.draft import MAX_EVIDENCE, Draft, proof
from capfpcap.rules.model.progress import is_complete
from capfpcap.rules.model.screen import ScreenRule
from capfpcap.rules.model.sight import Sight
from capfpcap.rules.model.timeouts import NEXT_STEP, SECOND
from capfpcap.rules.questions.after_load import is_signed
from capfpcap.rules.questions.needed_names import is_address, lookups_of
from capfpcap.rules.questions.tcp import is_unasked
from capfpcap.rules.questions.wording import listed, server_of
from capfpcap.services import Purpose, Service, used_for
from capfpcap.timeline.files import FileKind
from capfpcap.vantage.flow import Flow
from capfpcap.vantage.role import Role

_FEWEST_LOADS = 3
"""Loads of the same list and configuration; a reset by hand makes two."""
_BETWEEN_LOADS = 600 * SECOND
"""Nanoseconds between two of them; a phone that accepts neither begins again within minutes."""

_FURTHER = used_for(Purpose.TRUST, Purpose.ENROLMENT, Purpose.REGISTRATION)
"""What a phone turns to once it took over what it loaded."""

ITL_OF_ANOTHER_CLUSTER = Code(
    code="itl-of-another-cluster",
    family=Family.TRUST_LIST,
    severity=Severity.CRITICAL,
    stage=Stage.TRUST_LIST,
    screen=ScreenRule.BY_SERVICE,
    looks_for=Sight.UNDONE | Sight.UNANSWERED | Sight.NO_ATTEMPT,
    services=("tvs", "capf", "tftp", "http"),
    meaning="The phone seems to hold the trust list of another cluster, and so accepts nothing "
    "that this one serves.",
    told_by="It asks a TVS or CAPF host that no file served to it here names, or it loads the same "
    "trust list and signed configuration again and again and goes no further. Info where it loads "
    "its lists alone.",
    not_this="A TVS or CAPF host that the configuration, a trust list or a DNS answer leads to; a "
    "phone that enrols all the same.",
    remedy=f"Erase the phone's ITL ({ERASE_ITL}), then reset it. For many phones: before a "
    "migration, set 'Prepare Cluster for Rollback to pre 8.0' on the old cluster or exchange "
    "certificates by bulk certificate management (Cisco document 213407). The phone's status "
    "message 'Trust List Update Failed' confirms it.",
)


@ITL_OF_ANOTHER_CLUSTER.by_phone
def asks_other_hosts(case: Case) -> Iterator[Draft]:
    """The phone connects to a TVS or CAPF host that no file served to it here names."""
    if any(is_complete(session) for _, _, session in case.capf_sessions):
        return
    strangers = [flow for flow in case.phone.flows if _leads_elsewhere(case, flow)]
    if not strangers:
        return
    flow = strangers[-1]
    hosts = listed(server_of(case, each) for each in strangers)
    configuration = case.phone.configurations[-1]
    served = configuration.transfer
    named = listed(sorted(_names_of(configuration)))
    yield Draft(
        ITL_OF_ANOTHER_CLUSTER,
        title=f"The phone tries {hosts}, which no file served to it here names",
        detail=f"{served.name} from {case.address(served.server)} names {named}, and neither it, "
        f"the trust list nor a DNS answer leads to {hosts}: the phone did not take over "
        "what it loaded here. Most likely it holds the trust list of another cluster. "
        "Its status messages or console log would prove it.",
        proofs=(
            proof(configuration.sighting, served.final_row, f"{served.name} names {named}"),
            *(
                proof(each.first, each.first.conversation.view.start, f"to {server_of(case, each)}")
                for each in strangers[: MAX_EVIDENCE - 1]
            ),
        ),
        service=flow.service,
        flow=flow,
        certainty=Certainty.LIKELY,
        at=strangers[0].started,
    )


def _leads_elsewhere(case: Case, flow: Flow) -> bool:
    """Whether a flow goes to a TVS or CAPF host that what the phone had loaded does not name.

    Only where what was loaded tells every address: a name whose address no packet tells may be it.
    And only where the files came from a host that they name, or else a NAT hides the addresses.
    """
    if flow.service not in (Service.TVS, Service.CAPF) or is_unasked(flow):
        return False
    loaded = [item for item in case.phone.configurations if item.time < flow.started]
    lists = [item for item in case.phone.trust_lists if item.time < flow.started]
    if not loaded or loaded[-1].configuration is None or not lists:
        return False
    known = _listed(case)
    hosts = _names_of(loaded[-1])
    places = {host: _places(case, host, known) for host in hosts}
    if not hosts or not all(places.values()):
        return False
    addresses = set().union(*places.values(), *known.values())
    served_by = {case.address(item.transfer.server) for item in (loaded[-1], lists[-1])}
    server = case.address(flow.first.conversation.view.server)
    return bool(served_by & addresses) and server not in addresses | served_by


def _listed(case: Case) -> dict[str, set[str]]:
    """Addresses by host name, as the trust lists that the phone loaded here tell them."""
    known: dict[str, set[str]] = {}
    for loaded in case.phone.trust_lists:
        if isinstance(loaded.read.parsed, TrustList):
            for record in loaded.read.parsed.records:
                if record.ip_address:
                    known.setdefault(record.dns_name.lower(), set()).add(record.ip_address)
    return known


def _names_of(loaded: LoadedConfiguration) -> set[str]:
    """The CAPF, TVS and CUCM hosts of a configuration."""
    parsed = loaded.configuration
    if parsed is None:
        return set()
    hosts = [server.host for server in parsed.capf_servers]
    hosts += [server.host for server in parsed.tvs_servers]
    hosts += [server.host for server in parsed.call_managers]
    return {host.strip().rstrip(".").lower() for host in hosts if host.strip()}


def _places(case: Case, host: str, known: dict[str, set[str]]) -> set[str]:
    """The addresses of a host, from the host itself, the lists, and the phone's DNS answers."""
    if is_address(host):
        return {host}
    resolved = (address for item in lookups_of(case, host) for address in item.lookup.addresses)
    return known.get(host, set()) | set(resolved)


@ITL_OF_ANOTHER_CLUSTER.by_phone
def loads_again_and_again(case: Case) -> Iterator[Draft]:
    """The same list and signed configuration, loaded again and again, and nothing behind them."""
    phone = case.phone
    loads = _latest_run(
        [
            item
            for item in phone.configurations
            if is_signed(item.transfer.name)
            and item.sighting.watched_until - item.time >= NEXT_STEP
        ]
    )
    if len(loads) < _FEWEST_LOADS or _goes_on(case, loads):
        return
    last = loads[-1]
    lists = [item for item in phone.trust_lists if item.time >= loads[0].time]
    same = {item.read.sha256 for item in lists}
    if len(lists) + 1 < len(loads) or len(same) != 1:
        return
    name, itl = last.transfer.name, lists[-1].transfer.name
    yield Draft(
        ITL_OF_ANOTHER_CLUSTER,
        title=f"The phone loads {itl} and {name} again and again and goes no further",
        detail=f"{len(loads)} times the same {name} and the same {itl} arrived whole, and no "
        "connection to TVS or CAPF followed: so does a phone that accepts neither. Most "
        "likely it holds the trust list of another cluster, which it still uses. Its "
        "status messages or console log would prove it.",
        proofs=tuple(
            proof(
                item.sighting, item.transfer.final_row, f"{item.transfer.name} whole, load {number}"
            )
            for number, item in list(enumerate(loads, 1))[-MAX_EVIDENCE:]
        ),
        service=last.transfer.via,
        flow=last.flow,
        certainty=Certainty.LIKELY,
    )


@ITL_OF_ANOTHER_CLUSTER.by_phone
def loads_lists_alone(case: Case) -> Iterator[Draft]:
    """The same trust list again and again, and never a question for a configuration.

    Beside a server that is normal: a phone asks each TFTP server for lists, and one of them for its
    configuration.
    """
    phone = case.phone
    lists = [item for item in phone.trust_lists if item.transfer.kind is FileKind.ITL]
    beyond = [item for item in phone.files if item.transfer.kind not in _LISTS]
    if len(lists) < _FEWEST_LOADS or beyond or phone.may_have_called:
        return
    if any(flow.service in _FURTHER for flow in phone.flows):
        return
    if any(item.sighting.at.role is not Role.PHONE for item in lists):
        return
    run, last = lists[-_FEWEST_LOADS:], lists[-1]
    distances = [later.time - earlier.time for earlier, later in pairwise(run)]
    if len({item.read.sha256 for item in run}) > 1 or max(distances) > _BETWEEN_LOADS:
        return
    if min(distances) < NEXT_STEP:
        return
    itl = last.transfer.name
    yield Draft(
        ITL_OF_ANOTHER_CLUSTER,
        title=f"The phone loads {itl} again and again, and nothing else is seen",
        detail=f"The same {itl} arrived whole {len(lists)} times, and no question for a "
        "configuration followed that is read here. The phone may ask for it by HTTPS (TCP 6971), "
        "it may not accept the list, because it holds that of another cluster, or it may restart "
        "before it goes on. Its status messages or console log tell which.",
        proofs=tuple(
            proof(item.sighting, item.transfer.final_row, f"{itl} whole, load {number}")
            for number, item in list(enumerate(lists, 1))[-MAX_EVIDENCE:]
        ),
        service=last.transfer.via,
        flow=last.flow,
        certainty=Certainty.POSSIBLE,
        severity=Severity.INFO,
    )


_LISTS = (FileKind.ITL, FileKind.CTL)


def _latest_run(signed: list[LoadedConfiguration]) -> list[LoadedConfiguration]:
    """The last loads of one content, one soon behind the other."""
    if not signed:
        return []
    run = [signed[-1]]
    for later, earlier in pairwise(reversed(signed)):
        if earlier.transfer.content != later.transfer.content:
            break
        if later.time - earlier.time > _BETWEEN_LOADS:
            break
        run.insert(0, earlier)
    return run


def _goes_on(case: Case, loads: list[LoadedConfiguration]) -> bool:
    """Whether the phone did anything with what it loaded, or had no reason to."""
    phone, last = case.phone, loads[-1]
    if last.configuration is None or not asks_for_operation(last.configuration):
        return True
    if phone.may_have_called:
        return True
    if any(flow.service in _FURTHER and flow.started > loads[0].time for flow in phone.flows):
        return True
    return any(  # what a configuration that was accepted names: locale, ring list, firmware
        item.transfer.started > loads[0].time and item.transfer.kind is FileKind.OTHER
        for item in phone.files
    )
