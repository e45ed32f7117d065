"""What other clients of the kernel run, as a table without I/O: their messages in; whether they run something, and a log, out.

A run begins with its execute_input and ends with its idle status. Of a run that began before this client connected only outputs
arrive: it counts as running until the kernel answers a request on shell, which it does between two runs. Outputs of a run that
has ended, as of a thread, only extend the log. The log keeps the last LOGGED runs, and of each the last KEPT characters.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final

from tuinb.kernel.protocol import events as m
from tuinb.mime import joined

LOGGED: Final = 200
"""Number of runs in the log."""
KEPT: Final = 20_000
"""Characters of the output of a run that the log keeps, from its end."""
_EXECUTE: Final = "execute_request"


@dataclass(slots=True)
class OtherRun:
    """One run of another client."""

    client: str
    """The session id of the client."""
    code: str | None = None
    """None if it began before this client connected."""
    count: int | None = None
    running: bool = False
    failed: bool = False
    _text: list[str] = field(default_factory=list)
    _characters: int = 0

    @property
    def output(self) -> str:
        """The text of its outputs, from the end at most KEPT characters. May have escape sequences."""
        return "".join(self._text)[-KEPT:]

    def write(self, text: str) -> None:
        """Adds text to the output."""
        self._text.append(text)
        self._characters += len(text)
        if self._characters > 2 * KEPT:
            self._text = [self.output]
            self._characters = KEPT

    def clear(self) -> None:
        """Removes the output."""
        self._text.clear()
        self._characters = 0


class Others:
    """What other clients of one kernel run."""

    def __init__(self) -> None:
        self.runs: OrderedDict[m.MessageId, OtherRun] = OrderedDict()
        """The log, the oldest run first."""
        self._running: dict[m.MessageId, None] = {}
        self._unknown = False
        """Whether the kernel may run what began before this client connected."""

    @property
    def busy(self) -> bool:
        """Whether the kernel runs code of another client, or may do so."""
        return self._unknown or bool(self._running)

    def assume_busy(self) -> None:
        """The kernel may be busy: this client has just connected to it."""
        self._unknown = True

    def all_done(self) -> None:
        """The kernel answered a request on shell, or is gone: all that began before has ended."""
        self._unknown = False
        for parent in self._running:
            if (run := self.runs.get(parent)) is not None:
                run.running = False
        self._running.clear()

    def receive(self, message: m.FromOther) -> None:
        """Takes a message to another client in. Never raises."""
        if message.request != _EXECUTE:
            return
        match message.event:
            case m.ExecuteInput(code=code, count=count):
                run = self._run(message)
                run.code, run.count = code, count
                self._begin(message.parent, run)
            case m.Status(state="idle"):
                self._running.pop(message.parent, None)
                if (ended := self.runs.get(message.parent)) is not None:
                    ended.running = False
            case m.Stream(text=text):
                self._run(message).write(text)
            case m.DisplayData() | m.ExecuteResult():
                self._run(message).write(_shown(message.event))
            case m.ErrorOutput(traceback=traceback):
                run = self._run(message)
                run.failed = True
                run.write("\n".join(traceback) + "\n")
            case m.ClearOutput():
                self._run(message).clear()
            case _:
                pass

    def _run(self, message: m.FromOther) -> OtherRun:
        run = self.runs.get(message.parent)
        if run is None:
            run = self.runs[message.parent] = OtherRun(message.session)
            if self._unknown:
                self._begin(message.parent, run)
            if len(self.runs) > LOGGED:
                self.runs.popitem(last=False)
        return run

    def _begin(self, parent: m.MessageId, run: OtherRun) -> None:
        run.running = True
        self._running[parent] = None


def _shown(event: m.DisplayData | m.ExecuteResult) -> str:
    """Returns the text of an output, or its MIME types if it has none."""
    text = joined(event.data.get("text/plain"))
    return f"{text or '[' + ', '.join(map(str, event.data)) + ']'}\n"
