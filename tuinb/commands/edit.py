"""Commands that enter and leave edit mode, and commands that the editor performs."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from tuinb.commands import cell_edits, cells, cursor, kernel
from tuinb.commands.command import EDITOR, Group, command
from tuinb.editing import lists, marks, motions, operators
from tuinb.notebook.changes import SpliceSource
from tuinb.workspace.view_state import Mode

if TYPE_CHECKING:
    from collections.abc import Callable

    from tuinb.commands.context import Context
    from tuinb.editing.selection import Motion
    from tuinb.notebook.changes import Applied, CellId, ClientId


def _tab_indents(context: Context) -> bool:
    """Returns whether Tab changes the indentation: text is selected, or only white space is before the cursor on its line, or
    the markers of an item in Markdown.
    """
    editor, active = context.editor, context.view.active
    if not editor.is_open or active is None:
        return False
    cell = context.session.notebook[active]
    before = cell.source[: editor.cursor].rpartition("\n")[2]
    if cell.kind == "markdown" and context.view.continue_lists and lists.is_before_item(before):
        return True
    return bool(editor.selected) or not before.strip()


def _walk_in_editor(context: Context, step: Callable[[ClientId, CellId], Applied | None], word: str) -> bool:
    """Undoes or redoes a step. Then edits the cell whose text alone changed, else the same cell if it is still there.

    Shows a message, unless the text of the edited cell alone changed. Returns whether there was a step.
    """
    edited = context.view.active
    if not context.editor.is_open or edited is None:
        cursor.say_not_editing(context)
        return False
    applied = step(context.client, edited)
    changed = None if applied is None else _only_text_of(applied)
    if changed != edited:
        cells.finish(context, applied, word)
    cell = edited if changed is None else changed
    if cell in context.session.notebook:
        context.view.activate(cell)
        context.view.mode = Mode.EDIT
    return applied is not None


def undo_group(context: Context) -> bool:
    """Undoes all that was typed as one step in the edited cell, or the last change of cells. Returns False without a step."""
    return _walk_in_editor(context, partial(context.session.undo, by_group=True), "undo")


def redo_group(context: Context) -> bool:
    """Redoes what `undo_group` undid last. Returns False without a step."""
    return _walk_in_editor(context, partial(context.session.redo, by_group=True), "redo")


def _only_text_of(applied: Applied) -> CellId | None:
    """Returns the cell of a commit that changed the text of one cell and nothing else."""
    found = {change.cell if isinstance(change, SpliceSource) else None for change in applied.changes}
    return found.pop() if len(found) == 1 else None


@command(Group.EDIT)
def enter_edit_mode(context: Context) -> None:
    """Edit the active cell."""
    if context.view.active is None:
        cells.insert_below(context)
    context.view.activate(context.view.active)
    context.view.mode = Mode.EDIT
    if context.session.read_only:
        context.dialogs.notify(f"Read-only: {context.session.read_only}", "warning")


@command(Group.EDIT)
def insert_in_cell(context: Context) -> None:
    """Edit the active cell, in insert mode where the keys have one."""
    enter_edit_mode(context)
    context.editor.begin_inserting()


@command(Group.EDIT)
def record_keys(context: Context) -> None:
    """Edit the active cell and record keys in a register, whose name follows; end a recording."""
    if context.editor.end_recording():
        context.dialogs.notify("Recorded.")
    else:
        _edit_with(context, "q")


@command(Group.EDIT)
def play_keys(context: Context) -> None:
    """Edit the active cell and play the keys in a register, whose name follows."""
    _edit_with(context, "@")


def _edit_with(context: Context, key: str) -> None:
    """Edits the active cell, and types a key of vim."""
    if context.editor.begin_with(key):
        enter_edit_mode(context)
    else:
        context.dialogs.notify("Only vim's keys have registers. start-macro, end-macro and run-macro record keys in all sets.")


@command(Group.EDIT)
def open_cell_below(context: Context) -> None:
    """Insert a cell below and edit it."""
    cells.insert_below(context)
    insert_in_cell(context)


@command(Group.EDIT)
def open_cell_above(context: Context) -> None:
    """Insert a cell above and edit it."""
    cells.insert_above(context)
    insert_in_cell(context)


@command(Group.EDIT)
def leave_edit_mode(context: Context) -> None:
    """Return to command mode; with several cursors, keep the last one and go on editing."""
    if context.editor.is_open and context.editor.has_several:
        context.editor.update(marks.deselect)
    else:
        cell_edits.command_mode(context)


def _select(context: Context, start: Motion, end: Motion) -> None:
    cursor.move(context, start)
    if context.editor.is_open:
        cursor.move(context, end, extend=True)


@command(Group.EDIT, EDITOR)
def select_all_text(context: Context) -> None:
    """Select all text of the cell."""
    _select(context, motions.text_start, motions.text_end)


@command(Group.EDIT, EDITOR)
def select_line(context: Context) -> None:
    """Select the line."""
    _select(context, motions.whole_line_start, motions.whole_line_end)


@command(Group.CURSOR, EDITOR)
async def go_to_line(context: Context) -> None:
    """Go to a line of the cell by its number."""
    if not context.editor.is_open or context.view.active is None:
        cursor.say_not_editing(context)
        return
    lines = context.session.notebook[context.view.active].source.count("\n") + 1
    text = await context.dialogs.ask(f"Go to line (1 to {lines}):")
    if text is None:
        return
    if re.fullmatch(r"\s*\d{1,9}\s*", text):
        to_line(context, int(text))
    else:
        context.dialogs.notify(f"'{text.strip()}' is not a line number.", "error")


def to_line(context: Context, number: int) -> None:
    """Goes to a line of the edited cell, counted from 1. A number out of range gives the first or the last line."""
    active = context.view.active
    if active is not None:
        last = context.session.notebook[active].source.count("\n")
        context.editor.edit_at(active, max(0, min(number - 1, last)))


@command(Group.CURSOR, EDITOR)
def go_to_prompt_or_line(context: Context) -> None:
    """Go to the prompt of the kernel; without one, to a line of the cell by its number."""
    if context.session.prompt is None:
        go_to_line(context)
    else:
        kernel.go_to_prompt(context)


@command(Group.EDIT, EDITOR, repeats=True)
def undo_typing(context: Context) -> None:
    """Undo typing in the cell, or the last change of cells if nothing was typed since."""
    _walk_in_editor(context, context.session.undo, "undo")


@command(Group.EDIT, EDITOR, repeats=True)
def redo_typing(context: Context) -> None:
    """Redo what was undone last: typing in the cell, or a change of cells."""
    _walk_in_editor(context, context.session.redo, "redo")


@command(Group.EDIT, EDITOR)
def cut_text(context: Context) -> None:
    """Cut the selected text."""
    cursor.perform(context, "cut")


@command(Group.EDIT, EDITOR)
def copy_text(context: Context) -> None:
    """Copy the selected text."""
    cursor.perform(context, "copy")


@command(Group.EDIT, EDITOR)
def paste_text(context: Context) -> None:
    """Paste text at the cursor."""
    cursor.perform(context, "paste")


@command(Group.EDIT, EDITOR)
def complete(context: Context) -> None:
    """Complete the name before the cursor."""
    cursor.perform(context, "complete")


@command(Group.EDIT, EDITOR)
def inspect(context: Context) -> None:
    """Show the kernel's documentation of the name at the cursor."""
    cursor.perform(context, "inspect")


@command(Group.EDIT, EDITOR)
def complete_or_indent(context: Context) -> None:
    """Complete the name before the cursor; indent selected lines, or at the start of a line or of an item."""
    if _tab_indents(context):
        cursor.change(context, operators.indent)
    else:
        cursor.perform(context, "complete")


@command(Group.EDIT, EDITOR)
def inspect_or_dedent(context: Context) -> None:
    """Inspect the name at the cursor; dedent selected lines, or at the start of a line or of an item."""
    if _tab_indents(context):
        cursor.change(context, operators.dedent)
    else:
        cursor.perform(context, "inspect")


@command(Group.EDIT, EDITOR)
def copy_or_interrupt(context: Context) -> None:
    """Copy the selected text; interrupt the kernel if nothing is selected."""
    editor = context.editor
    if editor.is_open and editor.selected:
        editor.perform("copy")
    else:
        kernel.interrupt(context)
