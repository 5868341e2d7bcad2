"""A phone that may be about to ask again has not failed to resolve a name."""

from __future__ import annotations

from pathlib import Path

import dns.flags
import dns.message
import pytest

from tests.rules.made import LISTS, SECOND, Timed, at, by_tftp, faults, report_on
from tests.timeline.wire import Datagram, answer

DNS = 53


def lookup(step: int, name: str, kind: str, rcode: str) -> list[Timed]:
    """A question and its answer, without an address."""
    query = dns.message.make_query(name, kind, id=step % 65536)
    reply = dns.message.make_response(query)
    reply.set_rcode(dns.rcode.from_text(rcode))
    asked = Datagram(query.to_wire(), source_port=20000 + step, destination_port=DNS)
    return at(step, [asked, answer(asked, reply.to_wire())])


def told(folder: Path, asked: list[Timed], more: list[Timed]) -> list[str]:
    loaded = by_tftp(0, LISTS[0])
    return [item.code for item in faults(report_on(folder, loaded + asked + more))]


@pytest.mark.parametrize(
    ("name", "kind", "rcode", "code"),
    [
        ("cucm-pub", "A", "NXDOMAIN", "dns-nxdomain"),
        ("cucm-pub.lab.example", "AAAA", "NOERROR", "dns-no-address"),
    ],
)
def test_a_question_with_another_to_come_fails_only_where_none_comes(
    name: str, kind: str, rcode: str, code: str, tmp_path: Path
) -> None:
    asked = lookup(1 * SECOND, name, kind, rcode)
    assert told(tmp_path, asked, []) == []
    assert told(tmp_path, asked, by_tftp(9 * SECOND, LISTS[1])) == [code]


def test_a_full_name_that_does_not_exist_is_told_at_once(tmp_path: Path) -> None:
    asked = lookup(1 * SECOND, "cucm-pub.lab.example", "A", "NXDOMAIN")
    assert told(tmp_path, asked, []) == ["dns-nxdomain"]


def test_one_kind_asked_for_again_and_again_is_all_that_the_phone_wants(tmp_path: Path) -> None:
    name = "cucm-pub.lab.example"
    asked = [lookup(at * SECOND, name, "AAAA", "NOERROR") for at in (1, 9, 17)]
    assert told(tmp_path, asked[0], asked[1] + asked[2]) == ["dns-no-address"]
