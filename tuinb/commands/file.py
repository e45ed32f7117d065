"""Commands that save and leave, with a question before they overwrite what somebody else wrote or leave unsaved work."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tuinb.commands.command import Group, command
from tuinb.errors import ChangedOnDiskError, NotebookSaveError
from tuinb.files import disk

if TYPE_CHECKING:
    from pathlib import Path

    from tuinb.commands.context import Context


def path_of(text: str) -> Path:
    """The path that a person typed, from the current folder, with `~` for the home folder."""
    return disk.absolute_path(text.strip())


async def _ask_path(context: Context) -> Path | None:
    text = await context.dialogs.ask("Save as:", str(context.session.path))
    return path_of(text) if text and text.strip() else None


async def _objection(context: Context, path: Path | None) -> str:
    """Saves, unless that would overwrite what somebody else wrote: then says what."""
    if path is not None and await asyncio.to_thread(disk.is_folder, path):
        raise NotebookSaveError("that is a folder", where=str(path), hint="add the name of a file")
    if path is not None and path != context.session.path.absolute() and await asyncio.to_thread(disk.exists, path):
        return f"{path.name} exists already."
    try:
        await context.session.save(path)
    except ChangedOnDiskError:
        return f"{(path or context.session.path).name} changed on disk since it was read."
    return ""


async def write(context: Context, path: Path | None = None, *, overwrite: bool = False) -> bool:
    """Saves, with a question where it would overwrite what somebody else wrote. Whether it was saved.

    Raises NotebookSaveError.
    """
    while not overwrite:
        objection = await _objection(context, path)
        if not objection:
            return True
        choice = await context.dialogs.choose(objection, ["Cancel", "Save as another file", "Overwrite it"])
        if choice == 2:
            overwrite = True
        elif choice == 1:
            path = await _ask_path(context)
            if path is None:
                return False
        else:
            return False
    await context.session.save(path, overwrite=True)
    return True


async def leave(context: Context) -> None:
    """Leaves, with a question where something would be lost."""
    session = context.session
    running = " and a cell is still running" if session.queue() else ""
    if session.modified:
        choice = await context.dialogs.choose(
            f"{session.path.name} has unsaved changes{running}.", ["Save", "Discard", "Cancel"]
        )
        if choice == 1 or (choice == 0 and await write(context)):
            context.system.exit()
    elif not running or await context.dialogs.confirm("A cell is still running. Leave all the same?", yes="Leave", no="Stay"):
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
    """Leave tuinb, asking what to do with unsaved changes."""
    await leave(context)
