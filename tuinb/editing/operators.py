"""Operators: what a key changes in a text. Free functions that all sets of keys share."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tuinb.editing import languages, lists, motions, pairs, structure
from tuinb.editing.buffer import Place
from tuinb.editing.indent import next_indent
from tuinb.editing.selection import Edit, Motion, Operator, Selection
from tuinb.editing.syntax import surroundings
from tuinb.late_pattern import late_pattern

if TYPE_CHECKING:
    from collections.abc import Callable

    from tuinb.editing.selection import State

_WORD = late_pattern(r"\s*\w+")
_LETTERS = late_pattern(r"[^\W_]+")


def _replaced(start: int, end: int, text: str) -> Edit:
    """Returns an edit with the cursor behind the new text."""
    at = min(start, end) + len(text)
    return Edit(min(start, end), max(start, end), text, Selection(at, at))


def _deleted(start: int, end: int) -> Edit | None:
    return None if start == end else _replaced(start, end, "")


# ---- text


def insert(text: str) -> Operator:
    """Returns the operator that replaces what is selected by `text`. Line ends of other systems become `\\n`."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return lambda state, selection: _replaced(selection.start, selection.end, lines)


def new_line(state: State, selection: Selection) -> Edit:
    """Starts an indented line. Between brackets, the closing one gets a line of its own. Blanks at the cursor are dropped.

    In Markdown, goes on with a list, a task or a quote, or ends it on an empty line of it.
    """
    if state.continues_lists and state.language.has_lists and (edit := lists.next_line(state, selection)) is not None:
        return edit
    row, column = state.buffer.place(selection.start)
    line = state.buffer.lines[row]
    text = "\n" + next_indent(state, selection.start)
    if selection.is_empty and pairs.between_brackets(state, selection.start):
        indent = languages.indent_of(line)
        inner = f"\n{indent}{state.language.indent}"
        at = selection.start + len(inner)
        return Edit(selection.start, selection.end, f"{inner}\n{indent}", Selection(at, at))
    start = selection.start if line[:column].strip() else selection.start - column
    last, end = state.buffer.place(selection.end)
    rest = state.buffer.lines[last][end:]
    blanks = len(rest) - len(rest.lstrip(" \t")) if rest.strip() else 0
    return _replaced(start, selection.end + blanks, text)


def open_line(state: State, selection: Selection) -> Edit:
    """Ends the line at the cursor, which stays before the line end."""
    return Edit(selection.start, selection.end, "\n", Selection(selection.start, selection.start))


# ---- deleting


def delete_left(state: State, selection: Selection) -> Edit | None:
    """Deletes what is selected, an empty pair of brackets or quotes, or the character before the cursor.

    Within the indentation, deletes back to the previous step.
    """
    row, column = state.buffer.place(selection.head)
    before, step = state.buffer.lines[row][:column], len(state.language.indent)
    if selection.is_empty and pairs.empty_pair(state, selection.head):
        return _deleted(selection.head - 1, selection.head + 1)
    if selection.is_empty and before and not before.strip(" "):
        return _deleted(selection.head - column + (column - 1) // step * step, selection.head)
    return _delete_to(motions.left(state, selection).offset, selection)


def delete_right(state: State, selection: Selection) -> Edit | None:
    """Deletes what is selected, or the character after the cursor."""
    return _delete_to(motions.right(state, selection).offset, selection)


def delete_word_left(state: State, selection: Selection) -> Edit | None:
    """Deletes what is selected, or back to the start of a word."""
    return _delete_to(motions.word_left(state, selection).offset, selection)


def delete_word_right(state: State, selection: Selection) -> Edit | None:
    """Deletes what is selected, or up to the end of a word."""
    row, column = state.buffer.place(selection.head)
    line = state.buffer.lines[row]
    if column == len(line):
        return delete_right(state, selection)
    found = _WORD.search(line, column)
    return _delete_to(selection.head - column + (found.end() if found else len(line)), selection)


def delete_to_line_start(state: State, selection: Selection) -> Edit | None:
    """Deletes back to the start of the line; from there, what is selected, or the end of the line above."""
    column = state.buffer.place(selection.head).column
    return _deleted(selection.head - column, selection.head) if column else delete_left(state, selection)


def delete_to_line_end(state: State, selection: Selection) -> Edit | None:
    """Deletes up to the end of the line; from there, the line end."""
    row, column = state.buffer.place(selection.head)
    rest = len(state.buffer.lines[row]) - column
    return _deleted(selection.head, selection.head + rest) if rest else delete_right(state, selection)


def delete_over(motion: Motion) -> Operator:
    """Returns the operator that deletes up to where a motion leads, or what is selected."""

    def operator(state: State, selection: Selection) -> Edit | None:
        return _delete_to(motion(state, selection).offset, selection)

    return operator


def delete_selected(state: State, selection: Selection) -> Edit | None:
    """Deletes what is selected."""
    return _deleted(selection.start, selection.end)


def delete_lines(state: State, selection: Selection) -> Edit | None:
    """Deletes the selected lines. The cursor keeps its column."""
    first, last = state.selected_rows(selection)
    lines, column = state.buffer.lines, state.buffer.place(selection.head).column
    start, end = state.buffer.start(first), state.buffer.start(last) + len(lines[last])
    if last + 1 < len(lines):
        at = start + min(column, len(lines[last + 1]))
        return Edit(start, end + 1, "", Selection(at, at))
    above = max(0, start - 1)
    at = state.buffer.offset(Place(first - 1, column)) if first else 0
    return Edit(above, end, "", Selection(at, at)) if above < end else None


def whole_lines(state: State) -> str:
    """Returns the lines of all selections, each once, with their line ends, also that of the last one of the text."""
    rows = {row for each in state.selections for row in range(state.selected_rows(each)[0], state.selected_rows(each)[1] + 1)}
    return "".join([f"{state.buffer.lines[row]}\n" for row in sorted(rows)])


def insert_above(lines: str) -> Operator:
    """Returns the operator that inserts whole lines above that of the cursor, which stays at its text."""

    def inserted(state: State, selection: Selection) -> Edit:
        at = state.buffer.start(state.buffer.place(selection.head).row)
        return Edit(at, at, lines, selection.shifted(len(lines)))

    return inserted


def _delete_to(offset: int, selection: Selection) -> Edit | None:
    if selection.is_empty:
        return _deleted(offset, selection.head)
    return _deleted(selection.start, selection.end)


# ---- lines


def indent(state: State, selection: Selection) -> Edit | None:
    """Indents the selected lines. Without a selection, inserts spaces up to the next step of indentation.

    Behind the markers of an item of Markdown, moves the item one level deeper.
    """
    if _is_before_item(state, selection):
        return lists.nest(state, selection)
    if selection.is_empty:
        step = len(state.language.indent)
        return _replaced(selection.head, selection.head, " " * (step - state.buffer.place(selection.head).column % step))
    return _change_lines(state, selection, lambda lines: languages.indent_lines(lines, state.language))


def indent_lines(state: State, selection: Selection) -> Edit | None:
    """Indents the selected lines, or the line of the cursor."""
    return _change_lines(state, selection, lambda lines: languages.indent_lines(lines, state.language))


def dedent(state: State, selection: Selection) -> Edit | None:
    """Dedents the selected lines. Behind the markers of an item of Markdown, moves the item to the level above."""
    if _is_before_item(state, selection):
        return lists.unnest(state, selection)
    return _change_lines(state, selection, lambda lines: languages.dedent_lines(lines, state.language))


def toggle_comment(state: State, selection: Selection) -> Edit | None:
    """Comments or uncomments the selected lines."""
    return _change_lines(state, selection, lambda lines: languages.toggle_comment(lines, state.language))


def comment_lines(state: State, selection: Selection) -> Edit | None:
    """Comments the selected lines, also those that are comments."""
    return _change_lines(state, selection, lambda lines: languages.comment(lines, state.language))


def uncomment_lines(state: State, selection: Selection) -> Edit | None:
    """Uncomments those of the selected lines that are comments."""
    return _change_lines(state, selection, lambda lines: languages.uncomment(lines, state.language))


def comment(state: State, selection: Selection) -> Edit | None:
    """Comments or uncomments the selected lines. Without a selection, goes to the comment of the line, or begins one."""
    token = state.language.comment
    if not token or not selection.is_empty:
        return toggle_comment(state, selection)
    row = state.buffer.place(selection.head).row
    line, start = state.buffer.lines[row], state.buffer.start(row)
    end = start + len(line)
    if surroundings(state.buffer.text, end, state.language).inside == "#":
        at = next(
            at
            for at in range(start, end + 1)
            if state.buffer.text.startswith(token, at)
            and surroundings(state.buffer.text, at + len(token), state.language).inside == "#"
        )
        at += len(token) + line[at + len(token) - start :].startswith(" ")
        return Edit(at, at, "", Selection(at, at))
    return _replaced(start + len(line.rstrip()) if line.strip() else end, end, f"{'  ' if line.strip() else ''}{token} ")


def move_lines_up(state: State, selection: Selection) -> Edit | None:
    """Moves the selected lines above the line before them."""
    first, last = state.selected_rows(selection, adjoining=True)
    lines = state.buffer.lines
    if not first:
        return None
    moved = -len(lines[first - 1]) - 1
    return _with_lines(state, selection, first - 1, last, [*lines[first : last + 1], lines[first - 1]], (moved, moved))


def move_lines_down(state: State, selection: Selection) -> Edit | None:
    """Moves the selected lines below the line after them."""
    first, last = state.selected_rows(selection, adjoining=True)
    lines = state.buffer.lines
    if last + 1 == len(lines):
        return None
    moved = len(lines[last + 1]) + 1
    return _with_lines(state, selection, first, last + 1, [lines[last + 1], *lines[first : last + 1]], (moved, moved))


def duplicate_lines_down(state: State, selection: Selection) -> Edit:
    """Copies the selected lines below themselves. The selection moves to the copy."""
    return _duplicated(state, selection, moves=True)


def duplicate_lines_up(state: State, selection: Selection) -> Edit:
    """Copies the selected lines. The selection stays on the upper ones."""
    return _duplicated(state, selection, moves=False)


def _duplicated(state: State, selection: Selection, *, moves: bool) -> Edit:
    first, last = state.selected_rows(selection)
    lines = state.buffer.lines[first : last + 1]
    by = sum(len(line) + 1 for line in lines) if moves else 0
    return _with_lines(state, selection, first, last, [*lines, *lines], (by, by))


def join_lines(state: State, selection: Selection) -> Edit | None:
    """Joins the selected lines by single spaces; without a selection, the line and the next one."""
    first, last = state.selected_rows(selection)
    last = max(last, first + 1)
    lines = state.buffer.lines[first : last + 1]
    if len(lines) < 2:
        return None
    joined, at = lines[0].rstrip(), 0
    for line in lines[1:]:
        at = len(joined)
        part = line.strip()
        joined += f" {part}" if joined and part else part
    start = state.buffer.start(first)
    return Edit(start, start + sum(len(line) + 1 for line in lines) - 1, joined, Selection(start + at, start + at))


def join_line_above(state: State, selection: Selection) -> Edit | None:
    """Joins the line to the one above by a space, or by none beside a bracket or an empty line."""
    row = state.buffer.place(selection.head).row
    if not row:
        return None
    above, line = state.buffer.lines[row - 1].rstrip(), state.buffer.lines[row]
    start = state.buffer.start(row - 1) + len(above)
    end = state.buffer.start(row) + len(line) - len(line.lstrip())
    joint = "" if not above or not line.strip() or above[-1] in "([{" or line.lstrip()[0] in ")]}" else " "
    return Edit(start, end, joint, Selection(start, start))


def exchange_line_above(state: State, selection: Selection) -> Edit | None:
    """Exchanges the line with the one above, and moves to the line below them."""
    row = state.buffer.place(selection.head).row
    lines = state.buffer.lines
    if not row:
        return None
    start = state.buffer.start(row - 1)
    end = state.buffer.start(row) + len(lines[row])
    has_line_end = row + 1 < len(lines)
    return _replaced(start, end + has_line_end, f"{lines[row]}\n{lines[row - 1]}" + "\n" * has_line_end)


def delete_blank_lines(state: State, selection: Selection) -> Edit | None:
    """Leaves one of the empty lines around the cursor, or none if there is one; on another line, deletes those below it."""
    lines = state.buffer.lines
    row = state.buffer.place(selection.head).row
    first = last = row
    while first and not lines[first].strip() and not lines[first - 1].strip():
        first -= 1
    while last + 1 < len(lines) and not lines[last + 1].strip():
        last += 1
    start = state.buffer.start(first)
    if lines[row].strip():
        keeps = len(lines[row])
        edit = _deleted(start + keeps, state.buffer.start(last) + len(lines[last]))
        return None if edit is None else Edit(edit.start, edit.end, "", Selection(selection.head, selection.head))
    end = state.buffer.start(last) + len(lines[last])
    if first == last:  # with its line end, that before it in the last row
        return _deleted(start, end + 1) if last + 1 < len(lines) else _deleted(max(0, start - 1), end)
    return _deleted(start, end)


def comment_line(state: State, selection: Selection) -> Edit:
    """Starts a new line, indented; in a comment, with a comment on it."""
    line_start = motions.whole_line_start(state, selection).offset
    before = state.buffer.text[line_start : selection.start]
    token = state.language.comment
    if token and before.lstrip().startswith(token):
        blanks = before.lstrip()[len(token) :]
        head = languages.indent_of(before) + token + (blanks[: len(blanks) - len(blanks.lstrip(" "))] or " ")
        return _replaced(selection.start, selection.end, "\n" + head)
    return new_line(state, selection)


def sort_lines(state: State, selection: Selection) -> Edit | None:
    """Sorts the selected lines, or all, by their characters."""
    return _rearranged(state, selection, sorted)


def reverse_lines(state: State, selection: Selection) -> Edit | None:
    """Reverses the order of the selected lines, or of all."""
    return _rearranged(state, selection, lambda lines: lines[::-1])


def unique_lines(state: State, selection: Selection) -> Edit | None:
    """Deletes those of the selected lines, or of all, that are above already."""
    return _rearranged(state, selection, lambda lines: list(dict.fromkeys(lines)))


def trim_lines(state: State, selection: Selection) -> Edit | None:
    """Deletes blanks at the end of the selected lines, or of all."""
    return _change_all_lines(state, selection, lambda lines: [line.rstrip(" \t") for line in lines])


def tabs_to_spaces(state: State, selection: Selection) -> Edit | None:
    """Replaces tabs in the indentation of the selected lines, or of all, by spaces."""
    step = len(state.language.indent)

    def change(line: str) -> str:
        indent = languages.indent_of(line)
        return indent.expandtabs(step) + line[len(indent) :]

    return _change_all_lines(state, selection, lambda lines: [change(line) for line in lines])


def spaces_to_tabs(state: State, selection: Selection) -> Edit | None:
    """Replaces each step of spaces in the indentation of the selected lines, or of all, by a tab."""
    step = len(state.language.indent)

    def change(line: str) -> str:
        indent = languages.indent_of(line)
        columns = len(indent.expandtabs(step))
        return "\t" * (columns // step) + " " * (columns % step) + line[len(indent) :]

    return _change_all_lines(state, selection, lambda lines: [change(line) for line in lines])


def _rearranged(state: State, selection: Selection, change: Callable[[list[str]], list[str]]) -> Edit | None:
    """Replaces whole lines by others, which are then selected if lines were selected before."""
    first, last = (0, len(state.buffer.lines) - 1) if selection.is_empty else state.selected_rows(selection)
    old = state.buffer.lines[first : last + 1]
    new = change(old)
    if new == old:
        return None
    start = state.buffer.start(first)
    size = sum(len(line) + 1 for line in old) - 1
    text = "\n".join(new)
    after = Selection(start, start + len(text))
    return Edit(start, start + size, text, Selection(start, start) if selection.is_empty else after)


def _change_all_lines(state: State, selection: Selection, change: Callable[[list[str]], list[str]]) -> Edit | None:
    """Changes the selected lines, or all, each to one line. The cursor stays at its text."""
    if not selection.is_empty:
        return _change_lines(state, selection, change)
    edit = _change_lines(state, Selection(0, len(state.buffer.text)), change)
    if edit is None:
        return None
    row, column = state.buffer.place(selection.head)
    lines = [*edit.text.split("\n"), ""]
    before = sum(len(line) + 1 for line in lines[:row])
    from_end = len(state.buffer.lines[row]) - column
    at = column if state.buffer.lines[row].startswith(lines[row]) else len(lines[row]) - from_end
    return Edit(edit.start, edit.end, edit.text, Selection(*[before + max(0, min(at, len(lines[row])))] * 2))


# ---- letters


def upper_case(state: State, selection: Selection) -> Edit | None:
    """Turns what is selected, or the word at the cursor, into upper case."""
    return _recased(state, selection, str.upper)


def lower_case(state: State, selection: Selection) -> Edit | None:
    """Turns what is selected, or the word at the cursor, into lower case."""
    return _recased(state, selection, str.lower)


def title_case(state: State, selection: Selection) -> Edit | None:
    """Begins each word of what is selected, or the word at the cursor, with a capital."""
    return _recased(state, selection, lambda text: re.sub(r"\w+", lambda word: word[0].capitalize(), text))


def _recased(state: State, selection: Selection, change: Callable[[str], str]) -> Edit | None:
    chosen = motions.word_around(state, selection.head) if selection.is_empty else selection
    old = state.buffer.text[chosen.start : chosen.end]
    new = change(old)
    if new == old:
        return None
    # A letter may become two, as ß does.
    after = chosen.start + len(new)
    if selection.is_empty:
        after = min(selection.head, after)
        return Edit(chosen.start, chosen.end, new, Selection(after, after))
    forward = selection.anchor <= selection.head
    ends = (chosen.start, after) if forward else (after, chosen.start)
    return Edit(chosen.start, chosen.end, new, Selection(*ends))


def upper_word(state: State, selection: Selection) -> Edit | None:
    """Turns what is selected, or the rest of the word, into upper case and moves behind it."""
    return _recased_on(state, selection, str.upper)


def lower_word(state: State, selection: Selection) -> Edit | None:
    """Turns what is selected, or the rest of the word, into lower case and moves behind it."""
    return _recased_on(state, selection, str.lower)


def capital_word(state: State, selection: Selection) -> Edit | None:
    """Begins what is selected, or the rest of the word, with a capital and moves behind it."""
    return _recased_on(state, selection, lambda text: _LETTERS.sub(lambda word: word[0].capitalize(), text))


def _recased_on(state: State, selection: Selection, change: Callable[[str], str]) -> Edit:
    if selection.is_empty:
        selection = Selection(selection.head, motions.next_word(state, selection).offset)
    return _replaced(selection.start, selection.end, change(state.buffer.text[selection.start : selection.end]))


def transpose_words(state: State, selection: Selection) -> Edit | None:
    """Exchanges the word at the cursor, or before it, with the next one, and moves behind them.

    The last word is exchanged with the one before it.
    """
    text = state.buffer.text
    first, first_end = _word_before(state, selection.head)
    end = motions.next_word(state, Selection(first_end, first_end)).offset
    last = motions.previous_word(state, Selection(end, end)).offset
    if last < first_end:
        last, end = first, first_end
        first, first_end = _word_before(state, last)
    if not _LETTERS.match(text, first) or not _LETTERS.match(text, last) or not first < first_end <= last < end:
        return None
    return _replaced(first, end, text[last:end] + text[first_end:last] + text[first:first_end])


def transpose_expressions(state: State, selection: Selection) -> Edit | None:
    """Exchanges the expression before the cursor with the next one, and moves behind them."""
    text, head = state.buffer.text, selection.head
    end = structure.next_expression(state, Selection(head, head)).offset
    last = structure.previous_expression(state, Selection(end, end)).offset
    first = structure.previous_expression(state, Selection(last, last)).offset
    first_end = structure.next_expression(state, Selection(first, first)).offset
    if not first < first_end <= last < end:
        return None
    return _replaced(first, end, text[last:end] + text[first_end:last] + text[first:first_end])


def _word_before(state: State, offset: int) -> tuple[int, int]:
    """Returns where the word begins that starts before an offset, and where it ends."""
    start = motions.previous_word(state, Selection(offset, offset)).offset
    return start, motions.next_word(state, Selection(start, start)).offset


def delete_blanks(state: State, selection: Selection) -> Edit | None:
    """Deletes the blanks around the cursor."""
    return _deleted(*_blanks_around(state, selection.head))


def one_space(state: State, selection: Selection) -> Edit:
    """Leaves one space of the blanks around the cursor, or inserts one, and moves behind it."""
    start, end = _blanks_around(state, selection.head)
    kept = int(state.buffer.text[start : start + 1] == " " and start < end)
    return Edit(start + kept, end, " "[kept:], Selection(start + 1, start + 1))


def _blanks_around(state: State, offset: int) -> tuple[int, int]:
    row, column = state.buffer.place(offset)
    before, after = state.buffer.lines[row][:column], state.buffer.lines[row][column:]
    return offset - len(before) + len(before.rstrip(" \t")), offset + len(after) - len(after.lstrip(" \t"))


def transpose(state: State, selection: Selection) -> Edit | None:
    """Exchanges the characters around the cursor, or at the end of a line the last two, and moves behind them."""
    row, column = state.buffer.place(selection.head)
    line = state.buffer.lines[row]
    at = min(column, len(line) - 1)
    if at < 1:
        return None
    start = selection.head - column + at - 1
    return _replaced(start, start + 2, line[at] + line[at - 1])


# ---- helpers


def _is_before_item(state: State, selection: Selection) -> bool:
    if not selection.is_empty or not state.continues_lists or not state.language.has_lists:
        return False
    row, column = state.buffer.place(selection.head)
    return lists.is_before_item(state.buffer.lines[row][:column])


def _change_lines(state: State, selection: Selection, change: Callable[[list[str]], list[str]]) -> Edit | None:
    """Changes the selected lines, each to one line. The selection stays at its text."""
    first, last = state.selected_rows(selection)
    old = state.buffer.lines[first : last + 1]
    new = change(old)
    if new == old:
        return None

    def moved(offset: int) -> int:
        row, column = state.buffer.place(offset)
        before = sum(len(b) - len(a) for a, b in zip(old[: row - first], new, strict=False))
        if row > last or not (column or selection.is_empty):
            return before
        return before + max(-column, len(new[row - first]) - len(old[row - first]))

    return _with_lines(state, selection, first, last, new, (moved(selection.anchor), moved(selection.head)))


def _with_lines(state: State, selection: Selection, first: int, last: int, lines: list[str], moved: tuple[int, int]) -> Edit:
    """Returns an edit of whole lines. `moved` is how far the ends of the selection move."""
    start, end = state.buffer.start(first), state.buffer.start(last) + len(state.buffer.lines[last])
    text = "\n".join(lines)
    # A selection that ends with a line end has none to end with behind the last line.
    most = len(state.buffer.text) - (end - start) + len(text)
    return Edit(start, end, text, Selection(min(most, selection.anchor + moved[0]), min(most, selection.head + moved[1])))
