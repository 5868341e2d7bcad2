"""Dissectors that other distributions bring for further protocols, by entry points.

They are looked for where timelines and flows are shown, never on the way of ``check``: no rule
knows what they mean. The bundled ones stand in the group for other programs to find.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from capf_dissectors.plugin import GROUP, StreamDissector
from msgspec import Struct

from capfpcap.flows.connection import Connection
from capfpcap.flows.reassembly import assemble

_BUNDLED = "capf_dissectors."
"""Passed over: each has a reader of its own."""


class Plugin(Struct, frozen=True, eq=False):
    """A dissector of another distribution, or why it cannot be used."""

    name: str
    dissector: StreamDissector | None
    problem: str | None = None


@cache
def plugins() -> tuple[Plugin, ...]:
    """The dissectors of other distributions, loaded; one that fails costs none of the others."""
    from importlib.metadata import entry_points  # noqa: PLC0415 - slow, and not for check

    found = []
    for point in entry_points(group=GROUP):
        if point.value.startswith(_BUNDLED):
            continue
        try:
            loaded = point.load()
            ports = frozenset(int(port) for port in loaded.tcp_ports)
        except Exception as error:
            found.append(Plugin(point.name, None, f"{type(error).__name__}: {error}"))
            continue
        if ports and callable(getattr(loaded, "dissect_streams", None)):
            found.append(Plugin(point.name, loaded))
    return tuple(found)


def plugin_ports() -> frozenset[int]:
    """The TCP ports of all usable plugins."""
    return frozenset(
        port for plugin in plugins() if plugin.dissector for port in plugin.dissector.tcp_ports
    )


def plugin_of(port: int) -> Plugin | None:
    """The plugin for a server's TCP port, the first one of several."""
    for plugin in plugins():
        if plugin.dissector is not None and port in plugin.dissector.tcp_ports:
            return plugin
    return None


def remarks_on(connection: Connection) -> Iterator[tuple[int, bool, str]]:
    """What a plugin reads in a connection: row, whether the client said it, text."""
    plugin = plugin_of(connection.view.server_port)
    if plugin is None or plugin.dissector is None:
        return
    client = assemble(connection.client.segments)
    server = assemble(connection.server.segments)
    try:
        for remark in plugin.dissector.dissect_streams(client.pieces, server.pieces):
            stream = client if remark.from_client else server
            if 0 <= remark.offset < remark.end <= stream.length:
                row = stream.row_completing(remark.offset, remark.end)
                yield row, remark.from_client, f"{plugin.name}: {remark.text}"
    except Exception as error:
        yield connection.view.start, True, f"{plugin.name} failed: {type(error).__name__}: {error}"
