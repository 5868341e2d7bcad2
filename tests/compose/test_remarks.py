"""What a report remarks beside its findings."""

from __future__ import annotations

import msgspec

from capfpcap.compose.remarks import MAX_NAMED, remarks_on
from capfpcap.report import Phone
from tests.formats import samples

BROKEN = "octet 13: the tag a is closed by b"


def loaded(**changes: object) -> Phone:
    phone = samples.phone()
    assert phone.configuration is not None
    return samples.phone(configuration=msgspec.structs.replace(phone.configuration, **changes))


def test_a_configuration_that_cannot_be_read_is_told_with_the_reason() -> None:
    (remark,) = remarks_on([samples.phone(), loaded(file="SEP1.cnf.xml", problem=BROKEN)])
    assert remark.endswith(f"are not known: SEP1.cnf.xml ({BROKEN})")


def test_readable_and_encrypted_configurations_and_none_are_no_cause_for_a_remark() -> None:
    phones = [samples.phone(), loaded(encrypted=True), samples.phone(configuration=None)]
    assert list(remarks_on(phones)) == []


def test_of_many_that_cannot_be_read_a_few_are_named() -> None:
    phones = [loaded(file=f"SEP{at}.cnf.xml", problem=BROKEN) for at in range(MAX_NAMED + 9)]
    (remark,) = remarks_on(phones)
    assert remark.count(BROKEN) == MAX_NAMED
    assert remark.endswith("; and 9 more")
