"""Commands that enter and leave a cell, and those that its editor carries out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuinb.commands import cell_edits, cells, kernel
from tuinb.commands.command import EDITOR, Group, command
from tuinb.workspace.view_state import Mode

if TYPE_CHECKING:
    from tuinb.commands.context import Context


def _perform(context: Context, action: str) -> None:
    if context.editor.is_open:
        context.editor.perform(action)
    else:
        context.dialogs.notify("No cell is being edited: press Enter to edit one.")


def _shifts_lines(context: Context) -> bool:
    """Whether Tab shifts lines: text is selected, or only white space stands between the line's start and the cursor."""
    editor, active = context.editor, context.view.active
    if not editor.is_open or active is None:
        return False
    before = context.session.notebook[active].source[: editor.cursor]
    return bool(editor.selected) or not before.rpartition("\n")[2].strip()


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
def leave_edit_mode(context: Context) -> None:
    """Leave the cell for command mode."""
    cell_edits.command_mode(context)


@command(Group.EDIT, EDITOR)
def indent(context: Context) -> None:
    """Indent the lines."""
    _perform(context, "indent")


@command(Group.EDIT, EDITOR)
def dedent(context: Context) -> None:
    """Dedent the lines."""
    _perform(context, "dedent")


@command(Group.EDIT, EDITOR)
def toggle_comment(context: Context) -> None:
    """Comment the lines, or take that back."""
    _perform(context, "comment")


@command(Group.EDIT, EDITOR)
def move_line_up(context: Context) -> None:
    """Move the line up."""
    _perform(context, "move_line_up")


@command(Group.EDIT, EDITOR)
def move_line_down(context: Context) -> None:
    """Move the line down."""
    _perform(context, "move_line_down")


@command(Group.EDIT, EDITOR)
def undo_typing(context: Context) -> None:
    """Undo the last typing in the cell."""
    _perform(context, "undo")


@command(Group.EDIT, EDITOR)
def redo_typing(context: Context) -> None:
    """Redo typing in the cell."""
    _perform(context, "redo")


@command(Group.EDIT, EDITOR)
def cut_text(context: Context) -> None:
    """Cut the selected text."""
    _perform(context, "cut")


@command(Group.EDIT, EDITOR)
def copy_text(context: Context) -> None:
    """Copy the selected text."""
    _perform(context, "copy")


@command(Group.EDIT, EDITOR)
def paste_text(context: Context) -> None:
    """Paste text at the cursor."""
    _perform(context, "paste")


@command(Group.EDIT, EDITOR)
def complete(context: Context) -> None:
    """Complete the name before the cursor."""
    _perform(context, "complete")


@command(Group.EDIT, EDITOR)
def inspect(context: Context) -> None:
    """Show what the kernel knows of the name at the cursor."""
    _perform(context, "inspect")


@command(Group.EDIT, EDITOR)
def complete_or_indent(context: Context) -> None:
    """Complete the name before the cursor; indent selected lines, and where a line has no text before the cursor."""
    _perform(context, "indent" if _shifts_lines(context) else "complete")


@command(Group.EDIT, EDITOR)
def inspect_or_dedent(context: Context) -> None:
    """Inspect the name at the cursor; dedent selected lines, and where a line has no text before the cursor."""
    _perform(context, "dedent" if _shifts_lines(context) else "inspect")


@command(Group.EDIT, EDITOR)
def copy_or_interrupt(context: Context) -> None:
    """Copy the selected text; where nothing is selected, interrupt the kernel."""
    editor = context.editor
    if editor.is_open and editor.selected:
        editor.perform("copy")
    else:
        kernel.interrupt(context)
