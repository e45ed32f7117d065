"""A terminal as a value: its descriptors, and the environment of the program that was started on it.

All code that concerns a terminal takes one of these and nothing of the process's own, so that a process can serve several
terminals, each with its own size, colours and environment. `own` makes the one that the process was started on.
"""

from __future__ import annotations

import fcntl
import os
import select
import struct
import termios
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tuinb import foreground
from tuinb.record import Record
from tuinb.terminal import probe

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from tuinb.capabilities import Capabilities
    from tuinb.foreground import Spawn

_USUAL_SIZE: Final = (80, 24)
_INPUT, _OUTPUT, _LOCAL, _CHARACTERS = 0, 1, 3, 6
"""Places in what tcgetattr returns."""
_INPUT_OFF: Final = termios.IXON | termios.IXOFF | termios.ICRNL | termios.INLCR | termios.IGNCR
_LOCAL_OFF: Final = termios.ECHO | termios.ICANON | termios.IEXTEN | termios.ISIG

RESET: Final = (
    "\x1b[r\x1b[m\x1b[>4m\x1b[?1006l\x1b[?1002l\x1b[?1000l\x1b[?1016l\x1b[?2004l\x1b[?2026l\x1b[?2048l\x1b[?7h"
    "\x1b[<u\x1b[?1049l\x1b[0 q\x1b[?25h\x1b[?1004l"
)
"""Turns off all modes that the driver turns on, for a terminal whose driver ended without doing so."""

Settings = list[Any]
"""What tcgetattr returns."""


class Window(NamedTuple):
    """A terminal's size in cells and in pixels (0: unknown)."""

    rows: int
    columns: int
    width: int
    height: int


def _nothing() -> None:
    """Stops nothing."""


class Terminal(Record):
    """One terminal."""

    input_fd: int
    output_fd: int
    environ: Mapping[str, str]
    """The environment of the program that was started on the terminal."""
    stop: Callable[[], None] = _nothing
    """Stops that program, as Ctrl+Z does in a shell. The app's `terminal_continued` is called when it goes on."""
    spawn: Spawn = foreground.spawn
    """Starts another program on the terminal, while the app does not use it. May be called in any thread."""
    folder: Path | None = None
    """The working folder of the program that was started on the terminal. None for that of this process."""
    held: Settings | None = None
    """The settings to give the terminal back with, if another app has left it raw and on the alternate screen. None if the
    terminal is as a shell leaves it.
    """

    def window(self) -> Window | None:
        """Returns the size in cells and pixels; None if the descriptor is not a terminal, or is -1."""
        try:
            answer = fcntl.ioctl(self.output_fd, termios.TIOCGWINSZ, b"\0" * 8)
        except (OSError, ValueError):
            return None
        return Window(*struct.unpack("HHHH", answer))

    def size(self) -> tuple[int, int]:
        """Returns columns and rows.

        COLUMNS and LINES count only if the descriptor gives no size: a shell that exports them does not update them.
        """
        window = self.window()
        if window is not None and window.columns and window.rows:
            return window.columns, window.rows
        columns, rows = (self.environ.get(name, "") for name in ("COLUMNS", "LINES"))
        return _number(columns) or _USUAL_SIZE[0], _number(rows) or _USUAL_SIZE[1]

    def capabilities(self) -> Capabilities:
        """Returns what the terminal can do, by its environment and its size in pixels."""
        return probe.capabilities(self.environ, self.window())

    @property
    def in_background(self) -> bool:
        """Whether it is the process's controlling terminal and another process group has it."""
        try:
            foreground = os.tcgetpgrp(self.input_fd)
        except OSError:
            return False
        # 0: the group is of another PID namespace, as in a container.
        return foreground not in (0, os.getpgrp())

    def settings(self) -> Settings | None:
        """Returns the current settings, for `restore`; None if the terminal is gone."""
        try:
            return termios.tcgetattr(self.input_fd)
        except termios.error:
            return None

    def make_raw(self) -> Settings | None:
        """Turns off echo, line editing, keys that send signals, and processing of line ends.

        Returns the settings before that, for `restore`; None if the terminal is gone. Without output processing a line feed
        is one byte and keeps the column.
        """
        try:
            before: Settings = termios.tcgetattr(self.input_fd)
            raw = [*before]
            raw[_INPUT] &= ~_INPUT_OFF
            raw[_OUTPUT] &= ~termios.OPOST
            raw[_LOCAL] &= ~_LOCAL_OFF
            raw[_CHARACTERS] = [*before[_CHARACTERS]]
            raw[_CHARACTERS][termios.VMIN] = 1
            termios.tcsetattr(self.input_fd, termios.TCSANOW, raw)
        except termios.error:
            return None
        return before

    def restore(self, settings: Settings) -> None:
        """Undoes `make_raw`; does nothing if the terminal is gone."""
        try:
            termios.tcsetattr(self.input_fd, termios.TCSANOW, settings)
        except termios.error:
            return

    def give_back(self, settings: Settings) -> None:
        """Restores the settings and turns off all modes, for an app that ended without doing so. Does not wait."""
        self.restore(settings)
        with suppress(OSError):
            if select.select([], [self.output_fd], [], 0)[1]:
                os.write(self.output_fd, RESET.encode())
        self.discard_input()

    def open_input(self) -> int:
        """Opens the terminal for reading without waiting, where it can be opened. The caller closes the descriptor.

        Another program may read the same terminal, as a shell does after its command was killed, and take what `select` saw.
        Reading `input_fd` would then wait for the next key. O_NONBLOCK on `input_fd` would hold for those programs as well.
        """
        try:
            return os.open(os.ttyname(self.input_fd), os.O_RDONLY | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:  # Not a terminal, or another user's, as after `su`.
            return os.dup(self.input_fd)

    def discard_input(self) -> None:
        """Drops what was typed and not read; does nothing if the terminal is gone."""
        try:
            termios.tcflush(self.input_fd, termios.TCIFLUSH)
        except termios.error:
            return


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else 0
