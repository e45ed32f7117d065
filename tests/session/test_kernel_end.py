"""The sentences on how a kernel ended."""

from __future__ import annotations

import pytest

from tuinb.kernel.execution.effects import CellsLost
from tuinb.kernel.protocol.lifecycle import KernelDied
from tuinb.notebook.changes import CellData, CellId
from tuinb.notebook.document import Notebook
from tuinb.session.kernel_end import explain

A, B, C, APART = CellId("a"), CellId("b"), CellId("c"), CellId("apart")


@pytest.mark.parametrize(
    ("lost", "text"),
    [
        (None, "The kernel died: exited with code 0."),
        (CellsLost(None, asked_exit=False, waiting=(A,)), "The kernel died: exited with code 0. 1 cell was not run."),
        (CellsLost(B, asked_exit=True, waiting=()), "Cell 2 ended the kernel (exit or quit)."),
        (CellsLost(A, asked_exit=True, waiting=(B, C)), "Cell 1 ended the kernel (exit or quit). 2 cells below were not run."),
        (CellsLost(B, asked_exit=True, waiting=(A, C)), "Cell 2 ended the kernel (exit or quit). 2 cells were not run."),
        (CellsLost(B, asked_exit=True, waiting=(APART,)), "Cell 2 ended the kernel (exit or quit). 1 cell was not run."),
        (
            CellsLost(APART, asked_exit=True, waiting=(A,)),
            "Code without a cell ended the kernel (exit or quit). 1 cell was not run.",
        ),
        (
            CellsLost(B, asked_exit=False, waiting=(C,)),
            "The kernel died while cell 2 ran: exited with code 0. 1 cell below was not run.",
        ),
    ],
)
def test_the_cell_that_ended_the_kernel_and_what_was_not_run(lost: CellsLost | None, text: str) -> None:
    notebook = Notebook([CellData(cell, "code", "") for cell in (A, B, C)])
    assert explain(KernelDied("exited with code 0"), lost, notebook) == text
    assert explain(KernelDied("exited with code 0", "last\nwords"), lost, notebook) == f"{text}\nlast\nwords"


def test_a_kernel_that_did_not_answer_has_not_started() -> None:
    died = KernelDied("exited with code 1", "no module", at_start=True)
    assert explain(died, None, Notebook()) == "The kernel did not start: exited with code 1.\nno module"
