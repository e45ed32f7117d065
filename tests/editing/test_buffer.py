"""The buffer: a text and its lines stay the same text, and offsets, places and splices agree."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuinb.editing.block_sums import BlockSums
from tuinb.editing.buffer import Buffer, Place, carried_over, difference

TEXT = st.text(st.sampled_from("ab \n\t\r\f\u2028\x85ü\U0001f600\ud800"), max_size=30)


@given(TEXT)
def test_any_text_survives(text: str) -> None:
    buffer = Buffer(text)
    assert buffer.text == text
    assert buffer.lines == text.split("\n")


@given(st.lists(st.tuples(TEXT, st.integers(0, 60), st.integers(0, 60)), max_size=6))
def test_edits_are_splices_that_give_the_same_text(edits: list[tuple[str, int, int]]) -> None:
    buffer, expected = Buffer("first\nlast"), "first\nlast"
    for inserted, one, other in edits:
        start, end = sorted((min(one, len(expected)), min(other, len(expected))))
        splice = buffer.splice(start, end, inserted)
        assert (splice.at, splice.removed, splice.inserted) == (start, expected[start:end], inserted)
        assert splice.start == buffer.place(start)
        assert splice.last_new_row == buffer.place(start + len(inserted)).row
        expected = expected[:start] + inserted + expected[end:]
        assert buffer.text == expected
        assert buffer.lines == expected.split("\n")


@given(TEXT, st.integers(-2, 40))
def test_places_and_offsets_agree(text: str, offset: int) -> None:
    buffer = Buffer(text)
    clamped = max(0, min(offset, len(text)))
    place = buffer.place(offset)
    assert buffer.offset(place) == clamped
    before = text[:clamped].split("\n")
    assert place == (len(before) - 1, len(before[-1]))


def test_places_outside_the_text_are_clamped() -> None:
    buffer = Buffer("ab\nc")
    assert [buffer.offset(Place(*place)) for place in ((-1, 1), (0, 9), (5, 9), (1, -1))] == [1, 2, 4, 3]


def test_places_in_a_long_text() -> None:
    buffer = Buffer("word\n" * 1_000)
    assert [buffer.place(offset) for offset in (0, 1_279, 1_280, 4_999, 5_000)] == [
        (0, 0),
        (255, 4),
        (256, 0),
        (999, 4),
        (1_000, 0),
    ]


def test_offsets_move_with_a_splice() -> None:
    replaced = Buffer("0123456789").splice(3, 6, "abcd")
    assert [replaced.move(at) for at in (0, 3, 4, 5, 6, 9)] == [0, 3, 4, 5, 7, 10]
    deleted = Buffer("0123456789").splice(3, 6, "")
    assert [deleted.move(at) for at in (3, 5, 6, 7)] == [3, 3, 3, 4]
    inserted = Buffer("0123456789").splice(3, 3, "ab")
    assert [inserted.move(at) for at in (2, 3, 4)] == [2, 3, 6]


@given(st.lists(st.integers(1, 5), min_size=1, max_size=20), st.sampled_from([1, 40]), st.data())
def test_sums_are_those_of_the_list(values: list[int], times: int, data: st.DataObject) -> None:
    values *= times
    sums = BlockSums(values)
    assert [sums.before(index) for index in range(0, len(values) + 1, 50)] == [
        sum(values[:index]) for index in range(0, len(values) + 1, 50)
    ]
    first = data.draw(st.integers(0, len(values) - 1))
    last = data.draw(st.integers(first + 1, len(values)))
    new = data.draw(st.lists(st.integers(1, 5), min_size=1, max_size=20))
    sums.splice(first, last, new)
    values[first:last] = new
    index = data.draw(st.integers(0, len(values)))
    assert (sums.total, sums.before(index)) == (sum(values), sum(values[:index]))
    within = data.draw(st.integers(0, sum(values) - 1))
    at, rest = sums.find(within)
    assert sum(values[:at]) + rest == within
    assert 0 <= rest < values[at]


@pytest.mark.parametrize(
    ("old", "offset", "new", "carried"),
    [("abc", 2, "abc", 2), ("abc", 2, "xxabc", 4), ("abc", 2, "abcxx", 2), ("abc", 3, "a", 1), ("abc", 1, "", 0)],
)
def test_an_offset_is_carried_over_to_a_text_that_was_changed(old: str, offset: int, new: str, carried: int) -> None:
    assert carried_over(offset, old, new) == carried


@given(TEXT, TEXT)
def test_the_difference_of_two_texts_leads_from_one_to_the_other(old: str, new: str) -> None:
    start, end, inserted = difference(old, new)
    assert old[:start] + inserted + old[end:] == new
    assert (old == new) == (start == end and not inserted)
