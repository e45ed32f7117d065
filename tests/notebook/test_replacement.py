"""What replaces the matches of a search."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tuinb.notebook.changes import CellData, CellId
from tuinb.notebook.document import Notebook
from tuinb.notebook.replacement import Replacement
from tuinb.notebook.search import SOURCE, Match, Query, offset_of, search

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from tuinb.notebook.cell import Cell


def cell(source: str) -> Cell:
    return Notebook([CellData(CellId("a"), "code", source)])[CellId("a")]


@pytest.mark.parametrize(
    ("query", "text", "source", "expected"),
    [
        ("a", "bb", "a\nA a", "bb\nbb bb"),
        ("A", r"\n", "a A", r"a \n"),
        ("re:a", r"\n\t\\", "xay", "x\n\t\\y"),
        (r"re:(\w+)=(\w+)", r"\2 = \1", "a=b\nc=d", "b = a\nd = c"),
        (r"re:(?P<one>a)b", r"\g<one>\0", "ab", "aab"),
        (r"re:(x)?a", r"[\1]", "a xa", "[] [x]"),
        (r"re:(\w+)_(\w)(\w*)", r"\1\u\2\3", "some_name", "someName"),
        (r"re:(\w+)", r"\U\1\E \l\1", "Abc", "ABC abc"),
        (r"re:(\w+)", r"\L\u\1", "ABC", "Abc"),
        (r"re:^  ", "", "    a\n  b", "  a\nb"),
        (r"re:(?<=a)b", "c", "ab b", "ac b"),
        ("b", "", "abc", "ac"),
    ],
)
def test_all_in_a_cell(query: str, text: str, source: str, expected: str) -> None:
    replacement = Replacement(Query(query), text)
    assert replacement.problem == ""
    it = cell(source)
    found = replacement.in_cell(it)
    assert found is not None
    splice, count = found
    assert source[: splice.at] + splice.inserted + source[splice.at + len(splice.removed) :] == expected
    assert source[splice.at :].startswith(splice.removed)
    assert count == sum(1 for _ in Query(query).hits(source))


@pytest.mark.parametrize(("query", "text", "source"), [("x", "y", "abc"), ("a", "a", "abc"), ("", "y", "abc")])
def test_nothing_to_replace(query: str, text: str, source: str) -> None:
    assert Replacement(Query(query), text).in_cell(cell(source)) is None


@pytest.mark.parametrize(
    ("query", "text", "problem"),
    [
        ("re:(", "x", "missing ), unterminated subpattern at position 0"),
        ("re:a", r"\q", r"\q means nothing: write \\ for a backslash"),
        ("re:a", "\\", "\\ means nothing: write \\\\ for a backslash"),
        ("re:a", r"\1", "there is no group 1"),
        ("re:(a)", r"\g<b>", "there is no group b"),
    ],
)
def test_problems(query: str, text: str, problem: str) -> None:
    assert Replacement(Query(query), text).problem == problem


def test_a_place_that_no_match_begins_at_stays() -> None:
    assert Replacement(Query("re:b"), "c").of("ab", 0, 1) == "a"


def test_the_offset_of_a_match() -> None:
    it = cell("a\nbb\nab")
    matches = [match for found in search(Query("b"), [it], lambda one: [(SOURCE, [(0, one.source)])]) for match in found]
    assert [offset_of(it.source, match) for match in matches] == [2, 3, 6]
    assert offset_of("a", matches[0]) is None
    assert offset_of("a\n", matches[0]) is None
    assert offset_of("a\nb", Match(it.id, SOURCE, 2, 0, 1)) is None


def test_an_expression_that_takes_too_long_is_told() -> None:
    def impatient() -> AbstractContextManager[None]:
        raise TimeoutError

    replacement = Replacement(Query("re:a", impatient), "b")
    assert not replacement.timed_out
    assert replacement.in_cell(cell("a")) is None
    assert replacement.timed_out
