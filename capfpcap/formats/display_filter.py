"""Display filters for Wireshark, to find there what the report is about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from ipaddress import ip_address

from capfpcap.report import Endpoint, Flow


def of_addresses(addresses: Iterable[str]) -> str:
    """Packets from or to any of the addresses."""
    return " || ".join(f"{_field(address)} == {address}" for address in addresses)


def of_flow(flow: Flow) -> str:
    """Packets of a flow, as its first capture shows it.

    A TFTP server answers from a port of its own choice: the client's port tells.
    """
    ends = [_end(flow.client, flow.transport)]
    if flow.transport == "tcp":
        ends.append(_end(flow.server, flow.transport))
    else:
        ends.append(of_addresses([flow.server.address]))
    return " && ".join(ends)


def of_frames(frames: Sequence[int]) -> str:
    """Frames of one capture."""
    if len(frames) == 1:
        return f"frame.number == {frames[0]}"
    return f"frame.number in {{{', '.join(map(str, frames))}}}"


def _end(endpoint: Endpoint, transport: str) -> str:
    return f"{of_addresses([endpoint.address])} && {transport}.port == {endpoint.port}"


def _field(address: str) -> str:
    return "ip.addr" if ip_address(address).version == 4 else "ipv6.addr"
