"""The search in the background: which matches are kept where there are too many, and where steps lead from there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support import wait_for
from tuinb.notebook.changes import CellData, CellId
from tuinb.notebook.document import Notebook
from tuinb.notebook.search import SOURCE, Match
from tuinb.ui.search import background
from tuinb.ui.search.background import BackgroundSearch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tuinb.notebook.cell import Cell
    from tuinb.notebook.search import Chunk


def sources(cell: Cell) -> Iterator[tuple[int, Iterator[Chunk]]]:
    yield SOURCE, iter([(0, cell.source)])


def in_cells(*texts: str) -> tuple[BackgroundSearch, list[Match]]:
    """A hunt in cells of these sources, named 0, 1, 2 …, and the matches that it went to."""
    gone_to: list[Match] = []
    notebook = Notebook([CellData(CellId(str(number)), "code", text) for number, text in enumerate(texts)])
    return BackgroundSearch(notebook, sources, gone_to.append, lambda: None), gone_to


ALL = [CellId("0"), CellId("1"), CellId("2")]


async def done(it: BackgroundSearch) -> None:
    await wait_for(lambda: it.message != "searching…")


async def test_steps_go_round_the_ends() -> None:
    it, gone_to = in_cells("e", "no", "ee")
    it.start("e", ALL, CellId("1"))
    await done(it)
    assert it.message == "2 of 3"
    for _ in range(3):
        it.step(1)
    assert [(match.cell, match.column) for match in gone_to] == [("2", 0), ("2", 1), ("0", 0), ("2", 0)]
    assert it.message == "2 of 3"


async def test_steps_that_are_asked_for_before_a_match_is_found_come_after_it() -> None:
    it, gone_to = in_cells("e", "no", "ee")
    it.start("e", ALL, CellId("1"))
    it.step(1)
    await it.settle()
    assert [(match.cell, match.column) for match in gone_to] == [("2", 0), ("2", 1)]
    assert it.message == "3 of 3"


@pytest.mark.parametrize("texts", [("e" * 30, "e", "ee"), ("", "e" * 30, "e")], ids=["above", "here"])
@pytest.mark.parametrize("direction", [1, -1])
async def test_of_too_many_the_one_that_was_gone_to_is_kept(
    texts: tuple[str, ...], direction: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(background, "MOST_MATCHES", 10)
    it, gone_to = in_cells(*texts)
    it.start("e", ALL, CellId("1"))
    await done(it)
    assert "of the first 10" in it.message
    first = it.current
    it.step(direction)
    await done(it)
    it.step(-direction)
    await done(it)
    assert gone_to[-1] == first == it.current


async def test_from_a_match_beyond_those_that_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "MOST_MATCHES", 10)
    it, _ = in_cells("e" * 30)
    far = Match(CellId("0"), SOURCE, 0, 20, 1)
    it.start("e", ALL[:1], None)
    await done(it)
    it.restore("e", far)
    it.step(1)
    await done(it)
    assert it.current is not None
    assert it.current.column == 21
    it.step(1)
    await done(it)
    assert it.current.column == 22
