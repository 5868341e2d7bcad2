"""Turn off checksum and segmentation offload of interfaces, so that captures show the wire.

Run inside a namespace: ``python -m captures.lab.interface eth0 …``.
"""

from __future__ import annotations

import ctypes
import fcntl
import socket
import struct
import sys

# linux/sockios.h, linux/ethtool.h; without transmit checksums the kernel turns segmentation off too
SIOCETHTOOL = 0x8946
ETHTOOL_STXCSUM = 0x17
INTERFACE_NAME_SIZE = 16


def turn_off_offload(interface: str) -> None:
    """Make the kernel compute checksums and cut segments itself before a packet is captured."""
    value = ctypes.create_string_buffer(struct.pack("=II", ETHTOOL_STXCSUM, 0))
    name = interface.encode().ljust(INTERFACE_NAME_SIZE, b"\0")
    request = name + struct.pack("=Q", ctypes.addressof(value)) + bytes(16)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, SIOCETHTOOL, request)


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        turn_off_offload(argument)
