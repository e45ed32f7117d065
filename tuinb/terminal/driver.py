"""A Textual driver on a terminal that is passed in.

Output goes through one ordered writer (see `writer`), which is asked before a frame is made. Input goes through `InputParser`.
The mouse reports buttons, the wheel and drags only. The driver installs no signal handlers: the app's methods are called for
signals. At the end it waits for all answers that are due, so that none of them is typed into the shell.
"""

from __future__ import annotations

import os
import select
import threading
from codecs import getincrementaldecoder
from typing import TYPE_CHECKING, Any, Final, Protocol, runtime_checkable

from textual import events
from textual.driver import Driver
from textual.geometry import Size
from textual.messages import InBandWindowResize

from tuinb.terminal.input_parser import InputParser, Reply
from tuinb.terminal.probe import escape_delay
from tuinb.terminal.writer import TerminalWriter

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from textual.app import App
    from textual.message import Message

    from tuinb.terminal.terminal import Settings, Terminal

READ_SIZE: Final = 1 << 16
_MOUSE_ON: Final = "\x1b[?1000h\x1b[?1002h\x1b[?1006h"
_MOUSE_OFF: Final = "\x1b[?1006l\x1b[?1002l\x1b[?1000l"
_MOUSE_PIXELS_ON: Final = "\x1b[?1016h"
_MOUSE_PIXELS_OFF: Final = "\x1b[?1016l"
_KITTY_KEYS_ON: Final = "\x1b[>29u"
"""The kitty keyboard protocol: tell keys apart, report all as sequences, with what each types, and would type with Shift."""
_KITTY_KEYS_OFF: Final = "\x1b[<u"
_EXTENDED_KEYS_ON: Final = "\x1b[>4;1m"
"""Requests Shift+Enter and the like from terminals without the kitty protocol: xterm, tmux with `extended-keys on`."""
_EXTENDED_KEYS_OFF: Final = "\x1b[>4m"
_RESIZES_ON: Final = "\x1b[?2048h"
_RESIZES_OFF: Final = "\x1b[?2048l"
_META_ESCAPES_ON: Final = "\x1b[?1036h"
"""Requests Esc before a key with Alt. Without it an xterm sends a letter for it: `æ` for Alt+F."""
_META_ESCAPES_OFF: Final = "\x1b[?1036l"
_NO_META_ESCAPES: Final = "\x1b[?1036;2$y"
"""The answer of a terminal that knows that mode and has it off."""
_MODE_QUESTIONS: Final = "\x1b[?2026$p\x1b[?2048$p\x1b[?1036$p"
"""Asks whether the terminal knows synchronised frames, reports its size in band, and sends Esc before a key with Alt."""


@runtime_checkable
class FrameSource(Protocol):
    """The app, as the driver sees it."""

    terminal: Terminal

    @property
    def hands_over(self) -> bool:
        """Whether the terminal is left as it is at the end, raw and on the alternate screen, for another app."""
        ...

    def frame_due(self) -> None:
        """Called when the terminal can take a frame again."""
        ...

    def screen_lost(self) -> None:
        """Called when the terminal's content is unknown."""
        ...

    def terminal_gone(self) -> None:
        """Called when the terminal was closed."""
        ...

    def terminal_replied(self, sequence: str) -> None:
        """Called with each answer of the terminal."""
        ...

    def last_words(self) -> str:
        """Returns what to send before the terminal is given back."""
        ...


class TerminalDriver(Driver):
    """Input and output of one app on its terminal."""

    def __init__(self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None) -> None:
        assert isinstance(app, FrameSource), "the app says which terminal it is on"
        self._source: FrameSource = app
        self._terminal = app.terminal
        super().__init__(app, debug=debug, mouse=mouse, size=size or self._terminal.size())
        environ = self._terminal.environ
        self._parser = InputParser(escape_delay(environ), resizes_in_band=environ.get("LC_TERMINAL") != "iTerm2")
        self._writer: TerminalWriter | None = None
        self._running = False
        self._retry: asyncio.TimerHandle | None = None
        self._settings: Settings | None = None
        """The terminal's settings before it was taken; None while it is not."""
        self._held = app.terminal.held
        """The settings of a terminal that another app has left as it was. None once it was given back."""
        self._input: threading.Thread | None = None
        self._wakers = (-1, -1)
        """The pipe that ends the input thread, while there is one."""
        self._input_fd = -1
        """What the input thread reads."""
        self._reports_resizes = False
        self._mouse_pixels = False
        self._meta_escapes = False
        """Whether Esc before a key with Alt was requested."""

    @property
    def can_suspend(self) -> bool:
        """Whether the terminal can be given to another program and taken back."""
        return True

    @property
    def lent(self) -> bool:
        """Whether another program has the terminal for a while."""
        return not self._auto_restart

    @property
    def ready(self) -> bool:
        """Whether a frame would go out at once."""
        return self._running and self._writer is not None and self._writer.ready

    @property
    def burst(self) -> float:
        """Bytes that may be sent at once without delaying what follows by more than about a second."""
        return self._writer.burst if self._writer is not None else 0

    def frame(self, text: str) -> None:
        """Sends a frame, made since `ready` was true."""
        if self._writer is not None:
            self._writer.frame(text)

    def frame_refused(self) -> None:
        """Calls the app's `frame_due` once the terminal takes frames again."""
        until = self._writer.waits_until if self._writer is not None else None
        if until is not None and self._retry is None:
            self._retry = self._loop.call_at(max(until, self._loop.time()) + 0.01, self._try_again)

    def write(self, data: str) -> None:
        """Sends a control sequence, in order. Sends nothing while another program has the terminal."""
        if self._writer is not None:
            self._writer.write(data)

    def ask(self, questions: str) -> None:
        """Sends questions. The answers reach the app by `terminal_replied`."""
        if self._writer is not None:
            self._parser.expect(self._writer.ask(questions))

    # ---- taking the terminal and giving it back

    def start_application_mode(self) -> None:
        """Takes the terminal. In the background, stops the program instead; a shell that brings it back continues it."""
        terminal = self._terminal
        if terminal.in_background:
            terminal.stop()
            return
        self._writer = TerminalWriter(terminal.output_fd, self._wake, self._gone)
        self._report_size()
        # Alternate screen, no cursor, focus events. Entered a second time, the screen would be cleared.
        self.write(("" if self._held else "\x1b[?1049h") + (_MOUSE_ON if self._mouse else "") + "\x1b[?25l\x1b[?1004h")
        settings = terminal.make_raw()
        self._settings, self._held = self._held or settings, None
        if terminal.environ.get("TEXTUAL_DISABLE_KITTY_KEY") != "1":
            self.write(_KITTY_KEYS_ON)
        self._start_input()
        if terminal.environ.get("TERM_PROGRAM") != "Apple_Terminal":  # which would show the last letters of the questions
            self.write(_MODE_QUESTIONS)
        # Bracketed paste, no line wrap. iTerm 3.5 takes the mouse's modes only here.
        self.write("\x1b[?2004h\x1b[?7l" + (_MOUSE_ON if self._mouse else "") + _EXTENDED_KEYS_ON)
        self._running = True
        self._source.screen_lost()

    def stop_application_mode(self) -> None:
        """Gives the terminal back as it was, or hands it over."""
        hands_over = self._source.hands_over
        self._running = False
        self.write(self._source.last_words() + "\x1b[r\x1b[m" + _EXTENDED_KEYS_OFF + self._mouse_off())
        if self._writer is not None and self._input is not None and self._input.is_alive():
            self._writer.settle()
        self.write("\x1b[?2004l\x1b[?7h" + (_RESIZES_OFF if self._reports_resizes else ""))
        self.disable_input(discard=not hands_over)
        if self._meta_escapes:  # which no answer can change any more
            self._meta_escapes = False
            self.write(_META_ESCAPES_OFF)
        if hands_over:
            self.write(_KITTY_KEYS_OFF + "\x1b[?1004l")
            return
        if self._settings is not None:
            self._terminal.restore(self._settings)
            self._settings = None
        # Before the alternate screen is left, which has its own flags for the keyboard.
        self.write(_KITTY_KEYS_OFF + "\x1b[?1049l\x1b[?25h\x1b[?1004l")

    def give_back(self) -> None:
        """Gives back a terminal that was handed over to an app that does not come. Call it after `close`."""
        settings, self._settings = self._settings, None
        if settings is not None:
            self._terminal.give_back(settings)

    def close(self) -> None:
        """Writes what is left and ends the writer."""
        if self._writer is not None:
            self._writer.stop()
            self._writer = None

    def stop_process(self) -> None:
        """Gives the terminal back and stops the program that was started on it. Only stops it while the terminal is lent."""
        if self._running:
            self.suspend_application_mode()
        self._terminal.stop()

    def continued(self) -> None:
        """Takes the terminal again, unless it is lent."""
        if self.lent:
            return
        if self._running:  # stopped by SIGSTOP: the terminal may be in any state
            self.suspend_application_mode()
        self.resume_application_mode()

    def resized(self) -> None:
        """Sends the app the terminal's size. Taking the terminal does so, too."""
        if self._running:
            self._report_size()

    def _report_size(self) -> None:
        size = Size(*self._terminal.size())
        self.send_message(events.Resize(size, size))

    def _mouse_off(self) -> str:
        return (_MOUSE_OFF if self._mouse else "") + (_MOUSE_PIXELS_OFF if self._mouse_pixels else "")

    # ---- input

    def _start_input(self) -> None:
        self._input_fd = self._terminal.open_input()
        self._wakers = os.pipe()
        self._input = threading.Thread(target=self._read_input, args=(self._wakers[0],), name="terminal-input")
        self._input.start()

    def disable_input(self, *, discard: bool = True) -> None:
        """Ends the input thread. With `discard`, drops what was typed since."""
        if self._input is None:
            return
        reader, writer = self._wakers
        os.write(writer, b"\0")
        self._input.join()
        self._input = None
        for descriptor in (reader, writer, self._input_fd):
            os.close(descriptor)
        if discard:
            self._terminal.discard_input()

    def _read_input(self, waker: int) -> None:
        """Reads the terminal until woken, in a thread of its own. An error raised here ends the app."""
        try:
            self._read_until(waker)
        except Exception as error:
            self._app.call_later(_raise, error)

    def _read_until(self, waker: int) -> None:
        parser, fd = self._parser, self._input_fd
        decode = getincrementaldecoder("utf-8")("replace").decode
        while True:
            readable, _, _ = select.select([fd, waker], [], [], parser.wait)
            if waker in readable:
                return
            if fd in readable and (data := self._read()) is not None:
                if not data:
                    self._gone()
                    return
                for message in parser.feed(decode(data)):
                    self.process_message(message)
            for message in parser.tick():
                self.process_message(message)

    def _read(self) -> bytes | None:
        """Returns what was typed: nothing if the terminal is gone, None if another program has read it."""
        try:
            return os.read(self._input_fd, READ_SIZE)
        except BlockingIOError:
            return None
        except OSError:
            return b""

    def process_message(self, message: Message) -> None:
        """Passes an event to the app, and a reply to `terminal_replied`."""
        if isinstance(message, Reply):
            if message.is_device_attributes and self._writer is not None:
                self._writer.answered()
            if message.sequence == _NO_META_ESCAPES and not self._meta_escapes:
                self._meta_escapes = True
                self.write(_META_ESCAPES_ON)
            self._call(self._source.terminal_replied, message.sequence)
            return
        if isinstance(message, InBandWindowResize) and message.supported:
            self._reports_resizes = True
            if not message.enabled:
                self.write(_RESIZES_ON)
                message = InBandWindowResize(supported=True, enabled=True)
            if self._mouse:
                self.write(_MOUSE_PIXELS_ON)
                self._mouse_pixels = True
        super().process_message(message)

    # ---- from other threads

    def _call(self, method: Callable[..., None], *arguments: str) -> None:
        """Calls a method of the app on its loop."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(method, *arguments)

    def _wake(self) -> None:
        self._call(self._source.frame_due)

    def _try_again(self) -> None:
        self._retry = None
        self._wake()

    def _gone(self) -> None:
        self._call(self._source.terminal_gone)


def _raise(error: Exception) -> None:
    raise error
