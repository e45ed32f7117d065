"""Work that would hold the screen up, in one bounded pool of threads.

A job that was started can't be stopped, but its result can be dropped: a job has a key, a newer job takes the place of the
one before it under that key, and `done` is called on the event loop only for a result that is still wanted.
"""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Hashable
    from concurrent.futures import ThreadPoolExecutor

P = ParamSpec("P")
T = TypeVar("T")

WORKERS = 4
"""Threads. Most jobs wait for a disk; few need a processor for long."""


class Jobs:
    """A pool whose threads are made when they are first needed. All methods belong on the event loop's thread."""

    def __init__(self, workers: int = WORKERS) -> None:
        self._workers = workers
        self._pool: ThreadPoolExecutor | None = None
        self._wanted: dict[Hashable, asyncio.Future[Any]] = {}
        self._closed = False

    async def run(self, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The result of `fn`, run in a thread. Raises what it raises, and RuntimeError once closed."""
        return await self._start(partial(fn, *args, **kwargs))

    def submit(
        self,
        key: Hashable,
        fn: Callable[[], T],
        *,
        done: Callable[[T], None],
        failed: Callable[[BaseException], None] | None = None,
    ) -> None:
        """Runs `fn` in a thread, then `done` with its result on the loop, unless a newer job or `cancel` took `key`.

        An error goes to `failed`, or to the loop's exception handler where there is none.
        """
        self.cancel(key)
        future = self._start(fn)
        self._wanted[key] = future
        future.add_done_callback(partial(self._finish, key, done, failed))

    def _start(self, fn: Callable[[], T]) -> asyncio.Future[T]:
        if self._closed:
            raise RuntimeError("the pool of jobs is closed")
        # Not at import: a notebook is read, and its kernel started, before a loop is there.
        import asyncio

        if self._pool is None:
            from concurrent.futures import ThreadPoolExecutor

            self._pool = ThreadPoolExecutor(self._workers, thread_name_prefix="tuinb-job")
        return asyncio.get_running_loop().run_in_executor(self._pool, fn)

    def _finish(
        self,
        key: Hashable,
        done: Callable[[T], None],
        failed: Callable[[BaseException], None] | None,
        future: asyncio.Future[T],
    ) -> None:
        if self._wanted.get(key) is not future:
            if not future.cancelled():
                # Asking for it keeps asyncio from reporting an error that nobody wants to hear of.
                future.exception()
            return
        del self._wanted[key]
        error = future.exception()
        if error is None:
            done(future.result())
        elif failed is not None:
            failed(error)
        else:
            future.get_loop().call_exception_handler({"message": f"job {key!r} failed", "exception": error})

    def cancel(self, key: Hashable) -> None:
        """Drops the job under `key`, if there is one: it is not started, or its result is not given."""
        future = self._wanted.pop(key, None)
        if future is not None:
            future.cancel()

    def pending(self) -> tuple[Hashable, ...]:
        """The keys of the jobs whose results are still awaited."""
        return tuple(self._wanted)

    def close(self, *, wait: bool = False) -> None:
        """Drops everything. What runs is let go to its end; `wait` waits for that."""
        self._closed = True
        for key in tuple(self._wanted):
            self.cancel(key)
        if self._pool is not None:
            self._pool.shutdown(wait=wait, cancel_futures=True)


@cache
def shared() -> Jobs:
    """The pool of this process."""
    return Jobs()
