"""The outputs of a cell: their kinds, and what is folded of them: text by lines, pictures never in their midst."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.render.images.support import b64, context, data_of, quarters
from tests.ui.harness import running
from tests.ui.notebooks import LONG, bundle, notebook, stream
from tuinb.config import Config
from tuinb.kernel.connection import scripted as k
from tuinb.notebook.changes import CellId, OutputData
from tuinb.notebook.outputs import Displays, Outputs
from tuinb.render.block import plain
from tuinb.ui.hints import FIRST_KEYS
from tuinb.ui.view.output_area import OutputArea

if TYPE_CHECKING:
    from pathlib import Path

PICTURE = {"output_type": "display_data", "data": {"image/png": b64(data_of(quarters((40, 480))))}, "metadata": {}}


def printed(lines: int) -> dict[str, Any]:
    return {"output_type": "stream", "name": "stdout", "text": "".join(f"line {number}\n" for number in range(lines))}


def area_of(*found: dict[str, Any], limit: int = 20) -> OutputArea:
    outputs = Outputs(CellId("cell"), Displays(), map(OutputData, found))
    area = OutputArea(outputs, replace(context(), keys=FIRST_KEYS), limit)
    area.sync(False)
    return area


def fold_of(area: OutputArea) -> tuple[int, str] | None:
    """Where the row stands that says what is folded, and what it says."""
    rows = [row for row in range(area.height) if area.place(row).output == -1]
    return (rows[0], plain(area.line(rows[0]))) if rows else None


def test_the_mark_beside_a_row_is_that_of_its_output() -> None:
    warned = {**printed(30), "name": "stderr"}
    failed = {"output_type": "error", "ename": "E", "evalue": "why", "traceback": ["E: why"]}
    area = area_of(printed(1), warned, failed)
    roles = [area.role(row) for row in range(area.height)]
    assert fold_of(area) is not None
    assert roles == ["rule", *["stderr"] * (area.height - 2), "error"], "also beside the row for what is folded"


def test_a_picture_is_not_folded_for_its_height() -> None:
    area = area_of(printed(3), PICTURE, printed(3))
    assert (area.height, area.long, fold_of(area)) == (30, False, None)


def folds_of(area: OutputArea) -> list[str]:
    return [plain(area.line(row)).partition(" (")[0] for row in range(area.height) if area.place(row).output == -1]


@pytest.mark.parametrize(
    ("size", "lines", "hidden"), [((120, 40), 35, 0), ((120, 40), 36, 11), ((80, 24), 20, 0), ((80, 24), 30, 11)]
)
async def test_what_fits_on_the_screen_is_not_folded(size: tuple[int, int], lines: int, hidden: int, tmp_path: Path) -> None:
    path = notebook(tmp_path / "a.ipynb", ("a", [printed(lines)]), ("b", [PICTURE, printed(lines), PICTURE, PICTURE]))
    async with running(path, size=size) as t:
        first, second = (t.app.pane.view.box(t.cell(index)) for index in (0, 1))
        texts = [plain(first.line(row)).strip() for row in range(first.height)]
        assert [text.partition(" (")[0] for text in texts if text.startswith("…")] == [f"… {hidden} more lines"] * bool(hidden)
        assert second.height > 3 * 16, "no picture is hidden"


def test_text_is_folded_around_pictures() -> None:
    area = area_of(printed(30), PICTURE, printed(3), PICTURE, printed(2), PICTURE, printed(40))
    assert area.long
    assert folds_of(area) == ["… 20 more lines", "… 3 more lines", "… 31 more lines"]
    assert sum(area.place(row).output in (1, 3) for row in range(area.height)) == 48


def test_of_very_many_pictures_a_fold_says_how_many_it_hides() -> None:
    area = area_of(*[PICTURE] * 9)
    assert (area.height, area.long) == (9 * 24, False)
    area = area_of(*[PICTURE] * 15, printed(30))
    assert area.long
    assert folds_of(area) == ["… 3 more pictures, 21 more lines"]
    area.sync(True)
    assert area.height == 15 * 24 + 30


def test_a_picture_on_a_page_is_shown_whole_or_not_at_all() -> None:
    source = f"<img src='data:image/png;base64,{b64(data_of(quarters((40, 200))))}'>"
    page = "".join(f"<p>{number}</p>" for number in range(4)) + source + "<p>a</p>" * 30 + source + "<p>b</p>" * 3
    area = area_of({"output_type": "display_data", "data": {"text/html": page}, "metadata": {}})
    rows = [[span.image.row for span in area.line(row) if span.image] for row in range(area.height)]
    assert [row for found in rows for row in found] == [*range(10)] * 2
    assert fold_of(area) == (18, "… 61 more lines (o expands, l views, | pages)")


def test_nothing_is_folded_where_all_would_be_seen() -> None:
    area = area_of(printed(9), PICTURE, printed(7))
    assert (area.height, area.long) == (40, False)


@settings(max_examples=40)
@given(st.lists(st.integers(0, 30), min_size=1, max_size=8), st.integers(3, 30))
def test_each_row_is_shown_once_and_in_order(sizes: list[int], limit: int) -> None:
    area = area_of(*[printed(size) if size else PICTURE for size in sizes], limit=limit)
    places = [area.place(row) for row in range(area.height)]
    shown = [place for place in places if place.output >= 0]
    assert shown == sorted(set(shown))
    folds = folds_of(area)
    assert area.long == bool(folds)
    hidden = sum(int(number) for number in re.findall(r"(\d+) more line", " ".join(folds)))
    assert len(shown) + hidden == sum(size or 24 for size in sizes)


def test_what_blocks_take_follows_their_markup() -> None:
    def markup(length: int) -> dict[str, Any]:
        return {"output_type": "display_data", "data": {"text/html": ["x" * length], "text/plain": "x" * 500}, "metadata": {}}

    assert area_of(printed(1000), PICTURE).memory == 0
    small, large = area_of(markup(100)).memory, area_of(markup(1_000_000)).memory
    assert 100 < small < 10_000 < large < 10_000_000
    assert area_of(markup(100), markup(1_000_000)).memory == small + large


async def test_the_output_of_an_open_prompt_is_not_folded(tmp_path: Path) -> None:
    path = notebook(tmp_path / "ask.ipynb", ("ask", []))
    text = "".join(f"line {i}\n" for i in range(60))
    script = {"ask": [k.stream(text), k.prompt("name? ", then=lambda line: [])]}
    async with running(path, script, config=Config(output_lines=10), size=(80, 90)) as t:
        await t.press("ctrl+e")
        await t.shows("name?")
        assert "line 30" in t.text()
        assert "more line" not in t.text()
        await t.press("a", "enter")
        await t.shows("more lines")


async def test_a_high_screen_folds_less(two: Path) -> None:
    text = "".join(f"line {i}\n" for i in range(30))
    async with running(two, {"1 + 1": [k.stream(text)]}, size=(80, 60)) as t:
        await t.press("ctrl+e")
        await t.shows("line 15")
        assert "more line" not in t.text()
        await t.pilot.resize_terminal(80, 24)
        await t.shows("… 11 more lines")


async def test_a_long_output_folds_and_o_opens_it(two: Path) -> None:
    text = "".join(f"line {i}\n" for i in range(1000))
    async with running(two, {"1 + 1": [k.stream(text)]}, config=Config(output_lines=10)) as t:
        await t.press("ctrl+e")
        await t.shows("line 0")
        assert "… 991 more lines" in t.text()
        assert "line 999" in t.text()
        assert "line 500" not in t.text()
        await t.press("o")
        assert "more lines" not in t.text()
        assert "line 6" in t.text()
        await t.press("o")
        assert "… 991 more lines" in t.text()


async def test_many_outputs_fold_to_both_ends(two: Path) -> None:
    outputs = [k.display({"text/plain": f"value {i}"}) for i in range(2000)]
    async with running(two, {"1 + 1": outputs}, config=Config(output_lines=10)) as t:
        await t.press("ctrl+e")
        await t.shows("value 1999")
        assert "… 2,000 outputs" in t.text()
        await t.press("o")
        await t.shows("value 12")


async def test_outputs_of_every_basic_kind(two: Path) -> None:
    steps = [
        k.stream("one\r1\n"),
        k.stream("bad\n", "stderr"),
        k.display({"text/plain": "old"}, display_id="d"),
        k.update("d", {"text/plain": "new"}),
        k.display({"text/markdown": "# Title\n\nsome *words*", "text/plain": "no"}),
        k.display({"image/png": "iVBORw0KGgoAAAANSUhEUgAAAAMAAAAFCAYAAACAcVaiAAAAAElFTkSuQmCC", "text/plain": "<Figure>"}),
        k.result("\x1b[31mred\x1b[0m"),
        k.error("ValueError", "no good", ["\x1b[31mTraceback\x1b[0m", "ValueError: no good"]),
    ]
    async with running(two, {"1 + 1": steps}, size=(80, 30)) as t:
        await t.press("ctrl+e")
        await t.shows("ValueError: no good")
        await t.shows("image/png 3×5")  # said when it was found to be damaged, elsewhere
        text = t.text()
        for part in ("1ne", "bad", "new", "Title", "some words", "red", "Traceback"):
            assert part in text
        assert "old" not in text


async def test_clear_output_with_wait_waits(two: Path) -> None:
    opened = asyncio.Event()
    async with running(two, {"1 + 1": [k.stream("first\n"), k.clear(wait=True), k.gate(opened), k.stream("second\n")]}) as t:
        await t.press("ctrl+e")
        await t.shows("first")
        opened.set()
        await t.shows("second")
        assert "first" not in t.text()


async def test_a_click_on_the_fold_opens_it(tmp_path: Path) -> None:
    async with running(notebook(tmp_path / "a.ipynb", ("a", [stream(LONG)]))) as t:
        row = next(number for number, text in enumerate(t.rows()) if "more lines" in text)
        await t.pilot.click(offset=(20, row))
        await t.pilot.pause()
        assert "more lines" not in t.text()
        assert "line 12" in t.text()


async def test_a_long_output_stays_folded_where_it_is_short_enough(tmp_path: Path) -> None:
    path = notebook(tmp_path / "a.ipynb", ("a", [stream("x\n" * 30)]))
    async with running(path, config=Config(output_lines=50)) as t:
        assert "more lines" not in t.text()


async def test_nodes_of_a_tree_fold_by_click_and_by_key(tmp_path: Path) -> None:
    value = {"first": list(range(30)), "second": {"deep": [1, 2, 3]}}
    path = notebook(tmp_path / "a.ipynb", ("a", [bundle(application_json=value)]))
    async with running(path) as t:
        row = next(number for number, text in enumerate(t.rows()) if '"first"' in text)
        before = t.text()
        await t.pilot.click(offset=(12, row))
        await t.pilot.pause()
        assert t.app.pane.view_state.looks
        assert t.text() != before
        await t.press("l", "j", "enter")
        assert not t.app.pane.view_state.looks
        await t.pilot.click(offset=(3, 1))
        await t.pilot.pause()
        assert t.app.pane.view_state.looks
        await t.press("q")


LIBRARY = "File /v/lib/python3.11/site-packages/pandas/a.py:3, in get(key)\n----> 3     raise KeyError\n"
FAILED = {
    "output_type": "error",
    "ename": "KeyError",
    "evalue": "'k'",
    "traceback": ["Cell In[1], line 1\n----> 1 x['k']\n", LIBRARY, LIBRARY, "KeyError: 'k'"],
}


async def test_frames_of_libraries_are_opened_by_a_key_by_a_click_and_by_what_is_found_in_them(tmp_path: Path) -> None:
    path = notebook(tmp_path / "a.ipynb", ("x['k']", [FAILED]), ("2", []))
    async with running(path) as t:
        await t.shows("▸ 2 frames in pandas (o opens)")
        await t.press("o")
        await t.shows("raise KeyError")
        assert "frames in pandas" not in t.text(), "o shows outputs as they are"
        await t.press("o")
        await t.shows("▸ 2 frames in pandas")
        row = next(y for y, text in enumerate(t.rows()) if "▸ 2 frames" in text)
        await t.pilot.click(offset=(12, row))
        await t.shows("▾ 2 frames in pandas")
        await t.pilot.click(offset=(12, row))
        await t.shows("▸ 2 frames in pandas")
        await t.press("slash", *"raise", "enter")
        await t.shows("▾ 2 frames in pandas")
        await t.shows("raise KeyError")
