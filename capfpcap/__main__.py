"""Where the program begins; ``python -m capfpcap`` is the same program as ``capfpcap``.

Its libraries take a tenth of a second to load. Who interrupts it then gets no traceback; so nothing
is imported here but what Python has loaded before.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # what 'signal' takes ten milliseconds to wrap
import errno
import gc
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import NoReturn

_INTERRUPTED = 130
_UNKNOWN = 3
"""The statuses of :mod:`capfpcap.cli.exit_status`, which is not loaded yet."""


def main() -> NoReturn:
    """Load the command line and run it."""
    heeded = _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler
    if heeded:
        _signal.signal(_signal.SIGINT, _leave)
    gc.disable()  # until the command is loaded
    try:
        from capfpcap.cli import main as run  # noqa: PLC0415 - not before the handler
    except (MemoryError, ImportError, OSError) as error:
        if not _lacks_memory(error):
            raise
        sys.stderr.write("capfpcap: there is not enough memory\n")
        os._exit(_UNKNOWN)
    if heeded:
        _signal.signal(_signal.SIGINT, _signal.default_int_handler)
    run()


def _leave(_number: int, _frame: FrameType | None) -> NoReturn:
    os._exit(_INTERRUPTED)


def _lacks_memory(error: Exception) -> bool:
    """As :func:`capfpcap.cli._lacks_memory`."""
    if isinstance(error, OSError):
        return error.errno == errno.ENOMEM
    return isinstance(error, MemoryError) or "failed to map segment" in str(error)


if __name__ == "__main__":
    main()
