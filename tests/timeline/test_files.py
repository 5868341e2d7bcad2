"""What a file's name tells of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capfpcap.timeline.files import FileKind, device_name, file_kind


@pytest.mark.parametrize(
    ("name", "kind", "device"),
    [
        ("SEP001122AABBCC.cnf.xml", FileKind.CONFIGURATION, "SEP001122AABBCC"),
        ("SEP001122AABBCC.cnf.xml.sgn", FileKind.CONFIGURATION, "SEP001122AABBCC"),
        ("SEP001122AABBCC.cnf.xml.enc.sgn", FileKind.CONFIGURATION, "SEP001122AABBCC"),
        ("sep001122aabbcc.cnf.xml", FileKind.CONFIGURATION, "SEP001122AABBCC"),
        ("ITLSEP001122AABBCC.tlv", FileKind.ITL, "SEP001122AABBCC"),
        ("CTLSEP001122AABBCC.tlv", FileKind.CTL, "SEP001122AABBCC"),
        ("ctlsep001122aabbcc.tlv", FileKind.CTL, "SEP001122AABBCC"),
        ("ITLFile.tlv", FileKind.ITL, None),
        ("CTLFile.tlv", FileKind.CTL, None),
        ("ITLExtFile.tlv", FileKind.ITL, None),
        ("XMLDefault.cnf.xml", FileKind.CONFIGURATION, None),
        ("ATA001122AABBCC.cnf.xml", FileKind.CONFIGURATION, "ATA001122AABBCC"),
        ("SIP001122AABBCC.cnf", FileKind.CONFIGURATION, "SIP001122AABBCC"),
        ("CIPC-jdoe.cnf.xml", FileKind.CONFIGURATION, "CIPC-jdoe"),
        ("/files/SEP001122AABBCC.cnf.xml", FileKind.CONFIGURATION, "SEP001122AABBCC"),
        ("ringlist.xml", FileKind.OTHER, None),
        ("sip88xx.14-2-1.loads", FileKind.OTHER, None),
        ("German_Germany/be-sip.jar", FileKind.OTHER, None),
        ("other.tlv", FileKind.OTHER, "other"),
        ("", FileKind.OTHER, None),
        (".cnf.xml", FileKind.CONFIGURATION, None),
    ],
)
def test_kind_and_device_are_told_by_the_name(
    name: str, kind: FileKind, device: str | None
) -> None:
    assert file_kind(name) is kind
    assert device_name(name) == device


@given(st.text(max_size=60))
def test_any_name_is_of_some_kind(name: str) -> None:
    assert file_kind(name) in FileKind
    assert device_name(name) != ""


@given(st.integers(0, (1 << 48) - 1), st.sampled_from(["{}.cnf.xml", "ITL{}.tlv", "CTL{}.tlv"]))
def test_all_files_of_a_phone_tell_one_name_in_capitals(mac: int, form: str) -> None:
    assert device_name(form.format(f"sep{mac:012x}")) == f"SEP{mac:012X}"
