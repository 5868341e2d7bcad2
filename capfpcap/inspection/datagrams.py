"""What datagrams carry: DNS messages and TFTP packets, with the file that one completes."""

from __future__ import annotations

from collections.abc import Sequence

from capf_dissectors.outline import Node, moved, plural
from capf_dissectors.outline.dns import outline_dns
from capf_dissectors.outline.tftp import outline_tftp

from capfpcap.inspection.files import outline_file
from capfpcap.inspection.views import Outline, Payload, Place
from capfpcap.timeline.files import FileKind, FileTransfer

_TELLING = frozenset(
    {
        *("Opcode", "File name", "Block", "Error code", "Message", "Option"),
        *("Flags", "Question", "Answer"),
        *("Request line", "Status line"),
    }
)
"""Fields of TFTP, DNS and HTTP that tell what a message is about."""
MAX_TOLD = 4
"""Fields that a message's own line repeats."""


def dns_datagram(payload: Payload) -> list[Node]:
    """A DNS message over UDP."""
    return [protocol("DNS", payload.place, outline_dns)]


def tftp_datagram(payload: Payload, transfers: Sequence[FileTransfer]) -> list[Node]:
    """A TFTP packet, and the file, where it is the last one of a whole file."""
    nodes = [protocol("TFTP", payload.place, outline_tftp)]
    return nodes + completed_file(payload, transfers)


def protocol(name: str, place: Place, outline: Outline) -> Node:
    """The fields of one message under the name of its protocol."""
    fields = place.outlined(outline)
    told = [node.value.partition(" (0x")[0] for node in fields if node.name in _TELLING]
    return Node(name, ", ".join(told[:MAX_TOLD]), place.start, place.end, fields, view=place.view)


def completed_file(payload: Payload, transfers: Sequence[FileTransfer]) -> list[Node]:
    """The file that became whole with this packet, in a view of its own."""
    for transfer in transfers:
        if transfer.end_row == payload.row and transfer.content:
            return [file_node(payload, transfer.name, transfer.kind, transfer.content)]
    return []


def file_node(payload: Payload, name: str, kind: FileKind, content: bytes) -> Node:
    """A file with its fields, in a view of its own."""
    place = payload.views.add(name, content)
    fields = moved(outline_file(kind, place.data), 0, place.view)
    size = plural(len(content), "byte")
    return Node(f"File {name}", size, 0, place.end, fields, view=place.view)
