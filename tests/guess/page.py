"""``docs/capf-without-keys.md``: what the guess is worth, in figures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tests.guess.rates import Aspect, Mark, Tally, together

PAGE = Path(__file__).resolve().parents[2] / "docs" / "capf-without-keys.md"
_BLOCKS = "-cbc"
_TOP = """\
# What is told of CAPF without keys

CAPF runs inside TLS. Without a key log the program reads sizes and directions of the encrypted
records, and follows every way to understand them (`capf_dissectors/capf_shape`). What no other way
contradicts is *likely*, the rest *possible*; *proven* takes keys (`--keylog`, `--rsa-key`).

How often that is right is counted over the lab's recordings in `captures/decrypted/`: {sessions}
CAPF sessions over {suites} pairs of TLS version and cipher suite, every operation and refusal,
every kind of key and way of authentication in each; `truth.json` has what CAPF and the phone really
said. They are harder than a cluster's: nearly half of the sessions are refused, malformed, or fetch
an LSC that is not there.
The captures hold no configuration file, which would tell the way of authentication.

Written by `make guess`; a test holds it, and that nothing is likely and wrong.
"""
_BOTTOM = """\
## What sizes cannot tell

- **Why CAPF ends a session behind the authentication.** END_SESSION has the same length for no
  operation pending, unknown device, wrong string, and too late; RETRY_LATER is about as long. In
  blocks of CBC a short damaged message looks so too.
- **A deletion, and the question for a certificate that the phone does not have.** Requests and
  answers are of the same lengths, so a deletion is never more than possible. That a phone
  authenticated by a certificate proves no LSC: it may have been its MIC.
- **String or null string, in CBC.** A block is 16 bytes, and the string makes a difference of 4 to
  10: the configuration file tells it, where the capture has it.
- **Some keys, in CBC.** RSA 1024 and P-521 differ by 4 bytes; where both fit, none is named.
- **RSA 512** is not considered beside P-256, which makes a key of P-256 only possible where blocks
  hide the difference.

## Other servers

The sizes that other programs' CAPF services sent on the wire are held by tests
(`tests/guess/test_other_servers.py`). A real CUCM has not been measured.
"""
_DRAWN = """\
## Drawn sessions

Counted once, with {openssl}, when this page was written: sessions drawn at random over every
cipher suite that it has, half of them refused, broken off or ended in mid-operation, messages
parted and joined as no phone is known to do. `tests/timeline/test_capf.py` holds that nothing of
such sessions is likely and wrong.

"""


def text(tallies: dict[str, Tally]) -> str:
    """The whole page, of the marks by recording."""
    exact = [tally for name, tally in tallies.items() if _BLOCKS not in name]
    blocks = [tally for name, tally in tallies.items() if _BLOCKS in name]
    whole = together([*tallies.values()])
    return "\n".join(
        [
            _TOP.format(sessions=whole.sessions, suites=len(tallies)),
            "## GCM, CCM, ChaCha20 and TLS 1.3: sizes are exact\n",
            _table(exact),
            "## CBC: sizes are rounded to blocks\n",
            _table(blocks),
            _BOTTOM,
        ]
    )


def drawn(tally: Tally, openssl: str) -> str:
    """The section on drawn sessions, which other releases of OpenSSL make others."""
    return "\n" + _DRAWN.format(openssl=openssl) + _table([tally])


def _table(tallies: Sequence[Tally]) -> str:
    whole = together(tallies)
    lines = [
        f"{whole.sessions} sessions.\n",
        "| asked | " + " | ".join(mark.value for mark in Mark) + " |",
        "|---" * (len(Mark) + 1) + "|",
    ]
    for aspect in Aspect:
        marks = whole.marks[aspect]
        shares = (f"{marks[mark]} ({marks[mark] / marks.total():.0%})" for mark in Mark)
        lines.append(f"| {aspect.value} | " + " | ".join(shares) + " |")
    return "\n".join(lines) + "\n"
