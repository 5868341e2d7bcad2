"""A list of any number of rows, of which only those in sight are drawn.

Textual's table and option list make something of every row before they show the first. This one
asks its source for the rows on the screen, and remembers what they looked like.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import numpy.typing as npt
from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from capf_tui.widgets.columns import GAP
from capf_tui.widgets.painter import Painter, Source
from capf_tui.widgets.tone import Tone

Order = npt.NDArray[np.int64]
"""Row numbers in the order in which they are shown."""


class RowList(ScrollView, can_focus=True, inherit_bindings=False):
    """Shows the rows of a source, or some of them in some order, with one under the cursor."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "row-list--header",
        "row-list--cursor",
        "row-list--blurred",
        *(f"row-list--{tone.value}" for tone in Tone),
    }

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown,space", "page(1)", "Page down", show=False),
        Binding("u", "half_page(-1)", "Half a page up", show=False),
        Binding("d", "half_page(1)", "Half a page down", show=False),
        Binding("home,g", "first", "First row", show=False),
        Binding("end,G", "last", "Last row", show=False),
        Binding("left,h", "sideways(-8)", "Left", show=False),
        Binding("right,l", "sideways(8)", "Right", show=False),
    ]

    cursor: reactive[int] = reactive(0, repaint=False)
    """Position in the order."""

    class Highlighted(Message):
        """Another row is under the cursor; None: there is none."""

        def __init__(self, rows: RowList, row: int | None) -> None:
            super().__init__()
            self.rows = rows
            self.row = row

        @property
        def control(self) -> RowList:
            """The list."""
            return self.rows

    class Chosen(Highlighted):
        """The row under the cursor is to be opened."""

    class HeaderChosen(Message):
        """A column's title was clicked."""

        def __init__(self, rows: RowList, column: int) -> None:
            super().__init__()
            self.rows = rows
            self.column = column

        @property
        def control(self) -> RowList:
            """The list."""
            return self.rows

    def __init__(self, source: Source, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.source = source
        self.order: Order = np.arange(len(source))
        self.sorted_by: tuple[int, bool] | None = None
        """The column by which rows are sorted, and whether downwards."""
        self.nothing = ""
        """What stands in place of rows where there are none; of our own words."""
        self._painter = Painter(self, source)

    # What is shown

    @property
    def row(self) -> int | None:
        """The row under the cursor."""
        return int(self.order[self.cursor]) if 0 <= self.cursor < len(self.order) else None

    def show(self, order: Order) -> None:
        """Show these rows; the cursor stays on its row where that is among them."""
        before = self.row if self.cursor else None  # at the top it stays at the top
        self.order = order
        self._measure()
        kept = np.flatnonzero(order == before)
        self._put_cursor(int(kept[0]) if len(kept) else 0)
        self.forget()
        self.post_message(self.Highlighted(self, self.row))

    def lay_out(self) -> None:
        """Columns have other widths or titles."""
        self._measure()
        self.refresh()

    def go_to(self, row: int) -> bool:
        """Put the cursor on a row; whether it is shown."""
        found = np.flatnonzero(self.order == row)
        if not len(found):
            return False
        position, top = int(found[0]), round(self.scroll_y)
        if not top <= position < top + self._height:
            self._to_the_middle(position)
        self._put_cursor(position)
        return True

    def forget(self) -> None:
        """Draw all rows again: what they show has changed."""
        self._painter.forget()
        self.refresh()

    @property
    def columns_shown(self) -> list[int]:
        """The columns for which there is room."""
        return [placed.number for placed in self._painter.placed]

    def visible_rows(self) -> list[int]:
        """The rows on the screen."""
        top = round(self.scroll_y)
        return [int(row) for row in self.order[top : top + self._height]]

    # Drawing

    def render_line(self, y: int) -> Strip:
        """A line of the widget: the titles, then rows."""
        width, left = self.size.width, round(self.scroll_x)
        heads = self.source.heads(self.sorted_by)
        if y < len(heads):
            strip, kind = self._painter.head(heads[y]), "header"
        else:
            position = round(self.scroll_y) + y - len(heads)
            if position >= len(self.order):
                said = f" {self.nothing}" if position == 0 else ""
                style = self.get_component_rich_style("row-list--faint")
                return Strip([Segment(said, style)]).adjust_cell_length(width, self.rich_style)
            kind = self._kind(position)
            strip = self._painter.row(int(self.order[position]), kind)
        return strip.crop_extend(left, left + width, self._painter.base(kind))

    def _kind(self, position: int) -> str:
        if position != self.cursor:
            return ""
        return "cursor" if self.has_focus else "blurred"

    def notify_style_update(self) -> None:
        """The theme has changed."""
        super().notify_style_update()
        self._painter.forget(styles=True)
        self.refresh()

    def on_focus(self) -> None:
        """The cursor's line looks otherwise."""
        self.forget()

    def on_blur(self) -> None:
        """The cursor's line looks otherwise."""
        self.forget()

    # Size and place

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many lines as there are: Textual adds one for a bar that only wide rows need."""
        height = super().get_content_height(container, viewport, width)
        wide = self.virtual_size.width > self.scrollable_content_region.width
        return height - (0 if wide else self.styles.scrollbar_size_horizontal)

    @property
    def _height(self) -> int:
        """Rows that fit below the titles."""
        return max(self.size.height - self._heads, 1)

    @property
    def _heads(self) -> int:
        """Lines above the rows."""
        return len(self.source.heads(None))

    def on_resize(self) -> None:
        """Columns are placed again; a row that would be hidden comes to the middle."""
        self._measure()
        self.forget()
        if not round(self.scroll_y) <= self.cursor < round(self.scroll_y) + self._height:
            self._to_the_middle(self.cursor)

    def _measure(self) -> None:
        width = self.scrollable_content_region.width
        needed = self._painter.place(width)
        self.virtual_size = Size(max(needed, width) if width else 0, len(self.order) + self._heads)

    def _put_cursor(self, position: int) -> None:
        self.cursor = max(min(position, len(self.order) - 1), 0)
        self._into_sight()

    def _to_the_middle(self, position: int) -> None:
        """Scroll so that one sees what is around a row."""
        self.scroll_to(y=position - self._height // 2, animate=False, immediate=True)

    def _into_sight(self) -> None:
        top = round(self.scroll_y)
        wanted = min(max(top, self.cursor - self._height + 1), self.cursor)
        if wanted != top:
            self.scroll_to(y=wanted, animate=False, immediate=True)

    def watch_cursor(self, before: int, now: int) -> None:
        """Two lines look otherwise, and others want to know."""
        if before != now:
            above = self._heads - round(self.scroll_y)
            self.refresh_line(before + above)
            self.refresh_line(now + above)
            self.post_message(self.Highlighted(self, self.row))

    # Keys and mouse

    def action_move(self, rows: int) -> None:
        """Some rows up or down."""
        self._put_cursor(self.cursor + rows)

    def action_page(self, pages: int) -> None:
        """A screen full up or down."""
        self._put_cursor(self.cursor + pages * self._height)

    def action_half_page(self, pages: int) -> None:
        """Half a screen full up or down."""
        self._put_cursor(self.cursor + pages * max(self._height // 2, 1))

    def action_first(self) -> None:
        """To the first row."""
        self._put_cursor(0)

    def action_last(self) -> None:
        """To the last row."""
        self._put_cursor(len(self.order) - 1)

    def action_sideways(self, cells: int) -> None:
        """See more of rows that are wider than the screen."""
        self.scroll_to(x=self.scroll_x + cells, animate=False, immediate=True)

    def on_click(self, event: events.Click) -> None:
        """A click puts the cursor, a second one opens; one on a title sorts."""
        if event.y < self._heads:
            at = event.x + round(self.scroll_x)
            for placed in self._painter.placed:
                if placed.start <= at < placed.start + placed.width + GAP:
                    self.post_message(self.HeaderChosen(self, placed.number))
            return
        position = round(self.scroll_y) + event.y - self._heads
        if position < len(self.order):
            self._put_cursor(position)
            if event.chain > 1:
                self.post_message(self.Chosen(self, self.row))
