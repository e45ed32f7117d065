"""The rows of a text: where lines are wrapped, and which place of the text is where on the screen."""

from __future__ import annotations

from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tuinb.editing.buffer import Buffer, Place
from tuinb.editing.view import HANG, Measure, Point, Rows
from tuinb.render.safe import one_to_one, width

MEASURE = Measure(one_to_one, width)
LINES = st.text(st.sampled_from("ab  \t\n.\u4e2d\u0301\x00\u2028\U0001f600"), max_size=60)


def rows_of(text: str, columns: int, *, hangs: bool = False) -> list[str]:
    buffer = Buffer(text)
    rows = Rows(buffer.lines, MEASURE, width=columns, hangs=hangs)
    return [" " * piece.indent + buffer.lines[piece.line][piece.start : piece.end] for piece in rows.pieces(0)]


@pytest.mark.parametrize(
    ("text", "columns", "hangs", "rows"),
    [
        ("one two three", 0, True, ["one two three"]),
        ("one two three", 8, False, ["one two ", "three"]),
        ("one two three", 7, False, ["one two ", "three"]),
        ("one two  three", 7, False, ["one two ", " three"]),
        ("one two ", 7, False, ["one ", "two "]),
        ("abcdefghij", 4, False, ["abcd", "efgh", "ij"]),
        ("x = abcdefghijkl", 6, False, ["x = ab", "cdefgh", "ijkl"]),
        ("x = abcdef", 6, False, ["x = ", "abcdef"]),
        ("  f(one, two, three)", 13, True, ["  f(one, two, ", "    three)"]),
        ("中中中中", 5, False, ["中中", "中中"]),
        ("e\u0301e\u0301e\u0301", 2, False, ["e\u0301e\u0301", "e\u0301"]),
        ("中", 1, False, ["中"]),
        ("", 3, False, [""]),
        ("ab\n\ncd", 9, True, ["ab", "", "cd"]),
    ],
)
def test_lines_are_wrapped(text: str, columns: int, hangs: bool, rows: list[str]) -> None:
    assert rows_of(text, columns, hangs=hangs) == rows


def test_a_deep_indentation_hangs_at_half_the_width() -> None:
    assert rows_of(" " * 40 + "word " * 4, 20, hangs=True)[-1].startswith(" " * (10 + HANG))


@given(LINES, st.integers(0, 24), st.booleans())
def test_rows_show_all_of_the_text_within_the_width(text: str, columns: int, hangs: bool) -> None:
    buffer = Buffer(text)
    rows = Rows(buffer.lines, MEASURE, width=columns, hangs=hangs)
    pieces = list(rows.pieces(0))
    assert len(pieces) == rows.total
    assert [rows.piece(row) for row in range(rows.total)] == pieces
    assert [rows.line_at(row) for row in range(rows.total)] == [None if each.continues else each.line for each in pieces]
    shown: dict[int, str] = {}
    for piece in pieces:
        shown[piece.line] = shown.get(piece.line, "") + buffer.lines[piece.line][piece.start : piece.end]
        last = rows.point(Place(piece.line, piece.end - 1)) if piece.end > piece.start else Point(0, 0)
        assert not columns or columns < 4 or last.x <= columns
    assert list(shown.values()) == buffer.lines


@given(LINES, st.integers(0, 24), st.booleans(), st.data())
def test_points_and_places_agree(text: str, columns: int, hangs: bool, data: st.DataObject) -> None:
    buffer = Buffer(text)
    rows = Rows(buffer.lines, MEASURE, width=columns, hangs=hangs)
    place = buffer.place(data.draw(st.integers(0, len(text))))
    point = rows.point(place)
    found = rows.place(point)
    assert rows.point(found) == point
    # A character without a column of its own is where the one before it is.
    assert found <= place or width(one_to_one(buffer.lines[place.row])[place.column : found.column]) == 0


@given(
    LINES,
    st.lists(st.tuples(LINES, st.integers(0, 80), st.integers(0, 80)), min_size=1, max_size=4),
    st.integers(0, 16),
    st.booleans(),
)
def test_rows_follow_splices(text: str, edits: list[tuple[str, int, int]], columns: int, hangs: bool) -> None:
    buffer = Buffer(text)
    rows = Rows(buffer.lines, MEASURE, width=columns, hangs=hangs)
    for inserted, one, other in edits:
        start, end = sorted((min(one, len(buffer.text)), min(other, len(buffer.text))))
        rows.splice(buffer.splice(start, end, inserted))
        fresh = Rows(buffer.lines, MEASURE, width=columns, hangs=hangs)
        assert list(rows.pieces(0)) == list(fresh.pieces(0))
        assert rows.total == fresh.total


@settings(max_examples=15)
@given(st.lists(st.tuples(st.sampled_from(["a", "word ", "中", "\t"]), st.integers(0, 9_000)), min_size=1, max_size=5))
def test_a_long_line_is_wrapped_again_from_the_change_on(edits: list[tuple[str, int]]) -> None:
    buffer = Buffer("    " + "some words (and, more) of_a_long_line " * 200)
    rows = Rows(buffer.lines, MEASURE, width=40, hangs=True)
    for inserted, at in edits:
        start = min(at, len(buffer.text))
        rows.splice(buffer.splice(start, min(len(buffer.text), start + 3), inserted))
    assert list(rows.pieces(0)) == list(Rows(buffer.lines, MEASURE, width=40, hangs=True).pieces(0))


@settings(max_examples=15)
@given(st.lists(st.tuples(st.sampled_from(["a", "中文", "\t"]), st.integers(0, 5_000)), min_size=1, max_size=5), st.data())
def test_columns_of_a_long_line_that_is_not_wrapped(edits: list[tuple[str, int]], data: st.DataObject) -> None:
    buffer = Buffer("a中\t" * 1_500)
    rows = Rows(buffer.lines, MEASURE)
    for inserted, at in edits:
        rows.point(Place(0, at))
        rows.splice(buffer.splice(at, at + 1, inserted))
    column = data.draw(st.integers(0, len(buffer.text)))
    x = 0
    for character in buffer.text[:column]:
        x += 4 - x % 4 if character == "\t" else width(character)
    assert rows.point(Place(0, column)) == (0, x)
    assert rows.place(Point(0, x)) == (0, column)


def test_a_place_in_a_line_of_plain_text_is_found_without_painting_the_line() -> None:
    painted: list[str] = []

    def shown(line: str) -> str:
        painted.append(line)
        return one_to_one(line)

    rows = Rows(["word " * 20_000, "é" * 10], Measure(shown, width), width=80)
    painted.clear()
    assert rows.point(Place(0, 99_999)) == Point(1249, 79)
    assert rows.place(Point(1249, 79)) == Place(0, 99_999)
    assert painted == []
    assert rows.point(Place(1, 5)) == Point(1250, 5)
    assert painted


def test_a_new_width_wraps_again() -> None:
    rows = Rows(["one two three"], MEASURE)
    assert not rows.fit(0)
    assert rows.fit(8)
    assert rows.total == 2
    assert list(islice(rows.pieces(1), 1)) == [(0, 8, 13, 0, True)]


def test_points_outside_the_text_lead_to_its_nearest_row() -> None:
    rows = Rows(["one two three", "x"], MEASURE, width=8)
    assert [rows.place(Point(*point)) for point in ((-3, 1), (9, 9), (0, 30), (1, 30), (1, -1))] == [
        (0, 1), (1, 1), (0, 7), (0, 13), (0, 8),
    ]  # fmt: skip
