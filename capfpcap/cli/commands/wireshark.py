"""``capfpcap wireshark``: the dissectors for Wireshark, put where it finds them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from capfpcap.cli.console import complain
from capfpcap.cli.errors import CommandError, reason
from capfpcap.cli.output import opened
from capfpcap.formats.harmless import harmless

if TYPE_CHECKING:
    from capfpcap.tshark.personal import Found

HELP = """Put the dissectors of CAPF, TVS and trust lists into Wireshark's folder of plugins.

\b
  install    copy capf.lua there; one of an older or newer version is replaced
  uninstall  remove it
  path       print where it is, or would be

tshark is asked for the folder. A file of that name that is not capfpcap's is neither
overwritten nor removed.

Exit status: 0 done, 3 it could not be done.
"""
_RELOAD = "In a Wireshark that is open: Analyze > Reload Lua Plugins."


@click.command(
    name="wireshark", help=HELP, short_help="Install the dissectors of CAPF for Wireshark."
)
@click.argument(
    "action",
    type=click.Choice(["install", "uninstall", "path"]),
    metavar="{install|uninstall|path}",
    required=False,
)
@click.option(
    "--folder",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="The folder of plugins, in place of the one that tshark names.",
)
def command(action: str | None, folder: Path | None) -> None:
    """Find the file's place, and do what is asked."""
    from capfpcap.tshark.errors import TsharkError  # noqa: PLC0415 - with msgspec

    if action is None:
        raise click.UsageError("say what to do: install, uninstall or path")
    try:
        where = _found(_asked() if folder is None else _given(folder))
        told = {"install": _install, "uninstall": _uninstall, "path": _path}[action](where)
    except TsharkError as error:
        raise CommandError(str(error)) from error
    with opened(None) as write:
        write(f"{told}\n".encode(errors="surrogateescape"))


def _asked() -> Path:
    from capfpcap.tshark.personal import personal_folder  # noqa: PLC0415
    from capfpcap.tshark.program import find_tshark  # noqa: PLC0415
    from capfpcap.tshark.root import refuses_lua  # noqa: PLC0415

    program = find_tshark()
    if refuses_lua(program.version):
        complain(f"{program.name} loads no plugin in Lua when root runs it; other users' it does")
    return personal_folder(program)


def _given(folder: Path) -> Path:
    if not folder.is_dir():
        raise CommandError(f"{folder} is not a directory")
    return folder.absolute()


def _found(folder: Path) -> Found:
    from capfpcap.tshark.personal import find_in  # noqa: PLC0415

    try:
        return find_in(folder)
    except OSError as error:
        raise CommandError(f"cannot read {folder}: {reason(error)}") from error


def _path(where: Found) -> str:
    return str(where.path)


def _install(where: Found) -> str:
    from capfpcap.tshark.personal import own_file, version_of  # noqa: PLC0415

    if where.exists and where.version is None:
        raise CommandError(f"will not overwrite {where.path}: it is not capfpcap's")
    content = own_file()
    now = version_of(content)
    try:
        where.path.parent.mkdir(parents=True, exist_ok=True)
        if where.exists and where.path.read_bytes() == content:
            return f"{_shown(where.path)} is there already, version {now}."
    except OSError as error:
        raise CommandError(f"cannot write {where.path}: {reason(error)}") from error
    with opened(str(where.path)) as write:
        write(content)
    before = f" in place of version {where.version}" if where.version else ""
    return f"Installed {_shown(where.path)}, version {now}{before}.\n{_RELOAD}"


def _uninstall(where: Found) -> str:
    if not where.exists:
        return f"There is no {_shown(where.path)}: nothing to remove."
    if where.version is None:
        raise CommandError(f"will not remove {where.path}: it is not capfpcap's")
    try:
        where.path.unlink()
    except OSError as error:
        raise CommandError(f"cannot remove {where.path}: {reason(error)}") from error
    return f"Removed {_shown(where.path)}, version {where.version}.\n{_RELOAD}"


def _shown(path: Path) -> str:
    return harmless(str(path))
