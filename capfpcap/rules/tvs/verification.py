"""What the Trust Verification Service (TVS) says of the certificates that a phone asks about.

Without keys its messages are encrypted; the size tells a refusal all the same. An answer has a
header of 10 bytes and elements: a status of 4 always, and where the certificate is known also its
roles and the time for which the answer holds, 11 or more. Suites that round up to blocks may hide
the difference.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby, pairwise
from operator import attrgetter
from typing import TYPE_CHECKING

from msgspec import Struct

from capfpcap.report import Certainty, Severity, Stage
from capfpcap.rules.capf.attempt import is_overdue
from capfpcap.rules.model.case import Case
from capfpcap.rules.model.code import Code, Family
from capfpcap.rules.model.draft import MAX_EVIDENCE, Draft, Proof, proof
from capfpcap.rules.model.progress import Progress
from capfpcap.rules.model.screen import Screen
from capfpcap.rules.model.sight import Sight
from capfpcap.rules.questions.after_load import shook_hands_with_capf
from capfpcap.rules.trust.mismatch import ITL_CAPF_MISMATCH
from capfpcap.rules.trust.trust_list import ITL_SIGNATURE_INVALID
from capfpcap.services import Service
from capfpcap.timeline.application_data import EncryptedRecord

if TYPE_CHECKING:
    from capfpcap.timeline.plaintext.messages import PlainMessages

_REFUSAL = 14
"""Octets of an answer that has a status and nothing else."""
_SHORTEST_QUESTION = 40
"""Octets: header, device name, and a certificate or the names and serial number of one."""
_SHORTEST_TICKET = 50
"""Octets: in TLS 1.3 a server may send tickets between question and answer."""
_BY_SENDER = attrgetter("from_client")

TVS_NOT_TRUSTED = Code(
    code="tvs-not-trusted",
    family=Family.TRUST_LIST,
    severity=Severity.CRITICAL,
    stage=Stage.TVS,
    screen=Screen.PENDING,
    looks_for=Sight.NO_ATTEMPT | Sight.NOT_WHOLE,
    services=("tvs",),
    causes=(ITL_CAPF_MISMATCH, ITL_SIGNATURE_INVALID),
    meaning="The Trust Verification Service does not know the certificate that the phone asks "
    "about, and the phone gets no further.",
    told_by="Decrypted: an answer whose status is not valid. Not decrypted, likely: TVS answers a "
    "query with 14 bytes, a status without roles. No TLS handshake with CAPF follows where one was "
    "due. Info where none was due or would be "
    "captured, or the capture ends too soon.",
    not_this="An answer with roles, which is longer; one in a cipher suite that hides its "
    "length; a phone that enrols all the same: it asked about something else.",
    remedy="On the node that answered, the certificate in question must be in its store: look for "
    "it in OS Administration > Security > Certificate Management, compare 'show itl' on all nodes, "
    "then 'utils service restart Cisco Trust Verification Service' and 'utils service restart "
    "Cisco Tftp' there, and reset the phone. If it still refuses the new files, erase its ITL.",
)


@TVS_NOT_TRUSTED.by_phone
def tvs_not_trusted(case: Case) -> Iterator[Draft]:
    """Refusals behind which the phone did not come to an understanding with CAPF."""
    found = [
        refusal
        for progress in case.progresses
        if progress.flow.service is Service.TVS
        and (progress.judgeable or progress.session.messages)
        for refusal in _refusals(progress)
    ]
    if not found:
        return
    last = found[-1]
    answered = last.progress.time(last.answer.row)
    if shook_hands_with_capf(case, answered):
        return
    stuck = is_overdue(case) or _refuses_capf(case, answered)
    times = f", {len(found)} times" if len(found) > 1 else ""
    flow = last.progress.flow
    yield Draft(
        TVS_NOT_TRUSTED,
        title=f"TVS at {case.server(flow)} does not trust the certificate that the phone "
        "asks about",
        detail=last.in_words(times) + (_NO_CAPF if stuck else "") + last.question_in_words,
        proofs=tuple(item for one in found[-MAX_EVIDENCE // 2 :] for item in one.proofs),
        service=Service.TVS,
        flow=flow,
        certainty=Certainty.LIKELY if last.read is None else Certainty.PROVEN,
        severity=None if stuck else Severity.INFO,
        at=answered,
    )


_NO_CAPF = " No TLS handshake with CAPF followed."


def _refuses_capf(case: Case, after: int) -> bool:
    """Whether the phone ended a session with CAPF by an alert after a moment."""
    for progress in case.progresses:
        said = progress.session.fatal_alert
        if progress.flow.service is not Service.CAPF or said is None or not said.from_client:
            continue
        if progress.time(said.row) > after:
            return True
    return False


class _Read(Struct, frozen=True):
    """What keys reveal of a question and its answer."""

    asked: str
    """The certificate in question, in words."""
    status: str


class _Refusal(Struct, frozen=True, eq=False):
    """The last records of a question of the phone, and of the refusal that answers it."""

    progress: Progress
    question: EncryptedRecord
    answer: EncryptedRecord
    read: _Read | None = None

    def in_words(self, times: str) -> str:
        if self.read is not None:
            return f"TVS answers with the status {self.read.status}{times}."
        return (
            f"The answer has {_REFUSAL} bytes{times}: a status and no roles, as TVS answers where "
            "it does not know a certificate."
        )

    @property
    def question_in_words(self) -> str:
        if self.read is not None:
            return f" The phone asked about {self.read.asked}."
        return (
            " What the phone asked about is encrypted: the signer of a file, or the certificate of "
            "a server; keys (--keylog) tell."
        )

    @property
    def proofs(self) -> tuple[Proof, Proof]:
        asked, said = f"{self.question.size} bytes", f"{self.answer.size} bytes"
        if self.read is not None:
            asked, said = self.read.asked, f"status {self.read.status}"
        sighting = self.progress.sighting
        return (
            proof(sighting, self.question.row, f"the phone asks: {asked}"),
            proof(sighting, self.answer.row, f"TVS answers: {said}"),
        )


def _refusals(progress: Progress) -> Iterator[_Refusal]:
    """The refusals of a session, by its messages or else by its sizes."""
    read = progress.session.messages
    return _by_size(progress) if read is None else _as_read(progress, read)


_ASKED = ("certificate", "subject", "issuer", "serial")


def _as_read(progress: Progress, read: PlainMessages) -> Iterator[_Refusal]:
    from capf_dissectors.tvs import Status, Tag  # noqa: PLC0415 - keys only

    from capfpcap.timeline.plaintext.messages import words_of  # noqa: PLC0415 - keys only

    session = progress.session
    records = session.application_records
    for question, answer in pairwise(read.messages):
        status = answer.message.number(Tag.STATUS)
        if not question.from_client or answer.from_client or status in (None, Status.VALID):
            continue
        about = words_of(session, question.message)
        asked = ", ".join(f"{name} {about[name]}" for name in _ASKED if name in about)
        said = words_of(session, answer.message)["status"]
        told = _Read(asked or "a certificate that it does not name", said)
        yield _Refusal(progress, records[question.record], records[answer.record], told)


def _by_size(progress: Progress) -> Iterator[_Refusal]:
    session = progress.session
    turns = [list(turn) for _, turn in groupby(session.application_records, _BY_SENDER)]
    for question, reply in pairwise(turns):
        answer = _without_tickets(reply) if session.certificate_hidden else reply
        if not answer or answer[0].from_client:
            continue
        smallest = sum(record.smallest for record in answer)
        largest = sum(record.largest for record in answer)
        asked = sum(record.smallest for record in question) >= _SHORTEST_QUESTION
        if asked and smallest == largest == _REFUSAL:
            yield _Refusal(progress, question[-1], answer[-1])


def _without_tickets(records: list[EncryptedRecord]) -> list[EncryptedRecord]:
    return [record for record in records if record.smallest < _SHORTEST_TICKET]
