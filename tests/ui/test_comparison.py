"""The screen of `tuinb diff --screen`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tests.support import write_notebook
from tuinb import themes
from tuinb.files import load
from tuinb.files.unmerged import content_of
from tuinb.headless.diff.compare import Parts, compare
from tuinb.headless.diff.report import as_rows
from tuinb.terminal.terminal import Terminal
from tuinb.ui.comparison import ComparisonApp
from tuinb.ui.theme import ThemeChoice, ThemePair

if TYPE_CHECKING:
    from pathlib import Path

    from textual.pilot import Pilot

LONG = [f"line {n}" for n in range(30)]


def app_for(folder: Path, old: list[str], new: list[str]) -> ComparisonApp:
    before, after = (
        content_of(load.load(write_notebook(folder / name, *cells))) for name, cells in (("a.ipynb", old), ("b.ipynb", new))
    )
    diff = compare(before, after, Parts())
    choice = ThemeChoice(themes.load("dark"), ThemePair("dark", "light"))
    return ComparisonApp("a → b", lambda styles, *_: list(as_rows(diff, styles)), choice, Terminal(-1, -1, dict(os.environ)))


def rows(app: ComparisonApp) -> list[str]:
    return [strip.text.rstrip() for strip in app.screen._compositor.render_strips()[: app.size.height]]


async def press(pilot: Pilot[None], *keys: str) -> None:
    await pilot.press(*keys)
    await pilot.pause()


async def test_folds_and_changes(tmp_path: Path) -> None:
    changed = [*LONG[:5], "new", *LONG[5:25], "x", *LONG[26:]]
    app = app_for(tmp_path, ["a", "b", "\n".join(LONG), "c", "gone"], ["a", "b", "\n".join(changed), "c"])
    async with app.run_test(size=(60, 30)) as pilot:
        await pilot.pause()
        assert rows(app)[:3] == [
            "… 2 cells from 1 to 2 are the same [4 lines, folded]",
            "@@ cell 3 (code)",
            "… [2 lines, folded]",
        ]
        assert rows(app)[-1] == " change 0 of 3  a → b     n N next  Enter unfolds  q closes"
        at = rows(app).index("… cell 4 is the same [2 lines, folded]")
        assert rows(app)[at + 1 : at + 3] == ["@@ cell 5 (code), deleted", "-gone"]
        await press(pilot, "enter")
        assert rows(app)[:6] == [
            "… 2 cells from 1 to 2 are the same [4 lines]",
            "   cell 1 (code)", " a", "   cell 2 (code)", " b", "@@ cell 3 (code)",
        ]  # fmt: skip
        await press(pilot, "n", "n")
        assert "change 2 of 3" in rows(app)[-1]
        await press(pilot, "N", "N", "N", "o")
        assert "change 1 of 3" in rows(app)[-1], "there is none before it, and a title does not unfold"
        await press(pilot, "O")
        assert " line 0" in rows(app)
        await press(pilot, "O", "g", "G", "k", "space", "b", "x")
        assert rows(app)[0].endswith("folded]")


async def test_a_long_line_keeps_its_spaces(tmp_path: Path) -> None:
    app = app_for(tmp_path, [], ["    " + "x" * 50 + "  yy"])
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.pause()
        assert rows(app)[:3] == ["@@ cell 1 (code), added", "+    " + "x" * 33, "  " + "x" * 17 + "  yy"]


async def test_the_mouse_and_the_background(tmp_path: Path) -> None:
    app = app_for(tmp_path, ["a"], ["a", "b"])
    async with app.run_test(size=(60, 10)) as pilot:
        await pilot.click(app.differences, offset=(3, 0))
        assert rows(app)[1:3] == ["   cell 1 (code)", " a"]
        app.differences.on_mouse_scroll_down()
        app.differences.on_mouse_scroll_up()
        dark = app.differences.role("background")
        app.background_known(True)
        await pilot.pause()
        assert app.differences.role("background") != dark
        assert rows(app)[1:3] == ["   cell 1 (code)", " a"], "what was unfolded stays so"
        await press(pilot, "q")
    assert app.return_code == 0
