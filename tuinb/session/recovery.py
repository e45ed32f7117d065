"""Finds the unsaved changes that an earlier run of tuinb left, and restores them in a session as one step."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tuinb.errors import NotebookFileError
from tuinb.files.journal import folder
from tuinb.files.journal.recovered import recover
from tuinb.jobs import shared
from tuinb.notebook.changes import Step, Transaction
from tuinb.notebook.difference import Content, Difference
from tuinb.notebook.merge import carried_over

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tuinb.files.journal.folder import Leftover
    from tuinb.notebook.changes import ClientId
    from tuinb.notebook.document import Notebook
    from tuinb.session.port import SessionPort

LABEL = "restored changes"
"""What undo calls the step."""


@dataclass(frozen=True, slots=True)
class Unsaved:
    """Changes of an earlier run that are not in the notebook."""

    leftover: Leftover
    difference: Difference
    problem: str = ""
    """Why some of the journal can't be used."""

    @property
    def when(self) -> str:
        """When the changes were made, for the user."""
        return shown_time(self.leftover.written)

    @property
    def host(self) -> str:
        """The machine that the changes were made on. Empty for this one."""
        header = self.leftover.header
        return "" if header.is_here else header.host


def shown_time(seconds: float) -> str:
    """Returns a time of the clock, such as `Tue 3 Mar 14:05`."""
    then = time.localtime(seconds)
    return f"{time.strftime('%a', then)} {then.tm_mday} {time.strftime('%b %H:%M', then)}"


async def find(session: SessionPort) -> list[Unsaved]:
    """Returns the unsaved changes of the session's notebook, the latest first. Removes journals that hold nothing new."""
    leftovers = await shared().run(folder.leftovers, session.path)
    compared = [await compare(leftover, session.notebook) for leftover in leftovers]
    return [unsaved for unsaved in compared if unsaved is not None]


def release(found: Iterable[Unsaved]) -> None:
    """Leaves journals to any other process."""
    for unsaved in found:
        unsaved.leftover.release()


async def compare(leftover: Leftover, notebook: Notebook) -> Unsaved | None:
    """Compares a journal with the notebook as it is now. Removes the journal if it holds nothing new, and returns None."""
    current = Content.of(notebook)
    unsaved = await shared().run(_compare, leftover, current)
    if unsaved is None:
        leftover.discard()
    return unsaved


def _compare(leftover: Leftover, current: Content) -> Unsaved | None:
    try:
        found = recover(leftover.read())
    except (OSError, NotebookFileError) as error:
        return Unsaved(leftover, Difference((), ()), str(error))
    if found is None:
        return None
    to_restore = carried_over(current, Content.of(found.restored.notebook), Content.of(found.base.notebook))
    return Unsaved(leftover, to_restore, found.problem) if to_restore.changes or found.problem else None


def restore(session: SessionPort, unsaved: Unsaved, client: ClientId) -> None:
    """Restores changes as one step. Their journal stays until `hand_over`. Raises ChangeError."""
    session.apply(Transaction(unsaved.difference.changes, client, Step.EDIT, LABEL))


async def hand_over(session: SessionPort, unsaved: Unsaved) -> None:
    """Removes the journal of restored changes once they are in the session's own."""
    await session.flush()
    unsaved.leftover.discard()


def report(unsaved: Unsaved, notebook: Notebook) -> str:
    """Returns what restoring would change, as text: the lines of sources that differ, and a line for anything else."""
    from tuinb.session.recovery_report import lines

    return "\n".join(lines(unsaved.difference.changes, notebook))


def copy_to(leftover: Leftover, target: Path) -> str:
    """Writes the notebook as it was last to a file. Returns why some of it is missing, or an empty string.

    Raises NotebookFileError. Raises ChangedOnDiskError if it would overwrite a file that is not the one that was edited.
    """
    found = recover(leftover.read())
    if found is None:
        raise NotebookFileError("its journal is damaged, and nothing can be restored", where=leftover.header.path)
    found.restored.file.save_now(found.restored.notebook, target)
    return found.problem
