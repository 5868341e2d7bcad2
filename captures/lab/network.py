"""Network namespaces joined by virtual cables: phone, routers, publisher, subscriber, DNS.

Every server has a subnet of its own behind the last router, the phones share one behind the first.
Nothing outside the namespaces is touched; their names begin with ``capflab-`` and a token of this
recording.
"""

from __future__ import annotations

import ipaddress
import os
import secrets
import signal
import sys
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from captures.lab.knobs import Host
from captures.lab.processes import LabError, run
from captures.lab.scenario import Record

NAMESPACE_PREFIX = "capflab"
INTERFACE = "eth0"
LEFT, RIGHT, MIRROR, MIRROR_END = "left", "right", "mirror", "mirrored"
# OUI 00:1b:54 is Cisco's (IEEE registry); the last octets count routers and their ports.
WIRE_MAC = "02:00:00:00:00:{:02x}"
ROUTER_MAC = "00:1b:54:aa:{router:02x}:{port:02x}"
KILL_SECONDS = 5.0

# As a phone on a Linux kernel older than 6.5 repeats a SYN: after 1, 2, 4, 8 seconds.
SYSCTLS = ("net.ipv4.tcp_syn_linear_timeouts=0",)


def mac_of(phone_name: str) -> str:
    """The MAC address in a device name such as SEP2C31F694FAD9."""
    digits = phone_name.removeprefix("SEP").lower()
    return ":".join(digits[index : index + 2] for index in range(0, 12, 2))


def _gateway(interface: str) -> str:
    """The first host address of an interface's subnet, with the prefix length."""
    network = ipaddress.ip_interface(interface).network
    return f"{network[1]}/{network.prefixlen}"


def _without_length(interface: str) -> str:
    return interface.partition("/")[0]


class Network:
    """The namespaces of one recording; leaving the ``with`` block removes them."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self._settings = record.network
        self._token = secrets.token_hex(3)
        self._made: list[str] = []
        self._ports = 0
        self.routers = [f"router{number}" for number in range(1, self._settings.hops + 1)]

    def __enter__(self) -> Self:
        try:
            self._build()
        except BaseException:
            self._remove()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._remove()

    def namespace(self, host: str) -> str:
        """The full name of a host's namespace; ``router`` is the router beside the phone."""
        host = self.routers[0] if host == "router" else host
        return f"{NAMESPACE_PREFIX}-{self._token}-{host}"

    def inside(self, host: str, *command: str) -> list[str]:
        """The command line that runs ``command`` in a host's namespace."""
        return ["ip", "netns", "exec", self.namespace(host), *command]

    def add_rules(self, host: str, rules: Sequence[str]) -> None:
        """Filter at a host: what a router forwards, what any other host sends or receives."""
        if not rules:
            return
        chains = ["forward"] if host.startswith("router") else ["input", "output"]
        script = ["add table inet lab"]
        for chain in chains:
            hook = f"type filter hook {chain} priority 0; policy accept;"
            script.append(f"add chain inet lab {chain} {{ {hook} }}")
        for rule in rules:
            chain, _, statement = rule.partition(": ")
            if chain not in chains:
                raise LabError(f"a rule of {host} names one of the chains {chains}: {rule!r}")
            script.append(f"add rule inet lab {chain} {statement}")
        for line in script:
            run(*self.inside(host, "nft", line))

    def clear_rules(self, host: str) -> None:
        """Take all filters of a host away."""
        for line in ("add table inet lab", "delete table inet lab"):
            run(*self.inside(host, "nft", line))

    def _build(self) -> None:
        settings = self._settings
        servers = {
            "publisher": settings.publisher,
            "subscriber": settings.subscriber,
            "dns": settings.dns,
        }
        for host in ["phone", *servers, *self.routers, *(["wire"] if settings.wire else [])]:
            self._add_namespace(host)
        for left, right in zip(self.routers, self.routers[1:], strict=False):
            self._join_routers(left, right)
        self._attach_phones()
        for name, server in servers.items():
            self._attach(name, server, self.routers[-1])
        self._route_back_to_phones()
        for host, rules in (
            ("router", settings.router_rules),
            ("publisher", settings.publisher_rules),
            ("phone", settings.phone_rules),
            ("dns", settings.dns_rules),
        ):
            self.add_rules(host, rules)
        self._sysctl("publisher", *settings.publisher_sysctls)
        if settings.nat:
            self._translate_phones()
        if settings.publisher_answers_from:
            self._answer_tftp_from(settings.publisher_answers_from)

    def _translate_phones(self) -> None:
        """Let the router beside the phones put its own address in place of theirs."""
        for statement in (
            "add table ip nat",
            "add chain ip nat phones { type nat hook postrouting priority 100; }",
            'add rule ip nat phones oifname != "to-phone" masquerade',
        ):
            run(*self.inside("router", "nft", statement))

    def _answer_tftp_from(self, other: str) -> None:
        """Let TFTP's answers leave the publisher with another of its addresses."""
        own = _without_length(self._settings.publisher.address)
        self._ip("publisher", "address", "add", other, "dev", INTERFACE)
        other = _without_length(other)
        for statement in (
            "add table ip other",
            "add chain ip other answers { type filter hook output priority -300; }",
            "add chain ip other replies { type filter hook prerouting priority -300; }",
            f"add rule ip other answers ip saddr {own} udp sport 1024-65535 ip saddr set {other}",
            f"add rule ip other replies ip daddr {other} udp dport 1024-65535 ip daddr set {own}",
        ):
            run(*self.inside("publisher", "nft", statement))

    def _add_namespace(self, host: str) -> None:
        name = self.namespace(host)
        run("ip", "netns", "add", name)
        self._made.append(name)
        self._ip(host, "link", "set", "lo", "up")
        forwarding = "1" if host.startswith("router") else "0"
        disable6 = "0" if self._settings.ipv6 else "1"
        self._sysctl(
            host,
            f"net.ipv4.ip_forward={forwarding}",
            f"net.ipv6.conf.all.forwarding={forwarding}",
            f"net.ipv6.conf.all.disable_ipv6={disable6}",
            f"net.ipv6.conf.default.disable_ipv6={disable6}",
            *SYSCTLS,
        )

    def _ip(self, host: str, *arguments: str) -> None:
        run("ip", "-n", self.namespace(host), *arguments)

    def _sysctl(self, host: str, *settings: str) -> None:
        if settings:
            run(*self.inside(host, "sysctl", "-q", "-e", "-w", *settings))

    def _cable(self, one: tuple[str, str, str], other: tuple[str, str, str]) -> None:
        """Join two hosts, each given as host, interface name, MAC address."""
        (host, interface, mac), (far_host, far_interface, far_mac) = one, other
        near = ["netns", self.namespace(host), "address", mac]
        far = ["netns", self.namespace(far_host), "address", far_mac]
        peer = ["peer", "name", far_interface, *far]
        run("ip", "link", "add", interface, *near, "type", "veth", *peer)
        for name, end in ((host, interface), (far_host, far_interface)):
            self._ip(name, "link", "set", end, "mtu", str(self._settings.mtu), "up")
            if not self._settings.offload:
                module = "captures.lab.interface"
                run(*self.inside(name, sys.executable, "-m", module, end))

    def _router_mac(self, router: str) -> str:
        self._ports += 1
        return ROUTER_MAC.format(router=self.routers.index(router) + 1, port=self._ports)

    def _attach(self, host: str, settings: Host, router: str) -> None:
        port = f"to-{host}"
        self._cable((host, INTERFACE, settings.mac), (router, port, self._router_mac(router)))
        self._address(host, settings.address, settings.address6, router, port)

    def _attach_phones(self) -> None:
        first, *others = self._record.phones
        router = self.routers[0]
        near = ("phone", INTERFACE, mac_of(first.name))
        far = (router, "to-phone", self._router_mac(router))
        if self._settings.wire is None:
            self._cable(near, far)
        else:
            self._cable(near, ("wire", LEFT, WIRE_MAC.format(1)))
            self._cable(("wire", RIGHT, WIRE_MAC.format(2)), far)
            self._cable(
                ("wire", MIRROR, WIRE_MAC.format(3)), ("wire", MIRROR_END, WIRE_MAC.format(4))
            )
        self._address("phone", first.address, first.address6, router, "to-phone")
        for phone in others:
            self._ip("phone", "address", "add", phone.address, "dev", INTERFACE)

    def _address(self, host: str, address: str, address6: str, router: str, port: str) -> None:
        for each in filter(None, (address, address6)):
            gateway = _gateway(each)
            nodad = ["nodad"] if ":" in each else []
            self._ip(host, "address", "add", each, "dev", INTERFACE, *nodad)
            self._ip(router, "address", "add", gateway, "dev", port, *nodad)
            default = ["default", "via", _without_length(gateway)]
            self._ip(host, "-6" if ":" in each else "-4", "route", "add", *default)

    def _join_routers(self, left: str, right: str) -> None:
        number = self.routers.index(left)
        self._cable(
            (left, "onward", self._router_mac(left)), (right, "back", self._router_mac(right))
        )
        for prefix, length in ((f"172.31.{number}.", "30"), (f"fd00:31:{number}::", "64")):
            if ":" in prefix and not self._settings.ipv6:
                continue
            nodad = ["nodad"] if ":" in prefix else []
            self._ip(left, "address", "add", f"{prefix}1/{length}", "dev", "onward", *nodad)
            self._ip(right, "address", "add", f"{prefix}2/{length}", "dev", "back", *nodad)
            family = "-6" if ":" in prefix else "-4"
            self._ip(left, family, "route", "add", "default", "via", f"{prefix}2")

    def _route_back_to_phones(self) -> None:
        first = self._record.phones[0]
        for number, router in enumerate(self.routers[1:]):
            for address, via in (
                (first.address, f"172.31.{number}.1"),
                (first.address6, f"fd00:31:{number}::1"),
            ):
                if address:
                    subnet = str(ipaddress.ip_interface(address).network)
                    family = "-6" if ":" in subnet else "-4"
                    self._ip(router, family, "route", "add", subnet, "via", via)

    def _remove(self) -> None:
        for name in reversed(self._made):
            _kill_all_in(name)
            run("ip", "netns", "delete", name)
        self._made.clear()


def _kill_all_in(namespace: str) -> None:
    """End whatever still runs in a namespace of ours, children of servers included."""
    end = time.monotonic() + KILL_SECONDS
    while (pids := run("ip", "netns", "pids", namespace).split()) and time.monotonic() < end:
        for pid in pids:
            try:
                os.kill(int(pid), signal.SIGKILL)
            except ProcessLookupError:
                continue
        time.sleep(0.05)
