"""A desk: a real notebook with its history, a session that records instead of running, and a host that answers from a script.

Notebooks are written in one line: cells between `|`, `m:` and `r:` before markdown and raw ones, `/` for a newline, `=text`
for an output (and the count 1). `*` marks the active cell in command mode, `^` the cursor in edit mode, `[` and `]` the ends
of a selection of several.
"""

from __future__ import annotations

import asyncio
from functools import cache
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

from tuinb.commands.context import Context
from tuinb.commands.host import Scope, Tab
from tuinb.commands.keymap.key_names import key_name
from tuinb.commands.keymap.key_texts import in_keys
from tuinb.commands.keymap.keymap import Keymap, Match
from tuinb.commands.keymap.sets import SETS
from tuinb.commands.registry import COMMANDS
from tuinb.errors import ChangedOnDiskError, ConfigError, KernelError, NotebookFileError, NotebookSaveError
from tuinb.foreground import spawn
from tuinb.kernel.execution.runs import CellRun, RunState
from tuinb.notebook.changes import Applied, CellData, CellId, ClientId, OutputData, Selected, Transaction
from tuinb.notebook.document import Notebook
from tuinb.notebook.history import History
from tuinb.notebook.widgets import Widgets
from tuinb.session.debugger import SessionDebugger
from tuinb.session.inspector import Inspector
from tuinb.session.languages import LanguageServers
from tuinb.session.staleness import SessionStaleness
from tuinb.session.state import Breakpoint, Doubt, KernelChoice, KernelState, KernelStatus, RunningKernel, Sign, Stop
from tuinb.session.variables import Variables
from tuinb.workspace.view_state import Mode, ViewState

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence

    from tuinb.commands.host import ConflictPage, Entry, Link
    from tuinb.editing.selection import Motion, Operator, State
    from tuinb.files.listing import Listing
    from tuinb.kernel.execution.effects import Prompt
    from tuinb.kernel.execution.others import OtherRun
    from tuinb.kernel.protocol.events import CompleteReply, InspectReply
    from tuinb.lsp.answers import Location
    from tuinb.notebook.changes import Json, SpliceSource
    from tuinb.notebook.conflicts import Side
    from tuinb.notebook.difference import Content
    from tuinb.notebook.outputs import Output
    from tuinb.session.access import Access
    from tuinb.session.incoming import Incoming
    from tuinb.session.languages import Action
    from tuinb.session.port import Listener

T = TypeVar("T")
KINDS = {"m": "markdown", "r": "raw"}
CLIENT = ClientId("me")


class FakeLanguages(LanguageServers):
    """Language servers that are none: they answer from `answers`, by the name of the question. An exception is raised."""

    def __init__(self, *args: Any) -> None:  # noqa: ANN401 - as LanguageServers
        super().__init__(*args)
        self.answers: dict[str, Any] = {}
        self.asked: list[tuple[Any, ...]] = []

    def use(self, *args: object) -> None:
        """Starts nothing."""

    def _given(self, *question: object) -> Any:  # noqa: ANN401 - what the test says
        self.asked.append(question)
        answer = self.answers.get(str(question[0]), [])
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def definition(self, cell: CellId, offset: int) -> list[Location]:
        return list(self._given("definition", cell, offset))

    async def references(self, cell: CellId, offset: int) -> list[Location]:
        return list(self._given("references", cell, offset))

    async def check_rename(self, cell: CellId, offset: int) -> None:
        self._given("check_rename", cell, offset)

    async def rename(self, cell: CellId, offset: int, name: str) -> list[SpliceSource]:
        return list(self._given("rename", cell, offset, name))

    async def actions(self, cell: CellId, start: int, end: int) -> list[Action]:
        return list(self._given("actions", cell, start, end))

    async def of_kind(self, kind: str, what: str) -> list[SpliceSource]:
        return list(self._given(kind))

    async def edit_of(self, action: Action) -> list[SpliceSource]:
        return list(self._given("edit_of", action.title))

    async def formatter(self) -> str:
        return str(self._given("formatter") or "")

    async def format(self, cell: CellId) -> list[SpliceSource]:
        return list(self._given("format", cell))

    async def restart(self) -> None:
        self.asked.append(("restart",))


class FakeSession:
    """Applies to a real notebook; runs nothing, but keeps a queue and what it was asked for, in `log`."""

    def __init__(self, notebook: Notebook, view: ViewState) -> None:
        self.notebook = notebook
        self.widgets = Widgets(notebook)
        self.path = Path("/notebooks/analysis.ipynb")
        self.modified = False
        self.read_only = ""
        self.access: Access | None = None
        self.prompt: Prompt | None = None
        self.kernel = KernelStatus(KernelState.IDLE, "python3", "Python 3", "/usr/bin/python3", "python")
        self.choices: tuple[KernelChoice, ...] = (
            KernelChoice("python3", "Python 3", "python"),
            KernelChoice("ir", "R", "R", "/usr/bin/R"),
        )
        self.running_elsewhere: tuple[RunningKernel, ...] = ()
        self.others: tuple[OtherRun, ...] = ()
        self.log: list[tuple[Any, ...]] = []
        self.waiting: list[CellId] = []
        self.running: CellId | None = None
        self.log_text: str | KernelError = ""
        self.changed_on_disk = False
        self.gone = False
        self.full: set[Path | None] = set()
        """Files for which the disk has no room."""
        self.other_files: set[Path | None] = set()
        self.applied: list[Applied] = []
        self.edited: set[CellId] = set()
        self._history = History(notebook)
        self._view = view
        self.debugger = SessionDebugger(notebook, lambda _event: None)
        self.staleness = SessionStaleness(notebook, lambda event: None, self.is_edited)
        self.inspector = Inspector(lambda: None)
        self.variables = Variables(self)
        self.languages = self.languages_in_use = FakeLanguages(self, lambda _text: None)

    @property
    def stale_count(self) -> int:
        return self.staleness.count

    def is_edited(self, cell: CellId) -> bool:
        return cell in self.edited

    def doubt_of(self, cell: CellId) -> Doubt | None:
        return Doubt(Sign.EDITED, "edited since") if cell in self.edited else None

    def remember_outputs(self) -> dict[CellId, tuple[OutputData, ...]]:
        self.log.append(("remember outputs",))
        return {}

    def listen(self, listener: Listener) -> Callable[[], None]:
        raise NotImplementedError

    def keep_checkpoints(self) -> None:
        raise NotImplementedError

    def _commit(self, transaction: Transaction) -> Applied:
        if self.read_only:
            raise NotebookFileError(self.read_only)
        applied = self.notebook.apply(transaction)
        self._history.record(applied)
        self._view.reduce(applied, self.notebook)
        self.modified = True
        self.applied.append(applied)
        return applied

    def apply(self, transaction: Transaction, selected: Selected | None = None) -> Applied:
        return self._commit(transaction)

    @property
    def undoable(self) -> bool:
        return self._history.undo(CLIENT) is not None

    def undo(self, origin: ClientId, typing_in: CellId | None = None, *, by_group: bool = False) -> Applied | None:
        transaction = self._history.undo(origin, typing_in, by_group=by_group)
        return None if transaction is None else self._commit(transaction)

    def redo(self, origin: ClientId, typing_in: CellId | None = None, *, by_group: bool = False) -> Applied | None:
        transaction = self._history.redo(origin, typing_in, by_group=by_group)
        return None if transaction is None else self._commit(transaction)

    def end_typing(self) -> None:
        self._history.end_typing()

    def run(self, cells: Sequence[CellId]) -> None:
        self.log.append(("run", *(self.notebook[cell].source for cell in cells if self.notebook[cell].kind == "code")))

    def run_part(self, cell: CellId, code: str) -> None:
        self.log.append(("run_part", cell, code))

    def cancel(self, cells: Sequence[CellId] | None = None) -> None:
        gone = self.waiting if cells is None else cells
        self.log.append(("cancel", *sorted(self.notebook[cell].source for cell in gone)))
        self.waiting = [cell for cell in self.waiting if cell not in gone]

    def run_of(self, cell: CellId) -> CellRun:
        state = RunState.RUNNING if cell == self.running else RunState.QUEUED if cell in self.waiting else RunState.NEVER
        return CellRun(state=state, place=self.waiting.index(cell) + 1 if cell in self.waiting else 0)

    @property
    def progress(self) -> tuple[int, int]:
        return (1, 1) if self.running is not None else (0, 0)

    def queue(self) -> tuple[CellId, ...]:
        return (*((self.running,) if self.running else ()), *self.waiting)

    def answer(self, text: str) -> None:
        raise NotImplementedError

    def answer_eof(self) -> None:
        raise NotImplementedError

    def operate_widget(self, cell: CellId, model: str, state: Mapping[str, Json] | None) -> None:
        self.log.append(("operate widget", cell, model, state))
        if state is not None:
            self.widgets.update(model, state)

    def interrupt(self, *, others: bool = False) -> None:
        self.log.append(("interrupt", *(["others"] if others else ())))

    async def restart(self) -> None:
        self.log.append(("restart",))

    async def start_kernel(self, name: str | None = None) -> None:
        self.log.append(("start_kernel", name))

    async def answer_environment(self, *, trust: bool) -> None:
        self.log.append(("answer_environment", trust))

    async def shutdown_kernel(self) -> None:
        self.log.append(("shutdown_kernel",))

    async def kernels(self) -> tuple[KernelChoice, ...]:
        return self.choices

    async def running_kernels(self) -> tuple[RunningKernel, ...]:
        return self.running_elsewhere

    async def attach_kernel(self, file: str) -> None:
        self.log.append(("attach_kernel", file))
        if file == "/gone":
            raise KernelError("its kernel has ended")

    def other_runs(self) -> tuple[OtherRun, ...]:
        return self.others

    async def kernel_log(self) -> str:
        if isinstance(self.log_text, KernelError):
            raise self.log_text
        return self.log_text

    async def complete(self, code: str, cursor: int) -> CompleteReply | None:
        raise NotImplementedError

    async def inspect(self, code: str, cursor: int, detail: int = 0) -> InspectReply | None:
        raise NotImplementedError

    async def history(self, count: int) -> tuple[str, ...] | None:
        raise NotImplementedError

    async def save(self, path: Path | None = None, *, overwrite: bool = False) -> Path:
        if self.changed_on_disk and not overwrite and path is None:
            raise ChangedOnDiskError("another program changed it since it was read", where=str(self.path))
        if path in self.other_files and not overwrite:
            raise ChangedOnDiskError("a file of that name already exists", where=str(path))
        if path in self.full:
            raise NotebookSaveError("the disk is full", where=str(path or self.path))
        self.path = path or self.path
        self.log.append(("save", str(path) if path else None, overwrite))
        self.modified = False
        return self.path

    @property
    def stop(self) -> Stop | None:
        return self.debugger.stop

    def breakpoints_of(self, cell: CellId) -> tuple[Breakpoint, ...]:
        return self.debugger.breakpoints_of(cell)

    def watch_disk(self) -> None:
        raise NotImplementedError

    async def is_gone(self) -> bool:
        return self.gone

    async def incoming(self, *, anew: bool = False) -> Incoming | None:
        self.log.append(("incoming", anew))
        return None

    async def take(self, found: Incoming, content: Content, origin: ClientId) -> bool:
        raise NotImplementedError

    def autosave(self, seconds: float) -> None:
        raise NotImplementedError

    async def flush(self) -> None:
        self.log.append(("flush",))

    async def shut_down(self, *, discard: bool = False) -> str:
        raise NotImplementedError


class FakeEditor:
    """Keeps the actions that it was asked for, and the cells and lines that were opened, in `performed`."""

    def __init__(self, view: ViewState, log: list[tuple[Any, ...]]) -> None:
        self._view = view
        self._log = log
        self.cursor = 0
        self.selected = ""
        self.performed: list[str] = []
        self.has_several = False
        self.is_modal = False
        self.is_recording = False

    @property
    def is_open(self) -> bool:
        return self._view.mode is Mode.EDIT

    @property
    def selection(self) -> tuple[int, int]:
        return self.cursor, self.cursor + len(self.selected)

    def perform(self, action: str) -> None:
        self.performed.append(action)

    def move(self, motion: Motion, *, extend: bool = False) -> None:
        self.performed.append(f"select {motion.__name__}" if extend else motion.__name__)

    def change(self, operator: Operator) -> None:
        self.performed.append(operator.__name__)

    def update(self, change: Callable[[State], None]) -> None:
        self.performed.append(change.__name__)

    def kill(self, operator: Operator, *, before: bool = False) -> None:
        self.performed.append(f"kill {operator.__name__}{' before' if before else ''}")

    def begin_with(self, key: str) -> bool:
        if self.is_modal:
            self._log.append(("begin_with", key))
        return self.is_modal

    def end_recording(self) -> bool:
        was_recording, self.is_recording = self.is_recording, False
        return was_recording

    def begin_inserting(self) -> None:
        self.performed.append("begin inserting")

    def edit_at(self, cell: CellId, line: int) -> None:
        self._log.append(("edit_at", cell, line))

    def edit_from(self, cell: CellId, offset: int) -> None:
        self._log.append(("edit_from", cell, offset))
        self._view.activate(cell)
        self._view.mode = Mode.EDIT
        self.cursor = offset


class FakeHost:
    """Serves dialogs, viewport, outputs and system. Answers questions from `answers`, in order; the rest goes to `log`."""

    def __init__(self, view: ViewState) -> None:
        self.answers: list[Any] = []
        self.at_hand: int | None = None
        self.count_given: int | None = None
        self.links: list[Link] = []
        self.columns = (40, 0)
        self.long = True
        self.cannot_open = ""
        self.log: list[tuple[Any, ...]] = []
        self.later: list[Awaitable[None]] = []
        self.marked_first: list[str] = []
        """The option that each question marks first."""
        self.environ: dict[str, str] = {}
        self.spawn = spawn
        self.clipboard = ""
        self.can_detach = False
        self.other_screens = 0
        self.folder: Path | None = None
        self.tabs: FakeTabs | None = None
        self.open_editor = FakeEditor(view, self.log)
        self.in_keys: Callable[[str], str] = str
        """Puts keys into the hint of a message."""

    def show_contents(self) -> None:
        self.log.append(("show_contents",))

    def show_panel(self) -> None:
        self.log.append(("show_panel",))

    def show_calls(self) -> None:
        self.log.append(("show_calls",))

    async def open_table(self, sources: tuple[str, ...]) -> None:
        self.log.append(("open_table", sources))

    def notify(self, text: str, severity: str = "information", *, hint: str = "") -> None:
        self.log.append(("notify", f"{text} {self.in_keys(hint)}".rstrip(), severity))

    async def confirm(self, question: str, *, yes: str = "Yes", no: str = "No", refused: str = "") -> bool:
        self.log.append(("confirm", question))
        agreed = bool(self.answers.pop(0))
        if refused and not agreed:
            self.notify(refused)
        return agreed

    async def choose(
        self, question: str, options: Sequence[str], *, at: int = 0, moved: Callable[[int], str] | None = None
    ) -> int | None:
        self.log.append(("choose", question, list(options)))
        self.marked_first.append(options[at])
        if moved is not None:
            self.log += [("moved", moved(index)) for index in range(at + 1, len(options))]
        answer = self.answers.pop(0)
        return answer if answer is None or isinstance(answer, int) else list(options).index(answer)

    async def pick_file(self, place: Listing, recent: Sequence[Path], shown: Path, here: Path) -> Path | None:
        self.log.append(("pick_file", place.title, *(str(path) for path in recent if path != shown)))
        answer = self.answers.pop(0)
        return None if answer is None else Path(answer)

    async def contents(
        self, entries: Sequence[Entry], at: int, moved: Callable[[int], None], fold: Callable[[int, bool], bool]
    ) -> int | None:
        """Does what the answer says: ("move", 1), ("fold", 1), ("unfold", 1), in this order; the last part is the result."""
        self.log.append(("contents", list(entries), at))
        *steps, result = self.answers.pop(0)
        for what, number in steps:
            if what == "move":
                moved(number)
            else:
                self.log.append(("folded", fold(number, what == "fold")))
        return result if result is None else int(result)

    async def ask(self, question: str, initial: str = "") -> str | None:
        self.log.append(("ask", question, initial))
        answer = self.answers.pop(0)
        return None if answer is None else str(answer)

    def copy(self, text: str) -> None:
        self.log.append(("copy", text))

    async def resolve(self, names: tuple[str, str], pages: Sequence[ConflictPage]) -> Sequence[Side] | None:
        self.log.append(("resolve", names, pages))
        answer = self.answers.pop(0)
        if callable(answer):
            await answer()
            answer = self.answers.pop(0)
        return answer if answer is None else list(answer)

    def page(self, title: str, text: str) -> None:
        self.log.append(("page", title, text))

    async def read(self, title: str, text: str) -> None:
        self.log.append(("read", title, text))

    async def suspend_for(self, work: Callable[[], T]) -> T:
        self.log.append(("suspend_for",))
        return work()

    @property
    def selected(self) -> int | None:
        return self.at_hand

    def types_of(self, output: Output, preferred: str = "") -> Sequence[str]:
        types = list(output.data)
        return [preferred, *(mime for mime in types if mime != preferred)] if preferred in types else types

    async def text_of(self, output: Output, mime: str = "") -> str:
        return output.stream.text() if output.stream is not None else str(output.data.get(mime, "an error"))

    def pages_of(self, output: Output, mime: str = "") -> Iterator[str]:
        yield output.stream.text() if output.stream is not None else str(output.data.get(mime, ""))

    def links_of(self, cell: CellId) -> Sequence[Link]:
        return self.links

    def folds(self, cell: CellId) -> bool:
        return self.long

    def columns_of(self, cell: CellId) -> tuple[int, int]:
        return self.columns

    def open_viewer(self, cell: CellId) -> None:
        self.log.append(("open_viewer", cell))

    async def open_file(self, name: str, data: bytes, *, page: bool) -> str:
        self.log.append(("open_file", name, data, page))
        return self.cannot_open

    async def edit_text(self, name: str, text: str, line: int = 1) -> str | None:
        self.log.append(("edit_text", name, text, line))
        answer = self.answers.pop(0)
        edited: str | None = answer(text) if callable(answer) else answer
        return edited

    async def open_link(self, url: str, folder: Path) -> str:
        self.log.append(("open_link", url))
        return self.cannot_open

    def find(self, *, backward: bool = False, replaces: bool = False) -> None:
        self.log.append(("find", *(["backward"] if backward else []), *(["replaces"] if replaces else [])))

    @property
    def given(self) -> int | None:
        return self.count_given

    def count(self, text: str) -> None:
        self.log.append(("count", text))

    def start_macro(self) -> None:
        self.log.append(("start_macro",))

    def end_macro(self) -> None:
        self.log.append(("end_macro",))

    def run_macro(self) -> None:
        self.log.append(("run_macro",))

    def end_or_run_macro(self) -> None:
        self.log.append(("end_or_run_macro",))

    def cancel(self) -> None:
        self.log.append(("cancel",))

    def find_again(self, direction: int) -> None:
        self.log.append(("find_again", direction))

    def help(self, topic: str = "") -> None:
        self.log.append(("help", *([topic] if topic else [])))

    def describe_key(self) -> None:
        self.log.append(("describe_key",))

    def palette(self, initial: str = "") -> None:
        self.log.append(("palette", initial))

    def scroll(self, *, rows: int = 0, pages: float = 0) -> None:
        self.log.append(("scroll", rows, pages))

    def visible_page(self, direction: int) -> None:
        self.log.append(("visible_page", direction))

    def go_to_prompt(self) -> None:
        self.log.append(("go_to_prompt",))

    def centre(self) -> None:
        self.log.append(("centre",))

    def put_at_edge(self, direction: int) -> None:
        self.log.append(("put_at_edge", direction))

    def show_end(self, covered: int) -> None:
        self.log.append(("show_end", covered))

    def redraw(self) -> None:
        self.log.append(("redraw",))

    def skip_step(self) -> bool:
        self.log.append(("skip_step",))
        return False

    def suspend(self) -> None:
        self.log.append(("suspend",))

    @property
    def theme(self) -> str:
        return next((entry[1] for entry in reversed(self.log) if entry[0] == "set_theme"), "dark")

    def set_theme(self, name: str) -> None:
        if name == "broken":
            raise ConfigError("not valid TOML", where="broken.toml", hint="correct that line")
        self.log.append(("set_theme", name))

    def themes(self) -> Sequence[str]:
        return ("dark", "light", "broken")

    def run_later(self, work: Awaitable[None]) -> None:
        self.later.append(work)

    def run_aside(self, work: Awaitable[None]) -> None:
        self.later.append(work)

    def detach(self, scope: Scope = Scope.TAB) -> None:
        self.log.append(("detach", *_beyond_tab(scope)))

    def detach_others(self) -> None:
        self.log.append(("detach_others",))

    def exit(self, scope: Scope = Scope.TAB) -> None:
        self.log.append(("exit", *_beyond_tab(scope)))


def _beyond_tab(scope: Scope) -> list[str]:
    return [] if scope is Scope.TAB else [scope.value]


class FakeTabs:
    """The tabs of a terminal, which go to none."""

    def __init__(self, *names: str, at: int = 0) -> None:
        self.entries = [Tab(name) for name in names]
        self.at = at
        self.log: list[tuple[Any, ...]] = []

    def go(self, index: int) -> None:
        self.log.append(("go", index))

    def open(self, path: Path, *, instead: bool = False) -> None:
        self.log.append(("open", str(path), *(["instead"] if instead else [])))

    def save_others(self) -> None:
        self.log.append(("save_others",))


def _cell(text: str, key: CellId, *, ids: bool) -> CellData:
    kind = KINDS.get(text[:1], "code") if text[1:2] == ":" else "code"
    source, _, output = (text if kind == "code" else text[2:]).partition("=")
    raw: dict[str, Any] = {"id": key, "metadata": {}} if ids else {"metadata": {}}
    outputs = (OutputData({"output_type": "stream", "name": "stdout", "text": output}),) if output else ()
    return CellData(key, kind, source.replace("/", "\n"), raw, outputs, 1 if output else None)


@cache
def _keymap(key_set: str) -> Keymap:
    return Keymap.from_tables(SETS[key_set])


class Desk:
    """A notebook in front of somebody who presses keys."""

    def __init__(self, notation: str, *, nbformat_minor: int = 5, keys: str = "jupyter") -> None:
        ids = (CellId(f"new{number}") for number in count(1))
        self.view = ViewState(keeps_editing=keys == "emacs")
        cells, marks = [], []
        for number, text in enumerate(notation.split("|") if notation else []):
            plain = text.translate({ord(mark): None for mark in "[]*^"})
            cells.append(_cell(plain, CellId(f"c{number}"), ids=nbformat_minor >= 5))
            marks.append({mark for mark in "[]*^" if mark in text})
        self.notebook = Notebook(cells, nbformat_minor=nbformat_minor, id_factory=lambda: next(ids))
        self.session = FakeSession(self.notebook, self.view)
        self.host = FakeHost(self.view)
        host = self.host
        self.context = Context(
            self.session,
            self.view,
            CLIENT,
            dialogs=host,
            viewport=host,
            outputs=host,
            inspection=host,
            editor=host.open_editor,
            system=host,
            keys=host,
        )
        self.keymap = _keymap(keys)
        self.keymap.reset()
        host.in_keys = lambda hint: in_keys(hint, self.keymap, self.view.mode)
        self._place(notation, cells, marks)

    def _place(self, notation: str, cells: Sequence[CellData], marks: Sequence[set[str]]) -> None:
        for cell, mark in zip(cells, marks, strict=True):
            if mark & {"*", "^"}:
                self.view.activate(cell.id)
        ends = [cell.id for cell, mark in zip(cells, marks, strict=True) if mark & {"[", "]"}]
        if ends and self.view.active is not None:
            active = self.view.active
            self.view.activate(ends[-1] if active == ends[0] else ends[0])
            self.view.extend(active)
        for cell, text in zip(cells, notation.split("|"), strict=False):
            if "^" in text:
                self.view.mode = Mode.EDIT
                bare = text.translate({ord(mark): None for mark in "[]*"}).partition("=")[0]
                self.host.open_editor.cursor = bare.index("^") - (2 if cell.kind != "code" else 0)

    def press(self, keys: str) -> None:
        """Presses keys one after the other, as `d d z`."""
        for key in keys.split():
            result = self.keymap.feed(self.view.mode.value, key_name(key), 0.0)
            if isinstance(result, Match):
                result.command(self.context)
                self.settle()

    def run(self, name: str, *answers: object) -> None:
        """Runs a command by its name, with answers to what it asks."""
        self.host.answers.extend(answers)
        COMMANDS[name](self.context)
        self.settle()

    def settle(self) -> None:
        """Awaits what commands left to be done beside the screen."""
        while self.host.later:
            work = self.host.later.pop(0)

            async def wait(work: Awaitable[None] = work) -> None:
                await work

            asyncio.run(wait())

    def said(self) -> list[str]:
        """What was told to the person at the screen."""
        return [entry[1] for entry in self.host.log if entry[0] == "notify"]

    def __str__(self) -> str:
        """The notebook as it is now, in the notation."""
        selected = self.view.selected(self.notebook)
        cells = []
        for cell in self.notebook:
            source = cell.source.replace("\n", "/")
            output = "".join(output.stream.text() for output in cell.outputs if output.stream)
            prefix = "" if cell.kind == "code" else f"{cell.kind[0]}:"
            active = cell.id == self.view.active
            mark = ("^" if self.view.mode is Mode.EDIT else "*") if active else ""
            text = f"{prefix}{source}{mark}{'=' + output if output else ''}"
            if len(selected) > 1:
                text = f"{'[' if cell.id == selected[0] else ''}{text}{']' if cell.id == selected[-1] else ''}"
            cells.append(text)
        return "|".join(cells)


@pytest.fixture
def desk() -> Callable[..., Desk]:
    """Makes a Desk of a notation."""
    return Desk
