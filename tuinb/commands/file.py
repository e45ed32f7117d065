"""Commands that save and quit. They ask before they overwrite another file or discard unsaved changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuinb.commands.command import Group, command
from tuinb.errors import ChangedOnDiskError
from tuinb.files import disk, names

if TYPE_CHECKING:
    from pathlib import Path

    from tuinb.commands.context import Context


def path_of(text: str) -> Path:
    """Returns the path for text that the user typed. It is relative to the current folder; `~` is the home folder."""
    return disk.absolute_path(text.strip())


async def _ask_path(context: Context) -> Path | None:
    text = await context.dialogs.ask("Save as:", str(context.session.path))
    return await confirm_name(context, path_of(text)) if text and text.strip() else None


async def confirm_name(context: Context, path: Path) -> Path | None:
    """Asks before the notebook is saved under a name that no notebook has. Returns the path to save to, or None."""
    if names.is_notebook_name(path) or path == context.session.path:
        return path
    question = f"{path.name}: the name of a notebook ends in .ipynb."
    choice = await context.dialogs.choose(question, ["Cancel", f"Save as {path.name}.ipynb", f"Save as {path.name}"])
    return {1: path.with_name(f"{path.name}.ipynb"), 2: path}.get(choice or 0)


async def write(context: Context, path: Path | None = None, *, overwrite: bool = False) -> bool:
    """Saves the notebook. Asks before it overwrites another file or changes that another program wrote.

    Returns whether the notebook was saved. Raises NotebookSaveError.
    """
    while True:
        try:
            await context.session.save(path, overwrite=overwrite)
        except ChangedOnDiskError as error:
            question = f"{(path or context.session.path).name}: {error.what}."
            choice = await context.dialogs.choose(question, ["Cancel", "Save as another file", "Overwrite it"])
            overwrite = choice == 2
            if choice == 1:
                path = await _ask_path(context)
            if not choice or (choice == 1 and path is None):
                return False
        else:
            return True


async def leave(context: Context) -> None:
    """Ends the app. Asks first if there are unsaved changes or a cell is running."""
    session = context.session
    running = " and a cell is still running" if session.queue() else ""
    if session.modified:
        choice = await context.dialogs.choose(
            f"{session.path.name} has unsaved changes{running}.",
            ["Save", "Discard", "Cancel"],
            at=2 if running else 0,  # whoever saves and leaves ends the run
        )
        if choice == 1 or (choice == 0 and await write(context)):
            context.system.exit()
    elif not running or await context.dialogs.confirm("A cell is still running. Quit anyway?", yes="Quit", no="Cancel"):
        context.system.exit()


@command(Group.FILE)
async def save(context: Context) -> None:
    """Save the notebook."""
    await write(context)


@command(Group.FILE)
async def save_as(context: Context) -> None:
    """Save the notebook under another name."""
    path = await _ask_path(context)
    if path is not None:
        await write(context, path)


@command(Group.FILE)
async def quit(context: Context) -> None:  # noqa: A001 - the command's name comes from it
    """Quit tuinb; asks about unsaved changes."""
    await leave(context)
