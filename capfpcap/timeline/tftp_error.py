"""What a TFTP error packet means for a transfer."""

from __future__ import annotations

from capf_dissectors import tftp

from capfpcap.timeline.files import TransferState

SERVER_ANSWERED = "the server answered"
_FILE_NOT_FOUND_TEXTS = ("not found", "no such file")


def describe_error(who: str, packet: tftp.Error) -> str:
    """The error in one line, ``who`` being the side that sent it."""
    name = packet.code.name if isinstance(packet.code, tftp.ErrorCode) else "unknown"
    text = f": {packet.message}" if packet.message else ""
    return f"{who} error {int(packet.code)} ({name.replace('_', ' ').lower()}){text}"


def state_after(packet: tftp.Error) -> TransferState:
    """Not found, or failed; some servers say the former in words only, with code 0."""
    if packet.code == tftp.ErrorCode.FILE_NOT_FOUND:
        return TransferState.NOT_FOUND
    text = packet.message.lower()
    if packet.code == tftp.ErrorCode.NOT_DEFINED and any(
        words in text for words in _FILE_NOT_FOUND_TEXTS
    ):
        return TransferState.NOT_FOUND
    return TransferState.FAILED
