"""What is folded of a cell's outputs: text by lines, pictures never in their midst."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.render.images.support import b64, context, data_of, quarters
from tuinb.notebook.changes import CellId, OutputData
from tuinb.notebook.outputs import Displays, Outputs
from tuinb.render.block import plain
from tuinb.ui.view.output_area import OutputArea

PICTURE = {"output_type": "display_data", "data": {"image/png": b64(data_of(quarters((40, 480))))}, "metadata": {}}


def stream(lines: int) -> dict[str, Any]:
    return {"output_type": "stream", "name": "stdout", "text": "".join(f"line {number}\n" for number in range(lines))}


def area_of(*found: dict[str, Any], limit: int = 20) -> OutputArea:
    outputs = Outputs(CellId("cell"), Displays(), map(OutputData, found))
    area = OutputArea(outputs, context(), limit)
    area.sync(False)
    return area


def fold_of(area: OutputArea) -> tuple[int, str] | None:
    """Where the row stands that says what is folded, and what it says."""
    rows = [row for row in range(area.height) if area.place(row).output == -1]
    return (rows[0], plain(area.line(rows[0]))) if rows else None


def test_a_picture_is_not_folded_for_its_height() -> None:
    area = area_of(stream(3), PICTURE, stream(3))
    assert (area.height, area.long, fold_of(area)) == (30, False, None)


def test_of_many_pictures_the_first_and_the_last_are_shown() -> None:
    area = area_of(*[PICTURE] * 9)
    assert area.long
    fold = fold_of(area)
    assert fold is not None
    assert fold[0] == 48
    assert fold[1].startswith("… 120 more lines")
    assert [area.place(row).output for row in (0, 24, 49, 73)] == [0, 1, 7, 8]
    area.sync(True)
    assert area.height == 9 * 24


def test_a_picture_on_a_page_is_shown_whole_or_not_at_all() -> None:
    source = f"<img src='data:image/png;base64,{b64(data_of(quarters((40, 200))))}'>"
    page = "".join(f"<p>{number}</p>" for number in range(4)) + source + "<p>a</p>" * 30 + source + "<p>b</p>" * 3
    area = area_of({"output_type": "display_data", "data": {"text/html": page}, "metadata": {}})
    rows = [[span.image.row for span in area.line(row) if span.image] for row in range(area.height)]
    assert [row for found in rows for row in found] == [*range(10)] * 2
    assert fold_of(area) == (18, "… 61 more lines (o opens, l looks, | pages)")


def test_nothing_is_folded_where_all_would_be_seen() -> None:
    area = area_of(stream(9), PICTURE, stream(7))
    assert (area.height, area.long) == (40, False)


@settings(max_examples=40)
@given(st.lists(st.integers(0, 30), min_size=1, max_size=8), st.integers(3, 30))
def test_each_row_is_shown_once_and_in_order(sizes: list[int], limit: int) -> None:
    area = area_of(*[stream(size) if size else PICTURE for size in sizes], limit=limit)
    places = [area.place(row) for row in range(area.height)]
    shown = [place for place in places if place.output >= 0]
    assert shown == sorted(set(shown))
    total = sum(size or 24 for size in sizes)
    fold = fold_of(area)
    assert area.long == (fold is not None)
    assert len(shown) == total if fold is None else f"{total - len(shown):,} more line" in fold[1]
    for index in {place.output for place in shown if not sizes[place.output]}:
        assert sum(place.output == index for place in shown) == 24


def test_what_blocks_take_follows_their_markup() -> None:
    def markup(length: int) -> dict[str, Any]:
        return {"output_type": "display_data", "data": {"text/html": ["x" * length], "text/plain": "x" * 500}, "metadata": {}}

    assert area_of(stream(1000), PICTURE).memory == 0
    small, large = area_of(markup(100)).memory, area_of(markup(1_000_000)).memory
    assert 100 < small < 10_000 < large < 10_000_000
    assert area_of(markup(100), markup(1_000_000)).memory == small + large
