"""A limit on the time that a regular expression of the user may take.

Python's `re` has no timeout and holds the GIL, but it runs signal handlers on its way.
"""

from __future__ import annotations

import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

SECONDS = 1.0


@contextmanager
def regex_timeout() -> Iterator[None]:
    """Raises TimeoutError in the body if it takes longer than SECONDS. Works in the main thread only."""

    def over(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, over)
    left, _ = signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, left)
        signal.signal(signal.SIGALRM, before)
