"""Commands that save and quit. They ask before they overwrite another file or discard unsaved changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuinb.commands.command import Group, command
from tuinb.commands.conflicts import merge_from_disk
from tuinb.commands.host import Scope
from tuinb.errors import ChangedOnDiskError, NotebookSaveError, is_remote, shown
from tuinb.files import disk, names

if TYPE_CHECKING:
    from pathlib import Path

    from tuinb.commands.context import Context
    from tuinb.session.port import SessionPort


NOT_SAVED = "Nothing was saved."
_NOT_ENDED = "Nothing was ended."
_CANCEL, _MERGE = "Cancel", "Merge both, then save"
_ELSEWHERE, _OVERWRITE = "Save as another file", "Overwrite it"


def path_of(text: str, folder: Path | None = None) -> Path:
    """Returns the path for text that the user typed. It is relative to `folder`, or the current one; `~` is the home folder."""
    name = text.strip()
    if folder is None or name.startswith("~") or "://" in name:
        return disk.absolute_path(name)
    return disk.absolute_path(str(folder / name))


def local_folder(context: Context) -> Path:
    """Returns the folder for new files beside the notebook. For a notebook on a server it is the terminal's."""
    path = context.session.path
    return (context.system.folder or disk.absolute_path(".")) if is_remote(path) else path.parent.absolute()


async def _ask_path(context: Context) -> Path | None:
    text = await context.dialogs.ask("Save as:", shown(context.session.path))
    return await confirm_name(context, path_of(text, context.system.folder)) if text and text.strip() else None


async def confirm_name(context: Context, path: Path) -> Path | None:
    """Asks before the notebook is saved under a name that no notebook has. Returns the path to save to, or None."""
    if names.is_notebook_name(path) or path == context.session.path:
        return path
    question = f"{path.name}: the name of a notebook ends in .ipynb."
    choice = await context.dialogs.choose(question, ["Cancel", f"Save as {path.name}.ipynb", f"Save as {path.name}"])
    if not choice:
        context.dialogs.notify(NOT_SAVED)
        return None
    return path.with_name(f"{path.name}.ipynb") if choice == 1 else path


async def write(context: Context, path: Path | None = None, *, overwrite: bool = False) -> bool:
    """Saves the notebook. Asks before it overwrites another file or changes that another program wrote.

    If it can't be written there, offers another file. Returns whether the notebook was saved. Raises NotebookSaveError if it
    is read-only.
    """
    if path is None and not overwrite and await context.session.is_gone():
        choice = await _ask_about_gone_file(context)
        if not choice or (choice == 2 and (path := await _ask_path(context)) is None):
            return False
    while True:
        try:
            await context.session.save(path, overwrite=overwrite)
        except ChangedOnDiskError as error:
            answer = await _ask_about_file(context, path, error)
            if answer is None:
                return False
            path, overwrite = answer
        except NotebookSaveError as error:
            if context.session.read_only:
                raise
            path, overwrite = await _offer_another_file(context, path, error), False
            if path is None:
                return False
        else:
            return True


async def _ask_about_gone_file(context: Context) -> int | None:
    """Asks what becomes of a notebook whose file is gone. Returns 1 to make it anew, 2 to save it as another file."""
    question = f"{context.session.path.name} is gone from the disk: another program removed or renamed it."
    choice = await context.dialogs.choose(question, [_CANCEL, "Make it anew", _ELSEWHERE])
    if not choice:
        context.dialogs.notify(NOT_SAVED)
    return choice


async def _offer_another_file(context: Context, path: Path | None, error: NotebookSaveError) -> Path | None:
    """Says why a notebook was not saved. Returns where to save it instead, or None."""
    question = f"{(path or context.session.path).name} was not saved: {error.what}."
    choice = await context.dialogs.choose(question, [_CANCEL, _ELSEWHERE])
    if choice == 1:
        return await _ask_path(context)
    context.dialogs.notify(NOT_SAVED)
    return None


async def _ask_about_file(context: Context, path: Path | None, error: ChangedOnDiskError) -> tuple[Path | None, bool] | None:
    """Asks what becomes of a file that is not as it was read. Returns where to save and whether to overwrite, or None."""
    is_own = path is None or path == context.session.path
    question = f"{(path or context.session.path).name}: {error.what}."
    options = [_CANCEL, *([_MERGE] if is_own else []), _ELSEWHERE, _OVERWRITE]
    choice = options[await context.dialogs.choose(question, options) or 0]
    if choice == _ELSEWHERE:
        path = await _ask_path(context)
        return None if path is None else (path, False)
    if choice == _CANCEL:
        context.dialogs.notify(NOT_SAVED)
        return None
    if choice == _MERGE and not await merge_from_disk(context):
        return None
    return path, choice == _OVERWRITE


async def leave(context: Context, scope: Scope = Scope.TAB) -> None:
    """Ends the session, or detaches if other terminals show it. If the kernel is at work, asks which.

    `scope` is what else is left.
    """
    session, system = context.session, context.system
    if not system.can_detach:
        await end_session(context)
    elif system.other_screens:
        system.detach(scope)
    elif not at_work(session):
        await end_session(context, scope)
    else:
        state = "The kernel waits for input." if session.prompt is not None else "A cell is still running."
        choice = await context.dialogs.choose(state, ["Detach: the session goes on", "End the session", "Stay"])
        if choice == 0:
            system.detach(scope)
        elif choice == 1:
            await _save_and_exit(context, scope=scope) if session.modified else system.exit(scope)


def at_work(session: SessionPort) -> bool:
    """Whether a cell runs or waits, or a prompt is open. The cell may be one of a session that was killed."""
    return bool(session.queue()) or session.prompt is not None or session.kernel.works_for_us


def leave_unasked(context: Context, scope: Scope = Scope.TAB) -> None:
    """Ends the session without a question about unsaved changes, or detaches if other terminals show it.

    `scope` is what else is left.
    """
    if context.system.other_screens:
        context.system.detach(scope)
    else:
        context.system.exit(scope)


async def leave_saved(context: Context, scope: Scope = Scope.TAB) -> None:
    """Leaves after the notebook was saved. Where the session can go on, asks before a run is ended."""
    if context.system.can_detach:
        await leave(context, scope)
    else:
        context.system.exit()


async def end_session(context: Context, scope: Scope = Scope.TAB) -> None:
    """Ends the session. Asks first if there are unsaved changes or a cell is running. `scope` is what else is left."""
    session = context.session
    running = " and a cell is still running" if session.queue() or session.kernel.works_for_us else ""
    if session.modified:
        await _save_and_exit(context, running, scope)
    else:
        question = "A cell is still running. Quit anyway?"
        if not running or await context.dialogs.confirm(question, yes="Quit", no="Cancel", refused=_NOT_ENDED):
            context.system.exit(scope)


async def _save_and_exit(context: Context, running: str = "", scope: Scope = Scope.TAB) -> None:
    """Asks what becomes of unsaved changes, and ends the session unless the user cancels."""
    choice = await context.dialogs.choose(
        f"{context.session.path.name} has unsaved changes{running}.",
        ["Save", "Discard", "Cancel"],
        at=2 if running else 0,  # whoever saves and leaves ends the run
    )
    if choice == 1 or (choice == 0 and await write(context)):
        context.system.exit(scope)
    elif choice != 0:
        context.dialogs.notify(_NOT_ENDED)


@command(Group.FILE)
async def save(context: Context) -> None:
    """Save the notebook."""
    await write(context)


@command(Group.FILE)
async def save_as(context: Context) -> None:
    """Save the notebook under another name: a renamed copy, with which you go on."""
    path = await _ask_path(context)
    if path is not None:
        await write(context, path)


@command(Group.FILE)
async def quit(context: Context) -> None:  # noqa: A001 - the command's name comes from it
    """Close the notebook, and quit with the last one; asks about unsaved changes and running cells."""
    await leave(context)


@command(Group.FILE)
async def save_and_quit(context: Context) -> None:
    """Save if there are unsaved changes, and quit."""
    if not context.session.modified or await write(context):
        await leave_saved(context)


@command(Group.FILE)
def quit_without_saving(context: Context) -> None:
    """Quit and discard unsaved changes without asking."""
    leave_unasked(context)


@command(Group.FILE)
def detach(context: Context) -> None:
    """Leave this terminal; all sessions go on, and `tuinb FILE` comes back to one."""
    if _is_kept(context):
        context.system.detach(Scope.TERMINAL)


@command(Group.FILE)
def detach_others(context: Context) -> None:
    """Detach the other terminals from this session."""
    if not _is_kept(context):
        return
    others = context.system.other_screens
    context.system.detach_others()
    detached = f"Detached {others} other terminal{'s' * (others > 1)}."
    context.dialogs.notify(detached if others else "No other terminal is attached.")


@command(Group.FILE)
async def end(context: Context) -> None:
    """End the session and its kernel, also on other terminals; asks about unsaved changes."""
    await end_session(context)


def _is_kept(context: Context) -> bool:
    """Whether the session outlives its terminals. Says so if it does not."""
    if not context.system.can_detach:
        context.dialogs.notify("This notebook was opened without a session: it ends with its terminal.", "error")
    return context.system.can_detach
