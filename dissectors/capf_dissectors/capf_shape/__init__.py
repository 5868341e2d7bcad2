"""What a CAPF session did, judged by who sent how much, without decrypting it.

The server speaks first and every operation has its own order of short and long messages. Sizes are
taken as ranges, so the answer is never proof: a certainty comes with it.
"""

from capf_dissectors.capf_order import Command, Operation
from capf_dissectors.capf_shape.classification import classify
from capf_dissectors.capf_shape.contents import (
    Authentication,
    authentication_told,
    is_key_contested,
    key_told,
)
from capf_dissectors.capf_shape.shape import (
    Certainty,
    DoneOperation,
    Ended,
    SessionShape,
    SessionState,
    ShapedMessage,
    awaited_at,
    state_at,
)
from capf_dissectors.capf_shape.tls13 import (
    Padding,
    Tls13Records,
    application_records_tls13,
    padding_tls13,
    split_records_tls13,
)

__all__ = [
    "Authentication",
    "Certainty",
    "Command",
    "DoneOperation",
    "Ended",
    "Operation",
    "Padding",
    "SessionShape",
    "SessionState",
    "ShapedMessage",
    "Tls13Records",
    "application_records_tls13",
    "authentication_told",
    "awaited_at",
    "classify",
    "is_key_contested",
    "key_told",
    "padding_tls13",
    "split_records_tls13",
    "state_at",
]
