"""The layout alone: which rows are in view, and what scrolling does to them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ui.view.scene import Scene
from tuinb.notebook.changes import CellId, ClientId, DeleteCell, Transaction
from tuinb.ui.view.viewport import Row, Thumb


def test_starts_at_the_top_and_stops_at_the_end() -> None:
    scene = Scene([2, 3, 2], 4)
    assert scene.rows() == "a0 a1 b0 b1"
    scene.layout.scroll(2)
    assert scene.rows() == "b0 b1 b2 c0"
    scene.layout.scroll(99)
    assert scene.rows() == "b1 b2 c0 c1"
    scene.layout.scroll(-99)
    assert scene.rows() == "a0 a1 b0 b1"


def test_growth_above_the_screen_moves_nothing() -> None:
    scene = Scene([2, 5, 5], 4)
    scene.layout.scroll(3)
    before = scene.rows()
    scene.boxes[CellId("a")].height = 50
    scene.layout.invalidate()
    assert scene.rows() == before


def test_a_cell_that_shrinks_keeps_the_anchor_inside() -> None:
    scene = Scene([20, 20], 4)
    scene.layout.scroll(15)
    scene.boxes[CellId("a")].height = 3
    scene.layout.invalidate()
    assert scene.rows() == "a2 b0 b1 b2"


def test_a_deleted_anchor_gives_way_to_what_stands_there() -> None:
    scene = Scene([4, 4, 4], 4)
    scene.layout.scroll(4)
    assert scene.rows() == "b0 b1 b2 b3"
    scene.notebook.apply(Transaction((DeleteCell(CellId("b")),), ClientId("t")))
    scene.layout.invalidate()
    assert scene.rows() == "c0 c1 c2 c3"


@pytest.mark.parametrize(
    ("cell", "first", "last", "rows"),
    [
        ("a", 0, 1, "a0 a1 b0 b1"),
        ("c", 0, 1, "b1 b2 c0 c1"),
        ("b", 0, 2, "a1 b0 b1 b2"),
        ("b", 2, 2, "a1 b0 b1 b2"),
        ("d", 0, 8, "d0 d1 d2 d3"),
    ],
)
def test_reveal_scrolls_as_little_as_possible(cell: str, first: int, last: int, rows: str) -> None:
    scene = Scene([2, 3, 2, 9], 4)
    scene.layout.reveal(CellId(cell), first, last)
    assert scene.rows() == rows


def test_reveal_upwards_puts_the_row_at_the_top() -> None:
    scene = Scene([2, 3, 2, 9], 4)
    scene.layout.scroll(9)
    scene.layout.reveal(CellId("b"), 1, 2)
    assert scene.rows() == "b1 b2 c0 c1"


def test_where_rows_are() -> None:
    scene = Scene([2, 3, 2], 4)
    scene.layout.scroll(1)
    assert scene.layout.y_of(CellId("a"), 0) is None
    assert scene.layout.y_of(CellId("a"), 1) == 0
    assert scene.layout.top_of(CellId("a")) == -1
    assert scene.layout.top_of(CellId("c")) is None
    assert scene.layout.cells() == ["a", "b"]
    assert not scene.layout.visible(CellId("c"))


def test_the_thumb_and_its_absence() -> None:
    assert Scene([1, 1], 4).layout.thumb() is None
    scene = Scene([4] * 10, 8)
    top = scene.layout.thumb()
    scene.layout.scroll(999)
    bottom = scene.layout.thumb()
    assert top is not None
    assert bottom is not None
    assert top.top == 0
    assert bottom.top + bottom.size == 8
    scene.layout.move_thumb(Thumb(3, 2))
    assert scene.layout.rows()[0] == Row(CellId("e"), 0)


def test_the_thumb_reaches_rows_within_a_long_cell() -> None:
    scene = Scene([2, 400, 2], 10)
    places = []
    for top in range(-1, 10):
        scene.layout.move_thumb(Thumb(top, 1))
        places.append(scene.layout.rows()[0])
    assert places[:2] == [Row(CellId("a"), 0)] * 2
    assert len({place.row for place in places if place.cell == "b"}) >= 4
    assert scene.rows().endswith("b399 c0 c1")


@given(heights=st.lists(st.integers(0, 60), max_size=30), screen=st.integers(1, 40), size=st.integers(1, 40))
def test_a_thumb_that_is_dragged_down_never_scrolls_up(heights: list[int], screen: int, size: int) -> None:
    scene = Scene([1, *heights], screen)
    whole = [Row(cell, row) for cell in scene.notebook.order for row in range(scene.boxes[cell].height)]
    tops = []
    for top in range(screen + 1):
        scene.layout.move_thumb(Thumb(top, size))
        tops.append(whole.index(scene.layout.rows()[0]))
    assert tops == sorted(tops)
    assert tops[-1] == max(0, len(whole) - screen)


def test_what_is_covered_can_be_scrolled_into_the_open() -> None:
    scene = Scene([2, 3, 2], 4)
    scene.layout.scroll(99)
    assert scene.layout.cover(2)
    scene.layout.reveal(CellId("c"), 1, 1)
    assert scene.layout.y_of(CellId("c"), 1) == 1
    assert scene.layout.cover(0)
    assert not scene.layout.cover(0)
    assert scene.rows() == "b1 b2 c0 c1"


def test_an_empty_notebook_shows_nothing() -> None:
    scene = Scene([], 4)
    assert scene.rows() == ""
    assert scene.layout.thumb() is None
    scene.layout.scroll(1)
    scene.layout.move_thumb(Thumb(1, 1))
    assert scene.rows() == ""


@given(
    heights=st.lists(st.integers(1, 12), min_size=1, max_size=12),
    screen=st.integers(1, 15),
    steps=st.lists(st.integers(-20, 20), max_size=12),
)
def test_the_screen_is_full_wherever_there_is_enough(heights: list[int], screen: int, steps: list[int]) -> None:
    scene = Scene(heights, screen)
    whole = [Row(cell, row) for cell in scene.notebook.order for row in range(scene.boxes[cell].height)]
    for step in steps:
        scene.layout.scroll(step)
        rows = scene.layout.rows()
        assert len(rows) == min(screen, len(whole))
        start = whole.index(rows[0])
        assert whole[start : start + len(rows)] == rows
