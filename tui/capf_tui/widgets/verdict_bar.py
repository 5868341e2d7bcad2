"""The line that says how it stands: the verdict, or how far the analysis is."""

from __future__ import annotations

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget


class VerdictBar(Widget):
    """Follows the application's :attr:`~capf_tui.app.CapfApp.standing`."""

    standing: reactive[Content] = reactive(Content(""))

    def on_mount(self) -> None:
        """Show how it stands, now and from now on."""
        self.watch(self.app, "standing", self._stand)

    def _stand(self, standing: Content) -> None:
        self.standing = standing

    def render(self) -> Content:
        """One line."""
        return self.standing.truncate(self.size.width, ellipsis=True)
