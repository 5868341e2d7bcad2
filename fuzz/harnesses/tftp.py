"""One TFTP packet."""

from __future__ import annotations

from capf_dissectors import tftp

from capfpcap.services import Service
from fuzz.answers import check_answer
from fuzz.harness import Harness
from fuzz.seeds import carried, some


def judge(data: bytes) -> None:
    """Texts have no NUL, and there are no more of them than the limits allow."""
    packet = tftp.dissect(data)
    check_answer(packet, len(data))
    if isinstance(packet, tftp.ReadRequest | tftp.WriteRequest):
        assert "\0" not in packet.file_name + packet.mode
    if isinstance(packet, tftp.ReadRequest | tftp.WriteRequest | tftp.OptionAcknowledgement):
        assert len(packet.options) <= tftp.MAX_OPTIONS


def seeds() -> list[bytes]:
    """Payloads of every transfer, and a request with options."""
    options = b"\0\1ITLFile.tlv\0octet\0blksize\x001468\0tsize\0000\0windowsize\x004\0"
    return [*some(carried().datagrams.get(Service.TFTP, [])), options, b"\0\6blksize\x001468\0"]


HARNESS = Harness(judge, seeds, longest=4096)
