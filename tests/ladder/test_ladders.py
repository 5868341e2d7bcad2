"""What ladders of telling scenarios show."""

from __future__ import annotations

import pytest

from capfpcap.formats.ladders.items import Arrow, items_of
from capfpcap.ladder.build import ladder_of
from capfpcap.ladder.model import Delivery, GapKind, GroupKind, Kind, Ladder, LaneKind, Layer
from capfpcap.report import Certainty, Outcome

from .drawn import CAPTURES, analysis_of, gaps, labelled, messages, of_scenario


def kinds(ladder: Ladder) -> list[LaneKind]:
    return [lane.kind for lane in ladder.lanes]


def test_lanes_are_the_phone_the_captures_along_the_way_and_the_servers_as_they_are_asked() -> None:
    ladder = of_scenario("tvs-answers")
    assert kinds(ladder) == [
        LaneKind.PHONE,
        LaneKind.POINT,
        LaneKind.POINT,
        LaneKind.TFTP,
        LaneKind.TVS,
        LaneKind.CAPF,
    ]
    assert [lane.title for lane in ladder.lanes[1:3]] == ["phone", "publisher"]
    assert ladder.lanes[5].port == 3804


def test_one_capture_has_no_lane_of_its_own() -> None:
    ladder = of_scenario("tvs-answers", "phone")
    assert LaneKind.POINT not in kinds(ladder)
    assert {one.delivery for one in messages(ladder)} == {Delivery.SEEN}


def test_a_mismatch_ends_with_the_alert_that_the_finding_names() -> None:
    ladder = of_scenario("itl-mismatch")
    codes = [finding.code for finding in ladder.findings]
    alerts = labelled(ladder, "alert, fatal unknown_ca")
    assert len(alerts) == 3
    for alert in alerts:
        assert (alert.kind, alert.layer, alert.from_client) == (Kind.ALERT, Layer.TLS, True)
        assert [codes[index] for index in alert.findings] == ["tls-certificate-rejected"]
    assert ladder.phone is not None
    assert ladder.phone.root_cause == "itl-capf-mismatch"


def test_a_packet_that_is_lost_ends_half_way_between_two_captures() -> None:
    ladder = of_scenario("return-path-filtered")
    first = labelled(ladder, "SYN-ACK")[0]
    assert first.delivery is Delivery.LOST
    assert (first.sender, first.receiver) == (4, 0)
    assert (first.tail, first.head) == (4.0, 1.5)
    assert first.between == (1, 0)
    assert [ladder.points[index].name for index in first.between] == ["publisher", "phone"]
    assert first.delivery_text == "lost between publisher and phone"


def test_an_injected_reset_starts_half_way_between_two_captures_both_ways() -> None:
    resets = labelled(of_scenario("rst-injected"), "RST")
    assert {one.delivery for one in resets[:2]} == {Delivery.INJECTED}
    assert [(one.tail, one.head) for one in resets[:2]] == [(1.5, 0.0), (1.5, 4.0)]


def test_a_packet_that_arrived_tells_its_frame_at_each_capture_and_how_long_it_took() -> None:
    syn = labelled(of_scenario("return-path-filtered"), "SYN")[0]
    assert syn.delivery is Delivery.ARRIVED
    assert [(one.capture, one.frame) for one in syn.seen] == [("phone", 73), ("publisher", 73)]
    assert 5_000_000 < syn.seen[1].delay_ns < 6_000_000


def test_what_a_capture_missed_is_no_loss() -> None:
    ladder = of_scenario("mirror-drops")
    missed = [one for one in messages(ladder) if one.delivery is Delivery.MISSED]
    assert missed
    assert {(one.tail, one.head) for one in missed} <= {(3.0, 0.0), (4.0, 0.0)}
    assert {ladder.points[one.between[1]].name for one in missed if one.between} == {"phone"}


def test_a_message_of_which_a_part_is_lost_does_not_arrive() -> None:
    ladder = of_scenario("large-packets-vanish")
    certificates = [one for one in messages(ladder) if one.label.startswith("Certificate")]
    assert {(one.delivery, one.in_part) for one in certificates} == {(Delivery.LOST, True)}
    assert {one.head for one in certificates} == {1.5}
    assert {one.delivery for one in labelled(ladder, "ServerHelloDone")} == {Delivery.ARRIVED}


def test_retransmissions_are_counted() -> None:
    ladder = of_scenario("return-path-filtered")
    (flow,) = {one.flow for one in labelled(ladder, "SYN")[:1]}
    syns = [one for one in labelled(ladder, "SYN") if one.flow == flow]
    assert [one.repetition for one in syns] == [0, 1, 2, 3]


def test_key_generation_is_a_gap_of_its_own_and_a_guess() -> None:
    (gap,) = gaps(of_scenario("slow-key-generation"))
    assert gap.kind is GapKind.KEY_GENERATION
    assert gap.text == "key generation, 40 s"
    assert 40_000_000_000 < gap.ends - gap.begins < 41_000_000_000
    assert gap.certainty is Certainty.LIKELY


def test_key_generation_lasts_until_a_capture_that_ends_in_it() -> None:
    (gap,) = gaps(of_scenario("capture-ends-in-key-generation"))
    assert gap.kind is GapKind.KEY_GENERATION
    assert "not over when the capture ends" in gap.text


def test_silence_is_where_no_packet_of_any_flow_is() -> None:
    texts = [gap.text for gap in gaps(of_scenario("itl-mismatch"))]
    assert texts == ["no traffic, 5.0 s", "no traffic, 5.0 s"]


def test_guessed_messages_are_marked_and_seen_ones_are_not() -> None:
    ladder = of_scenario("success-by-address")
    guessed = {one.label: one.certainty for one in messages(ladder) if one.certainty}
    assert guessed["KEYGEN_REQUEST"] is Certainty.LIKELY
    assert guessed["END_SESSION"] is Certainty.LIKELY
    assert {one.layer for one in messages(ladder) if one.certainty} == {Layer.CAPF}


def test_the_guess_is_that_of_the_capture_in_which_the_least_is_missing() -> None:
    guesses = {one.certainty for one in messages(of_scenario("mirror-drops")) if one.certainty}
    assert guesses == {Certainty.LIKELY}


def test_an_empty_record_before_each_message_is_no_message() -> None:
    ladder = of_scenario("slow-key-generation")
    assert len(labelled(ladder, "KEYGEN_RESPONSE")) == 1
    assert len(labelled(ladder, "END_SESSION")) == 1


def test_what_tls_1_3_hides_is_told_by_its_size() -> None:
    ladder = of_scenario("success-tls13")
    hidden = labelled(ladder, "encrypted handshake")
    assert hidden
    assert {one.certainty for one in hidden} == {Certainty.LIKELY}
    request = labelled(ladder, "AUTH_REQUEST")[0]
    before = [one for one in hidden if one.seen[0].row == request.seen[0].row]
    assert ladder.rows.index(before[0]) < ladder.rows.index(request)


def test_messages_of_one_flight_form_a_group_and_those_of_a_packet_one_arrow() -> None:
    ladder = of_scenario("itl-mismatch")
    flight = labelled(ladder, "ServerHelloDone")[0].flight
    assert flight is not None
    group = ladder.groups[flight]
    assert (group.kind, group.text) == (GroupKind.FLIGHT, "4 messages in 1 packet")
    arrows = [item for item in items_of(ladder) if isinstance(item, Arrow)]
    assert any(len(arrow.messages) == 4 for arrow in arrows)


def test_attempts_are_counted_in_the_groups() -> None:
    ladder = of_scenario("itl-mismatch")
    texts = [group.text for group in ladder.groups if group.kind is GroupKind.FLOW]
    assert texts[-1].endswith("10.122.138.102:3804, attempt 3 of 3")


def test_an_icmp_error_is_an_arrow_from_the_lane_of_its_router() -> None:
    ladder = of_scenario("icmp-rejected")
    error = next(one for one in messages(ladder) if one.kind is Kind.ICMP_ERROR)
    router = ladder.lanes[error.sender]
    assert (router.kind, router.addresses) == (LaneKind.ROUTER, ("192.168.77.1",))
    assert kinds(ladder).index(LaneKind.ROUTER) == 2
    assert error.receiver == 0
    assert error.seen[0].among_others


def test_a_translator_that_refuses_for_the_phone_is_no_phone() -> None:
    ladder = of_scenario("data-lost-behind-nat")
    error = next(one for one in messages(ladder) if one.kind is Kind.ICMP_ERROR)
    assert ladder.lanes[error.sender].kind is LaneKind.ROUTER
    assert kinds(ladder)[1:4] == [LaneKind.POINT, LaneKind.ROUTER, LaneKind.POINT]
    assert ladder.lanes[error.receiver].kind is LaneKind.TFTP


def test_a_name_server_that_says_no_is_a_lane_with_its_answers() -> None:
    ladder = of_scenario("dns-nxdomain")
    answers = labelled(ladder, "answer: NXDOMAIN")
    assert len(answers) == 3
    assert {ladder.lanes[one.sender].kind for one in answers} == {LaneKind.DNS}


def test_behind_a_translator_each_end_has_the_address_that_the_capture_shows() -> None:
    ladder = of_scenario("phone-behind-nat")
    syn = next(one for one in labelled(ladder, "SYN") if one.delivery is Delivery.ARRIVED)
    assert syn.source.address in ladder.lanes[0].addresses


def test_one_flow_has_its_own_ladder_with_the_findings_about_it() -> None:
    ladder = of_scenario("itl-mismatch", flow="f5")
    assert ladder.title == "f5 capf, SEP0008301CE5D2"
    assert {one.flow for one in messages(ladder)} == {"f5"}
    assert kinds(ladder)[-1] is LaneKind.CAPF
    assert ladder.findings


def test_without_a_name_it_is_the_phone_that_fared_worst() -> None:
    ladder = of_scenario("own-trust-list")
    assert ladder.phone is not None
    assert ladder.phone.outcome is Outcome.FAILED


@pytest.mark.parametrize(
    ("scenario", "chosen", "sentence"),
    [
        ("itl-mismatch", {"phone": "SEPX"}, "the captures show no phone SEPX"),
        ("itl-mismatch", {"flow": "f99"}, "the captures show no flow f99"),
        (
            "itl-mismatch",
            {"flow": "f1", "phone": "SEPX"},
            "the captures show no phone SEPX flow f1",
        ),
        ("empty", {}, "the captures show no phone"),
    ],
)
def test_what_is_not_there_is_said_in_a_sentence(
    scenario: str, chosen: dict[str, str], sentence: str
) -> None:
    analysis = analysis_of(tuple(sorted((CAPTURES / scenario).glob("*.pcap*"))))
    with pytest.raises(LookupError, match=sentence):
        ladder_of(analysis, **chosen)
