"""A matplotlib figure that comes out the same every time, whatever text it is given.

Text from packets is made harmless before; here it is kept from being taken for mathematics
(``$…$``), and characters that the font lacks are written as escapes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.ft2font import FT2Font

from capfpcap.formats.harmless import MAX_FIELD, harmless

PIXELS_AN_INCH = 96
"""In which sizes on a screen are told."""
_DOTS_AN_INCH = 192
"""Of a PNG: twice what a plain screen has, which paper needs."""
_MOST_DOTS = 65_000
"""Of a side of a PNG; the drawing library ends at 65,536."""
_FONTS = Path(mpl.get_data_path()) / "fonts" / "ttf"
_STYLE: Any = {
    "font.size": 9,
    "text.parse_math": False,
    "axes.formatter.use_mathtext": False,
    "axes.edgecolor": "#767676",
    "axes.titlesize": 10,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#e4e4e4",
    "legend.frameon": False,
    "svg.hashsalt": "capfpcap",
    "pdf.fonttype": 42,
    "path.simplify": True,
    "agg.path.chunksize": 20_000,
}
_METADATA: dict[str, dict[str, str | None]] = {
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}
FORMATS = tuple(_METADATA)


def font(name: str = "DejaVuSans") -> FontProperties:
    """One of the fonts that come with matplotlib, so that none of the system's is asked."""
    return FontProperties(fname=str(_FONTS / f"{name}.ttf"))


@contextmanager
def styled() -> Iterator[None]:
    """The settings in which figures are drawn and written, whatever the user has set."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(_STYLE)
        yield


def figure(width: float, height: float) -> Figure:
    """An empty figure, in pixels of 96 an inch."""
    return Figure(figsize=(width / PIXELS_AN_INCH, height / PIXELS_AN_INCH), facecolor="white")


def written(drawn: Figure, name: str) -> bytes:
    """A figure as a file of a format: of the same figure always the same."""
    buffer = BytesIO()
    height = max(drawn.get_size_inches())
    dots = min(_DOTS_AN_INCH, int(_MOST_DOTS / height))
    drawn.savefig(buffer, format=name, dpi=dots, metadata=_METADATA[name])
    return buffer.getvalue()


def shown(text: str, limit: int = MAX_FIELD) -> str:
    """``text`` harmless, with an escape in place of each character that the fonts lack."""
    plain = harmless(text, limit)
    if plain.isascii():
        return plain
    known = _characters()
    return "".join(one if ord(one) in known else f"\\u{ord(one):04x}" for one in plain)


@lru_cache(1)
def _characters() -> frozenset[int]:
    """The characters that both fonts have."""
    fonts = ("DejaVuSans", "DejaVuSansMono", "DejaVuSans-Bold", "DejaVuSansMono-Bold")
    charmaps = (FT2Font(str(_FONTS / f"{name}.ttf")).get_charmap() for name in fonts)
    return frozenset.intersection(*map(frozenset, charmaps))
