"""Journals that are cut or damaged: what is restored is the notebook as it was at some time, and never something else."""

from __future__ import annotations

import os
import random
from typing import TYPE_CHECKING

from tests.faults.tally import Tally
from tests.files.journal.support import Journaled, state
from tests.support import write_notebook
from tuinb.files.journal.recovered import recover
from tuinb.notebook.changes import AppendStream, CellData, CellId, DeleteCell, InsertCell, MoveCell, Step

if TYPE_CHECKING:
    from pathlib import Path


def damage(scratch: Path, tries: int, seed: int) -> Tally:
    """Damages or cuts a journal `tries` times, each time at random."""
    tally = Tally("damaged or cut journal", seed)
    chance = random.Random(seed)
    scratch.mkdir(parents=True, exist_ok=True)
    os.environ["XDG_STATE_HOME"] = str(scratch / "state")
    work = _worked(write_notebook(scratch / "a.ipynb", "a = 1", "b = 2", "c = 3"), chance)
    data = work.bytes()
    for number in range(tries):
        damaged, least = _damaged(data, chance)
        found = recover(damaged)
        if found is None:
            problem = "nothing is restored, although the base is whole" if least > len(data) // 2 else ""
        else:
            problem = "" if state(found.restored.notebook) in work.states else "a state that never was is restored"
        tally.add(f"try {number}: {problem}" if problem else "")
    return tally


def _worked(path: Path, chance: random.Random) -> Journaled:
    """Returns a notebook after a bit of work."""
    work = Journaled(path)
    for number in range(60):
        cells = work.notebook.order
        cell = chance.choice(cells)
        match chance.randrange(5):
            case 0 | 1:
                work.desk.type(cell, 0, f"{number} ")
            case 2:
                work.desk.do(AppendStream(cell, "stdout", f"{number} %\r"), step=Step.OUTPUT)
            case 3:
                work.desk.do(InsertCell(work.notebook.fresh(CellData(CellId(""), "code", "new", {"metadata": {}})), cell))
            case _:
                work.desk.do(MoveCell(cell, None) if len(cells) < 4 else DeleteCell(cell))
    return work


def _damaged(data: bytes, chance: random.Random) -> tuple[bytes, int]:
    """Returns the data with a fault in it, and where the fault begins."""
    at = chance.randrange(len(data))
    match chance.randrange(4):
        case 0:
            return data[:at], at
        case 1:
            return data[:at] + bytes(len(data) - at), at
        case 2:
            length = chance.randint(1, 4096)
            return data[:at] + chance.randbytes(length) + data[at + length :], at
        case _:
            damaged = bytearray(data)
            damaged[at] ^= 1 << chance.randrange(8)
            return bytes(damaged), at
