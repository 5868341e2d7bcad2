"""What a process inside a namespace is told: the scenario's name and where the work lies."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

from captures.lab.scenario import Record, load

IDENTITIES = "identities"
ROOT = "tftpboot"
SUBSCRIBER_ROOT = "tftpboot-subscriber"
KEY_LOG = "keylog.txt"
SERVER_KEY = "server-key.pem"
TRUTH = "truth.json"
SERVICES = ("capf", "tvs")


@dataclass(frozen=True, slots=True)
class Plan:
    """A recording's settings and its work directory."""

    scenario: str
    record: Record
    directory: Path

    @property
    def identities(self) -> Path:
        """Certificates and keys (PEM), for services only."""
        return self.directory / IDENTITIES

    @property
    def root(self) -> Path:
        """What TFTP and HTTP serve."""
        return self.directory / ROOT

    @property
    def subscriber_root(self) -> Path:
        """What TFTP at the subscriber serves, where it runs there."""
        return self.directory / SUBSCRIBER_ROOT

    @property
    def key_log(self) -> Path:
        """TLS secrets, in the format of NSS."""
        return self.directory / KEY_LOG

    def truth(self, service: str) -> Path:
        """What a service said and heard inside TLS, a line a session."""
        return self.directory / f"truth-{service}.jsonl"

    @property
    def publisher(self) -> str:
        """The publisher's IPv4 address."""
        return self.record.network.publisher.address.partition("/")[0]

    def arguments(self) -> list[str]:
        """The command line from which ``from_arguments`` makes the plan again."""
        return [self.scenario, str(self.directory)]


def from_arguments() -> Plan:
    """Read the plan from this process's command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("scenario")
    parser.add_argument("directory", type=Path)
    options = parser.parse_args()
    return Plan(options.scenario, load(options.scenario), options.directory)
