"""The failure that a user is told of in one sentence."""

from __future__ import annotations

import os


class CommandError(Exception):
    """Something outside the program is in the way; the message names it and why."""


def reason(error: OSError) -> str:
    """Why the system refused, in its own words: ``No space left on device``."""
    return error.strerror or (os.strerror(error.errno) if error.errno else str(error))
