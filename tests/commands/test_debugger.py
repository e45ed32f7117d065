"""Commands of the debugger, with a debugger that plays a stop."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tuinb.notebook.changes import CellId
from tuinb.session.state import Breakpoint, Frame, Stop, Variable

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.commands.conftest import Desk

C0, C1 = CellId("c0"), CellId("c1")
INNER, OUTER = Frame(1, "f", C0, 1, "/1.py"), Frame(2, "<module>", C1, 0, "/2.py")
ELSEWHERE = Frame(3, "main", None, 8, "/else.py")
STOP = Stop(7, "breakpoint", (INNER, OUTER, ELSEWHERE))


class Stopped:
    """Stands for the debugger's answers."""

    def __init__(self, it: Desk) -> None:
        debugger = it.session.debugger
        debugger.stop = STOP
        self.resumed: list[str] = []
        debugger.resume = self.resume  # type: ignore[method-assign]
        debugger.variables = self.variables  # type: ignore[method-assign]
        debugger.parts = self.parts  # type: ignore[method-assign]
        debugger.evaluate = self.evaluate  # type: ignore[method-assign]

    async def resume(self, command: str) -> bool:
        self.resumed.append(command)
        return True

    async def variables(self, frame: Frame) -> tuple[Variable, ...]:
        return (Variable(f"a{frame.id}", "1\n2", "int", 0), Variable("xs", "[1]", "list", 5))

    async def parts(self, reference: object) -> tuple[Variable, ...]:
        return (Variable("0", "1", "int", 0),) if reference else ()

    async def evaluate(self, expression: str, frame: Frame) -> tuple[str, bool]:
        assert frame is INNER
        return {"a": ("1", True), "long": ("1\n2", True), "bad": ("NameError: bad", False)}[expression]


def lines(it: Desk, cell: CellId = C0) -> list[Breakpoint]:
    return list(it.session.breakpoints_of(cell))


def test_a_breakpoint_on_the_line_of_the_cursor(desk: Callable[[str], Desk]) -> None:
    it = desk("a/b//c^")
    it.host.open_editor.cursor = 2
    it.press("f4")
    assert lines(it) == [Breakpoint(1)]
    it.press("f4")
    assert lines(it) == []
    it.host.open_editor.cursor = 4
    it.press("f4")
    assert it.said() == ["This line is empty: the kernel would not stop there."]


@pytest.mark.parametrize(
    ("answer", "expected", "said"),
    [
        ("2", [Breakpoint(1)], []),
        (" 2  x > 1 ", [Breakpoint(1, "x > 1")], []),
        (None, [], []),
        ("4", [], ["'4' is no line. The cell has the lines 1 to 3; `3 x > 10` adds a condition."]),
        ("x", [], ["'x' is no line. The cell has the lines 1 to 3; `3 x > 10` adds a condition."]),
    ],
)
def test_a_line_is_asked_for_in_command_mode(
    answer: str | None, expected: list[Breakpoint], said: list[str], desk: Callable[[str], Desk]
) -> None:
    it = desk("a/b/c*")
    it.host.answers = [answer]
    it.press("B")
    assert (lines(it), it.said()) == (expected, said)


def test_a_cell_of_one_line_asks_nothing_and_prose_has_none(desk: Callable[[str], Desk]) -> None:
    it = desk("a*|m:b")
    it.press("B")
    assert lines(it) == [Breakpoint(0)]
    it.press("j B")
    it.run("set-breakpoint-condition")
    assert it.said() == ["Breakpoints are set in code cells."] * 2


def test_a_condition(desk: Callable[[str], Desk]) -> None:
    it = desk("a/b^")
    it.host.answers = [" x > 1 ", "", None]
    for _ in range(3):
        it.run("set-breakpoint-condition")
    assert lines(it) == [Breakpoint(1)]
    assert ("ask", "Line 2: stop if", "x > 1") in it.host.log
    it = desk("a/b*")
    it.run("set-breakpoint-condition")
    assert it.said() == ["Put the cursor on the line, or give line and condition to B: `3 x > 10`."]


def test_the_list_of_breakpoints(desk: Callable[[str], Desk]) -> None:
    it = desk("a*|b/ c")
    it.run("breakpoints")
    it.run("clear-breakpoints")
    assert it.said() == ["There are no breakpoints. F4 on a line in edit mode, or B, sets one.", "There are no breakpoints."]
    it.session.debugger.set_breakpoint(C1, 1, "x")
    it.session.debugger.set_breakpoint(C1, 9)
    it.host.answers = [0]
    it.run("breakpoints")
    assert ("choose", "Breakpoints", ["cell 2, line 2: c  if x", "cell 2, line 10: "]) in it.host.log
    assert str(it) == "a|b/ c*"
    it.run("clear-breakpoints")
    assert not it.session.debugger.has_breakpoints


def test_stopping_at_errors(desk: Callable[[str], Desk]) -> None:
    it = desk("a*")
    for _ in range(2):
        it.run("toggle-stop-at-errors")
    assert it.said() == [
        "From the next run on, the kernel stops at errors that would end a cell.",
        "The kernel no longer stops at errors that would end a cell.",
    ]


def test_steps(desk: Callable[[str], Desk]) -> None:
    it = desk("a*")
    it.press("f5")
    assert it.said() == ["The kernel is not stopped at a breakpoint."]
    stopped = Stopped(it)
    it.press("f5 f10 f11 f12")
    assert stopped.resumed == ["continue", "next", "stepIn", "stepOut"]


def test_what_is_there(desk: Callable[[str], Desk]) -> None:
    it = desk("a/b|c*")
    it.press("f3")
    assert it.said() == ["The kernel is not stopped at a breakpoint."]
    Stopped(it)
    it.host.answers = [1, 4, 3, 0, 0]
    it.press("f3")
    questions = [entry for entry in it.host.log if entry[0] == "choose"]
    assert questions[0][1:] == (
        "Calls, and variables of f",
        [
            "> f  cell 1, line 2", "  <module>  cell 2, line 1", "  main  /else.py:9",
            f"  {'a1':<20} int  1 2", f"  {'xs':<20} list  [1]",
        ],
    )  # fmt: skip
    assert questions[1][1] == "Calls, and variables of <module>"
    assert [entry[1:] for entry in it.host.log if entry[0] == "read"] == [
        ("xs  list", f"  {'0':<20} int  1"), ("a2  int", "1\n2"),
    ]  # fmt: skip
    assert str(it) == "a/b*|c"


def test_a_stop_that_is_over_while_it_is_looked_at(desk: Callable[[str], Desk]) -> None:
    it = desk("a/b|c*")
    Stopped(it)
    it.host.answers = [None]
    it.press("f3")
    assert str(it) == "a/b|c*"


def test_a_frame_that_is_no_cell(desk: Callable[[str], Desk]) -> None:
    it = desk("a/b|c*")
    Stopped(it)
    it.host.answers = [2, 2]
    it.press("f3")
    assert str(it) == "a/b|c*"


def test_expressions(desk: Callable[[str], Desk]) -> None:
    it = desk("a*")
    it.run("evaluate")
    Stopped(it)
    it.host.answers = ["a", "bad", "long", ""]
    for _ in range(4):
        it.run("evaluate")
    assert it.said() == ["The kernel is not stopped at a breakpoint.", "a = 1", "NameError: bad"]
    assert ("page", "long", "1\n2") in it.host.log
