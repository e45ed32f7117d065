"""What is queued and in flight, as a state machine without I/O: commands and messages in; changes, events, requests out.

Invariants:
1. At most one cell is in flight; the others wait here, not in the kernel, so that one or all can be taken back.
2. A cell in flight is done when its reply AND its idle came, or when the kernel went. Of the two, a missing one is replaced
   by that of a kernel_info request sent after it: nothing stays in flight while the kernel answers. A cell ends as its reply
   says, also if the kernel goes before the idle. A cell that the kernel drops because the one before it failed is sent again.
3. An output goes to the cell whose latest run has the message's parent id, wherever that cell is now, done or not. So does
   what a widget prints that the user operates, until its cell runs again.
4. A waiting cell that is taken back is as it was before: its outputs are cleared when it is sent, not when it is queued.
5. When a kernel goes, all that waits or is in flight is freed, the prompt is closed, and `generation` grows.
   A prompt is otherwise open until it is answered, interrupted or replaced: a thread may ask after its cell is done.
6. What a widget captures is its own (kernel.comms), and no cell's.
7. No cell is sent while the kernel is known to run another client's code: an interrupt would hit that. A kernel_info request
   on shell is sent instead, and its answer says that the kernel has got past what it had.
8. What answers another client's request changes no cell. It goes to `others`.
9. `receive` takes any events in any order; what belongs to nobody is counted, and never an error.
Long because every message of the protocol has its case here, and only here.
"""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from tuinb.kernel.execution.comms import Comms
from tuinb.kernel.execution.effects import (
    Answer,
    Batch,
    CellsLost,
    Effects,
    ExitAsked,
    NextInput,
    OthersChanged,
    Page,
    Prompt,
    PromptClosed,
    PromptOpened,
    RunEnded,
    Submission,
)
from tuinb.kernel.execution.others import Others
from tuinb.kernel.execution.runs import NEVER_RUN, CellRun, RunState
from tuinb.kernel.protocol import events as m
from tuinb.kernel.protocol import lifecycle, requests
from tuinb.kernel.protocol.events import NO_PARENT, MessageId
from tuinb.kernel.protocol.lifecycle import Phase
from tuinb.notebook.changes import (
    AppendOutput,
    AppendStream,
    CellId,
    ClearOutputs,
    SetExecutionCount,
    SetOutputs,
    UpdateDisplay,
)
from tuinb.record import Record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from tuinb.kernel.protocol.lifecycle import Lifecycle
    from tuinb.notebook.widgets import Widgets

HIDDEN = "········"
"""What is left of a password."""
LOST_AFTER = 2.0
"""Seconds from the first of reply and idle until a kernel_info request asks for the other."""
RESEND_AFTER = 0.1
"""Seconds until a cell that the kernel dropped after an error is sent again."""
RESEND_UNTIL = 2.0
"""Seconds after an error in which a kernel may drop the next cell. tslab drops what arrives within 0.2 s."""
LOST = "output may be missing: the connection was lost while it ran"
"""What is said of a cell that ran while the server was not connected."""
NO_REPLY = "the connection was lost: whether it ran to its end is not known"
"""What is said of a cell whose request or reply was lost."""
REMEMBERED = 2000
"""Number of message ids that are kept, for outputs that arrive after their cell is done."""


@dataclass(slots=True)
class _Flight:
    """The cell in flight. Done is two flags."""

    submission: Submission
    id: MessageId
    started: float
    """When it was sent, on the monotonic clock of `now`."""
    sent_at: float
    """When it was sent, in wall time."""
    replied: bool = False
    idled: bool = False
    ended: float | None = None
    """When the first of the two came, on the clock of `now`."""
    state: RunState = RunState.OK
    error_name: str = ""
    error_value: str = ""
    shows_error: bool = False
    """Whether an error came as an output, or text on stderr."""
    asked_exit: bool = False
    count: int | None = None
    probe: MessageId | None = None
    asked: float = 0.0
    reconnected: bool = False
    """Whether the connection was lost since, so that the request or its reply may be lost."""
    incomplete: str = ""
    """Why output may be missing."""


class _OpenPrompt(Record):
    prompt: Prompt
    request: m.InputRequest
    interrupted: bool = False
    """Whether the kernel was interrupted since. The prompt then closes at the reply or the idle of its parent."""


def _random_id() -> MessageId:
    return MessageId(uuid4().hex)


class Executor:
    """The queue of one notebook's kernel. Every command and batch of events returns the `Effects` that follow from it.

    There are two clocks. `now` of every method is monotonic: durations and deadlines are measured on it. `wall_clock` gives
    seconds since the epoch, and only stamps when a run was sent.
    """

    def __init__(
        self,
        widgets: Widgets,
        new_id: Callable[[], MessageId] = _random_id,
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        self.phase = Phase.ABSENT
        self.generation = 1
        """Number of kernels so far: grows each time a kernel is lost."""
        self.strays = 0
        """Number of messages that belonged to no cell and no own request."""
        self.unknown = 0
        """Number of messages and payloads that are malformed or of an unknown type."""
        self.others = Others()
        """What other clients of the kernel run."""
        self._turn: MessageId | None = None
        """The request whose answer says that the kernel has got past other clients' code. None if no cell waits for that."""
        self._comms = Comms(widgets)
        self._new_id = new_id
        self._wall_clock = wall_clock
        self._queue: OrderedDict[CellId, Submission] = OrderedDict()
        self._numbers: dict[CellId, int] = {}
        self._sent = 0
        """The number of the cell that left the queue last. A place is the distance from it."""
        self._sent_before = 0
        """`_sent` when the queue was empty last."""
        self._flight: _Flight | None = None
        self._failed_at = -math.inf
        """When a cell failed last, on the clock of `now`. Minus infinity if the queue was emptied since."""
        self._held_until: float | None = None
        """When the next cell may be sent, if the kernel dropped it."""
        self._exit: CellsLost | None = None
        """The cell that asked the kernel to exit, and the cells that waited. The kernel may answer for about a second more."""
        self._prompt: _OpenPrompt | None = None
        self._runs: dict[CellId, CellRun] = {}
        self._cells: dict[MessageId, CellId] = {}
        self._handlers: dict[MessageId, CellId] = {}
        """Requests that handlers of widgets answer, and the cell that shows the widget, until it runs again."""
        self._after_handlers: MessageId | None = None
        """The kernel_info request sent after the latest of them, until its answer says that the handlers have ended."""
        self._latest: dict[CellId, MessageId] = {}
        self._ours: dict[MessageId, None] = {}
        self._last: CellId | None = None
        """The cell that was sent last."""
        self._evaluations: dict[MessageId, CellId | None] = {}
        """Requests for the value of an expression, and the cell that ran last before each."""

    # ---- state

    @property
    def busy(self) -> bool:
        """Whether a cell is in flight, or handlers of widgets run."""
        return self._flight is not None or self.handles_widgets

    @property
    def handles_widgets(self) -> bool:
        """Whether the kernel has not ended yet what a widget had it do."""
        return self._after_handlers is not None

    @property
    def in_flight(self) -> MessageId | None:
        """Message id of the running execute_request. None if no cell runs."""
        return self._flight.id if self._flight else None

    @property
    def running_since(self) -> float:
        """When the cell in flight was sent, on the clock of `now`. Infinity if no cell is in flight."""
        return self._flight.started if self._flight else math.inf

    @property
    def prompt(self) -> Prompt | None:
        """The open prompt."""
        return self._prompt.prompt if self._prompt is not None else None

    def asks_in(self, request: MessageId) -> bool:
        """Returns whether the open prompt belongs to a request."""
        return self._prompt is not None and self._prompt.request.parent == request

    @property
    def deadline(self) -> float | None:
        """When `tick` is due, unless the missing reply or idle comes first."""
        flight = self._flight
        if self._held_until is not None and flight is None:
            return self._held_until
        return flight.asked + LOST_AFTER if flight and flight.ended is not None else None

    def queue(self) -> tuple[CellId, ...]:
        """Returns the cell in flight, then the waiting cells."""
        return (*((self._flight.submission.cell,) if self._flight else ()), *self._queue)

    @property
    def progress(self) -> tuple[int, int]:
        """The number of the cell in flight, from 1, and the number of cells, since the queue was empty. (0, 0) if it is."""
        if self._flight is None and not self._queue:
            return 0, 0
        number = self._sent - self._sent_before
        return number, number + len(self._queue)

    def pending(self, cell: CellId) -> bool:
        """Returns whether a cell is in flight or waiting."""
        return cell in self._queue or (self._flight is not None and self._flight.submission.cell == cell)

    def run_of(self, cell: CellId) -> CellRun:
        place = self._numbers[cell] - self._sent if cell in self._queue else 0
        flight = self._flight
        if flight is not None and flight.submission.cell == cell:
            code = flight.submission.code
            more = flight.incomplete
            return CellRun(RunState.RUNNING, place, flight.sent_at, None, code, self.generation, current=True, incomplete=more)
        run = self._runs.get(cell, NEVER_RUN)
        if place:
            return replace(run, state=RunState.QUEUED, place=place, current=run.kernel_generation == self.generation)
        is_earlier = run.current and run.kernel_generation != self.generation
        return replace(run, current=False) if is_earlier else run

    # ---- commands

    def run(self, submissions: Sequence[Submission], now: float) -> Effects:
        """Queues cells. A cell that is already waiting keeps its place and takes the newer source."""
        batch = Batch(now)
        if self._flight is None and not self._queue:
            self._sent_before = self._sent
        for submission in submissions:
            if submission.cell not in self._queue:
                self._numbers[submission.cell] = self._sent + len(self._queue) + 1
            self._queue[submission.cell] = submission
            batch.ran((submission.cell,))
        self._pump(batch)
        return batch.effects()

    def cancel(self, cells: Iterable[CellId] | None = None) -> Effects:
        """Removes waiting cells (None: all) from the queue. The cell in flight continues."""
        batch = Batch(0.0)
        if cells is None:
            self._failed_at = -math.inf
        self._take_back(self._queue if cells is None else cells, batch)
        return batch.effects()

    def free(self, now: float, phase: Phase) -> Effects:
        """Frees all cells because the session ends (ABSENT) or restarts (STARTING) the kernel."""
        batch = Batch(now)
        self._free(batch)
        self.phase = phase
        return batch.effects()

    def own(self, request: MessageId) -> None:
        """Registers a request that belongs to no cell, so that its messages do not count as strays."""
        _remember(self._ours, request, None)

    def evaluates(self, request: MessageId) -> None:
        """Registers a request for the value of an expression.

        What a thread of the cell prints, and figures that were left open, come with the latest request as their parent.
        """
        self.own(request)
        _remember(self._evaluations, request, self._last)

    def refused(self) -> None:
        """Counts a message whose change the notebook refused: its cell is gone or has another kind by now."""
        self.strays += 1

    def answer(self, text: str) -> Effects:
        """Answers the open prompt; nothing where none is open. Prompt and answer stay in the outputs; a password does not."""
        prompt = self.prompt
        shown = "" if prompt is None else HIDDEN if prompt.password else text
        return self._reply(text, shown)

    def eof(self) -> Effects:
        """End of file on the open prompt: ipykernel takes Ctrl+D's character for it."""
        return self._reply("\x04", "")

    def _reply(self, text: str, shown: str) -> Effects:
        asked, self._prompt = self._prompt, None
        if asked is None:
            return Effects()
        # The cell may have run again since the prompt opened. Its outputs are then those of another run.
        cell, line = self._cell_of(asked.request.parent), f"{asked.prompt.text}{shown}\n"
        echo = (AppendStream(cell, "stdout", line),) if cell is not None else ()
        return Effects(echo, (PromptClosed(),), (requests.InputReply(self._new_id(), asked.request.id, text),))

    def operate(self, cell: CellId, model: str, state: Mapping[str, Any] | None) -> Effects:
        """Sets values of a widget that a cell shows, or presses it if `state` is None. What that prints is the cell's."""
        batch = Batch(0.0)
        for data in self._comms.operate(model, state):
            request = requests.CommSend(self._new_id(), model, data)
            self._send(request, batch)
            _remember(self._handlers, request.id, cell)
            batch.models[model] = None
        if batch.requests:
            self._after_handlers = self._new_id()
            self._send(requests.KernelInfo(self._after_handlers), batch)
        return batch.effects()

    def interrupted(self) -> None:
        """Records that the kernel is interrupted. The open prompt may then close when the request that it belongs to ends."""
        if self._prompt is not None:
            self._prompt = replace(self._prompt, interrupted=True)

    def tick(self, now: float) -> Effects:
        """Sends a kernel_info request if a reply or an idle is overdue. Sends a cell again that the kernel dropped."""
        flight = self._flight
        if self._held_until is not None and now >= self._held_until:
            batch = Batch(now)
            self._held_until = None
            self._pump(batch)
            return batch.effects()
        if flight is None or flight.ended is None or now < flight.asked + LOST_AFTER:
            return Effects()
        flight.probe, flight.asked = self._new_id(), now
        self.own(flight.probe)
        return Effects((), (), (requests.KernelInfo(flight.probe),))

    def receive(self, events: Iterable[m.Event], now: float) -> Effects:
        """Handles events in their order. Never raises."""
        batch = Batch(now)
        handlers = HANDLERS
        for event in events:
            handlers[type(event)](self, event, batch)
        return batch.effects()

    # ---- the queue

    def _pump(self, batch: Batch) -> None:
        if self.phase is not Phase.LIVE or self._flight is not None or not self._queue or self._held_until is not None:
            return
        if self.others.busy:
            if self._turn is None:
                self._turn = self._new_id()
                self._send(requests.KernelInfo(self._turn), batch)
            return
        cell, submission = self._queue.popitem(last=False)
        self._sent = self._numbers.pop(cell)
        flight = self._flight = _Flight(submission, self._new_id(), batch.now, self._wall_clock())
        self._cells.pop(self._latest.get(cell, NO_PARENT), None)
        self._handlers = {request: shown for request, shown in self._handlers.items() if shown != cell}
        self._latest[cell] = flight.id
        self._last = cell
        _remember(self._cells, flight.id, cell)
        if not submission.is_part:
            batch.change(SetOutputs(cell))
        batch.change(SetExecutionCount(cell, None))
        stdin, stops = submission.allow_stdin, submission.stop_on_error
        batch.requests.append(requests.Execute(flight.id, submission.code, allow_stdin=stdin, stop_on_error=stops))
        batch.ran((cell,))
        batch.moved = bool(self._queue)

    def _take_back(self, cells: Iterable[CellId], batch: Batch) -> None:
        taken = [cell for cell in cells if cell in self._queue]
        for cell in taken:
            del self._queue[cell], self._numbers[cell]
        if taken:
            self._numbers.update((cell, number) for number, cell in enumerate(self._queue, self._sent + 1))
            batch.ran(taken)
            batch.moved = bool(self._queue)

    def _put_back(self, submission: Submission, batch: Batch) -> None:
        """Puts a cell that the kernel dropped at the head of the queue, unless it was queued again meanwhile."""
        self._queue.setdefault(submission.cell, submission)
        self._queue.move_to_end(submission.cell, last=False)
        self._sent -= 1
        self._numbers.update((cell, number) for number, cell in enumerate(self._queue, self._sent + 1))
        self._held_until = batch.now + RESEND_AFTER
        batch.ran((submission.cell,))
        batch.moved = True

    def _settle(self, flight: _Flight, batch: Batch) -> None:
        flight.ended = batch.now if flight.ended is None else flight.ended
        flight.asked = flight.asked or batch.now
        self._close_interrupted_prompt(flight.id, batch)
        if not (flight.replied and flight.idled):
            return
        if flight.state is RunState.ERROR and flight.error_name and not flight.shows_error:
            error = m.ErrorOutput(flight.id, flight.error_name, flight.error_value, ())
            batch.change(AppendOutput(flight.submission.cell, m.output_of(error)))
        self._land(flight, batch)
        self._tell_captured(batch, capturing=True)
        if flight.state is RunState.ABORTED and batch.now < self._failed_at + RESEND_UNTIL:
            self._put_back(flight.submission, batch)
            return
        self._failed_at = batch.now if flight.state is RunState.ERROR else -math.inf
        failed = flight.state is RunState.ERROR and flight.submission.stop_on_error
        if flight.asked_exit:
            self._exit = self._lost_cells(flight)
        if failed or flight.state is RunState.ABORTED or flight.asked_exit:
            self._take_back(self._queue, batch)
        self._pump(batch)

    def _lost_cells(self, flight: _Flight | None) -> CellsLost:
        """Returns the cells that the end of the kernel concerns. `flight` is the cell in flight, or the one that has ended."""
        if (asked := self._exit) is not None:
            return replace(asked, waiting=(*asked.waiting, *self.queue()))
        if flight is None or (flight.replied and not flight.asked_exit):
            return CellsLost(None, asked_exit=False, waiting=tuple(self._queue))
        return CellsLost(flight.submission.cell, flight.asked_exit, tuple(self._queue))

    def _land(self, flight: _Flight, batch: Batch) -> None:
        assert flight.ended is not None
        sent = flight.submission
        self._runs[sent.cell] = CellRun(
            flight.state,
            started=flight.sent_at,
            seconds=flight.ended - flight.started,
            code=sent.code,
            kernel_generation=self.generation,
            current=True,
            error_name=flight.error_name,
            error_value=flight.error_value,
            asked_exit=flight.asked_exit,
            incomplete=flight.incomplete,
        )
        self._flight = None
        batch.ran((sent.cell,))
        if flight.state is not RunState.ABORTED:
            batch.events.append(RunEnded(sent.cell, sent.code, flight.state is RunState.OK, self.generation))

    def _free(self, batch: Batch) -> None:
        if (flight := self._flight) is not None:
            if flight.probe is not None or not flight.replied:
                flight.state = RunState.ABORTED
            flight.ended = batch.now
            self._land(flight, batch)
        self._take_back(self._queue, batch)
        self._failed_at, self._held_until, self._exit, self._turn = -math.inf, None, None, None
        self._after_handlers = None
        self.others.all_done()
        if self._prompt is not None:
            self._close_prompt(batch)
        batch.ran(cell for cell, run in self._runs.items() if run.kernel_generation == self.generation)
        self._comms.on_kernel_lost()
        self._last = None
        self.generation += 1

    def _close_prompt(self, batch: Batch) -> None:
        self._prompt = None
        batch.events.append(PromptClosed())

    def _close_interrupted_prompt(self, parent: MessageId, batch: Batch) -> None:
        """Closes the prompt of a request that ended, if an interrupt ended it. Otherwise a thread still waits for the answer.

        IPython's input() raises KeyboardInterrupt with a message. One without a message ended what the main thread did, and
        the thread that asked still waits.
        """
        asked, flight = self._prompt, self._own_flight(parent)
        if asked is None or asked.request.parent != parent:
            return
        if flight is not None and flight.error_name == "KeyboardInterrupt":
            ended = bool(flight.error_value)
        else:
            ended = asked.interrupted
        if ended:
            self._close_prompt(batch)

    def _owner(self, parent: MessageId) -> CellId | None:
        """Returns the cell that a message belongs to. Counts a message that belongs to none."""
        cell = self._cell_of(parent)
        if cell is None and parent not in self._ours:
            self.strays += 1
        return cell

    def _cell_of(self, parent: MessageId) -> CellId | None:
        for known in (self._cells, self._handlers, self._evaluations):
            if (cell := known.get(parent)) is not None:
                return cell
        return None

    def _own_flight(self, parent: MessageId) -> _Flight | None:
        return self._flight if self._flight is not None and self._flight.id == parent else None

    # ---- events

    def _on_status(self, event: m.Status, batch: Batch) -> None:
        if event.state == "starting":
            return
        self._owner(event.parent)
        if event.state != "idle":
            return
        flight = self._flight
        if flight is None or event.parent != flight.id:
            self._close_interrupted_prompt(event.parent, batch)
        if flight is not None and event.parent in (flight.id, flight.probe):
            flight.idled = True
            self._settle(flight, batch)

    def _captured(self, event: m.CellOutput | m.Stream | m.ClearOutput, batch: Batch) -> bool:
        """Gives an output to the widget that captures it. Returns whether there is such a widget."""
        captor = self._comms.captor(event.parent)
        if captor is None:
            return False
        self._comms.give(captor, event)
        batch.models[captor.id] = None
        return True

    def _on_stream(self, event: m.Stream, batch: Batch) -> None:
        flight = self._own_flight(event.parent)
        if flight is not None and event.name == "stderr":
            flight.shows_error = True
        if self._captured(event, batch):
            return
        cell = self._cell_of(event.parent)
        if cell is not None:
            batch.text(cell, event.name, event.text)
        else:
            self._owner(event.parent)

    def _on_display(self, event: m.DisplayData | m.ExecuteResult, batch: Batch) -> None:
        if self._captured(event, batch):
            return
        if (cell := self._owner(event.parent)) is not None:
            batch.change(AppendOutput(cell, m.output_of(event), event.display_id))
        elif isinstance(event, m.DisplayData) and event.parent in self._ours:
            batch.events.append(event)

    def _on_update_display(self, event: m.UpdateDisplayData, batch: Batch) -> None:
        if event.display_id is None:
            self.unknown += 1
        else:
            batch.update(UpdateDisplay(event.display_id, event.data, event.metadata))
            batch.models.update(dict.fromkeys(self._comms.update_display(event)))

    def _on_error(self, event: m.ErrorOutput, batch: Batch) -> None:
        flight = self._own_flight(event.parent)
        if flight is not None:
            flight.shows_error = True
        if event.parent in self._evaluations or self._captured(event, batch) or (cell := self._owner(event.parent)) is None:
            return
        batch.change(AppendOutput(cell, m.output_of(event)))
        if flight is not None and not flight.replied:
            flight.state = RunState.ERROR
        if flight is not None and flight.state is RunState.ERROR:
            flight.error_name, flight.error_value = event.name, event.value

    def _on_clear(self, event: m.ClearOutput, batch: Batch) -> None:
        if not self._captured(event, batch) and (cell := self._owner(event.parent)) is not None:
            batch.change(ClearOutputs(cell, event.wait))

    def _on_input(self, event: m.ExecuteInput, batch: Batch) -> None:
        self._owner(event.parent)
        self._count(self._own_flight(event.parent), event.count, batch)

    def _count(self, flight: _Flight | None, count: int | None, batch: Batch) -> None:
        if flight is not None and count is not None and count != flight.count:
            flight.count = count
            batch.change(SetExecutionCount(flight.submission.cell, count))

    def _on_reply(self, event: m.ExecuteReply, batch: Batch) -> None:
        self._owner(event.parent)
        if event.parent in self._ours:
            batch.events.append(event)
        flight = self._own_flight(event.parent)
        if flight is None or flight.replied:
            return
        flight.replied = True
        flight.state = _STATES.get(event.status, RunState.ERROR)
        # The published error comes first: if a value's repr fails, ipykernel's reply says "NoneType".
        if event.status == "ok":
            flight.error_name = flight.error_value = ""
        elif not flight.error_name:
            flight.error_name, flight.error_value = event.name, event.value
        if event.status != "aborted":
            self._count(flight, event.count, batch)
        for payload in event.payload:
            self._payload(flight, payload, batch)
        self._settle(flight, batch)

    def _payload(self, flight: _Flight, payload: Mapping[str, Any], batch: Batch) -> None:
        match payload:
            case {"source": "page", "data": dict(data)}:
                batch.events.append(Page(data))
            case {"source": "page", "text": str(text)}:
                batch.events.append(Page({"text/plain": text}))
            case {"source": "set_next_input", "text": str(text)}:
                batch.events.append(NextInput(flight.submission.cell, text, payload.get("replace") is True))
            case {"source": "ask_exit"}:
                flight.asked_exit = payload.get("keepkernel") is not True
                batch.events.append(ExitAsked())
            case _:
                self.unknown += 1

    def _on_prompt(self, event: m.InputRequest, batch: Batch) -> None:
        prompt = Prompt(self._cell_of(event.parent), event.prompt, event.password)
        self._prompt = _OpenPrompt(prompt, event)
        if batch.events and isinstance(batch.events[-1], PromptOpened):
            batch.events.pop()  # replaced before a screen could show it
        batch.events.append(PromptOpened(prompt))

    def _on_answer(self, event: Answer, batch: Batch) -> None:
        batch.events.append(event)
        if isinstance(event, m.KernelInfoReply) and event.parent == self._after_handlers:
            self._after_handlers = None
        if isinstance(event, m.KernelInfoReply) and event.channel == "shell":
            self._turn = None if event.parent == self._turn else self._turn
            self.others.all_done()
            self._pump(batch)
        flight = self._flight
        if isinstance(event, m.KernelInfoReply) and flight is not None and event.parent == flight.probe:
            if not flight.replied and flight.reconnected:
                flight.incomplete = flight.incomplete or NO_REPLY
                flight.state = RunState.ABORTED if flight.state is RunState.OK else flight.state
            flight.replied = True
            self._settle(flight, batch)

    def _on_comm(self, event: m.CommOpen | m.CommMessage | m.CommClosed, batch: Batch) -> None:
        self._owner(event.parent)
        changed = self._comms.receive(event, own=event.parent in self._ours)
        if changed is None:
            self._send(requests.CommClose(self._new_id(), event.comm_id), batch)
        else:
            batch.models.update(dict.fromkeys(changed))
            self._tell_captured(batch, capturing=False)

    def _on_other(self, message: m.FromOther, batch: Batch) -> None:
        """Logs what another client's code does. Only the state of widgets, which are the kernel's, is taken over."""
        if isinstance(message.event, m.CommOpen | m.CommMessage | m.CommClosed):
            # A comm that is unknown here may be spoken with there: it is not closed.
            batch.models.update(dict.fromkeys(self._comms.receive(message.event, own=False) or ()))
            return
        before = self.others.busy
        self.others.receive(message)
        if isinstance(message.event, m.Status) and message.event.state == "idle":
            run = self.others.runs.get(message.parent)
            if run is not None and run.code is not None:
                batch.events.append(RunEnded(None, run.code, not run.failed, self.generation))
        if isinstance(message.event, m.ErrorOutput):
            self._failed_at = batch.now  # ipykernel drops what waits in it, whoever sent that
        if self.others.busy != before:
            batch.events.append(OthersChanged())

    def _tell_captured(self, batch: Batch, *, capturing: bool) -> None:
        for comm, data in self._comms.pending_updates(capturing=capturing):
            self._send(requests.CommSend(self._new_id(), comm, data), batch)

    def _send(self, request: requests.CommClose | requests.CommSend | requests.KernelInfo, batch: Batch) -> None:
        self.own(request.id)
        batch.requests.append(request)

    def _on_unknown(self, _event: m.Unknown | m.Malformed, _batch: Batch) -> None:
        self.unknown += 1

    def _on_lifecycle(self, event: Lifecycle, batch: Batch) -> None:
        if isinstance(event, lifecycle.Reconnected):
            self._on_reconnected(event, batch)
        elif isinstance(event, lifecycle.OutputDropped):
            self._mark_incomplete(MessageId(event.parent), event.reason, batch)
        phase = _PHASES.get(type(event), self.phase)
        if isinstance(event, lifecycle.KernelDied):
            lost = self._lost_cells(self._flight)
            if lost.cell is not None or lost.waiting:
                batch.events.append(lost)
        if self.phase is not Phase.ABSENT and (phase is Phase.ABSENT or (self.phase, phase) == (Phase.LIVE, Phase.STARTING)):
            self._free(batch)
        if isinstance(event, lifecycle.KernelConnected) and event.shared:
            self.others.assume_busy()
        self.phase = phase
        batch.events.append(event)
        self._pump(batch)

    def _on_reconnected(self, event: lifecycle.Reconnected, batch: Batch) -> None:
        """Asks whether the cell in flight still runs: its request, its reply or its idle may be lost."""
        self._after_handlers = None
        flight = self._flight
        if flight is None:
            return
        if event.lost:
            self._mark_incomplete(flight.id, LOST, batch)
        flight.reconnected = True
        flight.probe, flight.asked = self._new_id(), batch.now
        self._send(requests.KernelInfo(flight.probe), batch)

    def _mark_incomplete(self, request: MessageId, reason: str, batch: Batch) -> None:
        """Notes that output of the cell in flight is missing. Keeps the first reason."""
        flight = self._own_flight(request)
        if flight is not None and not flight.incomplete:
            flight.incomplete = reason
            batch.ran((flight.submission.cell,))


_STATES = {"ok": RunState.OK, "error": RunState.ERROR, "aborted": RunState.ABORTED}
_PHASES: Mapping[type[Lifecycle], Phase] = {
    lifecycle.KernelStarting: Phase.STARTING,
    lifecycle.KernelConnected: Phase.LIVE,
    lifecycle.KernelDied: Phase.ABSENT,
}

HANDLERS: Mapping[type[m.Event], Callable[[Executor, Any, Batch], None]] = {
    m.Status: Executor._on_status,
    m.Stream: Executor._on_stream,
    m.DisplayData: Executor._on_display,
    m.ExecuteResult: Executor._on_display,
    m.UpdateDisplayData: Executor._on_update_display,
    m.ErrorOutput: Executor._on_error,
    m.ClearOutput: Executor._on_clear,
    m.ExecuteInput: Executor._on_input,
    m.ExecuteReply: Executor._on_reply,
    m.CommOpen: Executor._on_comm,
    m.CommMessage: Executor._on_comm,
    m.CommClosed: Executor._on_comm,
    m.InputRequest: Executor._on_prompt,
    m.FromOther: Executor._on_other,
    m.Unknown: Executor._on_unknown,
    m.Malformed: Executor._on_unknown,
    m.CompleteReply: Executor._on_answer,
    m.InspectReply: Executor._on_answer,
    m.KernelInfoReply: Executor._on_answer,
    m.SubshellReply: Executor._on_answer,
    m.HistoryReply: Executor._on_answer,
    m.DebugReply: Executor._on_answer,
    m.DebugEvent: Executor._on_answer,
    lifecycle.KernelStarting: Executor._on_lifecycle,
    lifecycle.KernelConnected: Executor._on_lifecycle,
    lifecycle.KernelSilent: Executor._on_lifecycle,
    lifecycle.KernelDied: Executor._on_lifecycle,
    lifecycle.HeartbeatLost: Executor._on_lifecycle,
    lifecycle.HeartbeatBack: Executor._on_lifecycle,
    lifecycle.Reconnected: Executor._on_lifecycle,
    lifecycle.OutputDropped: Executor._on_lifecycle,
}
"""The handler of each type of event. A test checks that none is missing."""


def _remember(table: dict[MessageId, Any], key: MessageId, value: object) -> None:
    """Adds a key to a table that drops its oldest key when it is full."""
    table[key] = value
    if len(table) > REMEMBERED:
        del table[next(iter(table))]
