"""A kernel without a process that plays a script, for tests and demonstrations.

    ScriptedKernel({"1 + 1": [result("2")], "loop": [hang()], "ask": [prompt("name? "), stream("hello\\n")]})

A script maps the source of a cell to steps. `otherwise` returns the steps of a source that is not in the script; by default
there are none. The kernel itself sends the busy status, execute_input, the reply and the idle status. Events without a wait
between them arrive as one batch. A wait is a number of turns of the event loop, never a time. `sent`, `interrupts` and `starts`
record the calls, for assertions. The module is long because each behaviour and each failure of a kernel is a step.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias, assert_never

from tuinb.kernel.connection.port import KernelDescription
from tuinb.kernel.protocol import events as m
from tuinb.kernel.protocol import lifecycle, requests
from tuinb.kernel.protocol.events import MessageId
from tuinb.kernel.protocol.lifecycle import InterruptMeans
from tuinb.record import Record

if TYPE_CHECKING:
    from tuinb.errors import KernelError
    from tuinb.kernel.connection.port import Sink


class Emit(Record):
    """Emits an event. `make` gets the id of the request."""

    make: Callable[[MessageId], m.Event]


class Count(Record):
    """Emits an execute_result with the execution count."""

    data: Mapping[str, Any]


class Pause(Record):
    """Delivers the events so far, then waits for a number of turns of the event loop."""

    turns: int = 1


class Gate(Record):
    """Waits until `opened` is set, or for an interrupt."""

    opened: asyncio.Event


class Hang(Record):
    """Runs until an interrupt by `until` or stronger means. With None no interrupt has an effect."""

    until: InterruptMeans | None


class Prompt(Record):
    """Sends an input_request. `then` returns the steps that follow an answer. An answer of EOF raises EOFError."""

    text: str
    password: bool
    then: Callable[[str], Sequence[Step]]


class Raise(Record):
    """Ends the run with an error."""

    name: str
    value: str
    traceback: tuple[str, ...]
    published: bool = True
    """Whether the error is an output, too. IPython names ExceptionGroup and UsageError in the reply only."""


class Payload(Record):
    """Adds a payload to the reply."""

    content: Mapping[str, Any]


class Lose(Record):
    """Omits a message at the end of this run."""

    what: str
    """`reply` or `idle`."""


class Abort(Record):
    """Sets the status of the reply to `aborted`."""


class Die(Record):
    """Ends the process."""

    reason: str
    stderr: str


Step: TypeAlias = Emit | Count | Pause | Gate | Hang | Prompt | Raise | Payload | Lose | Abort | Die
Script: TypeAlias = Mapping[str, Sequence[Step]]


def stream(text: str, name: str = "stdout") -> Step:
    """Writes text to stdout or stderr."""
    return Emit(lambda parent: m.Stream(parent, name, text))


def result(text: str, **data: object) -> Step:
    """Emits an execute_result. `text` is its text/plain, and `text_html=…` adds a text/html."""
    return Count({"text/plain": text, **{key.replace("_", "/", 1): value for key, value in data.items()}})


def display(data: Mapping[str, Any], display_id: str | None = None, metadata: Mapping[str, Any] | None = None) -> Step:
    """Emits display_data."""
    return Emit(lambda parent: m.DisplayData(parent, data, metadata or {}, display_id))


def update(display_id: str, data: Mapping[str, Any]) -> Step:
    """Emits update_display_data."""
    return Emit(lambda parent: m.UpdateDisplayData(parent, data, {}, display_id))


def widget(model: str, **state: object) -> Step:
    """Opens the comm of a widget's model."""
    data = {"state": state, "buffer_paths": []}
    return Emit(lambda parent: m.CommOpen(parent, model, "jupyter.widget", data, {"version": "2.1.0"}))


def widget_update(model: str, **state: object) -> Step:
    """Updates the state of a widget's model."""
    return Emit(lambda parent: m.CommMessage(parent, model, {"method": "update", "state": state, "buffer_paths": []}, {}))


def clear(*, wait: bool = False) -> Step:
    """Emits clear_output."""
    return Emit(lambda parent: m.ClearOutput(parent, wait))


def error(name: str = "ValueError", value: str = "", traceback: Sequence[str] | None = None, *, published: bool = True) -> Step:
    """Raises an exception in the cell, which ends the run. If not `published`, only the reply names it."""
    return Raise(name, value, tuple(traceback) if traceback is not None else (f"{name}: {value}",), published)


def prompt(text: str = "", *, password: bool = False, then: Callable[[str], Sequence[Step]] = lambda _line: ()) -> Step:
    """Asks for a line as `input()` or, with `password`, `getpass()` does."""
    return Prompt(text, password, then)


def hang(until: InterruptMeans | None = InterruptMeans.MESSAGE) -> Step:
    """Runs until an interrupt. See Hang."""
    return Hang(until)


def pause(turns: int = 1) -> Step:
    """Waits for a number of turns of the event loop."""
    return Pause(turns)


def gate(opened: asyncio.Event) -> Step:
    """Waits until `opened` is set."""
    return Gate(opened)


def raw(event: m.Event) -> Step:
    """Emits any event, such as a malformed message or one with another parent."""
    return Emit(lambda _parent: event)


def payload(**content: object) -> Step:
    """Adds a payload to the reply: `payload(source="page", data={…})`."""
    return Payload(content)


def next_input(text: str, *, replace: bool = False) -> Step:
    """Adds a set_next_input payload to the reply, as `%load` does."""
    return Payload({"source": "set_next_input", "text": text, "replace": replace})


def lose(what: str) -> Step:
    """Omits this run's `reply` or `idle`."""
    return Lose(what)


def abort() -> Step:
    """Sets the status of the reply to `aborted`."""
    return Abort()


def die(reason: str = "killed by SIGKILL", stderr: str = "") -> Step:
    """Ends the process during the run."""
    return Die(reason, stderr)


class _RaisedError(Exception):
    """The run ended with an error, from the script or from an interrupt."""

    def __init__(self, raised: Raise) -> None:
        super().__init__(raised.name)
        self.raised = raised


class _DiedError(Exception):
    """The script ended the process."""


_INTERRUPT = Raise("KeyboardInterrupt", "", ("KeyboardInterrupt",))
_INTERRUPT_OF_INPUT = Raise("KeyboardInterrupt", "Interrupted by user", ("KeyboardInterrupt: Interrupted by user",))
_STRENGTH = list(InterruptMeans)


@dataclass(slots=True)
class _Run:
    id: MessageId
    lost: set[str] = field(default_factory=set)
    payload: list[Mapping[str, Any]] = field(default_factory=list)
    status: str = "ok"


class ScriptedKernel:
    """Implements KernelConnection without a process. A start raises `start_error` if there is one, and waits for `ready`.

    `foreign`: as if tuinb had not started it. `evaluate` returns the `user_expressions` of the reply to an Evaluate.
    """

    def __init__(
        self,
        script: Script | None = None,
        *,
        otherwise: Callable[[str], Sequence[Step]] = lambda _code: (),
        name: str = "python3",
        display_name: str = "Python 3 (scripted)",
        language_info: Mapping[str, Any] | None = None,
        means: tuple[InterruptMeans, ...] = tuple(InterruptMeans),
        completions: Sequence[str] = (),
        documentation: str = "",
        features: Sequence[str] = (),
        start_error: KernelError | None = None,
        ready: asyncio.Event | None = None,
        foreign: bool = False,
        debugger: Callable[[requests.Debug], Sequence[m.Event]] | None = None,
        evaluate: Callable[[requests.Evaluate], Mapping[str, Any]] | None = None,
    ) -> None:
        self.debugger = debugger
        self.name = name
        self.display_name = display_name
        self.history: tuple[str, ...] = ()
        """Inputs of earlier sessions."""
        self.implementation = "scripted"
        """As kernel_info has it."""
        self.log_text = ""
        self.script = dict(script or {})
        self.start_error = start_error
        self.ready = ready
        self.foreign = foreign
        self.sent: list[requests.Request] = []
        self.interrupts: list[InterruptMeans] = []
        self.starts = 0
        self.closed = False
        self._otherwise = otherwise
        self._language_info = {"name": "python"} if language_info is None else language_info
        self._means = means
        self._completions = tuple(completions)
        self._documentation = documentation
        self._features = tuple(features)
        self._evaluate = evaluate
        self._subshells = 0
        self._sink: Sink = lambda _events: None
        self._out: list[m.Event] = []
        self._requests: asyncio.Queue[requests.Request] = asyncio.Queue()
        self._server: asyncio.Task[None] | None = None
        self._waiting: asyncio.Future[str] | None = None
        self._until: InterruptMeans | None = None
        self._asks = False
        """Whether the wait is for an answer."""
        self._count = 0

    # ---- KernelConnection

    def describe(self) -> KernelDescription:
        """See KernelConnection."""
        language = str(self._language_info.get("name", ""))
        return KernelDescription(self.name, self.display_name, language, "", adopted=self.foreign, foreign=self.foreign)

    @property
    def pid(self) -> int | None:
        """See KernelConnection. There is no process."""
        return None

    async def open(self, sink: Sink) -> None:
        """See KernelConnection."""
        self._sink = sink
        await self._start(restart=False)

    def send(self, request: requests.Request) -> None:
        """See KernelConnection."""
        self.sent.append(request)
        if self._server is not None and _is_aside(request):
            # Not from inside `send`, and beside what runs.
            asyncio.get_running_loop().call_soon(self._answer_aside, request)
        elif not isinstance(request, requests.InputReply):
            self._requests.put_nowait(request)
        elif self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(request.text)

    def interrupt_means(self) -> tuple[InterruptMeans, ...]:
        """See KernelConnection."""
        return self._means

    def interrupt(self, means: InterruptMeans) -> None:
        """See KernelConnection."""
        self.interrupts.append(means)
        effective = self._until is not None and _STRENGTH.index(means) >= _STRENGTH.index(self._until)
        if effective and self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(_RaisedError(_INTERRUPT_OF_INPUT if self._asks else _INTERRUPT))

    async def restart(self) -> None:
        """See KernelConnection."""
        await self._stop()
        await self._start(restart=True)

    async def log(self) -> str:
        """Returns `log_text`, which a test may set."""
        return self.log_text

    async def shut_down(self) -> None:
        """See KernelConnection."""
        self.closed = True
        await self._stop()

    async def leave(self) -> None:
        """See KernelConnection."""
        await self.shut_down()

    # ---- failures

    def kill(self, reason: str = "killed by SIGKILL", stderr: str = "") -> None:
        """Ends the process at once, even during a run."""
        if self._server is not None:
            self._server.cancel()
            self._server = None
        self._emit(lifecycle.KernelDied(reason, stderr))
        self._flush()

    def emit(self, *events: m.Event) -> None:
        """Emits events that belong to no step."""
        self._out.extend(events)
        self._flush()

    # ---- playing

    async def _start(self, *, restart: bool) -> None:
        self.starts += 1
        self.closed = False
        self._count = 0
        self.emit(lifecycle.KernelStarting(restart))
        await asyncio.sleep(0)
        if self.ready is not None:
            await self.ready.wait()
        if self.start_error is not None:
            raise self.start_error
        self.emit(lifecycle.KernelConnected(shared=self.foreign))
        self._server = asyncio.create_task(self._serve())

    async def _stop(self) -> None:
        server, self._server = self._server, None
        self._requests = asyncio.Queue()
        if server is not None:
            server.cancel()
            await asyncio.wait({server})

    def _emit(self, *events: m.Event) -> None:
        self._out.extend(events)

    def _flush(self) -> None:
        if self._out:
            events, self._out = self._out, []
            self._sink(events)

    async def _serve(self) -> None:
        requests = self._requests
        try:
            while True:
                await self._serve_one(await requests.get())
                self._flush()
        except _DiedError:
            self._server = None
            self._requests = asyncio.Queue()
            self._flush()

    def _answer_aside(self, request: requests.Request) -> None:
        self._emit(m.Status(request.id, "busy"))
        self._answer(request)
        self._emit(m.Status(request.id, "idle"))
        self._flush()

    async def _serve_one(self, request: requests.Request) -> None:
        self._emit(m.Status(request.id, "busy"))
        run = _Run(request.id)
        if isinstance(request, requests.Execute):
            await self._execute(request, run)
        else:
            self._answer(request)
        if "idle" not in run.lost:
            self._emit(m.Status(request.id, "idle"))

    def _answer(self, request: requests.Request) -> None:
        match request:
            case requests.Complete():
                word = request.code[: request.cursor].rpartition(" ")[2]
                matches = tuple(match for match in self._completions if match.startswith(word))
                self._emit(m.CompleteReply(request.id, matches, request.cursor - len(word), request.cursor, {}))
            case requests.Inspect():
                found = bool(self._documentation)
                self._emit(m.InspectReply(request.id, found, {"text/plain": self._documentation} if found else {}))
            case requests.KernelInfo():
                info = self._language_info
                self._emit(m.KernelInfoReply(request.id, request.channel, "5.4", self.implementation, "", info, self._features))
            case requests.Evaluate():
                found_values = self._evaluate(request) if self._evaluate is not None else {}
                self._emit(m.ExecuteReply(request.id, "ok", self._count, expressions=found_values))
            case requests.History():
                self._emit(m.HistoryReply(request.id, self.history[-request.count :]))
            case requests.CreateSubshell():
                self._subshells += 1
                self._emit(m.SubshellReply(request.id, f"subshell-{self._subshells}"))
            case requests.DeleteSubshell():
                self._emit(m.SubshellReply(request.id, ""))
            case requests.Debug():
                self._emit(*(self.debugger(request) if self.debugger is not None else ()))
            case requests.CommClose() | requests.CommSend() | requests.InputReply() | requests.Execute():
                pass
            case _:
                assert_never(request)

    async def _execute(self, request: requests.Execute, run: _Run) -> None:
        self._count += 1
        steps = self.script.get(request.code)
        self._emit(m.ExecuteInput(run.id, request.code, self._count))
        name = value = ""
        try:
            await self._play(self._otherwise(request.code) if steps is None else steps, run)
        except _RaisedError as ended:
            run.status, name, value = "error", ended.raised.name, ended.raised.value
            if ended.raised.published:
                self._emit(m.ErrorOutput(run.id, name, value, ended.raised.traceback))
        if "reply" not in run.lost:
            self._emit(m.ExecuteReply(run.id, run.status, self._count, name, value, tuple(run.payload)))

    async def _play(self, steps: Sequence[Step], run: _Run) -> None:
        for step in steps:
            match step:
                case Pause():
                    self._flush()
                    for _turn in range(step.turns):
                        await asyncio.sleep(0)
                case Gate() | Hang() | Prompt():
                    await self._play(await self._wait(step, run), run)
                case _:
                    self._perform(step, run)

    def _perform(self, step: Emit | Count | Raise | Payload | Lose | Abort | Die, run: _Run) -> None:
        match step:
            case Emit():
                self._emit(step.make(run.id))
            case Count():
                self._emit(m.ExecuteResult(run.id, self._count, step.data, {}, None))
            case Raise():
                raise _RaisedError(step)
            case Payload():
                run.payload.append(step.content)
            case Lose():
                run.lost.add(step.what)
            case Abort():
                run.status = "aborted"
            case Die():
                self._emit(lifecycle.KernelDied(step.reason, step.stderr))
                raise _DiedError
            case _:
                assert_never(step)

    async def _wait(self, step: Gate | Hang | Prompt, run: _Run) -> Sequence[Step]:
        """Waits until the step ends or is interrupted. Returns the steps that follow. Raises _RaisedError if interrupted."""
        waiting = self._waiting = asyncio.get_running_loop().create_future()
        self._until = step.until if isinstance(step, Hang) else InterruptMeans.MESSAGE
        self._asks = isinstance(step, Prompt)
        if isinstance(step, Prompt):
            self._emit(m.InputRequest(run.id, step.text, step.password, MessageId(f"prompt of {run.id}")))
        self._flush()
        opener = asyncio.create_task(_open(step.opened, waiting)) if isinstance(step, Gate) else None
        try:
            line = await waiting
        finally:
            self._waiting = None
            if opener is not None:
                opener.cancel()
        if not isinstance(step, Prompt):
            return ()
        if line == "\x04":
            raise _RaisedError(Raise("EOFError", "", ("EOFError",)))
        return step.then(line)


def _is_aside(request: requests.Request) -> bool:
    """Returns whether a request is answered beside what runs: on control or by a subshell."""
    match request:
        case requests.Complete() | requests.Inspect() | requests.Evaluate():
            return request.route != requests.SHELL
        case requests.CreateSubshell() | requests.DeleteSubshell() | requests.Debug():
            return True
        case _:
            return False


async def _open(opened: asyncio.Event, waiting: asyncio.Future[str]) -> None:
    await opened.wait()
    if not waiting.done():
        waiting.set_result("")
