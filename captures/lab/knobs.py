"""The tables of ``[record]`` in a ``scenario.toml``, with every knob and its default.

Unknown keys are refused, so a misspelt knob never passes in silence. Times are seconds, ages of
certificates are days relative to the moment of recording (negative: in the past).
"""

from __future__ import annotations

from typing import Literal

import msgspec

from captures.lab.capf.knobs import Task
from captures.lab.knob_base import Knobs, Tls


class Certificate(Knobs, frozen=True, kw_only=True):
    """One certificate of the cluster, self-signed as CUCM makes them."""

    common_name: str = ""
    key: Literal["rsa-1024", "rsa-2048", "rsa-3072", "rsa-4096", "ec-256", "ec-384", "ec-521"] = (
        "rsa-2048"
    )
    hash: Literal["sha256", "sha384", "sha512"] = "sha256"
    begins_days: float = -210
    ends_days: float = 1615
    kind: Literal["capf", "server", "recovery", "authority"] = "server"
    issuer: str = ""
    organization: str = ""
    authority: bool = True


class Sip(Knobs, frozen=True, kw_only=True):
    """SIP over TLS: the certificates of the scenario that it trusts as issuers of phones'."""

    state: Literal["running", "stopped"] = "stopped"
    trusts: tuple[str, ...] = ("capf",)
    tls: Tls = Tls()


class Tvs(Knobs, frozen=True, kw_only=True):
    """The Trust Verification Service of the publisher."""

    state: Literal["running", "stopped", "frozen"] = "running"
    speaks: Literal["tls", "plain"] = "tls"
    status: int = 0
    certificate: str = "tvs"
    tls: Tls = Tls()
    log_keys: bool = False
    tells_truth: bool = False


class TrustList(Knobs, frozen=True, kw_only=True):
    """An ITL or CTL file as the TFTP server serves it."""

    file: str = "ITLFile.tlv"
    style: Literal["whole", "hash-only"] = "whole"
    digest: Literal["sha1", "sha512"] = "sha512"
    signer: str = "recovery"
    capf_record: str = "capf"
    fault: Literal["", "empty", "corrupt", "bad-signature"] = ""


class Files(Knobs, frozen=True, kw_only=True):
    """What the TFTP and HTTP services of the publisher hold.

    A ``web_page`` is what HTTP answers for every file, as a portal on the way does.
    """

    trust_lists: tuple[TrustList, ...] = (TrustList(),)
    configuration_missing: tuple[str, ...] = ()
    signed: bool = True
    unreadable: tuple[str, ...] = ()
    names_capf: bool = True
    capf_auth_mode: int = 2
    capf_host: str = ""
    tvs_host: str = ""
    certificate_hash: str = ""
    filler_bytes: int = 0
    tftp: Literal["running", "stopped"] = "running"
    tftp_refused_options: tuple[str, ...] = ()
    subscriber_lists: tuple[TrustList, ...] = ()
    http: bool = True
    http_unavailable: tuple[str, ...] = ()
    http_missing: tuple[str, ...] = ()
    web_page: str = ""


class Names(Knobs, frozen=True, kw_only=True):
    """The DNS server: ``records`` are dnsmasq host records, everything else is NXDOMAIN."""

    records: dict[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    arguments: tuple[str, ...] = ()
    state: Literal["running", "stopped"] = "running"


PHONE_CIPHERS = (
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-AES128-GCM-SHA256:"
    "AES256-GCM-SHA384:AES256-SHA:AES128-SHA"
)


class Phone(Knobs, frozen=True, kw_only=True):
    """One phone and how patient it is.

    It registers by SIP over TLS with the LSC that CAPF gave it, or with the certificate of the
    scenario that ``registers_with`` names. One that ``looks_late`` compares the server's
    certificate when the handshake is done, as some TLS libraries leave it to their application.

    Its LSC is issued by CAPF's certificate, or by the one of the scenario that ``lsc_of`` names. It
    answers CAPF with the ``password``, an empty one where it has none to give, or without that
    element. One that ``joins_messages`` writes the key into the record of REQUEST_IN_PROGRESS.

    One that holds the list of another cluster connects to ``own_tvs_host`` and ``own_capf_host``
    whatever it loads, or loads its files again and again. One that ``ignores_other_addresses``
    takes TFTP answers only from the server that it asked.

    One that ``sends_alarm`` tells the publisher in the clear which list it holds: the one that it
    loaded, or where ``holds_former_list``, another one.
    """

    name: str
    address: str
    address6: str = ""
    model: str = "CP-8861"
    boots: bool = True
    starts_at: float = 0.5
    tftp_host: str = ""
    tftp_backup: str = ""
    fetches_by: Literal["tftp", "http"] = "tftp"
    tftp_options: dict[str, str] = msgspec.field(default_factory=dict)
    tftp_seconds: float = 2.0
    tftp_tries: int = 3
    loads_every_list: bool = False
    asks_tvs: Literal["no", "query", "verify"] = "no"
    asks_aaaa: bool = False
    dns_seconds: float = 1.5
    dns_tries: int = 3
    attempts: int = 3
    retry_seconds: float = 4.0
    connect_seconds: float = 6.0
    answer_seconds: float = 20.0
    key_generation_seconds: float = 2.0
    key_log: bool = False
    password: str | None = None
    task: Task | None = None
    has_lsc: bool = True
    lsc_of: str = ""
    joins_messages: bool = False
    piece_octets: int = 0
    tls: Tls = Tls(ciphers=PHONE_CIPHERS)
    accepts_any_date: bool = False
    reboots: bool = False
    starts_again_after: float = 0.0
    connects: bool = True
    enrols_after: float = 0.0
    waits_after: float = 0.0
    says_why: bool = True
    looks_late: bool = False
    registers_with: str = ""
    ignores_other_addresses: bool = False
    sends_alarm: Literal["no", "tcp", "udp"] = "no"
    holds_former_list: bool = False
    own_capf_host: str = ""
    own_tvs_host: str = ""
    loads_again: int = 0
    loads_again_seconds: float = 8.0


class Crowd(Knobs, frozen=True, kw_only=True):
    """Phones like the last one listed: names and addresses count up from its, starts are spread."""

    count: int = 0
    every_seconds: float = 0.1


class Host(Knobs, frozen=True, kw_only=True):
    """A server's addresses; the router of its subnet has the first host address."""

    address: str
    mac: str
    address6: str = ""


class WireRule(Knobs, frozen=True, kw_only=True):
    """Frames that the wire treats in a way of its own (see wire.py).

    Of the frames that fit, the ``first``-th (from 1) and those after it, ``count`` in all, each
    with probability ``share``. ``at_least`` is in octets of payload.
    """

    action: Literal["lose", "duplicate", "hold", "reset", "hide-from-mirror"]
    direction: Literal["to-server", "to-phone"]
    protocol: Literal["tcp", "udp"] = "tcp"
    port: int | None = None
    kind: Literal["any", "syn", "data"] = "any"
    at_least: int = 0
    first: int = 1
    count: int = 1_000_000
    share: float = 1.0


class Wire(Knobs, frozen=True, kw_only=True):
    """The forwarder between the phones and their router (see wire.py)."""

    delay_milliseconds: float = 0.0
    hold_milliseconds: float = 3.0
    rules: tuple[WireRule, ...] = ()
    mirror: bool = False
    mirror_vlan: int | None = None
    mirror_copies: int = 1


class Network(Knobs, frozen=True, kw_only=True):
    """Addresses, and what routers and hosts drop; rules are nftables statements.

    ``publisher_answers_from`` is a second address, with prefix length, from which the publisher
    sends what its TFTP service answers, as a server with several addresses does.
    """

    publisher: Host = Host(address="10.122.138.102/24", mac="00:50:56:8a:4c:17")
    subscriber: Host = Host(address="10.122.139.103/24", mac="00:50:56:8a:77:20")
    dns: Host = Host(address="10.122.140.53/24", mac="00:50:56:8a:0d:35")
    hops: int = 1
    router_rules: tuple[str, ...] = ()
    publisher_rules: tuple[str, ...] = ()
    phone_rules: tuple[str, ...] = ()
    dns_rules: tuple[str, ...] = ()
    publisher_sysctls: tuple[str, ...] = ()
    publisher_answers_from: str = ""
    ipv6: bool = False
    offload: bool = False
    nat: bool = False
    mtu: int = 1500
    wire: Wire | None = None


class Action(Knobs, frozen=True, kw_only=True):
    """Something that happens while the capture runs, ``at`` seconds after its start.

    ``clears`` takes the filters of the host away, before ``rules`` are added. The DNS server is
    started again without the records of the scenario where its names are ``forgotten``.
    """

    at: float
    clears: bool = False
    rules: tuple[str, ...] = ()
    host: Literal["router", "publisher", "phone", "dns"] = "router"
    freeze: Literal["", "capf", "tvs"] = ""
    stop: Literal["", "capf", "tvs", "tftp"] = ""
    names: Literal["", "forgotten", "known"] = ""


class Merge(Knobs, frozen=True, kw_only=True):
    """A file into which mergecap puts some of the recorded ones; those are not kept themselves."""

    stem: str
    of: tuple[str, ...]
    format: Literal["pcap", "pcapng"] = "pcap"


class Capture(Knobs, frozen=True, kw_only=True):
    """One recorded file; ``stem`` is its name without ending, ``filter`` what tcpdump keeps.

    The recording host's clock is wrong by ``clock_ahead_seconds`` at its first packet, and gains
    ``clock_gains_per_million`` seconds in a million from there on (see clock.py). A pcapng may hold
    the TLS secrets that were logged, as Wireshark keeps them.
    """

    stem: str
    host: Literal[
        "phone", "publisher", "subscriber", "dns", "router", "mirror", "router-both-sides"
    ] = "phone"
    format: Literal["pcap", "nanosecond-pcap", "pcapng", "pcap.gz"] = "pcap"
    starts_at: float = 0.0
    stops_at: float | None = None
    snap_length: int = 262144
    cut_inside: Literal["", "last-frame", "first-answer-of-capf"] = ""
    direction: Literal["both", "in", "out"] = "both"
    clock_ahead_seconds: float = 0.0
    clock_gains_per_million: float = 0.0
    filter: str = ""
    holds_secrets: bool = False


class Noise(Knobs, frozen=True, kw_only=True):
    """Traffic that has nothing to do with enrolment."""

    rtp: bool = False
    https: bool = False
    https_from_port: int = 0
    multicast: bool = False
    arp: bool = False
    malformed: bool = False
    failing_connections: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    probe_seconds: float = 0.0
