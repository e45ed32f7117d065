"""The screen of `tuinb diff --screen`: an app with nothing but the differences."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tuinb import config
from tuinb.terminal import own
from tuinb.terminal.diffed_app import DiffedApp
from tuinb.ui.dialogs.differences import Differences
from tuinb.ui.theme import ScreenTheme, ThemeChoice, initial_theme

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.app import ComposeResult

    from tuinb.capabilities import Capabilities
    from tuinb.render.block import FoldingRow
    from tuinb.render.styles import ThemeStyles
    from tuinb.terminal.terminal import Terminal

    MakeRows = Callable[[ThemeStyles, Capabilities, int], Sequence[FoldingRow]]
    """Makes the rows for a theme, a terminal and its columns."""


class ComparisonApp(DiffedApp[None], inherit_bindings=False):
    """Shows the rows until the user closes them."""

    ENABLE_COMMAND_PALETTE = False
    CSS = ""

    def __init__(self, title: str, make_rows: MakeRows, choice: ThemeChoice, terminal: Terminal) -> None:
        super().__init__(terminal=terminal, ansi_color=True)
        self._title = title
        self._make_rows = make_rows
        self._theme = ScreenTheme(choice, self._restyle, lambda text: self.bell())
        self.differences: Differences

    def compose(self) -> ComposeResult:
        self.differences = Differences(self._theme.role, self._title, self._rows())
        self.differences.result.add_done_callback(lambda _: self.exit(return_code=0))
        yield self.differences

    def _rows(self) -> Sequence[FoldingRow]:
        return self._make_rows(self._theme.styles, self.capabilities, self.size.width)

    def on_mount(self) -> None:
        self.differences.focus()
        self.call_after_refresh(self.ask_terminal)

    def background_known(self, light: bool) -> None:
        """Follows the terminal's reply about its background colour."""
        self._theme.follow_background(light)

    def _restyle(self) -> None:
        self.differences.replace_rows(self._rows())


def show(title: str, make_rows: MakeRows, theme: str | None) -> int:
    """Shows the rows on the program's own terminal. Returns the exit code. Raises ConfigError."""
    return asyncio.run(_show(title, make_rows, theme))


async def _show(title: str, make_rows: MakeRows, theme: str | None) -> int:
    settings, terminal = config.load(), own.terminal()
    choice = initial_theme(theme or settings.theme, settings, terminal.capabilities().colors, terminal.environ)
    app = ComparisonApp(title, make_rows, choice, terminal)
    with own.signals_to(app):
        await app.run_async()
    return app.return_code or 0
