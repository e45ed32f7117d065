"""Rows (before, keys, after) of the sets of keys, and how they are played on a desk.

A row presses a binding if the command of its last keys makes the difference: what is seen after them is not seen before.
test_every_set.py plays all rows, and fails for a binding that none presses.
"""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from tests.commands.conftest import CLIENT, Desk, FakeEditor, FakeTabs
from tests.commands.test_widgets import show
from tuinb.analysis.problems import Problem
from tuinb.commands.host import Link
from tuinb.commands.keymap.key_names import key_name
from tuinb.commands.keymap.keymap import Keymap, Match
from tuinb.commands.keymap.sets import SETS
from tuinb.editing import languages, operators
from tuinb.editing.buffer import Buffer
from tuinb.editing.selection import Selection, State
from tuinb.editing.view import Measure, Rows
from tuinb.errors import TuinbError
from tuinb.kernel.execution.effects import Prompt
from tuinb.lsp.answers import Location
from tuinb.notebook import sections
from tuinb.notebook.changes import AppendOutput, SpliceSource, Transaction
from tuinb.render.safe import one_to_one, width
from tuinb.session.call_stack import CallStack
from tuinb.session.debugger import SessionDebugger
from tuinb.session.state import Frame, Stop
from tuinb.workspace.jumps import Place
from tuinb.workspace.view_state import Look, Mode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from tuinb.editing.selection import Motion, Operator


# ---- what is seen of a desk


def cells(it: Desk) -> list[object]:
    """The notebook, in its notation."""
    return [str(it)]


def host(it: Desk) -> list[object]:
    """What the screen was asked for, and what it told the user."""
    return list(it.host.log)


def session(it: Desk) -> list[object]:
    """All that the session was asked for: the kernel and the file."""
    return [list(it.session.log)]


def editor(it: Desk) -> list[object]:
    """The actions that the editor was asked for; its text and the mark, if it was given the text."""
    found = it.host.open_editor
    texts = [written(found.state), f"mark {found.state.mark}"] if isinstance(found, TextEditor) else []
    return [*texts, *found.performed]


def tabs(it: Desk) -> list[object]:
    """Where the user went among the tabs."""
    return list(it.host.tabs.log) if it.host.tabs is not None else []


def servers(it: Desk) -> list[object]:
    """What language servers were asked for."""
    return list(it.session.languages.asked)


def places(it: Desk) -> list[object]:
    """The places that are marked by a letter."""
    return [f"{letter} at {place.offset} of {place.cell}" for letter, place in it.view.marks.items()]


def resumed(it: Desk) -> list[object]:
    """How the kernel went on from where it was stopped."""
    return list(it.session.debugger.resumed) if isinstance(it.session.debugger, StoppedDebugger) else []


def breakpoints(it: Desk) -> list[object]:
    """The breakpoints of the active cell."""
    return [] if it.view.active is None else list(it.session.breakpoints_of(it.view.active))


def programs(it: Desk) -> list[object]:
    """The names of the files that were given to the user's editor."""
    return [entry[1] for entry in it.host.log if entry[0] == "edit_text"]


def folded(it: Desk) -> list[object]:
    """All headings whose sections are folded, and all cells whose source is hidden."""
    found = [f"{cell.source} is folded" for cell in it.notebook if sections.is_folded(cell, it.view.folds)]
    return [found + [f"{cell.source} is hidden" for cell in it.notebook if sections.source_hidden(cell)]]


def view(it: Desk) -> list[object]:
    """How it is shown: the cells with whole outputs, the look of the active cell's outputs, line numbers, and long lines."""
    look = Look() if it.view.active is None else it.view.look(it.view.active)
    lines = ["numbers" if it.view.line_numbers else "no numbers", "wrapped" if it.view.soft_wrap else "cut"]
    return [set(it.view.unfolded), look.mime, f"column {look.start}", *lines]


# ---- what is given


def nothing(it: Desk) -> None:
    """Leaves the desk as it is."""


def answers(*given: object) -> Callable[[Desk], None]:
    """The user answers questions so."""

    def prepare(it: Desk) -> None:
        it.host.answers = list(given)

    return prepare


def two_tabs(it: Desk) -> None:
    """The terminal has two other notebooks open, before this one and after it."""
    it.host.tabs = FakeTabs("load", "analysis", "plot", at=1)
    it.host.environ = {"XDG_STATE_HOME": "/nowhere"}


def ten_tabs(it: Desk) -> None:
    """The terminal has ten notebooks open, and shows the last one."""
    it.host.tabs = FakeTabs(*"abcdefghij", at=9)


def detachable(it: Desk) -> None:
    """The session goes on without this terminal."""
    it.host.can_detach = True


def wide_output(it: Desk) -> None:
    """The outputs are wider than the screen, and 13 columns of them are passed."""
    it.host.columns = (40, 100)
    if it.view.active is not None:
        it.view.set_look(it.view.active, Look(start=13))


def first_and_last_edited(it: Desk) -> None:
    """The first and the last cell are edited since they ran."""
    it.session.edited = {it.notebook.order[0], it.notebook.order[-1]}


def first_and_last_have_problems(it: Desk) -> None:
    """The linter found a problem in the first cell and one in the last."""
    first, last = it.notebook.order[0], it.notebook.order[-1]
    it.view.problems = {first: (Problem(0, 0, "first problem"),), last: (Problem(0, 0, "last problem"),)}


def last_failed(it: Desk) -> None:
    """The last cell failed in its second line."""
    traceback = ["Cell In[1], line 2", "      1 a", "----> 2 b"]
    error = {"output_type": "error", "ename": "E", "evalue": "", "traceback": traceback}
    it.notebook.apply(Transaction((AppendOutput(it.notebook.order[-1], error),), CLIENT))


def last_runs(it: Desk) -> None:
    """The kernel runs the last cell."""
    it.session.running = it.notebook.order[-1]


def waits_for_input(it: Desk) -> None:
    """The kernel waits for input to the first cell."""
    it.session.prompt = Prompt(it.notebook.order[0], "name? ", password=False)


def came_from_the_first(it: Desk) -> None:
    """The user jumped from the first cell to where the user is."""
    it.view.jumps.remember(Place(it.notebook.order[0]))


def marked(it: Desk) -> None:
    """The last cell has the mark a, which the user chooses."""
    it.view.marks = {"a": Place(it.notebook.order[-1])}
    it.host.answers = [0]


def linked(it: Desk) -> None:
    """The cell has a link, which the user chooses."""
    it.host.answers = [0]
    it.host.links = [Link("a page", "https://example.org")]


def check_box(it: Desk) -> None:
    """The first cell shows a widget, which is off."""
    show(it, on={"_model_name": "CheckboxModel", "description": "on", "value": False})


def two_types(it: Desk) -> None:
    """The first cell has an output with two types. The user chooses the second."""
    data = {"text/html": "<b>x</b>", "text/plain": "x"}
    output = {"output_type": "display_data", "data": data, "metadata": {}}
    it.notebook.apply(Transaction((AppendOutput(it.notebook.order[0], output),), CLIENT))
    it.host.answers = [1]


def formatter(it: Desk) -> None:
    """A program formats code."""
    it.context = replace(it.context, formatters={"python": ("sed", "s/ //g")})
    it.host.environ["PATH"] = os.defpath


def language_server(it: Desk) -> None:
    """A language server knows that the name is set in the first cell and used in the last, and can rename it to new."""
    first, last = it.notebook.order[0], it.notebook.order[-1]
    renamed = [SpliceSource(first, 0, it.notebook[first].source, "new"), SpliceSource(last, 0, it.notebook[last].source, "new")]
    it.session.languages.answers = {
        "definition": [Location(first, 0)],
        "references": [Location(first, 0), Location(last, 0)],
        "rename": renamed,
    }


def sorts_imports(it: Desk) -> None:
    """A language server sorts the imports of the first cell."""
    first = it.notebook.order[0]
    lines = it.notebook[first].source
    it.session.languages.answers = {
        "source.organizeImports": [SpliceSource(first, 0, lines, "\n".join(sorted(lines.split("\n"))))]
    }


USES = ("choose", "val is used in 2 places", ["cell 1, line 1: val", "cell 2, line 1: val"])
"""What the user is asked about the uses of a name on such a desk, `val|val`."""


def renaming(it: Desk) -> None:
    """A language server renames what the user asks for."""
    language_server(it)
    it.host.answers = ["new"]


def stopped(it: Desk) -> None:
    """The kernel is stopped at a breakpoint."""
    it.session.debugger = StoppedDebugger(it)


class StoppedDebugger(SessionDebugger):
    """Notes how it goes on."""

    def __init__(self, it: Desk) -> None:
        super().__init__(it.notebook, lambda event: None)
        self.stop = Stop(7, "breakpoint", (Frame(1, "f", it.view.active, 0, "/1.py"),))
        self.stack = CallStack("Stopped", self.stop.frames, self)
        self.resumed: list[str] = []

    async def resume(self, command: str) -> bool:
        self.resumed.append(command)
        return True


def registers(it: Desk) -> None:
    """The editor has vim's registers."""
    it.host.open_editor.is_modal = True


def text(it: Desk) -> None:
    """The editor has the text of the active cell."""
    it.host.open_editor = TextEditor(it)
    it.context = replace(it.context, editor=it.host.open_editor)


class TextEditor(FakeEditor):
    """An editor that changes a text as the real one does. Only what needs the screen is noted in `performed`."""

    def __init__(self, it: Desk) -> None:
        at = it.host.open_editor.cursor
        super().__init__(it.view, it.host.log)
        cell = it.notebook[it.view.active] if it.view.active is not None else None
        buffer = Buffer(cell.source if cell is not None else "")
        language = "markdown" if cell is not None and cell.kind == "markdown" else "python"
        rows = Rows(buffer.lines, Measure(one_to_one, width), width=0)
        self.state = State(buffer, rows, languages.rules(language), (Selection(at, at),), page=2)
        self._follow()

    @property
    def selection(self) -> tuple[int, int]:
        return self.state.selection.start, self.state.selection.end

    def perform(self, action: str) -> None:
        if action == "cut-lines":
            self._log.append(("copy", operators.whole_lines(self.state)))
            self.change(operators.delete_lines)
        else:
            super().perform(action)

    def move(self, motion: Motion, *, extend: bool = False) -> None:
        self.state.move(motion, extend=extend or self.state.marking)
        self._follow()

    def change(self, operator: Operator) -> None:
        for index in range(count := len(self.state.selections)):
            edit = operator(self.state, self.state.selections[index])
            if edit is not None:
                self.state.splice(edit.start, edit.end, edit.text)
                if count == 1:
                    self.state.finish(edit)
                else:
                    self.state.finish_one(index, edit)
        self.state.merge()
        self._follow()

    def update(self, change: Callable[[State], None]) -> None:
        change(self.state)
        self._follow()

    def kill(self, operator: Operator, *, before: bool = False) -> None:
        was = self.state.buffer.text
        self.change(operator)
        self.performed.append(f"kill {len(was) - len(self.state.buffer.text)}{' before' if before else ''}")

    def _follow(self) -> None:
        start, end = self.selection
        self.cursor, self.selected = self.state.selection.head, self.state.buffer.text[start:end]
        self.has_several = len(self.state.selections) > 1


def written(state: State) -> str:
    """A text as rows write it: `/` for a newline, `^` for each cursor, `~` for the other end of what is selected."""
    found = state.buffer.text.replace("\n", "/")
    marks = [(each.head, "^") for each in state.selections]
    marks += [(each.anchor, "~") for each in state.selections if not each.is_empty]
    for at, mark in sorted(marks, reverse=True):
        found = found[:at] + mark + found[at:]
    return found


# ---- rows


class Row(NamedTuple):
    """One case of a set of keys."""

    before: str
    """The notebook, in the notation of a Desk."""
    keys: str
    after: object
    """Is among what `seen` returns after the keys."""
    seen: Callable[[Desk], Sequence[object]]
    mode: str = ""
    """The mode of vim's keys while a cell is edited."""
    given: Callable[[Desk], object] = nothing
    """Prepares the desk."""


def rows(
    table: Iterable[tuple[str, str, object]],
    seen: Callable[[Desk], Sequence[object]],
    given: Callable[[Desk], object] = nothing,
) -> list[Row]:
    """Makes rows of (before, keys, after)."""
    return [Row(before, keys, after, seen, given=given) for before, keys, after in table]


def vim_rows(
    table: Iterable[tuple[str, str, str, object]],
    seen: Callable[[Desk], Sequence[object]],
    given: Callable[[Desk], object] = nothing,
) -> list[Row]:
    """Makes rows of (mode, before, keys, after)."""
    return [Row(before, keys, after, seen, mode, given) for mode, before, keys, after in table]


class Played(NamedTuple):
    """What a row did."""

    seen: Sequence[object]
    before_last: Sequence[object]
    """What was seen before the command of the last keys."""
    bindings: list[tuple[str, tuple[str, ...], str]]
    """Mode, keys and command of all that was pressed."""


def play(row: Row, key_set: str, commands: Sequence[str] | None = None) -> Played | None:
    """Presses the keys of a row. Returns None before a command that is another one than `commands` has."""
    it = Desk(row.before, keys=key_set)
    it.host.answers = [None]
    row.given(it)
    seen: Sequence[object] = row.seen(it)
    found: list[tuple[str, tuple[str, ...], str]] = []
    edit_mode = row.mode if row.mode not in ("", "command") else next(mode for mode in SETS[key_set] if mode != "command")
    for key in row.keys.split():
        mode = "command" if it.view.mode is Mode.COMMAND else edit_mode
        pending, name = it.keymap.pending, key_name(key)
        result = it.keymap.feed(mode, name, 0.0)
        if not isinstance(result, Match):
            continue
        keys = (*pending, name)[len(result.unmatched) :]
        found.append((mode, keys, result.command.name))
        if commands is not None and [name for _, _, name in found] != list(commands[: len(found)]):
            return None
        seen = row.seen(it)
        try:
            result.command(it.context)
            it.settle()
        except TuinbError as error:  # the screen shows it
            it.host.notify(str(error), "error")
    if commands is not None and len(commands) != len(found):
        return None
    return Played(row.seen(it), seen, found)


class Check:
    """Plays rows of one set of keys. Collects rows that are wrong, and bindings that a row pressed."""

    def __init__(self, key_set: str) -> None:
        self._key_set = key_set
        self.wrong: list[tuple[object, ...]] = []
        self.pressed: set[tuple[str, tuple[str, ...]]] = set()

    def row(self, row: Row, commands: Sequence[str] | None = None) -> None:
        """Plays a row; with `commands` only if its keys run these. Emacs' keys with Alt are typed with Escape, too."""
        played = play(row, self._key_set, commands)
        if played is None:
            return
        self._note(row, played)
        spelled = [_with_escape(keys) if mode == "edit" else keys for mode, keys, _ in played.bindings]
        if self._key_set == "emacs" and spelled != [keys for _, keys, _ in played.bindings]:
            twin = row._replace(keys=" ".join(key for keys in spelled for key in keys))
            again = play(twin, self._key_set)
            assert again is not None
            self._note(twin, again)

    def _note(self, row: Row, played: Played) -> None:
        after = row.after
        if self._key_set == "emacs" and row.seen is cells and "^" in row.before and after not in played.seen:
            after = str(after).replace("*", "^")  # another cell is edited then
        if after not in played.seen:
            self.wrong.append((row.mode, row.before, row.keys, row.after, played.seen))
        elif after not in played.before_last and played.bindings:
            self.pressed.add(played.bindings[-1][:2])

    def unpressed(self) -> list[tuple[str, str, str]]:
        """Returns mode, keys and command of the bindings that no row pressed."""
        keymap = Keymap.from_tables(SETS[self._key_set])
        return [
            (str(mode), " ".join(keys), name)
            for mode in keymap.modes
            for keys, name in keymap.bindings(mode).items()
            if (mode, keys) not in self.pressed
        ]


def _with_escape(keys: tuple[str, ...]) -> tuple[str, ...]:
    """Returns keys with Escape for an Alt of the first one."""
    return ("escape", keys[0].removeprefix("alt+"), *keys[1:]) if keys[0].startswith("alt+") else keys
