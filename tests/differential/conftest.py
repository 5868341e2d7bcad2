"""Both readers' accounts of a capture, made once a capture."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path

import pytest

from capfpcap.capture.ports import CAPF, PortSelection
from capfpcap.services import Service

from . import own, tshark
from .account import Account, renumbered
from .captures import name_of, other_captures, shipped_captures
from .explained import MERGED, MIRRORED, TAKEN_APART
from .own import Credit


@dataclass
class Both:
    """One capture and what both readers say of it."""

    path: Path

    @property
    def name(self) -> str:
        return name_of(self.path)

    @cached_property
    def _run(self) -> tshark.Run:
        read = tshark.read_by_link if self.name in MERGED else tshark.read
        return read(self.path)

    @cached_property
    def _web_ports(self) -> frozenset[int]:
        return self._run.ports_of("http") | {Service.HTTP.facts.tcp}

    @cached_property
    def _ports(self) -> PortSelection:
        """CAPF's port and those at which tshark finds TLS or HTTP."""
        elsewhere = self._run.ports_of("tls") | self._web_ports - {Service.HTTP.facts.tcp}
        return PortSelection(capf=elsewhere | {CAPF})

    @cached_property
    def own(self) -> Account:
        return self._by_originals(own.account_of(self.path, self._ports, self._web_ports))

    @cached_property
    def own_by_delivery(self) -> Account:
        return self._by_originals(
            own.account_of(self.path, self._ports, self._web_ports, Credit.DELIVERY)
        )

    def _by_originals(self, account: Account) -> Account:
        """Of a mirrored capture it is all the same which copy of a packet is read."""
        return renumbered(account, self._run.copies) if self.name in MIRRORED else account

    @cached_property
    def tshark(self) -> Account:
        return tshark.account_of(self._run, self._ports.all_tcp, mirrored=self.name in MIRRORED)


COMPARED = [
    path for path in [*shipped_captures(), *other_captures()] if name_of(path) not in TAKEN_APART
]


@pytest.fixture(scope="session", params=COMPARED, ids=name_of)
def both(request: pytest.FixtureRequest) -> Iterator[Both]:
    """One capture after another: session-wide, so that all tests of a capture share one run."""
    yield Both(request.param)


ASPECTS = [field.name for field in fields(Account) if field.name != "packets"]
