"""The terminal that the process was started on, and its signals.

No other module of the screen reads the process's environment or standard streams, or installs handlers for signals of the
terminal. For an app on another terminal, the code that receives that terminal's signals calls the same methods.
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
    """The methods of an app that signals call."""

    @property
    def terminal_lent(self) -> bool:
        """Whether another program has the terminal, so that an interrupt is meant for that program."""
        ...

    def terminal_resized(self) -> None:
        """Called for SIGWINCH."""
        ...

    def terminal_continued(self) -> None:
        """Called for SIGCONT."""
        ...

    def action_suspend_process(self) -> None:
        """Gives the terminal back and stops the program. Called for SIGTSTP."""
        ...

    def leave(self, code: int) -> None:
        """Ends the app with an exit code. Called for SIGTERM and SIGHUP."""
        ...


def terminal() -> Terminal:
    """Returns the terminal on standard input and output, with the environment as it is now."""
    return Terminal(0, 1, dict(os.environ), stop)


def stop() -> None:
    """Stops the process until it is continued."""
    os.kill(os.getpid(), signal.SIGSTOP)


@contextmanager
def signals_to(app: Listener) -> Iterator[None]:
    """Passes the terminal's signals to the app. Call it from the main thread, in a running loop."""
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
