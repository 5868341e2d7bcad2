"""Names of modules given other values for a while.

Limits are set low, so that small inputs reach what lies behind them, and shortcuts are taken out.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType


@contextmanager
def replaced(module: ModuleType, **values: object) -> Iterator[None]:
    """Give names of ``module`` other values."""
    before = {name: getattr(module, name) for name in values}
    try:
        for name, value in values.items():
            setattr(module, name, value)
        yield
    finally:
        for name, value in before.items():
            setattr(module, name, value)
