"""Columns in the units of each encoding."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuinb.lsp import positions


@given(st.text(alphabet="aß😀é", max_size=10), st.integers(0, 10), st.sampled_from(positions.ENCODINGS))
def test_there_and_back(line: str, column: int, encoding: str) -> None:
    column = min(column, len(line))
    assert positions.column(line, positions.units(line[:column], encoding), encoding) == column


@pytest.mark.parametrize(
    ("encoding", "count", "column"),
    [("utf-16", 2, 1), ("utf-16", 3, 2), ("utf-16", 4, 3), ("utf-8", 6, 2), ("utf-32", 2, 2), ("utf-16", 99, 3)],
)
def test_a_column_within_a_character_is_that_characters(encoding: str, count: int, column: int) -> None:
    line = {"utf-16": "é😀x", "utf-8": "ß😀x", "utf-32": "é😀x"}[encoding]
    assert positions.column(line, count, encoding) == column


@pytest.mark.parametrize("value", [None, 3, {}, {"line": 1}, {"line": -1, "character": 0}, {"line": True, "character": 0}])
def test_what_is_no_position(value: object) -> None:
    assert positions.read(value) is None
