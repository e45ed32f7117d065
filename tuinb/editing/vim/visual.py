"""Commands of visual mode that are no motions and no text objects: `f(vim, command)`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tuinb.editing.buffer import Place
from tuinb.editing.vim import operators
from tuinb.editing.vim.operators import Command, Region, begin_insert, block_piece, selected_region
from tuinb.editing.vim.registers import Kind
from tuinb.editing.vim.state import VISUAL_MODES, Block, Failed, Mode, Visual
from tuinb.editing.vim.walk import FAR, column_at, screen_column

if TYPE_CHECKING:
    from collections.abc import Callable

    from tuinb.editing.vim.state import Vim


def leave(vim: Vim) -> None:
    """Ends visual mode, and notes what was selected."""
    if vim.visual is not None:
        visual = vim.visual
        vim.last_visual = Visual(visual.kind, visual.anchor, visual.to_end), vim.cursor
        vim.visual = None
        vim.mode = Mode.NORMAL
        vim.cursor = vim.clamped(vim.cursor)


def _lines(vim: Vim) -> Region:
    """Returns the lines that are selected. A cursor above the anchor keeps its column, as in vim."""
    assert vim.visual is not None
    start, end = sorted((Place(vim.visual.anchor.row, 0), vim.cursor))
    return Region(Kind.LINES, start, end, selected=True)


def _region(vim: Vim, *, kind: Kind | None = None) -> Region:
    region = selected_region(vim)
    if kind is Kind.LINES and region.kind is not Kind.LINES:
        region = _lines(vim)
    leave(vim)
    start = region.start
    if region.kind is Kind.BLOCK:
        start = Place(start.row, column_at(vim.lines[start.row], region.left, vim.options.tabstop))
    vim.cursor = vim.clamped(start)
    return region


def _does(operator: Callable[[Vim, Region, Command], None], *, kind: Kind | None = None) -> Callable[[Vim, Command], None]:
    def run(vim: Vim, command: Command) -> None:
        operator(vim, _region(vim, kind=kind), command)

    run.__doc__ = operator.__doc__
    return run


delete = _does(operators.delete)
change = _does(operators.change)
yank = _does(operators.yank)
indent = _does(operators.indent)
dedent = _does(operators.dedent)
reindent = _does(operators.reindent)
fill = _does(operators.fill)
fill_staying = _does(operators.fill_staying)
comment = _does(operators.comment)
uppercase = _does(operators.uppercase)
lowercase = _does(operators.lowercase)
swap_case = _does(operators.swap_case)
rot13 = _does(operators.rot13)


def yank_lines(vim: Vim, command: Command) -> None:
    """Copy lines; of a block, as much as is selected."""
    assert vim.visual is not None
    kind = None if vim.visual.kind is Kind.BLOCK else Kind.LINES
    operators.yank(vim, _region(vim, kind=kind), command)


def _to_ends(vim: Vim) -> Region:
    """Returns the lines that are selected; of a block, up to the ends of its lines."""
    assert vim.visual is not None
    if vim.visual.kind is not Kind.BLOCK:
        return _region(vim, kind=Kind.LINES)
    region = _region(vim)
    region.right = FAR
    return region


def delete_to_ends(vim: Vim, command: Command) -> None:
    """Delete lines; of a block, to the ends of its lines."""
    operators.delete(vim, _to_ends(vim), command)


def delete_lines(vim: Vim, command: Command) -> None:
    """Delete lines; of a block, as much as is selected."""
    assert vim.visual is not None
    kind = None if vim.visual.kind is Kind.BLOCK else Kind.LINES
    operators.delete(vim, _region(vim, kind=kind), command)


def change_to_ends(vim: Vim, command: Command) -> None:
    """Change lines; of a block, to the ends of its lines."""
    operators.change(vim, _to_ends(vim), command)


def change_lines(vim: Vim, command: Command) -> None:
    """Change lines."""
    operators.change(vim, _region(vim, kind=Kind.LINES), command)


def _join(vim: Vim, *, spaced: bool) -> None:
    region = _region(vim)
    count = max(2, len(operators.rows_of(region)))
    if region.start.row + count - 1 > vim.last_row:
        raise Failed
    operators.join(vim, region.start.row, count, spaced=spaced)


def join(vim: Vim, command: Command) -> None:
    """Join lines with spaces."""
    _join(vim, spaced=True)


def join_closely(vim: Vim, command: Command) -> None:
    """Join lines as they are."""
    _join(vim, spaced=False)


def replace_character(vim: Vim, command: Command) -> None:
    """Replace all characters by one."""
    key = command.argument
    region = _region(vim)
    new = "\n" if key in "\r\n" else key
    if region.kind is not Kind.BLOCK or new == "\n":
        if region.kind is Kind.LINES:
            region.start = Place(region.start.row, 0)
        operators.change_text(vim, region, lambda text: re.sub(r"[^\n]", lambda match: new, text))
        return
    tab = vim.options.tabstop
    for row in region.rows:
        line = vim.lines[row]
        first, last, before, after = block_piece(line, region.left, region.right, tab)
        if last > first:
            columns = screen_column(line, last, tab) - screen_column(line, first, tab) - before - after
            vim.replace(Place(row, first), Place(row, last), " " * before + new * columns + " " * after)
    line = vim.lines[region.start.row]
    vim.move(vim.clamped(Place(region.start.row, column_at(line, region.left, tab))))


def put(vim: Vim, command: Command) -> None:
    """Replace what is selected by a register."""
    _put(vim, command, keeps=False)


def put_keeping(vim: Vim, command: Command) -> None:
    """Replace what is selected by a register, and keep the register."""
    _put(vim, command, keeps=True)


def _put(vim: Vim, command: Command, *, keeps: bool) -> None:
    try:
        held = vim.held(command.register)
    except Failed:  # As in vim, what is selected is deleted nevertheless.
        operators.delete(vim, _region(vim), Command("d", register="_" if keeps else ""))
        raise
    region = _region(vim)
    count = command.count or 1
    all_lines = region.kind is Kind.LINES and region.start.row == 0 and region.end.row == vim.last_row
    last_line = region.kind is Kind.LINES and region.end.row == vim.last_row
    operators.delete(vim, region, Command("d", register="_" if keeps else ""))
    if region.kind is Kind.LINES:
        operators.put(vim, held._replace(kind=Kind.LINES), count, before=not last_line or all_lines)
        if all_lines and not vim.lines[vim.last_row] and vim.last_row:
            cursor = vim.cursor
            operators.delete_rows(vim, vim.last_row, vim.last_row)
            vim.move(cursor)
        return
    if held.kind is Kind.LINES and region.kind is Kind.CHARACTERS:
        row, column = region.start
        vim.replace(Place(row, column), Place(row, column), "\n")
        vim.move(Place(row, 0))
        operators.put(vim, held, count, before=False)
        return
    if region.kind is Kind.BLOCK and held.kind is Kind.CHARACTERS and "\n" not in held.text:
        _put_in_each(vim, region, held.text * count)
        return
    if region.kind is Kind.BLOCK and held.kind is Kind.LINES:
        vim.cursor = Place(region.end.row, 0)
        operators.put(vim, held, count, before=False)
        return
    vim.cursor = vim.clamped(region.start)
    # What was selected ended its line: the text is put behind what is left.
    operators.put(vim, held, count, before=vim.cursor.column >= region.start.column)


def _put_in_each(vim: Vim, region: Region, text: str) -> None:
    """Puts text where a block was, into all of its lines that reach so far."""
    tab, first = vim.options.tabstop, region.start.row
    x = min(region.left, screen_column(vim.lines[first], len(vim.lines[first]), tab))
    for row in region.rows:
        line = vim.lines[row]
        column = column_at(line, x, tab)
        if screen_column(line, len(line), tab) >= x:
            vim.replace(Place(row, column), Place(row, column), text)
    vim.move(vim.clamped(Place(first, column_at(vim.lines[first], x, tab) + max(0, len(text) - 1))))


def insert_before(vim: Vim, command: Command) -> None:
    """Insert before a block in each of its lines, or at the start of the lines."""
    assert vim.visual is not None
    kind = vim.visual.kind
    lines = _lines(vim)
    region = _region(vim)
    if kind is Kind.BLOCK:
        tab = vim.options.tabstop
        place = Place(region.start.row, column_at(vim.lines[region.start.row], region.left, tab))
        begin_insert(vim, place, count=command.count or 1)
        assert vim.insertion is not None
        rows = range(region.start.row + 1, region.end.row + 1)
        vim.insertion.block = Block(rows, region.left, left=place.column)
    else:  # As in vim, at the start of the line, also where characters are selected.
        begin_insert(vim, lines.start, count=command.count or 1)


def append_after(vim: Vim, command: Command) -> None:
    """Append behind a block in each of its lines, or behind the selection."""
    assert vim.visual is not None
    kind = vim.visual.kind
    end, to_end = max(vim.cursor, Place(vim.visual.anchor.row, 0)), vim.wanted >= FAR
    region = _region(vim)
    if kind is Kind.BLOCK:
        tab = vim.options.tabstop
        line = vim.lines[region.start.row]
        if region.right >= FAR:
            place, x = Place(region.start.row, len(line)), FAR
        else:
            x = region.right + 1
            width = screen_column(line, len(line), tab)
            if width < x:
                vim.replace(Place(region.start.row, len(line)), Place(region.start.row, len(line)), " " * (x - width))
            place = Place(region.start.row, column_at(vim.lines[region.start.row], x, tab))
        begin_insert(vim, place, count=command.count or 1)
        assert vim.insertion is not None
        rows = range(region.start.row + 1, region.end.row + 1)
        vim.insertion.block = Block(rows, x, fills=True, left=column_at(line, region.left, tab))
    else:
        line = vim.lines[end.row]
        # As in vim: behind the last character, but before the first one of a line and before that to which $ led.
        column = min(end.column, max(0, len(line) - 1))
        behind = bool(line) and not to_end and screen_column(line, column + 1, vim.options.tabstop) > 1
        begin_insert(vim, Place(end.row, column + behind), count=command.count or 1)


def other_end(vim: Vim, command: Command) -> None:
    """Go to the other end."""
    assert vim.visual is not None
    vim.visual.anchor, place = vim.cursor, vim.visual.anchor
    vim.move(place)


def other_corner(vim: Vim, command: Command) -> None:
    """Go to the other corner in the same row."""
    assert vim.visual is not None
    if vim.visual.kind is not Kind.BLOCK:
        other_end(vim, command)
        return
    anchor, cursor = vim.visual.anchor, vim.cursor
    vim.visual.anchor = Place(anchor.row, min(cursor.column, len(vim.lines[anchor.row])))
    vim.move(Place(cursor.row, min(anchor.column, len(vim.lines[cursor.row]))))


def _switch(vim: Vim, kind: Kind) -> None:
    assert vim.visual is not None
    if vim.visual.kind is kind:
        leave(vim)
    else:
        vim.visual.kind = kind
        vim.mode = VISUAL_MODES[kind]


def to_characters(vim: Vim, command: Command) -> None:
    """Select characters, or end visual mode."""
    _switch(vim, Kind.CHARACTERS)


def to_lines(vim: Vim, command: Command) -> None:
    """Select lines, or end visual mode."""
    _switch(vim, Kind.LINES)


def to_block(vim: Vim, command: Command) -> None:
    """Select a block, or end visual mode."""
    _switch(vim, Kind.BLOCK)


def escape(vim: Vim, command: Command) -> None:
    """End visual mode."""
    leave(vim)


_NUMBER = re.compile(r"-?\d+")


def _add(vim: Vim, command: Command, sign: int, *, progressive: bool) -> None:
    region = _region(vim)
    number = 0
    tab = vim.options.tabstop
    for row in region.rows:
        line = vim.lines[row]
        start, end = 0, len(line)
        if region.kind is Kind.BLOCK:
            start, end, _, _ = block_piece(line, region.left, region.right, tab)
        elif region.kind is Kind.CHARACTERS:
            start = region.start.column if row == region.start.row else 0
            end = region.end.column if row == region.end.row else len(line)
        found = _NUMBER.search(line, start, end)
        if found is None:
            continue
        number = number + 1 if progressive else 1
        old = found[0].lstrip("-")
        value = int(found[0]) + sign * (command.count or 1) * number
        digits = str(abs(value))
        if old[0] == "0" and len(old) > 1:
            digits = digits.rjust(len(old), "0")
        vim.replace(Place(row, found.start()), Place(row, found.end()), ("-" if value < 0 else "") + digits)
    place = region.start
    if region.kind is not Kind.CHARACTERS:
        column = 0 if region.kind is Kind.LINES else column_at(vim.lines[place.row], region.left, tab)
        place = Place(place.row, column)
    vim.move(vim.clamped(place))


def increment(vim: Vim, command: Command) -> None:
    """Add to the first number of each line."""
    _add(vim, command, 1, progressive=False)


def decrement(vim: Vim, command: Command) -> None:
    """Subtract from the first number of each line."""
    _add(vim, command, -1, progressive=False)


def increment_more(vim: Vim, command: Command) -> None:
    """Add to the first number of each line, one more each time."""
    _add(vim, command, 1, progressive=True)


def decrement_more(vim: Vim, command: Command) -> None:
    """Subtract from the first number of each line, one more each time."""
    _add(vim, command, -1, progressive=True)
