"""Rules about TVS."""
