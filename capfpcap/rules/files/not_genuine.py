"""A web page or a text in place of a trust list or configuration: something else answered."""

from __future__ import annotations

from collections.abc import Iterator

from capf_dissectors.foreign_content import (
    ForeignContent,
    in_place_of_configuration,
    in_place_of_list,
)
from capf_dissectors.trust_list import TrustList

from capfpcap.enrolment.loaded import LoadedConfiguration, LoadedTrustList
from capfpcap.report import Certainty, Severity, Stage
from capfpcap.rules.model.case import Case
from capfpcap.rules.model.code import Code, Family
from capfpcap.rules.model.draft import MAX_EVIDENCE, Draft, Proof, proof
from capfpcap.rules.model.screen import Screen
from capfpcap.rules.model.sight import Sight
from capfpcap.rules.questions.after_load import weight_of_a_file
from capfpcap.rules.questions.wording import listed

FIND_WHAT_ANSWERS = (
    "Find what answers: a proxy, a captive portal, a web filter or a load balancer between phone "
    "and TFTP server, or another web server at that address. Exempt TCP 6970 and UDP 69 from it, "
    "and check option 150. The cluster's own trust lists are not at fault: reset nothing there."
)
FILE_NOT_GENUINE = Code(
    code="file-not-genuine",
    family=Family.FILES,
    severity=Severity.CRITICAL,
    stage=Stage.FILES,
    screen=Screen.PENDING,
    by_start=True,
    looks_for=Sight.BAD_TRUST_LIST | Sight.NO_CONFIGURATION | Sight.UNREADABLE_CONFIGURATION,
    services=("http", "tftp"),
    meaning="Something else answers in the TFTP server's place: in place of a trust list or "
    "configuration comes a web page, or a text.",
    told_by="The transfer is whole, and its content is HTML, JSON or plain text where a trust list "
    "is binary and a configuration is XML.",
    not_this="A list that is cut or damaged (itl-corrupt); an error status such as 404.",
    remedy=FIND_WHAT_ANSWERS,
)

_Loaded = LoadedTrustList | LoadedConfiguration


@FILE_NOT_GENUINE.by_phone
def file_not_genuine(case: Case) -> Iterator[Draft]:
    """The last list or configuration that came is none."""
    found = [(item, what) for item in _last_files(case) if (what := what_came(item)) is not None]
    if not found:
        return
    last, what = found[-1]
    server = case.address(last.transfer.server)
    names = listed(item.transfer.name for item, _ in found)
    media = f", sent as {last.transfer.media_type}" if last.transfer.media_type else ""
    yield Draft(
        FILE_NOT_GENUINE,
        title=f"{server} sends {what.value} in place of {names}",
        detail=f"{server} answered the request for {names} with {what.value}, "
        f"{last.transfer.size} bytes{media}. A TFTP service of CUCM sends nothing of the kind: "
        "something else answers in its place (a proxy, a portal, another web server).",
        proofs=tuple(_proofs(found)[:MAX_EVIDENCE]),
        service=last.transfer.via,
        flow=last.flow,
        certainty=Certainty.PROVEN if what is ForeignContent.WEB_PAGE else Certainty.LIKELY,
        severity=weight_of_a_file(case, last.time),
    )


def what_came(loaded: _Loaded) -> ForeignContent | None:
    """What came in place of a file; None where it may be the file, be it damaged."""
    content = loaded.transfer.content
    if content is None:
        return None
    if isinstance(loaded, LoadedConfiguration):
        return None if loaded.configuration else in_place_of_configuration(content)
    return None if isinstance(loaded.read.parsed, TrustList) else in_place_of_list(content)


def _last_files(case: Case) -> list[_Loaded]:
    """The list of each kind and the configuration that came last, in the order of their arrival."""
    latest: dict[object, _Loaded] = {}
    for loaded in case.phone.trust_lists:
        latest[loaded.kind] = loaded
    for configuration in case.phone.configurations:
        latest[LoadedConfiguration] = configuration
    return sorted(latest.values(), key=lambda loaded: loaded.time)


def _proofs(found: list[tuple[_Loaded, ForeignContent]]) -> list[Proof]:
    proofs = []
    for loaded, what in found:
        transfer = loaded.transfer
        request = f"request for {transfer.name}"
        proofs.append(proof(loaded.sighting, transfer.first_row, request))
        proofs.append(proof(loaded.sighting, transfer.final_row, f"{what.value} in its place"))
    return proofs
