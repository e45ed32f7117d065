"""Textual's Linux driver with tuinb's writer and input parser in place of its own.

What differs: one ordered writer (see `writer`) that is asked before a frame is made; input through `InputParser`; mouse
reports only for buttons, the wheel and drags (Textual asks for every movement); signals that suspend and resume are handled
in the event loop, not in the midst of a write; and at the end every answer still due is waited for, so that none of them is
typed into the shell. The private names of Textual that this rests on are each held by a test.
"""

from __future__ import annotations

import os
import select
import sys
import termios
import threading
from codecs import getincrementaldecoder
from typing import TYPE_CHECKING, Any, Final, Protocol, cast, runtime_checkable

from textual.drivers.linux_driver import LinuxDriver

from tuinb.terminal.input_parser import InputParser, Reply
from tuinb.terminal.probe import escape_delay
from tuinb.terminal.writer import TerminalWriter

if TYPE_CHECKING:
    import asyncio
    from types import FrameType

    from textual.app import App
    from textual.drivers._writer_thread import WriterThread
    from textual.message import Message

READ_SIZE: Final = 1 << 16
EXTENDED_KEYS_ON: Final = "\x1b[>4;1m"
"""Ask for Shift+Enter and the like where the kitty protocol is not known: xterm, tmux with `extended-keys on`."""
EXTENDED_KEYS_OFF: Final = "\x1b[>4m"
_OUTPUT_FLAGS: Final = 1


@runtime_checkable
class FrameSource(Protocol):
    """The app, as its driver sees it."""

    def frame_due(self) -> None:
        """The terminal can take a frame again."""
        ...

    def screen_lost(self) -> None:
        """What the terminal shows is unknown from here on."""
        ...

    def terminal_gone(self) -> None:
        """The terminal was closed: nothing can be read or shown any more."""
        ...

    def terminal_replied(self, sequence: str) -> None:
        """The terminal answered something."""
        ...

    def last_words(self) -> str:
        """What to send before the terminal is given back."""
        ...


class _WakingEvent(threading.Event):
    """An event that also wakes who waits in `select`, so that the input thread need not look for it ten times a second."""

    def __init__(self) -> None:
        super().__init__()
        self.reader, self._writer = os.pipe()

    def set(self) -> None:
        super().set()
        os.write(self._writer, b"\0")

    def clear(self) -> None:
        super().clear()
        while select.select([self.reader], [], [], 0)[0]:
            os.read(self.reader, 64)


class TerminalDriver(LinuxDriver):
    """Input and output of the program on a real terminal."""

    def __init__(
        self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        self._terminal_writer: TerminalWriter | None = None
        self._running = False
        self._retry: asyncio.TimerHandle | None = None
        self._parser = InputParser(escape_delay(os.environ), resizes_in_band=os.environ.get("LC_TERMINAL") != "iTerm2")
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self.exit_event: threading.Event = _WakingEvent()
        if sys.__stdout__ is not None and sys.__stdout__.isatty():
            self._file = sys.__stdout__  # as with any program, `2>log` takes errors, not the screen

    @property
    def _writer_thread(self) -> WriterThread | None:
        """Textual makes its own writer and writes through this name: ours answers to it."""
        return cast("WriterThread | None", self._terminal_writer)

    @_writer_thread.setter
    def _writer_thread(self, thread: WriterThread | None) -> None:
        if thread is None:
            self._terminal_writer = None
        else:
            assert self._file is not None, "a terminal is written to"
            self._terminal_writer = TerminalWriter(self._file.fileno(), self._wake, self._gone)

    @property
    def ready(self) -> bool:
        """Whether a frame would go out at once."""
        return self._running and self._terminal_writer is not None and self._terminal_writer.ready

    @property
    def burst(self) -> float:
        """Bytes that may be sent at once without holding up what follows for more than a second or so."""
        return self._terminal_writer.burst if self._terminal_writer is not None else 0

    def frame(self, text: str) -> None:
        """Send a frame, made since `ready` was true."""
        if self._terminal_writer is not None:
            self._terminal_writer.frame(text)

    def frame_refused(self) -> None:
        """The app has a frame to send and found that it may not: see to it that it is called."""
        writer = self._terminal_writer
        until = writer.waits_until if writer is not None else None
        if until is not None and self._retry is None:
            self._retry = self._loop.call_at(max(until, self._loop.time()) + 0.01, self._try_again)

    def write(self, data: str) -> None:
        """Send a control sequence in order; while another program has the terminal, nothing is sent."""
        if self._terminal_writer is not None:
            self._terminal_writer.write(data)

    def ask(self, questions: str) -> None:
        """Send questions; the answers come to the app as replies, whenever they come."""
        if self._terminal_writer is not None:
            self._parser.expect(self._terminal_writer.ask(questions))

    def start_application_mode(self) -> None:
        """Take the terminal."""
        super().start_application_mode()  # type: ignore[no-untyped-call]
        if self._terminal_writer is None:
            return  # in the background: the shell stops us at once
        self._disable_output_processing()
        self.write(EXTENDED_KEYS_ON)
        self._running = True
        if isinstance(self._app, FrameSource):
            self._app.screen_lost()

    def stop_application_mode(self) -> None:
        """Give the terminal back as it was."""
        self._running = False
        writer = self._terminal_writer
        if writer is not None:
            farewell = self._app.last_words() if isinstance(self._app, FrameSource) else ""
            writer.write(farewell + "\x1b[r\x1b[m" + EXTENDED_KEYS_OFF)
            self._disable_mouse_support()
            if self._key_thread is not None and self._key_thread.is_alive():
                writer.settle()
        super().stop_application_mode()

    def close(self) -> None:
        """Write what is left and end the writer."""
        if self._terminal_writer is not None:
            self._terminal_writer.stop()
            self._terminal_writer = None

    def run_input_thread(self) -> None:
        """Read the terminal until told to stop; runs in a thread of its own."""
        parser = self._parser
        decode = getincrementaldecoder("utf-8")("replace").decode
        wake = cast("_WakingEvent", self.exit_event).reader
        while not self.exit_event.is_set():
            readable, _, _ = select.select([self.fileno, wake], [], [], parser.wait)
            if self.fileno in readable:
                data = self._read()
                if not data:
                    self._gone()
                    return
                for message in parser.feed(decode(data)):
                    self.process_message(message)
            for message in parser.tick():
                self.process_message(message)

    def _read(self) -> bytes:
        """What was typed; nothing if there is nobody any more."""
        try:
            return os.read(self.fileno, READ_SIZE)
        except OSError:
            return b""

    def process_message(self, message: Message) -> None:
        """Pass an event on to the app; replies, which are nobody's input, go to it by a way of their own."""
        if not isinstance(message, Reply):
            super().process_message(message)
            return
        if message.is_device_attributes and self._terminal_writer is not None:
            self._terminal_writer.answered()
        if isinstance(self._app, FrameSource) and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._app.terminal_replied, message.sequence)

    def _get_terminal_size(self) -> tuple[int, int]:
        """Columns and rows. Textual believes COLUMNS and LINES first, which a shell that exports them does not keep true."""
        assert self._file is not None, "a terminal is written to"
        try:
            columns, rows = os.get_terminal_size(self._file.fileno())
        except (ValueError, OSError):
            columns = rows = 0
        return (columns, rows) if columns and rows else super()._get_terminal_size()

    def _enable_mouse_support(self) -> None:
        if self._mouse:
            self.write("\x1b[?1000h\x1b[?1002h\x1b[?1006h")

    def _disable_mouse_support(self) -> None:
        if self._mouse:
            self.write("\x1b[?1006l\x1b[?1002l\x1b[?1000l" + ("\x1b[?1016l" if self._mouse_pixels else ""))

    def _disable_output_processing(self) -> None:
        """Without it a line feed is one byte, and stays in its column as terminals mean it."""
        try:
            attributes = termios.tcgetattr(self.fileno)
            attributes[_OUTPUT_FLAGS] &= ~termios.OPOST
            termios.tcsetattr(self.fileno, termios.TCSANOW, attributes)
        except termios.error:
            return  # not a terminal: there is no processing

    def _sigtstp_application(self, _signal: int | None = None, _frame: FrameType | None = None) -> None:
        self._loop.call_soon_threadsafe(super()._sigtstp_application)

    def _sigcont_application(self, _signal: int | None = None, _frame: FrameType | None = None) -> None:
        self._loop.call_soon_threadsafe(self._continued)

    def _continued(self) -> None:
        if not self._auto_restart:
            return
        if self._running:  # stopped from outside, unannounced: the terminal may be in any state
            self.suspend_application_mode()
        self.resume_application_mode()

    def _query_in_band_window_resize(self) -> None:
        if os.environ.get("TERM_PROGRAM") != "Apple_Terminal":  # which would show the question's last letter
            super()._query_in_band_window_resize()

    def _wake(self) -> None:
        if isinstance(self._app, FrameSource) and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._app.frame_due)

    def _try_again(self) -> None:
        self._retry = None
        self._wake()

    def _gone(self) -> None:
        if isinstance(self._app, FrameSource) and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._app.terminal_gone)
