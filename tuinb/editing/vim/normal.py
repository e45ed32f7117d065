"""Commands of normal mode that are no motions and no operators: `f(vim, command)`."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from tuinb.editing.buffer import Place
from tuinb.editing.vim import insert, marks, motions, operators
from tuinb.editing.vim.operators import Command, Region, begin_insert
from tuinb.editing.vim.registers import Kind
from tuinb.editing.vim.state import VISUAL_MODES, Failed, Visual
from tuinb.editing.vim.walk import FAR, first_nonblank, indent_width

if TYPE_CHECKING:
    from collections.abc import Callable

    from tuinb.editing.vim.state import Area, Vim


def _count(command: Command) -> int:
    return command.count or 1


# ---- changing text


def _characters(vim: Vim, before: int, after: int) -> Region:
    row, column = vim.cursor
    start = max(0, column - before)
    return Region(Kind.CHARACTERS, Place(row, start), Place(row, min(len(vim.line_here), column + after)))


def delete_character(vim: Vim, command: Command) -> None:
    """Delete characters at the cursor."""
    operators.delete(vim, _characters(vim, 0, _count(command)), command)


def delete_character_before(vim: Vim, command: Command) -> None:
    """Delete characters before the cursor."""
    operators.delete(vim, _characters(vim, _count(command), 0), command)


def substitute(vim: Vim, command: Command) -> None:
    """Change characters at the cursor."""
    operators.change(vim, _characters(vim, 0, _count(command)), command)


def _lines(vim: Vim, command: Command) -> Region:
    last = motions.rows_down(vim, _count(command) - 1)
    return Region(Kind.LINES, vim.cursor, Place(last, 0))


def substitute_line(vim: Vim, command: Command) -> None:
    """Change lines."""
    operators.change(vim, _lines(vim, command), command)


def yank_line(vim: Vim, command: Command) -> None:
    """Copy lines; with `[vim] Y = "end"`, to the end of the line."""
    operators.yank(vim, (_to_end if vim.options.yank_to_end else _lines)(vim, command), command)


def _to_end(vim: Vim, command: Command) -> Region:
    last = motions.rows_down(vim, _count(command) - 1)
    return Region(Kind.CHARACTERS, vim.cursor, Place(last, len(vim.lines[last])))


def delete_to_end(vim: Vim, command: Command) -> None:
    """Delete to the end of the line."""
    operators.delete(vim, _to_end(vim, command), command)


def change_to_end(vim: Vim, command: Command) -> None:
    """Change to the end of the line."""
    operators.change(vim, _to_end(vim, command), command)


def replace_character(vim: Vim, command: Command) -> None:
    """Replace characters at the cursor by one character."""
    row, column = vim.cursor
    count, key = _count(command), command.argument
    if column + count > len(vim.line_here):
        raise Failed
    if key in "\r\n":
        rest = vim.line_here[column + count :]
        vim.replace(vim.cursor, Place(row, column + count), "")
        vim.cursor = Place(row, column)
        insert.break_line(vim, trims=False)
        if not vim.line_here.strip(" \t"):
            vim.replace(Place(row + 1, 0), Place(row + 1, len(vim.line_here)), "")
            vim.cursor = Place(row + 1, 0)
        vim.move(Place(row + 1, max(0, vim.cursor.column - (rest[:1] in (" ", "\t") and bool(rest)))))
        return
    vim.replace(vim.cursor, Place(row, column + count), key * count)
    vim.move(Place(row, column + count - 1))


def swap_case(vim: Vim, command: Command) -> None:
    """Swap upper and lower case of characters."""
    row, column = vim.cursor
    line = vim.line_here
    if not line:
        raise Failed
    end = min(len(line), column + _count(command))
    vim.replace(vim.cursor, Place(row, end), line[column:end].swapcase())
    vim.marks["["], vim.marks["]"] = vim.cursor, Place(row, end)
    vim.move(Place(row, min(end, len(line) - 1)))


def join(vim: Vim, command: Command) -> None:
    """Join lines with a space."""
    _join(vim, command, spaced=True)


def join_closely(vim: Vim, command: Command) -> None:
    """Join lines as they are."""
    _join(vim, command, spaced=False)


def _join(vim: Vim, command: Command, *, spaced: bool) -> None:
    count = max(2, _count(command))
    if vim.cursor.row + count - 1 > vim.last_row:
        if count == 2:
            raise Failed
        count = vim.last_row - vim.cursor.row + 1
    operators.join(vim, vim.cursor.row, count, spaced=spaced)


def put_after(vim: Vim, command: Command) -> None:
    """Put text after the cursor."""
    operators.put(vim, vim.held(command.register), _count(command), before=False)


def put_before(vim: Vim, command: Command) -> None:
    """Put text before the cursor."""
    operators.put(vim, vim.held(command.register), _count(command), before=True)


def put_after_behind(vim: Vim, command: Command) -> None:
    """Put text after the cursor, and go behind it."""
    operators.put(vim, vim.held(command.register), _count(command), before=False, behind=True)


def put_before_behind(vim: Vim, command: Command) -> None:
    """Put text before the cursor, and go behind it."""
    operators.put(vim, vim.held(command.register), _count(command), before=True, behind=True)


def _put_indented(vim: Vim, command: Command, *, before: bool) -> None:
    held = vim.held(command.register)
    to = indent_width(vim.line_here, vim.options.tabstop) if held.kind is Kind.LINES else None
    operators.put(vim, held, _count(command), before=before, indent_to=to)


def put_after_indented(vim: Vim, command: Command) -> None:
    """Put lines below with the indentation of this line."""
    _put_indented(vim, command, before=False)


def put_before_indented(vim: Vim, command: Command) -> None:
    """Put lines above with the indentation of this line."""
    _put_indented(vim, command, before=True)


_NUMBER = re.compile(r"\d+")


def _add(vim: Vim, by: int) -> None:
    row, column = vim.cursor
    line = vim.line_here
    number = next((match for match in _NUMBER.finditer(line) if match.end() > column), None)
    if number is None:
        raise Failed
    start, old = number.start(), number[0]
    value = int(old)
    if start and line[start - 1] == "-":
        start -= 1
        value = -value
    new = value + by
    digits = str(abs(new))
    if old[0] == "0" and len(old) > 1:
        digits = digits.rjust(len(old), "0")
    text = ("-" if new < 0 else "") + digits
    vim.replace(Place(row, start), Place(row, number.end()), text)
    vim.move(Place(row, start + len(text) - 1))


def increment(vim: Vim, command: Command) -> None:
    """Add to the number at or after the cursor."""
    _add(vim, _count(command))


def decrement(vim: Vim, command: Command) -> None:
    """Subtract from the number at or after the cursor."""
    _add(vim, -_count(command))


# ---- insert mode


def insert_before(vim: Vim, command: Command) -> None:
    """Insert before the cursor."""
    begin_insert(vim, vim.cursor, count=_count(command))


def insert_after(vim: Vim, command: Command) -> None:
    """Insert after the cursor."""
    row, column = vim.cursor
    begin_insert(vim, Place(row, min(column + 1, len(vim.line_here))), count=_count(command))


def insert_at_text(vim: Vim, command: Command) -> None:
    """Insert before the first character of the line that is no blank."""
    begin_insert(vim, Place(vim.cursor.row, first_nonblank(vim.line_here)), count=_count(command))


def insert_at_start(vim: Vim, command: Command) -> None:
    """Insert at the start of the line."""
    begin_insert(vim, Place(vim.cursor.row, 0), count=_count(command))


def insert_at_end(vim: Vim, command: Command) -> None:
    """Insert at the end of the line."""
    begin_insert(vim, Place(vim.cursor.row, len(vim.line_here)), count=_count(command))


def insert_where_left(vim: Vim, command: Command) -> None:
    """Insert where insert mode was left."""
    place = vim.marks.get("^", vim.cursor)
    row = min(place.row, vim.last_row)
    begin_insert(vim, Place(row, min(place.column, len(vim.lines[row]))), count=_count(command))


def open_below(vim: Vim, command: Command) -> None:
    """Open a line below and insert."""
    _open(vim, command, below=True)


def open_above(vim: Vim, command: Command) -> None:
    """Open a line above and insert."""
    _open(vim, command, below=False)


def _open(vim: Vim, command: Command, *, below: bool) -> None:
    insert.open_line(vim, below=below)
    row, column = vim.cursor
    begin_insert(vim, vim.cursor, count=_count(command), opens="o", indent_row=row if column else None)


def replace_mode(vim: Vim, command: Command) -> None:
    """Type over text."""
    begin_insert(vim, vim.cursor, count=_count(command), replaces=True)


# ---- undo, repetition, macros


def undo(vim: Vim, command: Command) -> None:
    """Undo."""
    _walk(vim, command, undoes=True)


def redo(vim: Vim, command: Command) -> None:
    """Redo."""
    _walk(vim, command, undoes=False)


def _walk(vim: Vim, command: Command, *, undoes: bool) -> None:
    vim.end_step()
    for number in range(_count(command)):
        before, cursor = vim.text.text, vim.cursor
        if not (vim.host.undo() if undoes else vim.host.redo()):
            if not number:
                vim.host.notify(f"Nothing to {'undo' if undoes else 'redo'}.")
            raise Failed
        after = vim.text.text
        pair = (hash(after), hash(before)) if undoes else (hash(before), hash(after))
        vim.move(_after_undo(vim, before, cursor, vim.undo_cursors.get(pair)))
        vim.marks["."] = vim.cursor


def _after_undo(vim: Vim, before: str, cursor: Place, saved: Place | None) -> Place:
    """Returns where the cursor goes: to the first line that changed; in the column before the step, if it was there."""
    old, new = before.split("\n"), vim.lines
    row = 0
    while row < min(len(old), len(new)) and old[row] == new[row]:
        row += 1
    if row == len(old) == len(new):
        return vim.clamped(saved or cursor)
    tail = 0
    while tail < min(len(old), len(new)) - row and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    added = len(new) - tail - row
    """Lines that took the place of others."""
    if saved is not None and (saved.row + 1 == row or row <= saved.row < row + added):
        return vim.clamped(saved)
    if row > vim.last_row:
        return Place(vim.last_row, 0)
    return vim.nonblank(row)


def undo_line(vim: Vim, command: Command) -> None:
    """Undo all changes of the line that was changed last."""
    if vim.line_before is None:
        raise Failed
    row, text, column = vim.line_before
    now, here = vim.lines[row], vim.cursor
    vim.replace(Place(row, 0), Place(row, len(now)), text)
    vim.line_before = row, now, here.column if here.row == row else column
    vim.move(vim.clamped(Place(row, column)))


def repeat(vim: Vim, command: Command) -> None:
    """Repeat the last change."""
    change = vim.shared.change
    if change is None or vim.repeating:
        raise Failed
    count = change.count if command.count is None or change.area is not None else command.count
    register = change.register
    if register.isdigit() and "1" <= register < "9":
        register = str(int(register) + 1)
    vim.shared.change = replace(change, count=count, register=register)
    vim.repeating = True
    try:
        if change.area is not None:
            _select_area(vim, change.area)
        prefix = (f'"{register}' if register else "") + (str(count) if count is not None else "")
        typed = "" if change.typed is None else change.typed + "\x1b"
        vim.play(prefix + change.keys + typed)
    finally:
        vim.repeating = False


def _select_area(vim: Vim, area: Area) -> None:
    kind, rows, columns = area
    row, column = vim.cursor
    last = min(row + rows - 1, vim.last_row)
    vim.visual = Visual(kind, vim.cursor, to_end=kind is Kind.BLOCK and columns >= FAR)
    vim.mode = VISUAL_MODES[kind]
    if kind is Kind.BLOCK:
        wanted = FAR if columns >= FAR else vim.wanted_at(vim.cursor) + columns - 1
        place = vim.at_column(last, wanted)
    else:
        end = (column if rows == 1 else 0) + columns - 1
        place = Place(last, max(0, min(end, len(vim.lines[last]))))
    vim.move(place)


def repeat_substitution(vim: Vim, command: Command) -> None:
    """Repeat the last `:s` without its flags."""
    vim.play(":s\r")


def repeat_substitution_everywhere(vim: Vim, command: Command) -> None:
    """Repeat the last `:s` in all lines with its flags."""
    vim.play(":%s//~/&\r")


def record(vim: Vim, command: Command) -> None:
    """Record keys in a register, or end recording."""
    name = command.argument
    if not ((name.isascii() and name.isalnum()) or name == '"'):
        raise Failed
    vim.shared.recording, vim.shared.recorded = name, []


def play_macro(vim: Vim, command: Command) -> None:
    """Play the keys in a register."""
    name = vim.shared.macro if command.argument == "@" else command.argument
    if not name:
        raise Failed("No macro was played before.")
    text = vim.held(name)
    vim.shared.macro = name
    keys = text.text.replace("\n", "\r") + ("\r" if text.kind is Kind.LINES else "")
    if name == ":":
        keys = f":{text.text}\r"
    vim.end_step()
    for _ in range(_count(command)):
        vim.play(keys)


# ---- marks, visual mode, views


def set_mark(vim: Vim, command: Command) -> None:
    """Set a mark."""
    name = command.argument
    if not (name.isascii() and name.isalpha()) and name not in "'`[]":
        raise Failed
    marks.set_mark(vim, "'" if name == "`" else name, vim.cursor)


def _select(vim: Vim, command: Command, kind: Kind) -> None:
    vim.visual = Visual(kind, vim.cursor)
    vim.mode = VISUAL_MODES[kind]
    if command.count is not None and kind is Kind.CHARACTERS:
        row, column = vim.cursor
        vim.move(Place(row, max(0, min(column + command.count - 1, len(vim.line_here) - 1))))
    elif command.count is not None and kind is Kind.LINES:
        vim.move(vim.at_column(min(vim.cursor.row + command.count - 1, vim.last_row), vim.wanted), vim.wanted)


def select_characters(vim: Vim, command: Command) -> None:
    """Select characters."""
    _select(vim, command, Kind.CHARACTERS)


def select_lines(vim: Vim, command: Command) -> None:
    """Select lines."""
    _select(vim, command, Kind.LINES)


def select_block(vim: Vim, command: Command) -> None:
    """Select a block."""
    _select(vim, command, Kind.BLOCK)


def select_again(vim: Vim, command: Command) -> None:
    """Select what was selected last."""
    if vim.last_visual is None:
        raise Failed
    area, head = vim.last_visual
    now = (Visual(vim.visual.kind, vim.visual.anchor, vim.visual.to_end), vim.cursor) if vim.visual is not None else None
    if now is not None:
        vim.last_visual = now
    vim.visual = Visual(area.kind, area.anchor, area.to_end)
    vim.mode = VISUAL_MODES[area.kind]
    vim.visual.anchor = vim.clamped(area.anchor)
    vim.move(vim.clamped(head), FAR if area.to_end else None)


def show_character(vim: Vim, command: Command) -> None:
    """Show the code of the character at the cursor."""
    character = vim.line_here[vim.cursor.column : vim.cursor.column + 1]
    vim.host.notify(f"{character!r}  U+{ord(character):04X}  {ord(character)}" if character else "No character here.")


def show_bytes(vim: Vim, command: Command) -> None:
    """Show the bytes of the character at the cursor in UTF-8."""
    character = vim.line_here[vim.cursor.column : vim.cursor.column + 1]
    shown = character.encode("utf-8", "surrogatepass").hex(" ")
    vim.host.notify(f"{character!r}  {shown}" if character else "No character here.")


def show_position(vim: Vim, command: Command) -> None:
    """Show the line and the column of the cursor."""
    row, column = vim.cursor
    vim.host.notify(f"Line {row + 1} of {vim.last_row + 1}, column {column + 1}")


def absent(message: str) -> Callable[[Vim, Command], None]:
    """Returns a command that only says what there is instead."""

    def run(vim: Vim, command: Command) -> None:
        raise Failed(message)

    return run


def surroundings(name: str, doc: str) -> Callable[[Vim, Command], None]:
    """Returns the command that runs a command of the surroundings."""

    def run(vim: Vim, command: Command) -> None:
        if not vim.host.run(name, str(command.count or "")):
            raise Failed

    run.__doc__ = doc
    return run
