"""The line about what happened while no terminal was attached."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest

from tuinb.daemon.meanwhile import ago, meanwhile
from tuinb.kernel.execution.runs import NEVER_RUN, CellRun, RunState

if TYPE_CHECKING:
    from tuinb.session.session import Session

OK = CellRun(RunState.OK, started=1000.0, seconds=5.0)
FAILED = CellRun(RunState.ERROR, started=1005.0, seconds=95.0)
RUNNING = CellRun(RunState.RUNNING, started=1100.0)


class Runs:
    """A session of cells with these runs."""

    def __init__(self, *runs: CellRun) -> None:
        self.notebook = self
        self.order = range(len(runs))
        self._runs = runs
        self.prompt: str | None = None

    def run_of(self, cell: int) -> CellRun:
        return self._runs[cell]

    def queue(self) -> list[CellRun]:
        return [run for run in self._runs if run.state is RunState.RUNNING]


@pytest.mark.parametrize(
    ("runs", "since", "line"),
    [
        ((NEVER_RUN, RUNNING), 0.0, ""),
        ((OK, FAILED), 1101.0, ""),
        ((OK,), 1000.0, "1 cell ended; the last one 1 h ago."),
        ((OK, FAILED, RUNNING), 1000.0, "2 cells ended, 1 failed, 1 to go; the last one 1 h ago."),
        ((OK, FAILED), 1010.0, "1 cell ended, 1 failed; the last one 1 h ago."),
    ],
)
def test_what_ended(runs: tuple[CellRun, ...], since: float, line: str) -> None:
    said = meanwhile(cast("Session", Runs(*runs)), since, 5000.0)
    assert said == (f"While no terminal was attached: {line}" if line else "")


def test_a_kernel_that_waits() -> None:
    runs = Runs(OK)
    assert "waited" not in meanwhile(cast("Session", runs), 1000.0, 5000.0, 1100.0)
    runs.prompt = "who? "
    for since, line in (
        (1000.0, "1 cell ended; the last one 1 h ago; the kernel has waited for input for 1 h."),
        (1050.0, "the kernel has waited for input for 1 h."),
        (1200.0, ""),
    ):
        said = meanwhile(cast("Session", runs), since, 5000.0, 1100.0)
        assert said == (f"While no terminal was attached: {line}" if line else "")


@pytest.mark.parametrize(
    ("seconds", "text"), [(-1, "0 s"), (0.5, "0 s"), (59, "59 s"), (60, "1 min"), (7300, "2 h"), (200_000, "2 d")]
)
def test_spans(seconds: float, text: str) -> None:
    assert ago(seconds) == text
