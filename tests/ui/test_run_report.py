"""What is reported at the end of a run of several cells."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from tests.support import wait_for, write_notebook
from tests.ui.harness import running
from tuinb.kernel.connection.scripted import error
from tuinb.kernel.execution.runs import NEVER_RUN, CellRun, RunState
from tuinb.notebook.changes import CellData, CellId
from tuinb.notebook.document import Notebook
from tuinb.session.events import CellsChanged, Message
from tuinb.ui.run_report import RunEnd, RunReport

if TYPE_CHECKING:
    from pathlib import Path

    from tuinb.session.port import SessionPort

A, B = CellId("a"), CellId("b")


@dataclass
class Queue:
    """What the report reads of a session."""

    progress: tuple[int, int] = (0, 0)
    runs: dict[CellId, CellRun] = field(default_factory=dict)
    notebook: Notebook = field(default_factory=lambda: Notebook([CellData(cell, "code", "") for cell in (A, B)]))
    now: float = 10.0

    def run_of(self, cell: CellId) -> CellRun:
        return self.runs.get(cell, NEVER_RUN)


class Reported:
    """A report with the queue that it follows."""

    def __init__(self) -> None:
        self.queue = Queue()
        self.called: list[str] = []
        self.report = RunReport(cast("SessionPort", self.queue), lambda: self.queue.now, self.called.append)

    def at(self, number: int, total: int, *cells: CellId) -> RunEnd | None:
        self.queue.progress = (number, total)
        return self.report.receive(CellsChanged(cells))


def test_the_end_of_a_long_run() -> None:
    it = Reported()
    assert it.at(1, 149) is None
    assert it.report.receive(Message("x")) is None
    assert it.at(149, 149) is None
    it.queue.now += 75.0
    assert it.at(0, 0) == RunEnd("149 cells ran, in 1 min 15 s.", "information")
    assert it.at(0, 0) is None


def test_a_short_run_and_one_cell_end_without_a_word() -> None:
    it = Reported()
    it.at(2, 2)
    assert it.at(0, 0) is None
    it.at(1, 1)
    it.queue.now += 60.0
    assert it.at(0, 0) is None


def test_a_cell_that_fails_ends_a_run() -> None:
    it = Reported()
    it.at(1, 24)
    it.at(2, 24)
    it.queue.runs[B] = CellRun(RunState.ERROR, current=True, error_name="NameError")
    assert it.at(0, 0, A, B) == RunEnd("Cell 2 failed: NameError. 2 of 24 cells ran. :2 goes there.", "error", B)


def test_a_run_that_is_cancelled_or_whose_cell_is_gone() -> None:
    it = Reported()
    it.at(1, 24)
    it.at(1, 1)
    it.queue.runs[CellId("gone")] = CellRun(RunState.ERROR, current=True, error_name="NameError")
    assert it.at(0, 0, CellId("gone")) == RunEnd("1 of 24 cells ran.", "warning")


def test_a_long_run_calls_the_user() -> None:
    it = Reported()
    for number, total, seconds in ((2, 2, 4.9), (1, 1, 4.9), (1, 1, 5.0), (3, 3, 75.0), (1, 4, 6.0)):
        it.at(number, total)
        it.queue.now += seconds
        it.at(0, 0)
    assert it.called == ["1 cell ended, after 5 s.", "3 cells ended, after 1 min 15 s.", "1 of 4 cells ended, after 6 s."]
    it.called.clear()
    it.queue.runs[B] = CellRun(RunState.ERROR, current=True, error_name="NameError", error_value="a secret")
    for number, total in ((1, 1), (2, 9)):
        it.at(number, total)
        it.queue.now += 6.0
        it.at(0, 0, A, B)
    assert it.called == [
        "Cell 2 failed: NameError. 1 cell ended, after 6 s.",
        "Cell 2 failed: NameError. 2 of 9 cells ended, after 6 s.",
    ]


async def test_the_screen_says_where_a_run_stopped(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "m.ipynb", "a", "bad", "c", "d")
    async with running(path, {"bad": [error("NameError", "no")]}) as t:
        await t.type(":run-all\n")
        await wait_for(lambda: "Cell 2 failed: NameError. 2 of 4 cells ran. :2 goes there." in t.text())
