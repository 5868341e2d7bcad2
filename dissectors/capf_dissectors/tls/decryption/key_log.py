"""Key logs in the form of NSS (SSLKEYLOGFILE; RFC 9850), read in one pass.

A log may hold the secrets of half a million sessions, of which a capture shows a few. So nothing is
kept of a line but where it stands and the first bytes of what it is found by.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from enum import Enum
from typing import NamedTuple

MAX_KEY_LOG = 100 << 20
"""Bytes of a key log that are read: some 600,000 sessions of TLS 1.2."""
MAX_LINES = 2_000_000
"""Lines that are read, blank ones aside: a log has five a session, of 170 bytes or more each."""
MOST_DAMAGED = 3
"""Damaged lines whose numbers are kept; the others are counted."""
_MOST_LINES_OF_ONE = 32
"""Lines of one session that are looked at; TLS 1.3 has five, and a log may repeat them."""


class Label(Enum):
    """What a secret is."""

    MASTER = "CLIENT_RANDOM"
    PREMASTER = "PMS_CLIENT_RANDOM"
    CLIENT_EARLY = "CLIENT_EARLY_TRAFFIC_SECRET"
    CLIENT_HANDSHAKE = "CLIENT_HANDSHAKE_TRAFFIC_SECRET"
    SERVER_HANDSHAKE = "SERVER_HANDSHAKE_TRAFFIC_SECRET"
    CLIENT_TRAFFIC = "CLIENT_TRAFFIC_SECRET_0"
    SERVER_TRAFFIC = "SERVER_TRAFFIC_SECRET_0"


_LABELS = {label.value.encode(): label for label in Label}
_NAMES = b"|".join(_LABELS)
_TRAFFIC = b"|".join(name for name in _LABELS if not name.endswith(b"RANDOM"))
_TEXT = re.compile(rb"[^\r\n]+")
_HEX = rb"[0-9A-Fa-f]"
_LINE = re.compile(
    rb"^[ \t]*(?:"
    rb"(CLIENT_RANDOM) (HEX{64}) (HEX{96})"
    rb"|(PMS_CLIENT_RANDOM) (HEX{64}) ((?:HEX{2}){1,512})"
    rb"|(TRAFFIC) (HEX{64}) (HEX{64}|HEX{96})"
    rb"|RSA (HEX{16}) (HEX{96})"
    rb"|RSA Session-ID:((?:HEX{2}){1,32}) Master-Key:(HEX{96})"
    rb"|((?:NAMES|RSA)\b[^\n]*|(?!#|[A-Z][A-Z0-9_]*[ :])[^\s][^\n]*)"
    rb")[ \t]*\r?$".replace(b"HEX", _HEX)
    .replace(b"TRAFFIC", _TRAFFIC)
    .replace(b"NAMES", _NAMES),
    re.MULTILINE,
)
"""Comments, blank lines and those with labels that nobody here needs match nothing."""


class _Form(NamedTuple):
    """Which groups of :data:`_LINE` a kind of line has."""

    key: bytes
    """What its index entries begin with."""
    name: int
    """What the line is found by."""


_RANDOM, _ENCRYPTED, _SESSION = b"c", b"e", b"s"
_FORMS = {
    3: _Form(_RANDOM, 2),
    6: _Form(_RANDOM, 5),
    9: _Form(_RANDOM, 8),
    11: _Form(_ENCRYPTED, 10),
    13: _Form(_SESSION, 12),
}
"""By the last group that matches, which is the secret; any other is damage."""
_PREFIX = 8
"""Bytes of the name that the index keeps."""
_ENTRY = 1 + _PREFIX + 4
_MOST_OTHERS = 4096
"""Lines of an excerpt that name their sessions otherwise than by a client random."""
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_UTF_8_MARK = b"\xef\xbb\xbf"


class _Entries:
    """The index as :mod:`bisect` reads it: of each line what it is found by, and where it is."""

    def __init__(self, entries: list[bytes]) -> None:
        entries.sort()
        self._joined = b"".join(entries)

    def __len__(self) -> int:
        return len(self._joined) // _ENTRY

    @property
    def last(self) -> bytes:
        """The last entry by its key."""
        return self._joined[-_ENTRY:]

    def places(self, key: bytes) -> Iterator[int]:
        """Where in the log the lines with this key begin, the first ones."""
        first, behind = 0, len(self)
        while first < behind:
            middle = (first + behind) // 2
            if self._joined[middle * _ENTRY : (middle + 1) * _ENTRY] < key:
                first = middle + 1
            else:
                behind = middle
        for at in range(first, min(first + _MOST_LINES_OF_ONE, len(self))):
            entry = self._joined[at * _ENTRY : (at + 1) * _ENTRY]
            if not entry.startswith(key):
                return
            yield int.from_bytes(entry[-4:], "big")

    def behind(self, kind: bytes) -> Iterator[int]:
        """Where the lines begin whose kind comes behind one, the first ones."""
        for at in range(len(self) - 1, max(len(self) - 1 - _MOST_OTHERS, -1), -1):
            entry = self._joined[at * _ENTRY : (at + 1) * _ENTRY]
            if entry[:1] <= kind:
                return
            yield int.from_bytes(entry[-4:], "big")


class Damage(NamedTuple):
    """Lines that are no secret, comment or label."""

    total: int
    first: tuple[int, ...]
    """Their numbers, from 1, up to :data:`MOST_DAMAGED`."""


class KeyLog:
    """The secrets in one log. None of them stands in its ``repr``."""

    def __init__(self, data: bytes) -> None:
        """Read a log; of one longer than :data:`MAX_KEY_LOG` the beginning."""
        self.cut = len(data) > MAX_KEY_LOG
        """Whether the log is longer than what is read of it."""
        self._data = _as_ascii(data[:MAX_KEY_LOG])
        self._damaged = 0
        first: list[int] = []
        self._entries = _Entries(list(self._read(first)))
        numbers = [self._data.count(b"\n", 0, place) + 1 for place in first]
        self.damage = Damage(self._damaged, tuple(numbers))

    def _read(self, first_damaged: list[int]) -> Iterator[bytes]:
        for number, text in enumerate(_TEXT.finditer(self._data)):
            if number == MAX_LINES:
                self.cut = True
                return
            match = _LINE.match(self._data, *text.span())
            form = None if match is None else _FORMS.get(match.lastindex or 0)
            if match is None:
                continue
            if form is None:
                self._damaged += 1
                if len(first_damaged) < MOST_DAMAGED:
                    first_damaged.append(match.start())
                continue
            digits = match[form.name][: 2 * _PREFIX].decode("ascii")
            yield _key(form.key, bytes.fromhex(digits)) + match.start().to_bytes(4, "big")

    def __len__(self) -> int:
        """How many secrets there are."""
        return len(self._entries)

    def __repr__(self) -> str:
        return f"<key log of {len(self)} secrets>"

    def knows(self, client_random: bytes) -> bool:
        """Whether it may have secrets of the session of that client random; quick."""
        return any(True for _ in self._entries.places(_key(_RANDOM, client_random)))

    @property
    def names_others(self) -> bool:
        """Whether it names sessions otherwise than by their client random, as old logs do."""
        return len(self._entries) > 0 and self._entries.last[:1] > _RANDOM

    def of_random(self, client_random: bytes) -> list[tuple[Label, bytes]]:
        """The secrets of the session of that client random."""
        return [
            (_LABELS[match[(match.lastindex or 0) - 2]], secret)
            for match, secret in self._lines(_RANDOM, client_random)
        ]

    def of_session(self, session_id: bytes) -> list[bytes]:
        """The master secrets of sessions of that id, as old OpenSSL wrote them."""
        return [secret for _, secret in self._lines(_SESSION, session_id)]

    def of_encrypted(self, premaster: bytes) -> list[bytes]:
        """The premaster secrets whose encrypted form begins so, as old NSS wrote them."""
        return [secret for _, secret in self._lines(_ENCRYPTED, premaster[:_PREFIX])]

    def excerpt(self, client_randoms: Iterable[bytes]) -> bytes:
        """The lines on the sessions of these client randoms, for another program.

        With them come the first lines that name their sessions otherwise.
        """
        matches = [match for random in client_randoms for match, _ in self._lines(_RANDOM, random)]
        lines = [match[0].strip() for match in matches]
        for place in self._entries.behind(_RANDOM):
            match = _LINE.match(self._data, place)
            lines += [match[0].strip()] if match else []
        return b"".join(line + b"\n" for line in dict.fromkeys(lines))

    def _lines(self, kind: bytes, name: bytes) -> Iterator[tuple[re.Match[bytes], bytes]]:
        """The lines that name this, each with its secret."""
        for place in self._entries.places(_key(kind, name)):
            match = _LINE.match(self._data, place)
            form = _FORMS.get(match.lastindex or 0) if match else None
            if match is not None and form is not None and _octets(match[form.name]) == name:
                yield match, _octets(match[match.lastindex or 0])


def _key(kind: bytes, name: bytes) -> bytes:
    return kind + name[:_PREFIX].ljust(_PREFIX, b"\0")


def _octets(digits: bytes) -> bytes:
    return bytes.fromhex(digits.decode("ascii"))


def _as_ascii(data: bytes) -> bytes:
    """The log without the marks of Unicode; some shells redirect in UTF-16."""
    if data.startswith(_UTF_16):
        return data.decode("utf-16", "replace").encode("ascii", "replace")
    return data.removeprefix(_UTF_8_MARK)
