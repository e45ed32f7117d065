"""Composed and transformed operations have the effect of single operations."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tuinb.editing import operations as ops


@st.composite
def texts(draw: st.DrawFn) -> str:
    return "abcdefgh"[: draw(st.integers(0, 8))]


def applied(op: ops.Op, text: str) -> str:
    """Applies an operation in the simplest way."""
    parts: list[str] = []
    at = 0
    for part in op:
        if isinstance(part, str):
            parts.append(part)
        else:
            if part > 0:
                parts.append(text[at : at + part])
            at += abs(part)
    parts.append(text[at:])
    return "".join(parts)


def draw_op(data: st.DataObject, text: str, letter: str) -> ops.Op:
    op, length = ops.NOTHING, len(text)
    for _ in range(data.draw(st.integers(0, 4))):
        at = data.draw(st.integers(0, length))
        removed = data.draw(st.integers(0, min(3, length - at)))
        inserted = letter * data.draw(st.integers(0, 3))
        op = ops.compose(op, ops.splice(at, removed, inserted))
        length += len(inserted) - removed
    return op


@given(texts(), st.data())
def test_two_in_a_row_are_one(text: str, data: st.DataObject) -> None:
    first = draw_op(data, text, "X")
    second = draw_op(data, applied(first, text), "y")
    assert applied(ops.compose(first, second), text) == applied(second, applied(first, text))


@given(texts(), st.data())
def test_either_order_leaves_the_same_text(text: str, data: st.DataObject) -> None:
    mine, other = draw_op(data, text, "X"), draw_op(data, text, "y")
    mine_after, other_after = ops.transform(mine, other)
    left = applied(other_after, applied(mine, text))
    assert left == applied(mine_after, applied(other, text))
    assert left.count("X") == applied(mine, text).count("X")


@given(texts(), st.data())
def test_what_happens_within_a_part_can_be_told_apart(text: str, data: st.DataObject) -> None:
    op = draw_op(data, text, "X")
    start = data.draw(st.integers(0, len(text)))
    stop = data.draw(st.integers(start, len(text)))
    inside, outside = ops.part_within(op, start, stop)
    carried, _ = ops.transform(ops.shifted(inside, start), outside)
    assert applied(carried, applied(outside, text)) == applied(op, text)
    assert text[start:stop] in applied(outside, text)


@given(texts(), st.data())
def test_the_parts_of_an_operation_are_splices(text: str, data: st.DataObject) -> None:
    op = draw_op(data, text, "X")
    result = text
    for at, removed, inserted in ops.splices_of(op):
        result = result[:at] + inserted + result[at + removed :]
    assert result == applied(op, text)


@given(texts(), st.data())
def test_the_emptied_inverse_gives_back_the_length(text: str, data: st.DataObject) -> None:
    op = draw_op(data, text, "X")
    back = applied(ops.blank_inverse(op), applied(op, text))
    assert len(back) == len(text)
    assert all(found in (wanted, "\0") for found, wanted in zip(back, text, strict=True))
