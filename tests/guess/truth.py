"""``truth.json`` of the lab's recordings: what was said inside TLS, by those who said it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
from capf_dissectors.capf import Command

from capfpcap.report import Authentication, CapfOutcome, Operation

CAPTURES = Path(__file__).resolve().parents[2] / "captures"
RECORDINGS = tuple(sorted(path.parent for path in CAPTURES.glob("decrypted/*/truth.json")))
"""Folders of CAPF sessions alone."""
SCENARIOS = tuple(sorted(path.parent for path in CAPTURES.glob("*/truth.json")))
"""Folders of scenarios that tell the truth too."""

BEGINS = {
    Command.KEYGEN_REQUEST: Operation.INSTALL,
    Command.FETCH_REQUEST: Operation.FETCH,
    Command.DELETE_REQUEST: Operation.DELETE,
}
"""Commands that begin an operation."""
_KEYS = {"ec-256": "EC secp256r1", "ec-384": "EC secp384r1", "ec-521": "EC secp521r1"}
_WAYS = {
    "string": Authentication.STRING,
    "lsc": Authentication.CERTIFICATE,
    "mic": Authentication.CERTIFICATE,
}


class TrueMessage(msgspec.Struct, frozen=True, rename={"sender": "from"}):
    """A message; ``command`` is None for what is no message of the protocol."""

    sender: str
    command: int | None
    session: int | None
    length: int
    sha256: str
    elements: list[tuple[int, str | int]]
    """Tag, and value in hex or, of a long one, its length."""


class TrueSession(msgspec.Struct, frozen=True):
    """A session with CAPF or TVS."""

    client: str
    """Address and port."""
    service: str
    phone: str
    messages: list[TrueMessage]
    operations: list[str] = []
    """What CAPF was to do."""
    key: str | None = None
    authentication: str = ""
    issued: list[str] = []
    """Serial numbers in hex."""
    status: int = 0
    """What TVS answers."""

    @property
    def begun(self) -> list[Operation]:
        """The operations that CAPF asked for."""
        asked = (Command(one.command) for one in self.messages if one.command is not None)
        return [BEGINS[command] for command in asked if command in BEGINS]

    @property
    def operation(self) -> Operation:
        """The last one."""
        return self.begun[-1] if self.begun else Operation.UNKNOWN

    @property
    def outcome(self) -> CapfOutcome:
        """How the session ended."""
        last = self.messages[-1].command
        if last == Command.RETRY_LATER or (last == Command.END_SESSION and not self.begun):
            return CapfOutcome.REFUSED
        return CapfOutcome.COMPLETE if last == Command.END_SESSION else CapfOutcome.ABORTED

    @property
    def made_key(self) -> str | None:
        """The key that the phone generated, as reports write it."""
        made = any(message.command == Command.KEYGEN_RESPONSE for message in self.messages)
        if self.key is None or not made:
            return None
        return _KEYS.get(self.key, self.key.upper().replace("-", " "))

    @property
    def way(self) -> Authentication:
        """How the phone authenticated; UNKNOWN where the scenario's configuration says it."""
        return _WAYS.get(self.authentication, Authentication.NULL_STRING)


def capture_of(folder: Path) -> Path:
    """The publisher's capture of a recording."""
    (path,) = folder.glob("publisher.pcap*")
    return path


def told(folder: Path) -> list[TrueSession]:
    """The sessions of a recording."""
    content = (folder / "truth.json").read_bytes()
    return msgspec.json.decode(content, type=list[TrueSession])


def capf_sessions() -> Iterator[tuple[Path, TrueSession]]:
    """Every CAPF session of the recordings, with its folder."""
    for folder in RECORDINGS:
        yield from ((folder, session) for session in told(folder) if session.service == "capf")
