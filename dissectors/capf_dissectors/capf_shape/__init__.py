"""What a CAPF session did, judged by who sent how much, without decrypting it.

The server speaks first and every operation has its own order of short and long messages. Sizes are
taken as ranges, so the answer is never proof: a certainty comes with it.
"""

from capf_dissectors.capf_shape.classification import classify
from capf_dissectors.capf_shape.grammar import CapfMessage, Operation
from capf_dissectors.capf_shape.shape import Certainty, SessionShape, SessionState
from capf_dissectors.capf_shape.tls13 import (
    Tls13Records,
    application_records_tls13,
    padding_tls13,
    split_records_tls13,
)

__all__ = [
    "CapfMessage",
    "Certainty",
    "Operation",
    "SessionShape",
    "SessionState",
    "Tls13Records",
    "application_records_tls13",
    "classify",
    "padding_tls13",
    "split_records_tls13",
]
