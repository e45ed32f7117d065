"""Finds the unsaved changes that an earlier run of tuinb left, and restores them in a session."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from tuinb.errors import ChangeError, NotebookFileError
from tuinb.files.journal import folder
from tuinb.files.journal.recovered import recover
from tuinb.jobs import shared
from tuinb.notebook.changes import InsertCell, RestoreCell, Step, Transaction
from tuinb.notebook.difference import Content, Difference, difference
from tuinb.notebook.merge import carried_over
from tuinb.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from tuinb.files.journal.folder import Leftover
    from tuinb.notebook.changes import ClientId
    from tuinb.notebook.document import Notebook
    from tuinb.session.port import SessionPort

LABEL = "restored changes"
"""What undo calls the step."""


class History(Record):
    """Steps of an earlier run, for a notebook that is as it was when the journal began."""

    first: Content
    """The content before the steps."""
    steps: Sequence[Transaction]
    last: Content
    """The content after them."""
    revision: int
    """The revision of the notebook that they are for."""


class Unsaved(Record):
    """Changes of an earlier run that are not in the notebook."""

    leftover: Leftover
    difference: Difference
    problem: str = ""
    """Why some of the journal can't be used."""
    history: History | None = None
    """The steps that led to the restored content. None if the notebook is not as it was before them."""

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
    unsaved = await shared().run(_compare, leftover, Content.of(notebook), notebook.revision)
    if unsaved is None:
        leftover.discard()
    return unsaved


def _compare(leftover: Leftover, current: Content, revision: int) -> Unsaved | None:
    try:
        found = recover(leftover.read())
    except (OSError, NotebookFileError) as error:
        return Unsaved(leftover, Difference((), ()), str(error))
    if found is None:
        return None
    base, last = Content.of(found.base.notebook), Content.of(found.restored.notebook)
    to_restore = carried_over(current, last, base)
    if not to_restore.changes and not found.problem:
        return None
    history = None
    if not to_restore.is_elsewhere and [*base.cells] == [*current.cells]:
        first, steps = found.history()
        if any(step.step is not Step.OUTPUT for step in steps):
            history = History(first, steps, last, revision)
    return Unsaved(leftover, to_restore, found.problem, history)


def restore(session: SessionPort, unsaved: Unsaved, client: ClientId) -> bool:
    """Restores changes. Their journal stays until `hand_over`. Raises ChangeError.

    Restores them step by step if the notebook is as it was, so that undo and redo find the steps again. Else as one step.
    Returns whether the steps are there.
    """
    history = unsaved.history
    if history is None or history.revision != session.notebook.revision:
        session.apply(Transaction(unsaved.difference.changes, client, Step.EDIT, LABEL))
        return False
    session.end_typing()
    _change_into(session, history.first, client)
    with suppress(ChangeError):  # what is left then becomes one step
        for step in history.steps:
            session.apply(_fitting(step, session.notebook))
    session.end_typing()
    _change_into(session, history.last, client)
    return True


def _change_into(session: SessionPort, content: Content, client: ClientId) -> None:
    if changes := difference(Content.of(session.notebook), content).changes:
        session.apply(Transaction(changes, client, Step.EDIT, LABEL))


def _fitting(step: Transaction, notebook: Notebook) -> Transaction:
    """Returns a step for a notebook that knows deleted cells: one that comes back is restored, not inserted."""
    changes = [
        RestoreCell(change.cell.id, change.after)
        if isinstance(change, InsertCell) and notebook.knows(change.cell.id) and change.cell.id not in notebook
        else change
        for change in step.changes
    ]
    return replace(step, changes=tuple(changes))


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
