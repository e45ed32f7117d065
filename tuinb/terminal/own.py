"""The terminal that the process was started on, and the signals that concern it.

The only module of the screen that reads the process's environment and descriptors and installs signal handlers. An app on
another terminal is driven by the same method calls from whatever hears of that terminal's signals.
"""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Protocol

from tuinb.terminal.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType


class Listener(Protocol):
    """An app, as the signals of its terminal see it."""

    @property
    def terminal_lent(self) -> bool:
        """Whether another program has the terminal, so that an interrupt is meant for that program."""
        ...

    def terminal_resized(self) -> None:
        """The window has another size, or shows something else."""
        ...

    def terminal_continued(self) -> None:
        """The program goes on after it was stopped."""
        ...

    def action_suspend_process(self) -> None:
        """Gives the terminal back and stops the program."""
        ...

    def leave(self, code: int) -> None:
        """Ends the app with an exit code."""
        ...


def terminal() -> Terminal:
    """Returns the terminal on standard input and output, with the environment as it is now."""
    return Terminal(0, 1, dict(os.environ), stop)


def stop() -> None:
    """Stops the process until it is continued."""
    os.kill(os.getpid(), signal.SIGSTOP)


@contextmanager
def signals_to(app: Listener) -> Iterator[None]:
    """Passes the signals of the process's terminal on to the app. Call it from the main thread, in a running loop."""
    loop = asyncio.get_running_loop()
    handlers: dict[signal.Signals, Callable[[], None]] = {
        signal.SIGTERM: partial(app.leave, 128 + signal.SIGTERM),
        signal.SIGHUP: partial(app.leave, 128 + signal.SIGHUP),
        signal.SIGWINCH: app.terminal_resized,
        signal.SIGTSTP: app.action_suspend_process,
        signal.SIGCONT: app.terminal_continued,
    }
    for number, handler in handlers.items():
        loop.add_signal_handler(number, handler)
    before = signal.getsignal(signal.SIGINT)

    def interrupted(number: int, frame: FrameType | None) -> None:
        if callable(before) and not app.terminal_lent:
            before(number, frame)

    # A handler, not SIG_IGN: a program that is started would inherit that.
    signal.signal(signal.SIGINT, interrupted)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        for number in handlers:
            loop.remove_signal_handler(number)
