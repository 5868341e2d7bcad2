"""``capfpcap explain``: what a finding's code means."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from capfpcap.cli import completion, options
from capfpcap.cli.output import opened, page_of

if TYPE_CHECKING:
    from capfpcap.formats.page import Page


@click.command(name="explain", short_help="Explain a finding's code, or list all codes.")
@click.argument("code", required=False, shell_complete=completion.codes)
@options.screen_color
def command(code: str | None, color: str, *, ascii_only: bool) -> None:
    """Explain a finding's CODE: meaning, how it is told, what it is not, and the remedy.

    Without a CODE all of them are listed.
    """
    page = page_of(None, color, ascii_only=ascii_only)
    with opened(None) as write:
        write(_listing(page) if code is None else _page_of_code(code.strip().lower(), page))


def _page_of_code(code: str, page: Page) -> bytes:
    from capfpcap.formats import catalogue  # noqa: PLC0415 - with the catalogue
    from capfpcap.rules.catalogue import CATALOGUE  # noqa: PLC0415

    if code not in CATALOGUE:
        hint = options.similar(code, CATALOGUE) or "; without a code all are listed"
        raise click.UsageError(f"there is no code {code}{hint}", click.get_current_context())
    return catalogue.one(CATALOGUE[code], page)


def _listing(page: Page) -> bytes:
    from capfpcap.formats import catalogue  # noqa: PLC0415 - with the catalogue
    from capfpcap.rules.catalogue import CATALOGUE  # noqa: PLC0415

    return catalogue.all_codes(CATALOGUE.values(), page)
