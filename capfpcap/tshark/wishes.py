"""What tshark is asked, and the options that say so."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from capfpcap.capture.ports import CAPF
from capfpcap.tshark.plugin import plugin
from capfpcap.tshark.program import Program
from capfpcap.tshark.secrets import Secrets

RSA_KEY_FILE = "rsa-key-{}.pem"
KEY_LOG_FILE = "key-log.txt"
"""In the private folder, in which tshark runs: a command line names them and no more."""
SEPARATOR, AGGREGATOR = "\x1f", "\x1e"
"""Between fields, and between the values of one."""
_PREFERENCES = (
    "ip.defragment:TRUE",
    "ipv6.defragment:TRUE",
    "tcp.desegment_tcp_streams:TRUE",
    "tls.desegment_ssl_records:TRUE",
    "tls.desegment_ssl_application_data:TRUE",
)


class Wishes(Struct, frozen=True):
    """One run of tshark over one file."""

    path: Path
    """Absolute."""
    secrets: Secrets = Secrets()
    display_filter: str = ""
    ports: tuple[tuple[str, str], ...] = ()
    """Ports and their protocols, as ``-d`` takes them: ``tcp.port==13804`` and ``tls``."""
    capf_ports: frozenset[int] = frozenset()
    """Where CAPF listens, besides where our plugin expects it."""
    show_passwords: bool = False
    """Whether our plugin shows authentication strings."""
    with_plugin: bool = True


def arguments(wishes: Wishes, program: Program) -> list[str]:
    """All options but the output format and the file.

    It reads the file twice (``-2``), as Wireshark does, so that a frame names the answer that comes
    later.
    """
    told = ["-n", "-2"]
    for preference in _PREFERENCES:
        told += ["-o", preference]
    for number in range(len(wishes.secrets.rsa_keys)):
        told += ["-o", f'uat:rsa_keys:"{RSA_KEY_FILE.format(number)}",""']
    if wishes.secrets.key_logs:
        told += ["-o", f"tls.keylog_file:{KEY_LOG_FILE}"]
    own = plugin() if wishes.with_plugin and program.has_lua else None
    if own is not None:
        told += ["-X", f"lua_script:{own}"]
        if wishes.capf_ports - {CAPF}:
            told += ["-o", f"capf.ports:{ports_told(wishes.capf_ports | {CAPF})}"]
        if wishes.show_passwords:
            told += ["-o", "capf.show_passwords:TRUE"]
    for port, protocol in wishes.ports:
        told += ["-d", f"{port},{protocol}"]
    if wishes.display_filter:
        told += ["-Y", wishes.display_filter]
    return told


def ports_told(ports: frozenset[int]) -> str:
    """Ports as a preference of Wireshark takes them."""
    return ",".join(str(port) for port in sorted(ports))


def fields_format(names: Sequence[str]) -> list[str]:
    """The options for a line a frame with the values of these fields."""
    told = ["-T", "fields", "-E", f"separator={SEPARATOR}"]
    told += ["-E", "occurrence=a", "-E", f"aggregator={AGGREGATOR}"]
    for name in names:
        told += ["-e", name]
    return told
