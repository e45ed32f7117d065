"""The palette, which is one line for commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.ui.harness import running

if TYPE_CHECKING:
    from pathlib import Path


async def test_the_palette_finds_commands_and_runs_ex_lines(two: Path) -> None:
    async with running(two) as t:
        await t.press("ctrl+p")
        await t.type("insert")
        await t.shows("insert-above")
        await t.press("escape")
        assert "insert-above" not in t.text()
        await t.press(":")
        await t.type("2")
        await t.press("enter")
        await t.until(lambda: "2/2" in t.rows()[-1])
        await t.press(":")
        await t.type("nonsense")
        await t.press("enter")
        await t.shows("No command 'nonsense'")


@pytest.mark.parametrize("key", ["enter", "ctrl+j"])
async def test_enter_runs_a_line_though_it_came_before_raw_mode(two: Path, key: str) -> None:
    """A terminal that is not raw yet makes a line feed of it."""
    async with running(two) as t:
        await t.press("colon", "2", key)
        await t.shows("2/2")


async def test_the_palette_is_as_high_as_what_it_finds(two: Path) -> None:
    async with running(two) as t:
        rows = [row for row in t.rows() if "1 + 1" in row]
        await t.press("colon")
        await t.shows("run-and-advance")
        assert sum(row.startswith(("│ ▸ ", "│   ")) for row in t.rows()[-12:-3]) == 9
        await t.type("choose-th")
        await t.until(lambda: t.rows()[-4].startswith("│ ▸ choose-theme"))
        assert t.rows()[-5].startswith("╭─ Commands ─")
        await t.type("zzz")
        await t.until(lambda: t.rows()[-4].startswith("│ No command matches"))
        await t.press("escape")
        assert [row for row in t.rows() if "1 + 1" in row] == rows


async def test_a_description_that_is_cut_ends_in_a_mark(two: Path) -> None:
    async with running(two) as t:
        await t.press("colon")
        await t.type("cancel-all")
        await t.until(lambda: t.rows()[-4].rstrip("│ ").endswith("…"))
