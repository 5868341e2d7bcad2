"""Messages of a short header and of elements, as CAPF and TVS have them inside TLS.

A header begins with a byte of its own, and ends with the length of the elements behind it. An
element is a tag of one byte, a length of two and a value; numbers are big-endian.
"""

from capf_dissectors.framed.message import (
    ELEMENT_HEAD,
    MAX_ELEMENTS,
    Element,
    Framing,
    Message,
    dissect,
)
from capf_dissectors.framed.stream import MAX_MESSAGES, FramedStream, dissect_stream

__all__ = [
    "ELEMENT_HEAD",
    "MAX_ELEMENTS",
    "MAX_MESSAGES",
    "Element",
    "FramedStream",
    "Framing",
    "Message",
    "dissect",
    "dissect_stream",
]
