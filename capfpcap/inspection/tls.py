"""What segments carry of TLS: the records that they complete, and the messages in these."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from capf_dissectors.outline import Node, moved, plural
from capf_dissectors.outline.tls_handshake import outline_handshake
from capf_dissectors.outline.tls_record import content_name, outline_record
from capf_dissectors.tls import (
    Alert,
    ChangeCipherSpec,
    EncryptedHandshake,
    Message,
    Record,
)
from msgspec import structs

from capfpcap.inspection.views import StreamPayload
from capfpcap.timeline.event import Event
from capfpcap.timeline.session import Session

MAX_RECORDS = 200
"""Records of one packet that are shown; one of 64 KiB holds more only if they are nearly empty."""
_RECORD_HEADER = 5
_NO_HANDSHAKE = (Alert, ChangeCipherSpec, EncryptedHandshake)


def tls_segment(carried: StreamPayload, session: Session, events: Sequence[Event]) -> list[Node]:
    """The records that a segment completes, then what of other records it carries."""
    said, row = session.tls(carried.payload.from_client), carried.payload.row
    here = [
        (record, completed_by)
        for record, completed_by in zip(
            said.records, carried.stream.rows_completing(said.records), strict=True
        )
        if completed_by == row or _overlaps(record, carried)
    ][:MAX_RECORDS]
    ended = [record for record, completed_by in here if completed_by == row and record.complete]
    handshakes = [item for item in said.messages if not isinstance(item, _NO_HANDSHAKE)]
    labels = {event.span[1]: event for event in events if event.span is not None}
    nodes: list[Node] = []
    for together in _contiguous(ended):
        nodes += _records(carried, together, handshakes, labels)
    for message in handshakes:
        nodes += _in_several_records(carried, message, ended, said.records)
    parts = (pair for pair in here if pair[0].end not in {record.end for record in ended})
    nodes += [_part(carried, record, completed_by) for record, completed_by in parts]
    if session.decrypted is not None and session.messages is not None:
        from capfpcap.inspection.decrypted import decrypted_messages  # noqa: PLC0415 - keys only

        nodes += decrypted_messages(carried, session, session.decrypted, session.messages)
    return nodes


def _overlaps(record: Record, carried: StreamPayload) -> bool:
    return record.offset < carried.end and record.end > carried.start


def _contiguous(records: Sequence[Record]) -> Iterator[list[Record]]:
    """Records that stand one behind the other."""
    together: list[Record] = []
    for record in records:
        if together and record.offset != together[-1].end:
            yield together
            together = []
        together.append(record)
    if together:
        yield together


def _records(
    carried: StreamPayload,
    records: Sequence[Record],
    handshakes: Sequence[Message],
    labels: Mapping[int, Event],
) -> Iterator[Node]:
    first = records[0].offset
    place = carried.place(first, records[-1].end, "TLS records")
    if place is None:
        return
    for record in records:
        at, shift = place.start + record.offset - first, place.start - first
        whole = [
            (message.offset + shift, message.end + shift)
            for message in handshakes
            if message.offset >= record.offset and message.end <= record.end
        ]
        for node in moved(outline_record(place.data, at, record, whole), 0, place.view):
            yield _labelled(node, labels.get(record.end) if record.encrypted else None)


def _labelled(node: Node, event: Event | None) -> Node:
    """An encrypted record with what it likely carries."""
    if event is None or event.certainty is None:
        return node
    certainty = event.certainty.value
    told = Node(f"{certainty.capitalize()} content", event.text, node.start, node.end, (), False)
    value = f"{certainty} {event.label}; {node.value}"
    children = (*node.children, structs.replace(told, view=node.view))
    return structs.replace(node, value=value, children=children)


def _in_several_records(
    carried: StreamPayload, message: Message, ended: Sequence[Record], records: Sequence[Record]
) -> list[Node]:
    """A handshake message that ends in a record of this packet and began in another record."""
    last = next((one for one in ended if one.offset < message.end <= one.end), None)
    if last is None or message.offset >= last.offset:
        return []
    own = [record for record in records if record.offset < message.end <= last.end]
    parts = [
        carried.read(max(message.offset, one.offset + _RECORD_HEADER), min(message.end, one.end))
        for one in own
        if one.end > message.offset
    ]
    if None in parts:
        return []
    data = b"".join(part for part in parts if part is not None)
    place = carried.payload.views.add(f"Handshake message from {len(parts)} records", data)
    return list(
        place.outlined(
            lambda data, start, end: outline_handshake(data, start, end, version=last.version)
        )
    )


def _part(carried: StreamPayload, record: Record, completed_by: int) -> Node:
    """What a packet carries of a record that it does not complete."""
    start, end = max(record.offset, carried.start), min(record.end, carried.end)
    if record.complete:
        rest = f"complete with {carried.payload.frames([completed_by])}"
    else:
        rest = "which the capture does not hold whole"
    own = carried.payload.place
    at = own.start - carried.start
    size = plural(record.end - record.offset, "byte")
    value = f"{end - start} of {size}, {rest}"
    value = f"{content_name(record)}, {value}"
    return Node("Part of a TLS record", value, start + at, end + at, view=own.view)
