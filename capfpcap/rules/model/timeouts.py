"""How long a capture must go on before silence means something, in nanoseconds.

A capture that ends too early is no evidence of a fault. Each figure is longer than the first
retransmissions of common stacks (1 s and 3 s, RFC 6298) and shorter than what a phone waits.
"""

from __future__ import annotations

SECOND = 1_000_000_000
"""Nanoseconds."""

SYN_ANSWER = 3 * SECOND
"""After the first of several SYNs."""
NAME_ANSWER = 3 * SECOND
"""After the first of several queries; resolvers ask again after 2 to 5 s."""
FILE_ANSWER = 3 * SECOND
"""After the first of several read requests."""
SERVER_ANSWER = 10 * SECOND
"""After the server acknowledged the client's data; a loaded CAPF service answers within seconds."""
CLIENT_GAVE_UP = 2 * SECOND
"""What a client that closes must have waited for it to have waited in vain."""
LAST_REPETITION = 5 * SECOND
"""From the first repetition of data to the capture's end, for the data to count as unheard."""
NEXT_STEP = 3 * SECOND
"""After a configuration that asks for an operation; a phone connects within a second or two."""
SILENT_BEFORE_NEW = 2 * SECOND
"""From a phone's last packet of a session to its next one, for that to stand in its place."""
