"""One flow in full: as each capture shows it, what TLS said, whether packets pass."""

from __future__ import annotations

from collections.abc import Iterator

from textual.content import Content

from capf_tui.asking.flows import FlowStoryAnswer
from capf_tui.clock import Clock, nanoseconds
from capf_tui.widgets.panes.text_pane import TextPane
from capf_tui.widgets.tone import Tone
from capf_tui.words import SEVERITY_MARKS, STYLES, shortened
from capfpcap.formats.steps import host_and_port
from capfpcap.report import Flow, Tls


class FlowStoryPane(TextPane):
    """What the report says of one flow."""

    def show(self, story: FlowStoryAnswer | None, clock: Clock) -> None:
        """Tell of a flow, or of none."""
        self.tell([] if story is None else list(flow_lines(story, clock)))


def flow_lines(story: FlowStoryAnswer, clock: Clock) -> Iterator[Content]:
    """All that is said of a flow."""
    flow = story.flow
    client = host_and_port(flow.client.address, flow.client.port)
    server = host_and_port(flow.server.address, flow.server.port)
    whose = f" of {flow.phone}" if flow.phone else ""
    yield Content.assemble((flow.id, "bold"), f" {flow.service}{whose}: {client} → {server}")
    begun, ended = clock.full(nanoseconds(flow.start)), clock.full(nanoseconds(flow.end))
    yield Content.assemble(("from ", "$faint"), begun, (" to ", "$faint"), ended)
    reach = flow.reachability
    yield Content.assemble(
        ("to the server ", "$faint"),
        reach.to_server.value,
        (", to the client ", "$faint"),
        reach.to_client.value,
    )
    for finding in story.findings:
        mark, tone = SEVERITY_MARKS[finding.severity]
        yield Content.assemble((f"{mark} {shortened(finding.title)}", STYLES[tone]))
    yield Content("")
    yield from _at_captures(flow)
    if flow.tls is not None:
        yield Content("")
        yield from _tls(flow.tls)


def _at_captures(flow: Flow) -> Iterator[Content]:
    for capture, seen in flow.seen_at.items():
        yield Content.assemble(
            (capture, "bold"),
            f"  packets → {seen.packets_to_server} ← {seen.packets_to_client}, "
            f"bytes → {seen.bytes_to_server:,} ← {seen.bytes_to_client:,}, history {seen.history}",
        )


def _tls(tls: Tls) -> Iterator[Content]:
    version = tls.version or "version not seen"
    done = "handshake complete" if tls.established else "handshake not complete"
    yield Content.assemble(("TLS  ", "bold"), f"{version}, {tls.cipher_suite or '-'}, {done}")
    if tls.server_certificate is not None:
        certificate = tls.server_certificate
        yield Content(
            f"server certificate {shortened(certificate.title)}, serial {certificate.serial or '-'}"
        )
    for alert in tls.alerts:
        frames = ", ".join(f"{capture}:{frame}" for capture, frame in alert.frames.items())
        said = f"{alert.level} alert {alert.description} by the {alert.by}, {frames}"
        yield Content.styled(said, STYLES[Tone.BAD])
