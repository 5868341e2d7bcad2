"""``captures/README.md``: the index of the scenarios, written from their ``scenario.toml``."""

from __future__ import annotations

import tomllib
from typing import Any

from captures.lab.scenario import CAPTURES_DIRECTORY, names

INDEX = CAPTURES_DIRECTORY / "README.md"

_TOP = """\
# Captures that ship

Each folder is one scenario, recorded by the lab (`lab/README.md`) between real servers and a phone:

- `scenario.toml`: the story, how it was recorded, and what must be found in which captures (and
  nothing else: a false alarm fails the tests as surely as a miss);
- the captures, usually `phone` and `publisher`, recorded at both ends at once;
- `keylog.txt`: TLS secrets, where they were logged; `server-key.pem`: CAPF's own key, for RSA key
  exchange (keys of the lab, made for one recording);
- `truth.json`: what CAPF and TVS really said and heard inside TLS, where the scenario tells it;
- `provenance.toml`: when, and with what, the captures were recorded, and their hashes.

Times and certificates are those of the day of recording; tests judge by the captures' own time.
This table is written by `python -m captures.lab --index`.

`decrypted/` holds CAPF sessions alone, a folder a cipher suite: every operation, refusal, kind of
key and way of authentication, each with its keys and the truth. What can be told without the keys
is held against it.

| scenario | what happened | codes |
|---|---|---|
"""


def _row(name: str) -> str:
    path = CAPTURES_DIRECTORY / name / "scenario.toml"
    document: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    expected = document["expect"]
    codes = sorted({code for each in expected if "keylog" not in each for code in each["codes"]})
    by_keys = {code for each in expected for code in each["codes"]} - {*codes}
    shown = ", ".join(f"`{code}`" for code in codes) or "none"
    if by_keys:
        shown += "; with keys " + ", ".join(f"`{code}`" for code in sorted(by_keys))
    return f"| [{name}]({name}/scenario.toml) | {document['title']} | {shown} |\n"


def text() -> str:
    """The whole index."""
    return _TOP + "".join(_row(name) for name in names())


def write() -> None:
    """Write the index anew."""
    INDEX.write_text(text(), encoding="utf-8")
