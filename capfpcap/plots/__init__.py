"""Pictures for a page: drawn by matplotlib, which is loaded here and nowhere else.

Nothing of the user's matters to them: no style, no backend, no remark of the library.
"""

from __future__ import annotations

import logging
import os

logging.getLogger("matplotlib").setLevel(logging.CRITICAL)
os.environ["MPLBACKEND"] = "agg"
os.environ["MATPLOTLIBRC"] = os.devnull
