"""A folder of our own for one run of tshark: a home without preferences, packets and secrets."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from capfpcap.tshark.errors import TsharkError
from capfpcap.tshark.secrets import Secrets
from capfpcap.tshark.wishes import KEY_LOG_FILE, RSA_KEY_FILE

_KEPT = ("PATH", "LD_LIBRARY_PATH", "TMPDIR")
"""What tshark needs of the user's environment to run at all."""
_PRIVATE = 0o600


@contextmanager
def private_folder(secrets: Secrets) -> Iterator[Path]:
    """A folder that nobody else can look into, with the secrets as files; gone afterwards.

    Raises:
        TsharkError: it cannot be made, or this is Windows, where neither its rights nor the end of
            tshark would be as they must.
    """
    if sys.platform == "win32":
        raise TsharkError("capfpcap runs tshark on Linux and macOS only: use Wireshark itself here")
    try:
        with tempfile.TemporaryDirectory(prefix="capfpcap-", ignore_cleanup_errors=True) as name:
            folder = Path(name)
            (folder / "home").mkdir()
            (folder / "configuration").mkdir()
            for number, key in enumerate(secrets.rsa_keys):
                with private_file(folder / RSA_KEY_FILE.format(number)) as file:
                    file.write(key)
            if secrets.key_logs:
                with private_file(folder / KEY_LOG_FILE) as file:
                    file.write(b"\n".join(secrets.key_logs))
            yield folder
    except OSError as error:
        raise TsharkError(f"no temporary folder for tshark: {error.strerror}") from error


def private_file(path: Path) -> BinaryIO:
    """A new file that its owner alone can read."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE), "wb")


def environment(folder: Path) -> dict[str, str]:
    """The environment of tshark: no preference, profile or plugin of the user is found by it."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    home, configuration = str(folder / "home"), str(folder / "configuration")
    return {
        **kept,
        "HOME": home,
        "XDG_CONFIG_HOME": configuration,
        "XDG_DATA_HOME": home,
        "WIRESHARK_CONFIG_DIR": configuration,
        "LC_ALL": "C",
        "TZ": "UTC",
    }
