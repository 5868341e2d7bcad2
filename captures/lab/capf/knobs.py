"""The knobs of the CAPF service: the table ``[record.capf]``, and a phone's ``task``."""

from __future__ import annotations

from typing import Literal

from captures.lab.knob_base import Knobs, Tls


class Task(Knobs, frozen=True, kw_only=True):
    """What CAPF has to do with a phone.

    It asks for the ``authentication`` named, or else as the configuration says, and expects
    ``string``, or any. After ``operation`` it does what stands in ``then``, in the same session.
    END_SESSION has ``reason``, unless the authentication is rejected. A malformed task sends a
    message with an element that does not fit into it, or what is no CAPF message at all.
    """

    authentication: Literal["", "none", "string", "null-string", "lsc", "mic"] = ""
    string: str = ""
    operation: Literal[
        "install",
        "fetch",
        "delete",
        "refuse",
        "retry-later",
        "malformed-element",
        "malformed-header",
    ] = "install"
    then: tuple[Literal["install", "fetch", "delete"], ...] = ()
    reason: int = 1
    key: Literal["rsa", "ec"] = "rsa"
    key_size: int = 2048


class Capf(Task, frozen=True, kw_only=True):
    """The CAPF service of the publisher; each phone may have a task of its own.

    It sends each message in records of ``piece_octets``, or in one where that is 0, and delivers
    its own key with the recording where that ``shows_key``.

    The first ``fails_first`` connections are reset, the first ``busy_first`` sessions answered with
    RETRY_LATER. After ``pauses_after`` connections it accepts no other for ``pause_seconds``.
    """

    port: int = 3804
    state: Literal["running", "stopped", "frozen"] = "running"
    speaks: Literal["tls", "plain", "nothing"] = "tls"
    busy_first: int = 0
    certificate: str = "capf"
    tls: Tls = Tls()
    ending: Literal["close", "alert-and-reset"] = "alert-and-reset"
    stops_after: str = ""
    stops_by: Literal["close", "reset", "silence"] = "close"
    alert: int | None = None
    fails_first: int = 0
    backlog: int = 32
    pauses_after: int = 0
    pause_seconds: float = 0.0
    refuses: tuple[str, ...] = ()
    piece_octets: int = 0
    log_keys: bool = False
    shows_key: bool = False
    tells_truth: bool = False
