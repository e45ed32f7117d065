"""The stack of dialogs: one at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.ui.harness import Driver, running

if TYPE_CHECKING:
    from pathlib import Path


async def ask_and_remember(t: Driver) -> None:
    assert await t.app.dialogs.confirm("really?")


async def test_a_question_is_not_disturbed_by_a_page(two: Path) -> None:
    async with running(two) as t:
        t.app.system.run_later(ask_and_remember(t))
        await t.shows("really?")
        t.app.dialogs.page("Page", "text of the page")
        await t.pilot.pause()
        assert "really?" in t.text()
        await t.press("up", "enter")
        await t.shows("text of the page")
        await t.press("q")
