"""What vim's keys change: the text, the cursor, the mode, and what all texts share. And the surroundings that they need."""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple, Protocol

from tuinb.editing.buffer import Place
from tuinb.editing.languages import Language
from tuinb.editing.vim.registers import Held, Kind, Registers
from tuinb.editing.vim.walk import column_at, first_nonblank, screen_column
from tuinb.record import Record

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from tuinb.editing.buffer import Splice


_START = Place(0, 0)


class Mode(StrEnum):
    """Modes, as the status line names them."""

    NORMAL = "NORMAL"
    INSERT = "INSERT"
    REPLACE = "REPLACE"
    VISUAL = "VISUAL"
    VISUAL_LINE = "V-LINE"
    VISUAL_BLOCK = "V-BLOCK"
    COMMAND_LINE = "COMMAND"
    CONFIRM = "CONFIRM"


VISUAL_MODES = {Kind.CHARACTERS: Mode.VISUAL, Kind.LINES: Mode.VISUAL_LINE, Kind.BLOCK: Mode.VISUAL_BLOCK}


SEARCH_SECONDS, CHANGE_SECONDS = 0.2, 1.0
"""CPU time that a pattern may take: for a search, and for a change of many lines."""


class Failed(Exception):  # noqa: N818 - not an error of the program
    """A command can't be done: nothing changes, and what would follow it in a macro is not done. May have a message."""


class TooSlow(Failed):
    """A pattern took too long."""


class Text(Protocol):
    """The text. `editing.buffer.Buffer` is one."""

    @property
    def text(self) -> str:
        """The text."""
        ...

    @property
    def lines(self) -> Sequence[str]:
        """Its lines."""
        ...

    def place(self, offset: int) -> Place:
        """Returns the place of an offset."""
        ...

    def offset(self, place: Place) -> int:
        """Returns the offset of a place."""
        ...

    def start(self, row: int) -> int:
        """Returns the offset of the start of a line."""
        ...

    def splice(self, start: int, end: int, inserted: str) -> Splice:
        """Replaces text."""
        ...


class Host:
    """What vim asks of its surroundings. This one has a text alone, without history, clipboard, screen or notebook."""

    def undo(self) -> bool:
        """Undoes a step. Returns False if there is none."""
        return False

    def redo(self) -> bool:
        """Redoes a step. Returns False if there is none."""
        return False

    def end_step(self) -> None:
        """Ends a step of undo: what is changed next is another one."""

    def type_text(self, text: str) -> int | None:
        """Types text at the cursor by the rules of the editor. Returns where the cursor is then; None to insert it as it is."""
        return None

    def indent_below(self, row: int) -> str | None:
        """Returns how a line below a row is indented by the rules of the language. None to indent it as that row."""
        return None

    @property
    def clipboard(self) -> str:
        """The text of the clipboard."""
        return ""

    def copy(self, text: str) -> None:
        """Copies text to the clipboard."""

    @property
    def name(self) -> str:
        """The name of the file, for the register `%`."""
        return ""

    def visible_rows(self) -> range | None:
        """Returns the rows of the text that are in view, if there is a view."""
        return None

    def screen_row(self, place: Place, rows: int, wanted: int | None) -> tuple[Place, int] | None:
        """Returns the place `rows` rows of the screen below, and the column that is wanted. None if lines are not wrapped."""
        return None

    def find_outside(self, regex: re.Pattern[str], count: int, *, forward: bool) -> bool:
        """Goes to a match in another text. Returns False if there is none."""
        return False

    def remember_jump(self, before: Place) -> None:
        """Notes a place that is left by a jump, for the list of jumps."""

    def follow_mark(self, name: str) -> None:
        """Follows a mark of the notebook, an upper-case letter, that was set in this text, or removed."""

    def go_to_mark(self, name: str, *, linewise: bool) -> bool:
        """Goes to a mark in another text, or to the start of its line. Returns False if there is none."""
        return False

    def marks_elsewhere(self) -> Sequence[str]:
        """Returns lines that tell the marks in other texts."""
        return ()

    def limit(self, seconds: float) -> AbstractContextManager[None]:
        """Returns a context that raises TimeoutError if its body takes more CPU time."""
        return nullcontext()

    def leave(self, direction: int) -> bool:
        """Leaves the text for the next one, up (-1) or down (1). Returns False if there is none."""
        return False

    def run(self, command: str, argument: str = "") -> bool:
        """Runs a command of the surroundings by name. Returns False if there is none of this name."""
        return False

    def run_program(self, command: str, text: str, then: Callable[[str], None]) -> bool:
        """Runs a command of the shell with a text as its input, and later `then` with what it writes, unless it fails.

        Returns False if no program can be run.
        """
        return False

    def read_file(self, name: str) -> str:
        """Returns the text of a file. Raises Failed."""
        raise Failed("No file can be read here.")

    def write_file(self, name: str, text: str, *, overwrites: bool) -> None:
        """Writes text to a file. Raises Failed, also for a file that exists, unless it `overwrites` that."""
        raise Failed("No file can be written here.")

    def notify(self, text: str, *, error: bool = False) -> None:
        """Shows a message."""


class HostOfCopy(Host):
    """The surroundings while a command works on a copy of the text: they do not change, show or leave the text itself."""

    def __init__(self, host: Host) -> None:
        self._host = host

    def indent_below(self, row: int) -> str | None:
        return self._host.indent_below(row)

    @property
    def clipboard(self) -> str:
        return self._host.clipboard

    def copy(self, text: str) -> None:
        self._host.copy(text)

    @property
    def name(self) -> str:
        return self._host.name

    def limit(self, seconds: float) -> AbstractContextManager[None]:
        return self._host.limit(seconds)

    def notify(self, text: str, *, error: bool = False) -> None:
        self._host.notify(text, error=error)


class Search(NamedTuple):
    """What was searched last."""

    pattern: str
    forward: bool
    offset: str = ""
    """What follows the pattern: `e`, `+1`."""
    smart: bool = True
    """Whether upper-case letters in the pattern make the search heed case. Not after `*`."""


class Find(NamedTuple):
    """The last `f`, `F`, `t` or `T`."""

    character: str
    forward: bool
    till: bool


class Area(NamedTuple):
    """The size of what was selected, so that `.` can do the same with as much text."""

    kind: Kind
    rows: int
    columns: int
    """Columns of the last row; FAR for up to the ends of the lines."""


class Change(Record):
    """The last change, for `.`."""

    keys: str
    """The keys of the command without its count and its register."""
    count: int | None = None
    register: str = ""
    typed: str | None = None
    """What was typed in insert mode, if the command leads to it."""
    area: Area | None = None


class Substitution(NamedTuple):
    """What `:s` does."""

    pattern: str
    replacement: str
    flags: str = ""


@dataclass(slots=True)
class Options:
    """What `:set` changes."""

    ignorecase: bool = True
    smartcase: bool = True
    wrapscan: bool = True
    gdefault: bool = False
    tabstop: int = 8
    shiftwidth: int = 4
    expandtab: bool = True
    autoindent: bool = True
    clipboard: str = ""
    """`unnamedplus` if what is copied and put without a register is the clipboard's."""
    hlsearch: bool = True
    """Whether matches are marked after a search."""
    yank_to_end: bool = False
    """Whether `Y` copies to the end of the line, as `D` and `C` do."""


@dataclass(slots=True)
class Shared:
    """What all texts share."""

    registers: Registers = field(default_factory=Registers)
    options: Options = field(default_factory=Options)
    search: Search | None = None
    find: Find | None = None
    change: Change | None = None
    substitution: Substitution | None = None
    inserted: str = ""
    """The text that was inserted last."""
    lines: list[str] = field(default_factory=list)
    """Lines of the command line, oldest first, each with its `:`, `/` or `?`."""
    recording: str = ""
    """The register that keys are recorded in."""
    recorded: list[str] = field(default_factory=list)
    macro: str = ""
    """The register that was played last."""
    highlights: bool = False
    """Whether matches of the last search are marked."""
    program: str = ""
    """The command of the shell that was run last."""

    def end_recording(self) -> bool:
        """Puts the keys that were recorded into their register. Returns False if none are recorded."""
        if not self.recording:
            return False
        self.registers.set(self.recording, Held("".join(self.recorded)))
        self.recording, self.recorded = "", []
        return True


@dataclass(slots=True)
class Visual:
    """A selection."""

    kind: Kind
    anchor: Place
    to_end: bool = False
    """Whether a block goes to the ends of its lines."""


class Block(NamedTuple):
    """Rows of a block that get the same text."""

    rows: range
    column: int
    """The column of the screen, or FAR for the ends of the lines."""
    fills: bool = False
    """Whether blanks are added to lines that are shorter."""
    left: int | None = None
    """The column of the line that the cursor goes to at the end."""


@dataclass(slots=True)
class Insertion:
    """A stay in insert or replace mode."""

    start: Place
    count: int = 1
    keys: list[str] = field(default_factory=list)
    """What was typed."""
    opens: str = ""
    """The key that opens a line for each repetition: `o` or `O`."""
    replaces: bool = False
    replaced: list[str] = field(default_factory=list)
    """The characters that were typed over in replace mode; empty ones for characters that were added."""
    indent: int | None = None
    """The row whose indentation is removed if nothing is typed on it."""
    block: Block | None = None
    """Where else what is typed is inserted."""
    once: bool = False
    """Whether one command is run before insert mode goes on (Ctrl+O)."""
    moved: bool = False
    """Whether the cursor was moved, so that what was typed before is not repeated."""


@dataclass(slots=True)
class CommandLine:
    """The line after `:`, `/` or `?` that is being written."""

    sign: str
    text: str = ""
    at: int = 0
    history: int | None = None
    """Index in the history that is shown."""
    draft: str = ""
    quoting: str = ""
    """Keys that wait for another one: Ctrl+R or Ctrl+V."""
    repeated: tuple[int | None, str] | None = None
    """The count and the keys of an operator that began the line of a program, for `.`."""


class Match(NamedTuple):
    """A match: its ends, and the text of its groups, the whole match first."""

    start: int
    end: int
    groups: Sequence[str]


@dataclass(slots=True)
class Confirmation:
    """Matches of `:s` with the flag `c`, of which one is asked about."""

    matches: Sequence[Match]
    template: str
    index: int = 0
    """The match that is asked about."""
    shift: int = 0
    """How far the text behind the replacements has moved."""
    done: int = 0
    lines: int = 0
    """Replacements so far, and the lines that they were in."""
    last_row: int = -1


class Rows:
    """Rows in which `:g` has still to run its command, the first ones first. They follow their lines.

    Most changes are at or above the first of them, and move all rows by the same number.
    """

    def __init__(self, rows: list[int]) -> None:
        self._rows = rows[::-1]
        self._shift = 0

    def pop(self) -> int | None:
        """Removes and returns the first row. None if there is none."""
        return self._rows.pop() + self._shift if self._rows else None

    def move(self, first: int, removed: int, added: int) -> None:
        """Notes that `removed` rows from `first` on were replaced by `added` rows."""
        if self._rows and self._rows[-1] + self._shift < first + removed:
            rows = [row + self._shift for row in self._rows]
            by = added - removed
            self._rows = [row + by if row >= first + removed else row for row in rows if not first <= row < first + removed]
            self._shift = 0
        else:
            self._shift += added - removed


@dataclass(slots=True)
class Vim:
    """One text that is edited with vim's keys. Functions of the other modules change it."""

    text: Text
    host: Host = field(default_factory=Host)
    language: Language = field(default_factory=Language)
    shared: Shared = field(default_factory=Shared)
    cursor: Place = _START
    wanted: int = 0
    """The column of the screen that moves up and down lead to."""
    mode: Mode = Mode.NORMAL
    pending: str = ""
    """Keys of an unfinished command."""
    lines_given: list[str] = field(default_factory=list)
    """Lines that were written for the unfinished command."""
    visual: Visual | None = None
    insertion: Insertion | None = None
    line: CommandLine | None = None
    confirmation: Confirmation | None = None
    """The matches that `:s` asks about."""
    marks: dict[str, Place] = field(default_factory=dict)
    """Marks by their letter or sign: `a`, `<`, `[`, `.`, `^`, `'`."""
    last_visual: tuple[Visual, Place] | None = None
    """The last selection and its other end."""
    changes: list[Place] = field(default_factory=list)
    """Places of changes, for `g;`."""
    change_index: int = 0
    depth: int = 0
    """How deep macros and repetitions are nested."""
    played: int = 0
    """Keys that were played since the last one that was typed."""
    line_before: tuple[int, str, int] | None = None
    """The row of the last changed line, its text before the changes, and the column of the cursor then, for `U`."""
    global_rows: Rows | None = None
    """The rows in which `:g` has still to run its command, on a copy of the text."""
    repeating: bool = False
    """Whether `.` is repeating a command, which is then not noted again."""
    operator: str = ""
    """The operator whose motion is carried out."""
    origin: Place = _START
    """The cursor before the motion of an operator."""
    play: Callable[[str], None] = field(default=lambda keys: None)
    """Runs keys as if they were typed. Set by the machine."""
    undo_cursors: dict[tuple[int, int], Place] = field(default_factory=dict)
    """The cursor before a step, by the hashes of the texts before and after it."""
    step: tuple[int, Place] | None = None
    """The hash of the text before the step that goes on, and the cursor then."""

    # ---- reading

    @property
    def lines(self) -> Sequence[str]:
        """The lines of the text."""
        return self.text.lines

    @property
    def line_here(self) -> str:
        """The line of the cursor."""
        return self.text.lines[self.cursor.row]

    @property
    def last_row(self) -> int:
        """The last row."""
        return len(self.text.lines) - 1

    @property
    def pending_operator(self) -> bool:
        """Whether a motion is carried out for an operator."""
        return bool(self.operator)

    @property
    def options(self) -> Options:
        """The options."""
        return self.shared.options

    @contextmanager
    def limit(self, pattern: str, seconds: float = SEARCH_SECONDS) -> Iterator[None]:
        """Raises TooSlow in the body if that takes more CPU time: Python's expressions may take for ever."""
        try:
            with self.host.limit(seconds):
                yield
        except TimeoutError:
            raise TooSlow(f"The pattern '{pattern}' takes too long, and was given up.") from None

    def wanted_at(self, place: Place) -> int:
        """Returns the column of the screen that moves up and down from a place lead to."""
        line = self.lines[place.row]
        column = screen_column(line, place.column, self.options.tabstop)
        if line[place.column : place.column + 1] == "\t" and self.visual is None:
            return column + self.options.tabstop - column % self.options.tabstop - 1
        return column

    def at_column(self, row: int, wanted: int) -> Place:
        """Returns the place in a row at or before a column of the screen, at most on the last character.

        In insert mode, and where characters or a block are selected, at most behind it.
        """
        line = self.lines[row]
        behind = self.mode in (Mode.INSERT, Mode.REPLACE) or (self.visual is not None and self.visual.kind is not Kind.LINES)
        most = len(line) - (0 if behind else 1)
        return Place(row, max(0, min(column_at(line, wanted, self.options.tabstop), most)))

    def clamped(self, place: Place) -> Place:
        """Returns the nearest place on a character; in insert and visual mode, also the one behind the last character."""
        row = max(0, min(place.row, self.last_row))
        behind = self.mode in (Mode.INSERT, Mode.REPLACE) or self.visual is not None
        return Place(row, max(0, min(place.column, len(self.lines[row]) - (0 if behind else 1))))

    def nonblank(self, row: int) -> Place:
        """Returns the first character of a row that is no blank, or the last character of the row."""
        line = self.lines[row]
        return Place(row, max(0, min(first_nonblank(line), len(line) - 1)))

    # ---- changing

    def move(self, place: Place, wanted: int | None = None) -> None:
        """Moves the cursor."""
        self.cursor = place
        self.wanted = self.wanted_at(place) if wanted is None else wanted

    def replace(self, start: Place, end: Place, inserted: str) -> None:
        """Replaces text. Marks below it stay at their lines; those on lines that are gone are dropped."""
        first, last = self.text.offset(start), self.text.offset(end)
        if first == last and not inserted:
            return
        if self.step is None:
            self.step = hash(self.text.text), self.cursor
        if start.row != end.row or "\n" in inserted:
            self.line_before = None
        elif self.line_before is None or self.line_before[0] != start.row:
            column = self.cursor.column if self.cursor.row == start.row else 0
            self.line_before = start.row, self.lines[start.row], column
        splice = self.text.splice(first, last, inserted)
        removed, added = splice.removed.count("\n"), splice.inserted.count("\n")
        if removed != added:
            self._move_marks(splice.start, removed, added)
        new = self.text.place(splice.at + len(inserted))
        self.marks["["], self.marks["]"] = splice.start, new
        self.marks["."] = splice.start

    def type_text(self, text: str) -> bool:
        """Lets the surroundings type text at the cursor, by their rules. Returns False if they have none."""
        if self.step is None:
            self.step = hash(self.text.text), self.cursor
        start, rows = self.cursor, len(self.lines)
        offset = self.host.type_text(text)
        if offset is None:
            return False
        if len(self.lines) > rows:
            self._move_marks(start, 0, len(self.lines) - rows)
        self.marks["["], self.marks["."] = start, start
        self.move(self.text.place(offset))
        self.marks["]"] = self.cursor
        return True

    def _move_marks(self, start: Place, removed: int, added: int) -> None:
        first = start.row + (1 if start.column or not removed else 0)
        if start.column == 0 and not removed:
            first = start.row
        if self.global_rows is not None:
            self.global_rows.move(first, removed, added)
        for name, place in list(self.marks.items()):
            if place.row >= first + removed:
                self.marks[name] = Place(place.row + added - removed, place.column)
            elif place.row >= first and name.islower():
                del self.marks[name]

    def end_step(self) -> None:
        """Ends a step of undo, and notes where the cursor was before it."""
        if self.step is not None:
            before, cursor = self.step
            if len(self.undo_cursors) > 2_000:
                self.undo_cursors.clear()
            self.undo_cursors[before, hash(self.text.text)] = cursor
            self.step = None
            changed = self.marks.get(".", self.cursor)
            if not self.changes or self.changes[-1].row != changed.row:
                self.changes.append(changed)
            self.changes[-1] = changed
            del self.changes[:-100]
            self.change_index = len(self.changes)
        self.host.end_step()

    def set_jump(self, before: Place | None = None) -> None:
        """Notes the place before the last jump: the cursor, if none is given."""
        before = before or self.cursor
        self.marks["'"] = before
        self.host.remember_jump(before)

    # ---- registers

    def held(self, name: str) -> Held:
        """Returns the content of a register. Raises Failed if it is empty."""
        shared, given = self.shared, name
        special = {
            ".": shared.inserted,
            ":": next((line[1:] for line in reversed(shared.lines) if line[0] == ":"), ""),
            "/": shared.search.pattern if shared.search else "",
            "%": self.host.name,
        }
        if not name and self._to_clipboard(name):
            last = shared.registers.get('"')
            # What was copied here keeps its kind.
            name = "" if last is not None and last.shown == self.host.clipboard else "+"
        if name in ("+", "*"):
            text = self.host.clipboard
            held: Held | None = Held(text.removesuffix("\n"), Kind.LINES) if text.endswith("\n") else Held(text)
            held = held if text else shared.registers.get('"') if given == "" else None
        elif name in special:
            held = Held(special[name]) if special[name] else None
        else:
            held = shared.registers.get(name or '"')
        if held is None:
            raise Failed(f"Register {name or chr(34)} is empty.")
        return held

    def _to_clipboard(self, name: str) -> bool:
        """Returns whether a register is the clipboard."""
        return name in ("+", "*") or (not name and self.options.clipboard == "unnamedplus")

    def yank(self, name: str, held: Held) -> None:
        """Notes text that was copied."""
        if self._to_clipboard(name):
            self.host.copy(held.shown)
        self.shared.registers.yank("" if name in ("+", "*") else name, held)

    def delete_to(self, name: str, held: Held, *, small: bool) -> None:
        """Notes deleted text."""
        if self._to_clipboard(name):
            self.host.copy(held.shown)
        self.shared.registers.delete("" if name in ("+", "*") else name, held, small=small)
