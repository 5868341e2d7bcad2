"""Options that several commands share, and the types of their values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, time, tzinfo
from functools import wraps
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import click

from capfpcap.cli import console, moments
from capfpcap.cli.completion import FILE
from capfpcap.cli.keys import key_files, load_keys, show_secrets
from capfpcap.cli.loading import loading

if TYPE_CHECKING:
    from capfpcap.analysis import Options

_Function = TypeVar("_Function", bound=Callable[..., Any])


def zone_called(context: click.Context, parameter: click.Parameter, name: str) -> tzinfo:
    """A time zone by its name in the IANA database, ``UTC`` or ``local``."""
    if name.upper() in {"UTC", "Z"}:
        return UTC
    if name == "local":
        return datetime.now().astimezone().tzinfo or UTC

    from zoneinfo import ZoneInfo, available_timezones  # noqa: PLC0415 - only where one is named

    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:  # unknown, a path, a directory of zones
        sentence = f"{name} is no time zone; one is Europe/Berlin"
        if not available_timezones():
            sentence = "this system knows no time zones: pip install tzdata"
        raise click.BadParameter(sentence, context, parameter) from error


PLACES = {
    "phone": "at the phone",
    "publisher": "at the publisher",
    "subscriber": "at a subscriber",
    "dns": "at the DNS server",
}
"""Where a capture may be taken, by the option and the role that say so."""


class Given(NamedTuple):
    """What every command that reads captures is given."""

    captures: tuple[str, ...]
    """Files, folders and patterns without a role, of which there may be none."""
    roles: Mapping[str, tuple[str, ...]]
    """Those of each role."""
    capf_ports: tuple[int, ...]
    target: str | None
    """Where to write; None: to standard output."""
    zone: tzinfo
    color: str
    ascii_only: bool
    only: tuple[str, ...]
    """Phones, by name, MAC address or address; none: all."""
    since: int | time | None
    """Nanoseconds since 1970, or a time of day."""
    until: int | time | None
    keylogs: tuple[str, ...] = ()
    """Key logs to decrypt with."""
    rsa_keys: tuple[str, ...] = ()
    rsa_key_password_file: str | None = None
    show_secrets: bool = False
    """Whether to show passwords in decrypted messages."""

    def analysis_options(self, other_ports: frozenset[int] = frozenset()) -> Options:
        """The analysis's options, as far as all commands share them."""
        with loading():
            from capfpcap.analysis import Options, Span  # noqa: PLC0415 - loads NumPy

        return Options(
            capf_ports=frozenset(self.capf_ports),
            other_ports=other_ports,
            only=self.only,
            span=Span(self.since, self.until),
            secrets=load_keys(self.keylogs, self.rsa_keys, self.rsa_key_password_file),
            show_secrets=self.show_secrets,
        )


def captured(function: Callable[..., Any]) -> Callable[..., Any]:
    """The arguments and options of a command that reads captures, given to it as one."""
    return _given(function, (debug, screen, output_file, capf_port))


def looked_at(function: Callable[..., Any]) -> Callable[..., Any]:
    """The same of a command that writes no file."""
    given = _given(function, (debug, screen, capf_port))

    @wraps(given)
    def command(**others: Any) -> Any:
        return given(target=None, **others)

    return command


def _given(
    function: Callable[..., Any], decorators: Iterable[Callable[..., Any]]
) -> Callable[..., Any]:
    @wraps(function)
    def command(**others: Any) -> Any:
        roles = {name: others.pop(name) for name in PLACES}
        common = {name: others.pop(name) for name in Given._fields if name != "roles"}
        return function(Given(roles=roles, **common), **others)

    for decorate in (*decorators, show_secrets, key_files, _span, only, _roles, _captures):
        decorate(command)
    return command


def _captures(function: _Function) -> _Function:
    return click.argument("captures", nargs=-1, metavar="CAPTURE...", type=FILE)(function)


def _roles(function: _Function) -> _Function:
    for name, where in reversed(PLACES.items()):
        click.option(
            f"--{name}",
            metavar="FILE",
            type=FILE,
            multiple=True,
            help=f"Capture taken {where}; once for each file of a ring buffer.",
        )(function)
    return function


def only(function: _Function) -> _Function:
    """Phones to look at."""
    return click.option(
        "--only",
        metavar="PHONE",
        multiple=True,
        help="Only this phone, by name, MAC or address; several: the option again.",
    )(function)


def _span(function: _Function) -> _Function:
    for name, which in (("until", "until"), ("since", "from")):
        click.option(
            f"--{name}",
            metavar="TIME",
            callback=_moment,
            help=f"Only what was done {which} then, by the capture's clock: {moments.EXAMPLES}.",
        )(function)
    return function


def _moment(
    context: click.Context, parameter: click.Parameter, text: str | None
) -> int | time | None:
    """A time in the zone of ``--tz``, which is therefore told first."""
    if text is None:
        return None
    try:
        return moments.moment(text, context.params["zone"], to_its_end=parameter.name == "until")
    except ValueError as error:
        raise click.BadParameter(str(error), context, parameter) from error


def debug(function: _Function) -> _Function:
    """``--debug``, which stands before a command or behind it."""
    return click.option(
        "--debug",
        is_flag=True,
        expose_value=False,
        callback=_note_debug,
        help="Show where in the program a failure arose.",
    )(function)


def _note_debug(context: click.Context, parameter: click.Parameter, wanted: bool) -> None:  # noqa: ARG001
    if wanted:
        console.want_traceback()


def capf_port(function: _Function) -> _Function:
    """Further ports of the CAPF service."""
    return click.option(
        "--capf-port",
        "capf_ports",
        type=click.IntRange(1, 65535),
        multiple=True,
        help="CAPF listens there too (one that a phone's configuration names is found unasked).",
    )(function)


def written_as(*formats: str) -> Callable[[_Function], _Function]:
    """In which of several formats to write, the first one unless another is asked for."""
    return click.option(
        "--format",
        "format_name",
        type=click.Choice(formats),
        default=formats[0],
        show_default=True,
        help="How it is written.",
    )


def times(function: _Function) -> _Function:
    """Which time a drawing tells."""
    return click.option(
        "--times",
        type=click.Choice(["clock", "relative"]),
        default="clock",
        show_default=True,
        help="Time of day, or seconds since the first message.",
    )(function)


def output_file(function: _Function) -> _Function:
    """Where to write."""
    return click.option(
        "-o",
        "--output",
        "target",
        metavar="FILE",
        type=FILE,
        help="Write there, whole or not at all, instead of to standard output.",
    )(function)


def screen(function: _Function) -> _Function:
    """What concerns the reader's eyes: time zone and colour."""
    zone = click.option(
        "--tz",
        "zone",
        metavar="ZONE",
        default="UTC",
        is_eager=True,
        callback=zone_called,
        show_default=True,
        help="Show times in this zone: a name like Europe/Berlin, or local.",
    )
    return zone(screen_color(function))


def screen_color(function: _Function) -> _Function:
    """Whether there is colour, and more than ASCII."""
    plain = click.option(
        "--ascii",
        "ascii_only",
        is_flag=True,
        help="Text in ASCII alone, as under LC_ALL=C.",
    )
    color = click.option(
        "--color",
        type=click.Choice(["auto", "always", "never"]),
        default="auto",
        show_default=True,
        help="Colour; auto follows the terminal and NO_COLOR.",
    )
    return color(plain(function))


def similar(word: str, known: Iterable[str]) -> str:
    """A hint at what ``word`` may have meant, or an empty string: ``; did you mean a or b?``."""
    words = list(known)
    import difflib  # noqa: PLC0415 - only for words that are wrong

    close = difflib.get_close_matches(word, words, n=3, cutoff=0.5)
    close = close or [candidate for candidate in words if word and word in candidate][:3]
    return f"; did you mean {' or '.join(close)}?" if close else ""
