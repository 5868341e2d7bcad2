"""Tells the capture formats apart."""

from __future__ import annotations

from capfpcap.capture.columns import CaptureError
from capfpcap.capture.pcap import PcapReader, is_pcap
from capfpcap.capture.pcapng import PcapngReader, is_pcapng
from capfpcap.capture.problems import ProblemLog
from capfpcap.capture.records import Format
from capfpcap.capture.source import told
from capfpcap.capture.window import Window

SHOWN = 4
"""Octets of an unknown file that its refusal shows."""

KNOWN_OTHERS: dict[bytes, str] = {
    b"PK\x03\x04": "a ZIP archive",
    b"BZh": "compressed with bzip2",
    b"\xfd7zXZ": "compressed with xz",
    b"\x04\x22\x4d\x18": "compressed with LZ4",
    b"7z\xbc\xaf\x27\x1c": "a 7-Zip archive",
    b"snoop\0\0\0": "a snoop capture",
    b"RTSS": "a Microsoft Network Monitor capture",
    b"GMBU": "a Microsoft Network Monitor capture",
    b"XCP\0": "a NetXRay capture",
    b"btsnoop\0": "a Bluetooth capture",
}
"""What else is handed in for a capture; it has to be converted or unpacked first."""


def open_format(path: str, window: Window, log: ProblemLog) -> Format:
    """A reader for the file whose beginning ``window`` holds.

    Raises:
        CaptureError: it is no capture file, or ends before it begins.
    """
    beginning = bytes(window.buffer[: min(window.filled, 24)])
    if is_pcap(beginning):
        return PcapReader.begin(path, window, log)
    if is_pcapng(beginning):
        return PcapngReader(path, window, log)
    if window.failure and not beginning:
        raise CaptureError(f"{path} cannot be read: {told(window.failure)}")
    if not beginning:
        raise CaptureError(f"{path} is empty")
    raise CaptureError(f"{path} is not a capture file: it {_described(beginning)}")


def _described(beginning: bytes) -> str:
    for magic, what in KNOWN_OTHERS.items():
        if beginning.startswith(magic):
            return f"begins with {magic[:SHOWN].hex(' ')} ({what})"
    return f"begins with {beginning[:SHOWN].hex(' ')}"
