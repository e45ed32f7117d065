"""The stack of dialogs: one at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.ui.harness import Driver, running
from tests.ui.notebooks import notebook, stream

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


@pytest.mark.parametrize("focused", ["panel", "notebook"])
async def test_what_asks_for_the_focus_gets_it_after_the_dialog(two: Path, focused: str) -> None:
    async with running(two) as t:
        t.app.system.run_later(ask_and_remember(t))
        await t.shows("really?")
        with t.app.in_context():
            t.app.execute("contents-panel")
        await t.until(lambda: bool(t.app.screen.query("ContentsPanel")))
        await t.pilot.pause()
        if focused == "notebook":
            t.app.pane.focus_home()
        await t.press("up", "enter")
        await t.until(lambda: not t.app.dialogs.is_open)
        assert t.app.pane.panels.has_keys == (focused == "panel")
        assert t.app.screen.focused is not None


async def shows_badge(t: Driver, badge: str) -> None:
    await t.until(lambda: t.rows()[-1].startswith(f" {badge} "))


async def test_the_status_line_names_the_dialog_that_has_the_keys(tmp_path: Path) -> None:
    async with running(notebook(tmp_path / "a.ipynb", ("a", [stream("text\n")])), size=(100, 24)) as t:
        for key, badge, hint in (
            ("colon", "PALETTE", "Enter runs  Esc cancels"),
            ("slash", "FIND", "Enter stays here  Esc goes back"),
            ("question_mark", "PAGE", ""),
            ("l", "VIEW", ""),
        ):
            await t.press(key)
            await shows_badge(t, badge)
            assert hint in t.rows()[-1]
            assert "Enter edits" not in t.rows()[-1]
            await t.press("escape")
            await shows_badge(t, "COMMAND")
        t.app.system.run_later(ask_and_remember(t))
        await shows_badge(t, "CHOOSE")
        await t.press("up", "enter")
        await shows_badge(t, "COMMAND")
        await t.press("l", "slash")
        await shows_badge(t, "FIND")
        await t.press("escape")
        await shows_badge(t, "VIEW")
