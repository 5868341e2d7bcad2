"""Decryption secrets blocks of pcapng (draft-ietf-opsawg-pcapng, section 4.7)."""

from __future__ import annotations

from capfpcap.capture.files.interfaces import ByteOrder
from capfpcap.capture.problems import ProblemKind, ProblemLog

MAX_SECRETS = 1 << 24
"""Octets of the secrets of one file that are kept, some fifty thousand sessions."""
MAX_KEY_LOGS = 4096
"""Blocks of one file that are kept."""
TLS_KEY_LOG = 0x544C534B
"""Secrets type of a TLS key log in the form of NSS."""
DATA_AT = 16
"""Behind type and length of the block and of the secrets."""


class Secrets:
    """The TLS key logs of one file; secrets of other kinds are passed over."""

    def __init__(self, log: ProblemLog) -> None:
        self.key_logs: list[bytes] = []
        self._log = log
        self._octets = 0

    def take(self, block: bytes, order: ByteOrder) -> None:
        """Takes a whole block, from its type to its last length."""
        if len(block) < DATA_AT + 4 or int.from_bytes(block[8:12], order) != TLS_KEY_LOG:
            return
        end = DATA_AT + int.from_bytes(block[12:DATA_AT], order)
        data = block[DATA_AT : min(end, len(block) - 4)]
        if self._octets + len(data) > MAX_SECRETS or len(self.key_logs) == MAX_KEY_LOGS:
            text = f"secrets beyond {MAX_SECRETS} bytes or {MAX_KEY_LOGS} blocks were skipped"
            self._log.add(ProblemKind.LIMIT, text)
            return
        self._octets += len(data)
        self.key_logs.append(data)
