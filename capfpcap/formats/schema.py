"""The JSON Schema of the report, with the descriptions that the model's docstrings hold."""

from __future__ import annotations

import ast
import inspect
import json
import re

import msgspec

from capfpcap import report
from capfpcap.report import SCHEMA_VERSION, Report

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_ROLE = re.compile(r":\w+:`([^`]+)`")


def report_schema() -> bytes:
    """The schema as indented JSON; the same for the same ``schema_version``."""
    schema = msgspec.json.schema(Report)
    described = {
        "$schema": DIALECT,
        "title": f"Report of capfpcap check, schema version {SCHEMA_VERSION}",
        "description": _plain(inspect.getdoc(report) or ""),
        **schema,
    }
    for name, fields in _field_descriptions().items():
        properties = schema["$defs"].get(name, {}).get("properties", {})
        for field_name, description in fields.items():
            if field_name in properties:
                properties[field_name] = {"description": description, **properties[field_name]}
    for definition in schema["$defs"].values():
        if "description" in definition:
            definition["description"] = _plain(definition["description"])
    return json.dumps(described, indent=2, ensure_ascii=False).encode() + b"\n"


def _field_descriptions() -> dict[str, dict[str, str]]:
    """The strings that stand below the fields of the model, which Python itself forgets."""
    tree = ast.parse(inspect.getsource(report))
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
