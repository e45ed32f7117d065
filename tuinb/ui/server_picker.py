"""The screen of a URL that is a folder: an app with nothing but the file picker, before a notebook is opened."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tuinb import config
from tuinb.files import disk
from tuinb.terminal import own
from tuinb.terminal.diffed_app import DiffedApp
from tuinb.ui.dialogs.file_picker import FilePicker
from tuinb.ui.theme import ScreenTheme, ThemeChoice, initial_theme

if TYPE_CHECKING:
    from asyncio import Future
    from pathlib import Path

    from textual.app import ComposeResult

    from tuinb.files.listing import Listing
    from tuinb.terminal.terminal import Terminal


class PickerApp(DiffedApp["Path"], inherit_bindings=False):
    """Shows the picker until the user chooses a notebook, or none."""

    ENABLE_COMMAND_PALETTE = False
    CSS = ""

    def __init__(self, place: Listing, choice: ThemeChoice, terminal: Terminal) -> None:
        super().__init__(terminal=terminal, ansi_color=True)
        self._folder = place
        self._theme = ScreenTheme(choice, self._restyle, lambda text: self.bell())
        self.picker: FilePicker

    def compose(self) -> ComposeResult:
        self.picker = FilePicker(self._theme.role, self._folder, (), self._folder.root, disk.absolute_path("."))
        self.picker.result.add_done_callback(self._chosen)
        yield self.picker

    def _chosen(self, result: Future[Path | None]) -> None:
        self.exit(result.result())

    def on_mount(self) -> None:
        self.picker.query_one("LineInput").focus()
        self.call_after_refresh(self.ask_terminal)

    def background_known(self, light: bool) -> None:
        """Follows the terminal's reply about its background colour."""
        self._theme.follow_background(light)

    def _restyle(self) -> None:
        self.picker.restyle(self._theme.role)


def pick(place: Listing, theme: str | None) -> Path | None:
    """Returns the notebook that the user chooses on the program's own terminal, or None. Raises ConfigError."""
    return asyncio.run(_pick(place, theme))


async def _pick(place: Listing, theme: str | None) -> Path | None:
    settings, terminal = config.load(), own.terminal()
    choice = initial_theme(theme or settings.theme, settings, terminal.capabilities().colors, terminal.environ)
    app = PickerApp(place, choice, terminal)
    with own.signals_to(app):
        return await app.run_async()
