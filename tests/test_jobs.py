"""The pool: results on the loop, newer jobs in the place of older ones, nothing after it is closed."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any

import pytest

from tests.support import wait_for
from tuinb.jobs import Jobs, shared

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def jobs() -> Iterator[Jobs]:
    made = Jobs(1)
    yield made
    made.close(wait=True)


async def test_runs_in_a_thread(jobs: Jobs) -> None:
    assert await jobs.run(threading.current_thread) is not threading.current_thread()
    assert await jobs.run(int, "11", base=2) == 3
    with pytest.raises(ValueError, match="invalid literal"):
        await jobs.run(int, "x")


async def test_gives_results_on_the_loop(jobs: Jobs) -> None:
    results: list[object] = []
    jobs.submit("a", threading.current_thread, done=lambda thread: results.append((thread, threading.current_thread())))
    assert jobs.pending() == ("a",)
    await wait_for(lambda: bool(results))
    worker, caller = results[0]  # type: ignore[misc]
    assert worker is not caller  # type: ignore[has-type]
    assert caller is threading.current_thread()  # type: ignore[has-type]
    assert jobs.pending() == ()


async def test_a_newer_job_takes_the_place_of_an_older_one(jobs: Jobs) -> None:
    go_on = threading.Event()
    results: list[str] = []

    def slow(name: str) -> str:
        go_on.wait(20)
        return name

    jobs.submit("key", lambda: slow("running"), done=results.append)
    jobs.submit("key", lambda: slow("waiting"), done=results.append)
    jobs.submit("key", lambda: slow("newest"), done=results.append)
    jobs.submit("other", lambda: slow("other"), done=results.append)
    go_on.set()
    await wait_for(lambda: not jobs.pending())
    assert results == ["newest", "other"]


async def test_a_cancelled_job_gives_nothing(jobs: Jobs) -> None:
    go_on = threading.Event()
    results: list[object] = []

    def fail() -> None:
        go_on.wait(20)
        raise ValueError("nobody hears this")

    jobs.submit("a", fail, done=results.append)
    jobs.submit("b", lambda: 1, done=results.append)
    jobs.cancel("a")
    jobs.cancel("b")
    jobs.cancel("never there")
    go_on.set()
    await jobs.run(int)
    await asyncio.sleep(0)
    assert results == []


async def test_errors_go_where_they_are_wanted(jobs: Jobs) -> None:
    errors: list[object] = []
    unhandled: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: unhandled.append(context))
    jobs.submit("a", lambda: int("x"), done=errors.append, failed=errors.append)
    jobs.submit("b", lambda: int("y"), done=errors.append)
    await wait_for(lambda: bool(errors) and bool(unhandled))
    assert isinstance(errors[0], ValueError)
    assert "'b'" in unhandled[0]["message"]


async def test_closing_drops_what_waits_and_lets_the_rest_end() -> None:
    jobs = Jobs(1)
    go_on, ended = threading.Event(), threading.Event()
    results: list[object] = []

    def slow() -> None:
        go_on.wait(20)
        ended.set()

    jobs.submit("a", slow, done=results.append)
    jobs.submit("b", slow, done=results.append)
    jobs.close()
    go_on.set()
    jobs.close(wait=True)
    assert ended.is_set()
    assert results == []
    with pytest.raises(RuntimeError, match="closed"):
        await jobs.run(int)


def test_there_is_one_shared_pool() -> None:
    assert shared() is shared()
