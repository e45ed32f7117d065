"""A Textual app whose screen goes through the screen diff.

Textual composes an update and hands it to `_display`; here it is placed on the wanted screen instead, and a frame is made from
that if the writer can take one now. If it can't, the next frame is made when it can, from what is wanted by then. Without a
terminal (tests, screenshots) everything is as in Textual.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final, TypeVar

from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.app import App

from tuinb.terminal.clipboard import osc52
from tuinb.terminal.driver import TerminalDriver
from tuinb.terminal.probe import capabilities as probe_capabilities
from tuinb.terminal.screen_diff import ScreenDiff

if TYPE_CHECKING:
    from rich.console import RenderableType
    from textual.screen import Screen

    from tuinb.capabilities import Capabilities

ReturnType = TypeVar("ReturnType")
_UNSET_CURSOR: Final = (0, 0)


class DiffedApp(App[ReturnType]):
    """The base of tuinb's app; `capabilities` default to what the environment tells."""

    def __init__(self, *arguments: Any, capabilities: Capabilities | None = None, **options: Any) -> None:  # noqa: ANN401
        options.setdefault("driver_class", TerminalDriver)
        super().__init__(*arguments, **options)
        self.capabilities = capabilities if capabilities is not None else probe_capabilities(os.environ)
        self._screen_diff = ScreenDiff(80, 24, self.capabilities)
        self._frame_waits = False

    def redraw(self) -> None:
        """Paint the whole screen anew: another program wrote to the terminal."""
        self.screen_lost()
        self.refresh()

    def screen_lost(self) -> None:
        """What the terminal shows is unknown from here on."""
        self._screen_diff.invalidate()
        self._frame_waits = True

    def terminal_gone(self) -> None:
        """The terminal was closed: nothing can be read or shown any more."""
        with self._context():
            self.exit()

    def copy_text(self, text: str) -> bool:
        """Copy to the terminal's clipboard; whether that was possible (not too long, and a terminal that has one)."""
        sequence = osc52(text, self.capabilities)
        if sequence is None or self._driver is None:
            return False
        self._driver.write(sequence)
        return True

    def frame_due(self) -> None:
        """The terminal can take a frame again."""
        if self._frame_waits:
            self._send_frame()

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        if not isinstance(self._driver, TerminalDriver) or not isinstance(renderable, (LayoutUpdate, ChopsUpdate)):
            super()._display(screen, renderable)
            return
        try:
            if self._batch_count or not self._running or self._closed:
                return
            self._place(screen, renderable)
            self._send_frame()
        finally:
            self.post_display_hook()

    def _place(self, screen: Screen[Any], update: LayoutUpdate | ChopsUpdate) -> None:
        size = screen.outer_size
        diff = self._screen_diff
        if diff.size != (size.width, size.height):
            diff.resize(size.width, size.height)
        if isinstance(update, LayoutUpdate):
            for y, strips in enumerate(update.strips, update.region.y):
                x = update.region.x
                for strip in strips:
                    width = strip.cell_length
                    diff.put(y, x, strip, x + width)
                    x += width
        else:
            for y, start, stop in update.spans:
                for end, (x, chop) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
                    if chop is not None and x < stop and end > start:
                        diff.put(y, x, chop, end)
        x, y = self.cursor_position
        diff.cursor = None if (x, y) == _UNSET_CURSOR else (y, x)

    def _send_frame(self) -> None:
        driver = self._driver
        if not isinstance(driver, TerminalDriver):
            return
        if not driver.ready:
            self._frame_waits = True
            driver.frame_refused()
            return
        self._frame_waits = False
        frame = self._screen_diff.render(synchronised=self._sync_available)
        if frame:
            driver.frame(frame)

    def _set_pointer_shape(self, shape: str) -> None:
        """The mouse pointer keeps its shape: not every terminal passes over that sequence, and each change would cost bytes."""
