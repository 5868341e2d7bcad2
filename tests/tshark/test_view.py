"""Frames shown alone look as they do to Wireshark in the whole of their capture."""

from __future__ import annotations

import gzip
import subprocess
from pathlib import Path

import pytest
import zstandard
from capf_dissectors.tls.decryption import load_rsa_key
from msgspec import structs

from capfpcap.analysis import CaptureInput, Options
from capfpcap.capture.files.frames import frame_reader
from capfpcap.flows.keys import Keys, keys_from
from capfpcap.scenes import read_only
from capfpcap.tshark import selection, view, wishes
from capfpcap.tshark.errors import TsharkError
from capfpcap.tshark.program import find_tshark
from capfpcap.tshark.run import trees
from capfpcap.tshark.secrets import Secrets
from capfpcap.tshark.tree import Tree
from capfpcap.tshark.view import prepared, view_of_file
from capfpcap.tshark.wishes import Wishes
from tests.capture import builder
from tests.capture.builder import Packet

CAPTURES = Path(__file__).parents[2] / "captures"
STEP = 40
"""Every so many frames one is looked at alone."""

AS_TLS = (("tcp.port==2445", "tls"), ("tcp.port==3804", "tls"))

OF_ONE_RUN = {
    *("frame.interface_id", "frame.section_number", "frame.time_delta_displayed"),
    *("eth.stream", "ip.stream", "ipv6.stream", "tcp.stream", "udp.stream"),
}
"""Fields that depend on what else tshark reads and shows."""


def lines(tree: Tree) -> list[tuple[str, str]]:
    """What is shown of a tree, but for what depends on the run."""
    return [
        (branch.name, branch.text)
        for layer in tree.layers
        for branch in layer.walk()
        if branch.name not in OF_ONE_RUN
    ]


def of_file(path: Path, *numbers: int, keys: Keys | None = None) -> dict[int, Tree]:
    found = view_of_file(str(path), numbers, Options(secrets=keys))
    return {tree.number: tree for tree in found.trees}


@pytest.mark.parametrize(
    "scenario",
    ["fragmented-tftp", "icmp-rejected", "mirrored-twice", "success-by-http", "success-ipv6"],
)
def test_a_frame_looks_as_in_the_whole_capture(scenario: str) -> None:
    path = next(CAPTURES.joinpath(scenario).glob("p*.pcap"))
    whole = {tree.number: tree for tree in trees(Wishes(path, ports=AS_TLS))}
    together = of_file(path, *whole)
    assert list(together) == list(whole)
    assert {number: lines(tree) for number, tree in together.items()} == {
        number: lines(tree) for number, tree in whole.items()
    }
    for number in list(whole)[::STEP]:
        assert lines(of_file(path, number)[number]) == lines(whole[number]), number


def test_numbers_of_other_frames_in_a_tree_are_the_captures() -> None:
    tree = of_file(CAPTURES / "success-by-name" / "phone.pcap", 60)[60]
    assert [branch.text for branch in tree.find("tftp")[0].children if "frame" in branch.text] == [
        "Read Request in frame 42"
    ]


def test_nothing_is_said_of_the_small_file_alone() -> None:
    tree = of_file(CAPTURES / "success-by-http" / "phone.pcap", 30)[30]
    assert not [name for name in OF_ONE_RUN - {"frame.time_delta_displayed"} if tree.find(name)]
    assert "interface" not in tree.layers[0].text


@pytest.mark.parametrize("form", ["pcap.gz", "pcap.zst", "pcapng"])
def test_every_form_of_a_capture_is_read(tmp_path: Path, form: str) -> None:
    source, path = CAPTURES / "success-by-http" / "phone.pcap", tmp_path / f"phone.{form}"
    if form == "pcapng":
        subprocess.run(["editcap", "-F", "pcapng", source, path], check=True)
    else:
        pack = gzip.compress if form == "pcap.gz" else zstandard.compress
        path.write_bytes(pack(source.read_bytes()))
    assert lines(of_file(path, 30)[30]) == lines(of_file(source, 30)[30])


FINISHED = "tls.handshake.verify_data"
DECRYPTED = CAPTURES / "decrypted"


def keys_of(scenario: Path, more: bytes = b"") -> Keys:
    return keys_from([("log", more + scenario.joinpath("keylog.txt").read_bytes())], [])


def decrypted(found: dict[int, Tree]) -> int:
    return sum(len(tree.find(FINISHED)) for tree in found.values())


def test_keys_decrypt_whether_given_or_inside_the_file(tmp_path: Path) -> None:
    scenario, inside = CAPTURES / "success-tls13", tmp_path / "inside.pcapng"
    path, log = scenario / "phone.pcap", scenario / "keylog.txt"
    subprocess.run(["editcap", "--inject-secrets", f"tls,{log}", path, inside], check=True)
    session = range(40, 61)
    others = b"".join(b"CLIENT_RANDOM %064x %096x\n" % (number, number) for number in range(9000))
    assert decrypted(of_file(path, *session)) == 0
    assert decrypted(of_file(path, *session, keys=keys_of(scenario, others))) >= 2
    assert decrypted(of_file(inside, *session)) >= 2


def test_an_rsa_key_decrypts() -> None:
    scenario = CAPTURES / "capf-in-pieces"
    key = load_rsa_key(scenario.joinpath("server-key.pem").read_bytes())
    path = scenario / "phone.pcap"
    last = frame_reader(str(path)).read_all([1 << 30], must_be_there=False).times.size
    session = range(last - 40, last + 1)
    assert not any(tree.find("capf.command") for tree in of_file(path, *session).values())
    found = of_file(path, *session, keys=keys_from([], [key]))
    told = [name for tree in found.values() for name in tree.values("capf.command")]
    assert told[:2] == ["1", "2"]


PASSWORD = bytes.fromhex("34383239313500")


def test_an_authentication_string_is_not_among_any_bytes() -> None:
    scenario = DECRYPTED / "tls12-ecdhe-aes256-gcm"
    path, keys = scenario / "publisher.pcap", keys_of(scenario)
    asked = Wishes(path, Secrets((scenario.joinpath("keylog.txt").read_bytes(),)), "capf.password")
    number = trees(asked)[0].number
    tree = of_file(path, number, keys=keys)[number]
    assert tree.values("capf.device_name") == ["SEP7C21D8070000"]
    assert [branch.text for branch in tree.find("capf.password")] == [
        "Authentication string: ******"
    ]
    everything = str(tree).replace(":", "")
    assert PASSWORD.hex() not in everything
    assert PASSWORD[:-1].decode() not in everything


def test_without_the_plugin_no_bytes_are_shown_that_may_hold_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scenario = DECRYPTED / "tls12-ecdhe-aes256-gcm"
    path, keys = scenario / "publisher.pcap", keys_of(scenario)
    asked = Wishes(path, Secrets((scenario.joinpath("keylog.txt").read_bytes(),)), "capf.password")
    number = trees(asked)[0].number
    monkeypatch.setattr(wishes, "plugin", lambda: None)
    monkeypatch.setattr(view, "find_tshark", lambda: structs.replace(find_tshark(), has_lua=False))
    found = view_of_file(str(path), [number], Options(secrets=keys))
    assert any("are not taken apart" in remark for remark in found.remarks)
    (tree,) = found.trees
    assert tree.find("tls.app_data")
    everything = str(tree).replace(":", "")
    assert PASSWORD.hex() not in everything


def test_far_into_a_capture_the_frames_own_number_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    path = CAPTURES / "success-by-http" / "phone.pcap"
    near = of_file(path, 30)[30]
    monkeypatch.setattr(view, "MAX_NUMBERED", 20)
    found = view_of_file(str(path), [30])
    (tree,) = found.trees
    assert tree.number == 30
    assert tree.values("frame.number") == ["30"]
    assert tree.layers[0].text == near.layers[0].text
    assert tree.values("tcp.seq_raw") == near.values("tcp.seq_raw")
    assert any("counted among the" in remark for remark in found.remarks)


def test_of_a_long_flow_its_beginning_and_what_is_near_are_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = CAPTURES / "success-by-name" / "phone.pcap"
    whole = trees(Wishes(path, ports=AS_TLS))
    connection = [tree.number for tree in whole if tree.find("tcp")]
    monkeypatch.setattr(selection, "MAX_HANDED", 10)
    monkeypatch.setattr(selection, "_LEAST", 10)
    found = view_of_file(str(path), [connection[-1]])
    assert any("of which tshark is shown 10" in remark for remark in found.remarks)
    assert found.trees[0].find("tcp")


def test_what_another_file_of_a_ring_has_is_told(tmp_path: Path) -> None:
    source, halves = CAPTURES / "success-by-name" / "phone.pcap", []
    for name, numbers in (("one.pcap", "1-80"), ("two.pcap", "81-88")):
        halves.append(str(tmp_path / name))
        command = ["editcap", "-F", "pcap", "-r", source, halves[-1], numbers]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    (point,) = read_only([CaptureInput(tuple(halves))], Options())
    (remark,) = prepared([point.table], halves[1], [8]).view().remarks
    assert remark == f"tshark is not shown what {halves[0]} has of the flow of frame 8"


def conversation() -> list[Packet]:
    """HTTP on a port of no service of ours, its request in two segments, and other packets."""
    request = b"GET /index.html HTTP/1.1\r\nHost: web.example\r\n\r\n"
    other = builder.ethernet(builder.ipv4(builder.udp(b"x" * 30, 7000, 7001), 17))
    sides = {"source": 50123, "destination": 8080}
    parts = [
        (builder.tcp(flags=2, **sides), 0),
        (builder.tcp(request[:20], flags=24, **sides), 1),
        (builder.tcp(request[20:], flags=24, **sides), 21),
    ]
    packets = []
    for number, (segment, sent) in enumerate(parts):
        moved = segment[:4] + (1000 + sent).to_bytes(4) + segment[8:]
        packets += [Packet(other, number)] * 60
        packets.append(Packet(builder.ethernet(builder.ipv4(moved)), number))
    return packets


def test_a_connection_of_no_service_of_ours_is_found(tmp_path: Path) -> None:
    path = tmp_path / "web.pcap"
    path.write_bytes(builder.pcap(conversation()))
    tree = of_file(path, 183)[183]
    assert tree.values("http.request.uri") == ["/index.html"]
    assert tree.values("tcp.segment") == ["122", "183"]


def test_a_frame_of_no_flow_is_shown_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.pcap"
    arp = builder.ethernet(bytes.fromhex("00010800060400010008300a0b0c0a01141f") + bytes(10), 0x806)
    path.write_bytes(builder.pcap([Packet(arp, number) for number in range(70)]))
    assert of_file(path, 70)[70].values("arp.opcode") == ["1"]


def test_what_is_no_packet_is_refused_in_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "journal.pcapng"
    journal = builder.block(9, b"MESSAGE=x\n")
    packet = builder.enhanced(Packet(builder.ethernet(builder.ipv4(builder.tcp()))), 1)
    path.write_bytes(builder.section() + builder.interface() + packet + journal)
    with pytest.raises(TsharkError, match=r"frame 2 of .* is no packet"):
        of_file(path, 2)
    assert of_file(path, 1)[1].find("tcp")


@pytest.mark.parametrize(
    ("numbers", "sentence"),
    [
        (range(1, 202), "201 frames are too many; 200 are shown at a time"),
        ([5000], "has no frame 5000: its last one is frame 88"),
    ],
)
def test_numbers_that_cannot_be_are_told(numbers: list[int], sentence: str) -> None:
    with pytest.raises(TsharkError, match=sentence):
        view_of_file(str(CAPTURES / "success-by-name" / "phone.pcap"), numbers)
