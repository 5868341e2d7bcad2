"""The table ``[record.dot1x]``."""

from __future__ import annotations

from typing import Literal

from captures.lab.knob_base import Knobs


class Dot1x(Knobs, frozen=True, kw_only=True):
    """IEEE 802.1X between the phones' switch port and the first phone, which begins with it.

    ``certificate`` is the phone's among those of the scenario, ``trusts`` its issuers. The numbers
    are octets of EAP-TLS in a packet; requests go to the group's address or to the phone's own.
    """

    state: Literal["running", "stopped"] = "stopped"
    certificate: str = "mic"
    trusts: tuple[str, ...] = ("manufacturing-ca",)
    server_fragment: int = 1398
    phone_fragment: int = 1398
    to_group: bool = True
    maximum: Literal["1.2", "1.3"] = "1.2"
