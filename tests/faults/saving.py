"""Kills at each system call of a session that saves: the file has old or new bytes, and the journal has the rest."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import time
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING

from tests.faults.tally import Tally
from tests.faults.tracing import trace
from tests.support import write_notebook
from tuinb.files import load
from tuinb.files.journal import folder
from tuinb.notebook.changes import CellId, ClientId, SpliceSource, Step, Transaction
from tuinb.session import recovery
from tuinb.session.opening import open_session

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tuinb.session.session import Session

_CELL = CellId("cell-0")
_ME = ClientId("faults")
_SAVES = 3
_IMPORTED_LATE = (
    "concurrent.futures.thread",
    "tuinb.files.atomic",
    "tuinb.files.ipynb.build",
    "tuinb.files.journal.writer",
    "tuinb.session.events",
    "tuinb.session.journal",
    "tuinb.session.session",
)
"""Modules that a session imports on its way. Each child would import them again, and the calls of imports would be counted."""


def kill(scratch: Path, tries: int, seed: int) -> Tally:
    """Kills a saving session `tries` times. With enough tries, at each of its stops."""
    tally = Tally("kill -9 at a system call of a save", seed)
    chance = random.Random(seed)
    for module in _IMPORTED_LATE:
        import_module(module)
    notebook = _prepare(scratch)
    versions = scratch / "versions"
    versions.mkdir()
    trace(lambda: _work(notebook, lambda _: None, lambda number: shutil.copy(notebook, versions / str(number))))
    known = [notebook.read_bytes() for notebook in (_prepare(scratch), *sorted(versions.iterdir()))]
    stops = trace(lambda: _work(notebook, lambda _: None))
    order = [1 + number % stops for number in range(tries)] if tries >= stops else chance.sample(range(1, stops + 1), tries)
    for at in order:
        problem = _try(_prepare(scratch), known, at)
        tally.add(f"at stop {at} of {stops}: {problem}" if problem else "")
    shutil.rmtree(scratch)
    return tally


def _prepare(scratch: Path) -> Path:
    """Returns a new notebook in a folder of its own, without a journal."""
    for name in ("work", "state"):
        shutil.rmtree(scratch / name, ignore_errors=True)
    (scratch / "work").mkdir(parents=True)
    os.environ["XDG_STATE_HOME"] = str(scratch / "state")
    return write_notebook(scratch / "work" / "a.ipynb", "", "b = 2")


def _work(notebook: Path, on_flushed: Callable[[int], object], on_saved: Callable[[int], object] = lambda _: None) -> None:
    """Edits and saves a notebook a few times. `on_flushed` is called when an edit is on the disk."""
    asyncio.run(_edit_and_save(notebook, on_flushed, on_saved))


async def _edit_and_save(notebook: Path, on_flushed: Callable[[int], object], on_saved: Callable[[int], object]) -> None:
    session = open_session(load.load(notebook), None, journal=True)
    for number in range(_SAVES):
        session.apply(Transaction((SpliceSource(_CELL, number, "", str(number)),), _ME, Step.TYPING))
        await session.flush()
        on_flushed(number)
        await session.save(endorse=False)
        on_saved(number)
    await session.shut_down()


def _try(notebook: Path, known: list[bytes], at: int) -> str:
    """Kills one session. Returns what was lost or left behind."""
    reader, writer = os.pipe()
    trace(partial(_work, notebook, lambda _: os.write(writer, b".")), at)
    os.close(writer)
    flushed = len(os.read(reader, _SAVES))
    os.close(reader)
    if notebook.read_bytes() not in known:
        return "the file has neither the old bytes nor the new ones"
    return _in_child(lambda: asyncio.run(_restore(notebook, flushed)))


def _in_child(check: Callable[[], str]) -> str:
    """Returns the result of `check`, which runs in a child: its threads must not be in the process that is forked."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.write(writer, check().encode() or b" ")
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as result:
        problem = result.read()
    os.waitpid(child, 0)
    return problem.strip() if problem else "the notebook can't be opened"


async def _restore(notebook: Path, flushed: int) -> str:
    """Opens the notebook as a user does, and restores what is left."""
    session = open_session(load.load(notebook), None, journal=True)
    problem = await _restored(session, flushed)
    await session.shut_down(discard=True)
    left = [path.name for path in notebook.parent.iterdir() if path != notebook]
    if left and not problem:
        return f"left behind: {left}"
    for unfinished in folder.journals().glob(f"*{folder.UNFINISHED}"):
        os.utime(unfinished, (time.time() - 3600,) * 2)
    if folder.leftovers() and not problem:
        return "a journal that holds nothing new is left"
    left = [path.name for path in folder.journals().glob("*")]
    return problem or (f"left behind: {left}" if left else "")


async def _restored(session: Session, flushed: int) -> str:
    for unsaved in await recovery.find(session):
        recovery.restore(session, unsaved, _ME)
        await recovery.hand_over(session, unsaved)
    whole = "".join(map(str, range(_SAVES)))
    found = session.notebook[_CELL].source
    if not whole.startswith(found) or len(found) < flushed:
        return f"{found!r} is restored, but {flushed} edits were on the disk"
    return ""
