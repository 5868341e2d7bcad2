"""``capfpcap schema``: the contract of the JSON report."""

from __future__ import annotations

import click

from capfpcap.cli.output import opened


@click.command(name="schema", short_help="Print the JSON Schema of the JSON report.")
def command() -> None:
    """Print the JSON Schema of what 'capfpcap check --format json' writes."""
    from capfpcap.formats.schema import report_schema  # noqa: PLC0415 - with the report model

    with opened(None) as write:
        write(report_schema())
