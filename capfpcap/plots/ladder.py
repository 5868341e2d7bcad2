"""The picture of a ladder, drawn by matplotlib from the shapes that SVG has too."""

from __future__ import annotations

from typing import Literal

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Circle, Rectangle
from matplotlib.patches import Polygon as Outline
from matplotlib.patheffects import withStroke

from capfpcap.formats.ladders.picture import picture_of
from capfpcap.formats.ladders.shapes import Anchor, Box, Disc, Line, Picture, Polygon, Shape, Text
from capfpcap.formats.ladders.words import Times
from capfpcap.formats.page import Page
from capfpcap.ladder.model import Ladder
from capfpcap.plots.canvas import PIXELS_AN_INCH, figure, font, shown, styled, written

MOST_ITEMS = 400
"""Arrows, gaps and headings of one picture; as many make it fourteen thousand pixels high."""

_POINTS = 72 / PIXELS_AN_INCH
"""Of a pixel."""
_ALIGNED: dict[Anchor, Literal["left", "center", "right"]] = {
    Anchor.START: "left",
    Anchor.MIDDLE: "center",
    Anchor.END: "right",
}


def ladder_picture(ladder: Ladder, page: Page, name: str, times: Times = Times.CLOCK) -> bytes:
    """A ladder as PNG, SVG or PDF."""
    with styled():
        return written(drawn(picture_of(ladder, page, times, MOST_ITEMS)), name)


def drawn(picture: Picture) -> Figure:
    """A picture as a figure, pixel by pixel."""
    made = figure(picture.width, picture.height)
    axes = made.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set_xlim(0, picture.width)
    axes.set_ylim(picture.height, 0)
    order = 0
    for part in picture.parts:
        for shape in part.shapes:
            order += 1
            _draw(axes, shape, order)
    return made


def _draw(axes: Axes, shape: Shape, order: int) -> None:
    match shape:
        case Line():
            dashes = (0, tuple(length / shape.width for length in shape.dashes))
            axes.add_line(
                Line2D(
                    (shape.x1, shape.x2),
                    (shape.y1, shape.y2),
                    color=shape.ink.value,
                    linewidth=shape.width * _POINTS,
                    linestyle=dashes if shape.dashes else "-",
                    zorder=order,
                )
            )
        case Polygon():
            axes.add_patch(Outline(shape.points, color=shape.ink.value, linewidth=0, zorder=order))
        case Disc():
            place = shape.x, shape.y
            fill, border = shape.fill.value, shape.border.value
            axes.add_patch(
                Circle(place, shape.radius, facecolor=fill, edgecolor=border, zorder=order)
            )
        case Box():
            border = "none" if shape.border is None else shape.border.value
            axes.add_patch(
                Rectangle(
                    (shape.x, shape.y),
                    shape.width,
                    shape.height,
                    facecolor=shape.fill.value,
                    edgecolor=border,
                    linewidth=_POINTS,
                    zorder=order,
                )
            )
        case Text():
            _write(axes, shape, order)


def _write(axes: Axes, text: Text, order: int) -> None:
    face = font("DejaVuSansMono-Bold" if text.strong else "DejaVuSansMono")
    face.set_size(text.size * _POINTS)
    written_text = axes.text(
        text.x,
        text.y,
        shown(text.words),
        color=text.ink.value,
        fontproperties=face,
        horizontalalignment={"start": "left", "middle": "center", "end": "right"}[
            text.anchor.value
        ],
        verticalalignment="baseline",
        zorder=order,
    )
    if text.on_lines:
        written_text.set_path_effects([withStroke(linewidth=2.2, foreground="white")])
