"""Commands for a notebook that another process has open. The screen asks at the start; until an answer it only looks on."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tuinb.commands import recovery
from tuinb.commands.command import Group, command
from tuinb.commands.file import confirm_name, path_of, write
from tuinb.errors import shown
from tuinb.session.recovery import find, shown_time

if TYPE_CHECKING:
    from pathlib import Path

    from tuinb.commands.context import Context
    from tuinb.session.access import Access

OPTIONS = ["Look on, read-only", "Take it over: it becomes read-only there", "Open a copy"]
_LOOK, _TAKE_OVER, _COPY = range(3)


@command(Group.FILE)
async def take_over(context: Context) -> None:
    """Edit the notebook here, if another tuinb has it open; that one becomes read-only."""
    access = context.session.access
    if access is None or access.owner is None:
        context.dialogs.notify("No other tuinb has this notebook.")
    else:
        await _take_over(context, access)


async def offer(context: Context) -> None:
    """Asks what to do with a notebook that another process has open."""
    access = context.session.access
    if access is None or access.owner is None:
        return
    choice = await context.dialogs.choose(_question(context, access), OPTIONS)
    if choice == _TAKE_OVER:
        await _take_over(context, access)
    elif choice == _COPY:
        await _copy(context)


def _question(context: Context, access: Access) -> str:
    assert access.owner is not None
    question = f"{context.session.path.name} is open in {access.owner.name} since {shown_time(access.owner.since)}."
    if access.is_owner_silent:
        question += " It was not heard of for more than a minute and may have ended."
    return question


async def _take_over(context: Context, access: Access) -> None:
    dialogs = context.dialogs
    dialogs.notify("Waiting until it is read-only there …")
    if not await access.take_over():
        question = (
            f"{access.owner.name if access.owner else 'It'} does not answer. Changes that are not saved there may be lost."
        )
        if not await dialogs.confirm(question, yes="Take it over", no="Look on", refused="The notebook stays read-only here."):
            return
        if not await access.take_over(unanswered=True):
            dialogs.notify(f"Another process took it meanwhile. Read-only: {access.reason}.", "warning")
            return
    dialogs.notify("This notebook is edited here now.")
    await recovery.offer(context, await find(context.session))


async def _copy(context: Context) -> None:
    text = await context.dialogs.ask("Save the copy as:", shown(_free_name(context.session.path)))
    path = await confirm_name(context, path_of(text, context.system.folder)) if text and text.strip() else None
    if path is not None:
        await write(context, path)


def _free_name(path: Path) -> Path:
    """Returns the first of NAME-copy, NAME-copy2 … that does not exist."""
    number = 1
    while os.path.lexists(found := path.with_name(f"{path.stem}-copy{number if number > 1 else ''}{path.suffix}")):
        number += 1
    return found
