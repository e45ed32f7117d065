"""Commands that run cells, and those that take them back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tuinb.commands import ex_line
from tuinb.notebook.changes import CellId

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.commands.conftest import Desk

RUNS = [
    ("run-all", ("run", "a", "b", "c", "d")),
    ("run-all-above", ("run", "a")),
    ("run-all-below", ("run", "b", "c", "d")),
    ("run-in-place", ("run", "b", "c")),
]


@pytest.mark.parametrize(("name", "asked"), RUNS)
def test_what_is_run(desk: Callable[[str], Desk], name: str, asked: tuple[str, ...]) -> None:
    it = desk("a|m:x|[b|c*]|d")
    it.run(name)
    assert it.session.log == [asked]
    assert str(it) == "a|m:x|[b|c*]|d"


@pytest.mark.parametrize(
    ("before", "asked"),
    [
        ("a|m:# H|b|m:## I*|c|m:## J|d", [("run", "c")]),
        ("a|m:# H|b|m:## I|c*|m:## J|d", [("run", "c")]),
        ("a|m:# H*|b|m:## I|c|m:# J|d", [("run", "b", "c")]),
        ("a*|m:# H|b", []),
    ],
)
def test_a_section_is_run(desk: Callable[[str], Desk], before: str, asked: list[tuple[str, ...]]) -> None:
    it = desk(before)
    it.run("run-section")
    assert it.session.log == asked
    assert it.said() == ([] if asked else ["No heading is above this cell."])
    assert str(it) == before


def test_cancelling(desk: Callable[[str], Desk]) -> None:
    it = desk("a*|b|c|d")
    it.run("cancel-queued")
    it.run("cancel-all-queued")
    assert it.said() == ["No selected cell is waiting to run.", "No cell is waiting to run."]
    it.session.running = CellId("c0")
    it.session.waiting = [CellId("c1"), CellId("c2"), CellId("c3")]
    it.run("cancel-queued")
    assert it.session.log == []
    it.press("j")
    it.run("cancel-queued")
    it.run("cancel-all-queued")
    assert it.session.log == [("cancel", "b"), ("cancel", "c", "d")]


@pytest.mark.parametrize(
    ("line", "asked"),
    [
        ("run-cell 2", ("b",)),
        (":run-cell 4-5, 1 $", ("c", "d", "a", "e")),
        ("run_cell 3", ()),
        ("run-cell 1-$", ("a", "b", "c", "d", "e")),
    ],
)
def test_cells_are_run_by_number(desk: Callable[[str], Desk], line: str, asked: tuple[str, ...]) -> None:
    it = desk("a|b|m:x|c*|d|e")
    ex_line.execute(it.context, line)
    it.settle()
    assert it.session.log == [("run", *asked)]
    assert str(it) == "a|b|m:x|c*|d|e"


@pytest.mark.parametrize(
    ("notebook", "line", "said"),
    [
        ("a*|b", "run-cell", "Which cell? `:run-cell 3` runs the third one."),
        ("a*|b", "run-cell 3", "'3' names no cell. Cells have the numbers 1 to 2; `3-5` is three of them."),
        ("a*|b", "run-cell 1 0", "'0' names no cell. Cells have the numbers 1 to 2; `3-5` is three of them."),
        ("a*|b", "run-cell 2-1", "'2-1' names no cell. Cells have the numbers 1 to 2; `3-5` is three of them."),
        ("a*|b", "run-cell 1-", "'1-' names no cell. Cells have the numbers 1 to 2; `3-5` is three of them."),
        ("a*|b", "run-cell x", "'x' names no cell. Cells have the numbers 1 to 2; `3-5` is three of them."),
        ("", "run-cell 1", "There are no cells."),
    ],
)
def test_numbers_of_no_cell(desk: Callable[[str], Desk], notebook: str, line: str, said: str) -> None:
    it = desk(notebook)
    ex_line.execute(it.context, line)
    it.settle()
    assert it.said() == [said]
    assert it.session.log == []
