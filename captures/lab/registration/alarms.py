"""The alarm with which a phone tells its publisher which trust lists it holds: SIP REFER on 5060.

The form is that of a 7821 with firmware 12.1.1, as Cisco's document on EMCC shows it.
"""

from __future__ import annotations

import hashlib
import secrets

from captures.lab.knobs import Phone

PORT = 5060
ACCEPTED = b"SIP/2.0 202 Accepted\r\nContent-Length: 0\r\n\r\n"
NOT_INSTALLED = "Not Installed"
TYPE = "application/x-cisco-alarm+xml"


def signature(trust_list: bytes | None) -> str:
    """A list as the alarm names it: the octets of its SHA-1, each with a blank behind."""
    if trust_list is None:
        return NOT_INSTALLED
    return "".join(f"{octet:02X} " for octet in hashlib.sha1(trust_list).digest())


def alarm(phone: Phone, itl: str, ctl: str, server: str) -> bytes:
    """The content: ``itl`` and ``ctl`` are :func:`signature`'s."""
    address = phone.address.partition("/")[0]
    parameters = {
        "DeviceName": phone.name,
        "IPv4Address": address,
        "IPv6Address": "",
        "CTL_Signature": ctl,
        "CTL_TFTP_Server": "N/A" if ctl == NOT_INSTALLED else server,
        "ITL_Signature": itl,
        "ITL_TFTP_Server": server,
        "StatusCode": "3",
    }
    rows = "".join(f'<String name="{name}">{each}</String>\n' for name, each in parameters.items())
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<x-cisco-alarm>\n<Alarm Name="DeviceTLInfo">\n'
        f"<ParameterList>\n{rows}</ParameterList>\n</Alarm>\n</x-cisco-alarm>\n"
    ).encode()


def refer(phone: Phone, publisher: str, port: int, transport: str, content: bytes) -> bytes:
    """The request that carries it, from the phone's ``port``."""
    address = phone.address.partition("/")[0]
    tag, call, part = secrets.token_hex(12), secrets.token_hex(8), secrets.token_hex(4)
    contact = (
        f"<sip:{secrets.token_hex(16)}@{address}:{port};transport={transport}>"
        f';+u.sip!devicename.ccm.cisco.com="{phone.name}"'
    )
    headers = {
        "Via": f"SIP/2.0/{transport.upper()} {address}:{port};branch=z9hG4bK{part}",
        "From": f'"2222" <sip:2222@{address}>;tag={tag}',
        "To": f"<sip:{publisher}>",
        "Call-ID": f"{call}@{address}",
        "Session-ID": f"{secrets.token_hex(16)};remote={'0' * 32}",
        "Date": "Sat, 09 Mar 2019 18:32:45 GMT",
        "CSeq": "1000 REFER",
        "User-Agent": "Cisco-CP8861/14.2.1",
        "Expires": "10",
        "Max-Forwards": "70",
        "Contact": contact,
        "Require": "norefersub",
        "Referred-By": f'"2222" <sip:2222@{address}>',
        "Refer-To": f"cid:{part}@{address}",
        "Content-Id": f"<{part}@{address}>",
        "Allow": "ACK,BYE,CANCEL,INVITE,NOTIFY,OPTIONS,REFER,REGISTER,UPDATE,SUBSCRIBE",
        "Content-Length": str(len(content)),
        "Content-Type": TYPE,
        "Content-Disposition": "session;handling=required",
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"REFER sip:{publisher} SIP/2.0\r\n{lines}\r\n".encode() + content
