"""A limit on how long the screen waits for a regular expression that somebody wrote.

Python's can't be told when to stop, and hold every thread up; but they look for signals as they go.
"""

from __future__ import annotations

import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

SECONDS = 1.0


@contextmanager
def limited() -> Iterator[None]:
    """Raises TimeoutError in what is done within it, if that takes longer. For the main thread."""

    def over(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, over)
    left, _ = signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, left)
        signal.signal(signal.SIGALRM, before)
