"""``capfpcap schema``: the contracts of what the program writes as JSON."""

from __future__ import annotations

import click

from capfpcap.cli.output import opened


@click.command(name="schema", short_help="Print the JSON Schema of the JSON report.")
@click.argument(
    "of",
    type=click.Choice(["check", "reach", "ladder", "inventory", "itl", "itl-diff"]),
    default="check",
)
def command(of: str) -> None:
    """Print the JSON Schema of what 'capfpcap check --format json' writes, or another command."""
    from capfpcap.formats import schema  # noqa: PLC0415 - with the report model

    schemas = {
        "check": schema.report_schema,
        "reach": schema.reach_schema,
        "ladder": schema.ladder_schema,
        "inventory": schema.inventory_schema,
        "itl": schema.itl_schema,
        "itl-diff": schema.itl_diff_schema,
    }
    with opened(None) as write:
        write(schemas[of]())
