"""The panel of contents: it stays, follows the active cell, and leads to headings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.ui.harness import running
from tests.ui.notebooks import notebook

if TYPE_CHECKING:
    from pathlib import Path

    from tests.ui.harness import Driver


def panel(t: Driver) -> list[str]:
    """The headings in the panel."""
    rows = t.rows()
    start = next(column for column in range(len(rows[0])) if rows[0].startswith("Contents", column))
    return [row[start - 1 :] for row in rows[1:-2] if row[start - 1 :].strip()]


def marked(t: Driver) -> str:
    """The heading that is marked in the panel."""
    found = t.app.query_one("ContentsPanel")
    chosen = t.app.role("selected_background").bgcolor
    for y in range(1, found.size.height - 1):
        strip = found.render_line(y)
        style = next(iter(strip)).style
        if style is not None and (style.reverse or style.bgcolor == chosen):
            return strip.text.strip()
    return ""


async def test_its_key_gives_it_the_keys_and_then_closes_it(tmp_path: Path) -> None:
    async with running(notebook(tmp_path / "n.ipynb", "# Alpha", "# Beta"), size=(100, 20)) as t:
        await t.press("ctrl+b")
        await t.shows("Contents 2")
        await t.press("escape", "ctrl+b")
        await t.until(lambda: "CONTENTS" in t.rows()[-1])
        await t.press("ctrl+b")
        await t.until(lambda: not t.app.screen.query("ContentsPanel"))
        assert "COMMAND" in t.rows()[-1]


async def test_it_stays_and_follows_the_active_cell(tmp_path: Path) -> None:
    path = notebook(tmp_path / "n.ipynb", "# Alpha", "# Beta\n\n## Within Beta", ("a", []))
    async with running(path, size=(100, 20)) as t:
        await t.press("g", "g", "T")
        await t.shows("Contents 3")
        assert "CONTENTS" in t.rows()[-1]
        assert [row.strip() for row in panel(t)] == ["Alpha", "Beta", "Within Beta"]
        await t.press("escape")
        assert "COMMAND" in t.rows()[-1]
        await t.press("j", "j")
        assert marked(t) == "Within Beta"
        await t.press("g", "g")
        assert marked(t) == "Alpha"
        await t.press("enter", "end", "s")
        await t.shows("Alphas")
        assert panel(t)[0].strip() == "Alphas", "also while it is typed"
        await t.press("escape", "d", "d")
        assert [row.strip() for row in panel(t)] == ["Beta", "Within Beta"]


async def test_headings_are_shown_as_in_their_cells(tmp_path: Path) -> None:
    headings = "# The `code` of **it**", "# A [link](http://a.b) &amp; $x^2$", "# snake_case 2*3"
    async with running(notebook(tmp_path / "n.ipynb", *headings), size=(100, 20)) as t:
        await t.press("g", "g", "T")
        await t.shows("Contents 3")
        assert [row.strip() for row in panel(t)] == ["The code of it", "A link & x²", "snake_case 2*3"]
        await t.press("q", "g", "o")
        await t.type("code of it")
        await t.shows("/code of it")
        await t.shows("The code of it")


async def test_enter_goes_to_a_heading_and_one_can_jump_back(tmp_path: Path) -> None:
    path = notebook(tmp_path / "n.ipynb", *((f"x = {number}", []) for number in range(30)), "# Last")
    async with running(path, size=(100, 20)) as t:
        await t.press("g", "g", "T")
        await t.shows("Contents 1")
        await t.press("down", "x", "d", "d", "enter")
        assert len(t.session.notebook) == 31, "letters do nothing to cells"
        state = t.app.pane.view_state
        assert state.active == t.cell(30)
        assert "COMMAND" in t.rows()[-1]
        await t.press("alt+left")
        assert state.active == t.cell(0)
        await t.press("T", "T")
        await t.until(lambda: "Contents" not in t.text())


@pytest.mark.parametrize(("columns", "panel_columns"), [(120, 30), (80, 26), (50, 16)])
async def test_its_width_leaves_room_for_the_notebook(tmp_path: Path, columns: int, panel_columns: int) -> None:
    async with running(notebook(tmp_path / "n.ipynb", ("a", [])), size=(columns, 20)) as t:
        await t.press("T")
        await t.shows("no headings")
        assert t.app.query_one("ContentsPanel").size.width == panel_columns
        await t.press("less_than_sign")
        widened = t.app.query_one("ContentsPanel").size.width
        assert widened == (panel_columns + 2 if columns > 60 else panel_columns)
        await t.press("q", "T")
        await t.shows("no headings")
        assert t.app.query_one("ContentsPanel").size.width == widened, "kept"
        await t.press(*["greater_than_sign"] * 9)
        assert t.app.query_one("ContentsPanel").size.width >= 16


async def test_one_panel_at_a_time_is_beside_the_notebook(tmp_path: Path) -> None:
    async with running(notebook(tmp_path / "n.ipynb", ("a", [])), size=(120, 20)) as t:
        await t.press("D")
        await t.shows("Variables")
        await t.press("escape", "T")
        await t.shows("no headings")
        assert "Variables" not in t.text()
        await t.press("escape", "D")
        await t.shows("Variables")
        assert "no headings" not in t.text()


async def test_opened_at_the_last_heading_it_shows_all_that_fit(tmp_path: Path) -> None:
    path = notebook(tmp_path / "n.ipynb", *(f"# Heading {n}" for n in range(8)))
    async with running(path, size=(80, 16)) as t:
        await t.press("G", "T")
        await t.shows("8 of 8")
        assert [row.strip() for row in panel(t)[:8]] == [f"Heading {n}" for n in range(8)]
