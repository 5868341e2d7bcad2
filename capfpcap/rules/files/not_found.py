"""Findings on trust lists and configurations that no server has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from capfpcap.enrolment.phone import Asked
from capfpcap.report import Certainty, Severity, Stage
from capfpcap.rules.capf.attempt import asks_for_nothing
from capfpcap.rules.files.files import asks_for_more, kept, last_words, server_of, stays_without
from capfpcap.rules.model.case import Case
from capfpcap.rules.model.code import Code, Family
from capfpcap.rules.model.draft import Draft
from capfpcap.rules.model.screen import Screen
from capfpcap.rules.model.sight import Sight
from capfpcap.rules.questions.after_load import (
    acts_on_a_trust_list,
    is_signed,
    shook_hands_with_capf,
    tried_capf,
)
from capfpcap.timeline.files import FileKind, TransferState, device_name

CONFIG_NOT_FOUND = Code(
    code="config-not-found",
    family=Family.FILES,
    severity=Severity.WARNING,
    stage=Stage.FILES,
    screen=None,
    by_start=True,
    looks_for=Sight.NO_CONFIGURATION,
    services=("tftp", "http"),
    meaning="The server has no configuration for this phone under any name.",
    told_by="File-not-found for every configuration that the phone asked for, whatever errors "
    "other servers or HTTP answered with.",
    not_this="A signed name that is not found before the plain one is. A phone that connects to "
    "CAPF where no request for the plain name was captured.",
    remedy="Check that the phone is added in CUCM with this MAC address; then have TFTP build its "
    "files again ('utils service restart Cisco Tftp').",
)
ITL_NOT_FOUND = Code(
    code="itl-not-found",
    family=Family.FILES,
    severity=Severity.CRITICAL,
    stage=Stage.TRUST_LIST,
    screen=Screen.NO_VALID_SERVER,
    by_start=True,
    looks_for=Sight.NO_TRUST_LIST,
    services=("tftp", "http"),
    meaning="The server has no trust list for the phone, which then knows no CAPF server.",
    told_by="File-not-found for every trust list name that the phone tried, whatever errors "
    "other servers or HTTP answered with. A warning where the phone sets up TLS with CAPF all "
    "the same; info where its configuration asks for no certificate operation.",
    not_this="Not found for CTLSEP or ITLSEP where ITLFile.tlv follows: that is normal. A phone "
    "that goes on as with a trust list, where no request for ITLFile.tlv was captured. Phones "
    "of a PBX without CAPF ask for trust lists too, and need none.",
    remedy="'utils service restart Cisco Tftp' on all TFTP nodes, then 'show itl' on each. Only "
    "if there is still no list, as last resorts, in a maintenance window and with all phones "
    "registered: regenerate the certificate that signs the list (CallManager's up to 11.5, "
    "ITLRecovery's from 12.0, never together with TVS's), or 'utils itl reset localkey' (in "
    "mixed mode 'utils ctl reset localkey'). Both affect every phone: one that misses the "
    "change trusts nothing from this cluster until its ITL is erased.",
)


def _missing(files: Sequence[Asked]) -> list[Asked]:
    """The answers that no server has a file, where that is so for all of them; else nothing.

    A server that answers a request with another error leaves the question to the next one, as a
    phone does that turns from HTTP to TFTP.
    """
    missing = [item for item in files if item.transfer.state is TransferState.NOT_FOUND]
    names = {item.transfer.name.lower() for item in missing}
    open_ = [
        item
        for item in files
        if item.transfer.state is not TransferState.NOT_FOUND
        and not (
            item.transfer.state is TransferState.FAILED and item.transfer.name.lower() in names
        )
    ]
    return [] if open_ else missing


@ITL_NOT_FOUND.by_phone
def itl_not_found(case: Case) -> Iterator[Draft]:
    """Every trust list that the phone asked for is missing, an ITL among them."""
    lists = kept(case.phone.files, FileKind.ITL, FileKind.CTL)
    missing = _missing(lists)
    itls = kept(missing, FileKind.ITL)
    if not itls or not stays_without(case, itls, lists[-1]):
        return
    last = itls[-1]
    of_phone = [device_name(item.transfer.name) is not None for item in itls]
    everybodys, own = not all(of_phone), any(of_phone)
    enrols = shook_hands_with_capf(case, last.transfer.ended)
    if not everybodys and (
        acts_on_a_trust_list(case, last.transfer.ended) or not asks_for_more(case, last)
    ):
        return
    if enrols and not own:
        return
    names = ", ".join(dict.fromkeys(item.transfer.name for item in missing))
    servers = ", ".join(dict.fromkeys(server_of(case, item) for item in missing))
    count = len({item.transfer.name for item in missing})
    so, severity, remedy = _consequence(case, enrols=enrols)
    yield Draft(
        ITL_NOT_FOUND,
        title=f"No trust list: {servers} has none of the {count} that the phone asked for",
        detail=f"The phone asked {servers} for {names}; each was answered with file not found"
        f"{_other_errors(lists)}. {so}",
        proofs=last_words(missing),
        service=last.transfer.via,
        flow=last.flow,
        certainty=Certainty.PROVEN if everybodys else Certainty.LIKELY,
        severity=severity,
        remedy=remedy,
    )


def _consequence(case: Case, *, enrols: bool) -> tuple[str, Severity | None, str | None]:
    """What it means for the phone, with severity and remedy where they are not the code's own."""
    if enrols:
        so = (
            "The phone set up TLS with CAPF all the same: it holds a list from before, or asks for "
        )
        return so + "none.", Severity.WARNING, None
    if asks_for_nothing(case):
        so = f"Its configuration {case.phone.configurations[-1].transfer.name} asks for no "
        return so + "certificate operation, so it needs none.", Severity.INFO, _NOTHING_ASKED
    return "Without a trust list the phone knows no CAPF server to trust.", None, None


_NOTHING_ASKED = (
    "Nothing, if the phone is to have no LSC. If it is: on a CUCM, check its trust list first "
    "('show itl'), then set the operation under Certification Authority Proxy Function on the "
    "phone's page."
)


def _other_errors(files: Sequence[Asked]) -> str:
    """What else servers answered."""
    errors = dict.fromkeys(
        item.transfer.error
        for item in files
        if item.transfer.state is TransferState.FAILED and item.transfer.error
    )
    return f", or with {', '.join(errors)}" if errors else ""


@CONFIG_NOT_FOUND.by_phone
def config_not_found(case: Case) -> Iterator[Draft]:
    """No configuration under any name."""
    files = kept(case.phone.files, FileKind.CONFIGURATION)
    missing = _missing(files)
    if not missing or not stays_without(case, missing, files[-1]):
        return
    if all(is_signed(item.transfer.name) for item in missing) and tried_capf(
        case, missing[-1].transfer.ended
    ):
        return
    names = ", ".join(dict.fromkeys(item.transfer.name for item in missing))
    yield Draft(
        CONFIG_NOT_FOUND,
        title="No configuration for this phone",
        detail=f"{server_of(case, missing[-1])} answered file not found for {names}"
        f"{_other_errors(files)}.",
        proofs=last_words(missing),
        service=missing[-1].transfer.via,
        flow=missing[-1].flow,
    )
