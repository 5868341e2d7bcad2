"""A ladder as SVG: one file that needs nothing else, on a white ground."""

from __future__ import annotations

from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from capfpcap.formats.ladders.picture import picture_of
from capfpcap.formats.ladders.shapes import Box, Disc, Line, Part, Picture, Polygon, Shape, Text
from capfpcap.formats.ladders.words import Times
from capfpcap.formats.page import Page
from capfpcap.ladder.model import Ladder

_FONTS = "'DejaVu Sans Mono', Consolas, Menlo, 'Liberation Mono', monospace"
_HALO = ' stroke="#ffffff" stroke-width="3" stroke-linejoin="round" paint-order="stroke"'


def render(ladder: Ladder, page: Page, times: Times = Times.CLOCK) -> Iterator[bytes]:
    """The picture as SVG 1.1, part by part."""
    picture = picture_of(ladder, page, times)
    yield _opening(picture).encode()
    for part in picture.parts:
        yield _part(part).encode()
    yield b"</svg>\n"


def _opening(picture: Picture) -> str:
    width, height = _number(picture.width), _number(picture.height)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" role="img" aria-labelledby="title description" '
        f'font-family="{_FONTS}">\n'
        f'<title id="title">{escape(picture.title)}</title>\n'
        f'<desc id="description">{escape(picture.description)}</desc>\n'
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>\n'
    )


def _part(part: Part) -> str:
    told = f"<title>{escape(part.told)}</title>" if part.told else ""
    return f"<g id={quoteattr(part.name)}>{told}{''.join(map(_shape, part.shapes))}</g>\n"


def _shape(shape: Shape) -> str:
    match shape:
        case Line():
            dashes = ",".join(map(_number, shape.dashes))
            dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
            ends = (
                f'x1="{_number(shape.x1)}" y1="{_number(shape.y1)}" '
                f'x2="{_number(shape.x2)}" y2="{_number(shape.y2)}"'
            )
            width = _number(shape.width)
            return f'<line {ends} stroke="{shape.ink.value}" stroke-width="{width}"{dashed}/>'
        case Polygon():
            points = " ".join(f"{_number(x)},{_number(y)}" for x, y in shape.points)
            return f'<polygon points="{points}" fill="{shape.ink.value}"/>'
        case Disc():
            place = f'cx="{_number(shape.x)}" cy="{_number(shape.y)}" r="{_number(shape.radius)}"'
            return f'<circle {place} fill="{shape.fill.value}" stroke="{shape.border.value}"/>'
        case Box():
            border = f' stroke="{shape.border.value}"' if shape.border is not None else ""
            place = f'x="{_number(shape.x)}" y="{_number(shape.y)}"'
            size = f'width="{_number(shape.width)}" height="{_number(shape.height)}"'
            return f'<rect {place} {size} fill="{shape.fill.value}"{border}/>'
        case Text():
            return _text(shape)


def _text(text: Text) -> str:
    anchor = "" if text.anchor.value == "start" else f' text-anchor="{text.anchor.value}"'
    weight = ' font-weight="bold"' if text.strong else ""
    return (
        f'<text x="{_number(text.x)}" y="{_number(text.y)}" font-size="{_number(text.size)}" '
        f'fill="{text.ink.value}" xml:space="preserve"{anchor}{weight}'
        f"{_HALO if text.on_lines else ''}>{escape(text.words)}</text>"
    )


def _number(value: float) -> str:
    """At most two decimals, and none where they are zero."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
