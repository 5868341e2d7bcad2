"""IP addresses as numbers, which columns of packets and all later floors carry."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

FIRST_IPV6 = 1 << 32
"""Address codes below are IPv4 addresses, from here on IPv6 addresses of a table."""


class AddressTable:
    """Codes for IP addresses, the same in every capture of one analysis.

    An IPv4 address is its own code; an IPv6 address gets the next code from 2**32 on when it is
    first met.
    """

    def __init__(self) -> None:
        self._ipv6: list[bytes] = []
        self._codes: dict[bytes, int] = {}
        self._texts: dict[int, str] = {}

    @property
    def ipv6(self) -> Sequence[bytes]:
        """The IPv6 addresses, 16 octets each, in the order of their codes."""
        return self._ipv6

    def code_ipv6(self, packed: bytes) -> int:
        """The code of the 16 octets of an IPv6 address."""
        code = self._codes.get(packed)
        if code is None:
            code = self._codes[packed] = FIRST_IPV6 + len(self._ipv6)
            self._ipv6.append(packed)
        return code

    def text(self, code: int) -> str:
        """The address as people write it (RFC 5952 for IPv6)."""
        known = self._texts.get(code)
        if known is None:
            known = self._texts[code] = self._write(code)
        return known

    def _write(self, code: int) -> str:
        if code < FIRST_IPV6:
            return f"{code >> 24}.{code >> 16 & 255}.{code >> 8 & 255}.{code & 255}"
        return str(ipaddress.IPv6Address(self._ipv6[code - FIRST_IPV6]))

    def find(self, text: str) -> int | None:
        """The code of an address written as text, or None where no packet can have carried it."""
        try:
            address = ipaddress.ip_address(text)
        except ValueError:
            return None
        if address.version == 4:
            return int(address)
        return self._codes.get(address.packed)
