"""Vim's motions: `f(vim, count, argument) -> Target`. None changes the text or moves the cursor; a failed one raises Failed.

Those that search are in `search`, those to marks in `marks`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tuinb.editing.buffer import Place
from tuinb.editing.vim.state import Failed
from tuinb.editing.vim.target import Extent, Target
from tuinb.editing.vim.walk import FAR, Walker, find_bracket, matching, screen_column

if TYPE_CHECKING:
    from tuinb.editing.vim.state import Vim


# ---- characters and lines


def left(vim: Vim, count: int | None, argument: str) -> Target:
    """Left."""
    if not vim.cursor.column and not vim.pending_operator:
        raise Failed
    return Target(Place(vim.cursor.row, max(0, vim.cursor.column - (count or 1))))


def right(vim: Vim, count: int | None, argument: str) -> Target:
    """Right."""
    row, column = vim.cursor
    length = len(vim.line_here)
    if vim.visual is not None:
        if column >= length:
            raise Failed
        return Target(Place(row, min(length, column + (count or 1))))
    if vim.pending_operator:
        most = column + (count or 1)
        if most >= length > 0:
            return Target(Place(row, length - 1), Extent.INCLUSIVE)
        return Target(Place(row, min(most, length)))
    if column >= length - 1:
        raise Failed
    return Target(Place(row, min(length - 1, column + (count or 1))))


def space(vim: Vim, count: int | None, argument: str) -> Target:
    """Right, over the ends of lines."""
    row, column = vim.cursor
    for done in range(count or 1):
        length = len(vim.lines[row])
        if column < length - (0 if vim.visual is not None else 1):
            column += 1
        elif row < vim.last_row:
            if vim.pending_operator and done == (count or 1) - 1 and length:
                column = length
                break
            row, column = row + 1, 0
        elif vim.pending_operator and column < length:
            return Target(Place(row, column), Extent.INCLUSIVE)
        else:
            if not done and not vim.pending_operator:
                raise Failed
            break
    return Target(Place(row, column))


def backspace(vim: Vim, count: int | None, argument: str) -> Target:
    """Left, over the ends of lines."""
    row, column = vim.cursor
    exact = False
    for done in range(count or 1):
        if column:
            column -= 1
        elif row:
            row -= 1
            length = len(vim.lines[row])
            column = length if vim.operator in ("d", "c") or vim.visual is not None else max(0, length - 1)
            exact = vim.operator in ("d", "c") and column > 0
        else:
            if not done and not vim.pending_operator:
                raise Failed
            break
    return Target(Place(row, column), exact=exact)


def down(vim: Vim, count: int | None, argument: str) -> Target:
    """Down."""
    return _vertical(vim, count or 1)


def up(vim: Vim, count: int | None, argument: str) -> Target:
    """Up."""
    return _vertical(vim, -(count or 1))


def _vertical(vim: Vim, rows: int) -> Target:
    row = vim.cursor.row + rows
    if rows and vim.cursor.row == (vim.last_row if rows > 0 else 0):
        raise Failed
    row = max(0, min(row, vim.last_row))
    return Target(vim.at_column(row, vim.wanted), Extent.LINEWISE, vim.wanted)


def screen_down(vim: Vim, count: int | None, argument: str) -> Target:
    """Down a row of the screen."""
    return _screen_rows(vim, count or 1)


def screen_up(vim: Vim, count: int | None, argument: str) -> Target:
    """Up a row of the screen."""
    return _screen_rows(vim, -(count or 1))


def _screen_rows(vim: Vim, rows: int) -> Target:
    found = vim.host.screen_row(vim.cursor, rows, None)
    if found is None:
        target = _vertical(vim, rows)
        return Target(target.place, Extent.EXCLUSIVE, vim.wanted)
    if found[0] == vim.cursor:
        raise Failed
    return Target(found[0])


def line_start(vim: Vim, count: int | None, argument: str) -> Target:
    """The start of the line."""
    return Target(Place(vim.cursor.row, 0))


def line_text(vim: Vim, count: int | None, argument: str) -> Target:
    """The first character of the line that is no blank."""
    return Target(vim.nonblank(vim.cursor.row))


def line_end(vim: Vim, count: int | None, argument: str) -> Target:
    """The end of the line."""
    row = rows_down(vim, (count or 1) - 1)
    length = len(vim.lines[row])
    column = length if vim.visual is not None else max(0, length - 1)
    return Target(Place(row, column), Extent.INCLUSIVE, FAR)


def line_text_end(vim: Vim, count: int | None, argument: str) -> Target:
    """The last character of the line that is no blank."""
    row = rows_down(vim, (count or 1) - 1)
    return Target(Place(row, max(0, len(vim.lines[row].rstrip(" \t")) - 1)), Extent.INCLUSIVE)


def rows_down(vim: Vim, rows: int) -> int:
    """Returns a row below, at most the last one. Raises Failed from the last row."""
    if rows and vim.cursor.row == vim.last_row:
        raise Failed
    return min(vim.cursor.row + rows, vim.last_row)


def column(vim: Vim, count: int | None, argument: str) -> Target:
    """A column of the line."""
    wanted = (count or 1) - 1
    return Target(vim.at_column(vim.cursor.row, wanted), Extent.EXCLUSIVE, wanted)


def middle(vim: Vim, count: int | None, argument: str) -> Target:
    """The middle of the line, or a percentage of it."""
    width = screen_column(vim.line_here, len(vim.line_here), vim.options.tabstop)
    return Target(vim.at_column(vim.cursor.row, width * (50 if count is None else min(count, 100)) // 100))


def next_line(vim: Vim, count: int | None, argument: str) -> Target:
    """The text of a line below."""
    place = _vertical(vim, count or 1).place
    return Target(vim.nonblank(place.row), Extent.LINEWISE)


def previous_line(vim: Vim, count: int | None, argument: str) -> Target:
    """The text of a line above."""
    place = _vertical(vim, -(count or 1)).place
    return Target(vim.nonblank(place.row), Extent.LINEWISE)


def this_line(vim: Vim, count: int | None, argument: str) -> Target:
    """The text of this line, or of one below with a count."""
    row = rows_down(vim, (count or 1) - 1)
    if vim.operator == "y":  # which leaves the cursor where it is
        return Target(vim.at_column(row, vim.wanted), Extent.LINEWISE)
    return Target(vim.nonblank(row), Extent.LINEWISE)


def last_line(vim: Vim, count: int | None, argument: str) -> Target:
    """The last line, or a line by its number."""
    return _to_row(vim, vim.last_row if count is None else count - 1)


def first_line(vim: Vim, count: int | None, argument: str) -> Target:
    """The first line, or a line by its number."""
    return _to_row(vim, (count or 1) - 1)


def _to_row(vim: Vim, row: int) -> Target:
    return Target(vim.nonblank(max(0, min(row, vim.last_row))), Extent.LINEWISE, jumps=True)


def byte(vim: Vim, count: int | None, argument: str) -> Target:
    """A byte of the text by its number."""
    before = vim.text.text.encode("utf-8", "surrogatepass")[: (count or 1) - 1].decode("utf-8", "ignore")
    return Target(vim.text.place(len(before)), jumps=True)


def window_top(vim: Vim, count: int | None, argument: str) -> Target:
    """The first line in view."""
    rows = _in_view(vim)
    return _to_row(vim, min(rows.start + (count or 1) - 1, rows.stop - 1))


def window_middle(vim: Vim, count: int | None, argument: str) -> Target:
    """The line in the middle of the view."""
    rows = _in_view(vim)
    return _to_row(vim, (rows.start + rows.stop - 1) // 2)


def window_bottom(vim: Vim, count: int | None, argument: str) -> Target:
    """The last line in view."""
    rows = _in_view(vim)
    return _to_row(vim, max(rows.start, rows.stop - (count or 1)))


def _in_view(vim: Vim) -> range:
    return vim.host.visible_rows() or range(vim.last_row + 1)


def percent(vim: Vim, count: int | None, argument: str) -> Target:
    """The bracket that matches; with a count, a percentage of the lines."""
    if count is not None:
        if count > 100:
            raise Failed
        return _to_row(vim, (count * (vim.last_row + 1) + 99) // 100 - 1)
    place = matching(vim.lines, vim.cursor)
    if place is None:
        raise Failed
    return Target(place, Extent.INCLUSIVE, jumps=True, large=True)


# ---- words


def _word(vim: Vim, count: int | None, *, big: bool) -> Target:
    walker = Walker(vim.lines, vim.cursor, big=big)
    if vim.operator == "c" and walker.kind:
        return _word_end(vim, count, big=big, stays=True)
    moved = walker.to_next_word(count or 1, in_line=vim.pending_operator)
    return _of_word(vim, walker, moved=moved, extent=Extent.EXCLUSIVE)


def _word_end(vim: Vim, count: int | None, *, big: bool, stays: bool = False) -> Target:
    walker = Walker(vim.lines, vim.cursor, big=big)
    moved = walker.to_word_end(count or 1, stays=stays)
    return _of_word(vim, walker, moved=moved, extent=Extent.INCLUSIVE)


def _of_word(vim: Vim, walker: Walker, *, moved: bool, extent: Extent) -> Target:
    """Returns the target of a walk; not behind the end of a line, unless text is selected."""
    if not moved and not vim.pending_operator and walker.place == vim.cursor:
        raise Failed
    place = walker.place
    if place > vim.cursor and place.column and not walker.character and vim.visual is None:
        place = Place(place.row, place.column - 1)
        extent = Extent.INCLUSIVE
    return Target(place, extent)


def word(vim: Vim, count: int | None, argument: str) -> Target:
    """The start of the next word."""
    return _word(vim, count, big=False)


def big_word(vim: Vim, count: int | None, argument: str) -> Target:
    """The start of the next word between blanks."""
    return _word(vim, count, big=True)


def word_end(vim: Vim, count: int | None, argument: str) -> Target:
    """The end of a word."""
    return _word_end(vim, count, big=False)


def big_word_end(vim: Vim, count: int | None, argument: str) -> Target:
    """The end of a word between blanks."""
    return _word_end(vim, count, big=True)


def _back(vim: Vim, count: int | None, *, big: bool, ends: bool) -> Target:
    walker = Walker(vim.lines, vim.cursor, big=big)
    moved = walker.to_previous_word_end(count or 1) if ends else walker.to_previous_word(count or 1)
    if not moved and ends and vim.pending_operator:
        vim.move(walker.place)  # As in vim, the cursor stays where the words ended.
        raise Failed
    if not moved and walker.place == vim.cursor:
        raise Failed
    return Target(walker.place, Extent.INCLUSIVE if ends else Extent.EXCLUSIVE)


def previous_word(vim: Vim, count: int | None, argument: str) -> Target:
    """The start of a word before."""
    return _back(vim, count, big=False, ends=False)


def previous_big_word(vim: Vim, count: int | None, argument: str) -> Target:
    """The start of a word between blanks before."""
    return _back(vim, count, big=True, ends=False)


def previous_word_end(vim: Vim, count: int | None, argument: str) -> Target:
    """The end of a word before."""
    return _back(vim, count, big=False, ends=True)


def previous_big_word_end(vim: Vim, count: int | None, argument: str) -> Target:
    """The end of a word between blanks before."""
    return _back(vim, count, big=True, ends=True)


# ---- sentences, paragraphs, definitions


def _sentence(vim: Vim, count: int | None, *, forward: bool) -> Target:
    walker = Walker(vim.lines, vim.cursor)
    if not walker.to_sentence(count or 1, forward=forward):
        raise Failed
    place, extent = walker.place, Extent.EXCLUSIVE
    if place.column and not walker.character and vim.visual is None:
        place, extent = Place(place.row, place.column - 1), Extent.INCLUSIVE
    return Target(place, extent, jumps=True, large=True)


def next_sentence(vim: Vim, count: int | None, argument: str) -> Target:
    """The next sentence."""
    return _sentence(vim, count, forward=True)


def previous_sentence(vim: Vim, count: int | None, argument: str) -> Target:
    """The sentence before."""
    return _sentence(vim, count, forward=False)


def _paragraph(vim: Vim, count: int | None, *, direction: int) -> Target:
    row = vim.cursor.row
    for remaining in range((count or 1) - 1, -1, -1):
        skipped, first = False, True
        while True:
            if vim.lines[row]:
                skipped = True
            if not first and skipped and (not vim.lines[row] or vim.lines[row][0] == "\f"):
                break
            first = False
            row += direction
            if not 0 <= row <= vim.last_row:
                if remaining:
                    raise Failed
                row -= direction
                break
    if row == vim.last_row and direction > 0 and (length := len(vim.lines[row])):
        return Target(Place(row, length - 1), Extent.INCLUSIVE, jumps=True, large=True)
    return Target(Place(row, 0), jumps=True, large=True)


def next_paragraph(vim: Vim, count: int | None, argument: str) -> Target:
    """The blank line after the paragraph."""
    return _paragraph(vim, count, direction=1)


def previous_paragraph(vim: Vim, count: int | None, argument: str) -> Target:
    """The blank line before the paragraph."""
    return _paragraph(vim, count, direction=-1)


_DEFINITION = re.compile(r"\s*(async\s+def|def|class)\b")


def _definition(vim: Vim, count: int | None, *, direction: int) -> Target:
    row = vim.cursor.row
    for _ in range(count or 1):
        row += direction
        while 0 <= row <= vim.last_row and not _DEFINITION.match(vim.lines[row]):
            row += direction
        if not 0 <= row <= vim.last_row:
            raise Failed
    return Target(vim.nonblank(row), Extent.EXCLUSIVE, jumps=True)


def next_definition(vim: Vim, count: int | None, argument: str) -> Target:
    """The next definition of a function or a class."""
    return _definition(vim, count, direction=1)


def previous_definition(vim: Vim, count: int | None, argument: str) -> Target:
    """The definition of a function or a class before."""
    return _definition(vim, count, direction=-1)


def _unmatched(vim: Vim, count: int | None, opener: str, closer: str, *, forward: bool) -> Target:
    place = vim.cursor
    same, wanted = (opener, closer) if forward else (closer, opener)
    found = None
    for _ in range(count or 1):
        next_place = find_bracket(vim.lines, place, same, wanted, forward=forward)
        if next_place is None:
            break
        found = place = next_place
    if found is None:
        raise Failed
    return Target(found, jumps=True)


def open_parenthesis(vim: Vim, count: int | None, argument: str) -> Target:
    """The parenthesis that is open here."""
    return _unmatched(vim, count, "(", ")", forward=False)


def close_parenthesis(vim: Vim, count: int | None, argument: str) -> Target:
    """The parenthesis that closes the open one."""
    return _unmatched(vim, count, "(", ")", forward=True)


def open_brace(vim: Vim, count: int | None, argument: str) -> Target:
    """The brace that is open here."""
    return _unmatched(vim, count, "{", "}", forward=False)


def close_brace(vim: Vim, count: int | None, argument: str) -> Target:
    """The brace that closes the open one."""
    return _unmatched(vim, count, "{", "}", forward=True)
