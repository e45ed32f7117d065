"""Vim's keys over the editor: gives keys to `editing.vim`, and serves what that asks of the screen and the notebook."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tuinb.editing import motions
from tuinb.editing.buffer import Buffer, Place
from tuinb.editing.indent import next_indent
from tuinb.editing.selection import Selection
from tuinb.editing.view import TAB, Point
from tuinb.editing.vim import keys, pattern, substitution
from tuinb.editing.vim import search as vim_search
from tuinb.editing.vim.machine import Machine
from tuinb.editing.vim.operators import begin_insert, block_piece, selected_region
from tuinb.editing.vim.registers import Kind
from tuinb.editing.vim.state import VISUAL_MODES, Failed, Host, Insertion, Mode, Shared, TooSlow, Vim, Visual
from tuinb.editing.vim.walk import column_at
from tuinb.regex_timeout import regex_timeout
from tuinb.render.safe import clean
from tuinb.terminal.cursor import CursorShape

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

    from tuinb.editing.buffer import Splice
    from tuinb.ui.editor.mapped_keys import MappedKeys
    from tuinb.ui.editor.text_area import SourceEditor
    from tuinb.ui.editor.vim_pane import VimPane

COMMANDS = {
    "escape": "leave-edit-mode",
    "interrupt": "interrupt",
    "centre": "centre",
    "scroll-top": "scroll-to-top",
    "scroll-bottom": "scroll-to-bottom",
    "scroll-down": "scroll-line-down",
    "scroll-up": "scroll-line-up",
    "save-and-quit": "save-and-quit",
    "quit-unsaved": "quit-without-saving",
    "inspect": "inspect",
    "next-tab": "next-tab",
    "previous-tab": "previous-tab",
    "open-file": "open-file",
    "follow-link": "follow-link",
    "next-problem": "next-problem",
    "previous-problem": "previous-problem",
}
"""What vim's keys run → command of tuinb."""
_SHAPES = {Mode.INSERT: CursorShape.BAR, Mode.REPLACE: CursorShape.UNDERLINE}
"""Shape of the terminal's cursor by mode; in the others, a block."""
_TAKE_SUGGESTION = {keys.RIGHT: motions.right, keys.END: motions.line_end, keys.WORD_RIGHT: motions.word_right}
"""Keys that take what is suggested at the end of the line."""
_LONGEST_MARKED = 100_000
"""Characters of the longest text in which matches are marked."""
_MOST_MARKED = 1_000
PAGES = {"half-page-down": 0.5, "half-page-up": -0.5, "page-down": 1.0, "page-up": -1.0}


class _EditedText:
    """The text of the text area. Its splices are edits of the user."""

    def __init__(self, widget: SourceEditor) -> None:
        self._widget = widget

    @property
    def text(self) -> str:
        return self._widget.text

    @property
    def lines(self) -> Sequence[str]:
        return self._widget.state.buffer.lines

    def place(self, offset: int) -> Place:
        return self._widget.state.buffer.place(offset)

    def offset(self, place: Place) -> int:
        return self._widget.state.buffer.offset(place)

    def start(self, row: int) -> int:
        return self._widget.state.buffer.start(row)

    def splice(self, start: int, end: int, inserted: str) -> Splice:
        if self._widget.read_only:
            raise Failed("The notebook is read-only.")
        return self._widget.edit(start, end, inserted)


class VimKeys(Host):
    """The keys of one pane. `opened` begins another text; registers, searches and macros are the same for all."""

    def __init__(self, pane: VimPane, shared: Shared, mapped: MappedKeys | None = None) -> None:
        self._pane = pane
        self.mapped = mapped
        """The user's mappings from keys to keys, if there are some."""
        self._shared = shared
        self._shared.options.tabstop = TAB
        self._marks: dict[str, dict[str, Place]] = {}
        """Marks by cell."""
        self._cell = ""
        self._machine: Machine | None = None
        self._shown = Selection(0, 0)
        """The selection of the text area after the last key."""
        self._inserts_next = False
        self._first_key = ""
        """The key that is typed at the start of the text that is opened next."""
        self._busy = False
        """Whether a key is handled."""
        self._inserts = False
        """Whether insert mode was on after the last key."""
        self._marked_for: tuple[str, bool, str] | None = None
        """The search and the text whose matches are in `_found`."""
        self._found: tuple[tuple[int, int], ...] = ()
        self._length = 0
        """Length of the text after the last key."""

    # ---- the text

    def opened(self, cell: str) -> None:
        """Begins the text of a cell, which the text area has opened."""
        widget = self._pane.widget
        self._cell = cell
        vim = Vim(_EditedText(widget), self, widget.state.language, self._shared)
        vim.marks = self._marks.setdefault(cell, {})
        self._read_marks(vim)
        self._shared.options.shiftwidth = len(widget.state.language.indent)
        self._machine = Machine(vim)
        vim.move(vim.clamped(widget.place))
        if self._inserts_next:
            self._inserts_next = False
            begin_insert(vim, widget.place)
        first, self._first_key = self._first_key, ""
        if first:
            self._machine.feed(first)
        self._show(self._machine)

    def closed(self) -> None:
        """Ends the text: insert mode as if Esc was typed, without a change."""
        if self._machine is not None and self._machine.vim.visual is None:
            self._machine.vim.end_step()
        if self._machine is not None:
            self._write_marks(self._machine.vim)
        self._machine, self._inserts = None, False
        self._pane.widget.marked = self._pane.widget.found = ()
        self._pane.widget.shape = None

    def begin_inserting(self) -> None:
        """Begins insert mode, now or at the text that is opened next."""
        if self._machine is None or self._pane.active != self._cell:
            self._inserts_next = True
        elif self._machine.vim.mode is Mode.NORMAL:
            self._machine.feed("i")
            self._show(self._machine)

    def begin_with(self, key: str) -> None:
        """Types a key, now or at the text that is opened next."""
        if self._machine is None or self._pane.active != self._cell:
            self._first_key = key
        else:
            self._machine.feed(key)
            self._show(self._machine)

    def end_recording(self) -> bool:
        """Ends the recording of keys in a register. Returns False if there is none."""
        return self._shared.end_recording()

    @property
    def selected_span(self) -> tuple[int, int] | None:
        """Where the selected text begins and ends: of a block, its first and its last line."""
        spans = () if self._machine is None or self._machine.vim.visual is None else self._selected(self._machine.vim)
        return (spans[0][0], spans[-1][1]) if spans else None

    def end_selection(self) -> None:
        """Ends visual mode, as commands on what is selected do."""
        if self._machine is not None and self._machine.vim.visual is not None:
            self._machine.reset()
            self._show(self._machine)

    # ---- keys

    @property
    def waits_for_key(self) -> bool:
        """Whether the next key belongs to what was typed before: a character after `f`, the command line."""
        vim = None if self._machine is None else self._machine.vim
        return vim is not None and bool(vim.pending or vim.line is not None or vim.confirmation is not None)

    @property
    def mode(self) -> str:
        """The mode, as the status line shows it."""
        return "" if self._machine is None else str(self._machine.vim.mode)

    @property
    def key_mode(self) -> str:
        """The mode of the keymap."""
        vim = None if self._machine is None else self._machine.vim
        if vim is None or vim.mode in (Mode.NORMAL, Mode.COMMAND_LINE, Mode.CONFIRM):
            return "normal"
        return "insert" if vim.mode in (Mode.INSERT, Mode.REPLACE) else "visual"

    @property
    def line(self) -> tuple[str, int] | None:
        """The line that is being written with its sign, or a question, and the place of its cursor."""
        if self._machine is not None and (asked := self._machine.vim.confirmation) is not None:
            text = clean(substitution.question(asked))
            return text, len(text)
        line = None if self._machine is None else self._machine.vim.line
        return None if line is None else (line.sign + line.text, line.at + 1)

    @property
    def hint(self) -> str:
        """The keys of the unfinished command, and the register that is recorded in."""
        if self._machine is None:
            return ""
        runs = "Ctrl+C ends the program" if self.waits_for_program else ""
        return "  ".join(filter(None, (runs, self.recording, keys.label(self._machine.vim.pending))))

    @property
    def recording(self) -> str:
        """That keys are recorded, and in which register."""
        return f"recording @{self._shared.recording}" if self._shared.recording else ""

    def press(self, name: str, character: str | None) -> bool:
        """Takes a key. Returns False without a text."""
        machine = self._machine
        if machine is None:
            return False
        key = keys.key_of(name, character)
        widget = self._pane.widget
        if key in _TAKE_SUGGESTION and widget.suggestion and self._inserts:
            widget.move(_TAKE_SUGGESTION[key])
        elif key is not None:
            self._follow(machine)
            self._busy = True
            try:
                machine.feed(key)
            finally:
                self._busy = False
            if machine is self._machine:
                self._show(machine)
        return True

    def paste(self, text: str) -> None:
        """Inserts text that was pasted into the terminal, as one step."""
        machine = self._machine
        if machine is None:
            return
        self._follow(machine)
        if machine.vim.visual is not None or machine.vim.line is not None:
            machine.reset()
        self._pane.widget.insert_text(text)
        if machine.vim.mode is Mode.NORMAL:
            self._pane.end_step()
        self._follow(machine)
        self._show(machine)

    def moved(self) -> None:
        """Follows a change of the text or of the cursor by something else, such as a click."""
        machine = self._machine
        if machine is not None and not self._busy and self._pane.widget.state.selection.is_empty:
            self._follow(machine)
            self._show(machine)

    def _follow(self, machine: Machine) -> None:
        """Takes over a cursor or a selection that something else has set: the mouse, a completion, a change by others."""
        vim, selection = machine.vim, self._pane.widget.state.selection
        if selection == self._shown:
            return
        if vim.mode not in (Mode.INSERT, Mode.REPLACE):
            machine.reset()
        vim.move(vim.clamped(vim.text.place(selection.head)))
        if vim.insertion is not None:
            self._follow_insertion(vim, vim.insertion)
        if not selection.is_empty and vim.mode is Mode.NORMAL:
            vim.visual = Visual(Kind.CHARACTERS, vim.text.place(selection.start))
            vim.mode = VISUAL_MODES[Kind.CHARACTERS]
            vim.move(vim.text.place(max(selection.start, selection.end - 1)))

    def _follow_insertion(self, vim: Vim, insertion: Insertion) -> None:
        """Goes on with insert mode after a completion, whose text `.` repeats, too, or after a click, from where it is."""
        start, here = vim.text.offset(insertion.start), vim.text.offset(vim.cursor)
        if len(vim.text.text) != self._length and start <= here:
            insertion.keys[:] = vim.text.text[start:here].replace("\n", keys.ENTER)
        else:
            vim.end_step()
            vim.insertion = Insertion(vim.cursor, replaces=insertion.replaces, moved=True)

    def _show(self, machine: Machine) -> None:
        """Shows the cursor and what is selected."""
        vim, widget = machine.vim, self._pane.widget
        offset, marked = vim.text.offset(vim.cursor), self._selected(vim)
        inserts = vim.mode in (Mode.INSERT, Mode.REPLACE)
        if self._inserts and not inserts:
            self._pane.close_popups()
        self._inserts, self._shown, self._length = inserts, Selection(offset, offset), len(vim.text.text)
        found, shape = self._matches(vim), self._shape(vim)
        if widget.state.selection != self._shown or (widget.marked, widget.found, widget.shape) != (marked, found, shape):
            widget.marked, widget.found, widget.shape = marked, found, shape
            self._busy = True
            widget.select(self._shown)
            self._busy = False
        self._pane.changed()

    def _shape(self, vim: Vim) -> CursorShape | None:
        """Returns the shape of the terminal's cursor. While a line is written, the cursors of both are painted."""
        if not self._pane.has_cursor_shapes or vim.line is not None or vim.confirmation is not None:
            return None
        return _SHAPES.get(vim.mode, CursorShape.BLOCK)

    def _matches(self, vim: Vim) -> tuple[tuple[int, int], ...]:
        """Returns the matches of the last search, if they are to be marked."""
        search, text = self._shared.search, vim.text.text
        if not (self._shared.highlights and self._shared.options.hlsearch) or search is None or len(text) > _LONGEST_MARKED:
            return ()
        key = search.pattern, search.smart, text
        if self._marked_for != key:
            try:
                regex = pattern.translate(search.pattern, vim.options, smart=search.smart)
                with vim.limit(search.pattern):
                    spans = vim_search.all_matches(regex, text)[:_MOST_MARKED]
            except TooSlow:
                self._shared.highlights, spans = False, []
            except Failed:
                spans = []
            self._marked_for, self._found = key, tuple(span for span in spans if span[0] < span[1])
        return self._found

    def _selected(self, vim: Vim) -> tuple[tuple[int, int], ...]:
        """Returns the parts of the text that are selected."""
        if vim.confirmation is not None:
            asked = vim.confirmation.matches[vim.confirmation.index]
            return ((asked.start + vim.confirmation.shift, asked.end + vim.confirmation.shift),)
        if vim.visual is None:
            return ()
        region, offset = selected_region(vim), vim.text.offset
        if region.kind is Kind.LINES:
            last = region.end.row
            end = len(vim.text.text) if last == vim.last_row else vim.text.start(last + 1)
            return ((vim.text.start(region.start.row), end),)
        if region.kind is Kind.CHARACTERS:
            return ((offset(region.start), offset(region.end)),)
        parts = []
        for row in region.rows:
            start, end, _, _ = block_piece(vim.lines[row], region.left, region.right, vim.options.tabstop)
            parts.append((offset(Place(row, start)), offset(Place(row, end))))
        return tuple(parts)

    # ---- what the keys ask for

    def undo(self) -> bool:
        return self._pane.undo(redoes=False)

    def redo(self) -> bool:
        return self._pane.undo(redoes=True)

    def end_step(self) -> None:
        self._pane.end_step()

    def type_text(self, text: str) -> int | None:
        widget, machine = self._pane.widget, self._machine
        if machine is None:
            return None
        if widget.read_only:
            raise Failed("The notebook is read-only.")
        offset = machine.vim.text.offset(machine.vim.cursor)
        widget.state.selection = Selection(offset, offset)
        if text == "\n":
            widget.new_line()
        else:
            widget.type_text(text)
        self._shown = widget.state.selection
        return widget.cursor

    def indent_below(self, row: int) -> str | None:
        state, machine = self._pane.widget.state, self._machine
        if not self._shared.options.autoindent or machine is None:
            return None
        if isinstance(machine.vim.text, Buffer):  # :g works on a copy
            state = replace(state, buffer=machine.vim.text)
        return next_indent(state, state.buffer.start(row) + len(state.buffer.lines[row]))

    @property
    def clipboard(self) -> str:
        return self._pane.clipboard

    def copy(self, text: str) -> None:
        self._pane.copy(text)

    @property
    def name(self) -> str:
        return self._pane.file_name

    def screen_row(self, place: Place, rows: int, wanted: int | None) -> tuple[Place, int] | None:
        view = self._pane.widget.state.rows
        point = view.point(place)
        x = point.x if wanted is None else wanted
        row = max(0, min(point.row + rows, view.total - 1))
        if row == point.row:
            return place, x
        return view.place(Point(row, x)), x

    def find_outside(self, regex: re.Pattern[str], count: int, *, forward: bool) -> bool:
        machine, search = self._machine, self._shared.search
        assert machine is not None
        with machine.vim.limit(search.pattern if search is not None else ""):
            found = self._pane.find_match(regex, count, forward=forward)
        if found is not None:
            self.remember_jump(machine.vim.cursor)
            self._pane.go_to(*found)
        return found is not None

    # ---- marks of the notebook

    def _read_marks(self, vim: Vim) -> None:
        """Takes over the upper-case marks in this text: those set by `:mark` on cells, without those set elsewhere since."""
        here = self._pane.marks_in(self._cell)
        for name in [name for name in vim.marks if name.isupper() and name not in here]:
            del vim.marks[name]
        for name, offset in here.items():
            if name.isupper():
                vim.marks.setdefault(name, vim.text.place(min(offset, len(vim.text.text))))

    def _write_marks(self, vim: Vim) -> None:
        """Notes where the upper-case marks in this text are after its changes."""
        for name in self._pane.marks_in(self._cell):
            if name.isupper():
                self._note_mark(vim, name)

    def _note_mark(self, vim: Vim, name: str) -> None:
        place = vim.marks.get(name)
        self._pane.set_mark(name, None if place is None else vim.text.offset(vim.clamped(place)))

    def remember_jump(self, before: Place) -> None:
        if self._machine is not None:
            self._pane.remember_jump(self._machine.vim.text.offset(before))

    def follow_mark(self, name: str) -> None:
        if self._machine is not None:
            self._note_mark(self._machine.vim, name)

    def go_to_mark(self, name: str, *, linewise: bool) -> bool:
        return self._pane.go_to_mark(name, linewise=linewise)

    def marks_elsewhere(self) -> Sequence[str]:
        return self._pane.marks_elsewhere()

    def limit(self, seconds: float) -> AbstractContextManager[None]:
        return regex_timeout(seconds)

    def leave(self, direction: int) -> bool:
        machine = self._machine
        assert machine is not None
        wanted, inserts = machine.vim.wanted, machine.vim.insertion is not None
        self._pane.cross_edge(direction)
        after = self._machine
        if after is machine:
            return False
        if after is not None:
            vim = after.vim
            row = 0 if direction > 0 else vim.last_row
            if inserts:
                begin_insert(vim, Place(row, column_at(vim.lines[row], wanted, vim.options.tabstop)))
                vim.wanted = wanted
            else:
                vim.move(vim.at_column(row, wanted), wanted)
            self._show(after)
        return True

    def run(self, command: str, argument: str = "") -> bool:
        if command == "ex":
            self._pane.execute(argument)
        elif command == "set":
            return self._pane.set_option(argument)
        elif command == "page":
            self._pane.page(argument)
        elif command == "next-tab" and argument:
            self._pane.execute(f"tab {argument}")
        elif command in PAGES:
            self._page(PAGES[command], int(argument or 1))
        elif command in COMMANDS:
            self._pane.perform(COMMANDS[command])
        else:
            return False
        return True

    def run_program(self, command: str, text: str, then: Callable[[str], None]) -> bool:
        machine = self._machine
        assert machine is not None

        def go_on(written: str) -> None:
            if machine is not self._machine:
                self.notify("The cell was left meanwhile: what the program wrote is not in it.", error=True)
                return
            self._busy = True
            try:
                machine.go_on(lambda: then(written))
            finally:
                self._busy = False
            self._show(machine)

        self._pane.programs.start(command, text, go_on)
        return True

    def read_file(self, name: str) -> str:
        return self._pane.programs.read(name)

    def write_file(self, name: str, text: str, *, overwrites: bool) -> None:
        self._pane.programs.write(name, text, overwrites=overwrites)

    @property
    def waits_for_program(self) -> bool:
        """Whether a program runs, whose end the next keys wait for."""
        return self._pane.programs.is_running

    def stop_program(self) -> bool:
        """Ends the program that runs. Returns False if there is none."""
        return self._pane.programs.stop()

    def _page(self, share: float, count: int) -> None:
        """Moves the cursor by pages, or into the next cell from the last or first line."""
        machine = self._machine
        assert machine is not None
        vim = machine.vim
        rows = max(1, int(self._pane.widget.state.page * abs(share))) * count
        row = vim.cursor.row + (rows if share > 0 else -rows)
        edge = vim.last_row if share > 0 else 0
        if vim.cursor.row == edge and vim.visual is None:
            self.leave(1 if share > 0 else -1)
        else:
            vim.move(vim.at_column(max(0, min(row, vim.last_row)), vim.wanted), vim.wanted)

    def notify(self, text: str, *, error: bool = False) -> None:
        self._pane.notify(text, "warning" if error else "information")
