"""``--phone`` where it names a phone as well as a capture taken there."""

from __future__ import annotations

from capfpcap.cli.options import Given
from capfpcap.cli.paths import meant_for_a_file

_PHONE = "phone"
"""The role whose option names a phone as well, by what no file is called."""


def told_apart(given: Given) -> Given:
    """What was given, with the phones that ``--phone`` names among those asked for."""
    values = given.roles[_PHONE]
    files = tuple(filter(meant_for_a_file, values))
    names = tuple(value for value in values if value not in files)
    roles = {**given.roles, _PHONE: files}
    return given._replace(roles=roles, only=(*given.only, *names))
