"""Limits set low for a while, so that small inputs reach what lies behind them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType


@contextmanager
def limits(module: ModuleType, **values: int) -> Iterator[None]:
    """Give constants of ``module`` other values."""
    before = {name: getattr(module, name) for name in values}
    try:
        for name, value in values.items():
            setattr(module, name, value)
        yield
    finally:
        for name, value in before.items():
            setattr(module, name, value)
