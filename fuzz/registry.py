"""The harnesses by name; each module is loaded when its harness is asked for."""

from __future__ import annotations

from importlib import import_module

from fuzz.harness import Harness

NAMES = (
    "capf",
    "capf_shape",
    "certificate",
    "check",
    "configuration",
    "connection",
    "decryption",
    "dns",
    "eap",
    "http",
    "inspection",
    "key_log",
    "keys",
    "outline",
    "pair",
    "phone_log",
    "reader",
    "reassembly",
    "shortcuts",
    "shown_list",
    "signed_file",
    "sip_alarm",
    "tftp",
    "tls",
    "trust_list",
    "tvs",
)


def load(name: str) -> Harness:
    """The harness of that name, which is ``HARNESS`` in the module of that name."""
    harness = import_module(f"fuzz.harnesses.{name}").HARNESS
    assert isinstance(harness, Harness)
    return harness
