"""Vim's text objects: `f(vim, count, around) -> Target`, whose start and place are the ends. In visual mode they extend it."""

from __future__ import annotations

import ast
import re
from contextlib import suppress
from typing import TYPE_CHECKING

from tuinb.editing.buffer import Place
from tuinb.editing.vim.registers import Kind
from tuinb.editing.vim.state import Failed
from tuinb.editing.vim.target import Extent, Target
from tuinb.editing.vim.walk import NOWHERE, Walker, find_bracket, first_nonblank

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tuinb.editing.vim.state import Vim


def _is_fresh(vim: Vim) -> bool:
    """Returns whether an object is selected anew: nothing is selected but the cursor."""
    return vim.visual is None or vim.visual.anchor == vim.cursor


def _is_backwards(vim: Vim) -> bool:
    return vim.visual is not None and vim.cursor < vim.visual.anchor


# ---- words


def _word(vim: Vim, count: int, around: bool, *, big: bool) -> Target:
    walker = Walker(vim.lines, vim.cursor, big=big)
    if not _is_fresh(vim):
        assert vim.visual is not None
        with suppress(Failed):  # As far as there are words.
            if _is_backwards(vim):
                _more_words_before(walker, count, around=around)
            else:
                _more_words(walker, count, around=around)
        return Target(walker.place, Extent.INCLUSIVE, start=vim.visual.anchor, kind=Kind.CHARACTERS)
    walker.to_run_start()
    start = walker.place
    takes_blanks_before = around and bool(walker.kind)
    if (not walker.kind) == around:
        if not walker.to_word_end(1, stays=True, at_empty=True):
            raise Failed
    else:
        walker.to_next_word(1, in_line=True)
        _one_back(walker)
    inclusive = True
    try:
        inclusive = _more_words(walker, count - 1, around=around)
    except Failed:
        if vim.visual is None:
            vim.move(walker.place)  # As in vim, the cursor stays where the words ended.
            raise
    extent = Extent.INCLUSIVE if inclusive else Extent.EXCLUSIVE
    if takes_blanks_before and (walker.kind or (not walker.column and not inclusive)) and start.column:
        before = Walker(vim.lines, Place(start.row, start.column - 1), big=big)
        before.to_run_start()
        if not before.kind and before.column:
            start = before.place
    return Target(walker.place, extent, start=start, kind=Kind.CHARACTERS)


def _one_back(walker: Walker) -> None:
    if walker.column:
        walker.column -= 1
    else:
        walker.back_over()


def _more_words(walker: Walker, count: int, *, around: bool) -> bool:
    """Goes on over words or the blanks between them. Returns whether the last place belongs to them."""
    inclusive = True
    for left in range(count, 0, -1):
        inclusive = True
        if walker.step_over() == NOWHERE:
            raise Failed
        if around != (not walker.kind):
            if not walker.to_next_word(1, in_line=True) and left > 1:
                raise Failed
            inclusive = bool(walker.column)
            walker.column -= inclusive
        elif not walker.to_word_end(1, stays=True, at_empty=True):
            raise Failed
    return inclusive


def _more_words_before(walker: Walker, count: int, *, around: bool) -> None:
    for _ in range(count):
        if walker.back_over() == NOWHERE:
            raise Failed
        if around != (not walker.kind):
            walker.to_previous_word_end(1, in_line=True)
            walker.step_over()
        elif not walker.to_previous_word(1, stays=True):
            raise Failed


def word(vim: Vim, count: int, around: bool) -> Target:
    """Word."""
    return _word(vim, count, around, big=False)


def big_word(vim: Vim, count: int, around: bool) -> Target:
    """Word between blanks."""
    return _word(vim, count, around, big=True)


# ---- sentences and paragraphs


def _next_sentence(walker: Walker, *, forward: bool) -> None:
    """Goes to the start of a sentence, or stays where there is none."""
    other = Walker(walker.lines, walker.place)
    if other.to_sentence(1, forward=forward):
        walker.place = other.place


def _to_first_blank(walker: Walker) -> None:
    """Goes back over blanks to the first of them."""
    while walker.back_over() != NOWHERE:
        if not walker.on_blank:
            walker.step_over()
            break


def _sentences_on(walker: Walker, count: int, *, at_start: bool) -> None:
    """Goes on over sentences and the blanks between them, each counted, to the last character."""
    for left in range(count - 1, -1, -1):
        _next_sentence(walker, forward=True)
        if at_start:
            _to_first_blank(walker)
        if not left or at_start:
            walker.back_over()
        at_start = not at_start


def sentence(vim: Vim, count: int, around: bool) -> Target:
    """Sentence."""
    if not _is_fresh(vim):
        return _more_sentences(vim, count, around)
    walker = Walker(vim.lines, vim.cursor)
    _next_sentence(walker, forward=True)
    start = Walker(vim.lines, vim.cursor)
    blank = Walker(vim.lines, vim.cursor)
    while blank.on_blank:
        blank.step_over()
    on_blank = blank.place == walker.place
    if on_blank:
        _to_first_blank(start)
    else:
        _next_sentence(walker, forward=False)
        start.place = walker.place
    number = 2 * count if around else count - on_blank
    if number:
        _sentences_on(walker, number, at_start=True)
    else:
        walker.back_over()
    if around and on_blank:
        _to_first_blank(walker)
        if walker.on_blank:
            walker.back_over()
    elif around and not walker.on_blank:
        _to_first_blank(start)
    if vim.visual is not None:
        if start.place == walker.place:  # What would be selected is selected already.
            _sentences_after(walker, blank, start.place, 2 * count if around else count, around)
            return Target(walker.place, Extent.INCLUSIVE, start=start.place, kind=Kind.CHARACTERS, extends=True)
        return Target(walker.place, Extent.INCLUSIVE, start=start.place, kind=Kind.CHARACTERS)
    extent = Extent.INCLUSIVE if walker.step_over() == NOWHERE else Extent.EXCLUSIVE
    return Target(walker.place, extent, start=start.place, kind=Kind.CHARACTERS)


def _more_sentences(vim: Vim, count: int, around: bool) -> Target:
    """Extends a selection by sentences and the blanks between them."""
    assert vim.visual is not None
    walker = Walker(vim.lines, vim.cursor)
    _next_sentence(walker, forward=True)
    here = Walker(vim.lines, vim.cursor)
    extend = _sentences_before if _is_backwards(vim) else _sentences_after
    extend(walker, here, vim.cursor, 2 * count if around else count, around)
    return Target(walker.place, Extent.INCLUSIVE, start=vim.visual.anchor, kind=Kind.CHARACTERS, extends=True)


def _only_blanks(here: Walker, walker: Walker) -> bool:
    """Returns whether there are blanks alone from one place to another."""
    while here.place < walker.place:
        if not here.on_blank:
            return False
        here.step_over()
    return True


def _sentences_before(walker: Walker, here: Walker, cursor: Place, count: int, around: bool) -> None:
    here.back_over()
    at_start = _only_blanks(here, walker)
    if not at_start:
        _next_sentence(walker, forward=False)
        at_start = walker.place == cursor
        if not at_start:
            _next_sentence(walker, forward=True)
    for _ in range(count):
        if at_start:
            _to_first_blank(walker)
        if not at_start or (not around and not walker.on_blank):
            _next_sentence(walker, forward=False)
        at_start = not at_start


def _sentences_after(walker: Walker, here: Walker, cursor: Place, count: int, around: bool) -> None:
    here.step_over()
    at_start = True
    if here.place != walker.place:
        at_start = not _only_blanks(here, walker)
        if at_start:
            _next_sentence(walker, forward=False)
        else:
            walker.place = cursor
    _sentences_on(walker, count, at_start=at_start)


def paragraph(vim: Vim, count: int, around: bool) -> Target:
    """Paragraph."""
    blank = [not line.strip(" \t") for line in vim.lines]
    if vim.visual is not None and vim.visual.anchor.row != vim.cursor.row:
        return _more_paragraphs(vim, count, around, blank)
    start = _run_end(blank, vim.cursor.row, -1)
    end = start - 1
    runs = count * (2 if around else 1)
    for number in range(runs):
        if end == vim.last_row and around and number == runs - 1 and not blank[start]:
            # No blank lines follow: those before are taken.
            start = _run_end(blank, start - 1, -1) if start and blank[start - 1] else start
        else:
            end = _run_end(blank, end + 1, 1)
    if vim.visual is not None and vim.visual.kind is Kind.LINES and start == vim.cursor.row:
        return _more_paragraphs(vim, count, around, blank)
    return Target(Place(end, 0), Extent.LINEWISE, start=Place(start, 0), kind=Kind.LINES)


def _more_paragraphs(vim: Vim, count: int, around: bool, blank: Sequence[bool]) -> Target:
    """Extends a selection by paragraphs, or the blank lines between them, or both."""
    assert vim.visual is not None
    direction = -1 if vim.cursor.row < vim.visual.anchor.row else 1
    row, edge = vim.cursor.row, 0 if direction < 0 else vim.last_row
    for _ in range(count):
        if row == edge:
            raise Failed
        row = _run_end(blank, row + direction, direction)
        if around and row != edge and blank[row + direction] != blank[row]:
            row = _run_end(blank, row + direction, direction)
    return Target(Place(row, 0), Extent.LINEWISE, start=vim.visual.anchor, kind=Kind.LINES, extends=True)


def _run_end(blank: Sequence[bool], row: int, direction: int) -> int:
    """Returns the last row of a run of blank lines, or of lines that are not. Raises Failed if there is no such row."""
    if not 0 <= row < len(blank):
        raise Failed
    while 0 <= row + direction < len(blank) and blank[row + direction] == blank[row]:
        row += direction
    return row


# ---- brackets


def _block(vim: Vim, count: int, around: bool, opener: str, closer: str) -> Target:
    lines, fresh = vim.lines, _is_fresh(vim)
    selected = (vim.cursor, vim.cursor) if fresh or vim.visual is None else tuple(sorted((vim.visual.anchor, vim.cursor)))
    begin = selected[0]
    if fresh and opener == "{":
        begin = max(begin, Place(begin.row, min(first_nonblank(lines[begin.row]), len(lines[begin.row]))))
    if fresh and lines[begin.row].startswith(opener, begin.column):
        begin = Place(begin.row, begin.column + 1)
    # As vim 9 does, the next block is taken where none is around.
    forward = find_bracket(lines, begin, closer, opener, forward=False, quotes=False) is None
    for _ in range(count):
        begin = _found(find_bracket(lines, begin, closer, opener, forward=forward, quotes=False))
    while True:
        end = _found(find_bracket(lines, begin, opener, closer, forward=True))
        first, last, inclusive = (begin, end, True) if around else _inner(vim, begin, end)
        if fresh or first < selected[0] or last > selected[1]:
            break
        # The selection is this block already: the next one around it is taken.
        begin = _found(find_bracket(lines, begin, closer, opener, forward=False))
    if not inclusive and first == last and vim.visual is not None:
        raise Failed
    return Target(last, Extent.INCLUSIVE if inclusive else Extent.EXCLUSIVE, start=first, kind=Kind.CHARACTERS)


def _found(place: Place | None) -> Place:
    if place is None:
        raise Failed
    return place


def _inner(vim: Vim, begin: Place, end: Place) -> tuple[Place, Place, bool]:
    """Returns what is between brackets: the ends, and whether the last place belongs to it."""
    lines = vim.lines
    start, close = Walker(lines, begin), Walker(lines, end)
    start.step_over()
    if end.column <= first_nonblank(lines[end.row]) and end.row > start.row:
        # The closing bracket begins its line: what is between are whole lines.
        if vim.visual is None:
            return start.place, Place(end.row, 0), False
        return start.place, Place(end.row - 1, len(lines[end.row - 1])), True
    if start.place >= end:
        return end, end, False
    close.back_over()
    return start.place, close.place, True


def parentheses(vim: Vim, count: int, around: bool) -> Target:
    """Text in ( )."""
    return _block(vim, count, around, "(", ")")


def brackets(vim: Vim, count: int, around: bool) -> Target:
    """Text in [ ]."""
    return _block(vim, count, around, "[", "]")


def braces(vim: Vim, count: int, around: bool) -> Target:
    """Text in { }."""
    return _block(vim, count, around, "{", "}")


def angles(vim: Vim, count: int, around: bool) -> Target:
    """Text in < >."""
    return _block(vim, count, around, "<", ">")


_TAG = re.compile(r"<(/?)([^\s>/]+)(?:[^>]*?)(/?)>")


def _tags(text: str) -> list[tuple[int, int, int, int]]:
    """Returns the pairs of tags: where each opening and each closing one starts and ends."""
    pairs: list[tuple[int, int, int, int]] = []
    opened: list[tuple[str, int, int]] = []
    for match in _TAG.finditer(text):
        name = match[2].lower()
        if match[3]:
            continue
        if not match[1]:
            opened.append((name, match.start(), match.end()))
            continue
        number = next((number for number in range(len(opened) - 1, -1, -1) if opened[number][0] == name), None)
        if number is not None:
            pairs.append((opened[number][1], opened[number][2], match.start(), match.end()))
            del opened[number:]
    return pairs


def tag(vim: Vim, count: int, around: bool) -> Target:
    """Text in a tag."""
    fresh = _is_fresh(vim)
    here = vim.text.offset(vim.cursor)
    other = here if fresh or vim.visual is None else vim.text.offset(vim.visual.anchor)
    first, last = min(here, other), max(here, other)
    indent = first_nonblank(vim.line_here)
    if fresh and vim.cursor.column < indent:
        here += indent - vim.cursor.column
    pairs = sorted((pair for pair in _tags(vim.text.text) if pair[0] <= here < pair[3]), key=lambda pair: -pair[0])
    ends = [(start, end) if around else (inner, inner_end) for start, inner, inner_end, end in pairs]
    if vim.visual is not None:
        # What is selected already is extended, to the tags themselves at first.
        both = [((start, end), (inner, inner_end)) for start, inner, inner_end, end in pairs]
        ends = [ends for whole, inside in both for ends in ((whole,) if around else (inside, whole))]
        ends = [(start, end) for start, end in ends if start < end and (start < first or end - 1 > last)]
    if len(ends) < count:
        raise Failed
    start, end = ends[count - 1]
    extent = Extent.INCLUSIVE if end > start else Extent.EXCLUSIVE
    return Target(vim.text.place(max(start, end - 1)), extent, start=vim.text.place(start), kind=Kind.CHARACTERS)


# ---- quotes


def _quote(vim: Vim, count: int, around: bool, mark: str) -> Target:
    line, row = vim.line_here, vim.cursor.row
    if vim.visual is not None and not _is_fresh(vim):
        return _quote_of_selection(vim, line, around, mark)
    opening, closing = _quoted(line, vim.cursor.column, mark)
    start, end = opening, closing
    if around:
        end = closing + len(line[closing + 1 :]) - len(line[closing + 1 :].lstrip(" \t"))
        if end == closing:
            start = len(line[:opening].rstrip(" \t"))
    elif count < 2:
        start, end = opening + 1, closing - 1
    if end < start:
        if vim.visual is not None:
            return Target(Place(row, closing), Extent.INCLUSIVE, start=Place(row, opening), kind=Kind.CHARACTERS)
        return Target(Place(row, closing), Extent.EXCLUSIVE, start=Place(row, closing), kind=Kind.CHARACTERS)
    return Target(Place(row, end), Extent.INCLUSIVE, start=Place(row, start), kind=Kind.CHARACTERS)


def _quoted(line: str, at: int, mark: str) -> tuple[int, int]:
    """Returns the quotes around a column, or those that follow."""
    places = _quote_places(line, mark)
    before = [place for place in places if place < at]
    after = [place for place in places if place > at]
    if line[at : at + 1] == mark:
        for opening, closing in zip(places[::2], places[1::2], strict=False):
            if opening <= at <= closing:
                return opening, closing
    elif before and after:
        return before[-1], after[0]
    elif len(after) > 1:
        return after[0], after[1]
    raise Failed


def _quote_of_selection(vim: Vim, line: str, around: bool, mark: str) -> Target:
    """Extends a selection from inside the quotes to the quotes, or to the next string."""
    assert vim.visual is not None
    first, last = sorted((vim.visual.anchor, vim.cursor))
    places = _quote_places(line, mark)
    if first.row != last.row:
        raise Failed
    before = [place for place in places if place < first.column]
    after = [place for place in places if place > last.column]
    if not before or not after:
        raise Failed
    opening, closing = before[-1], after[0]
    if around:
        closing += len(line[closing + 1 :]) - len(line[closing + 1 :].lstrip(" \t"))
    if around or (first.column == opening + 1 and last.column == closing - 1):
        return Target(Place(first.row, closing), Extent.INCLUSIVE, start=Place(first.row, opening), kind=Kind.CHARACTERS)
    return Target(Place(first.row, closing - 1), Extent.INCLUSIVE, start=Place(first.row, opening + 1), kind=Kind.CHARACTERS)


def _quote_places(line: str, mark: str) -> list[int]:
    places, at = [], 0
    while at < len(line):
        if line[at] == "\\":
            at += 1
        elif line[at] == mark:
            places.append(at)
        at += 1
    return places


def double_quotes(vim: Vim, count: int, around: bool) -> Target:
    """Text in double quotes."""
    return _quote(vim, count, around, '"')


def single_quotes(vim: Vim, count: int, around: bool) -> Target:
    """Text in single quotes."""
    return _quote(vim, count, around, "'")


def back_quotes(vim: Vim, count: int, around: bool) -> Target:
    """Text in back quotes."""
    return _quote(vim, count, around, "`")


# ---- of a notebook


def cell(vim: Vim, count: int, around: bool) -> Target:
    """The cell."""
    return Target(Place(vim.last_row, 0), Extent.LINEWISE, start=Place(0, 0), kind=Kind.LINES)


def _definition(vim: Vim, count: int, around: bool, kinds: tuple[type[ast.stmt], ...]) -> Target:
    try:
        tree = ast.parse("\n".join("pass" if line.startswith(("%", "!")) else line for line in vim.lines))
    except (SyntaxError, ValueError):
        raise Failed("The cell can't be read as Python.") from None
    row = vim.cursor.row + 1
    found = []
    for node in ast.walk(tree):
        if isinstance(node, kinds):
            decorators = getattr(node, "decorator_list", [])
            first = min([node.lineno, *(one.lineno for one in decorators)])
            if first <= row <= (node.end_lineno or 0):
                found.append((first, node))
    if len(found) < count:
        raise Failed
    first, node = sorted(found, key=lambda one: -one[0])[count - 1]
    last = node.end_lineno or first
    body = getattr(node, "body", [])
    if not around and body:
        first = body[0].lineno
    elif around:
        while last < len(vim.lines) and not vim.lines[last].strip():
            last += 1
    return Target(Place(last - 1, 0), Extent.LINEWISE, start=Place(first - 1, 0), kind=Kind.LINES)


def function(vim: Vim, count: int, around: bool) -> Target:
    """Function."""
    return _definition(vim, count, around, (ast.FunctionDef, ast.AsyncFunctionDef))


def class_body(vim: Vim, count: int, around: bool) -> Target:
    """Class."""
    return _definition(vim, count, around, (ast.ClassDef,))
