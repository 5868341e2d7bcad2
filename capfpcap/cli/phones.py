"""``--phone`` where it names a phone as well as a capture taken there."""

from __future__ import annotations

import click

from capfpcap.cli.options import Given
from capfpcap.cli.paths import stands_for_something

_PHONE = "phone"
"""The role whose option names a phone as well, by what no file is called."""


def told_apart(given: Given) -> tuple[Given, str | None]:
    """The captures that were given, and the phone that ``--phone`` names, if it names one.

    Whatever is no path to anything is the name of a phone.
    """
    values = given.roles[_PHONE]
    files = tuple(filter(stands_for_something, values))
    names = [value for value in values if value not in files]
    if len(names) > 1:
        raise click.UsageError(
            f"--phone names two phones, {names[0]} and {names[1]}",
            click.get_current_context(silent=True),
        )
    return given._replace(roles={**given.roles, _PHONE: files}), names[0] if names else None
