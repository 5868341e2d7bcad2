"""What drives tshark in these tests: itself by a subprocess, and pyshark."""

from __future__ import annotations

import pytest


@pytest.fixture(params=[False, True], ids=["subprocess", "pyshark"])
def by_pyshark(request: pytest.FixtureRequest) -> bool:
    driven: bool = request.param
    return driven
