"""Commands that edit sources in the user's own editor, $VISUAL or $EDITOR. The kernel goes on meanwhile."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from tuinb import config
from tuinb.commands.cell_edits import apply, count, new_cell
from tuinb.commands.command import Group, command
from tuinb.editing.languages import rules
from tuinb.errors import NotebookSaveError, TuinbError
from tuinb.files import atomic
from tuinb.notebook.difference import Content
from tuinb.notebook.language import suffix_of
from tuinb.notebook.merge import carried_over
from tuinb.notebook.script import Script
from tuinb.session.events import UNDOES

if TYPE_CHECKING:
    from pathlib import Path

    from tuinb.commands.context import Context

_DOCUMENTS = {"markdown": ".md", "raw": ".txt"}
_NO_SETTINGS = "# Settings of tuinb: `tuinb config --show` lists them.\n"
_SHOWN = 5
"""Number of cells that a message names."""


@command(Group.EDIT)
async def edit_externally(context: Context) -> None:
    """Edit the cell in $VISUAL or $EDITOR."""
    cell = context.view.active
    _check(context)
    if cell is None:
        raise TuinbError("there is no cell to edit")
    base = Content.of(context.session.notebook)
    old = base.cells[cell]
    line = old.source.count("\n", 0, context.editor.cursor) + 1 if context.editor.is_open else 1
    number = context.session.notebook.index(cell) + 1
    name = f"{context.session.path.stem}-cell-{number}{_DOCUMENTS.get(old.kind) or suffix_of(base.metadata)}"
    text = await context.system.edit_text(name, old.source, line)
    if text is not None:
        _apply(context, base, replace(base, cells={**base.cells, cell: replace(old, source=text)}))


@command(Group.EDIT)
async def edit_all_externally(context: Context) -> None:
    """Edit all cells as one script in $VISUAL or $EDITOR."""
    _check(context)
    notebook = context.session.notebook
    base = Content.of(notebook)
    script = Script(rules(notebook.language).comment or "#")
    text = await context.system.edit_text(f"{context.session.path.stem}{suffix_of(base.metadata)}", script.written(base))
    if text is not None:
        _apply(context, base, script.read(text, base, partial(new_cell, notebook)))


@command(Group.FILE)
async def edit_settings(context: Context) -> None:
    """Edit the settings, config.toml, in $VISUAL or $EDITOR."""
    file = config.config_file()
    try:
        old = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        old = _NO_SETTINGS
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable(file, error) from error
    text = await context.system.edit_text(file.name, old)
    if text is None:
        context.dialogs.notify("Nothing was changed.")
        return
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        atomic.replace(file, text.encode())
    except (OSError, NotebookSaveError) as error:
        why = error.what if isinstance(error, NotebookSaveError) else error.strerror
        context.system.copy(text)
        hint = "paste it there once the file can be written"
        raise TuinbError(f"{why}. What you wrote is in the clipboard", where=str(file), hint=hint) from error
    _, problems = config.read(file)
    if problems:
        raise problems[0]
    context.dialogs.notify(f"Saved {config.home_relative(file)}. Settings apply from the next start.")


def _unreadable(file: Path, error: OSError | UnicodeDecodeError) -> TuinbError:
    return TuinbError(
        getattr(error, "strerror", None) or str(error), where=str(file), hint="make it a file that can be written"
    )


def _check(context: Context) -> None:
    if context.session.read_only:
        raise TuinbError(f"Read-only: {context.session.read_only}")


def _apply(context: Context, base: Content, target: Content) -> None:
    """Carries what was edited over to the notebook as it is now, as one step."""
    _check(context)
    notebook = context.session.notebook
    found = carried_over(Content.of(notebook), target, base)
    numbers = {cell: str(number) for number, cell in enumerate(notebook.order, 1)}
    apply(context, found.changes, "edit in another editor")
    if context.view.active not in notebook:
        context.view.activate(notebook.order[0] if notebook.order else None)
    if not found.changes:
        context.dialogs.notify("Nothing was changed.", "warning" if found.conflicts else "information")
        return
    said = f"Edited {count(len(found.cells))}." if found.cells else "Moved cells."
    if found.conflicts:
        names = ", ".join([numbers.get(cell, "a new one") for cell in found.conflicts][:_SHOWN])
        said += f" Changed here meanwhile, too: cell {names}{'…' * (len(found.conflicts) > _SHOWN)}."
    context.dialogs.notify(said, "warning" if found.conflicts else "information", hint=UNDOES)
