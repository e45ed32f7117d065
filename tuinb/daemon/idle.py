"""Ends a session that has not been used for long.

A session is in use while a terminal is attached, another program is connected, a cell runs or waits, the kernel computes or
waits for input, and whenever something changes in it. A kernel that tuinb did not start may compute for others. Time in which
the computer sleeps does not count. There is one timer, and it is due once in the whole span: a session at rest takes no
processor time.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from tuinb.session.state import KernelState

if TYPE_CHECKING:
    from collections.abc import Callable

    from tuinb.session.session import Session

_AT_REST: Final = frozenset({KernelState.NONE, KernelState.IDLE, KernelState.DEAD})
"""States in which a kernel has nothing to do. One that does not answer may compute."""


class IdleEnd:
    """Calls `end` once the session has not been used for `seconds`. 0 never does. `connected` says whether anyone is."""

    def __init__(self, session: Session, seconds: float, connected: Callable[[], bool], end: Callable[[], None]) -> None:
        self._session = session
        self._seconds = seconds
        self._connected = connected
        self._end = end
        self._loop = asyncio.get_running_loop()
        self._used = self._loop.time()
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Begins to wait."""
        if self._seconds:
            self._wait(self._seconds)

    def stop(self) -> None:
        """Never calls `end` from now on."""
        if self._timer is not None:
            self._timer.cancel()

    def used(self) -> None:
        """Notes that the session is used now."""
        self._used = self._loop.time()

    def _wait(self, seconds: float) -> None:
        self._timer = self._loop.call_later(seconds, self._check)

    def _check(self) -> None:
        if self._in_use:
            self.used()
        left = self._used + self._seconds - self._loop.time()
        if left <= 0:
            self._end()
        else:
            self._wait(left)

    @property
    def _in_use(self) -> bool:
        session, kernel = self._session, self._session.kernel
        computes = kernel.works_for_us if kernel.state is KernelState.BUSY else kernel.state not in _AT_REST
        return bool(self._connected() or session.queue() or session.prompt is not None or computes)
