"""``capfpcap schema``: the contracts of what the program writes as JSON."""

from __future__ import annotations

import click

from capfpcap.cli.output import opened


@click.command(name="schema", short_help="Print the JSON Schema of the JSON report.")
@click.argument("of", type=click.Choice(["check", "reach"]), default="check")
def command(of: str) -> None:
    """Print the JSON Schema of what 'capfpcap check --format json' writes, or 'capfpcap reach'."""
    from capfpcap.formats import schema  # noqa: PLC0415 - with the report model

    with opened(None) as write:
        write(schema.reach_schema() if of == "reach" else schema.report_schema())
