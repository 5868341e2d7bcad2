"""Fuzzing: inputs that grow towards code not yet reached, and what must hold for each of them."""
