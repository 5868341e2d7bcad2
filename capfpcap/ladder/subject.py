"""Whom a ladder is about: a phone with all of its flows, or one flow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from capfpcap.report import Outcome
from capfpcap.rules.engine import Account
from capfpcap.rules.model.draft import Draft
from capfpcap.services import Purpose, in_order
from capfpcap.vantage.flow import Flow

if TYPE_CHECKING:
    from capfpcap.analysis import Analysis

MAX_FLOWS = 2_000
"""Flows of one ladder; a phone that fails for a day has some hundreds."""

_GRAVEST_FIRST = (
    Outcome.FAILED,
    Outcome.REFUSED,
    Outcome.RECOVERED,
    Outcome.UNKNOWN,
    Outcome.IN_PROGRESS,
    Outcome.SUCCEEDED,
    Outcome.NOT_ATTEMPTED,
)
_TELLING_FIRST = in_order(
    (
        Purpose.ENROLMENT,
        Purpose.TRUST,
        Purpose.FILES,
        Purpose.REGISTRATION,
        Purpose.OTHER,
        Purpose.NAMES,
    )
)
"""Which flows are kept where there are too many; those that findings are about go before all."""


class Subject(Struct, frozen=True, eq=False):
    """What is to be shown."""

    title: str
    account: Account | None
    flows: Sequence[Flow]
    """In the order of their first packets."""
    left_out: int
    """Further flows of the phone."""
    drafts: Sequence[Draft]
    """Findings, in the report's order."""


def subject_of(analysis: Analysis, phone: str | None, flow: str | None) -> Subject:
    """The phone or flow that is asked for; of neither the phone that fared worst.

    Raises:
        LookupError: no such phone or flow, or no phone at all; the message is one sentence.
    """
    if flow is not None:
        return _one_flow(analysis, flow, phone)
    account = _account(analysis, phone)
    flows, left_out = _telling(account)
    drafts = (*account.drafts, *analysis.judged.scene_drafts)
    return Subject(account.case.phone.name, account, flows, left_out, drafts)


def _one_flow(analysis: Analysis, wanted: str, phone: str | None) -> Subject:
    for flow in analysis.scene.flows:
        if flow.id == wanted and phone in (None, flow.phone):
            break
    else:
        of_phone = f"phone {phone} " if phone else ""
        raise LookupError(f"the captures show no {of_phone}flow {wanted}")
    accounts = [one for one in analysis.judged.accounts if one.case.phone.name == flow.phone]
    account = accounts[0] if accounts else None
    drafts = [] if account is None else [draft for draft in account.drafts if _touches(draft, flow)]
    drafts += [draft for draft in analysis.judged.scene_drafts if _touches(draft, flow)]
    title = f"{flow.id} {flow.service.value}" + (f", {flow.phone}" if flow.phone else "")
    return Subject(title, account, [flow], 0, drafts)


def _touches(draft: Draft, flow: Flow) -> bool:
    """Whether a finding is about a flow, or names one of its packets."""
    if draft.flow is flow:
        return True
    views = {sighting.at: sighting.conversation.view for sighting in flow.sightings}
    return any(
        proof.at in views and views[proof.at].start <= proof.row < views[proof.at].stop
        for proof in draft.frames
        if not proof.among_others
    )


def _account(analysis: Analysis, phone: str | None) -> Account:
    accounts = analysis.judged.accounts
    if phone is None:
        if not accounts:
            raise LookupError("the captures show no phone")
        return min(accounts, key=lambda account: _GRAVEST_FIRST.index(account.outcome))
    for account in accounts:
        if account.case.phone.name == phone:
            return account
    raise LookupError(f"the captures show no phone {phone}")


def _telling(account: Account) -> tuple[list[Flow], int]:
    """The flows of a phone that are shown, and how many are not."""
    flows = account.case.phone.flows
    if len(flows) <= MAX_FLOWS:
        return flows, 0
    found = {id(draft.flow) for draft in account.drafts}
    ranked = sorted(
        flows, key=lambda one: (id(one) not in found, _TELLING_FIRST.index(one.service))
    )
    kept = sorted(ranked[:MAX_FLOWS], key=lambda one: one.started)
    return kept, len(flows) - len(kept)
