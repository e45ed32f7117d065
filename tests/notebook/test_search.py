"""What is found where."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuinb.notebook.changes import CellData, CellId
from tuinb.notebook.document import Notebook
from tuinb.notebook.search import SOURCE, Match, Query, search

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from tuinb.notebook.cell import Cell
    from tuinb.notebook.search import Chunk


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("ab", "ab AB xaby", ["ab", "AB", "ab"]),
        ("Ab", "ab Ab", ["Ab"]),
        ("é", "É e é", ["É", "é"]),
        ("aa", "aaaa", ["aa", "aa"]),
        ("a.c", "abc a.c", ["a.c"]),
        ("re:a.c", "abc\na.c\na\nc", ["abc", "a.c"]),
        ("re:A.", "ab Ab", ["Ab"]),
        ("re:x*", "axxa", ["xx"]),
        ("re:^b", "ab\nb", ["b"]),
        ("re:(", "(", []),
        ("re:", "abc", []),
        ("", "abc", []),
    ],
)
def test_hits(pattern: str, text: str, found: list[str]) -> None:
    assert [text[start:end] for start, end in Query(pattern).hits(text)] == found


def test_a_regular_expression_that_is_none_says_why() -> None:
    assert Query("re:(").problem
    assert Query(f"re:a{{{1 << 64}}}").problem
    assert Query("re:" + "(" * 20_000).problem
    assert not Query("(").problem
    assert not Query("re:[[a]b").problem


def test_a_regular_expression_that_takes_too_long_is_given_up() -> None:
    def impatient() -> AbstractContextManager[None]:
        raise TimeoutError

    query = Query("re:a", impatient)
    assert list(query.hits("a")) == []
    assert query.problem == "it takes too long"
    assert list(Query("a", impatient).hits("a")) == [(0, 1)]


@given(st.text("ab\nAé", min_size=1, max_size=3), st.lists(st.text("abA é\n", max_size=30), max_size=4))
def test_literal_text_is_found_wherever_it_stands(pattern: str, texts: list[str]) -> None:
    query = Query(pattern)
    for text in texts:
        for start, end in query.hits(text):
            same = text[start:end] == pattern if any(map(str.isupper, pattern)) else text[start:end].lower() == pattern
            assert same
        assert bool(list(query.hits(text))) == ((pattern in text) if query.text != pattern.lower() else pattern in text.lower())


def test_matches_say_where_they_are() -> None:
    cells = [CellData(CellId("a"), "code", "one\ntwo one"), CellData(CellId("b"), "code", "none")]
    notebook = Notebook(cells)

    def texts(cell: Cell) -> Iterator[tuple[int, list[Chunk]]]:
        yield SOURCE, [(0, cell.source)]
        yield 0, [(0, "x\ny"), (2, "one"), (3, "a\n  one\none one")]

    found = [match for batch in search(Query("one"), [notebook.at(0)], texts) for match in batch]
    a = CellId("a")
    assert found == [
        Match(a, SOURCE, 0, 0, 3),
        Match(a, SOURCE, 1, 4, 3),
        Match(a, 0, 2, 0, 3),
        Match(a, 0, 4, 2, 3),
        Match(a, 0, 5, 0, 3),
        Match(a, 0, 5, 4, 3),
    ]
    assert found == sorted(found)
    assert [len(batch) for batch in search(Query("none"), notebook, texts)] == [0, 0, 0, 0, 1, 0, 0, 0]
