"""Traffic of an office that is none of an enrolment's: calls, registrations, web pages."""

from __future__ import annotations

from benchmarks.cluster import LINUX_TTL, PUBLISHER, ROUTER_MAC, Cluster, phone, server
from benchmarks.packets import Host
from benchmarks.scripts import MILLISECOND, PATH, SECOND, Gap, Script, TcpConnection, port
from benchmarks.templates import Quantity, Template, hole
from benchmarks.tls_sessions import TLS_1_2_ECDHE, SessionMask, Side, record_session

SIP_PORT = 5060
HTTPS_PORT = 443
MEDIA_PORTS = (20_000, 24_000)
"""RTP ports of the two ends of every call."""
MEDIA_PACKETS = 1_000
"""In both directions together: ten seconds of a call."""
MEDIA_OCTETS = 160
"""20 ms of G.711 (RFC 3551, table 4)."""
MEDIA_GAP = Gap(10 * MILLISECOND, 0.02)
RINGING = Gap(2 * SECOND)
REGISTRATIONS = 3
REFRESH = Gap(30 * SECOND, 0.02)
WEB_SERVER = "203.0.113.80"
WEB_REQUEST = 420
WEB_ANSWER = 16_384
"""Octets of a full TLS record."""
WEB_ANSWERS = 12
ACKNOWLEDGED = 3
"""Segments for each acknowledgement."""

NO_BODY = Template(b"")
_PHONE = hole(Quantity.ADDRESS_TEXT, 14)
_PEER = hole(Quantity.PEER_ADDRESS_TEXT, 14)
_TOKEN = hole(Quantity.DEVICE, 12)


def call() -> Script:
    """A SIP call over UDP with its RTP in both directions."""
    script = Script(phone(), _peer())
    ports = port(SIP_PORT), port(SIP_PORT)

    def say(sender: Side, first_line: bytes, method: bytes, gap: Gap, media: int = 0) -> None:
        message = _sip(first_line, method, _session_description(media) if media else NO_BODY)
        script.udp(sender, ports, message, gap)

    request = b"sip:2001@example.com SIP/2.0"
    say(Side.CLIENT, b"INVITE " + request, b"INVITE", PATH, MEDIA_PORTS[0])
    say(Side.SERVER, b"SIP/2.0 100 Trying", b"INVITE", PATH)
    say(Side.SERVER, b"SIP/2.0 180 Ringing", b"INVITE", PATH)
    say(Side.SERVER, b"SIP/2.0 200 OK", b"INVITE", RINGING, MEDIA_PORTS[1])
    say(Side.CLIENT, b"ACK " + request, b"ACK", PATH)
    _talk(script)
    say(Side.CLIENT, b"BYE " + request, b"BYE", PATH)
    say(Side.SERVER, b"SIP/2.0 200 OK", b"BYE", PATH)
    return script


def registration() -> Script:
    """A phone that registers over TCP and refreshes that on the same connection."""
    script = Script(phone(), server(PUBLISHER))
    connection = TcpConnection(script, SIP_PORT)
    connection.open()
    for count in range(REGISTRATIONS):
        request = _sip(b"REGISTER sip:example.com SIP/2.0", b"REGISTER", transport=b"TCP")
        connection.send(Side.CLIENT, request, REFRESH if count else PATH)
        for status in (b"100 Trying", b"200 OK"):
            answer = _sip(b"SIP/2.0 " + status, b"REGISTER", transport=b"TCP")
            connection.send(Side.SERVER, answer, PATH)
        connection.acknowledge(Side.CLIENT)
    return script


def web_page(cluster: Cluster) -> Script:
    """A large answer over HTTPS."""
    script = Script(phone(), server(WEB_SERVER))
    connection = TcpConnection(script, HTTPS_PORT)
    connection.open()
    data = [(Side.CLIENT, WEB_REQUEST), *[(Side.SERVER, WEB_ANSWER)] * WEB_ANSWERS]
    mask = SessionMask(script.opaque)
    for flight in record_session(TLS_1_2_ECDHE, cluster.tvs, cluster.tvs, data):
        connection.send(flight.sender, mask.template(flight), PATH, ACKNOWLEDGED)
    connection.finish(Side.CLIENT)
    connection.finish(Side.SERVER, PATH)
    connection.acknowledge(Side.CLIENT)
    return script


def keep_alive() -> Script:
    """One packet that keeps a SIP binding of a NAT open (RFC 5626, section 4.4.1)."""
    script = Script(phone(), server(PUBLISHER))
    script.udp(Side.CLIENT, (port(SIP_PORT), port(SIP_PORT)), Template(b"\r\n\r\n"), PATH)
    return script


def _peer() -> Host:
    return Host(
        mac=Template(ROUTER_MAC),
        address=hole(Quantity.PEER_ADDRESS, 4),
        ttl=LINUX_TTL - 1,
        identification=Quantity.SERVER_IDENTIFICATION,
    )


def _talk(script: Script) -> None:
    """RTP (RFC 3550): version 2, payload type 0, each end with a source and a clock of its own."""
    ports = port(MEDIA_PORTS[0]), port(MEDIA_PORTS[1])
    sources = {side: script.opaque.take(4) for side in Side}
    sides = (Side.CLIENT, Side.SERVER)
    for count in range(MEDIA_PACKETS):
        sender, at = sides[count % 2], count // 2
        header = b"\x80\0" + at.to_bytes(2, "big") + (at * MEDIA_OCTETS).to_bytes(4, "big")
        media = header + sources[sender] + script.opaque.take(MEDIA_OCTETS)
        script.udp(sender, ports, media, MEDIA_GAP)


def _sip(
    first_line: bytes, method: bytes, body: Template = NO_BODY, transport: bytes = b"UDP"
) -> Template:
    kind = b"Content-Type: application/sdp\r\n" if len(body) else b""
    length = b"Content-Length: %d\r\n\r\n" % len(body)
    via = b"\r\nVia: SIP/2.0/" + transport + b" " + _PHONE + b":5060;branch=z9hG4bK" + _TOKEN
    parties = b"\r\nFrom: <sip:2000@example.com>;tag=" + _TOKEN + b"\r\nTo: <sip:2001@example.com>"
    identity = b"\r\nCall-ID: " + _TOKEN + b"@" + _PHONE + b"\r\nMax-Forwards: 70"
    rest = b"\r\nCSeq: 1 " + method + b"\r\nContact: <sip:2000@" + _PHONE + b":5060>\r\n"
    return first_line + via + parties + identity + rest + kind + length + body


def _session_description(media_port: int) -> Template:
    owner = _PHONE if media_port == MEDIA_PORTS[0] else _PEER
    address = owner + b"\r\n"
    return (
        b"v=0\r\no=- 1 1 IN IP4 " + address + b"s=-\r\nc=IN IP4 " + address + b"t=0 0\r\n"
        b"m=audio %d RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n" % media_port
    )
