from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    ("module", "library"),
    [
        ("dns", "dns.name"),
        ("capf.words", "cryptography"),
        ("tvs.words", "cryptography"),
        ("capf_shape", "capf_dissectors.capf"),
        ("http", "h11"),
        ("trust_list", "cryptography"),
        ("signature", "cryptography"),
        ("configuration", "xml.sax"),
        ("scapy_layers", "scapy.layers.tls"),
    ],
)
def test_importing_a_dissector_does_not_load_what_only_its_first_use_needs(
    module: str, library: str
) -> None:
    code = f"import sys, capf_dissectors.{module}; print({library!r} in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:] = {sys.path!r}; {code}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "False"
