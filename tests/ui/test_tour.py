"""The tour in each set of keys: each step is seen when it is done, and not before."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from tests.ui.harness import running
from tuinb.commands import tour_steps
from tuinb.commands.keymap.sets import SETS
from tuinb.config import Config
from tuinb.ui.tour import Tour

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.ui.harness import Driver

MOVES = {
    "jupyter": {
        "Go to another cell": "j",
        "Edit a cell": "enter",
        "Type": "x",
        "Leave the cell": "escape",
        "Run a cell": "ctrl+e",
        "Add a cell": "b",
        "Move it": "alt+up",
        "Delete a cell": "d d",
        "Undo": "z",
        "Find": "slash p r i enter",
        "Run any command by its name": "colon l i n e minus n u m b enter",
        "Help": "question_mark q",
        "Save": "ctrl+s",
    }
}
MOVES["vscode"] = MOVES["jupyter"] | {"Run any command by its name": "f1 l i n e minus n u m b enter"}
MOVES["vim"] = MOVES["jupyter"] | {
    "Edit a cell": "i",
    "Leave the cell": "escape escape",
    "Run a cell": "f9",
    "Add a cell": "o escape escape",
    "Undo": "u",
}
MOVES["vscode"] = MOVES["jupyter"] | {"Find": "slash p r i enter escape"}
MOVES["emacs"] = {
    "Go to another cell": "ctrl+c ctrl+n",
    "Type": "x",
    "Run a cell": "ctrl+c ctrl+c",
    "Add a cell": "ctrl+c ctrl+b",
    "Move it": "ctrl+c up",
    "Delete a cell": "ctrl+c ctrl+k",
    "Undo": "ctrl+underscore",
    "Find": "ctrl+s p r i enter",
    "Run any command by its name": "alt+x l i n e minus n u m b enter",
    "Help": "f1 q",
    "Save": "ctrl+x ctrl+s",
}  # fmt: skip


@asynccontextmanager
async def touring(folder: Path, key_set: str) -> AsyncIterator[Driver]:
    path = folder / tour_steps.NAME
    path.write_text(tour_steps.practice())
    async with running(path, config=Config(key_set=key_set, lint=False)) as t:
        await Tour(t.app).begin()
        yield t


@pytest.mark.parametrize("key_set", SETS)
async def test_each_step_is_seen(tmp_path: Path, key_set: str) -> None:
    async with touring(tmp_path, key_set) as t:
        total = len(MOVES[key_set])
        for number, (title, keys) in enumerate(MOVES[key_set].items(), 1):
            await t.shows(f"step {number} of {total}: {title}")
            await t.press(*keys.split())
            await t.shows(f"✓ {title}")
        await t.shows("The tour is over")


async def test_a_step_that_is_not_done_stays_and_can_be_passed_over(tmp_path: Path) -> None:
    async with touring(tmp_path, "jupyter") as t:
        await t.press("z", "ctrl+s")
        assert "step 1 of 13" in t.rows()[0]
        for number in range(13):
            await t.shows(f"step {number + 1} of 13")
            t.app.execute("skip-step")
        await t.shows("passed over: Save")
        t.app.execute("skip-step")
        await t.shows("There is no tour here")
