"""Random versions of a notebook: one is edited in a session while another program writes the other.

`python -m tests.session.test_random_writers 1000` tries that many, and prints what it counted.
"""

from __future__ import annotations

import asyncio
import os
import random
import sys
import tempfile
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.headless.merge.random_notebooks import data_of, versions
from tests.session.support import ME
from tuinb.files import load
from tuinb.notebook.changes import CellData, Transaction
from tuinb.notebook.conflicts import Side, settled
from tuinb.notebook.difference import Content, difference, same_cell
from tuinb.notebook.matching import matched
from tuinb.session import other_writers
from tuinb.session.opening import open_session


def put(path: Path, book: dict[str, Any]) -> None:
    path.write_bytes(data_of(book))


async def attempt(seed: int, path: Path) -> str:
    """Tries one pair of versions. Returns how it went."""
    chance = random.Random(seed)
    books = versions(seed)
    base, ours, theirs = (load.parse(path, data_of(book)) for book in books)
    put(path, books[0])
    session = open_session(load.load(path), None)
    start = Content.of(session.notebook)
    mine = matched(start, Content.of(ours.notebook))
    if chance.random() < 0.7 and (changes := difference(start, mine).changes):
        session.apply(Transaction(changes, ME))
    was_modified = session.modified
    before = Content.of(session.notebook)
    put(path, books[2])
    found = await session.incoming()
    if found is None:
        return "nothing new"
    content = found.merge.content
    for conflict in found.merge.conflicts:
        content = settled(content, [conflict], chance.choice(list(Side)))
    changed = bool(difference(found.taken.content, content).changes)
    assert await session.take(found, content, ME)
    now = Content.of(session.notebook)
    assert not difference(now, content).changes
    if not was_modified:
        assert not session.modified
        assert (await session.save(endorse=False)).read_bytes() == data_of(books[2])
    else:
        await session.save(endorse=False)
        in_file = Content.of(load.load(path).notebook)
        # A cell that the file gives an id of its own has another name there.
        assert all(same_cell(one, other) for one, other in _pairs(now, in_file))
    if changed:
        session.undo(ME)
        assert not difference(Content.of(session.notebook), before).changes
        await session.save(endorse=False)
        assert all(same_cell(one, other) for one, other in _pairs(before, Content.of(load.load(path).notebook)))
    assert base.notebook.nbformat == theirs.notebook.nbformat
    return f"{'dirty' if was_modified else 'clean'}, {'conflicts' if found.merge.conflicts else 'no conflicts'}"


def _pairs(ours: Content, in_file: Content) -> list[tuple[CellData, CellData]]:
    """The cells of a notebook with those of its file, which has no place for the count of a cell that is no code."""
    pairs = zip(map(_without_stray_count, ours.cells.values()), in_file.cells.values(), strict=True)
    return [(one, replace(other, id=one.id)) for one, other in pairs]


def _without_stray_count(cell: CellData) -> CellData:
    return cell if cell.kind == "code" else replace(cell, execution_count=None)


@pytest.mark.parametrize("part", range(4))
async def test_nothing_is_lost(part: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(other_writers, "PAUSE", 0.0)
    for seed in range(part * 40, part * 40 + 40):
        await attempt(seed, tmp_path / "x.ipynb")


async def _main(count: int) -> None:
    counted: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        for number in range(count):
            seed = int.from_bytes(os.urandom(4)) if count > 1 else 0
            try:
                counted[await attempt(seed, Path(folder, "x.ipynb"))] += 1
            except Exception:
                print(f"seed {seed}, after {number}")  # noqa: T201
                raise
    print(dict(counted))  # noqa: T201


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1])))
