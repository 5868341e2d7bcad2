"""The messages of CAPF and TVS in a session that was decrypted, in the order they were said."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from operator import attrgetter
from typing import NamedTuple

from capf_dissectors import capf, tvs
from capf_dissectors.capf.course import Course
from capf_dissectors.capf.words import describe as describe_capf
from capf_dissectors.framed import FramedStream, Message
from capf_dissectors.tvs.words import describe as describe_tvs
from capf_dissectors.tvs.words import device_name as tvs_device_name
from msgspec import Struct

from capfpcap.services import Service
from capfpcap.timeline.capf import Fault
from capfpcap.timeline.decrypted import Decrypted, PlainStream
from capfpcap.timeline.files import device_name
from capfpcap.timeline.session import Session


class ReadMessage(NamedTuple):
    """A message that was read."""

    first: int
    """Index in :attr:`Session.application_records` of the record that its first byte came in."""
    record: int
    """The same of the record that completed it."""
    row: int
    """Row of the flow table whose packet completed it."""
    from_client: bool
    message: Message
    is_expected: bool = True
    """Whether the order of the protocol has it here."""


class PlainMessages(Struct, frozen=True, eq=False):
    """What both sides said."""

    messages: tuple[ReadMessage, ...]
    faults: tuple[Fault, ...]
    whole: bool
    """Whether all application data that was captured is read."""
    course: Course
    """Where a CAPF session stands behind the last message."""


def read_messages(session: Session, decrypted: Decrypted) -> PlainMessages:
    """The messages of a session with CAPF or TVS."""
    dissect = tvs.dissect_stream if session.view.service is Service.TVS else capf.dissect_stream
    client, server = decrypted.client, decrypted.server
    read = [(True, client, dissect(client.pieces)), (False, server, dissect(server.pieces))]
    said = sorted(
        chain.from_iterable(_placed(session, *side) for side in read),
        key=attrgetter("record", "message.offset"),
    )
    faults = chain.from_iterable(_faults(session, *side) for side in read)
    whole = decrypted.complete or (client.whole and server.whole and decrypted.reason is None)
    course = Course(may_lack=not (whole and session.whole))
    if session.view.service is Service.CAPF:
        said = list(_followed(course, said, whole))
    return PlainMessages(
        tuple(said),
        tuple(sorted(faults, key=attrgetter("row"))),
        whole and session.whole,
        course,
    )


def _placed(
    session: Session, from_client: bool, stream: PlainStream, read: FramedStream
) -> Iterator[ReadMessage]:
    records = session.application_records
    for message in read.messages:
        end = message.end - message.missing
        record = stream.record_completing(end)
        first = stream.record_completing(message.offset + 1)
        yield ReadMessage(first, record, records[record].row, from_client, message)


def _faults(
    session: Session, from_client: bool, stream: PlainStream, read: FramedStream
) -> Iterator[Fault]:
    inside = [message.problem for message in read.messages if message.problem is not None]
    for malformed in (*read.problems, *inside):
        record = stream.record_completing(malformed.offset + 1)
        row = session.application_records[record].row
        yield Fault(row, from_client, malformed.offset, malformed.reason)


def _followed(course: Course, said: list[ReadMessage], whole: bool) -> Iterator[ReadMessage]:
    """The messages, each with whether it is expected where it stands."""
    next_record = 0
    for one in said:
        if not whole and one.first > next_record:
            course.lose()
        next_record = one.record + 1
        is_expected = course.take(one.from_client, one.message)
        yield one if is_expected else one._replace(is_expected=False)


def device_named_in(read: PlainMessages) -> str | None:
    """The device that says its name in a session with CAPF or TVS; None where none is one's."""
    for one in read.messages:
        if not one.from_client:
            continue
        said = one.message.value(capf.Tag.DEVICE_NAME)
        asked = one.message.value(tvs.Tag.DEVICE_NAME)
        value = said if one.message.version is None else asked
        name = "" if value is None else tvs_device_name(value)
        if name and "/" not in name:
            return device_name(f"{name}.cnf.xml")
    return None


def words_of(session: Session, message: Message) -> dict[str, str]:
    """What a message's elements say; a password only where secrets are to be shown."""
    if session.view.service is Service.TVS:
        return describe_tvs(message)
    return describe_capf(message, show_secrets=session.view.table.show_secrets)
