"""``capfpcap explain``: what a finding's code means."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from capfpcap.cli import completion, options
from capfpcap.cli.output import opened, page_of

if TYPE_CHECKING:
    from collections.abc import Collection

    from capfpcap.formats.page import Page


@click.command(name="explain", short_help="Explain a finding's code, or list all codes.")
@click.argument("code", required=False, shell_complete=completion.codes)
@options.screen_color
def command(code: str | None, color: str, *, ascii_only: bool) -> None:
    """Explain a finding's CODE: what it means, what to do, how it is found, an example, sources.

    The beginning of a code is enough where only one begins so. Without a CODE all are listed.
    """
    page = page_of(None, color, ascii_only=ascii_only)
    with opened(None) as write:
        write(_listing(page) if code is None else _page_of_code(code.strip().lower(), page))


def _page_of_code(word: str, page: Page) -> bytes:
    from capfpcap.explanations import explanation_of  # noqa: PLC0415 - with the catalogue
    from capfpcap.formats import catalogue  # noqa: PLC0415
    from capfpcap.rules.catalogue import CATALOGUE  # noqa: PLC0415

    code = _code_of(word, CATALOGUE)
    return catalogue.one(CATALOGUE[code], explanation_of(code), page)


def _code_of(word: str, known: Collection[str]) -> str:
    """The code that ``word`` is, or the only one that begins with it.

    Raises:
        click.UsageError: there is none, or there are several, which are named.
    """
    if word in known:
        return word
    begun = [code for code in known if code.startswith(word)] if word else []
    if len(begun) == 1:
        return begun[0]
    if begun:
        hint = f"; these begin so: {', '.join(begun)}"
    else:
        hint = options.similar(word, known) or "; without a code all are listed"
    raise click.UsageError(f"there is no code {word}{hint}", click.get_current_context())


def _listing(page: Page) -> bytes:
    from capfpcap.formats import catalogue  # noqa: PLC0415 - with the catalogue
    from capfpcap.rules.catalogue import CATALOGUE  # noqa: PLC0415

    return catalogue.all_codes(CATALOGUE.values(), page)
