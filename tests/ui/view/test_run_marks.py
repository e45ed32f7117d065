"""What the margin and the header of a cell, and messages, make of what a kernel calls its errors."""

from __future__ import annotations

import pytest

from tuinb.kernel.execution.runs import CellRun, RunState
from tuinb.notebook.changes import CellData, CellId
from tuinb.notebook.document import Notebook
from tuinb.render.safe import width
from tuinb.ui import strips
from tuinb.ui.view.run_marks import marks

CELL = Notebook([CellData(CellId("a"), "code", "x")]).at(0)


def test_an_errors_name_is_foreign_text() -> None:
    """A class may be called anything, and R's conditions are."""
    run = CellRun(RunState.ERROR, started=1e9, seconds=1.0, current=True, source_revision=0, error_name="a\x1b[2J\nb\u202e")
    assert marks(CELL, run, 1e9 + 1).note == "✗ a␛[2J␊b⟨U+202E⟩ 1.0 s"


def test_an_errors_name_has_an_end() -> None:
    run = CellRun(RunState.ERROR, started=1e9, seconds=1.0, current=True, source_revision=0, error_name="é" * 1_000_000)
    assert len(marks(CELL, run, 1e9 + 1).note) < 100


@pytest.mark.parametrize(("later", "note"), [(-3600, ""), (0.5, ""), (75, "running 1 min 15 s")])
def test_a_clock_that_is_set_back_shows_no_negative_time(later: float, note: str) -> None:
    run = CellRun(RunState.RUNNING, started=1e9, current=True, source_revision=0)
    assert marks(CELL, run, 1e9 + later).note == note


@pytest.mark.parametrize("text", ["é" * 1_000_000, "é" * 500 + "\n" + "é" * 500_000, "a\n" * 500_000])
def test_of_a_message_that_is_too_long_only_the_start_is_laid_out(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    measured = 0
    def told(text: str) -> int:
        nonlocal measured
        measured += len(text)
        return width(text)

    monkeypatch.setattr("tuinb.ui.status.width", told)
    assert len(strips.wrap(text, 40, 6)) == 6
    assert measured < 100_000


def test_words_are_kept_whole_where_that_works() -> None:
    assert strips.wrap("one two  three\nfour", 8, 9) == ["one two ", "three", "four"]
    assert strips.wrap("wonderful day", 4, 9) == ["wond", "erfu", "l", "day"]
    assert strips.wrap("", 4, 9) == [""]
