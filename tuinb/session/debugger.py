"""The debugger of a session: breakpoints, where the kernel stopped, and steps from there.

It speaks the Debug Adapter Protocol with ipykernel, on the control channel. There, one request that is never answered blocks
interrupts and the shutdown, too. So a step is only sent between `stopped` and `continued`, the debugger is only attached while
the kernel is idle, and after a request without an answer nothing more is sent until a restart. Before a cell runs, its source
is given to the kernel (`dumpCell`), which names the file that the cell's frames and breakpoints have.

Nothing is attached until there is a breakpoint, and the debugger is detached at the next run once there is none.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from tuinb.notebook import changes as c
from tuinb.session.call_stack import CallStack
from tuinb.session.events import DebugChanged, Message
from tuinb.session.state import Breakpoint, Frame, LogLine, Stop, Variable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from tuinb.kernel.client import KernelClient
    from tuinb.kernel.protocol.events import DebugEvent
    from tuinb.notebook.changes import Applied, CellId
    from tuinb.notebook.document import Notebook
    from tuinb.session.events import SessionEvent
    from tuinb.session.state import Reference

_SETUP: Final = """exec('''
import os
name = "PYDEVD_DISABLE_FILE_VALIDATION"
was = os.environ.get(name)
os.environ[name] = "1"
try:
    import debugpy
    debugpy.configure(subProcess=False)
finally:
    if was is None:
        del os.environ[name]
    else:
        os.environ[name] = was
''', {})"""
"""Prepares debugpy before it starts. Child processes would wait for a debugger of their own for ever, and a warning about
frozen modules would land in a cell."""
_INITIALIZE: Final = {
    "clientID": "tuinb", "clientName": "tuinb", "adapterID": "", "pathFormat": "path", "linesStartAt1": True,
    "columnsStartAt1": True, "supportsVariableType": True, "supportsVariablePaging": True, "locale": "en",
}  # fmt: skip
_DISCONNECT: Final = {"restart": False, "terminateDebuggee": False}
_START_TIMEOUT: Final = 15.0
_TIMEOUT: Final = 10.0
"""Seconds until a request counts as unanswered."""
_END_TIMEOUT: Final = 1.0
"""Seconds that the end of a kernel waits for the debugger."""
_SETTLES: Final = 0.2
"""Seconds until the debugger has let the threads go. Nothing tells: an interrupt that hits it before is the last that acts."""
_CELLS: Final = "ipykernel_"
"""A part of the names of the files that stand for cells."""
_GROUPS: Final = frozenset({"special variables", "function variables", "class variables", "protected variables"})
_MOST_FRAMES: Final = 100
_MOST_VARIABLES: Final = 500
_MOST_LOGGED: Final = 1000
"""Messages of breakpoints that are kept."""
_MARK: Final = "\t"
"""Ends the number that a message begins with: the debugger does not say which breakpoint logged it."""
_IPYTHON: Final = frozenset({"In", "Out", "exit", "quit", "get_ipython", "open"})
"""Names that IPython puts into the namespace."""


class SessionDebugger:
    """The breakpoints of a notebook, and the debugger of its kernel. All methods run on the event loop."""

    def __init__(self, notebook: Notebook, notify: Callable[[SessionEvent], None]) -> None:
        self._notebook = notebook
        self._notify = notify
        self._points: dict[CellId, dict[int, Breakpoint]] = {}
        self.stops_at_errors = False
        """Whether the kernel stops at an error that would end a cell."""
        self.stop: Stop | None = None
        """Where the kernel is stopped. None if it is not."""
        self.stack: CallStack | None = None
        """The calls at the stop, or those of an error that is looked at. None if there are none."""
        self.logged: deque[LogLine] = deque(maxlen=_MOST_LOGGED)
        """The latest messages of breakpoints."""
        self._logs = 0
        """Number of messages since a run began."""
        self._target: tuple[CellId, int] | None = None
        """A line to run to. It is forgotten at the next stop."""
        self._was: CallStack | None = None
        """The calls at the last stop."""
        self._client: KernelClient | None = None
        """The client of the kernel that the debugger is attached to."""
        self._blocked = False
        """Whether a request was never answered."""
        self._refused = ""
        """Why the kernel has no debugger, if that was said."""
        self._paths: dict[str, str] = {}
        """Sources that the kernel knows, with the names of their files."""
        self._cells: dict[str, CellId] = {}
        """The files, with the cells that have these sources or had them."""
        self._sources: dict[CellId, str] = {}
        """The source of each cell that the kernel knows."""
        self._sent: dict[str, tuple[Breakpoint, ...]] = {}
        """The breakpoints that the kernel knows, by files."""
        self._messages: list[tuple[CellId, int]] = []
        """Where the messages of breakpoints are, by their numbers."""
        self._globals: set[Reference] = set()
        """The scopes of the stop that have the names of the notebook."""
        self._knows_errors = False
        """Whether the kernel was told to stop at errors."""
        self._configured = False
        self._stops = 0
        """Number of stops and continuations: what is asked at one is not shown after the next."""
        self._changing = asyncio.Lock()
        self._tasks: set[asyncio.Task[object]] = set()

    # ---- breakpoints

    @property
    def has_breakpoints(self) -> bool:
        """Whether a cell of the notebook has a breakpoint."""
        return any(points and cell in self._notebook for cell, points in self._points.items())

    @property
    def is_needed(self) -> bool:
        """Whether a run has to be prepared."""
        return self._client is not None or self._is_wanted

    @property
    def _is_wanted(self) -> bool:
        return self.has_breakpoints or self.stops_at_errors or self._target is not None

    def breakpoints_of(self, cell: CellId) -> tuple[Breakpoint, ...]:
        """Returns the breakpoints of a cell, by lines."""
        points = self._points.get(cell)
        return tuple(points[line] for line in sorted(points)) if points else ()

    def set_breakpoint(self, cell: CellId, line: int, condition: str = "", message: str = "") -> None:
        """Sets a breakpoint on a line, counted from 0, or gives the one that is there another condition and message."""
        self._points.setdefault(cell, {})[line] = Breakpoint(line, condition, message)
        self._changed()

    def remove_breakpoint(self, cell: CellId, line: int) -> None:
        """Removes the breakpoint of a line."""
        del self._points[cell][line]
        self._changed()

    def clear_breakpoints(self) -> None:
        """Removes all breakpoints."""
        self._points.clear()
        self._changed()

    def stop_at_errors(self, *, on: bool) -> None:
        """Stops the kernel from its next run on at errors that would end a cell, or does not."""
        self.stops_at_errors = on
        self._changed()

    def _changed(self) -> None:
        self._notify(DebugChanged(self.stop))
        if self._client is not None:
            self._later(self._send_breakpoints())

    def follow(self, applied: Applied) -> None:
        """Moves breakpoints with their lines when a source was edited."""
        for change in applied.changes:
            if isinstance(change, c.SpliceSource) and (points := self._points.get(change.cell)):
                before = self._notebook[change.cell].source[: change.at] if change.cell in self._notebook else ""
                moved = {}
                for line, point in points.items():
                    now = _moved(line, before, change.removed, change.inserted)
                    moved[now] = replace(point, line=now)
                self._points[change.cell] = moved

    # ---- running to a line

    async def run_to(self, cell: CellId, line: int) -> bool:
        """Has the kernel stop at a line, counted from 0, unless it stops before. A stopped kernel goes on at once.

        Returns False if the kernel is stopped and can't get there: the cell has not run as it is now.
        """
        if self.stop is None:
            self._target = (cell, line)
            return True
        if cell not in self._notebook:
            return False
        await self._give_others([cell])
        if self._sources.get(cell) != self._notebook[cell].source:
            return False
        self._target = (cell, line)
        await self._send_breakpoints()
        return await self.resume("continue")

    def _reached(self) -> None:
        """Forgets the line to run to."""
        if self._target is not None:
            self._target = None
            if self._client is not None:
                self._later(self._send_breakpoints())

    # ---- the kernel

    async def prepare(self, client: KernelClient, sources: Sequence[tuple[CellId, str]]) -> None:
        """Makes breakpoints act in cells that are about to run. Detaches the debugger if there are none."""
        self._logs = 0
        async with self._changing:
            if not self._is_wanted:
                await self._detach()
                return
            if self._client is None and not await self._attach(client):
                return
            for cell, source in sources:
                await self._give(cell, source)
            # Functions of cells that ran before the debugger was attached stop, too.
            await self._give_others(cell for cell, points in self._points.items() if points)
            await self._send_breakpoints()
            if self._knows_errors != self.stops_at_errors:
                filters = ["userUnhandled"] if self.stops_at_errors else []
                if await self._ask("setExceptionBreakpoints", {"filters": filters}) is not None:
                    self._knows_errors = self.stops_at_errors
            if not self._configured:
                self._configured = await self._ask("configurationDone", {}) is not None

    async def _attach(self, client: KernelClient) -> bool:
        await client.ask_info()
        if (why := self._refusal(client)) or self._blocked:
            if why != self._refused:
                self._refused = why
                self._notify(Message(why, "warning"))
            return False
        if not await client.execute_silently(_SETUP):
            self._notify(Message("Breakpoints do not act: debugpy is not installed where the kernel runs.", "warning"))
            return False
        self._client = client
        if (await self._ask("debugInfo", {}) or {}).get("isStarted") is True:  # by a session that was killed
            await self._ask("disconnect", _DISCONNECT)
        for command, arguments in (("initialize", _INITIALIZE), ("attach", {})):
            if await self._ask(command, arguments, _START_TIMEOUT) is None:
                self._client = None
                return False
        return True

    async def take_over(self, client: KernelClient, *, shared: bool) -> None:
        """Shows the stop of a kernel that another session has left stopped. Does nothing if it is not stopped.

        The breakpoints of that session act no more, unless the kernel is `shared` with other clients.
        """
        async with self._changing:
            reply = await client.debug("debugInfo", {}, seconds=_TIMEOUT)
            threads = reply.body.get("stoppedThreads") if reply is not None and reply.success else None
            if self._client is not None or reply is None or not isinstance(threads, list) or not threads:
                return
            self._client, self._configured = client, True
            await self._give_others(self._notebook.order)
            if not shared:
                for known in reply.body.get("breakpoints", ()):
                    await self._set(str(known.get("source", "")), ())
            number = self._stops
            for thread in sorted(thread for thread in threads if isinstance(thread, int)):
                frames = await self._calls(thread)
                if number != self._stops:
                    return
                if any(_CELLS in frame.path for frame in frames):
                    self._stand(Stop(thread, "breakpoint", frames))
                    self._notify(
                        Message(
                            "The kernel was left stopped by the debugger.",
                            hint="{debug-continue} goes on, {interrupt} interrupts.",
                        )
                    )
                    return
            self._forget()

    def _refusal(self, client: KernelClient) -> str:
        connection = client.connection
        if connection is None or connection.describe().foreign:
            return "Breakpoints do not act: tuinb did not start this kernel."
        if client.info is None or client.info.implementation != "ipython":
            return "Breakpoints do not act: this kernel has no debugger that tuinb knows."
        if client.is_busy:
            return "Breakpoints act on runs that begin while the kernel is idle."
        return ""

    async def _detach(self) -> None:
        if self._client is not None:
            await self._ask("disconnect", _DISCONNECT)
            self._forget()

    async def _give(self, cell: CellId, source: str) -> None:
        """Gives the kernel the source of a cell."""
        if source not in self._paths:
            body = await self._ask("dumpCell", {"code": source})
            path = (body or {}).get("sourcePath")
            if not isinstance(path, str):
                return
            self._paths[source] = path
        self._cells[self._paths[source]] = cell
        self._sources[cell] = source

    async def _give_others(self, cells: Iterable[CellId]) -> None:
        """Gives the kernel the sources of cells that it does not know."""
        for cell in cells:
            if cell not in self._sources and cell in self._notebook and self._notebook[cell].kind == "code":
                await self._give(cell, self._notebook[cell].source)

    async def _send_breakpoints(self) -> None:
        """Sends the breakpoints that the kernel does not know yet. Those of a cell that was edited since stay as they were."""
        wanted: dict[str, tuple[Breakpoint, ...]] = {}
        for cell, source in self._sources.items():
            path = self._paths[source]
            if cell in self._notebook and self._notebook[cell].source == source:
                wanted[path] = (*wanted.get(path, ()), *self._acting(cell))
            elif cell in self._notebook:
                wanted.setdefault(path, self._sent.get(path, ()))
        for path in {**self._sent, **wanted}:
            points = wanted.get(path, ())
            if self._sent.get(path, ()) != points and await self._set(path, points):
                self._sent[path] = points

    def _acting(self, cell: CellId) -> tuple[Breakpoint, ...]:
        """Returns the breakpoints of a cell, with the line to run to if it is there."""
        points = self.breakpoints_of(cell)
        if self._target is None or self._target[0] != cell:
            return points
        line = self._target[1]
        return (*(point for point in points if point.line != line), Breakpoint(line))

    async def _set(self, path: str, points: Sequence[Breakpoint]) -> bool:
        lines: list[dict[str, Any]] = []
        for point in sorted(points, key=lambda point: point.line):
            lines.append({"line": point.line + 1})
            if point.condition:
                lines[-1]["condition"] = point.condition
            if point.message:
                lines[-1]["logMessage"] = f"{len(self._messages)}{_MARK}{point.message}"
                self._messages.append((self._cells[path], point.line))
        arguments = {"source": {"path": path}, "breakpoints": lines, "sourceModified": False}
        return await self._ask("setBreakpoints", arguments) is not None

    def kernel_lost(self) -> None:
        """The kernel has ended, or is another one."""
        self.leave_error()
        if self._client is not None:
            self._target = None
        self._refused = ""
        self._blocked = False
        self._forget()

    def _forget(self) -> None:
        self._client = None
        self._configured = self._knows_errors = False
        for known in (self._paths, self._cells, self._sources, self._sent, self._messages):
            known.clear()
        self._go_on()

    def run_ended(self, *, more: bool) -> None:
        """A cell has run. `more`: whether others wait."""
        self._go_on()
        if more:
            return
        self._reached()
        if self._logs > 1:
            self._notify(Message(f"Breakpoints logged {self._logs:,} messages: `:log-messages` shows them."))
        self._logs = 0

    # ---- stops

    def receive(self, event: DebugEvent) -> None:
        """Takes an event of the debugger."""
        thread = event.body.get("threadId")
        if event.event == "stopped" and isinstance(thread, int):
            self._stops += 1
            self._later(self._look(thread, event.body, self._stops))
        elif event.event in {"continued", "terminated"}:
            self._go_on()
        elif event.event == "output" and event.body.get("category") == "stdout":
            self._log(str(event.body.get("output", "")).rstrip("\n"))

    def _log(self, text: str) -> None:
        """Keeps a message of a breakpoint. The user is told of the first one of a run, and of their number at its end."""
        number, mark, rest = text.partition(_MARK)
        known = mark and number.isdecimal() and int(number) < len(self._messages)
        cell, line = self._messages[int(number)] if known else (None, 0)
        self.logged.append(LogLine(rest if known else text, cell, line))
        self._logs += 1
        if self._logs == 1:
            self._notify(Message(f"Logged: {self.logged[-1].text}"))

    def _go_on(self) -> None:
        self._stops += 1
        if self.stop is not None:
            self._leave_stop()

    def _leave_stop(self) -> None:
        self.stop, self.stack, self._was = None, None, self.stack
        self._globals.clear()
        self._notify(DebugChanged(None))

    async def _look(self, thread: int, event: Mapping[str, Any], number: int) -> None:
        """Asks where a thread has stopped."""
        frames = await self._calls(thread)
        if number == self._stops:
            self._stand(Stop(thread, str(event.get("reason", "")), frames, _error(event)))

    async def _calls(self, thread: int) -> tuple[Frame, ...]:
        """Returns the calls of a thread, the innermost first, up to that of the cell."""
        body = await self._ask("stackTrace", {"threadId": thread, "levels": _MOST_FRAMES}) or {}
        found = [frame for frame in body.get("stackFrames", ()) if isinstance(frame, dict)]
        if any(frame.cell is None and _CELLS in frame.path for frame in map(self._frame, found)):
            await self._give_others(self._notebook.order)
        frames = [self._frame(frame) for frame in found]
        while len(frames) > 1 and frames[-1].cell is None and any(frame.cell is not None for frame in frames):
            frames.pop()  # what called the cell
        return tuple(frames)

    def _stand(self, stop: Stop) -> None:
        self.stop = stop
        self._reached()
        if stop.frames:
            self._put(CallStack(stop.error or "Stopped", stop.frames, self))
        self._notify(DebugChanged(stop))

    def _frame(self, frame: Mapping[str, Any]) -> Frame:
        source = frame.get("source")
        path = str(source.get("path", "")) if isinstance(source, dict) else ""
        line = frame.get("line")
        return Frame(
            int(frame.get("id") or 0),
            str(frame.get("name", "")).removesuffix(" (Current frame)"),  # as it is called after an error
            self._cells.get(path),
            line - 1 if isinstance(line, int) else 0,
            path,
        )

    def _put(self, stack: CallStack) -> None:
        stack.changed = lambda: self._notify(DebugChanged(self.stop))
        if self._was is not None:
            stack.remember(self._was)
        self.stack = stack

    async def resume(self, command: str) -> bool:
        """Goes on from a stop: `continue`, `next`, `stepIn` or `stepOut`. Returns False if the kernel is not stopped."""
        stop = self.stop
        if stop is None:
            return False
        self._leave_stop()
        return await self._ask(command, {"threadId": stop.thread}) is not None

    # ---- calls and variables

    def show_error(self, stack: CallStack) -> None:
        """Looks at the calls of an error that has ended a cell, while the kernel is not stopped."""
        if self.stop is None:
            self._put(stack)
            self._notify(DebugChanged(None))

    def leave_error(self) -> None:
        """Looks no longer at the calls of an error that has ended a cell."""
        if self.stack is not None and self.stack.is_over:
            self.stack = None
            self._notify(DebugChanged(self.stop))

    async def scopes(self, frame: Frame) -> tuple[Variable, ...]:
        """Returns the scopes of a call. A cell has one: its variables are those of the notebook."""
        body = await self._ask("scopes", {"frameId": frame.id}) or {}
        found = [one for one in body.get("scopes", ()) if isinstance(one, dict) and one.get("variablesReference")]
        if frame.name == "<module>":
            found = [{**one, "name": "Globals"} for one in found[:1]]
        scopes = tuple(Variable(str(one.get("name", "")), "", "", one["variablesReference"]) for one in found)
        self._globals.update(scope.reference for scope in scopes if scope.name == "Globals")
        return scopes

    async def parts(self, reference: Reference) -> tuple[Variable, ...]:
        """Returns what a variable or a scope has: items, attributes, names. Of the notebook's names, modules are left out."""
        if not isinstance(reference, int) or not reference:
            return ()
        body = await self._ask("variables", {"variablesReference": reference, "start": 0, "count": _MOST_VARIABLES}) or {}
        found = [one for one in body.get("variables", ()) if isinstance(one, dict) and one.get("name") not in _GROUPS]
        parts = tuple(
            Variable(
                str(one.get("name")), str(one.get("value", "")), str(one.get("type", "")), one.get("variablesReference") or 0
            )
            for one in found
        )
        if reference not in self._globals:
            return parts
        return tuple(one for one in parts if one.name not in _IPYTHON and one.type != "module" and not one.name.startswith("_"))

    async def evaluate(self, expression: str, frame: Frame) -> tuple[str, bool]:
        """Returns the value of an expression in a call as text, and True; or the error, and False."""
        client = self._client
        if client is None or self._blocked or self.stop is None:
            return "The kernel is not stopped.", False
        arguments = {"expression": expression, "frameId": frame.id, "context": "repl"}
        reply = await client.debug("evaluate", arguments, seconds=_TIMEOUT)
        if reply is None:
            if client is self._client:
                self._block()
            return "The debugger does not answer.", False
        if not reply.success:
            return reply.message.strip().splitlines()[-1] if reply.message.strip() else "It can't be evaluated.", False
        return str(reply.body.get("result", "")), True

    async def let_go(self) -> None:
        """Detaches the debugger from a stopped kernel that is about to be interrupted or ended. The kernel runs on.

        An interrupt while it is stopped would leave the thread without breakpoints for ever, and the process would not end.
        """
        if self.stop is not None:
            await self._ask("disconnect", _DISCONNECT, _END_TIMEOUT)
            self._forget()
            await asyncio.sleep(_SETTLES)

    def close(self) -> None:
        """Cancels what is under way."""
        for task in self._tasks:
            task.cancel()

    # ---- requests

    async def _ask(self, command: str, arguments: Mapping[str, Any], seconds: float = _TIMEOUT) -> Mapping[str, Any] | None:
        """Returns the body of the answer. Returns None if the debugger refuses, or does not answer."""
        if self._client is None or self._blocked:
            return None
        client = self._client
        reply = await client.debug(command, arguments, seconds=seconds)
        if reply is None and client is self._client:
            self._block()
        return reply.body if reply is not None and reply.success else None

    def _block(self) -> None:
        if not self._blocked:
            self._blocked = True
            self._notify(Message("The debugger does not answer any more. Restart the kernel.", "error"))

    def _later(self, work: Any) -> None:  # noqa: ANN401
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _error(event: Mapping[str, Any]) -> str:
    """Returns the error at which a thread has stopped. Empty if it has not stopped at one."""
    if event.get("reason") != "exception":
        return ""
    name = str(event.get("text", "")).partition("(note:")[0].strip()
    return f"{name}: {event['description']}" if event.get("description") else name


def _moved(line: int, before: str, removed: str, inserted: str) -> int:
    """Returns the number of a line after a text behind `before` was replaced."""
    first = before.count("\n")
    at_start = not before or before.endswith("\n")
    more = inserted.count("\n") - removed.count("\n")
    if line < first or (line == first and not (at_start and not removed and inserted.endswith("\n"))):
        return line
    return max(first, line + more)
