"""Anchoring: what arrives is shown as it comes, and does not move the row that the user reads."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.support import write_notebook
from tests.ui.harness import Driver, running
from tests.ui.view.scene import Scene
from tuinb.config import Config
from tuinb.kernel.connection import scripted as k
from tuinb.notebook.changes import KERNEL, AppendStream, CellId, Step, Transaction
from tuinb.ui.view.anchoring import Anchoring
from tuinb.workspace.view_state import Mode

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

HEIGHT = 14

# ---- without an app


class Anchored(Scene):
    """Cells on a screen of six rows, one of them active, whose row `focus` must stay in view."""

    def __init__(self, heights: Sequence[int], active: str, mode: Mode = Mode.COMMAND, focus: int = 0) -> None:
        super().__init__(heights, 6)
        self.view.active, self.view.mode = CellId(active), mode
        self.anchoring = Anchoring(self.notebook, self.view, self.layout, lambda cell: focus)
        self.grow("a", 0)

    def grow(self, cell: str, rows: int) -> None:
        with self.anchoring.keeping():
            self.boxes[CellId(cell)].height += rows
            self.layout.invalidate()


@pytest.mark.parametrize(
    ("heights", "active", "mode", "focus", "grows", "before", "after"),
    [
        # The cursor's row stays on its line while the cell above grows, and while it shrinks.
        ((2, 9), "b", Mode.EDIT, 1, ("a", 3), "a0 a1 b0 b1 b2 b3", "a3 a4 b0 b1 b2 b3"),
        ((3, 9), "b", Mode.EDIT, 1, ("a", -1), "a0 a1 a2 b0 b1 b2", "a0 a1 b0 b1 b2 b3"),
        # A focus row that stays in view is left where it goes; one that would leave it is kept at the edge.
        ((2, 9), "b", Mode.COMMAND, 0, ("a", 3), "a0 a1 b0 b1 b2 b3", "a0 a1 a2 a3 a4 b0"),
        ((2, 9), "b", Mode.COMMAND, 0, ("a", 5), "a0 a1 b0 b1 b2 b3", "a2 a3 a4 a5 a6 b0"),
        # An end in view is followed; rather than the source where both do not fit.
        ((2, 2, 2), "c", Mode.COMMAND, 0, ("a", 4), "a0 a1 b0 b1 c0 c1", "a4 a5 b0 b1 c0 c1"),
        ((2, 2, 9), "b", Mode.COMMAND, 0, ("b", 6), "a0 a1 b0 b1 c0 c1", "b2 b3 b4 b5 b6 b7"),
        # While the cell is edited, the cursor's row goes before the end.
        ((2, 2, 9), "b", Mode.EDIT, 1, ("b", 6), "a0 a1 b0 b1 c0 c1", "b1 b2 b3 b4 b5 b6"),
        # What grows below the screen moves nothing.
        ((6, 3), "a", Mode.COMMAND, 0, ("b", 5), "a0 a1 a2 a3 a4 a5", "a0 a1 a2 a3 a4 a5"),
    ],
)
def test_what_stays_in_view_as_a_cell_grows(
    heights: Sequence[int], active: str, mode: Mode, focus: int, grows: tuple[str, int], before: str, after: str
) -> None:
    scene = Anchored(heights, active, mode, focus)
    assert scene.rows() == before
    scene.grow(*grows)
    assert scene.rows() == after


def test_the_end_is_followed_until_it_is_scrolled_away_and_again_when_it_is_back() -> None:
    scene = Anchored((2, 3), "b")
    scene.grow("b", 7)
    assert scene.rows() == "b4 b5 b6 b7 b8 b9"
    scene.layout.scroll(-1)
    scene.grow("b", 5)
    assert scene.rows() == "b3 b4 b5 b6 b7 b8"
    scene.layout.scroll(99)
    scene.grow("b", 1)
    assert scene.rows() == "b10 b11 b12 b13 b14 b15"


def test_the_end_is_not_followed_once_the_user_types_until_a_run_or_the_end_of_editing() -> None:
    scene = Anchored((2, 2), "b", Mode.EDIT)
    scene.anchoring.user_typed()
    scene.grow("b", 3)
    assert scene.rows() == "a0 a1 b0 b1 b2 b3", "the last row is out of view"
    scene.anchoring.user_ran()
    scene.grow("b", 1)
    assert scene.rows() == "b0 b1 b2 b3 b4 b5"
    scene.anchoring.user_typed()
    scene.grow("b", 1)
    assert scene.rows() == "b0 b1 b2 b3 b4 b5"
    scene.view.mode = Mode.COMMAND
    scene.grow("b", 1)
    assert scene.rows() == "b2 b3 b4 b5 b6 b7"


@pytest.mark.parametrize(
    ("focus", "covered"),
    [(3, "b0 b1 b2 b3 b4 b5"), (1, "a0 a1 b0 b1 b2 b3"), (5, "a0 a1 b0 b1 b2 b3")],
    ids=["it would be covered", "it stays clear", "it is out of view"],
)
def test_a_message_does_not_cover_the_focus_row(focus: int, covered: str) -> None:
    scene = Anchored((2, 9), "b", focus=focus)
    assert scene.anchoring.cover(2)
    assert scene.rows() == covered
    assert not scene.anchoring.cover(2)
    assert scene.anchoring.cover(0)
    assert scene.rows() == covered


# ---- with one


def few(tmp_path: Path) -> Path:
    """Cells that fill the screen; the fourth is the last that is wholly in view."""
    return write_notebook(tmp_path / "few.ipynb", *(f"first_{n}\nsecond_{n}" for n in range(8)))


async def prints(t: Driver, cell: int, *texts: str) -> None:
    """A cell prints; what is printed together is painted together."""
    for text in texts:
        t.session.apply(Transaction((AppendStream(t.cell(cell), "stdout", text),), KERNEL, Step.OUTPUT))
    t.app.pane.repainter.flush()
    await t.pilot.pause()
    await t.pilot.pause()


async def test_the_end_of_the_active_cell_is_followed_as_it_grows(tmp_path: Path) -> None:
    async with running(few(tmp_path), size=(80, HEIGHT)) as t:
        await t.press("j", "j", "j")
        for number in range(8):
            await prints(t, 3, f"row {number}\n")
            assert f"row {number}" in t.text()
            assert "first_3" in t.text()


async def test_its_end_goes_before_its_source_where_both_do_not_fit(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "tall.ipynb", "\n".join(f"line_{n}" for n in range(20)), "other")
    async with running(path, size=(80, HEIGHT)) as t:
        await t.press("enter", *["pagedown"] * 4, "end", "escape")
        assert "line_19" in t.text()
        for number in range(5):
            await prints(t, 0, f"row {number}\n")
            assert f"row {number}" in t.text()


async def test_what_is_typed_in_the_cell_that_prints_does_not_move(tmp_path: Path) -> None:
    async with running(few(tmp_path), size=(80, HEIGHT)) as t:
        await t.press("j", "j", "j", "enter")
        await prints(t, 3, "row 0\n")
        assert "row 0" in t.text(), "nothing was typed since"
        await t.type("abc")
        [at] = [y for y, row in enumerate(t.rows()) if "abc" in row]
        await prints(t, 3, *(f"row {number}\n" for number in range(1, 9)))
        await t.type("d")
        assert "abcd" in t.rows()[at]
        assert "row 8" not in t.text()


async def test_what_was_scrolled_to_stays_while_the_cell_prints_on(tmp_path: Path) -> None:
    async with running(few(tmp_path), size=(80, HEIGHT)) as t:
        await t.press("j", "j", "j")
        await prints(t, 3, *(f"row {number}\n" for number in range(40)))
        await t.press("O", "pagedown")
        assert "first_3" not in t.text()
        before = t.rows()
        for number in range(40, 44):
            await prints(t, 3, f"row {number}\n")
            assert t.rows()[:-1] == before[:-1]


async def test_a_tail_that_was_scrolled_to_is_followed_until_it_is_left(tmp_path: Path) -> None:
    async with running(few(tmp_path), size=(80, HEIGHT)) as t:
        await t.press("j", "j", "j")
        await prints(t, 3, *(f"row {number}\n" for number in range(40)))
        await t.press("O")
        while not t.app.pane.view.viewport.end_was_visible(t.cell(3)):
            t.app.pane.view.scroll_by(1)
        await prints(t, 3, *(f"row {number}\n" for number in range(40, 80)))
        assert "row 79" in t.text()
        t.app.pane.view.scroll_by(-2)
        await prints(t, 3, "row 80\n")
        assert "row 80" not in t.text()
        assert "row 77" in t.text()


async def test_another_cell_that_prints_moves_nothing_out_of_view(tmp_path: Path) -> None:
    async with running(few(tmp_path), size=(80, HEIGHT)) as t:
        await t.press("j")
        await prints(t, 0, *(f"row {number}\n" for number in range(9)))
        assert "first_1" in t.text()
        assert "row 8" in t.text()


async def test_the_line_that_is_typed_on_does_not_move_when_a_cell_above_prints(tmp_path: Path) -> None:
    async with running(few(tmp_path), size=(80, HEIGHT)) as t:
        await t.press("j", "enter", "ctrl+end")
        [at] = [y for y, row in enumerate(t.rows()) if "second_1" in row]
        await prints(t, 0, "row 0\n", "row 1\n")
        await t.type("abc")
        await prints(t, 0, *(f"row {number}\n" for number in range(2, 9)))
        assert "second_1abc" in t.rows()[at]
        assert "row 8" in t.text()


async def test_the_end_is_followed_in_the_viewer_once_it_was_gone_to(tmp_path: Path) -> None:
    async with running(few(tmp_path), size=(80, HEIGHT)) as t:
        await prints(t, 0, *(f"row {number}\n" for number in range(40)))
        await t.press("l")
        await t.shows("1/40")
        await prints(t, 0, "row 40\n")
        await t.shows("1/41")
        await t.press("G")
        await prints(t, 0, "row 41\n", "row 42\n")
        await t.shows("43/43")
        assert "row 42" in t.rows()[HEIGHT - 3]
        await t.press("k")
        await prints(t, 0, "row 43\n")
        await t.shows("42/44")
        assert "row 43" not in t.text()


async def test_a_prompt_of_another_cell_does_not_move_the_line_that_is_typed_on(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "asks.ipynb", "ask", "write", *"abcdefgh")
    asks = asyncio.Event()
    async with running(path, {"ask": [k.gate(asks), k.prompt("name? ")]}, size=(80, HEIGHT)) as t:
        await t.press("ctrl+e", "j", "enter", "end")
        await t.type("abc")
        [at] = [y for y, row in enumerate(t.rows()) if "writeabc" in row]
        asks.set()
        await t.shows("name?")
        await t.type("d")
        assert "writeabcd" in t.rows()[at]


async def test_typing_after_the_wheel_brings_the_line_back(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "many.ipynb", "x=0", *(f"# c{n}" for n in range(30)))
    async with running(path, size=(80, HEIGHT)) as t:
        await t.press("enter", "end")
        t.app.pane.view.scroll_by(30)
        await t.pilot.pause()
        assert "x=0" not in t.text()
        await t.type("Q")
        await t.until(lambda: "x=0Q" in t.text())
        assert "# c0" in t.text()
        assert "# c20" not in t.text()


async def test_the_editor_and_a_prompt_follow_a_window_that_changes(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "ask.ipynb", *(f"z={n}" for n in range(8)), "ask")
    async with running(path, {"ask": [k.prompt("name? ")]}, size=(80, 40)) as t:
        await t.press("G", "enter", "end")
        await t.pilot.resize_terminal(90, 12)
        await t.type("7")
        await t.until(lambda: any("ask7" in row for row in t.rows()))
        await t.press("backspace", "ctrl+e")
        await t.until(lambda: "name?" in t.text())
        await t.pilot.resize_terminal(80, 40)
        await t.pilot.resize_terminal(70, 10)
        await t.until(lambda: any("name?" in row for row in t.rows()))
        await t.press("escape")
        await t.press("g", "g")
        await t.until(lambda: "z=0" in t.text())
        await t.pilot.resize_terminal(71, 11)
        await t.pilot.pause()
        assert "z=0" in t.text()


async def test_a_window_that_changes_does_not_pull_back_who_scrolled(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "many.ipynb", "x=0", *(f"# c{n}" for n in range(30)))
    async with running(path, size=(80, HEIGHT)) as t:
        t.app.pane.view.scroll_by(40)
        await t.pilot.pause()
        seen = next(row for row in t.rows() if "# c" in row).strip()
        await t.pilot.resize_terminal(82, HEIGHT)
        await t.pilot.pause()
        assert next(row for row in t.rows() if "# c" in row).strip() == seen


async def test_the_active_cell_stays_in_view_while_another_grows(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "g.ipynb", "grow", "below")
    steps = [step for i in range(40) for step in (k.stream(f"line {i}\n"), k.pause())]
    async with running(path, {"grow": steps}, size=(60, 12), config=Config(output_lines=100)) as t:
        await t.press("ctrl+r")
        await t.shows("line 39")
        assert "below" in t.text()


async def test_the_active_cell_stays_in_view_when_others_are_rendered_anew(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "g.ipynb", "grow", "below")
    steps = [k.stream("".join(f"line {i}\n" for i in range(40)))]
    async with running(path, {"grow": steps}, size=(60, 12), config=Config(output_lines=100)) as t:
        await t.shows("below")

        def before_it_is_painted(_: object) -> None:
            if t.session.notebook[t.cell(0)].outputs:
                t.app.pane.view.render_anew()
                t.app.pane.view.viewport.rows()

        t.session.listen(before_it_is_painted)
        await t.press("ctrl+r")
        await t.shows("line 39")
        assert "below" in t.text()
