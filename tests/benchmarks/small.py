"""The sizes of the captures that the tests generate."""

STORM_PHONES = 200
MIXED_PACKETS = 20_000
SEED = 7
