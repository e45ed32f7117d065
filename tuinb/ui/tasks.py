"""Runs coroutines in the background: commands that wait for an answer, a kernel or a file."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from tuinb.errors import TuinbError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


def report(error: Exception) -> None:
    """Hands an unexpected error to the handler of the event loop, which shows it. Raises it if there is none, as in tests."""
    loop = asyncio.get_running_loop()
    if loop.get_exception_handler() is None:
        raise error
    loop.call_exception_handler({"message": "unexpected error", "exception": error})


class BackgroundTasks:
    """The background tasks of one app. A TuinbError goes to `notify`, any other exception to `fail`.

    `begun` is called when the first step of a coroutine has run, `done` after the end of one that `settles`.
    """

    def __init__(
        self,
        notify: Callable[[str, str], None],
        fail: Callable[[BaseException], None],
        begun: Callable[[], None],
        done: Callable[[], None],
    ) -> None:
        self._notify = notify
        self._fail = fail
        self._begun = begun
        self._done = done
        self._starting = 0
        self._tasks: set[asyncio.Future[None]] = set()

    @property
    def starting(self) -> bool:
        """Whether the first step of a coroutine, which may open a dialog, has not run yet."""
        return self._starting > 0

    def run(self, work: Awaitable[object], *, settles: bool = True) -> None:
        """Runs a coroutine in the background."""
        self._starting += 1
        task = asyncio.ensure_future(self._begin(work))
        self._tasks.add(task)
        task.add_done_callback(partial(self._end, settles=settles))

    async def _begin(self, work: Awaitable[object]) -> None:
        self._starting -= 1
        asyncio.get_running_loop().call_soon(self._begun)
        await work

    def _end(self, task: asyncio.Future[None], *, settles: bool) -> None:
        self._tasks.discard(task)
        if task.cancelled():
            return
        error = task.exception()
        if isinstance(error, TuinbError):
            self._notify(str(error), "error")
        elif error is not None:
            self._fail(error)
        if settles:
            self._done()
