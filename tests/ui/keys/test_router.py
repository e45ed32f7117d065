"""The router: which layer takes a key, and the order of keys that arrive in one read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from textual import events

from tests.support import write_notebook
from tests.ui.harness import Driver, running
from tuinb.kernel.connection import scripted as k
from tuinb.workspace.view_state import Mode

if TYPE_CHECKING:
    from pathlib import Path


def burst(t: Driver, *keys: tuple[str, str | None]) -> None:
    """Keys that arrive in one read, as on a slow line: nothing happens between them."""
    for key, character in keys:
        t.app.post_message(events.Key(key, character))


async def test_keys_after_the_palettes_are_for_the_palette(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "many.ipynb", *(f"cell {i}" for i in range(1, 15)))
    async with running(path) as t:
        before = t.sources()
        burst(t, ("colon", ":"), ("1", "1"), ("2", "2"), ("enter", "\r"))
        await t.until(lambda: "12/14" in t.rows()[-1])
        burst(t, ("colon", ":"), ("w", "w"), ("enter", "\r"))
        await t.shows("Saved many.ipynb")
        assert t.sources() == before


async def test_keys_after_enter_are_for_the_editor(two: Path) -> None:
    async with running(two) as t:
        burst(t, ("b", "b"), ("enter", "\r"), ("x", "x"), ("d", "d"), ("d", "d"))
        await t.until(lambda: t.sources()[1] == "xdd")


async def test_a_command_never_overtakes_the_text_before_it(two: Path) -> None:
    async with running(two, {"hello 1": [k.result("all of it")]}) as t:
        text = [(c, c) if c != " " else ("space", " ") for c in "helo 1"]
        # b, Enter, "helx", backspace, "lo 1" and the run key, in one read
        mistake: list[tuple[str, str | None]] = [("x", "x"), ("backspace", None), ("l", "l")]
        burst(t, ("b", "b"), ("enter", "\r"), *text[:3], *mistake, *text[3:], ("ctrl+e", None))
        await t.shows("all of it")
        assert t.sources() == ["1 + 1", "hello 1", "2 + 2"]
        burst(t, ("enter", "\r"), ("z", "z"), ("escape", None), ("j", "j"), ("d", "d"), ("d", "d"))
        burst(t, ("colon", ":"), ("1", "1"), ("enter", "\r"))
        await t.until(lambda: "1/2" in t.rows()[-1])
        assert t.sources() == ["1 + 1", "hello 1z"]


@pytest.mark.parametrize("key", ["alt+j", "alt+shift+g"])
async def test_escape_and_a_key_in_one_read_are_two_keys(two: Path, key: str) -> None:
    async with running(two) as t:
        await t.press("enter")
        burst(t, (key, None))
        await t.until(lambda: "2/2" in t.rows()[-1])
        assert t.app.pane.view_state.mode is Mode.COMMAND
        assert t.sources() == ["1 + 1", "2 + 2"]
