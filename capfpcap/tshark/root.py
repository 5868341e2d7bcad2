"""Lets tshark load our plugin though root starts it.

From 4.4 on Wireshark runs no Lua of a user's for root. In a user namespace in which root is
somebody else it does, and still reads what is root's own, as all that it is handed here is.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from functools import lru_cache

NO_LUA_FOR_ROOT = (4, 4)
"""The version from which on root's Wireshark runs no Lua of a user's."""
_SOMEBODY = ("--user", "--map-user=1000", "--map-group=1000", "--")
_PATIENCE_S = 10


def refuses_lua(version: tuple[int, int, int]) -> bool:
    """Whether a Wireshark of this version runs no Lua for whoever runs this process."""
    return version[:2] >= NO_LUA_FOR_ROOT and sys.platform != "win32" and os.geteuid() == 0


@lru_cache
def as_somebody() -> tuple[str, ...]:
    """What to write before a command so that it does not see that it is root's.

    Empty where the system has no way to do so, or does not allow it.
    """
    unshare = shutil.which("unshare")
    if unshare is None:
        return ()
    command = (unshare, *_SOMEBODY)
    try:
        tried = subprocess.run(
            [*command, "true"], capture_output=True, timeout=_PATIENCE_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ()
    return () if tried.returncode else command
