"""What screens ask, one file a subject: the question, how the engine answers it, the answer."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

ALL_MODULES = tuple(import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__))
"""Imported so that the engine knows every question that there is."""
