"""Phones of which there are logs and no packets."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from capfpcap.capture.addresses import AddressTable
from capfpcap.enrolment.choice import mac_digits, mac_text
from capfpcap.enrolment.phone import Phone
from capfpcap.evidence import Evidence
from capfpcap.rules.model.case import Judgement, Scene

NAMELESS = "the phone of the log"


def scene_of_logs(evidence: Evidence, judgement: Judgement) -> Scene:
    """The scene of the phones whose logs alone were given."""
    names = dict.fromkeys(log.phone or NAMELESS for log in evidence.logs)
    digits = {name: mac_digits(name) for name in names}
    phones = [Phone(name, mac and mac_text(mac), ()) for name, mac in digits.items()]
    return Scene([], [], phones, AddressTable(), judgement, identified=list(names))


def remarks_on_logs(evidence: Evidence, names: Collection[str]) -> Iterator[str]:
    """Which logs are of no phone that captures show, a sentence each."""
    known = {name.casefold() for name in names}
    for log in evidence.logs:
        if log.phone is not None and log.phone.casefold() not in known:
            yield f"{log.file.path} is a log of {log.phone}, which the captures do not show"
        elif log.phone is None and len(known) != 1:
            yield (
                f"nothing tells which phone {log.file.path} is a log of: "
                f"give --phone-log SEP…={log.file.path}"
            )
