"""Address codes."""

from __future__ import annotations

import ipaddress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from capfpcap.capture.addresses import AddressTable
from capfpcap.capture.headers import addresses
from capfpcap.capture.headers.addresses import codes_ipv6, endpoints
from capfpcap.capture.octets import Octets

from .builder import ipv4, ipv6, tcp


def test_both_ends_of_packets_of_both_versions_get_their_codes() -> None:
    packets = [
        ipv4(tcp(), source="10.0.0.1", destination="255.255.255.255"),
        ipv6(tcp(), source="2001:db8::1", destination="fe80::1"),
        ipv6(tcp(), source="fe80::1", destination="::"),
        ipv4(tcp(), source="0.0.0.0", destination="10.0.0.1"),
    ]
    lengths = [len(packet) for packet in packets]
    at = np.cumsum([0, *lengths[:-1]])
    table = AddressTable()
    source, destination = endpoints(Octets.over(b"".join(packets)), at, table)
    texts = [[table.text(code) for code in codes.tolist()] for codes in (source, destination)]
    assert texts == [
        ["10.0.0.1", "2001:db8::1", "fe80::1", "0.0.0.0"],
        ["255.255.255.255", "fe80::1", "::", "10.0.0.1"],
    ]


@pytest.mark.parametrize("multiplier", [addresses._MIX, np.uint64(0), np.uint64(1)])
@given(packed=st.lists(st.sampled_from([bytes(16), b"12345678" * 2, b"87654321" * 2, b"\1" * 16])))
def test_equal_addresses_and_only_these_share_a_code(
    multiplier: np.uint64, packed: list[bytes]
) -> None:
    table = AddressTable()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(addresses, "_MIX", multiplier)
        codes = codes_ipv6(np.array(packed, "V16"), table).tolist()
    written = [str(ipaddress.IPv6Address(address)) for address in packed]
    assert [table.text(code) for code in codes] == written
    assert codes == [table.code_ipv6(address) for address in packed]
