"""Commands of the debugger, with a debugger that plays a stop."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest

from tuinb.notebook.changes import CellId
from tuinb.session import post_mortem
from tuinb.session.call_stack import CallStack
from tuinb.session.state import Breakpoint, Frame, LogLine, Stop, Variable
from tuinb.workspace.view_state import Mode

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.commands.conftest import Desk
    from tuinb.session.call_stack import Frames

C0, C1 = CellId("c0"), CellId("c1")
INNER, OUTER = Frame(1, "f", C0, 1, "/1.py"), Frame(2, "<module>", C1, 0, "/2.py")
ELSEWHERE = Frame(3, "main", None, 8, "/else.py")
RAN = ("run", "a\nb\n")
STOP = Stop(7, "breakpoint", (INNER, OUTER, ELSEWHERE))


class Stopped:
    """Stands for the debugger's answers."""

    def __init__(self, it: Desk) -> None:
        debugger = it.session.debugger
        debugger.stop = STOP
        debugger.stack = self.stack = CallStack("Stopped", STOP.frames, self)
        self.resumed: list[str] = []
        debugger.resume = self.resume  # type: ignore[method-assign]

    async def resume(self, command: str) -> bool:
        self.resumed.append(command)
        return True

    async def scopes(self, frame: Frame) -> tuple[Variable, ...]:
        return ()

    async def parts(self, reference: object) -> tuple[Variable, ...]:
        return ()

    async def evaluate(self, expression: str, frame: Frame) -> tuple[str, bool]:
        assert frame is OUTER
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


def test_a_message(desk: Callable[[str], Desk]) -> None:
    it = desk("a/b^")
    it.run("set-breakpoint-condition", "a > 1")
    it.run("set-log-message", "b is {b} ")
    assert lines(it) == [Breakpoint(1, "a > 1", "b is {b}")]
    it.run("set-log-message", "}{")
    it.run("set-log-message", None)
    assert it.said() == ["'}{' has a brace without its other half. An expression goes between { and }."]
    it.run("set-breakpoint-condition", "a > 2")
    assert lines(it) == [Breakpoint(1, "a > 2", "b is {b}")]
    it.run("set-log-message", "")
    assert lines(it) == [Breakpoint(1, "a > 2")]


def test_a_breakpoint_is_changed_in_command_mode(desk: Callable[[str], Desk]) -> None:
    it = desk("a/b/ /c*|m:d")
    it.run("set-log-message", "3")
    it.run("set-log-message", None)
    assert it.said() == ["This line is empty: the kernel would not stop there."]
    it.run("set-log-message", "2", "one")
    it.run("set-log-message", "two {b}")
    assert lines(it) == [Breakpoint(1, "", "two {b}")]
    it.session.debugger.set_breakpoint(C0, 3)
    it.run("set-breakpoint-condition", 1, "c")
    assert lines(it)[1] == Breakpoint(3, "c")
    it.run("set-breakpoint-condition", None)
    question = next(entry for entry in it.host.log if entry[0] == "choose")
    assert question[2] == ["cell 1, line 2: b  logs two {b}", "cell 1, line 4: c"]
    it.press("j")
    it.run("set-log-message")
    assert it.said()[1:] == ["Breakpoints are set in code cells."]


def test_what_was_logged(desk: Callable[[str], Desk]) -> None:
    it = desk("a*|b")
    it.run("log-messages")
    assert it.said() == ["Nothing is logged. `:set-log-message` has a line log a text."]
    it.session.debugger.logged += [LogLine("one", C1, 2), LogLine("two", None, 0), LogLine("three", CellId("gone"), 0)]
    it.run("log-messages")
    assert ("page", "Logged", "cell 2, line 3: one\ntwo\nthree") in it.host.log
    it.run("clear-log-messages")
    assert not it.session.debugger.logged


def test_running_to_a_line(desk: Callable[[str], Desk]) -> None:
    it = desk("a/b/*|m:c")
    asked: list[tuple[CellId, int]] = []
    knows = True

    async def run_to(cell: CellId, line: int) -> bool:
        asked.append((cell, line))
        return knows

    it.session.debugger.run_to = run_to  # type: ignore[method-assign]
    it.run("debug-to-line", "2")
    assert (asked, it.session.log[-1]) == ([(C0, 1)], RAN)
    it.run("debug-to-line", None)
    it.run("debug-to-line", "3")
    Stopped(it)
    it.view.mode = Mode.EDIT
    it.host.open_editor.cursor = 2
    it.run("debug-to-line")
    knows = False
    it.run("debug-to-line")
    assert (asked, it.session.log.count(RAN)) == ([(C0, 1)] * 3, 1)
    assert it.said() == [
        "This line is empty: the kernel would not stop there.",
        "The cell was edited since it ran: the kernel does not know this line.",
    ]
    it.view.activate(C1)
    it.run("debug-to-line")
    assert it.said()[2:] == ["Breakpoints are set in code cells."]


def test_the_list_of_breakpoints(desk: Callable[[str], Desk]) -> None:
    it = desk("a*|b/ c")
    it.run("breakpoints")
    it.run("clear-breakpoints")
    assert it.said() == ["There are no breakpoints. Shift+B sets one.", "There are no breakpoints."]
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
    stopped = Stopped(it)
    it.press("f3")
    assert ("show_calls",) in it.host.log
    it.run("post-mortem")
    assert it.said() == ["The kernel is stopped: the calls of an error are shown once it goes on."]
    it.run("frame-down")
    it.run("frame-up")
    assert stopped.stack.frame is OUTER
    assert str(it) == "a/b|c*"
    it.run("frame-down")
    assert str(it) == "a/b*|c"
    it.run("frame-up")
    it.run("frame-up")
    it.run("frame-up")
    assert str(it) == "a/b|c*", "a call that is in no cell is gone to nowhere"
    assert it.said()[1:] == ["This is the innermost call.", "This is the outermost call."]


def test_the_last_error(desk: Callable[[str], Desk], monkeypatch: pytest.MonkeyPatch) -> None:
    it = desk("a*")
    stack = CallStack("KeyError: 1", (INNER,), cast("Frames", None), is_over=True)

    async def last_error(session: object) -> CallStack:
        assert session is it.session
        return stack

    monkeypatch.setattr(post_mortem, "last_error", last_error)
    it.press("f3")
    it.run("post-mortem")
    assert it.session.debugger.stack is stack
    assert it.host.log.count(("show_calls",)) == 2


def test_expressions(desk: Callable[[str], Desk]) -> None:
    it = desk("a*")
    it.run("evaluate")
    it.run("frame-up")
    stopped = Stopped(it)
    it.run("frame-up")
    it.host.answers = ["a", "bad", "long", ""]
    for _ in range(4):
        it.run("evaluate")
    assert it.said() == [*["The kernel is not stopped at a breakpoint."] * 2, "a = 1", "NameError: bad"]
    assert ("page", "long", "1\n2") in it.host.log
    assert stopped.stack.rows == ()
