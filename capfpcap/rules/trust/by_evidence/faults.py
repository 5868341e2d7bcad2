"""What is wrong with a list that was given, whoever loads it."""

from __future__ import annotations

from collections.abc import Iterator

from capf_dissectors.shown_list import Kind
from capf_dissectors.signature import SignatureCheck
from msgspec import Struct

from capfpcap.evidence import Evidence
from capfpcap.evidence.lists import GivenList, ListFault
from capfpcap.rules.files.not_found import ITL_NOT_FOUND
from capfpcap.rules.model.code import Code
from capfpcap.rules.model.draft import Entry
from capfpcap.rules.trust.trust_list import (
    ITL_CORRUPT,
    ITL_EMPTY,
    ITL_NO_CAPF_RECORD,
    ITL_SIGNATURE_INVALID,
)

_CODES = {
    ListFault.NOT_FOUND: (ITL_NOT_FOUND, "is not there"),
    ListFault.EMPTY: (ITL_EMPTY, "is empty"),
    ListFault.UNREADABLE: (ITL_CORRUPT, "cannot be read"),
}

FAULT_CODES = (
    *(code for code, _ in _CODES.values()),
    ITL_SIGNATURE_INVALID,
    ITL_NO_CAPF_RECORD,
)
"""All codes of which a list on its own can be."""


_BY_KEY = "Its signer's certificate is in it, and that key did not make the signature."
_SAYS_THE_NODE = "The node itself says so."


class Fault(Struct, frozen=True, eq=False):
    """One fault of one list."""

    code: Code
    given: GivenList
    title: str
    detail: str

    @property
    def entry(self) -> Entry:
        """The place that shows it."""
        note = self.given.problem or self.title
        return Entry(self.given.file.id, note, line=self.given.line)


def faults_of(evidence: Evidence) -> Iterator[Fault]:
    """The faults of the lists that were given.

    A cluster that is not in mixed mode has no CTL: that it is empty or not there is no fault. An
    ITL needs no CAPF record where the CTL has one.
    """
    in_ctl = any(given.capf for given in evidence.lists if given.kind is Kind.CTL)
    for given in evidence.lists:
        is_ctl = given.kind is Kind.CTL
        what = f"The {given.kind.value} of {given.name}"
        if given.fault is not None:
            if is_ctl and given.fault is not ListFault.UNREADABLE:
                continue
            code, words = _CODES[given.fault]
            yield Fault(code, given, f"{what} {words}", f"{what} {words}: {given.problem}.")
        elif given.signature is SignatureCheck.INVALID:
            yield Fault(
                ITL_SIGNATURE_INVALID,
                given,
                f"The signature of the {given.kind.value} of {given.name} does not verify",
                _BY_KEY if given.line is None else _SAYS_THE_NODE,
            )
        elif not is_ctl and given.whole and given.records and not given.capf and not in_ctl:
            yield Fault(
                ITL_NO_CAPF_RECORD,
                given,
                f"{what} names no CAPF server",
                f"{what} has {len(given.records)} records; none has function CAPF.",
            )
