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
