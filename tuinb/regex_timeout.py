"""A limit on the time that a regular expression may take: of a search, or of a language's lexer.

Python's `re` has no timeout and holds the GIL, but it runs signal handlers on its way. The time is the process's own CPU time:
on a busy machine nothing is given up that would be quick on an idle one.
"""

from __future__ import annotations

import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

SECONDS = 1.0
_REPEAT = 0.05
"""Seconds until the signal is sent again: an exception in a finalizer or a callback of the garbage collector is lost."""


@contextmanager
def regex_timeout(seconds: float | None = None) -> Iterator[None]:
    """Raises TimeoutError in the body if it takes more CPU time than `seconds` (None: SECONDS). For the main thread only."""

    def over(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGVTALRM, over)
    left, _ = signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS if seconds is None else seconds, _REPEAT)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, left)
        signal.signal(signal.SIGVTALRM, before)
