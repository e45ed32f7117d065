"""A Textual app that paints through the screen diff.

Textual composes an update and passes it to `_display`. Here the update is placed on the wanted screen, and a frame is made of
that if the writer takes one now; else a later frame is made of the screen that is wanted by then. Without a terminal (tests,
screenshots) everything is as in Textual.

The methods under "events of the terminal" are called by whatever receives the signals of the app's terminal.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, TypeVar

from rich.text import Text
from textual import events
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.app import App
from textual.filter import Monochrome, NoColor

from tuinb.capabilities import Colors, Graphics
from tuinb.terminal.clipboard import osc52
from tuinb.terminal.driver import TerminalDriver
from tuinb.terminal.screen_diff import ScreenDiff

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from rich.console import RenderableType
    from textual.geometry import Offset
    from textual.message import Message
    from textual.screen import Screen
    from textual.strip import Strip

    from tuinb.capabilities import Capabilities
    from tuinb.terminal.graphics import Gallery, PictureSender
    from tuinb.terminal.queries import Answers
    from tuinb.terminal.terminal import Terminal

ReturnType = TypeVar("ReturnType")
_LAST_ANSWER: Final = 0.03
"""Seconds after an answer during which further answers are collected."""
_LAST_KEY: Final = 1.0
"""Seconds after another program had the terminal in which a key that became a signal may have been meant for that program."""
_REPAINT_AFTER: Final = 1 / 60
"""Seconds from a SIGWINCH or SIGCONT to a repaint; Textual lays out a new size after half of that."""


class DiffedApp(App[ReturnType]):
    """The base of tuinb's app: one screen on one terminal. `capabilities` default to those by the terminal's environment."""

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
        # Textual reads NO_COLOR of the process. The pens drop colours by the terminal's environment.
        self._filters = [one for one in self._filters if not isinstance(one, NoColor | Monochrome)]
        self.no_color = self.capabilities.colors is Colors.NONE
        self.graphics_chosen = False
        """Whether the user chose how images are shown, so that the terminal's answers do not decide it."""
        self._screen_diff = ScreenDiff(80, 24, self.capabilities)
        self._placed: dict[int, tuple[list[int], dict[int, Strip]]] = {}
        """The strips that were placed last on each row by their column, and the columns at which they end."""
        self._frame_waits = False
        self._typed_late: list[events.Key | events.Paste] = []
        """What was typed after the app had closed its queue."""
        self._answers: Answers | None = None
        self._answered: asyncio.TimerHandle | None = None
        self._pictures: PictureSender | None = None
        self.unfocused_since: float | None = None
        """When the terminal reported the loss of the focus, on the monotonic clock. None while it has it or does not report."""
        self._taken_again = 0.0
        """When the terminal was taken from another program, on the monotonic clock."""
        self._repaint: asyncio.TimerHandle | None = None
        """Timer of the repaint after a SIGWINCH or SIGCONT. A whole frame that is sent earlier cancels it."""

    def redraw(self) -> None:
        """Paints the whole screen again, after another program wrote to the terminal."""
        self.screen_lost()
        self.refresh()

    def screen_lost(self) -> None:
        """Notes that the terminal's content is unknown. The next frame paints everything."""
        self._screen_diff.invalidate()
        self._frame_waits = True
        if self._pictures is not None:
            self._pictures.lost()

    def in_context(self) -> AbstractContextManager[None]:
        """Returns a context for calls from outside the app's tasks: in it, `widget.app` is this app."""
        return self._context()

    @property
    def hands_over(self) -> bool:
        """Whether the terminal is left as it is at the end, for another app."""
        return False

    # ---- after the end

    def _fatal_error(self) -> None:
        """Ends the app after an unexpected error. Textual's traceback has the values of variables, which may be secret."""
        from traceback import format_exc

        self.bell()
        lines = "".join(char if char == "\n" or char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in format_exc())
        self.panic(Text(lines, end=""))

    def give_terminal_back(self) -> None:
        """Gives back a terminal that was handed over, since there is no other app for it."""
        if isinstance(self._driver, TerminalDriver):
            self._driver.give_back()

    def post_message(self, message: Message) -> bool:
        """Posts a message. Keys and pastes that come after the end are kept for `unread`."""
        posted = super().post_message(message)
        if not posted and isinstance(message, events.Key | events.Paste):
            self._typed_late.append(message)
        return posted

    def unread(self) -> list[events.Key | events.Paste]:
        """Returns the keys and pastes that came too late to be handled, in order, after the end of the app."""
        queue: asyncio.Queue[Message | None] = self._message_queue
        left = [queue.get_nowait() for _ in range(queue.qsize())]
        queued = [message for message in left if isinstance(message, events.Key | events.Paste)]
        return [*queued, *self._typed_late]

    # ---- events of the terminal

    def terminal_gone(self) -> None:
        """Ends the app: the terminal was closed."""
        with self._context():
            self.exit()

    def terminal_resized(self) -> None:
        """Follows the window's size and repaints everything, once for many calls.

        The size may be the same: under dtach another terminal shows the screen now, and it is blank.
        """
        if isinstance(self._driver, TerminalDriver):
            self._driver.resized()
            self._repaint_soon()

    def _repaint_soon(self) -> None:
        if self._repaint is None:
            self._repaint = asyncio.get_running_loop().call_later(_REPAINT_AFTER, self._repaint_all)

    def _repaint_all(self) -> None:
        self._repaint = None
        if self._running and self.terminal.size() == self._screen_diff.size:
            self.screen_lost()
            self._send_frame()

    def terminal_continued(self) -> None:
        """Takes the terminal again after the program was stopped and continued."""
        if self._running and isinstance(self._driver, TerminalDriver):
            self._driver.continued()
            # A window of the same size is no reason for Textual to paint.
            self._repaint_soon()

    def watch_app_focus(self, focused: bool) -> None:
        """Notes when the focus is lost. A key or a click counts as its return, as in Textual."""
        self.unfocused_since = None if focused else time.monotonic()

    @property
    def terminal_lent(self) -> bool:
        """Whether another program has the terminal, so that an interrupt is meant for that program."""
        return isinstance(self._driver, TerminalDriver) and self._driver.lent

    def action_suspend_process(self) -> None:
        """Gives the terminal back and stops the program that was started on it."""
        if isinstance(self._driver, TerminalDriver):
            self._driver.stop_process()
        else:
            self.terminal.stop()

    @contextmanager
    def suspend(self) -> Iterator[None]:
        """See App. The terminal counts as lent before its settings change, and until they have changed back."""
        lent = self._driver.no_automatic_restart() if self._driver is not None else nullcontext()
        with lent, super().suspend():
            yield
        self._taken_again = time.monotonic()

    def leave_by_key(self, code: int) -> None:
        """Ends the app for a Ctrl+C or Ctrl+\\ that came as a signal, unless that may be meant for another program."""
        if not self.terminal_lent and time.monotonic() > self._taken_again + _LAST_KEY:
            self.leave(code)

    def leave(self, code: int) -> None:
        """Ends the app with an exit code."""
        with self._context():
            self.exit(return_code=code)

    # ---- answers of the terminal

    def ask_terminal(self) -> None:
        """Sends the questions that the environment leaves open. Does not wait for the answers."""
        from tuinb.terminal.queries import Answers, questions

        if isinstance(self._driver, TerminalDriver) and (text := questions(self.terminal.environ, self.capabilities)):
            self._answers = self._answers or Answers()
            self._driver.ask(text)

    def terminal_replied(self, sequence: str) -> None:
        """Handles an answer, whenever it comes."""
        from tuinb.terminal.queries import kitty_error

        if self._pictures is not None and (image_id := kitty_error(sequence)) is not None:
            self._pictures.refused(image_id)
        elif self._answers is not None:
            before = replace(self._answers)
            self._answers.take(sequence)
            if self._answers != before and self._answered is None:
                self._answered = asyncio.get_running_loop().call_later(_LAST_ANSWER, self._take_answers)

    def _measure_cells(self) -> None:
        """Asks for the size of a cell again: with another window size the font may be another, and sixels have to fit it."""
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
        # These change nothing that is rendered.
        now = self.capabilities
        same = replace(
            before,
            light_background=light,
            notifications=now.notifications,
            cursor_shapes=now.cursor_shapes,
            cursor_found=now.cursor_found,
        )
        if same != now:
            self.capabilities_changed()

    def background_known(self, light: bool) -> None:
        """Called when the terminal has answered whether its background is light."""

    def capabilities_changed(self) -> None:
        """Called when answers of the terminal have changed `capabilities`."""

    def last_words(self) -> str:
        """Returns what to send before the terminal is given back."""
        pictures = self._pictures.farewell() if self._pictures is not None else ""
        return pictures + self._screen_diff.give_cursor_back(self.capabilities.cursor_found)

    def send_pictures(self, gallery: Gallery) -> None:
        """Sends visible pictures from this gallery, for the current capabilities, from now on."""
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
        """Copies to the terminal's clipboard. Returns False if the text is too long or the terminal has no clipboard."""
        sequence = osc52(text, self.capabilities)
        if sequence is None or self._driver is None:
            return False
        self._driver.write(sequence)
        return True

    def ring(self, text: str, *, bell_alone: bool) -> None:
        """Rings the terminal's bell. Unless `bell_alone`, also shows `text` as a notification, if the terminal can.

        Does nothing while another program has the terminal.
        """
        from tuinb.terminal.notifications import BELL, calling

        if self._driver is not None and not self.terminal_lent:
            self._driver.write(BELL if bell_alone else calling(text, self.capabilities))

    def frame_due(self) -> None:
        """Sends the frame that waits: the terminal can take one again."""
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
            self._placed.clear()
            self._measure_cells()
        if isinstance(update, LayoutUpdate):
            self._placed.clear()
            for y, strips in enumerate(update.strips, update.region.y):
                x = update.region.x
                for strip in strips:
                    width = strip.cell_length
                    diff.put(y, x, strip, x + width)
                    x += width
        else:
            for y, start, stop in update.spans:
                ends, placed = self._placed.get(y, (None, {}))
                if ends != update.chop_ends[y]:
                    ends, placed = self._placed[y] = update.chop_ends[y], {}
                for end, (x, chop) in zip(ends, update.chops[y].items(), strict=False):
                    # Widgets keep the strips of what has not changed.
                    if chop is not None and x < stop and end > start and placed.get(x) is not chop:
                        placed[x] = chop
                        diff.put(y, x, chop, end)
        # Read at each frame: App.cursor_position is the place before the widget was scrolled.
        cursor: Offset | None = getattr(screen.focused, "cursor_screen_offset", None)
        diff.cursor = None if cursor is None else (cursor.y, cursor.x)
        diff.cursor_shape = getattr(screen.focused, "cursor_shape", None)

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
        """Does nothing. Not every terminal ignores the sequence, and each change would cost bytes."""
