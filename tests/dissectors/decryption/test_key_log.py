"""Key logs as libraries write them, as people damage them, and as nobody should."""

from __future__ import annotations

import time

import pytest
from capf_dissectors.tls.decryption import KeyLog, key_log
from capf_dissectors.tls.decryption.key_log import MAX_KEY_LOG, MOST_DAMAGED, Label
from hypothesis import given
from hypothesis import strategies as st

RANDOM = bytes(range(32))
MASTER = bytes(range(100, 148))
TRAFFIC = bytes(range(50, 82))


def line(label: str, name: bytes, secret: bytes) -> bytes:
    return f"{label} {name.hex()} {secret.hex()}\n".encode()


def test_each_label_is_found_by_the_client_random() -> None:
    labels = [label for label in Label if label is not Label.MASTER]
    log = KeyLog(
        line("CLIENT_RANDOM", RANDOM, MASTER)
        + b"".join(line(label.value, RANDOM, TRAFFIC) for label in labels)
    )
    expected = {(Label.MASTER, MASTER)} | {(label, TRAFFIC) for label in labels}
    assert set(log.of_random(RANDOM)) == expected
    assert log.of_random(RANDOM[:8] + bytes(24)) == []
    assert log.damage.total == 0


def test_old_forms_are_found_by_what_they_name() -> None:
    log = KeyLog(
        b"RSA " + bytes(8).hex().encode() + b" " + MASTER.hex().encode() + b"\n"
        b"RSA Session-ID:" + b"ab" * 32 + b" Master-Key:" + MASTER.hex().upper().encode() + b"\n"
    )
    assert log.of_encrypted(bytes(128)) == [MASTER]
    assert log.of_session(b"\xab" * 32) == [MASTER]
    assert log.of_session(b"\xab" * 31) == []
    assert log.names_others


def test_comments_blank_lines_line_ends_and_unknown_labels_are_no_damage() -> None:
    text = (
        b"\xef\xbb\xbf# by NSS\r\n\r\n  \t\r\n  # indented\n"
        + line("CLIENT_RANDOM", RANDOM, MASTER).replace(b"\n", b" \r\n")
        + line("EXPORTER_SECRET", RANDOM, TRAFFIC)
        + b"SOME_LATER_LABEL 00 anything\n"
    )
    log = KeyLog(text)
    assert (len(log), log.damage.total) == (1, 0)


def test_a_log_in_utf_16_is_read() -> None:
    log = KeyLog(line("CLIENT_RANDOM", RANDOM, MASTER).decode().encode("utf-16"))
    assert log.of_random(RANDOM) == [(Label.MASTER, MASTER)]


@pytest.mark.parametrize(
    "damaged",
    [
        line("CLIENT_RANDOM", RANDOM, MASTER[:-1]),
        line("CLIENT_RANDOM", RANDOM[:-1], MASTER),
        line("CLIENT_TRAFFIC_SECRET_0", RANDOM, MASTER + MASTER),
        b"CLIENT_RANDOM\n",
        b"CLIENT_RANDOM " + b"zz" * 32 + b" " + b"00" * 48 + b"\n",
        b"RSA 0011223344556677 00\n",
        b"\x00\xff\x00 binary\n",
        b"lower case is no label\n",
    ],
)
def test_a_damaged_line_is_told_by_its_number(damaged: bytes) -> None:
    log = KeyLog(b"# first\n" + damaged + line("CLIENT_RANDOM", RANDOM, MASTER))
    assert log.damage == (1, (2,))
    assert log.of_random(RANDOM) == [(Label.MASTER, MASTER)]


def test_many_damaged_lines_are_counted() -> None:
    log = KeyLog(b"CLIENT_RANDOM broken\n" * 1000)
    assert log.damage == (1000, tuple(range(1, MOST_DAMAGED + 1)))


@pytest.mark.parametrize(("limit", "most"), [("MAX_KEY_LOG", 200), ("MAX_LINES", 1)])
def test_a_log_that_is_too_long_is_read_to_the_limit(
    monkeypatch: pytest.MonkeyPatch, limit: str, most: int
) -> None:
    monkeypatch.setattr(key_log, limit, most)
    log = KeyLog(line("CLIENT_RANDOM", RANDOM, MASTER) + b"# and so on\n" * 5)
    assert (log.cut, len(log)) == (True, 1)


def test_megabytes_of_blank_lines_cost_little() -> None:
    begin = time.process_time()
    log = KeyLog(b"\n" * (MAX_KEY_LOG // 5))
    assert time.process_time() - begin < 3
    assert (log.cut, len(log)) == (False, 0)


def test_no_secret_is_in_the_words_for_a_log() -> None:
    log = KeyLog(line("CLIENT_RANDOM", RANDOM, MASTER))
    assert MASTER.hex()[:8] not in repr(log)
    assert "1 secrets" in repr(log)


def test_a_hundred_thousand_sessions_cost_little_and_each_is_found() -> None:
    names = [number.to_bytes(4, "big") * 8 for number in range(100_000)]
    text = b"".join(line("CLIENT_RANDOM", name, MASTER) for name in names)
    begin = time.process_time()
    log = KeyLog(text)
    assert time.process_time() - begin < 5
    for name in names[:: len(names) // 7]:
        assert log.of_random(name) == [(Label.MASTER, MASTER)]
    assert not log.knows(b"\xff" * 32)


NAMES = st.binary(min_size=32, max_size=32)
SECRETS = st.sampled_from([32, 48]).flatmap(lambda size: st.binary(min_size=size, max_size=size))


@given(st.dictionaries(NAMES, SECRETS, max_size=20), st.binary(max_size=40))
def test_whatever_stands_between_the_lines_each_secret_is_found(
    sessions: dict[bytes, bytes], junk: bytes
) -> None:
    junk = junk.replace(b"\xff\xfe", b"").replace(b"\xfe\xff", b"")
    text = b"".join(
        line("CLIENT_TRAFFIC_SECRET_0", name, secret) + junk + b"\n"
        for name, secret in sessions.items()
    )
    log = KeyLog(text)
    for name, secret in sessions.items():
        assert (Label.CLIENT_TRAFFIC, secret) in log.of_random(name)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_log(data: bytes) -> None:
    log = KeyLog(data)
    assert log.damage.total >= len(log.damage.first)
    log.of_random(data[:32].ljust(32, b"\0"))
