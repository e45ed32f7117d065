"""Vim's operators: `f(vim, region, command)`, and the region that a motion gives them."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tuinb.editing import languages
from tuinb.editing.buffer import Place
from tuinb.editing.filling import wrapped
from tuinb.editing.vim.registers import Held, Kind
from tuinb.editing.vim.state import Block, Failed, Insertion, Mode
from tuinb.editing.vim.target import Extent
from tuinb.editing.vim.walk import FAR, column_at, first_nonblank, indent_width, screen_column, width_of
from tuinb.record import Record

if TYPE_CHECKING:
    from collections.abc import Callable

    from tuinb.editing.vim.state import Vim
    from tuinb.editing.vim.target import Target


class Command(Record):
    """A command that was read: what `grammar` returns."""

    name: str
    """The key of its table: `x`, `gJ`; of an operator's motion, `w`; `_` for a doubled operator."""
    count: int | None = None
    register: str = ""
    argument: str = ""
    """A character, or a line."""
    operator: str = ""
    force: str = ""
    """`v`, `V` or Ctrl+V between operator and motion."""

    @property
    def keys(self) -> str:
        """The keys of the command without its count and register."""
        return self.operator + self.force + self.name + self.argument + ("\r" if self.name in (":", "/", "?") else "")


@dataclass(slots=True)
class Region:
    """Text that an operator works on."""

    kind: Kind
    start: Place
    end: Place
    """Of characters, the place behind them. Of lines, one in the last of them. Of a block, one in its last row."""
    left: int = 0
    right: int = 0
    """Columns of the screen of a block, both inclusive. `right` may be FAR."""
    selected: bool = False
    """Whether it was selected in visual mode."""
    forced: bool = False
    large: bool = False
    moved: bool = False
    """Whether the end was moved from the start of a line to the end of the line before; of selected text, the other way."""

    @property
    def rows(self) -> range:
        """Its rows."""
        return range(self.start.row, self.end.row + 1)


def region_of(vim: Vim, target: Target, command: Command) -> Region:
    """Returns the region from the cursor, or from the start of a text object, to where a motion leads."""
    start, end = sorted((target.start or vim.cursor, target.place))
    extent = target.extent
    if command.force:
        if command.force == "V":
            return Region(Kind.LINES, start, end, forced=True)
        if command.force == Kind.BLOCK:
            if extent is Extent.EXCLUSIVE and start == end:
                return Region(Kind.CHARACTERS, start, end, forced=True)
            return _block_region(vim, start, end)
        extent = Extent.EXCLUSIVE if extent is not Extent.EXCLUSIVE else Extent.INCLUSIVE
    if extent is Extent.LINEWISE:
        return Region(Kind.LINES, start, end)
    region = Region(Kind.CHARACTERS, start, end, forced=bool(command.force), large=target.large)
    if extent is Extent.INCLUSIVE:
        region.end = Place(end.row, min(end.column + 1, len(vim.lines[end.row])))
    elif end.column == 0 and end.row > start.row and not target.exact:
        if start.column <= first_nonblank(vim.lines[start.row]):
            return Region(Kind.LINES, start, Place(end.row - 1, 0), moved=True)
        region.end = Place(end.row - 1, len(vim.lines[end.row - 1]))
        region.moved = True
    return region


def _block_region(vim: Vim, start: Place, end: Place) -> Region:
    tab = vim.options.tabstop
    columns = [screen_column(vim.lines[place.row], place.column, tab) for place in (start, end)]
    return Region(Kind.BLOCK, start, end, min(columns), max(columns), forced=True)


def selected_region(vim: Vim) -> Region:
    """Returns the region that is selected."""
    assert vim.visual is not None
    visual, tab = vim.visual, vim.options.tabstop
    start, end = sorted((visual.anchor, vim.cursor))
    if visual.kind is Kind.LINES:
        column = vim.cursor.column if vim.cursor.row < visual.anchor.row else 0
        return Region(Kind.LINES, Place(start.row, column), end, selected=True)
    if visual.kind is Kind.CHARACTERS:
        length = len(vim.lines[end.row])
        if end.column >= length and end.row < vim.last_row:
            stop = Place(end.row + 1, 0)
        else:
            stop = Place(end.row, min(end.column + 1, length))
        return Region(Kind.CHARACTERS, start, stop, selected=True, moved=stop.row > end.row)
    lefts, rights = [], []
    for place in (start, end):
        line = vim.lines[place.row]
        left = screen_column(line, place.column, tab)
        here = line[place.column : place.column + 1]
        size = tab - left % tab if here == "\t" else width_of(here) if here else 1
        lefts.append(left)
        rights.append(left + max(1, size) - 1)
    right = FAR if visual.to_end else max(rights)
    return Region(Kind.BLOCK, start, end, min(lefts), right, selected=True)


# ---- reading a region


def block_piece(line: str, left: int, right: int, tab: int) -> tuple[int, int, int, int]:
    """Returns the columns of a line that a block covers, and the columns of a tab that are cut off at both ends."""
    start = column_at(line, left, tab)
    x = screen_column(line, start, tab)
    before = max(0, left - x) if start < len(line) else 0
    if right >= FAR:
        return start, len(line), before, 0
    end = start
    while end < len(line) and screen_column(line, end, tab) <= right:
        end += 1
    after = max(0, screen_column(line, end, tab) - right - 1) if end > start else 0
    return start, end, before, after


def _block_text(vim: Vim, row: int, region: Region) -> str:
    tab = vim.options.tabstop
    line = vim.lines[row]
    start, end, before, after = block_piece(line, region.left, region.right, tab)
    piece = line[start:end]
    if before and piece:
        piece = " " * (min(screen_column(line, start + 1, tab), region.right + 1) - region.left) + piece[1:]
        if end == start + 1:
            return piece
    if after and piece:
        piece = piece[:-1] + " " * (region.right + 1 - max(region.left, screen_column(line, end - 1, tab)))
    return piece


def held_of(vim: Vim, region: Region) -> Held:
    """Returns the text of a region."""
    if region.kind is Kind.LINES:
        return Held("\n".join(vim.lines[region.start.row : region.end.row + 1]), Kind.LINES)
    if region.kind is Kind.CHARACTERS:
        return Held(vim.text.text[vim.text.offset(region.start) : vim.text.offset(region.end)])
    pieces = [_block_text(vim, row, region) for row in region.rows]
    width = max(map(len, pieces)) if region.right >= FAR else region.right - region.left + 1
    return Held("\n".join(pieces), Kind.BLOCK, width)


# ---- deleting, changing, copying


def delete_rows(vim: Vim, first: int, last: int) -> None:
    """Deletes whole lines. The cursor goes to the line that takes their place."""
    lines = vim.lines
    if last < vim.last_row:
        vim.replace(Place(first, 0), Place(last + 1, 0), "")
    elif first:
        vim.replace(Place(first - 1, len(lines[first - 1])), Place(last, len(lines[last])), "")
    else:
        vim.replace(Place(0, 0), Place(last, len(lines[last])), "")
    row = min(first, vim.last_row)
    vim.marks["."] = Place(first, 0)
    vim.marks["["] = vim.marks["]"] = Place(row, 0)
    vim.move(vim.nonblank(row))


def _note_deleted(vim: Vim, region: Region, command: Command) -> None:
    held = held_of(vim, region)
    small = region.kind is not Kind.LINES and region.start.row == region.end.row and not region.large
    vim.delete_to(command.register, held, small=small)
    if region.large and region.kind is Kind.CHARACTERS and "\n" not in held.text and not command.register:
        vim.shared.registers.set("-", held)


def delete(vim: Vim, region: Region, command: Command) -> None:
    """Delete."""
    lines = vim.lines
    if region.kind is Kind.CHARACTERS and not region.selected and not region.forced and region.end.row > region.start.row:
        rest = lines[region.end.row][region.end.column :]
        if not rest.strip(" \t") and region.start.column <= first_nonblank(lines[region.start.row]):
            region = Region(Kind.LINES, region.start, region.end)
    if region.kind is Kind.CHARACTERS and region.start == region.end:
        vim.move(vim.clamped(region.start))
        return
    _note_deleted(vim, region, command)
    if region.kind is Kind.LINES:
        delete_rows(vim, region.start.row, region.end.row)
        return
    if region.kind is Kind.BLOCK:
        _delete_block(vim, region)
        return
    vim.replace(region.start, region.end, "")
    vim.marks["]"] = region.start
    vim.move(vim.clamped(region.start))


def _delete_block(vim: Vim, region: Region) -> None:
    tab = vim.options.tabstop
    place = Place(region.start.row, column_at(vim.lines[region.start.row], region.left, tab))
    for row in region.rows:
        start, end, before, after = block_piece(vim.lines[row], region.left, region.right, tab)
        vim.replace(Place(row, start), Place(row, end), " " * (before + after) if end > start else "")
    first = vim.lines[region.start.row]
    vim.move(vim.clamped(Place(region.start.row, column_at(first, region.left, tab) if first else place.column)))


def change(vim: Vim, region: Region, command: Command) -> None:
    """Change."""
    if region.kind is Kind.LINES:
        _note_deleted(vim, region, command)
        row = region.start.row
        line = vim.lines[row]
        # Where undo puts the cursor.
        several = region.end.row > row
        vim.cursor = vim.clamped(Place(row + 1, vim.cursor.column)) if several else vim.nonblank(row)
        indent = line[: first_nonblank(line)] if vim.options.autoindent else ""
        last = region.end.row
        vim.replace(Place(row, 0), Place(last, len(vim.lines[last])), indent)
        begin_insert(vim, Place(row, len(indent)), indent_row=row if indent else None)
    elif region.kind is Kind.BLOCK:
        _note_deleted(vim, region, command)
        _delete_block(vim, region)
        tab = vim.options.tabstop
        rows = range(region.start.row + 1, region.end.row + 1)
        place = Place(region.start.row, column_at(vim.lines[region.start.row], region.left, tab))
        begin_insert(vim, place)
        assert vim.insertion is not None
        vim.insertion.block = Block(rows, region.left)
    else:
        if region.start != region.end:
            _note_deleted(vim, region, command)
            vim.replace(region.start, region.end, "")
        begin_insert(vim, region.start)


def begin_insert(
    vim: Vim, place: Place, *, count: int = 1, opens: str = "", replaces: bool = False, indent_row: int | None = None
) -> None:
    """Enters insert mode at a place."""
    vim.visual = None
    vim.mode = Mode.REPLACE if replaces else Mode.INSERT
    vim.insertion = Insertion(place, count, opens=opens, replaces=replaces, indent=indent_row)
    vim.move(place)


def yank(vim: Vim, region: Region, command: Command) -> None:
    """Copy."""
    vim.yank(command.register, held_of(vim, region))
    vim.marks["["] = Place(region.start.row, 0) if region.kind is Kind.LINES else region.start
    vim.marks["]"] = region.end
    if region.kind is Kind.LINES:
        vim.marks["]"] = Place(region.end.row, max(0, len(vim.lines[region.end.row]) - 1))
    if region.kind is Kind.BLOCK:
        tab = vim.options.tabstop
        vim.move(vim.clamped(Place(region.start.row, column_at(vim.lines[region.start.row], region.left, tab))))
    else:
        vim.move(vim.clamped(region.start))


# ---- indentation and format


def _with_indent(vim: Vim, line: str, columns: int) -> str:
    """Returns a line with blanks of so many columns before its text. An empty line stays empty."""
    if not line:
        return line
    tab, columns = vim.options.tabstop, max(0, columns)
    blanks = " " * columns if vim.options.expandtab else "\t" * (columns // tab) + " " * (columns % tab)
    return blanks + line[first_nonblank(line) :]


def shift(vim: Vim, rows: range, steps: int) -> None:
    """Indents lines by steps, as one change; empty lines stay empty."""
    by = steps * vim.options.shiftwidth
    lines = [
        _with_indent(vim, line, indent_width(line, vim.options.tabstop) + by) for line in vim.lines[rows.start : rows.stop]
    ]
    _replace_rows(vim, rows, lines)
    vim.marks["["], vim.marks["]"] = Place(rows.start, 0), Place(rows.stop - 1, max(0, len(lines[-1]) - 1))


def _shift_region(vim: Vim, region: Region, steps: int) -> None:
    if region.kind is Kind.BLOCK:
        _shift_block(vim, region, steps)
        return
    shift(vim, rows_of(region), steps)
    vim.marks["["] = region.start
    vim.move(vim.nonblank(region.start.row))


def rows_of(region: Region) -> range:
    """Returns the rows that a region of characters or lines touches."""
    last = region.end.row - (region.selected and region.moved)
    return range(region.start.row, last + 1)


def _shift_block(vim: Vim, region: Region, steps: int) -> None:
    tab, by = vim.options.tabstop, abs(steps) * vim.options.shiftwidth
    for row in region.rows:
        line = vim.lines[row]
        start = column_at(line, region.left, tab)
        if not line or screen_column(line, len(line), tab) < region.left:
            continue
        if steps > 0:
            start = len(line[:start].rstrip(" \t"))
        blanks = len(line[start:]) - len(line[start:].lstrip(" \t"))
        if steps > 0:
            wide = screen_column(line, start + blanks, tab) - screen_column(line, start, tab)
            vim.replace(Place(row, start), Place(row, start + blanks), " " * (wide + by))
        elif blanks:
            vim.replace(Place(row, start), Place(row, start + min(by, blanks)), "")
    place = Place(region.start.row, column_at(vim.lines[region.start.row], region.left, tab))
    vim.move(vim.clamped(place))


def indent(vim: Vim, region: Region, command: Command) -> None:
    """Indent."""
    _shift_region(vim, region, (command.count or 1) if region.selected else 1)


def dedent(vim: Vim, region: Region, command: Command) -> None:
    """Dedent."""
    _shift_region(vim, region, -((command.count or 1) if region.selected else 1))


def reindent(vim: Vim, region: Region, command: Command) -> None:
    """Indent the first line as the line before it asks for, and the others along with it."""
    rows = [row for row in rows_of(region) if vim.lines[row].strip()]
    if rows:
        above = next((row for row in range(rows[0] - 1, -1, -1) if vim.lines[row].strip()), None)
        wanted = 0
        if above is not None:
            line, found = vim.lines[above], vim.host.indent_below(above)
            wanted = indent_width(line if found is None else found, vim.options.tabstop)
        tab = vim.options.tabstop
        by = wanted - indent_width(vim.lines[rows[0]], tab)
        whole = range(rows[0], rows[-1] + 1)
        lines = vim.lines[whole.start : whole.stop]
        _replace_rows(vim, whole, [_with_indent(vim, line, indent_width(line, tab) + by) for line in lines])
    vim.move(vim.nonblank(region.start.row))


WIDTH = 79
"""Columns that `gq` fills."""


def fill(vim: Vim, region: Region, command: Command) -> None:
    """Fill lines of text up to 79 columns."""
    rows = rows_of(region)
    comment = vim.language.comment
    out: list[str] = []
    part: list[str] = []

    def head_of(line: str) -> str:
        start = line[: first_nonblank(line)]
        rest = line[len(start) :]
        if comment and rest.startswith(comment):
            blanks = len(rest[len(comment) :]) - len(rest[len(comment) :].lstrip(" "))
            return start + comment + " " * blanks
        return start

    def end_part() -> None:
        if part:
            head = head_of(part[0])
            words = " ".join(line[len(head_of(line)) :].strip() for line in part)
            out.extend(wrapped(words, head, head, WIDTH) or [head.rstrip()])
            part.clear()

    for row in rows:
        line = vim.lines[row]
        if not line[len(head_of(line)) :].strip():
            end_part()
            out.append(line)
        else:
            if part and head_of(line) != head_of(part[-1]) and len(part) > 1:
                end_part()
            part.append(line)
    end_part()
    _replace_rows(vim, rows, out)
    vim.move(vim.nonblank(min(rows.start + len(out) - 1, vim.last_row)))


def _replace_rows(vim: Vim, rows: range, lines: list[str]) -> None:
    if list(vim.lines[rows.start : rows.stop]) != lines:
        vim.replace(Place(rows.start, 0), Place(rows.stop - 1, len(vim.lines[rows.stop - 1])), "\n".join(lines))


def fill_staying(vim: Vim, region: Region, command: Command) -> None:
    """Fill lines of text up to 79 columns, and stay."""
    row, column = vim.cursor if region.selected else vim.origin
    fill(vim, region, command)
    vim.move(vim.clamped(Place(row, column)))


def comment(vim: Vim, region: Region, command: Command) -> None:
    """Comment lines, or uncomment them if all are comments."""
    rows = rows_of(region)
    _replace_rows(vim, rows, languages.toggle_comment(vim.lines[rows.start : rows.stop], vim.language))
    vim.move(vim.clamped(region.start))


# ---- case


def change_text(vim: Vim, region: Region, convert: Callable[[str], str]) -> None:
    """Replaces the characters of a region, each by others."""
    if region.kind is Kind.CHARACTERS:
        pieces = [(region.start, _end_of_case(vim, region))]
    elif region.kind is Kind.LINES:
        pieces = [(Place(region.start.row, 0), Place(region.end.row, len(vim.lines[region.end.row])))]
    else:
        tab = vim.options.tabstop
        pieces = []
        for row in region.rows:
            first, last, _, _ = block_piece(vim.lines[row], region.left, region.right, tab)
            pieces.append((Place(row, first), Place(row, last)))
    for start, end in pieces:
        old = vim.text.text[vim.text.offset(start) : vim.text.offset(end)]
        if (new := convert(old)) != old:
            vim.replace(start, end, new)
    if region.kind is Kind.BLOCK:
        vim.move(vim.clamped(Place(region.start.row, column_at(vim.lines[region.start.row], region.left, vim.options.tabstop))))
    else:
        vim.move(vim.clamped(region.start))
    vim.marks["["], vim.marks["]"] = pieces[0][0], pieces[-1][1]


def _end_of_case(vim: Vim, region: Region) -> Place:
    """Returns the end of the text whose case changes. As in vim, a motion to nowhere from the start of a line takes it all."""
    row, column = region.start
    if region.start != region.end or column or region.selected:
        return region.end
    return Place(row, len(vim.lines[row]) if row else min(1, len(vim.lines[0])))


def uppercase(vim: Vim, region: Region, command: Command) -> None:
    """Make upper-case."""
    change_text(vim, region, str.upper)


def lowercase(vim: Vim, region: Region, command: Command) -> None:
    """Make lower-case."""
    change_text(vim, region, str.lower)


def swap_case(vim: Vim, region: Region, command: Command) -> None:
    """Swap upper and lower case."""
    change_text(vim, region, str.swapcase)


def rot13(vim: Vim, region: Region, command: Command) -> None:
    """Rotate letters by 13."""
    change_text(vim, region, lambda text: codecs.encode(text, "rot13"))


# ---- joining and putting


def join(vim: Vim, first: int, count: int, *, spaced: bool) -> None:
    """Joins lines. With `spaced`, one space takes the place of the indentation."""
    if first + count - 1 > vim.last_row or count < 2:
        raise Failed
    text = vim.lines[first]
    column = len(text)
    for row in range(first + 1, first + count):
        line = vim.lines[row]
        column = len(text)
        if spaced:
            line = line.lstrip(" \t")
            if line and line[0] != ")" and text and not text.endswith(" "):
                line = " " + line
        text += line
    start = Place(first, len(vim.lines[first]))
    vim.replace(Place(first, 0), Place(first + count - 1, len(vim.lines[first + count - 1])), text)
    vim.marks["["], vim.marks["]"] = start, Place(first, len(text))
    vim.marks["."] = Place(first + 1, 0)
    vim.move(vim.clamped(Place(first, column)))


def put(vim: Vim, held: Held, count: int, *, before: bool, behind: bool = False, indent_to: int | None = None) -> None:
    """Puts text before or after the cursor. With `behind`, the cursor goes behind it."""
    row, column = vim.cursor
    line = vim.lines[row]
    if held.kind is Kind.LINES:
        lines = held.text.split("\n")
        if indent_to is not None:
            lines = _indented(vim, lines, indent_to)
        text = "\n".join(lines * count)
        if before:
            vim.replace(Place(row, 0), Place(row, 0), text + "\n")
            first = row
        else:
            vim.replace(Place(row, len(line)), Place(row, len(line)), "\n" + text)
            first = row + 1
        last = first + len(lines) * count - 1
        vim.marks["["], vim.marks["]"] = Place(first, 0), Place(last, 0)
        if behind:
            vim.move(Place(min(last + 1, vim.last_row), 0) if last < vim.last_row else vim.nonblank(last))
        else:
            vim.move(vim.nonblank(first))
    elif held.kind is Kind.BLOCK:
        _put_block(vim, held, count, before=before, behind=behind)
    else:
        at = Place(row, column if before or not line else column + 1)
        if "\n" not in held.text:
            text = held.text * count
            vim.replace(at, at, text)
            end = at.column + len(text)
            vim.marks["["], vim.marks["]"] = at, Place(row, max(0, end - 1))
            vim.move(Place(row, end) if behind else Place(row, max(0, end - 1)))
            vim.cursor = vim.clamped(vim.cursor) if not behind else vim.cursor
        else:
            vim.replace(at, at, held.text * count)
            end_place = vim.text.place(vim.text.offset(at) + len(held.text) * count)
            vim.marks["["], vim.marks["]"] = at, Place(end_place.row, max(0, end_place.column - 1))
            vim.move(end_place if behind else vim.clamped(at))


def _indented(vim: Vim, lines: list[str], columns: int) -> list[str]:
    first = next((line for line in lines if line.strip()), "")
    by = columns - indent_width(first, vim.options.tabstop)
    out = []
    for line in lines:
        width = indent_width(line, vim.options.tabstop)
        out.append(" " * max(0, width + by) + line[first_nonblank(line) :] if line.strip() else line)
    return out


def _put_block(vim: Vim, held: Held, count: int, *, before: bool, behind: bool) -> None:
    tab = vim.options.tabstop
    row, column = vim.cursor
    line = vim.lines[row]
    x = screen_column(line, column, tab)
    if not before and line:
        here = line[column : column + 1]
        x += tab - x % tab if here == "\t" else max(1, width_of(here)) if here else 0
    pieces = held.text.split("\n")
    last = row + len(pieces) - 1
    if last > vim.last_row:
        behind_all = Place(vim.last_row, len(vim.lines[vim.last_row]))
        vim.replace(behind_all, behind_all, "\n" * (last - vim.last_row))
    end_column = first_column = 0
    for number, piece in enumerate(pieces):
        current = vim.lines[row + number]
        start = column_at(current, x, tab)
        start_x = screen_column(current, start, tab)
        end, before_it, rest = start, max(0, x - start_x), ""
        if before_it and start < len(current):  # within a tab
            whole = screen_column(current, start + 1, tab) - start_x
            rest, end = " " * (whole - before_it), start + 1
        padded = piece.ljust(max(held.width, len(piece)))
        text = padded * (count - 1) + (padded if end < len(current) or rest else piece)
        vim.replace(Place(row + number, start), Place(row + number, end), " " * before_it + text + rest)
        end_column = start + before_it + len(text)
        if not number:
            first_column = start + before_it
    vim.marks["["], vim.marks["]"] = Place(row, first_column), Place(last, max(0, end_column - 1))
    vim.move(Place(last, min(end_column, max(0, len(vim.lines[last]) - 1))) if behind else Place(row, first_column))
    vim.cursor = vim.clamped(vim.cursor)
