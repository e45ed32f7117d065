"""The list of completions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.ui.harness import running

if TYPE_CHECKING:
    from pathlib import Path


async def test_completion_narrows_and_takes_a_match(two: Path) -> None:
    async with running(two, completions=["alpha", "alpine", "beta"]) as t:
        await t.press("b", "enter")
        await t.type("al")
        await t.press("tab")
        await t.shows("alpine")
        await t.type("pi")
        await t.until(lambda: "alpha" not in t.text())
        await t.press("enter")
        await t.until(lambda: t.sources()[1] == "alpine")


async def test_completions_stand_below_the_row_that_is_written_on(two: Path) -> None:
    async with running(two, size=(50, 20), completions=["alpha", "alpine"]) as t:
        await t.press("b", "m", "enter")
        t.app.pane.insert_text("word " * 19)
        await t.type("al")
        await t.press("tab")
        await t.shows("alpine")
        at = next(row for row, text in enumerate(t.rows()) if text.endswith(" al"))
        assert ["alpha" in row for row in t.rows()[at - 1 : at + 2]] == [False, False, True]
        assert t.rows()[at + 1].index("alpha") == t.rows()[at].rindex("al")
