"""The command line: each command is imported when it is called (:mod:`capfpcap.cli.commands`).

``main`` is where every failure ends: as one sentence on standard error and an exit status.
"""

from __future__ import annotations

import errno
import os
import signal
import sys
from contextlib import suppress
from types import FrameType
from typing import NoReturn

import click

from capfpcap import __version__
from capfpcap.cli import console, options
from capfpcap.cli.errors import CommandError, reason
from capfpcap.cli.exit_status import ExitStatus
from capfpcap.cli.group import LazyGroup
from capfpcap.cli.loading import address_space, too_little_memory
from capfpcap.cli.terminal import use_stand_ins

HELP = """Says from packet captures why a Cisco IP phone did not enrol its certificate.

\b
  capfpcap check phone.pcap
  capfpcap check --phone phone.pcap --publisher publisher.pcap

The first judges what was recorded at one place; the second joins what was recorded at both ends.

Exit status of check: 0 ok, 1 warning, 2 critical, 3 nothing could be judged.
"""

_UNWRITTEN = frozenset({errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.EFBIG})
"""Why a help that click writes cannot be written; all else that writes says so itself."""

_STOPPING = ("SIGTERM", "SIGHUP")
"""Signals that end the program, as far as the system has them: Windows lacks the second."""

_UNMAPPED = "failed to map segment"
"""What the GNU C library says of a library for which there is no room."""


@click.group(
    cls=LazyGroup,
    help=HELP,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
)
@click.version_option(__version__, prog_name="capfpcap", message="%(prog)s %(version)s")
@options.debug
@click.pass_context
def cli(context: click.Context) -> None:
    """The command group; without a command it shows its help."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())
        context.exit(ExitStatus.UNKNOWN)


def main() -> NoReturn:
    """Run the program with the arguments of the process and end it.

    NumPy's library of linear algebra, which nothing here uses, would start threads on being loaded.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    for name in _STOPPING:
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _stop)
    _leave(run(sys.argv[1:]))


class StoppedError(BaseException):
    """The system told the process to end: files half written and helpers go first."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.status = ExitStatus(128 + number)


def _stop(number: int, _frame: FrameType | None) -> NoReturn:
    raise StoppedError(number)


def _leave(status: int) -> NoReturn:
    """End the process at once.

    To take apart object by object what the system takes back as a whole would be a tenth of the
    time that a small capture takes.
    """
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            if stream is not None:
                stream.flush()
    os._exit(status)


def run(arguments: list[str]) -> int:
    """Run the program and return its exit status."""
    use_stand_ins()
    try:
        status = cli.main(arguments, prog_name="capfpcap", standalone_mode=False)
        return status if isinstance(status, int) else ExitStatus.OK
    except (click.Abort, KeyboardInterrupt):
        return ExitStatus.INTERRUPTED
    except StoppedError as stopped:
        return stopped.status
    except click.UsageError as error:
        _explain_usage(error)
    except click.ClickException as error:
        console.complain(error.format_message())
    except CommandError as failure:
        console.complain(str(failure))
    except OSError as error:
        if error.errno not in _UNWRITTEN:
            _own_up(error)
        else:
            console.complain(f"cannot write to standard output: {reason(error)}")
    except Exception as error:
        if _lacks_memory(error):
            console.complain(too_little_memory())
        else:
            _own_up(error)
    return ExitStatus.UNKNOWN


def _lacks_memory(error: BaseException | None) -> bool:
    """Whether the system refused memory, be it for a library that was to be loaded.

    Where memory is limited, libraries of C may fail in loading without saying why.
    """
    limited = address_space() is not None
    while error is not None:
        if isinstance(error, MemoryError) or _UNMAPPED in str(error):
            return True
        if limited and isinstance(error, SystemError):
            return True
        error = error.__cause__ or error.__context__
    return False


def _explain_usage(error: click.UsageError) -> None:
    path = error.ctx.command_path if error.ctx else "capfpcap"
    console.complain(error.format_message())
    console.complain(f"'{path} --help' shows how it is used")


def _own_up(error: Exception) -> None:
    """Say that the failure is the program's own."""
    asked = console.wants_traceback()
    if asked:
        console.show_traceback(error)
    hint = "" if asked else "; with --debug it shows where"
    console.complain(f"the program itself failed: {type(error).__name__}: {error}{hint}")
