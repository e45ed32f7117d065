"""Errors that nobody expects, in a key, a task or a paint: they are named, and the screen goes on."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from tests.ui.harness import running
from tuinb.errors import SessionError
from tuinb.ui.error_reporter import ErrorReporter
from tuinb.ui.keys.keyboard import Keyboard
from tuinb.ui.view.notebook_view import NotebookView

if TYPE_CHECKING:
    from pathlib import Path

    from tests.ui.harness import Driver

NAMED = "Internal error: KeyError: 'broken'. The traceback is printed when tuinb ends."


def failing(*_: Any, **__: Any) -> Any:  # noqa: ANN401
    raise KeyError("broken")


def reported(t: Driver) -> ErrorReporter:
    """Has errors reported as the program has."""
    reporter = ErrorReporter(t.app.dialogs.notify)
    asyncio.get_running_loop().set_exception_handler(reporter)
    return reporter


async def still_works(t: Driver, path: Path) -> None:
    """Types into the first cell, and saves."""
    await t.press("enter", "home")
    await t.type("9")
    await t.shows("91 + 1")
    await t.press("escape", "ctrl+s")
    await t.until(lambda: "91 + 1" in path.read_text())


async def test_an_error_at_a_key_is_named_and_the_next_key_works(two: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(two) as t:
        reporter = reported(t)
        with monkeypatch.context() as patch:
            patch.setattr(Keyboard, "press", failing)
            await t.press("j")
            await t.shows(NAMED[:60])
        await still_works(t, two)
        assert "in failing" in "".join(reporter.report())


async def test_an_error_at_a_key_in_a_cell_is_named_and_the_next_key_works(two: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(two) as t:
        reporter = reported(t)
        await t.press("enter")
        with monkeypatch.context() as patch:
            patch.setattr(Keyboard, "press", failing)
            await t.press("ctrl+s")
            await t.shows(NAMED[:60])
        await t.press("escape")
        await still_works(t, two)
        assert "in failing" in "".join(reporter.report())


async def test_an_error_in_a_task_is_named_and_the_next_key_works(two: Path) -> None:
    async with running(two) as t:
        reporter = reported(t)

        async def fail() -> None:
            failing()

        t.app.tasks.run(fail())
        await t.shows(NAMED[:60])
        await still_works(t, two)
        assert "in failing" in "".join(reporter.report())


async def test_an_error_in_a_paint_is_named_and_keys_work(two: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(two) as t:
        reporter = reported(t)
        with monkeypatch.context() as patch:
            patch.setattr(NotebookView, "_painted_of", failing)
            await t.press("j")
            await t.shows(NAMED[:60])
            assert "1 + 1" not in t.text()
            await t.press("k", "ctrl+s")
        await still_works(t, two)
        assert "in failing" in "".join(reporter.report())


async def test_an_expected_error_at_a_key_is_said_as_it_is(two: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> bool:
        raise SessionError("not now")

    async with running(two) as t:
        with monkeypatch.context() as patch:
            patch.setattr(Keyboard, "press", refuse)
            await t.press("j")
            await t.shows("not now")


async def test_where_nothing_reports_it_the_error_ends_the_app(two: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def press_a_key() -> None:
        async with running(two) as t:
            monkeypatch.setattr(Keyboard, "press", failing)
            await t.press("j")

    with pytest.raises(KeyError, match="broken"):
        await press_a_key()
