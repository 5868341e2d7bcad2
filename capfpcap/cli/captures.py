"""From the files of a command line to their analysis."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, TypeVar

import click

from capfpcap.capture.names import given_twice
from capfpcap.cli.console import ProgressBar, complain
from capfpcap.cli.errors import CommandError, reason
from capfpcap.cli.exit_status import ExitStatus
from capfpcap.cli.loading import loading
from capfpcap.cli.options import Given
from capfpcap.cli.paths import expanded, stands_for_something

if TYPE_CHECKING:
    from capfpcap.analysis import Analysis, CaptureInput, Options
    from capfpcap.report import Report

_Result = TypeVar("_Result")


def files_of(given: Given) -> list[str]:
    """Every capture file that a command line names, whatever its role."""
    return expanded([*given.captures, *chain.from_iterable(given.roles.values())])


def sources_of(given: Given) -> Iterator[tuple[str, list[str]]]:
    """The files of each recorder, with a name for it: of a role, of a folder, or all the others."""
    for role, paths in given.roles.items():
        if paths:
            yield f"--{role}", expanded(paths)
    files = []
    for path in given.captures:
        found = expanded([path])
        if found == [path]:
            files.append(path)
        else:
            yield path, found
    if files:
        yield files[0] if len(files) == 1 else f"all {len(files)} captures", files


def analysis_of(given: Given, options: Options) -> Analysis:
    """Analyse the captures, with a progress bar where somebody may look at one.

    Raises :class:`CommandError` where none can be read, :class:`click.UsageError` where none is
    given or one is given twice.
    """
    from capfpcap.analysis import analyze  # noqa: PLC0415 - loads NumPy

    return _read(analyze, given, options)


def report_on(given: Given, options: Options, format_name: str) -> Report:
    """The report on the captures, to be rendered so; otherwise like :func:`analysis_of`."""
    from capfpcap.analysis import check  # noqa: PLC0415 - loads NumPy
    from capfpcap.formats import flows_kept_for  # noqa: PLC0415

    return _read(partial(check, kept_as=flows_kept_for(format_name)), given, options)


def _read(read: Callable[..., _Result], given: Given, options: Options) -> _Result:
    """What ``read`` makes of the captures, or of what was given without any."""
    alone = options.evidence is not None and not given.captures and not any(given.roles.values())
    inputs = [] if alone else inputs_of(given)

    from capfpcap.capture.columns import CaptureError  # noqa: PLC0415
    from capfpcap.enrolment.choice import NotShownError  # noqa: PLC0415

    try:
        with ProgressBar() as progress:
            return read(inputs, options, progress=progress)
    except (CaptureError, NotShownError) as error:
        raise CommandError(str(error)) from error
    except OSError as error:
        name = f" {error.filename}" if error.filename else " a capture"
        raise CommandError(f"cannot read{name}: {reason(error)}") from error


def inputs_of(given: Given) -> list[CaptureInput]:
    """What the captures of a command line are to the analysis.

    Raises :class:`click.UsageError` where none is given or one is given twice.
    """
    inputs = list(_inputs(given))
    twice = given_twice(path for each in inputs for path in each.paths)
    if twice is not None:
        raise click.UsageError(twice, click.get_current_context(silent=True))
    return inputs


def _inputs(given: Given) -> Iterator[CaptureInput]:
    """One input for each capture without a role, one for all the files of each role."""
    if not given.captures and not any(given.roles.values()):
        raise click.UsageError("no capture is given", click.get_current_context(silent=True))
    _refuse_phones(given)

    from capfpcap.analysis import CaptureInput  # noqa: PLC0415 - loads NumPy
    from capfpcap.report import Role  # noqa: PLC0415

    for role, paths in given.roles.items():
        if paths:
            yield CaptureInput(paths=tuple(expanded(paths)), role=Role(role))
    for path in expanded(given.captures):
        yield CaptureInput(paths=(path,))


def _refuse_phones(given: Given) -> None:
    """Say what was meant by a phone where a capture belongs."""
    with loading():
        from capfpcap.enrolment.choice import looks_like_a_phone  # noqa: PLC0415 - loads NumPy

    places = [(f"--{role}", path) for role, paths in given.roles.items() for path in paths]
    for option, text in [*places, *(("CAPTURE", path) for path in given.captures)]:
        if looks_like_a_phone(text) and not stands_for_something(text):
            raise click.UsageError(
                f"{option} takes a file; to see the phone {text} alone: --only {text}",
                click.get_current_context(silent=True),
            )


def complain_of(analysis: Analysis) -> ExitStatus:
    """Tell what could not be read or judged, where no report does; the status to end with.

    What was left out for a reason is told as well, and what keys do not open.
    """
    from capfpcap.compose import remarks_on_left_out, remarks_on_secrets  # noqa: PLC0415

    scene = analysis.scene
    sentences = analysis.notes, remarks_on_left_out(scene.points), remarks_on_secrets(scene)
    for sentence in chain.from_iterable(sentences):
        complain(sentence)
    return ExitStatus.UNKNOWN if analysis.notes else ExitStatus.OK


def shown_options(given: Given) -> Options:
    """The options of commands that show flows: dissectors of other distributions are used."""
    with loading():
        from capfpcap.timeline.plugins import plugin_ports, plugins  # noqa: PLC0415 - loads NumPy

    for plugin in plugins():
        if plugin.problem is not None:
            complain(f"the dissector {plugin.name} cannot be used: {plugin.problem}")
    return given.analysis_options(plugin_ports())
