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
        """Whether another program has the terminal, so that Ctrl+C and Ctrl+\\ are meant for that program."""
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
        """Ends the app with an exit code. Called for SIGTERM, SIGHUP and SIGQUIT."""
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
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGQUIT)}

    # Handlers of the moment: when the loop gets to it, the other program may have ended. Not SIG_IGN: that would be inherited.
    def interrupted(number: int, frame: FrameType | None) -> None:
        earlier = before[signal.SIGINT]
        if callable(earlier) and not app.terminal_lent:
            earlier(number, frame)

    def told_to_quit(number: int, frame: FrameType | None) -> None:
        if not app.terminal_lent:
            loop.call_soon_threadsafe(app.leave, 128 + number)

    signal.signal(signal.SIGINT, interrupted)
    signal.signal(signal.SIGQUIT, told_to_quit)
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)
        for number in handlers:
            loop.remove_signal_handler(number)
