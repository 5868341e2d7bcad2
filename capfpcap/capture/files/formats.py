"""Tells the capture formats apart."""

from __future__ import annotations

from capfpcap.capture.columns import CaptureError
from capfpcap.capture.files.pcap import PcapReader, is_pcap
from capfpcap.capture.files.pcapng import PcapngReader, is_pcapng
from capfpcap.capture.files.source import told
from capfpcap.capture.files.window import Window
from capfpcap.capture.problems import ProblemLog

SHOWN = 4
"""Octets of an unknown file that its refusal shows."""

PACKED: dict[bytes, str] = {
    b"PK\x03\x04": "is a ZIP archive",
    b"7z\xbc\xaf\x27\x1c": "is a 7-Zip archive",
    b"BZh": "is compressed with bzip2",
    b"\xfd7zXZ": "is compressed with xz",
    b"\x04\x22\x4d\x18": "is compressed with LZ4",
}
"""What has to be unpacked first."""
FOREIGN: dict[bytes, str] = {
    b"snoop\0\0\0": "snoop",
    b"RTSS": "Microsoft Network Monitor",
    b"GMBU": "Microsoft Network Monitor",
    b"XCP\0": "NetXRay",
    b"TRSNIFF data": "Sniffer",
    b"\x05VNF": "Visual Networks",
    b"\xaa\xaa\xaa\xaa": "5Views",
}
"""What else captures are recorded in; it has to be converted first."""


def open_format(path: str, window: Window, log: ProblemLog) -> PcapReader | PcapngReader:
    """A reader for the file whose beginning ``window`` holds.

    Raises:
        CaptureError: it is no capture file, or ends before it begins.
    """
    beginning = bytes(window.buffer[: min(window.filled, 24)])
    if is_pcap(beginning):
        return PcapReader.begin(path, window, log)
    if is_pcapng(beginning):
        return PcapngReader.begin(path, window, log)
    if window.failure and not beginning:
        raise CaptureError(f"{path} cannot be read: {told(window.failure)}")
    if not beginning:
        raise CaptureError(f"{path} is empty")
    raise CaptureError(f"{path} {_described(beginning)}")


def _described(beginning: bytes) -> str:
    """What a file of another kind is, as far as its beginning tells."""
    for magic, what in PACKED.items():
        if beginning.startswith(magic):
            return f"{what}; unpack it first"
    for magic, program in FOREIGN.items():
        if beginning.startswith(magic):
            return f"is a capture of {program}; 'editcap -F pcapng' makes one that can be read"
    return f"is not a capture file: it begins with {beginning[:SHOWN].hex(' ')}"
