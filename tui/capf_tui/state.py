"""What the user likes, kept in the configuration folder: theme, times, order of lists."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import msgspec
from platformdirs import user_config_path

from capf_tui.clock import TimeMode
from capf_tui.files import replace_file


class ViewState(msgspec.Struct, frozen=True):
    """What is kept from one run to the next."""

    theme: str = "dark"
    time: TimeMode = TimeMode.UTC
    sorted_by: dict[str, tuple[int, bool] | None] = {}
    """By screen: the column, and whether downwards."""


def state_file() -> Path:
    """Where it is kept."""
    return user_config_path("capfpcap") / "tui.json"


def load_state() -> ViewState:
    """What was kept; the defaults where nothing was, or nothing that can be read."""
    with suppress(OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return msgspec.json.decode(state_file().read_bytes(), type=ViewState)
    return ViewState()


def save_state(state: ViewState) -> None:
    """Keep it, if the folder can be written."""
    with suppress(OSError):
        replace_file(
            state_file(), msgspec.json.format(msgspec.json.encode(state), indent=2).decode()
        )
