"""The debugger of a session, with a kernel that plays the Debug Adapter Protocol."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.session.support import World
from tests.support import JUPYTER_FOLDERS, wait_for
from tuinb.errors import KernelError
from tuinb.kernel.connection.scripted import ScriptedKernel, error, gate, hang, stream
from tuinb.kernel.execution.runs import RunState
from tuinb.kernel.launch.kernelspecs import find_all
from tuinb.kernel.protocol import events as m
from tuinb.kernel.protocol import requests
from tuinb.kernel.protocol.events import NO_PARENT
from tuinb.notebook.changes import CellId, DeleteCell, SpliceSource
from tuinb.session import debugger as module
from tuinb.session.events import DebugChanged, Message
from tuinb.session.opening import KernelWanted, LocalKernels
from tuinb.session.state import Breakpoint, Frame, KernelState, LogLine, Stop

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tuinb.kernel.connection.port import KernelDescription
    from tuinb.kernel.connection.scripted import Script
    from tuinb.session.call_stack import CallStack
    from tuinb.session.debugger import SessionDebugger

F, MAIN = "def f(a):\n    b = a\n    return b", "f(1)"
C0, C1 = CellId("c0"), CellId("c1")


def stop_of(it: World) -> Stop | None:
    return it.session.stop


@pytest.fixture(autouse=True)
def _no_waiting(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "kernel" not in request.keywords:
        monkeypatch.setattr(module, "_SETTLES", 0.0)


class Adapter:
    """Answers requests. Emits `stopped` when a test says so, and `continued` after each step."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.silent: set[str] = set()
        """Commands that are not answered."""
        self.refused: set[str] = set()
        self.bodies: dict[str, dict[str, Any]] = {
            "stackTrace": {
                "stackFrames": [
                    {"id": 6, "name": "f", "line": 2, "source": {"path": "/1.py"}},
                    {"id": 7, "name": "<module>", "line": 1, "source": {"path": "/2.py"}},
                    {"id": 8, "name": "main", "line": 9, "source": {"path": "/else.py"}},
                    {"id": 9, "name": "odd"},
                ]
            },
            "variables": {
                "variables": [
                    {"name": "special variables", "variablesReference": 9},
                    {"name": "a", "value": "1", "type": "int", "variablesReference": 0},
                    {"name": "In", "value": "[]", "type": "list", "variablesReference": 4},
                    {"name": "np", "value": "numpy", "type": "module", "variablesReference": 5},
                ]
            },
            "evaluate": {"result": "10"},
        }
        self._paths: dict[str, str] = {}

    def name(self, path: str, source: str) -> None:
        """Gives a source another file than the next one."""
        self._paths[source] = path

    def commands(self) -> list[str]:
        return [command for command, _ in self.asked]

    def of(self, command: str) -> list[dict[str, Any]]:
        return [arguments for one, arguments in self.asked if one == command]

    def __call__(self, request: requests.Debug) -> Sequence[m.Event]:
        self.asked.append((request.command, dict(request.arguments)))
        if request.command in self.silent:
            return ()
        if request.command in self.refused:
            return [m.DebugReply(request.id, False, "Traceback:\nNameError: x\n", {})]
        body = self.bodies.get(request.command, {})
        if request.command == "scopes":
            first = request.arguments["frameId"] * 10
            names = [{"name": name, "variablesReference": first + at} for at, name in enumerate(("Locals", "Globals"))]
            body = {"scopes": [*names, "odd"]}
        if request.command == "dumpCell":
            code = request.arguments["code"]
            body = {"sourcePath": self._paths.setdefault(code, f"/{len(self._paths) + 1}.py")}
        reply = m.DebugReply(request.id, True, "", body)
        if request.command in {"continue", "next", "stepIn", "stepOut"}:
            return [reply, m.DebugEvent(NO_PARENT, "continued", {"threadId": 1})]
        return [reply]


class Bench(World):
    """A session whose second cell runs until `open` is set."""

    def __init__(self, script: Script | None = None, implementation: str = "ipython", **options: Any) -> None:  # noqa: ANN401
        self.adapter = Adapter()
        self.open = asyncio.Event()
        kernel = ScriptedKernel({MAIN: [gate(self.open)], **(script or {})}, debugger=self.adapter, **options)
        kernel.implementation = implementation
        super().__init__([F, MAIN], kernel=kernel)
        self.debugger: SessionDebugger = self.session.debugger

    def messages(self) -> list[str]:
        return [message.text for message in self.all(Message)]

    def emit(self, event: str, **body: Any) -> None:  # noqa: ANN401
        self.kernel.emit(m.DebugEvent(NO_PARENT, event, body))

    async def stopped(self) -> None:
        """Runs the cells until the second one is stopped."""
        self.debugger.set_breakpoint(C0, 1)
        self.session.run(self.cells)
        await wait_for(lambda: self.session.run_of(C1).started is not None)
        self.emit("stopped", threadId=1, reason="breakpoint")
        await wait_for(lambda: self.session.stop is not None)

    def stack(self) -> CallStack:
        assert self.debugger.stack is not None
        return self.debugger.stack

    def top(self) -> Frame:
        assert self.session.stop is not None
        return self.session.stop.frames[0]


async def test_without_breakpoints_nothing_is_attached() -> None:
    it = Bench({MAIN: []})
    await it.run()
    assert it.adapter.asked == []


async def test_breakpoints_are_sent_before_the_cell_runs() -> None:
    it = Bench({MAIN: []})
    it.debugger.set_breakpoint(C0, 2, "a > 1")
    it.debugger.set_breakpoint(C0, 1)
    assert it.session.breakpoints_of(C0) == (Breakpoint(1), Breakpoint(2, "a > 1"))
    it.session.run(it.cells)
    await wait_for(lambda: it.session.run_of(C1).seconds is not None)
    started = ["debugInfo", "initialize", "attach", "dumpCell", "dumpCell", "setBreakpoints", "configurationDone"]
    assert it.adapter.commands() == started
    (sent,) = it.adapter.of("setBreakpoints")
    assert (sent["source"], sent["breakpoints"]) == ({"path": "/1.py"}, [{"line": 2}, {"line": 3, "condition": "a > 1"}])
    it.session.run([C0])
    await wait_for(lambda: it.session.notebook[C0].execution_count == 4)
    assert len(it.adapter.asked) == 7
    it.debugger.remove_breakpoint(C0, 2)
    await wait_for(lambda: len(it.adapter.of("setBreakpoints")) == 2)
    assert it.adapter.of("setBreakpoints")[1]["breakpoints"] == [{"line": 2}]


async def test_without_breakpoints_left_it_is_detached() -> None:
    it = Bench({MAIN: []})
    it.debugger.set_breakpoint(C0, 1)
    it.session.run(it.cells)
    await wait_for(lambda: it.session.run_of(C1).seconds is not None)
    it.debugger.clear_breakpoints()
    await wait_for(lambda: it.adapter.of("setBreakpoints")[-1]["breakpoints"] == [])
    it.session.run([C0])
    await wait_for(lambda: it.adapter.commands()[-1] == "disconnect")
    assert not it.debugger.is_needed


async def test_where_it_is_stopped() -> None:
    it = Bench()
    await it.stopped()
    assert it.session.stop is not None
    assert it.session.stop.frames == (Frame(6, "f", C0, 1, "/1.py"), Frame(7, "<module>", C1, 0, "/2.py"))
    assert [event.stop for event in it.all(DebugChanged)] == [None, it.session.stop]
    stack = it.stack()
    await stack.read()
    shown = [(row.depth, row.variable.name) for row in stack.rows]
    assert shown == [(0, "Locals"), (1, "a"), (1, "In"), (1, "np"), (0, "Globals")]
    assert await stack.move(1)
    assert [(row.depth, row.variable.name) for row in stack.rows] == [(0, "Globals"), (1, "a")]
    assert await it.debugger.parts(0) == ()
    assert await it.debugger.evaluate("a * 10", it.top()) == ("10", True)
    it.adapter.refused = {"evaluate"}
    assert await it.debugger.evaluate("x", it.top()) == ("NameError: x", False)
    it.open.set()
    await it.rest()
    assert stop_of(it) is None
    assert await it.debugger.evaluate("x", Frame(6, "f", C0, 1, "")) == ("The kernel is not stopped.", False)


async def test_errors_stop_it_if_that_is_asked_for() -> None:
    it = Bench()
    it.debugger.stop_at_errors(on=True)
    it.session.run(it.cells)
    await wait_for(lambda: it.session.run_of(C1).started is not None)
    assert it.adapter.of("setExceptionBreakpoints") == [{"filters": ["userUnhandled"]}]
    it.adapter.bodies["stackTrace"] = {"stackFrames": [{"id": 1, "name": "<module> (Current frame)", "line": 1}]}
    it.emit("stopped", threadId=1, reason="exception", text="KeyError   (note: more)", description="'x'")
    await wait_for(lambda: it.session.stop is not None)
    assert (top := stop_of(it))
    assert (top.error, top.frames[0].name) == ("KeyError: 'x'", "<module>")
    it.open.set()
    await it.rest()
    it.debugger.set_breakpoint(C0, 1)
    it.debugger.stop_at_errors(on=False)
    it.session.run([C0])
    await wait_for(lambda: it.adapter.of("setExceptionBreakpoints")[-1] == {"filters": []})


@pytest.mark.parametrize(
    ("body", "error"),
    [({"reason": "step"}, ""), ({"reason": "exception", "text": "E"}, "E"), ({"reason": "exception"}, "")],
)
def test_the_error_of_a_stop(body: dict[str, str], error: str) -> None:
    assert module._error(body) == error


@pytest.mark.parametrize("command", ["continue", "next", "stepIn", "stepOut"])
async def test_steps_are_sent_only_while_it_is_stopped(command: str) -> None:
    it = Bench()
    await it.stopped()
    first, second = await asyncio.gather(it.debugger.resume(command), it.debugger.resume(command))
    assert (first, second) == (True, False)
    assert it.adapter.of(command) == [{"threadId": 1}]
    assert stop_of(it) is None


async def test_a_stop_that_is_over_is_not_shown() -> None:
    it = Bench()
    await it.stopped()
    await it.debugger.resume("next")
    it.emit("stopped", threadId=1, reason="step")
    it.emit("continued", threadId=1)
    it.emit("module")
    await wait_for(lambda: len(it.adapter.of("stackTrace")) == 2)
    await wait_for(lambda: not it.debugger._tasks)
    assert stop_of(it) is None


async def test_before_an_interrupt_it_is_let_go() -> None:
    it = Bench()
    await it.stopped()
    it.session.interrupt()
    await wait_for(lambda: bool(it.kernel.interrupts))
    assert it.adapter.commands()[-1] == "disconnect"
    it.open.set()
    await it.rest()
    it.session.run([C0])
    await wait_for(lambda: it.adapter.commands()[-1] == "configurationDone")
    assert it.adapter.of("setBreakpoints")[-1]["breakpoints"] == [{"line": 2}]


@pytest.mark.parametrize("how", ["restart", "shutdown_kernel", "shut_down"])
async def test_a_kernel_that_ends_is_let_go_first(how: str) -> None:
    it = Bench()
    await it.stopped()
    await getattr(it.session, how)()
    assert it.adapter.commands()[-1] == "disconnect"
    assert stop_of(it) is None


async def test_after_a_restart_all_is_set_again() -> None:
    it = Bench()
    await it.stopped()
    await it.session.restart()
    it.session.run([C0])
    await wait_for(lambda: it.adapter.commands()[-1] == "configurationDone")
    assert it.adapter.commands().count("initialize") == 2
    assert it.adapter.of("setBreakpoints")[-1]["breakpoints"] == [{"line": 2}]


async def test_a_kernel_that_dies() -> None:
    it = Bench()
    await it.stopped()
    it.kernel.kill()
    assert stop_of(it) is None


async def test_a_request_without_an_answer_is_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_TIMEOUT", 0.01)
    it = Bench()
    await it.stopped()
    it.adapter.silent = {"evaluate"}
    assert await it.debugger.evaluate("x", it.top()) == ("The debugger does not answer.", False)
    asked = len(it.adapter.asked)
    assert await it.debugger.scopes(it.top()) == ()
    assert await it.debugger.resume("continue") is False
    assert len(it.adapter.asked) == asked
    assert it.messages() == ["The debugger does not answer any more. Restart the kernel."]


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"implementation": "xeus-python"}, "Breakpoints do not act: this kernel has no debugger that tuinb knows."),
        ({"foreign": True}, "Breakpoints do not act: tuinb did not start this kernel."),
        (
            {"script": {module._SETUP: [error("ModuleNotFoundError")]}},
            "Breakpoints do not act: debugpy is not installed where the kernel runs.",
        ),
    ],
)
async def test_a_kernel_without_a_debugger_runs_the_cells(options: dict[str, Any], text: str) -> None:
    it = Bench(**{"script": {F: [stream("1")], **options.pop("script", {})}, **options})
    it.debugger.set_breakpoint(C0, 1)
    it.session.run([C0])
    await wait_for(lambda: it.text(C0) == "1")
    assert it.adapter.asked == []
    assert it.messages() == [text]


async def test_cells_wait_while_the_debugger_is_attached() -> None:
    it = Bench({F: [stream("1")], MAIN: [stream("2")]})
    it.debugger.set_breakpoint(C0, 1)
    it.session.run(it.cells)
    assert it.session.queue() == it.cells
    assert [(run.state, run.place) for run in map(it.session.run_of, it.cells)] == [(RunState.QUEUED, 1), (RunState.QUEUED, 2)]
    it.session.cancel([C0])
    assert it.session.queue() == (C1,)
    await it.rest()
    assert (it.text(C0), it.text(C1)) == ("", "2")


async def test_cells_that_wait_for_the_debugger_are_freed_by_a_restart() -> None:
    it = Bench({F: [stream("1")]})
    it.debugger.set_breakpoint(C0, 1)
    it.session.run([C0])
    await it.session.restart()
    await wait_for(lambda: not it.session.queue())
    assert it.text(C0) == ""


async def test_a_kernel_that_does_not_start() -> None:
    it = Bench(start_error=KernelError("it is not there"))
    it.debugger.set_breakpoint(C0, 1)
    it.session.run(it.cells)
    await wait_for(lambda: it.state() is KernelState.DEAD)
    await wait_for(lambda: not it.session.queue())
    assert it.messages() == []


async def test_the_debugger_is_not_attached_while_a_cell_runs() -> None:
    it = Bench()
    it.session.run([C1])
    await wait_for(lambda: it.session.run_of(C1).started is not None)
    it.debugger.set_breakpoint(C0, 1)
    it.session.run([C0])
    await wait_for(lambda: it.messages() == ["Breakpoints act on runs that begin while the kernel is idle."])
    it.open.set()
    await it.rest()
    assert it.adapter.asked == []


async def test_the_debugger_that_does_not_attach() -> None:
    it = Bench({MAIN: []})
    it.adapter.refused = {"attach"}
    it.debugger.set_breakpoint(C0, 1)
    it.session.run([C1])
    await wait_for(lambda: it.session.run_of(C1).seconds is not None)
    assert it.adapter.commands() == ["debugInfo", "initialize", "attach"]


async def test_the_debugger_of_a_session_that_was_killed_is_detached_first() -> None:
    it = Bench({MAIN: []})
    it.adapter.bodies["debugInfo"] = {"isStarted": True}
    it.debugger.set_breakpoint(C0, 1)
    await it.run(C1)
    assert it.adapter.commands()[:3] == ["debugInfo", "disconnect", "initialize"]


async def test_a_cell_that_is_edited_keeps_the_breakpoints_of_what_ran() -> None:
    it = Bench({MAIN: []})
    it.debugger.set_breakpoint(C0, 1)
    it.session.run(it.cells)
    await wait_for(lambda: it.session.run_of(C1).seconds is not None)
    it.edit(SpliceSource(C0, 0, "", "# new\n"))
    assert it.session.breakpoints_of(C0) == (Breakpoint(2),)
    it.debugger.set_breakpoint(C1, 0)
    await wait_for(lambda: len(it.adapter.of("setBreakpoints")) == 2)
    assert it.adapter.of("setBreakpoints")[1]["source"] == {"path": "/2.py"}
    it.session.run([C0])
    await wait_for(lambda: len(it.adapter.of("setBreakpoints")) == 4)
    assert it.adapter.of("setBreakpoints")[2] == {"source": {"path": "/1.py"}, "breakpoints": [], "sourceModified": False}
    assert it.adapter.of("setBreakpoints")[3] == {
        "source": {"path": "/3.py"}, "breakpoints": [{"line": 3}], "sourceModified": False,
    }  # fmt: skip
    it.edit(DeleteCell(C0))
    assert it.debugger.has_breakpoints


class Adopted(ScriptedKernel):
    """A kernel that an earlier tuinb has started."""

    server = ""

    def describe(self) -> KernelDescription:
        return replace(super().describe(), language="python", adopted=True, server=self.server)


def adopted(bodies: dict[str, dict[str, Any]], server: str = "") -> tuple[World, Adapter]:
    adapter = Adapter()
    adapter.bodies |= bodies
    kernel = Adopted({MAIN: [hang()]}, debugger=adapter)
    kernel.implementation, kernel.server = "ipython", server
    return World([F, MAIN], kernel=kernel), adapter


LEFT = {
    "isStarted": True, "stoppedThreads": ["odd", 2, 1],
    "breakpoints": [{"source": "/tmp/ipykernel_1/1.py", "breakpoints": [{"line": 2}]}],
}  # fmt: skip
CELL_FRAMES = {"stackFrames": [{"id": 6, "name": "f", "line": 2, "source": {"path": "/tmp/ipykernel_1/1.py"}}]}


@pytest.mark.parametrize("server", ["", "http://there/"])
async def test_a_kernel_that_was_left_stopped(server: str) -> None:
    it, adapter = adopted({"debugInfo": LEFT, "stackTrace": CELL_FRAMES}, server)
    adapter.name("/tmp/ipykernel_1/1.py", F)
    await it.session.start_kernel()
    await wait_for(lambda: stop_of(it) is not None)
    assert it.session.stop == Stop(1, "breakpoint", (Frame(6, "f", C0, 1, "/tmp/ipykernel_1/1.py"),))
    assert [one["breakpoints"] for one in adapter.of("setBreakpoints")] == ([] if server else [[]]), (
        "others may debug on a server"
    )
    assert [message.text for message in it.all(Message)] == ["The kernel was left stopped by the debugger."]
    assert await it.session.debugger.resume("continue")
    assert "initialize" not in adapter.commands()


@pytest.mark.parametrize(
    "bodies",
    [
        {"debugInfo": {"isStarted": True, "stoppedThreads": []}},
        {"debugInfo": {"isStarted": False}},
        {"debugInfo": LEFT, "stackTrace": {"stackFrames": []}},
    ],
)
async def test_a_kernel_that_was_left_running(bodies: dict[str, dict[str, Any]]) -> None:
    it, adapter = adopted(bodies)
    await it.session.start_kernel()
    await wait_for(lambda: adapter.commands()[:1] == ["debugInfo"])
    await wait_for(lambda: not it.session._kernel._background)  # type: ignore[union-attr]
    assert stop_of(it) is None
    assert it.all(Message) == []
    assert not it.session.debugger.is_needed


async def test_a_message_is_logged_instead_of_a_stop() -> None:
    it = Bench()
    it.debugger.set_breakpoint(C0, 1, "a > 1", "a is {a}")
    it.session.run(it.cells)
    await wait_for(lambda: it.session.run_of(C1).started is not None)
    (sent,) = it.adapter.of("setBreakpoints")
    assert sent["breakpoints"] == [{"line": 2, "condition": "a > 1", "logMessage": "0\ta is {a}"}]
    it.emit("output", category="telemetry", output="debugpy")
    it.emit("output", category="stdout", output="0\ta is 2\n")
    it.emit("output", category="stdout", output="name 'b' is not defined\n")
    it.emit("output", category="stdout", output="7\tof nobody\n")
    await wait_for(lambda: len(it.debugger.logged) == 3)
    assert list(it.debugger.logged) == [
        LogLine("a is 2", C0, 1), LogLine("name 'b' is not defined", None, 0), LogLine("7\tof nobody", None, 0),
    ]  # fmt: skip
    assert it.messages() == ["Logged: a is 2"]
    it.open.set()
    await it.rest()
    assert it.messages()[1:] == ["Breakpoints logged 3 messages: `:log-messages` shows them."]
    it.edit(SpliceSource(C0, 0, "", "\n"))
    assert it.session.breakpoints_of(C0) == (Breakpoint(2, "a > 1", "a is {a}"),)


async def test_running_to_a_line() -> None:
    it = Bench()
    it.debugger.set_breakpoint(C0, 2, "", "logs")
    assert await it.debugger.run_to(C1, 0)
    it.session.run(it.cells)
    await wait_for(lambda: it.session.run_of(C1).started is not None)
    sent = {one["source"]["path"]: one["breakpoints"] for one in it.adapter.of("setBreakpoints")}
    assert sent == {"/1.py": [{"line": 3, "logMessage": "0\tlogs"}], "/2.py": [{"line": 1}]}
    it.emit("stopped", threadId=1, reason="breakpoint")
    await wait_for(lambda: it.session.stop is not None)
    await wait_for(lambda: it.adapter.of("setBreakpoints")[-1]["breakpoints"] == [])
    assert await it.debugger.run_to(C0, 2)
    assert it.adapter.of("setBreakpoints")[-1]["breakpoints"] == [{"line": 3}], "it stops where it would only log"
    assert it.adapter.commands()[-1] == "continue"
    it.open.set()
    await it.rest()
    await wait_for(lambda: it.adapter.of("setBreakpoints")[-1]["breakpoints"] == [{"line": 3, "logMessage": "1\tlogs"}])


async def test_a_line_that_a_stopped_kernel_does_not_know() -> None:
    it = Bench()
    await it.stopped()
    it.edit(SpliceSource(C1, 0, "", "# new\n"))
    assert not await it.debugger.run_to(C1, 1)
    it.edit(DeleteCell(C0))
    assert not await it.debugger.run_to(C0, 1)
    assert it.session.stop is not None


async def test_what_is_open_stays_open_after_a_step() -> None:
    it = Bench()
    await it.stopped()
    await it.stack().read()
    await it.stack().toggle(next(row for row in it.stack().rows if row.variable.name == "In"))
    before = it.stack()
    assert len(before.rows) == 8
    await it.debugger.resume("next")
    assert it.debugger.stack is None
    it.emit("stopped", threadId=1, reason="step")
    await wait_for(lambda: it.debugger.stack is not None)
    await it.stack().read()
    assert it.stack() is not before
    assert it.stack().rows == before.rows


@pytest.mark.parametrize(
    ("at", "removed", "inserted", "lines"),
    [
        (0, "", "x\n", [1, 3]),
        (0, "", "x", [0, 2]),
        (1, "", "\n", [0, 3]),
        (4, "", "\n", [0, 3]),
        (5, "", "\n", [0, 2]),
        (2, "b\n", "", [0, 1]),
        (0, "a\nb\nc", "", [0, 0]),
    ],
)
def test_breakpoints_move_with_their_lines(at: int, removed: str, inserted: str, lines: list[int]) -> None:
    it = World(["a\nb\nc"])
    it.session.debugger.set_breakpoint(C0, 0)
    it.session.debugger.set_breakpoint(C0, 2)
    it.edit(SpliceSource(C0, at, removed, inserted))
    assert [point.line for point in it.session.breakpoints_of(C0)] == sorted(set(lines))


@pytest.fixture(params=["python3", "ipykernel6"])
def kernel(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Returns the kernelspec of a real kernel. `ipykernel6` is one on `ipykernel<7`, in a folder of JUPYTER_PATH."""
    if JUPYTER_FOLDERS:
        monkeypatch.setenv("JUPYTER_PATH", JUPYTER_FOLDERS)
    if request.param not in find_all():
        pytest.skip(f"there is no kernelspec {request.param}")
    return str(request.param)


@pytest.mark.kernel
async def test_a_kernel_is_stopped_stepped_interrupted_and_restarted(tmp_path: Path, kernel: str) -> None:
    """Tries what only a real debugger shows, on one kernel."""
    main = "import time\nfor i in range(500):\n    f(i)\n    time.sleep(0.02)"
    it = World([F, main], factory=LocalKernels(KernelWanted(tmp_path, kernel)))
    debugger = it.session.debugger
    debugger.set_breakpoint(C0, 1, "a == 2")
    try:
        it.session.run(it.cells)
        await wait_for(lambda: it.session.stop is not None, within=30)
        assert not it.session.notebook[C0].outputs, "debugpy warns in the first cell"
        frames = top.frames if (top := stop_of(it)) is not None else ()
        assert [(one.name, one.cell, one.line) for one in frames] == [("f", C0, 1), ("<module>", C1, 2)]
        stack = debugger.stack
        assert stack is not None
        await stack.read()
        assert [(row.variable.name, row.variable.value) for row in stack.rows] == [("Locals", ""), ("a", "2"), ("Globals", "")]
        await stack.move(1)
        assert ("i", "2") in [(row.variable.name, row.variable.value) for row in stack.rows]
        assert await debugger.evaluate("a + 40", frames[0]) == ("42", True)
        assert await debugger.resume("next")
        await wait_for(lambda: it.session.stop is not None, within=30)
        top = stop_of(it)
        assert top is not None
        assert top.frames[0].line == 2
        it.session.interrupt()
        await wait_for(lambda: not it.session.queue(), within=30)
        assert it.session.run_of(C1).error_name == "KeyboardInterrupt"
        it.session.run([C1])
        await wait_for(lambda: it.session.stop is not None, within=30)
        await it.session.restart()
        assert stop_of(it) is None
        debugger.stop_at_errors(on=True)
        it.edit(SpliceSource(C1, 0, "", "try:\n    f(2 / 0)\nexcept ZeroDivisionError:\n    f(None / 0)\n"))
        it.session.run(it.cells)
        await wait_for(lambda: it.session.stop is not None, within=30)
        top = stop_of(it)
        assert top is not None
        assert (top.reason, top.frames[0].line) == ("exception", 3)
        assert top.error.startswith("TypeError: unsupported operand")
    finally:
        await it.session.shut_down()


@pytest.mark.kernel
async def test_child_processes_and_threads_of_a_kernel_with_a_debugger(tmp_path: Path, kernel: str) -> None:
    """Symptom of debugpy's defaults: child processes wait for a debugger of their own, for ever."""
    forks = "import os\nif not (child := os.fork()):\n    os._exit(0)\n_ = os.waitpid(child, 0)\n!true\nprint('ended')"
    threads = "import threading\nthread = threading.Thread(target=f, args=(2,))\nthread.start()\nthread.join()"
    it = World([F, forks, threads], factory=LocalKernels(KernelWanted(tmp_path, kernel)))
    it.session.debugger.set_breakpoint(C0, 1, "a == 2")
    try:
        it.session.run(it.cells)
        await wait_for(lambda: it.session.stop is not None, within=60)
        assert it.text(C1) == "ended\n"
        stop = stop_of(it)
        assert stop is not None
        assert (stop.frames[0].name, stop.frames[0].cell, stop.frames[0].line) == ("f", C0, 1)
        assert (await it.session.debugger.evaluate("threading.current_thread() is thread", stop.frames[0]))[0] == "True"
        it.session.interrupt()
        await wait_for(lambda: not it.session.queue(), within=30)
        assert stop_of(it) is None
        it.session.run([C1])
        await wait_for(lambda: not it.session.queue(), within=30)
        assert it.text(C1) == "ended\n"
    finally:
        await it.session.shut_down()
