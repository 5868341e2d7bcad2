"""The trust lists that a phone says it holds, beside those that servers serve."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from functools import lru_cache

from capf_dissectors.signature import SignatureCheck

from capfpcap.enrolment.loaded import LoadedTrustList
from capfpcap.report import Certainty, Severity, Stage
from capfpcap.rules.model.advice import ERASE_ITL
from capfpcap.rules.model.case import Case
from capfpcap.rules.model.code import Code, Family
from capfpcap.rules.model.draft import MAX_EVIDENCE, Draft, Proof, proof
from capfpcap.rules.model.progress import is_complete
from capfpcap.rules.model.sight import Sight
from capfpcap.rules.model.timeouts import SECOND
from capfpcap.timeline.files import FileKind, TransferState
from capfpcap.vantage.held import Held

_HASHES = {20: "sha1", 32: "sha256", 64: "sha512"}
"""By their length; phones are seen to tell 20 bytes."""
_TOGETHER = 60 * SECOND
"""Nanoseconds in which a phone tells of all lists that it holds: one of a visited cluster too."""
_WHOLE = (TransferState.COMPLETE, TransferState.NOT_FOUND)

ITL_STALE_ON_PHONE = Code(
    code="itl-stale-on-phone",
    family=Family.TRUST_LIST,
    severity=Severity.WARNING,
    stage=Stage.TRUST_LIST,
    screen=None,
    looks_for=Sight.HELD_LIST,
    services=("tftp", "http"),
    meaning="The phone holds another trust list than the one that it was served: it did not take "
    "it over.",
    told_by="The hash in the phone's own alarm (DeviceTLInfo, by SIP on 5060 in the clear) is that "
    "of no list that any server serves in these captures, though the phone had loaded one of that "
    "kind whole. Never more than likely: no document says what is hashed. Possible where the "
    "phone enrols all the same.",
    not_this="An alarm sent before the phone loaded a newer list; the list of any server, where "
    "several serve; a phone that tells of two lists, as in Extension Mobility Cross Cluster; "
    "lists that the captures do not hold whole.",
    remedy="Compare the SHA-1 in 'show itl' (or 'show ctl') of each TFTP node with the one that "
    "the phone tells and shows in its trust list menu. If no node has it, the phone trusts nobody "
    f"who signs here: erase its ITL ({ERASE_ITL}), then reset it.",
)


@ITL_STALE_ON_PHONE.by_phone
def holds_another_list(case: Case) -> Iterator[Draft]:
    """The phone tells a hash that is no served list's."""
    told = case.scene.held.get(case.phone.name.upper(), ())
    for kind in (FileKind.ITL, FileKind.CTL):
        of_kind = [held for held in told if _hash_in(held, kind) is not None]
        if not of_kind or _is_incomplete(case, kind):
            continue
        last = of_kind[-1]
        loaded = _loaded_before(case, kind, last)
        together = [held for held in of_kind if last.time - held.time <= _TOGETHER]
        known = {loaded.read.content for loaded in case.phone.trust_lists}
        known |= case.scene.around.lists
        if (
            not loaded
            or not _is_acceptable(loaded[-1])
            or any(_is_one_of(held, kind, known) for held in together)
        ):
            continue
        yield _draft(case, kind, last, of_kind, loaded[-1])
        return


def _hash_in(held: Held, kind: FileKind) -> bytes | None:
    """The hash that an alarm tells of the list of a kind, if it is one of known length."""
    told = held.said.itl if kind is FileKind.ITL else held.said.ctl
    return told if told is not None and len(told) in _HASHES else None


def _is_incomplete(case: Case, kind: FileKind) -> bool:
    """Whether the phone may have loaded a list of that kind that no capture shows whole."""
    unread = any(item.transfer.kind is kind for item in case.phone.unread)
    return unread or any(
        item.transfer.kind is kind and item.transfer.state not in _WHOLE
        for item in case.phone.files
    )


def _loaded_before(case: Case, kind: FileKind, held: Held) -> list[LoadedTrustList]:
    """The lists of that kind that the phone had loaded, in captures with the same clock."""
    return [
        item
        for item in case.phone.trust_lists
        if item.kind is kind and item.time < held.time and item.sighting.at.group == held.at.group
    ]


def _is_acceptable(loaded: LoadedTrustList) -> bool:
    """Whether a phone could take a list over; one that it must refuse is a fault of its own."""
    return loaded.signature not in (None, SignatureCheck.INVALID)


def _is_one_of(held: Held, kind: FileKind, contents: set[bytes]) -> bool:
    told = _hash_in(held, kind)
    return told is not None and any(
        _hash_of(content, _HASHES[len(told)]) == told for content in contents
    )


@lru_cache(4096)
def _hash_of(content: bytes, name: str) -> bytes:
    return hashlib.new(name, content, usedforsecurity=False).digest()


def _draft(
    case: Case, kind: FileKind, last: Held, told: Sequence[Held], loaded: LoadedTrustList
) -> Draft:
    held = _hash_in(last, kind) or b""
    name = _HASHES[len(held)]
    algorithm = {"sha1": "SHA-1", "sha256": "SHA-256", "sha512": "SHA-512"}[name]
    served = _hash_of(loaded.read.content, name).hex()
    server = case.address(loaded.transfer.server)
    said = last.said
    source = said.itl_server if kind is FileKind.ITL else said.ctl_server
    came_from = f", loaded from {source}" if source else ""
    enrolled = any(is_complete(session) for _, _, session in case.capf_sessions)
    same = [one for one in told if _hash_in(one, kind) == held]
    return Draft(
        ITL_STALE_ON_PHONE,
        title=f"The phone says that it holds another {kind.value} than the servers serve",
        detail=f"Its alarm DeviceTLInfo names an {kind.value} of {algorithm} {held.hex()}"
        f"{came_from}; {loaded.transfer.name}, which {server} had served to it, has {served}, and "
        "no list served in these captures has the other one. So the phone did not take over what "
        f"it loaded. 'show {kind.value.lower()}' on each TFTP node, or the phone's trust list "
        "menu, would prove it.",
        proofs=(
            *(
                Proof(one.at, one.row, f"{kind.value}_Signature {held.hex()}", among_others=True)
                for one in same[: MAX_EVIDENCE - 1]
            ),
            proof(
                loaded.sighting,
                loaded.transfer.final_row,
                f"{loaded.transfer.name} of {algorithm} {served}",
            ),
        ),
        service=loaded.flow.service,
        certainty=Certainty.POSSIBLE if enrolled else Certainty.LIKELY,
        at=last.time,
    )
