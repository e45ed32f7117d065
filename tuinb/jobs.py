"""Work that would block the event loop, run in one bounded pool of threads.

A started job can't be stopped, but its result can be dropped. Each job has a key; a newer job with the same key replaces
the older one. `done` is called on the event loop, and only if the job was not replaced or cancelled.
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
"""Number of threads. Most jobs wait for a disk; few use the processor for long."""


class Jobs:
    """A thread pool, created on first use. Call all methods on the event loop's thread."""

    def __init__(self, workers: int = WORKERS) -> None:
        self._workers = workers
        self._pool: ThreadPoolExecutor | None = None
        self._futures: dict[Hashable, asyncio.Future[Any]] = {}
        self._closed = False

    async def run(self, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Runs `fn` in a thread and returns its result. Raises what `fn` raises, and RuntimeError if the pool is closed."""
        return await self._start(partial(fn, *args, **kwargs))

    def submit(
        self,
        key: Hashable,
        fn: Callable[[], T],
        *,
        done: Callable[[T], None],
        failed: Callable[[BaseException], None] | None = None,
    ) -> None:
        """Runs `fn` in a thread, then calls `done` with its result on the event loop, unless a newer job or `cancel` took
        `key`.

        An error is passed to `failed`, or to the loop's exception handler if `failed` is None.
        """
        self.cancel(key)
        future = self._start(fn)
        self._futures[key] = future
        future.add_done_callback(partial(self._finish, key, done, failed))

    def _start(self, fn: Callable[[], T]) -> asyncio.Future[T]:
        if self._closed:
            raise RuntimeError("the job pool is closed")
        # Imported late: a notebook is read, and its kernel started, before the event loop exists.
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
        if self._futures.get(key) is not future:
            if not future.cancelled():
                # Retrieving the exception keeps asyncio from reporting an error of a dropped job.
                future.exception()
            return
        del self._futures[key]
        error = future.exception()
        if error is None:
            done(future.result())
        elif failed is not None:
            failed(error)
        else:
            future.get_loop().call_exception_handler({"message": f"job {key!r} failed", "exception": error})

    def cancel(self, key: Hashable) -> None:
        """Drops the job under `key`, if any: it does not start, or its result is discarded."""
        future = self._futures.pop(key, None)
        if future is not None:
            future.cancel()

    def pending(self) -> tuple[Hashable, ...]:
        """Returns the keys of the jobs that have not finished."""
        return tuple(self._futures)

    def close(self, *, wait: bool = False) -> None:
        """Drops all jobs. Running jobs continue to their end; `wait` waits for that."""
        self._closed = True
        for key in tuple(self._futures):
            self.cancel(key)
        if self._pool is not None:
            self._pool.shutdown(wait=wait, cancel_futures=True)


@cache
def shared() -> Jobs:
    """Returns the pool of this process."""
    return Jobs()
