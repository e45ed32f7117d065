"""A Textual app whose screen goes through the screen diff.

Textual composes an update and hands it to `_display`; here it is placed on the wanted screen instead, and a frame is made from
that if the writer can take one now. If it can't, the next frame is made when it can, from what is wanted by then. Without a
terminal (tests, screenshots) everything is as in Textual.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, TypeVar

from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.app import App
from textual.filter import Monochrome, NoColor

from tuinb.capabilities import Colors, Graphics
from tuinb.terminal.clipboard import osc52
from tuinb.terminal.driver import TerminalDriver
from tuinb.terminal.screen_diff import ScreenDiff

if TYPE_CHECKING:
    from rich.console import RenderableType
    from textual.geometry import Offset
    from textual.screen import Screen

    from tuinb.capabilities import Capabilities
    from tuinb.terminal.graphics import Gallery, PictureSender
    from tuinb.terminal.queries import Answers
    from tuinb.terminal.terminal import Terminal

ReturnType = TypeVar("ReturnType")
_LAST_ANSWER: Final = 0.03
"""Seconds after an answer in which others of the same questions are waited for."""
_REPAINT_AFTER: Final = 1 / 60
"""Seconds from a SIGWINCH to a repaint; Textual lays out a new size after half of that."""


class DiffedApp(App[ReturnType]):
    """The base of tuinb's app: one screen on one terminal. `capabilities` default to what the terminal's environment tells."""

    def __init__(
        self,
        *arguments: Any,  # noqa: ANN401
        terminal: Terminal,
        capabilities: Capabilities | None = None,
        **options: Any,  # noqa: ANN401
    ) -> None:
        options.setdefault("driver_class", TerminalDriver)
        super().__init__(*arguments, **options)
        self.terminal = terminal
        self.capabilities = capabilities if capabilities is not None else terminal.capabilities()
        # Textual judges by the process's environment. The pens leave colours out by the terminal's own.
        self._filters = [one for one in self._filters if not isinstance(one, NoColor | Monochrome)]
        self.no_color = self.capabilities.colors is Colors.NONE
        self.graphics_chosen = False
        """Whether a person chose how images are shown, so that the terminal is not asked about it."""
        self._screen_diff = ScreenDiff(80, 24, self.capabilities)
        self._frame_waits = False
        self._answers: Answers | None = None
        self._answered: asyncio.TimerHandle | None = None
        self._pictures: PictureSender | None = None
        self._repaint: asyncio.TimerHandle | None = None
        """Paints all once more, unless a whole frame is sent before."""

    def redraw(self) -> None:
        """Paint the whole screen anew: another program wrote to the terminal."""
        self.screen_lost()
        self.refresh()

    def screen_lost(self) -> None:
        """What the terminal shows is unknown from here on."""
        self._screen_diff.invalidate()
        self._frame_waits = True
        if self._pictures is not None:
            self._pictures.lost()

    # ---- what happens to the terminal

    def terminal_gone(self) -> None:
        """The terminal was closed: nothing can be read or shown any more."""
        with self._context():
            self.exit()

    def terminal_resized(self) -> None:
        """The window has another size, or another terminal shows the screen now, as under dtach: paint all anew.

        Another size does that by itself. Many calls at once cost one frame.
        """
        if isinstance(self._driver, TerminalDriver):
            self._driver.resized()
            if self._repaint is None:
                self._repaint = asyncio.get_running_loop().call_later(_REPAINT_AFTER, self._repaint_all)

    def _repaint_all(self) -> None:
        self._repaint = None
        if self._running and self.terminal.size() == self._screen_diff.size:
            self.screen_lost()
            self._send_frame()

    def terminal_continued(self) -> None:
        """The program that has the terminal goes on after it was stopped."""
        if self._running and isinstance(self._driver, TerminalDriver):
            self._driver.continued()

    @property
    def terminal_lent(self) -> bool:
        """Whether another program has the terminal, so that an interrupt is meant for that program."""
        return isinstance(self._driver, TerminalDriver) and self._driver.lent

    def action_suspend_process(self) -> None:
        """Give the terminal back and stop the program that has it."""
        if isinstance(self._driver, TerminalDriver):
            self._driver.stop_process()
        else:
            self.terminal.stop()

    def leave(self, code: int) -> None:
        """End the app with an exit code."""
        with self._context():
            self.exit(return_code=code)

    # ---- what the terminal says of itself

    def ask_terminal(self) -> None:
        """Ask the terminal what the environment could not tell. Nobody waits for the answers."""
        from tuinb.terminal.queries import Answers, questions

        if isinstance(self._driver, TerminalDriver) and (text := questions(self.terminal.environ, self.capabilities)):
            self._answers = self._answers or Answers()
            self._driver.ask(text)

    def terminal_replied(self, sequence: str) -> None:
        """Take in an answer, whenever it comes."""
        from tuinb.terminal.queries import kitty_error

        if self._pictures is not None and (image_id := kitty_error(sequence)) is not None:
            self._pictures.refused(image_id)
        elif self._answers is not None:
            before = replace(self._answers)
            self._answers.take(sequence)
            if self._answers != before and self._answered is None:
                self._answered = asyncio.get_running_loop().call_later(_LAST_ANSWER, self._take_answers)

    def _measure_cells(self) -> None:
        """A screen of another size may be one of another font: sixels have to fit its cells."""
        driver = self._driver
        if self._answers is not None and self.capabilities.graphics is Graphics.SIXEL and isinstance(driver, TerminalDriver):
            from tuinb.terminal.queries import CELL_PIXELS

            driver.ask(CELL_PIXELS)

    def _take_answers(self) -> None:
        from tuinb.terminal.queries import settled

        assert self._answers is not None
        self._answered = None
        before = self.capabilities
        self.capabilities = settled(before, self._answers, (self.size.width, self.size.height), chosen=self.graphics_chosen)
        light = self.capabilities.light_background
        if light is not None and light != before.light_background:
            self.background_known(light)
        if replace(before, light_background=light) != self.capabilities:
            self.capabilities_changed()

    def background_known(self, light: bool) -> None:
        """The terminal said whether its background is light."""

    def capabilities_changed(self) -> None:
        """The terminal said more of itself: `capabilities` are other ones now."""

    def last_words(self) -> str:
        """What to send before the terminal is given back."""
        return self._pictures.farewell() if self._pictures is not None else ""

    def send_pictures(self, gallery: Gallery) -> None:
        """Send the pictures that are seen, from this gallery and for these capabilities from now on."""
        from tuinb.terminal.graphics import PictureSender

        driver = self._driver
        if not isinstance(driver, TerminalDriver):
            return
        if self._pictures is not None:
            driver.write(self._pictures.farewell())
            self._pictures.close()
        self._pictures = PictureSender(gallery, driver, self._screen_diff, self.capabilities)

    # ---- frames

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
        elif self._pictures is not None:
            self._pictures.framed()

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
            self._measure_cells()
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
        # Asked for at each frame: App.cursor_position is where the cursor was before its widget was scrolled.
        cursor: Offset | None = getattr(screen.focused, "cursor_screen_offset", None)
        diff.cursor = None if cursor is None else (cursor.y, cursor.x)

    def _send_frame(self) -> None:
        driver = self._driver
        if not isinstance(driver, TerminalDriver):
            return
        if not driver.ready:
            self._frame_waits = True
            driver.frame_refused()
            return
        self._frame_waits = False
        if self._repaint is not None and self._screen_diff.lost:
            self._repaint.cancel()
            self._repaint = None
        frame = self._screen_diff.render(synchronised=self._sync_available)
        if frame:
            driver.frame(frame)
        if self._pictures is not None:
            self._pictures.framed()

    def _set_pointer_shape(self, shape: str) -> None:
        """The mouse pointer keeps its shape: not every terminal passes over that sequence, and each change would cost bytes."""
