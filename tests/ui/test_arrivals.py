"""What arrives while somebody looks: it is shown as it comes, and takes nothing from under their eyes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support import write_notebook
from tests.ui.harness import Driver, running
from tuinb.notebook.changes import KERNEL, AppendStream, Step, Transaction

if TYPE_CHECKING:
    from pathlib import Path

HEIGHT = 14


def few(tmp_path: Path) -> Path:
    """Cells that fill the screen; the fourth is the last that is wholly in view."""
    return write_notebook(tmp_path / "few.ipynb", *(f"first_{n}\nsecond_{n}" for n in range(8)))


async def prints(t: Driver, cell: int, *texts: str) -> None:
    """A cell prints; what is printed together is painted together."""
    for text in texts:
        t.session.apply(Transaction((AppendStream(t.cell(cell), "stdout", text),), KERNEL, Step.OUTPUT))
    t.app.bridge.flush()
    await t.pilot.pause()
    await t.pilot.pause()


async def test_the_end_of_the_active_cell_is_followed_as_it_grows(tmp_path: Path) -> None:
    async with running(few(tmp_path), size=(80, HEIGHT)) as t:
        await t.press("j", "j", "j")
        for number in range(8):
            await prints(t, 3, f"row {number}\n")
            assert f"row {number}" in t.text()
            assert "first_3" in t.text()


async def test_its_source_goes_before_its_end_where_both_do_not_fit(tmp_path: Path) -> None:
    async with running(few(tmp_path), size=(80, HEIGHT)) as t:
        await t.press("j", "j", "j", "O")
        await prints(t, 3, *(f"row {number}\n" for number in range(40)))
        assert "first_3" in t.rows()[0]
        assert "row 0" in t.text()
        before = t.rows()
        await prints(t, 3, "more\n")
        assert t.rows()[: HEIGHT - 2] == before[: HEIGHT - 2]
        assert "22 more lines" in t.rows()[HEIGHT - 2]


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
        while not t.app.view.layout_rows.end_seen(t.cell(3)):
            t.app.view.scroll_by(1)
        await prints(t, 3, *(f"row {number}\n" for number in range(40, 80)))
        assert "row 79" in t.text()
        t.app.view.scroll_by(-2)
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
        await t.press("j", "enter")
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
