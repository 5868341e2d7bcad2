"""Key logs and RSA keys on the command line: used, refused in a sentence, and never shown."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from .conftest import CAPTURES, Program

TLS13 = CAPTURES / "itl-mismatch-tls13"
BY_RSA = CAPTURES / "decrypted" / "tls12-rsa-aes128-gcm"
SERVER_KEY = BY_RSA / "server-key.pem"
SECRET = re.compile(rb"[0-9a-f]{64,}")


@pytest.fixture(scope="module")
def wrong_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The secrets of a capture, each with another end."""
    lines = (TLS13 / "keylog.txt").read_bytes().splitlines()
    wrong = [line[:-4] + b"ffff" if SECRET.search(line) else line for line in lines]
    path = tmp_path_factory.mktemp("log") / "wrong.txt"
    path.write_bytes(b"\n".join(wrong))
    return path


def codes(output: bytes) -> set[str]:
    return {finding["code"] for finding in json.loads(output)["findings"]}


def test_a_key_log_turns_a_hidden_certificate_into_proof(capfpcap: Program) -> None:
    command = ["check", TLS13 / "phone.pcap", "--format", "json"]
    assert "tls-certificate-hidden" in codes(capfpcap(*command).stdout)
    result = capfpcap(*command, "--keylog", TLS13 / "keylog.txt")
    found = {one["code"]: one["certainty"] for one in json.loads(result.stdout)["findings"]}
    assert found["itl-capf-mismatch"] == "proven"
    assert "tls-certificate-hidden" not in found


def test_an_alert_that_was_encrypted_is_told_by_its_name_by_a_key_log_and_by_an_rsa_key(
    capfpcap: Program,
) -> None:
    command = ["timeline", BY_RSA / "publisher.pcap"]
    closed = capfpcap(*command).stdout
    by_log = capfpcap(*command, "--keylog", BY_RSA / "keylog.txt").stdout
    by_key = capfpcap(*command, "--rsa-key", SERVER_KEY)
    hidden = [
        sum(b"capf" in line and b"alert (encrypted)" in line for line in told.splitlines())
        for told in (closed, by_log, by_key.stdout)
    ]
    assert (hidden[0] > 10, hidden[1:]) == (True, [0, 0])
    assert b"close_notify" in by_log
    assert b"the RSA key is not that of the certificate" in by_key.stderr


def test_secrets_inside_of_a_capture_are_used_unasked(capfpcap: Program, tmp_path: Path) -> None:
    path = tmp_path / "with-secrets.pcapng"
    log = TLS13 / "keylog.txt"
    command = ["editcap", "--inject-secrets", f"tls,{log}", TLS13 / "phone.pcap", path]
    subprocess.run(command, check=True, capture_output=True)
    assert "itl-capf-mismatch" in codes(capfpcap("check", path, "--format", "json").stdout)
    other = [TLS13 / "publisher.pcap", path, "--format", "json"]
    assert "itl-capf-mismatch" in codes(capfpcap("check", *other).stdout)


@pytest.mark.parametrize("command", ["check", "flows", "reach"])
def test_a_file_that_cannot_be_opened_is_bad_usage(capfpcap: Program, command: str) -> None:
    for option in ("--keylog", "--rsa-key"):
        result = capfpcap(command, TLS13 / "phone.pcap", option, "nowhere.txt")
        assert (result.returncode, result.stdout) == (3, b"")
        assert b"cannot read nowhere.txt: No such file" in result.stderr


def remarked(capfpcap: Program, *arguments: str | Path) -> tuple[int, str]:
    """The status and what is said beside the findings."""
    result = capfpcap("check", TLS13 / "phone.pcap", "--format", "json", *arguments)
    assert b"Traceback" not in result.stderr
    return result.returncode, "\n".join(json.loads(result.stdout)["notes"])


def test_what_is_wrong_with_a_key_log_is_said_and_changes_nothing_else(
    capfpcap: Program, wrong_log: Path, tmp_path: Path
) -> None:
    usual = capfpcap("check", TLS13 / "phone.pcap").returncode
    damaged, empty = tmp_path / "damaged.txt", tmp_path / "empty.txt"
    damaged.write_bytes(b"# log\nCLIENT_RANDOM 00\n" + (TLS13 / "keylog.txt").read_bytes())
    empty.write_bytes(b"")
    other = CAPTURES / "success-tls13" / "keylog.txt"
    for log, sentence in (
        (wrong_log, "no record passes its integrity check"),
        (damaged, "damaged.txt: line 2 is damaged and is passed over"),
        (empty, "empty.txt: there is no TLS secret in it"),
        (other, "no secret given is for any of them"),
    ):
        status, notes = remarked(capfpcap, "--keylog", log)
        assert (status, sentence in notes) == (usual, True), notes


@pytest.mark.parametrize("form", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL])
def test_an_encrypted_key_needs_its_password(
    capfpcap: Program, tmp_path: Path, form: PrivateFormat
) -> None:
    key = load_pem_private_key(SERVER_KEY.read_bytes(), None)
    path, right, wrong = tmp_path / "key.pem", tmp_path / "right", tmp_path / "wrong"
    path.write_bytes(key.private_bytes(Encoding.PEM, form, BestAvailableEncryption(b"open me")))
    right.write_bytes(b"open me\r\nnot this\n")
    wrong.write_bytes(b"open sesame\n")
    _, notes = remarked(capfpcap, "--rsa-key", path)
    assert "key.pem: it is encrypted, and no password is given" in notes
    _, notes = remarked(capfpcap, "--rsa-key", path, "--rsa-key-password-file", wrong)
    assert "key.pem: the password is wrong" in notes
    with_password = ["--rsa-key", path, "--rsa-key-password-file", right]
    _, notes = remarked(capfpcap, *with_password)
    assert "key.pem" not in notes
    opened = capfpcap("timeline", BY_RSA / "publisher.pcap", *with_password)
    assert b"close_notify" in opened.stdout


def test_what_is_no_rsa_key_is_refused_in_a_sentence(capfpcap: Program, tmp_path: Path) -> None:
    path = tmp_path / "ec.pem"
    key = generate_private_key(SECP256R1())
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    assert "ec.pem: it is a private key, but not of RSA" in remarked(capfpcap, "--rsa-key", path)[1]
    assert "no private key in PEM form" in remarked(capfpcap, "--rsa-key", TLS13 / "keylog.txt")[1]


@pytest.mark.parametrize("command", ["check", "flows", "timeline", "ladder"])
def test_no_secret_reaches_what_is_written(
    capfpcap: Program, wrong_log: Path, command: str
) -> None:
    """Neither the right ones, nor wrong ones, which end in complaints."""
    for log in (TLS13 / "keylog.txt", wrong_log):
        secrets = {line.split()[2] for line in log.read_bytes().splitlines() if b"SECRET" in line}
        assert secrets
        options = ["--keylog", log, "--debug", "--format", "json"]
        result = capfpcap(command, TLS13 / "phone.pcap", *options)
        output = (result.stdout + result.stderr).lower()
        assert not [secret for secret in secrets if secret[:24] in output]


def test_no_secret_reaches_a_traceback(tmp_path: Path) -> None:
    """Where the program itself fails in the midst of a decryption."""
    program = (
        "import sys\n"
        "from capf_dissectors.tls.decryption import walking\n"
        "def fail(*_): raise RuntimeError('on purpose')\n"
        "walking.Opener.open = fail\n"
        "from capfpcap.cli import main\n"
        "main()\n"
    )
    log = TLS13 / "keylog.txt"
    arguments = ["check", TLS13 / "phone.pcap", "--keylog", log, "--debug"]
    result = subprocess.run(
        [sys.executable, "-c", program, *map(str, arguments)],
        cwd=tmp_path,
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert b"on purpose" in result.stderr
    for line in log.read_bytes().splitlines():
        assert line.split()[-1][:24] not in result.stderr.lower() + result.stdout.lower()


def test_on_a_terminal_the_password_is_asked_for_and_not_shown(tmp_path: Path) -> None:
    key = load_pem_private_key(SERVER_KEY.read_bytes(), None)
    path = tmp_path / "key.pem"
    path.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"open me"))
    )
    command = [sys.executable, "-m", "capfpcap", "timeline", BY_RSA / "publisher.pcap"]
    command += ["--rsa-key", path, "-o", tmp_path / "told.txt"]
    process, terminal = pty.fork()
    if not process:
        os.execv(sys.executable, list(map(str, command)))
    seen = b""
    try:
        for answer in (b"not this\n", b"open me\n"):
            while not seen.endswith(b": "):
                seen += os.read(terminal, 1024)
            os.write(terminal, answer)
            seen += b"|"
        with contextlib.suppress(OSError):  # the terminal's end
            while chunk := os.read(terminal, 1024):
                seen += chunk
    finally:
        os.close(terminal)
        os.waitpid(process, 0)
    assert b"Password of" in seen
    assert b"That was wrong" in seen
    assert b"open me" not in seen
    assert b"close_notify" in (tmp_path / "told.txt").read_bytes()
