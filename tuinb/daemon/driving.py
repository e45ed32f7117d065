"""A session that is driven from outside: commands, code, the notebook as it is now, and what happens in it.

Each request is a stream of parts for the program that sent it: `say` (with `severity`, and `more` if the text goes on),
`data` (bytes of an .ipynb file, as base64) and `code`, the exit code. Imported with the first such request.
"""

from __future__ import annotations

import asyncio
import base64
import json
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tuinb.commands import cell_edits, ex_line
from tuinb.daemon import screenless
from tuinb.errors import SessionError, TuinbError
from tuinb.files.notebook_file import NotebookFile
from tuinb.jobs import shared
from tuinb.kernel.execution.runs import RunState
from tuinb.notebook.changes import Applied, Transaction
from tuinb.notebook.document import Notebook
from tuinb.notebook.plain import plain
from tuinb.session.events import CellsChanged, KernelChanged, Message, Page, PromptOpened
from tuinb.session.json_codec import RECORDS

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence

    from tuinb.daemon.frames import Message as Frame
    from tuinb.daemon.host import Host, Stream
    from tuinb.notebook.cell import Cell
    from tuinb.notebook.changes import CellId
    from tuinb.session.events import SessionEvent
    from tuinb.session.session import Session

_CHUNK: Final = 48 * 1024
"""Bytes of a notebook in one part: its base64 is 64 kB long."""
_MOST_EVENTS: Final = 10_000
"""Events that wait for their reader. A reader that is slower is told so, and the stream ends."""
_PENDING: Final = (RunState.QUEUED, RunState.RUNNING)


# ---- commands


async def do(host: Host, frame: Frame) -> AsyncGenerator[Frame, None]:
    """Runs a line of the command line: `line`, `folder`, `yes`, `screen`, `wait`."""
    line, folder = str(frame.get("line")), Path(str(frame.get("folder")))
    if frame.get("screen"):
        if not host.run_on_screen(line):
            raise SessionError("no terminal shows the notebook", hint="leave out --screen, or attach one")
        return
    context, said, system = screenless.context(host, yes=frame.get("yes") is True)
    runs = Runs(host.session)
    failed = False
    try:
        try:
            ex_line.execute(context, line, folder)
            await system.settle()
        except TuinbError as error:
            said.notify(str(error), "error")
        for text, severity in (*said.lines, *runs.take_messages()):
            failed = failed or severity == "error"
            for part in _say(text, severity):
                yield part
        if frame.get("wait"):
            async for part in runs.wait():
                yield part
            async for part in _data([cell for cell in map(runs.cell, runs.begun) if cell is not None], host.session):
                yield part
            failed = failed or runs.failed
    finally:
        runs.close()
    yield {"code": int(failed)}


async def run_code(host: Host, frame: Frame) -> AsyncGenerator[Frame, None]:
    """Runs `source` as a new cell at the end, or apart from the notebook if `silent`. Sends its outputs if `wait`."""
    session, source = host.session, str(frame.get("source"))
    if not source.strip():
        raise SessionError("there is no code to run")
    runs = Runs(session)
    apart = session.run_apart(source) if frame.get("silent") else None
    try:
        if apart is None and not frame.get("silent"):
            number = _append(session, source)
            if runs.begun and not frame.get("wait"):
                yield {"say": f"cell {number} is queued"}
        for text, severity in runs.take_messages():
            yield {"say": text, "severity": severity}
        if not runs.begun:
            yield {"code": 1}
        elif frame.get("wait"):
            cell = runs.cell(runs.begun[0])
            async for part in runs.wait():
                yield part
            async for part in _data([] if cell is None else [cell], session):
                yield part
            yield {"code": int(runs.failed)}
    finally:
        runs.close()
        if apart is not None:
            _forget_once_done(session, apart)


def _append(session: Session, source: str) -> int:
    """Appends a code cell and queues it. Returns its number."""
    notebook = session.notebook
    cell = cell_edits.new_cell(notebook, source=source)
    changes = cell_edits.insertions([cell], notebook.order[-1] if len(notebook) else None)
    session.apply(Transaction(tuple(changes), screenless.CLIENT, label="insert a cell"))
    session.run([cell.id])
    return len(notebook)


def _forget_once_done(session: Session, cell: Cell) -> None:
    if session.run_of(cell.id).state not in _PENDING:
        session.forget(cell)
        return

    def on_event(event: Applied | SessionEvent) -> None:
        if isinstance(event, CellsChanged | KernelChanged) and session.run_of(cell.id).state not in _PENDING:
            stop()
            session.forget(cell)

    stop = session.listen(on_event)


class Runs:
    """Follows the cells that a request queued, and collects what the session says meanwhile."""

    def __init__(self, session: Session) -> None:
        self.begun: list[CellId] = []
        """The cells that were queued before `wait`."""
        self._session = session
        self._cells: dict[CellId, Cell] = {}
        self._messages: list[tuple[str, str]] = []
        self._changed = asyncio.Event()
        self._waits = False
        self._stop = session.listen(self._on_event)
        self.failed = False

    def close(self) -> None:
        """Ends listening."""
        self._stop()

    def cell(self, cell: CellId) -> Cell | None:
        """Returns one of the cells that were queued, also if it was deleted since."""
        return self._cells.get(cell)

    def take_messages(self) -> list[tuple[str, str]]:
        """Returns what the session said since the last call, each with its severity."""
        taken, self._messages = self._messages, []
        return taken

    def _on_event(self, event: Applied | SessionEvent) -> None:
        match event:
            case CellsChanged(cells) if not self._waits:
                for cell in cells:
                    if cell not in self._cells and self._session.run_of(cell).state in _PENDING:
                        self._cells[cell] = self._session.notebook[cell]
                        self.begun.append(cell)
            case Message(text, severity):
                self._messages.append((text, severity))
            case PromptOpened(prompt) if self._waits:
                asked = f"the kernel waits for input ({prompt.text.strip()}); `tuinb attach` answers it"
                self._messages.append((asked, "warning"))
            case Page(data) if self._waits:
                self._messages.append((str(data.get("text/plain", "")), "information"))
            case _:
                pass
        self._changed.set()

    async def wait(self) -> AsyncGenerator[Frame, None]:
        """Waits until the cells have ended. Yields what the user should know meanwhile, and about those that failed."""
        self._waits = True
        while any(self._session.run_of(cell).state in _PENDING for cell in self.begun):
            for text, severity in self.take_messages():
                for part in _say(text, severity):
                    yield part
            self._changed.clear()
            await self._changed.wait()
        for text, severity in self.take_messages():
            for part in _say(text, severity):
                yield part
        for cell in self.begun:
            if problem := self._problem(cell):
                self.failed = True
                yield {"say": problem, "severity": "error"}

    def _problem(self, cell: CellId) -> str:
        """Returns why a cell did not run to its end. Empty if it did."""
        run, notebook = self._session.run_of(cell), self._session.notebook
        if run.state is RunState.OK or (run.state is RunState.ERROR and self._cells[cell].may_raise):
            return ""
        where = f"cell {notebook.index(cell) + 1}" if cell in notebook else "the code"
        if run.state is RunState.ERROR:
            return f"{where}: {run.error_name}: {run.error_value}".removesuffix(": ")
        detail = self._session.kernel.detail.partition("\n")[0]
        return f"{where} was not run" + (f": {detail}" if detail else "")


def _say(text: str, severity: str) -> Iterator[Frame]:
    """Yields a text in parts; all but the last have `more`."""
    pieces = [text[start : start + _CHUNK] for start in range(0, len(text), _CHUNK)] or [""]
    for number, piece in enumerate(pieces, 1):
        yield {"say": piece, "severity": severity, "more": number < len(pieces)}


# ---- the notebook


async def notebook(host: Host, frame: Frame) -> AsyncGenerator[Frame, None]:
    """Sends the notebook as it is now, as an .ipynb file."""
    async for part in _parts(host.session.renderer()):
        yield part


async def _data(cells: Sequence[Cell], session: Session) -> AsyncGenerator[Frame, None]:
    """Sends cells as a notebook of their own."""
    if not cells:
        return
    whole = session.notebook
    some = Notebook([cell.data() for cell in cells], whole.metadata, nbformat_minor=whole.nbformat_minor)
    async for part in _parts(NotebookFile(session.path).renderer(some)):
        yield part


async def _parts(render: Callable[[], bytes]) -> AsyncGenerator[Frame, None]:
    data = await shared().run(render)
    for start in range(0, len(data), _CHUNK):
        yield {"data": base64.b64encode(data[start : start + _CHUNK]).decode("ascii")}


# ---- events


async def watch(host: Host, frame: Frame) -> AsyncGenerator[Frame, None]:
    """Sends every change of the notebook and every event of the session, as session/json_codec.py writes them."""
    events: deque[str] = deque()
    arrived = asyncio.Event()

    def on_event(event: Applied | SessionEvent) -> None:
        if len(events) <= _MOST_EVENTS:
            record = plain(event, host.session.notebook) if isinstance(event, Applied) else event
            events.append(json.dumps(RECORDS.to_json(record)))
        arrived.set()

    stop = host.session.listen(on_event)
    try:
        while True:
            await arrived.wait()
            arrived.clear()
            while events:
                if len(events) > _MOST_EVENTS:
                    raise SessionError("events come faster than they are read: some are lost")
                for part in _say(events.popleft(), ""):
                    yield part
    finally:
        stop()


# ---- the end of a run


async def wait(host: Host, frame: Frame) -> AsyncGenerator[Frame, None]:
    """Waits for the run that began the session, and sends how it ended. Without one waits until the queue is empty."""
    if host.batch is not None:
        outcome = await host.batch.wait()
        for text, severity in host.batch.report(outcome):
            for part in _say(text, severity):
                yield part
        yield {"code": int(outcome.exit)}
        return
    changed = asyncio.Event()
    stop = host.session.listen(lambda event: changed.set())
    try:
        while host.session.queue():
            changed.clear()
            await changed.wait()
    finally:
        stop()
    yield {"code": 0}


STREAMS: Mapping[str, Stream] = {"do": do, "exec": run_code, "notebook": notebook, "watch": watch, "wait": wait}
