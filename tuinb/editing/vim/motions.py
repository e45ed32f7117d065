"""Vim's motions: `f(vim, count, argument) -> Target`. None changes the text or moves the cursor; a failed one raises Failed."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from tuinb.editing.buffer import Place
from tuinb.editing.vim import pattern
from tuinb.editing.vim.registers import Kind
from tuinb.editing.vim.state import Failed, Find, Search
from tuinb.editing.vim.walk import FAR, NOWHERE, Walker, find_bracket, kind_of, matching, screen_column

if TYPE_CHECKING:
    from tuinb.editing.vim.state import Vim


class Extent(StrEnum):
    """What an operator does with the end of a motion."""

    EXCLUSIVE = "exclusive"
    INCLUSIVE = "inclusive"
    LINEWISE = "linewise"


class Target(NamedTuple):
    """Where a motion leads."""

    place: Place
    extent: Extent = Extent.EXCLUSIVE
    wanted: int | None = None
    """The column of the screen that moves up and down lead to, if it is not that of the place."""
    start: Place | None = None
    """The other end, of a text object."""
    kind: Kind | None = None
    """The kind of selection that a text object makes."""
    extends: bool = False
    """Whether a text object extends what is selected, whose kind stays as it is."""
    exact: bool = False
    """Whether the start of a line is the end of the text, and not the end of the line before."""
    jumps: bool = False
    """Whether the place before the motion is noted for `''`."""
    large: bool = False
    """Whether text that is deleted over it goes into register 1, even if it is less than a line."""


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
    behind = vim.visual is not None or vim.pending_operator
    for done in range(count or 1):
        length = len(vim.lines[row])
        if column < length - (0 if vim.visual is not None else 1):
            column += 1
        elif row < vim.last_row:
            if vim.pending_operator and done == (count or 1) - 1 and length:
                column = length
                break
            row, column = row + 1, 0
        elif behind and column < length:
            column = length
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


# ---- finding


def _find(vim: Vim, count: int | None, find: Find, *, again: bool = False) -> Target:
    line, place = vim.line_here, vim.cursor.column
    step = 1 if find.forward else -1
    # A repeated `t` does not stay before the character that it already is before.
    stops = not (again and find.till and (count or 1) == 1)
    for _ in range(count or 1):
        while True:
            place += step
            if not 0 <= place < len(line):
                raise Failed
            if line[place] == find.character and stops:
                break
            stops = True
    if find.till:
        place -= step
    return Target(Place(vim.cursor.row, place), Extent.INCLUSIVE if find.forward else Extent.EXCLUSIVE)


def _new_find(vim: Vim, count: int | None, argument: str, *, forward: bool, till: bool) -> Target:
    vim.shared.find = Find(argument, forward, till)
    return _find(vim, count, vim.shared.find)


def find_character(vim: Vim, count: int | None, argument: str) -> Target:
    """A character to the right."""
    return _new_find(vim, count, argument, forward=True, till=False)


def find_character_back(vim: Vim, count: int | None, argument: str) -> Target:
    """A character to the left."""
    return _new_find(vim, count, argument, forward=False, till=False)


def till_character(vim: Vim, count: int | None, argument: str) -> Target:
    """Before a character to the right."""
    return _new_find(vim, count, argument, forward=True, till=True)


def till_character_back(vim: Vim, count: int | None, argument: str) -> Target:
    """Behind a character to the left."""
    return _new_find(vim, count, argument, forward=False, till=True)


def repeat_find(vim: Vim, count: int | None, argument: str) -> Target:
    """The last `f F t T` again."""
    if vim.shared.find is None:
        raise Failed
    return _find(vim, count, vim.shared.find, again=True)


def repeat_find_back(vim: Vim, count: int | None, argument: str) -> Target:
    """The last `f F t T` in the other direction."""
    find = vim.shared.find
    if find is None:
        raise Failed
    return _find(vim, count, find._replace(forward=not find.forward), again=True)


# ---- searching


def search_forward(vim: Vim, count: int | None, argument: str) -> Target:
    """A match of a pattern."""
    return _new_search(vim, count, argument, forward=True)


def search_back(vim: Vim, count: int | None, argument: str) -> Target:
    """A match of a pattern before."""
    return _new_search(vim, count, argument, forward=False)


def _new_search(vim: Vim, count: int | None, line: str, *, forward: bool) -> Target:
    sign = "/" if forward else "?"
    text, offset, more = split_pattern(line, sign)
    last = vim.shared.search
    if not text:
        if last is None:
            raise Failed("There is no pattern to search again.")
        text = last.pattern
        if not line:
            offset = last.offset
    vim.shared.search = Search(text, forward, offset, smart=True if line else last is None or last.smart)
    target = _search(vim, count, forward=forward)
    if not more:
        return target
    # `/one/;/two` searches from where the first one led to.
    before, vim.cursor = vim.cursor, target.place
    try:
        return _new_search(vim, None, more[1:], forward=more[0] != "?")
    finally:
        vim.cursor = before


def split_pattern(line: str, sign: str) -> tuple[str, str, str]:
    """Splits `pattern/offset;…` into the pattern, the offset and the rest.

    A sign that is escaped or in a set of characters is part of the pattern.
    """
    at, inside = 0, False
    while at < len(line):
        if line[at] == "\\":
            at += 1
        elif line[at] == "[" and "]" in line[at + 2 :]:
            inside = True
        elif line[at] == "]" and inside:
            inside = False
        elif line[at] == sign and not inside:
            text = line[:at]
            offset, _, rest = line[at + 1 :].partition(";")
            return text.replace("\\" + sign, sign) if sign == "?" else text, offset, rest
        at += 1
    return line, "", ""


def search_again(vim: Vim, count: int | None, argument: str) -> Target:
    """The next match of the last search."""
    return _search(vim, count, forward=_last(vim).forward)


def search_again_back(vim: Vim, count: int | None, argument: str) -> Target:
    """The match before, of the last search."""
    return _search(vim, count, forward=not _last(vim).forward)


def _last(vim: Vim) -> Search:
    if vim.shared.search is None:
        raise Failed("There is no pattern to search again.")
    return vim.shared.search


_NEAR = 2_000
"""Characters before the cursor in which a match is searched at first."""
_OFFSET = re.compile(r"(?:([esb])?([+-]?\d*))$")


def _search(vim: Vim, count: int | None, *, forward: bool) -> Target:
    search = _last(vim)
    regex = pattern.translate(search.pattern, vim.options, smart=search.smart)
    vim.shared.highlights = True
    offset = _OFFSET.match(search.offset)
    kind, number = (offset[1] or "", offset[2]) if offset else ("", "")
    by = {"": 0, "+": 1, "-": -1}.get(number)
    by = int(number) if by is None else by
    at_end = kind == "e"
    from_row = bool(number) and not kind
    text, here = vim.text, vim.text.offset(vim.cursor)
    outside = not vim.pending_operator and vim.visual is None
    found = _nth_match(vim, regex, here, count or 1, forward=forward, at_end=at_end, shift=by if kind else 0, outside=outside)
    if found is None:
        raise Failed(f"Not found: {search.pattern}")
    start, end = found
    if from_row:
        row = max(0, min(text.place(start).row + by, vim.last_row))
        return Target(Place(row, 0), Extent.LINEWISE, jumps=True)
    walker = Walker(vim.lines, text.place(max(start, end - 1) if at_end else start))
    for _ in range(min(abs(by), len(text.text)) if kind else 0):
        if (walker.step_over() if by > 0 else walker.back_over()) == NOWHERE:
            break
    place = walker.place
    length = len(vim.lines[place.row])
    if place.column >= length and length and not vim.pending_operator and vim.visual is None:
        place = Place(place.row, length - 1)
    return Target(place, Extent.INCLUSIVE if at_end else Extent.EXCLUSIVE, jumps=True, large=True)


def _nth_match(
    vim: Vim, regex: re.Pattern[str], here: int, count: int, *, forward: bool, at_end: bool, shift: int, outside: bool
) -> tuple[int, int] | None:
    """Returns the ends of the match that is `count` matches away. Leaves for other texts if there is none here."""
    if count == 1 and not at_end and not shift:
        return _nearest_match(vim, regex, here, forward=forward, outside=outside)
    with vim.limit(_last(vim).pattern):
        matches = all_matches(regex, vim.text.text)
    if not matches:
        if outside and vim.host.find_outside(regex, count, forward=forward):
            raise Left
        return None
    points = [(max(start, end - 1) if at_end else start) + shift for start, end in matches]
    index = next((i for i, point in enumerate(points) if point > here), len(points)) if forward else -1
    if not forward:
        index = next((i for i in range(len(points) - 1, -1, -1) if points[i] < here), -1)
    index += count - 1 if forward else 1 - count
    if not 0 <= index < len(points):
        beyond = index - len(points) + 1 if forward else -index
        if outside and vim.host.find_outside(regex, beyond, forward=forward):
            raise Left
        if not vim.options.wrapscan:
            return None
    return matches[index % len(points)]


def _nearest_match(vim: Vim, regex: re.Pattern[str], here: int, *, forward: bool, outside: bool) -> tuple[int, int] | None:
    """Returns the ends of the next match. Most are near, so that not all are searched."""
    search, text = match_after if forward else match_before, vim.text.text
    with vim.limit(_last(vim).pattern):
        near = search(regex, text, here)
    if near is not None:
        return near
    if outside and vim.host.find_outside(regex, 1, forward=forward):
        raise Left
    if not vim.options.wrapscan:
        return None
    with vim.limit(_last(vim).pattern):
        return search(regex, text, -1 if forward else len(text) + 1)


def match_after(regex: re.Pattern[str], text: str, here: int) -> tuple[int, int] | None:
    """Returns the ends of the first match that starts behind an offset."""
    match = pattern.first_match(regex, text, here + 1) if here < len(text) else None
    return None if match is None else (match.start, match.end)


def match_before(regex: re.Pattern[str], text: str, here: int) -> tuple[int, int] | None:
    """Returns the ends of the last match that starts before an offset. Looks at the text near it at first."""
    size = _NEAR
    while True:
        at = start = text.rfind("\n", 0, max(0, here - size)) + 1
        found = None
        while at < here and (match := pattern.first_match(regex, text, at)) is not None and match.start < here:
            found, at = (match.start, match.end), match.start + 1
        if found is not None or not start:
            return found
        size *= 4


class Left(Failed):
    """The search went on to another text, where the cursor is now."""


def all_matches(regex: re.Pattern[str], text: str) -> list[tuple[int, int]]:
    """Returns the ends of all matches in a text. Matches may overlap, as those that `n` leads to."""
    found = []
    at = 0
    while at <= len(text) and (match := pattern.first_match(regex, text, at)) is not None:
        # A match of nothing at the end of the text is on no line.
        found.append((match.start, match.end))
        at = match.start + 1
    return found


def _word_here(vim: Vim) -> tuple[int, str]:
    """Returns the column and the text of the word at or after the cursor: letters if there are some, else other characters."""
    line, at = vim.line_here, vim.cursor.column
    for wanted in ((2,), (1,)):
        column_here = at
        while column_here < len(line) and _small(line[column_here]) not in wanted:
            column_here += 1
        if column_here < len(line):
            start = column_here
            if column_here == at:
                while start and _small(line[start - 1]) in wanted:
                    start -= 1
            end = column_here
            while end < len(line) and _small(line[end]) in wanted:
                end += 1
            return start, line[start:end]
    raise Failed


def _small(character: str) -> int:
    return min(2, kind_of(character))


def _search_word(vim: Vim, count: int | None, *, forward: bool, whole: bool) -> Target:
    column_here, text = _word_here(vim)
    escaped = re.sub(r"([\\/.*$^~\[\]])" if forward else r"([\\?.*$^~\[\]])", r"\\\1", text)
    if whole and (text[0].isalnum() or text[0] == "_"):
        escaped = rf"\<{escaped}\>"
    vim.shared.search = Search(escaped, forward, smart=False)
    vim.shared.lines.append(("/" if forward else "?") + escaped)
    before = vim.cursor
    vim.cursor = Place(before.row, column_here)
    try:
        return _search(vim, count, forward=forward)
    finally:
        vim.cursor = before


def search_word(vim: Vim, count: int | None, argument: str) -> Target:
    """The next occurrence of the word here."""
    return _search_word(vim, count, forward=True, whole=True)


def search_word_back(vim: Vim, count: int | None, argument: str) -> Target:
    """The occurrence before of the word here."""
    return _search_word(vim, count, forward=False, whole=True)


def search_part(vim: Vim, count: int | None, argument: str) -> Target:
    """The next occurrence of the word here, also within words."""
    return _search_word(vim, count, forward=True, whole=False)


def search_part_back(vim: Vim, count: int | None, argument: str) -> Target:
    """The occurrence before of the word here, also within words."""
    return _search_word(vim, count, forward=False, whole=False)


def local_definition(vim: Vim, count: int | None, argument: str) -> Target:
    """The first occurrence of the word here, in a line above."""
    _, text = _word_here(vim)
    regex = re.compile(rf"\b{re.escape(text)}\b" if text[0].isalnum() or text[0] == "_" else re.escape(text))
    match = regex.search(vim.text.text)
    if match is None or match.start() >= vim.text.start(vim.cursor.row):
        raise Failed
    return Target(vim.text.place(match.start()), jumps=True)


# ---- marks


def mark(vim: Vim, count: int | None, argument: str) -> Target:
    """A mark."""
    place = marked(vim, argument)
    length = len(vim.lines[place.row])
    behind = vim.visual is not None or vim.pending_operator
    return Target(
        Place(place.row, min(place.column, length if behind else max(0, length - 1))), jumps=argument not in "[]<>", large=True
    )


def mark_line(vim: Vim, count: int | None, argument: str) -> Target:
    """The line of a mark."""
    return Target(vim.nonblank(marked(vim, argument).row), Extent.LINEWISE, jumps=argument not in "[]<>")


def marked(vim: Vim, name: str) -> Place:
    """Returns the place of a mark. Raises Failed if it is not set."""
    name = "'" if name == "`" else name
    if name in "<>" and vim.last_visual is not None:
        area, head = vim.last_visual
        first, last = sorted((area.anchor, head))
        if area.kind is Kind.LINES:
            first, last = Place(first.row, 0), Place(last.row, len(vim.lines[min(last.row, vim.last_row)]))
        place: Place | None = first if name == "<" else last
    else:
        place = vim.marks.get(name, Place(0, 0) if name == "'" else None)
    if place is None or place.row > vim.last_row:
        raise Failed(f"Mark {name} is not set.")
    return place


def older_change(vim: Vim, count: int | None, argument: str) -> Target:
    """The place of a change before."""
    return _change(vim, -(count or 1))


def newer_change(vim: Vim, count: int | None, argument: str) -> Target:
    """The place of a later change."""
    return _change(vim, count or 1)


def _change(vim: Vim, by: int) -> Target:
    index = vim.change_index + by
    if not 0 <= index < len(vim.changes):
        raise Failed
    vim.change_index = index
    place = vim.changes[index]
    return Target(vim.clamped(Place(min(place.row, vim.last_row), place.column)))
