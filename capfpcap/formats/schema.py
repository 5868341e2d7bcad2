"""The JSON Schemas of reports, with the descriptions that the models' docstrings hold."""

from __future__ import annotations

import ast
import inspect
import json
import re
from types import ModuleType

import msgspec

from capfpcap import report

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_REPORT = (report, report.flows, report.words)
"""The modules that define the report's model."""
_ROLE = re.compile(r":\w+:`([^`]+)`")


def report_schema() -> bytes:
    """The schema of what ``capfpcap check`` writes as JSON; the same for one ``schema_version``."""
    title = f"Report of capfpcap check, schema version {report.SCHEMA_VERSION}"
    return _schema(report.Report, title, *_REPORT)


def reach_schema() -> bytes:
    """The schema of what ``capfpcap reach`` writes as JSON."""
    from capfpcap.report import reach  # noqa: PLC0415 - not for the report's schema

    title = f"Matrix of capfpcap reach, schema version {reach.SCHEMA_VERSION}"
    return _schema(reach.ReachReport, title, reach, *_REPORT)


def ladder_schema() -> bytes:
    """The schema of what ``capfpcap ladder`` writes as JSON."""
    from capfpcap.ladder import model, words  # noqa: PLC0415 - not for the report's schema

    title = f"Ladder of capfpcap ladder, schema version {model.SCHEMA_VERSION}"
    return _schema(model.Ladder, title, model, words, *_REPORT)


def inventory_schema() -> bytes:
    """The schema of what ``capfpcap inventory`` writes as JSON."""
    from capfpcap.inventory import model  # noqa: PLC0415 - not for the report's schema

    title = f"Certificates of capfpcap inventory, schema version {model.SCHEMA_VERSION}"
    return _schema(model.Inventory, title, model, *_REPORT)


def itl_schema() -> bytes:
    """The schema of what ``capfpcap itl`` writes as JSON."""
    from capfpcap.inspection import trust_lists  # noqa: PLC0415 - not for the report's schema
    from capfpcap.inspection.held import description  # noqa: PLC0415

    title = f"Trust lists of capfpcap itl, schema version {description.SCHEMA_VERSION}"
    return _schema(description.HeldFiles, title, description, trust_lists)


def itl_diff_schema() -> bytes:
    """The schema of what ``capfpcap itl diff`` writes as JSON."""
    from capfpcap.inspection import list_differences  # noqa: PLC0415 - not for the report's schema
    from capfpcap.inspection.held import comparison  # noqa: PLC0415

    title = f"Two lists of capfpcap itl diff, schema version {comparison.SCHEMA_VERSION}"
    return _schema(comparison.ListDiff, title, comparison, list_differences)


def _schema(model: type[msgspec.Struct], title: str, *modules: ModuleType) -> bytes:
    """The schema of a model as indented JSON; ``modules`` define it and what it is made of."""
    schema = msgspec.json.schema(model, schema_hook=_written_as_text)
    described = {
        "$schema": DIALECT,
        "title": title,
        "description": _plain(inspect.getdoc(modules[0]) or ""),
        **schema,
    }
    for module in modules:
        for name, fields in _field_descriptions(module).items():
            properties = schema["$defs"].get(name, {}).get("properties", {})
            for field_name, description in fields.items():
                if field_name in properties:
                    known = {"description": description, **properties[field_name]}
                    properties[field_name] = known
    for definition in schema["$defs"].values():
        if "description" in definition:
            definition["description"] = _plain(definition["description"])
    return json.dumps(described, indent=2, ensure_ascii=False).encode() + b"\n"


def _written_as_text(kind: type) -> dict[str, str]:
    """The schema of a type that JSON does not know: moments are written as text."""
    return {"type": "string", "format": "date-time", "description": inspect.getdoc(kind) or ""}


def _field_descriptions(module: ModuleType) -> dict[str, dict[str, str]]:
    """The strings that stand below the fields of a model, which Python itself forgets."""
    tree = ast.parse(inspect.getsource(module))
    return {
        node.name: dict(_documented(node)) for node in tree.body if isinstance(node, ast.ClassDef)
    }


def _documented(node: ast.ClassDef) -> list[tuple[str, str]]:
    found = []
    for field, below in zip(node.body, node.body[1:], strict=False):
        match field, below:
            case (
                ast.AnnAssign(target=ast.Name(id=name)),
                ast.Expr(value=ast.Constant(value=str(text))),
            ):
                found.append((name, _plain(text)))
    return found


def _plain(text: str) -> str:
    """``text`` on one line, without the marks of reStructuredText."""
    return " ".join(_ROLE.sub(r"\1", text).replace("``", "").split())
