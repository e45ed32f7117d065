"""Takes keys one after the other and changes a Vim: the modes, commands and what is between them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tuinb.editing.buffer import Place
from tuinb.editing.vim import command_line, ex, insert, keys, literals, motions, substitution, tables, visual
from tuinb.editing.vim.grammar import Grammar, Incomplete, Invalid, parse
from tuinb.editing.vim.operators import Command, region_of
from tuinb.editing.vim.registers import Kind
from tuinb.editing.vim.state import VISUAL_MODES, Area, Change, CommandLine, Failed, Insertion, Mode, Visual
from tuinb.editing.vim.target import Target
from tuinb.editing.vim.walk import FAR, screen_column

if TYPE_CHECKING:
    from collections.abc import Callable

    from tuinb.editing.vim.state import Vim

MOST_KEYS = 100_000
"""Keys that macros may play after one key that was typed."""
_MOST_DEPTH = 100
_CANCEL = (keys.ESCAPE, "\x03")
_INSERTING = (Mode.INSERT, Mode.REPLACE)
_LINE_HISTORY = 100


class Machine:
    """One text with vim's keys."""

    def __init__(self, vim: Vim) -> None:
        self.vim = vim
        vim.play = self._play
        self._failed = False

    def feed(self, key: str) -> None:
        """Takes a key that was typed."""
        vim = self.vim
        vim.played = 0
        shared = vim.shared
        if shared.recording and key == "q" and vim.mode not in (*_INSERTING, Mode.COMMAND_LINE) and not vim.pending:
            shared.end_recording()
            return
        if shared.recording:
            shared.recorded.append(key)
        self._take(key)

    def go_on(self, work: Callable[[], None]) -> None:
        """Does the rest of a command that waited for a program."""
        vim = self.vim
        try:
            work()
        except Failed as failure:
            vim.host.notify(str(failure), error=True)
        vim.end_step()

    @property
    def expects(self) -> str:
        """What the unfinished command waits for; empty if there is none."""
        vim = self.vim
        if not vim.pending or vim.mode in (*_INSERTING, Mode.COMMAND_LINE):
            return ""
        found = parse(vim.pending, None, self._grammar)
        return found.expects if isinstance(found, Incomplete) else ""

    def reset(self) -> None:
        """Ends an unfinished command, visual mode and the command line, as after a click."""
        vim = self.vim
        vim.pending, vim.line = "", None
        vim.lines_given.clear()
        if vim.confirmation is not None:
            self._answer("q")
        if vim.visual is not None:
            visual.leave(vim)
        if vim.mode is Mode.COMMAND_LINE:
            vim.mode = Mode.NORMAL

    @property
    def _grammar(self) -> Grammar:
        return tables.VISUAL_GRAMMAR if self.vim.visual is not None else tables.NORMAL_GRAMMAR

    def _play(self, typed: str) -> None:
        """Takes keys as if they were typed. Stops at the first that fails. Raises Failed then."""
        vim = self.vim
        if vim.depth >= _MOST_DEPTH:
            raise Failed("Macros are nested too deeply.")
        vim.depth += 1
        before, self._failed = self._failed, False
        pending, vim.pending = vim.pending, ""
        try:
            for key in typed:
                vim.played += 1
                if vim.played > MOST_KEYS:
                    raise Failed(f"The macro was stopped after {MOST_KEYS:,} keys.")
                self._take(key)
                if self._failed:
                    raise Failed
        finally:
            vim.depth -= 1
            self._failed = before
            if pending:
                vim.pending = pending

    def _take(self, key: str) -> None:
        vim = self.vim
        try:
            if vim.confirmation is not None:
                self._answer(key)
            elif vim.mode is Mode.COMMAND_LINE:
                self._command_line(key)
            elif vim.mode in _INSERTING:
                self._insert(key)
            else:
                self._command_key(key)
        except Failed as failure:
            # In insert mode, what is typed on is not lost by a key that can't be done.
            self._failed = vim.mode not in _INSERTING
            vim.pending, vim.operator = "", ""
            vim.lines_given.clear()
            if vim.mode not in _INSERTING:
                vim.cursor = vim.clamped(vim.cursor)
            if vim.depth == 0 and vim.mode is Mode.NORMAL and vim.insertion is None:
                vim.end_step()
            if str(failure):
                vim.host.notify(str(failure), error=True)
            self._resume()

    def _answer(self, key: str) -> None:
        """Takes an answer to a question of `:s`. All replacements are one step of undo."""
        vim = self.vim
        substitution.answer(vim, key)
        if vim.confirmation is None and vim.depth == 0:
            vim.end_step()

    # ---- normal and visual mode

    def _command_key(self, key: str) -> None:
        vim = self.vim
        if key in _CANCEL and (vim.pending or vim.visual is None):
            if vim.pending:
                vim.pending = ""
                raise Failed
            if vim.insertion is not None and vim.insertion.once:
                self._resume()
                raise Failed
            vim.host.run("escape" if key == keys.ESCAPE else "interrupt")
            if vim.depth and key == keys.ESCAPE:
                raise Failed  # a macro ends where it leaves the text
            return
        vim.pending += key
        self._parse(None)

    def _parse(self, line: str | None) -> None:
        vim = self.vim
        found = parse(vim.pending, line, self._grammar)
        if isinstance(found, Incomplete):
            if found.expects == "line":
                self._open_line(found.sign)
            return
        typed, vim.pending = vim.pending, ""
        if isinstance(found, Invalid):
            raise Failed(f"{keys.label(typed)} is no command of a cell's text.")
        self._run(found)

    def _run(self, command: Command) -> None:
        vim = self.vim
        selecting = vim.visual is not None
        area = self._area() if selecting else None
        again = ""
        if command.operator:
            self._operate(command)
            repeats = tables.OPERATORS[command.operator].repeats
        elif command.name == ":":
            self._ex(command)
            repeats = False
        else:
            entry = self._grammar.others.get(command.name)
            repeats = entry is not None and entry.repeats
            if entry is not None:
                again = entry.repeated_as
                entry.function(vim, command)
            else:
                self._move(command)
        if repeats and not vim.repeating:
            vim.shared.change = Change(again or command.keys, command.count, command.register, None, area)
        if vim.mode is Mode.NORMAL:
            vim.cursor = vim.clamped(vim.cursor)
            if vim.depth == 0 and (vim.insertion is None or vim.insertion.once):
                vim.end_step()
        if vim.mode is Mode.NORMAL and vim.insertion is not None and vim.insertion.once:
            self._resume()

    def _resume(self) -> None:
        """Goes on with insert mode after the one command of Ctrl+O."""
        vim = self.vim
        if vim.insertion is not None and vim.insertion.once and vim.mode is Mode.NORMAL and not vim.pending:
            insert.resume(vim)

    def _target(self, command: Command) -> Target:
        vim = self.vim
        entry = tables.OBJECTS.get(command.name)
        if entry is not None:
            found = entry.function(vim, command.count or 1, around=command.name[0] == "a")
        else:
            found = tables.MOTIONS[command.name].function(vim, command.count, command.argument)
        assert isinstance(found, Target)
        return found

    def _operate(self, command: Command) -> None:
        vim = self.vim
        vim.operator, vim.origin = command.operator, vim.cursor
        try:
            target = self._target(command)
        finally:
            vim.operator = ""
        if target.jumps:
            vim.set_jump()
        region = region_of(vim, target, command)
        if command.operator != "y":
            vim.cursor = region.start
        tables.OPERATORS[command.operator].function(vim, region, command)

    def _move(self, command: Command) -> None:
        vim = self.vim
        before = vim.cursor
        if vim.visual is None and command.name in ("j", "k", "\n", "\x0e", "\x10", keys.UP, keys.DOWN, "gj", "gk"):
            direction = 1 if tables.MOTIONS[command.name].function in (motions.down, motions.screen_down) else -1
            if before.row == (vim.last_row if direction > 0 else 0) and self._leaves(command, direction):
                return
        target = self._target(command)
        if target.jumps and target.place != before:
            vim.set_jump(before)
        if vim.visual is not None:
            self._extend(target, command)
            return
        vim.move(target.place, target.wanted)
        if target.kind is not None and target.start is not None:
            vim.visual = Visual(target.kind, target.start)
            vim.mode = VISUAL_MODES[target.kind]

    def _leaves(self, command: Command, direction: int) -> bool:
        vim = self.vim
        if command.name in ("gj", "gk", keys.UP, keys.DOWN):
            row = vim.host.screen_row(vim.cursor, direction, None)
            if row is not None and row[0] != vim.cursor:
                return False
        return vim.depth == 0 and vim.host.leave(direction)

    def _extend(self, target: Target, command: Command) -> None:
        vim = self.vim
        assert vim.visual is not None
        if target.start is not None and command.name in tables.OBJECTS:
            self._select_object(vim.visual, target, command.name[1])
        elif target.start is not None and vim.visual.anchor == vim.cursor:
            vim.visual.anchor = target.start
        vim.move(target.place, target.wanted)
        if target.wanted is None or target.wanted >= FAR:
            vim.visual.to_end = target.wanted is not None

    def _select_object(self, selected: Visual, target: Target, name: str) -> None:
        """Selects a text object. As in vim, words and quotes leave a block as it is; lines keep the column of the anchor."""
        vim, start = self.vim, target.start
        assert start is not None
        if target.kind is Kind.LINES:
            start = Place(start.row, selected.anchor.column if start.row == selected.anchor.row else 0)
        if target.extends:
            selected.anchor = start
            return
        selected.anchor = start
        if target.kind is not None and not (selected.kind is Kind.BLOCK and name in tables.KEEP_BLOCK):
            selected.kind = target.kind
            vim.mode = VISUAL_MODES[target.kind]

    def _area(self) -> Area:
        vim = self.vim
        assert vim.visual is not None
        kind = vim.visual.kind
        start, end = sorted((vim.visual.anchor, vim.cursor))
        rows = end.row - start.row + 1
        tab = vim.options.tabstop
        if vim.visual.to_end or (kind is Kind.CHARACTERS and vim.wanted >= FAR):
            return Area(kind, rows, FAR if kind is not Kind.LINES else 1)
        if kind is Kind.BLOCK:
            columns = [screen_column(vim.lines[place.row], place.column, tab) for place in (start, end)]
            return Area(kind, rows, max(columns) - min(columns) + 1)
        return Area(kind, rows, end.column + 1 - (start.column if rows == 1 else 0))

    # ---- insert mode

    def _insert(self, key: str) -> None:
        vim = self.vim
        insertion = vim.insertion
        assert insertion is not None
        if vim.pending:
            self._quoted(key)
            return
        if key in _CANCEL:
            self._end_insert(insertion)
            return
        insertion.keys.append(key)
        if key == "\x12" or key in literals.PREFIXES:
            vim.pending = key
            return
        insert.press(vim, key)
        if vim.insertion is not insertion and vim.insertion is not None and vim.insertion.moved and not vim.repeating:
            vim.shared.change = Change("i")

    def _quoted(self, key: str) -> None:
        """Takes a key after Ctrl+R, Ctrl+V or Ctrl+K."""
        vim = self.vim
        assert vim.insertion is not None
        pending, vim.pending = vim.pending, ""
        if pending == "\x12":
            vim.insertion.keys.append(key)
            if key in ("\x12", "\x0f", "\x10"):  # Ctrl+R Ctrl+R x inserts it as it is: so do all here.
                vim.pending = pending
                return
            if key == "=":
                raise Failed("There are no expressions here: they need vim's script language.")
            insert.put_text(vim, vim.held(key).shown)
            return
        typed = literals.read(pending + key)
        if typed is None:
            vim.insertion.keys.append(key)
            vim.pending = pending + key
            return
        if not typed.rest:
            vim.insertion.keys.append(key)
        insert.type_text(vim, typed.text)
        if typed.rest:
            self._insert(typed.rest)

    def _end_insert(self, insertion: Insertion) -> None:
        vim = self.vim
        typed = "".join(insertion.keys)
        insert.finish(vim)
        if not vim.repeating and vim.shared.change is not None and vim.shared.change.typed is None:
            vim.shared.change = replace(vim.shared.change, typed=typed)
        row, column = vim.cursor
        vim.insertion, vim.mode = None, Mode.NORMAL
        vim.move(Place(row, max(0, column - 1)))
        vim.cursor = vim.clamped(vim.cursor)
        if vim.depth == 0:
            vim.end_step()

    # ---- the command line

    def _open_line(self, sign: str) -> None:
        vim = self.vim
        text = ""
        if sign == ":":
            count = "".join(character for character in vim.pending[:-1] if character.isdigit())
            if vim.visual is not None:
                text = "'<,'>"
            elif count:
                text = "." if count == "1" else f".,.+{int(count) - 1}"
        vim.line = CommandLine(sign, text, len(text))
        vim.mode = Mode.COMMAND_LINE

    def _normal_mode(self) -> None:
        vim = self.vim
        vim.line = None
        vim.mode = VISUAL_MODES[vim.visual.kind] if vim.visual is not None else Mode.NORMAL

    def _command_line(self, key: str) -> None:
        vim = self.vim
        line = vim.line
        assert line is not None
        if line.quoting:
            quoting, line.quoting = line.quoting + key, ""
            self._quoted_for_line(line, quoting)
        elif key in (keys.ENTER, "\n"):
            self._line_done(line)
        elif key in _CANCEL or (key in (keys.BACKSPACE, "\x7f") and not line.text):
            self._note_line(line)
            self._normal_mode()
            vim.pending = ""
            raise Failed
        else:
            command_line.press(line, key, vim.shared.lines)

    def _quoted_for_line(self, line: CommandLine, typed: str) -> None:
        """Takes the keys from Ctrl+R on: a register, or the word at the cursor; from Ctrl+V or Ctrl+K on: a character."""
        vim = self.vim
        if typed == "\x12\x17":
            target = tables.OBJECTS["iw"].function(vim, 1, around=False)
            start, end = vim.text.offset(target.start), vim.text.offset(target.place)
            command_line.insert(line, vim.text.text[start : end + 1])
        elif typed[0] == "\x12":
            command_line.insert(line, vim.held(typed[1]).text.replace("\n", "\r"))
        elif (found := literals.read(typed)) is None:
            line.quoting = typed
        else:
            command_line.insert(line, found.text.replace("\n", "\r"))
            if found.rest:
                self._command_line(found.rest)

    def _note_line(self, line: CommandLine) -> None:
        lines = self.vim.shared.lines
        if line.text:
            text = line.sign + line.text
            if text in lines:
                lines.remove(text)
            lines.append(text)
            del lines[:-_LINE_HISTORY]

    def _line_done(self, line: CommandLine) -> None:
        self._normal_mode()
        if line.repeated is not None and not self.vim.repeating:
            count, begun = line.repeated
            self.vim.shared.change = Change(f"{begun}{line.text.partition('!')[2]}\r", count)
        if line.sign != ":" or not self.vim.depth:
            self._note_line(line)
        self._parse(line.text)

    def _ex(self, command: Command) -> None:
        vim = self.vim
        if vim.visual is not None:
            visual.leave(vim)
        ex.execute(vim, command.argument)
