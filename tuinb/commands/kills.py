"""Commands of the mark and the kill ring, as Emacs has them, and of several cursors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuinb.commands import cursor
from tuinb.commands.command import EDITOR, Command, Group, command
from tuinb.editing import cursors, filling, marks, motions, operators, structure

if TYPE_CHECKING:
    from collections.abc import Callable

    from tuinb.commands.context import Context
    from tuinb.editing.selection import Edit, Operator, Selection, State


def _update(context: Context, change: Callable[[State], None]) -> None:
    if context.editor.is_open:
        context.editor.update(change)
    else:
        cursor.say_not_editing(context)


def _kills(name: str, operator: Operator, doc: str, *, before: bool = False) -> Command:
    def kill(context: Context) -> None:
        if context.editor.is_open:
            context.editor.kill(operator, before=before)
        else:
            cursor.say_not_editing(context)

    return Command(name, doc, Group.EDIT, EDITOR, kill, repeats=True)


def _updates(name: str, change: Callable[[State], None], doc: str, *, group: Group = Group.CURSOR) -> Command:
    return Command(name, doc, group, EDITOR, lambda context: _update(context, change))


kill_line = _kills("kill-line", operators.delete_to_line_end, "Cut to the end of the line, or the line end, into the kill ring")
kill_word = _kills("kill-word", operators.delete_over(motions.next_word), "Cut to the end of a word into the kill ring")
kill_word_left = _kills(
    "kill-word-left",
    operators.delete_over(motions.previous_word),
    "Cut back to the start of a word into the kill ring",
    before=True,
)
kill_expression = _kills(
    "kill-expression", operators.delete_over(structure.next_expression), "Cut the next name, string or pair of brackets"
)
kill_sentence = _kills(
    "kill-sentence", operators.delete_over(structure.sentence_end), "Cut to the end of the sentence; in code, of the statement"
)
set_mark = _updates("set-mark", marks.set_mark, "Set the mark: moves of the cursor then select from there")
exchange_mark = _updates("exchange-mark", marks.exchange, "Go to the mark, and set it where the cursor was")
pop_mark = _updates("pop-mark", marks.pop, "Go to the mark, and again to the marks before it")
mark_and_go_to_start = _updates("mark-and-go-to-start", marks.go_to_start, "Go to the start of the cell, and mark this place")
mark_and_go_to_end = _updates("mark-and-go-to-end", marks.go_to_end, "Go to the end of the cell, and mark this place")
mark_all = _updates("mark-all", marks.mark_all, "Select the whole cell, with the cursor at its start")
mark_paragraph = _updates("mark-paragraph", marks.mark_around(structure.paragraph_around), "Select the paragraph")
mark_expression = _updates(
    "mark-expression", marks.mark_on(structure.next_expression), "Select the next name, string or brackets; again, one more"
)
mark_word = _updates("mark-word", marks.mark_on(motions.next_word), "Select to the end of a word; again, one word more")
add_next_occurrence = _updates(
    "add-next-occurrence", cursors.add_next_occurrence, "Select the word, or its next occurrence, too"
)
select_all_occurrences = _updates(
    "select-all-occurrences", cursors.select_all_occurrences, "Select all occurrences of the word or the selected text"
)
skip_occurrence = _updates(
    "skip-occurrence", cursors.skip_occurrence, "Select the next occurrence instead of the one that was selected last"
)
drop_cursor = _updates("drop-cursor", cursors.drop_cursor, "Drop the cursor or the selection that was added last")
cursors_at_line_ends = _updates(
    "cursors-at-line-ends", cursors.cursors_at_line_ends, "Put a cursor at the end of each selected line"
)
add_cursor_above = _updates("add-cursor-above", cursors.add_cursor_above, "Add a cursor on the row above")
add_cursor_below = _updates("add-cursor-below", cursors.add_cursor_below, "Add a cursor on the row below")


@command(Group.EDIT, EDITOR)
def kill_region(context: Context) -> None:
    """Cut the text from the mark to the cursor into the kill ring."""
    if _has_region(context):
        context.editor.kill(operators.delete_selected)


@command(Group.EDIT, EDITOR)
def copy_region(context: Context) -> None:
    """Copy the text from the mark to the cursor into the kill ring."""
    if _has_region(context):
        context.editor.perform("copy-region")


@command(Group.EDIT, EDITOR)
def upper_region(context: Context) -> None:
    """Turn the text from the mark to the cursor into upper case."""
    if _has_region(context):
        context.editor.change(operators.upper_case)
        context.editor.update(marks.deselect)


@command(Group.EDIT, EDITOR)
def lower_region(context: Context) -> None:
    """Turn the text from the mark to the cursor into lower case."""
    if _has_region(context):
        context.editor.change(operators.lower_case)
        context.editor.update(marks.deselect)


@command(Group.EDIT, EDITOR)
def select_rectangle(context: Context) -> None:
    """Select the rectangle from the mark to the cursor: a cursor on each line, so that what is typed replaces it."""
    if _has_region(context):
        context.editor.update(cursors.select_rectangle)


@command(Group.EDIT, EDITOR)
def kill_rectangle(context: Context) -> None:
    """Cut the rectangle from the mark to the cursor into the kill ring."""
    if _has_region(context):
        context.editor.update(cursors.select_rectangle)
        context.editor.kill(operators.delete_selected)
        context.editor.update(marks.deselect)


@command(Group.EDIT, EDITOR)
def fill_paragraph(context: Context) -> None:
    """Break the lines of the paragraph anew, at 70 columns; in code, those of a comment or string."""
    found: list[bool] = []

    def fill(state: State, selection: Selection) -> Edit | None:
        found.append(filling.is_text(state, selection))
        return filling.fill(state, selection)

    cursor.change(context, fill)
    if found == [False]:
        context.dialogs.notify("No text is here to fill: prose, a comment, or a string of several lines.")


@command(Group.CURSOR, EDITOR)
def mark_definition(context: Context) -> None:
    """Select the function or class around the cursor."""
    if context.editor.is_open:
        context.editor.update(marks.mark_around(structure.definition_around))
        if not context.editor.selected:
            context.dialogs.notify("No function or class is here.")
    else:
        cursor.say_not_editing(context)


def _has_region(context: Context) -> bool:
    """Selects from the mark to the cursor if nothing is selected. Returns False, after saying so, without a mark."""
    if not context.editor.is_open:
        cursor.say_not_editing(context)
        return False
    context.editor.update(_select_region)
    if not context.editor.selected:
        context.dialogs.notify("Nothing is selected, and no mark is set.")
    return bool(context.editor.selected)


def _select_region(state: State) -> None:
    if len(state.selections) == 1:
        state.selection = marks.region(state)


@command(Group.EDIT, EDITOR, repeats=True)
def yank(context: Context) -> None:
    """Insert what was cut or copied last."""
    cursor.perform(context, "yank")


@command(Group.EDIT, EDITOR)
def yank_earlier(context: Context) -> None:
    """Replace what was just inserted by what was cut before it."""
    cursor.perform(context, "yank-earlier")


@command(Group.EDIT, EDITOR)
def cut_text_or_lines(context: Context) -> None:
    """Cut the selected text, or without a selection the line, which is pasted as a line."""
    lines = context.editor.is_open and not context.editor.selected
    cursor.perform(context, "cut-lines" if lines else "cut")


@command(Group.CURSOR)
def cancel(context: Context) -> None:
    """Cancel what is pending: a count, a macro that is recorded, the mark, several cursors, completion."""
    context.keys.cancel()
    if context.editor.is_open:
        context.editor.perform("cancel")
        context.editor.update(marks.deselect)
