"""The line that says how it stands: the verdict, or how far the analysis is."""

from __future__ import annotations

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget


class VerdictBar(Widget):
    """Follows the application's :attr:`~capf_tui.engine_app.EngineApp.standing`.

    Of a verdict it shows a line; of what is in the way of one, all of it.
    """

    standing: reactive[Content] = reactive(Content(""), layout=True)

    def on_mount(self) -> None:
        """Show how it stands, now and from now on."""
        self.watch(self.app, "standing", self._stand)
        self.watch(self.app, "hindered", self._hinder)

    def _stand(self, standing: Content) -> None:
        self.standing = standing

    def _hinder(self, hindered: bool) -> None:
        self.set_class(hindered, "-hindered")

    def render(self) -> Content:
        """The verdict."""
        return self.standing
