"""Commands on the kernel."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tuinb.errors import KernelError
from tuinb.kernel.execution.effects import Prompt
from tuinb.kernel.execution.others import OtherRun
from tuinb.notebook.changes import CellId
from tuinb.session.state import NO_KERNEL, KernelState, KernelStatus, RunningKernel

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.commands.conftest import Desk


def without_kernel(it: Desk) -> Desk:
    it.session.kernel = KernelStatus(KernelState.DEAD, detail="killed by SIGKILL")
    return it


def test_go_to_prompt(desk: Callable[[str], Desk]) -> None:
    it = desk("a|b*")
    it.run("go-to-prompt")
    assert it.host.log == [("notify", "The kernel waits for no input.", "information")]
    it.session.prompt = Prompt(it.session.notebook.order[0], "? ", password=False)
    it.run("go-to-prompt")
    assert it.host.log[1:] == [("go_to_prompt",)]


@pytest.mark.parametrize(
    ("name", "log"),
    [
        ("restart", [("restart",)]),
        ("restart-and-run-all", [("restart",), ("remember outputs",), ("run", "a", "b")]),
        ("restart-and-clear", [("restart",)]),
        ("shut-down-kernel", [("shutdown_kernel",)]),
    ],
)
def test_what_loses_variables_asks(desk: Callable[[str], Desk], name: str, log: list[tuple[str, ...]]) -> None:
    it = desk("a=1*|b")
    it.run(name, False)
    assert it.session.log == []
    assert it.said() == [f"The kernel was not {'shut down' if name == 'shut-down-kernel' else 'restarted'}."]
    assert str(it) == "a*=1|b"
    it.run(name, True)
    assert it.session.log == log
    assert str(it) == ("a*|b" if name == "restart-and-clear" else "a*=1|b")


@pytest.mark.parametrize(("notebook", "ran"), [("a|b*|c", ("a", "b")), ("a|[b|m:x*]|d", ("a", "b")), ("a*|b", ("a",))])
def test_it_runs_up_to_the_selected_cell_after_a_restart(
    desk: Callable[[str], Desk], notebook: str, ran: tuple[str, ...]
) -> None:
    it = desk(notebook)
    it.run("restart-and-run-to-cell", False)
    assert it.session.log == []
    it.run("restart-and-run-to-cell", True)
    assert it.session.log == [("restart",), ("remember outputs",), ("run", *ran)]


@pytest.mark.parametrize("name", ["restart", "start-kernel"])
def test_a_dead_kernel_is_started_unasked(desk: Callable[[str], Desk], name: str) -> None:
    it = without_kernel(desk("a*"))
    it.run(name)
    assert it.session.log == [("start_kernel", None)]


def test_what_needs_a_kernel_says_so(desk: Callable[[str], Desk]) -> None:
    it = without_kernel(desk("a*"))
    it.run("interrupt")
    it.run("shut-down-kernel")
    assert it.said() == ["No kernel is running."] * 2
    assert it.session.log == []


def test_a_running_kernel_is_not_started_again(desk: Callable[[str], Desk]) -> None:
    it = desk("a*")
    it.run("start-kernel")
    assert it.said() == ["A kernel is already running."]


def test_switching_marks_the_kernel_that_runs(desk: Callable[[str], Desk]) -> None:
    it = desk("a*")
    it.session.choices = (*reversed(it.session.choices),)
    it.run("switch-kernel", None)
    assert it.host.marked_first == ["Python 3 (current)"]


def test_switching(desk: Callable[[str], Desk]) -> None:
    it = desk("a*")
    it.run("switch-kernel", None)
    assert it.host.log[-1] == ("choose", "Kernel of this notebook", ["Python 3 (current)", "R  /usr/bin/R"])
    it.run("switch-kernel", 1)
    assert it.session.log == [("start_kernel", "ir")]
    it.session.choices = ()
    it.run("switch-kernel")
    assert it.said() == ["No kernels are installed. `python -m pip install ipykernel` installs one."]


def test_the_log(desk: Callable[[str], Desk]) -> None:
    it = desk("a*")
    known, it.session.kernel = it.session.kernel, NO_KERNEL
    it.run("show-kernel-log")
    it.session.kernel = known
    it.session.log_text = KernelError("the kernel's log can't be read: No such file or directory", where="/kernel.log")
    it.run("show-kernel-log")
    assert it.said() == [
        "There is no kernel log: tuinb started no kernel.",
        "/kernel.log: the kernel's log can't be read: No such file or directory",
    ]
    it.session.log_text = ""
    it.run("show-kernel-log")
    assert it.host.log[-1][1:] == ("Kernel log", "The kernel has written nothing yet.")
    it.session.log_text = "a warning"
    it.run("show-kernel-log")
    assert it.host.log[-1][1:] == ("Kernel log", "a warning")


def test_what_is_known_of_it(desk: Callable[[str], Desk]) -> None:
    it = desk("a*")
    it.session.kernel = replace(it.session.kernel, strays=3)
    it.run("show-kernel")
    assert it.host.log[-1][2].splitlines() == [
        "Kernel: Python 3 (python3)",
        "State: idle",
        "Interpreter: /usr/bin/python3",
        "Language: python",
        "Messages without a cell: 3",
    ]


def test_the_queue(desk: Callable[[str], Desk]) -> None:
    it = desk("a*|b/more|")
    it.run("show-queue")
    assert it.said() == ["No cell is running or waiting."]
    it.session.running = CellId("c0")
    it.session.waiting = [CellId("c1"), CellId("c2")]
    it.run("show-queue", None)
    assert it.host.log[-1][2] == [
        "Interrupt cell 1: a",
        "Cancel all waiting cells",
        "Cancel cell 2: b",
        "Cancel cell 3: (empty)",
        "Change nothing",
    ]
    assert it.host.marked_first[-1] == "Change nothing"
    it.run("show-queue", "Change nothing")
    assert it.session.log == []
    it.run("show-queue", 2)
    it.run("show-queue", "Cancel all waiting cells")
    it.run("show-queue", "Interrupt cell 1: a")
    assert it.session.log == [("cancel", "b\nmore"), ("cancel", ""), ("interrupt",)]


def test_a_deleted_cell_that_runs_is_named_so(desk: Callable[[str], Desk]) -> None:
    it = desk("a*|b")
    it.session.running = CellId("c0")
    it.press("d d")
    it.run("show-queue", None)
    assert it.host.log[-1][2] == ["Interrupt a deleted cell: a", "Change nothing"]


def test_cells_that_wait_for_a_kernel_to_start_can_be_cancelled(desk: Callable[[str], Desk]) -> None:
    it = desk("a*|b")
    it.session.waiting = [CellId("c0")]
    it.run("show-queue", 1)
    assert it.session.log == [("cancel", "a")]


# ---- a kernel that others use, too


LAB = RunningKernel("/run/kernel-1.json", "1", "python3", "python", "busy", "/home/me/lab.ipynb", 77)
AWAY = RunningKernel(
    "/run/kernel-2.json", "2", "", "R", "idle", address="192.0.2.1", question="Far away?", warnings=("Others read it.",)
)
LAB_ROW = "python3, python  busy  lab.ipynb  1  process 77"
AWAY_ROW = "R  idle  no notebook known  2  at 192.0.2.1"


def shared(it: Desk, *, others_run: bool = False) -> Desk:
    it.session.kernel = replace(it.session.kernel, foreign=True, others_run=others_run, connection_file=LAB.file)
    return it


def test_a_kernel_is_chosen_of_those_that_run(desk: Callable[[str], Desk]) -> None:
    it = desk("a*")
    it.session.running_elsewhere = (LAB, AWAY)
    it.run("attach-kernel", None)
    assert it.host.log == [("choose", "Kernels that run", [LAB_ROW, AWAY_ROW])]
    it.run("attach-kernel", 0, False)
    it.run("attach-kernel", 1, False)
    assert it.session.log == []
    it.run("attach-kernel", 0, True)
    it.run("attach-kernel", 1, True, True)
    assert it.session.log == [("attach_kernel", LAB.file), ("attach_kernel", AWAY.file)]
    assert it.said() == ["The kernel was not changed.", "The kernel was not changed.", "Others read it."]


def test_a_shared_kernel_is_left_for_another_one_unasked(desk: Callable[[str], Desk]) -> None:
    it = shared(desk("a*"))
    it.session.running_elsewhere = (LAB, replace(AWAY, question="", file="/gone"))
    it.run("attach-kernel", 0)
    assert it.session.log == []
    assert it.host.log[0][2][0] == "python3, python (current)  busy  lab.ipynb  1  process 77"
    assert it.host.marked_first == [AWAY_ROW]
    it.run("attach-kernel", 1)
    assert it.said() == ["its kernel has ended"]


def test_there_is_no_kernel_to_attach_to(desk: Callable[[str], Desk]) -> None:
    it = shared(desk("a*"))
    it.session.running_elsewhere = (LAB,)
    it.run("attach-kernel")
    assert it.said() == ["No other kernel of yours runs on this machine."]


def test_an_interrupt_of_code_of_others_asks(desk: Callable[[str], Desk]) -> None:
    it = shared(desk("a*"), others_run=True)
    it.run("interrupt", False)
    assert it.session.log == [("interrupt",)]
    it.run("interrupt", True)
    assert it.session.log[1:] == [("interrupt",), ("interrupt", "others")]
    it.session.waiting = [it.session.notebook.order[0]]
    it.run("interrupt")
    assert it.said()[0] == "Nothing was interrupted."
    assert it.said()[1:] == ["No cell waits any more. The kernel runs code of another client: ^C again interrupts that."]


def test_an_interrupt_of_our_own_cell_does_not_ask(desk: Callable[[str], Desk]) -> None:
    it = shared(desk("a*"), others_run=True)
    it.session.running = it.session.notebook.order[0]
    it.run("interrupt")
    assert (it.session.log, it.host.log) == ([("interrupt",)], [])


def test_a_kernel_that_tuinb_did_not_start_is_not_restarted_and_not_ended(desk: Callable[[str], Desk]) -> None:
    it = shared(desk("a*"))
    it.run("restart-and-run-all")
    assert it.session.log == [("restart",)]  # the session says why not, and nothing runs
    it.run("shut-down-kernel", False)
    it.run("shut-down-kernel", True)
    assert it.session.log[1:] == [("shutdown_kernel",)]
    assert it.host.log[0] == ("confirm", "tuinb did not start this kernel and does not end it. Leave it? It goes on.")


@pytest.mark.parametrize(("name", "question"), [("restart", "Restart"), ("shut-down-kernel", "Shut down")])
def test_others_lose_what_the_kernel_has_too(name: str, question: str, desk: Callable[[str], Desk]) -> None:
    it = desk("a*")
    it.run(name, False)
    it.session.others = (OtherRun("lab", "x = 1", 3),)
    it.run(name, False)
    it.session.kernel = replace(it.session.kernel, others_run=True)
    it.run(name, False)
    assert it.session.log == []
    assert [asked for kind, asked, *_ in it.host.log if kind == "confirm"] == [
        f"{question} the kernel? Its variables will be lost.",
        f"{question} the kernel? Its variables will be lost, also for the other clients.",
        f"{question} the kernel? Its variables will be lost, and it runs code of another client.",
    ]


def test_what_others_ran(desk: Callable[[str], Desk]) -> None:
    it = desk("a*")
    it.run("others")
    assert it.said() == ["No other client has run anything on this kernel since tuinb connected."]
    first = OtherRun("x", "1 +\\\n 1\n", 4, _text=["2\n"])
    it.session.others = (first, OtherRun("y", None, None, failed=True), OtherRun("x", "slow()", 5, running=True))
    it.run("others")
    (_, title, text) = it.host.log[-1]
    assert title == "Other clients of the kernel"
    assert text.split("\n\n") == [
        "client 1  [4]\n    1 +\\\n     1\n2",
        "client 2  [ ], failed\n    (it began before tuinb connected)",
        "\nclient 1  [*], runs\n    slow()",
        "",
    ]


def test_what_is_known_of_a_shared_kernel(desk: Callable[[str], Desk]) -> None:
    it = shared(desk("a*"), others_run=True)
    it.session.kernel = replace(it.session.kernel, name="")
    it.run("show-kernel")
    text = it.host.log[-1][2]
    assert text.startswith("Kernel: Python 3\nState: idle, with code of another client\nConnection file: /run/kernel-1.json\n")
    assert "Started by: another program" in text
