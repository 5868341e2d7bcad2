"""What every table of ``[record]`` is, and the one that many of them hold."""

from __future__ import annotations

from typing import Literal

import msgspec


class Knobs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The base of every table of ``[record]``."""


class Tls(Knobs, frozen=True, kw_only=True):
    """What one side of TLS offers; ``ciphers`` is an OpenSSL cipher list.

    Services of a recording offer ``suites`` of TLS 1.3, or all.
    """

    minimum: Literal["1.0", "1.1", "1.2", "1.3"] = "1.0"
    maximum: Literal["1.0", "1.1", "1.2", "1.3"] = "1.2"
    ciphers: str = "ALL"
    suites: str = ""
    encrypt_then_mac: bool = False
    extended_master_secret: bool = True
    empty_fragments: bool = False
    tickets: bool = False
