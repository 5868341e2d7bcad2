"""Classic capture files taken apart into their records, as the shipped ones are."""

from __future__ import annotations

import struct

FILE_HEADER = 24
RECORD_HEADER = 16
_MAGICS = (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1")
"""Little-endian captures, in micro- and nanoseconds."""
_DNS = 53
_UDP = b"\x11"


def records_of(capture: bytes) -> list[bytes]:
    """The whole records of a capture with their headers; none of a file of another kind."""
    records: list[bytes] = []
    at = FILE_HEADER
    while capture.startswith(_MAGICS) and at + RECORD_HEADER <= len(capture):
        end = at + RECORD_HEADER + int.from_bytes(capture[at + 8 : at + 12], "little")
        if end > len(capture):
            break
        records.append(capture[at:end])
        at = end
    return records


def rewritten(record: bytes, packet: bytes, wire: int | None = None) -> bytes:
    """``record`` with another packet, its lengths true; ``wire`` is what was on the wire of it."""
    lengths = struct.pack("<II", len(packet), len(packet) if wire is None else wire)
    return record[:8] + lengths + packet


def without_transfers(capture: bytes) -> bytes:
    """The capture without its TFTP packets over IPv4 in Ethernet frames: two thirds of most."""
    kept = [record for record in records_of(capture) if not _is_transfer(record[RECORD_HEADER:])]
    return capture[:FILE_HEADER] + b"".join(kept)


def _is_transfer(frame: bytes) -> bool:
    ports = {int.from_bytes(frame[at : at + 2], "big") for at in (34, 36)}
    return frame[12:14] == b"\x08\x00" and frame[23:24] == _UDP and _DNS not in ports
