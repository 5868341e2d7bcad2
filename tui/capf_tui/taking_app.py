"""The part of the application that takes what is shown elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from io import StringIO
from pathlib import Path

from capf_tui.actions.copying import copy
from capf_tui.actions.wireshark import open_capture
from capf_tui.engine_app import EngineApp
from capf_tui.files import new_file
from capf_tui.screens.prompt import Prompt
from capf_tui.screens.study_screen import StudyScreen
from capf_tui.selection import Selection


class TakingApp(EngineApp, inherit_bindings=False):
    """Copies, exports, and opens Wireshark."""

    @property
    def selection(self) -> Selection | None:
        """What is under the cursor."""
        return self.screen.selection if isinstance(self.screen, StudyScreen) else None

    def say(self, sentence: str) -> None:
        """Tell the user something in passing."""
        self.notify(sentence, markup=False)

    def action_copy(self, form: str) -> None:
        """Copy what is under the cursor as text, JSON or display filter."""
        chosen = self.selection
        if chosen is None:
            self.say("There is nothing under the cursor to copy")
            return
        text = {"text": chosen.text, "json": chosen.json, "filter": chosen.display_filter}[form]
        name = {"text": chosen.what, "json": f"{chosen.what} as JSON", "filter": text}[form]
        self.say(copy(self, name, text) if text else f"{chosen.what} has no display filter")

    def action_wireshark(self) -> None:
        """Open the frame under the cursor, or the packets of what is there, in Wireshark."""
        chosen, overview = self.selection, self.overview
        if chosen is None or overview is None or not overview.captures:
            self.say("There is nothing under the cursor to open")
            return
        captures = {capture.id: capture.path for capture in overview.captures}
        path = captures.get(chosen.capture or "", overview.captures[0].path)
        self.say(open_capture(path, chosen.frame, chosen.display_filter))

    def action_export(self) -> None:
        """Write what is shown into a file; the form follows its name."""
        screen = self.screen
        forms = screen.exports() if isinstance(screen, StudyScreen) else {}
        if not forms or not isinstance(screen, StudyScreen):
            self.say("This screen has nothing to export")
            return

        def check(name: str) -> str | None:
            if Path(name).suffix not in forms:
                return f"The name must end with {' or '.join(forms)}"
            if not self.is_web and Path(name).exists():
                return f"{name} exists: give another name"
            return None

        def write(name: str | None) -> None:
            if name is not None:
                self.run_worker(partial(self._export, name, forms[Path(name).suffix]), thread=True)

        suffix = next(iter(forms))
        hint = f"The end of the name chooses the form: {' '.join(forms)}"
        name = f"capfpcap-{screen.NAME}{suffix}"
        self.push_screen(Prompt("Export what is shown to", hint, value=name, check=check), write)

    def _export(self, name: str, form: Callable[[], str]) -> None:
        """Runs in a thread: there may be much to write."""
        text = form()
        if self.is_web:  # the disk is another machine's
            self.call_from_thread(self._send, Path(name).name, text)
        else:
            self.call_from_thread(self.say, _written(name, text))

    def _send(self, name: str, text: str) -> None:
        self.deliver_text(StringIO(text), save_filename=name)
        self.say(f"{name} was sent")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A visitor's desktop is not this machine's."""
        if action == "wireshark" and self.is_web:
            return False
        return super().check_action(action, parameters)


def _written(name: str, text: str) -> str:
    try:
        new_file(Path(name), text)
    except FileExistsError:
        return f"{name} exists: nothing was written"
    except OSError as error:
        return f"{name} cannot be written: {error.strerror}"
    return f"Exported to {name}"
