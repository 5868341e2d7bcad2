"""Packets whose messages keys reveal: each field by field, beside its plaintext."""

from __future__ import annotations

import pytest
from capf_dissectors.capf.words import MASK

from capfpcap.analysis import CaptureInput, Options, analyze
from capfpcap.flows.keys import keys_from
from capfpcap.inspection.inspector import Inspector
from capfpcap.inspection.model import Inspection
from tests.inspection.conftest import Opened
from tests.inspection.test_packets import lies_inside, named
from tests.scenarios.expectations import CAPTURES

PASSWORD = b"48291"


def with_keys(scenario: str, *, show_secrets: bool = False) -> list[Inspection]:
    folder = CAPTURES / scenario
    keys = keys_from([("keys", (folder / "keylog.txt").read_bytes())], [])
    options = Options(secrets=keys, show_secrets=show_secrets)
    analysis = analyze([CaptureInput((str(folder / "phone.pcap"),))], options)
    return [one for _, one in Opened(analysis, Inspector(analysis.scene)).of_flows()]


@pytest.mark.parametrize("scenario", ["capf-in-pieces", "tvs-answers", "capf-malformed"])
def test_every_message_has_a_view_of_its_plaintext(scenario: str) -> None:
    packets = with_keys(scenario)
    titles = [view.title for packet in packets for view in packet.views]
    assert [title for title in titles if title == "Decrypted AUTH_REQUEST"]
    for packet in packets:
        for node in packet.fields:
            lies_inside(node, len(packet.views[node.view].data), packet)


def test_a_message_of_tvs_is_told_as_one() -> None:
    (asked,) = [one for one in with_keys("tvs-answers") if named(one, "TVS message")][:1]
    assert named(asked, "TVS message")[0].value == "QUERY_REQUEST"
    assert named(asked, "SERIAL (5)")


def test_a_password_is_hidden_in_the_bytes_too() -> None:
    for packet in with_keys("wrong-string"):
        assert all(PASSWORD not in view.data for view in packet.views)
        assert all(node.value == MASK for node in named(packet, "PASSWORD (11)"))


def test_it_stands_in_the_bytes_where_somebody_asks_for_it() -> None:
    packets = with_keys("wrong-string", show_secrets=True)
    assert any(PASSWORD in view.data for packet in packets for view in packet.views)
