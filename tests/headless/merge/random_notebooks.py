"""Random notebooks and edits by a seed, and what must be true of each merge of them.

`python -m tests.headless.merge.random_notebooks 10000` tries that many merges, and prints what it counted.
"""

from __future__ import annotations

import copy
import json
import random
import sys
from collections import Counter
from pathlib import Path
from typing import Any
from warnings import catch_warnings, simplefilter

from nbformat import ValidationError
from nbformat.validator import validate

from tests.support import CORPUS
from tuinb.files import load
from tuinb.headless.merge.command import merged
from tuinb.notebook.conflicts import find_marked
from tuinb.notebook.difference import Content

Json = Any

_LINES = ["x = 1", "y = x + 1", "import os", "", "def f(a):", "    return a", "print(x)", "for i in range(3):", "# note", "z"]
_MARKS = ("<<<<<<< ", "=======", ">>>>>>> ")


def notebook(chance: random.Random) -> dict[str, Json]:
    """A notebook of up to eight cells, with ids or without."""
    minor = chance.choice([4, 5, 5])
    cells = [_cell(chance, minor, number) for number in range(chance.randint(0, 8))]
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": minor}


def _cell(chance: random.Random, minor: int, number: int | None = None) -> dict[str, Json]:
    kind = chance.choice(["code", "code", "markdown", "raw"])
    cell: dict[str, Json] = {"cell_type": kind, "metadata": {}, "source": _lines(chance)}
    if minor >= 5:
        cell["id"] = f"cell-{number}" if number is not None else f"new-{chance.getrandbits(40):x}"
    if kind == "code":
        cell["outputs"] = _outputs(chance)
        cell["execution_count"] = chance.choice([None, 1, 2])
    return cell


def _lines(chance: random.Random) -> str:
    return "\n".join(chance.choices(_LINES, k=chance.randint(0, 6)))


def _outputs(chance: random.Random) -> list[Json]:
    text = f"{chance.randint(0, 5)}\n"
    return chance.choice(
        [
            [],
            [{"output_type": "stream", "name": "stdout", "text": text}],
            [{"output_type": "display_data", "data": {"image/png": text, "text/plain": "<Figure>"}, "metadata": {}}],
            [{"output_type": "execute_result", "data": {"text/plain": text}, "metadata": {}, "execution_count": 1}],
        ]
    )


def edited(chance: random.Random, base: dict[str, Json]) -> dict[str, Json]:
    """A version of the notebook after up to five edits."""
    new = copy.deepcopy(base)
    for _ in range(chance.randint(0, 5)):
        chance.choice(_EDITS)(chance, new)
    return new


def _add(chance: random.Random, book: dict[str, Json]) -> None:
    book["cells"].insert(chance.randint(0, len(book["cells"])), _cell(chance, book["nbformat_minor"]))


def _remove(chance: random.Random, book: dict[str, Json]) -> None:
    if book["cells"]:
        book["cells"].pop(chance.randrange(len(book["cells"])))


def _move(chance: random.Random, book: dict[str, Json]) -> None:
    if book["cells"]:
        cell = book["cells"].pop(chance.randrange(len(book["cells"])))
        book["cells"].insert(chance.randint(0, len(book["cells"])), cell)


def _edit(chance: random.Random, book: dict[str, Json]) -> None:
    if book["cells"]:
        cell = chance.choice(book["cells"])
        lines = "".join(cell["source"]).split("\n")
        at = chance.randint(0, len(lines))
        lines[at : at + chance.randint(0, 1)] = [f"edited {chance.getrandbits(20):x}"] * chance.randint(0, 2)
        cell["source"] = "\n".join(lines)


def _run(chance: random.Random, book: dict[str, Json]) -> None:
    codes = [cell for cell in book["cells"] if cell["cell_type"] == "code"]
    if codes:
        cell = chance.choice(codes)
        cell["outputs"], cell["execution_count"] = _outputs(chance), chance.randint(1, 9)


def _tag(chance: random.Random, book: dict[str, Json]) -> None:
    place = chance.choice([book, *book["cells"]])["metadata"]
    place[chance.choice(["tags", "other"])] = chance.choice([["a"], ["b"], ["a", "c"]])


def _turn(chance: random.Random, book: dict[str, Json]) -> None:
    if book["cells"]:
        cell = chance.choice(book["cells"])
        for key in ("outputs", "execution_count", "attachments"):
            cell.pop(key, None)
        cell["cell_type"] = chance.choice(["code", "markdown"])
        if cell["cell_type"] == "code":
            cell |= {"outputs": [], "execution_count": None}


_EDITS = (_add, _remove, _move, _edit, _edit, _edit, _run, _tag, _turn)


def data_of(book: dict[str, Json]) -> bytes:
    """The bytes of a file."""
    return json.dumps(book, indent=1).encode()


def merge(*books: dict[str, Json]) -> tuple[dict[str, Json], list[str]]:
    """The merged notebook, and its conflicts."""
    loaded = [load.parse(Path(f"{name}.ipynb"), data_of(book)) for name, book in zip("bot", books, strict=True)]
    data, conflicts = merged(*loaded)
    found: dict[str, Json] = json.loads(data)
    return found, conflicts


def check(base: dict[str, Json], ours: dict[str, Json], theirs: dict[str, Json]) -> int:
    """Merges, and raises AssertionError if something is lost or not valid. Returns the number of conflicts."""
    found, conflicts = merge(base, ours, theirs)
    validate(copy.deepcopy(found))
    ids = [cell["id"] for cell in found["cells"] if "id" in cell]
    assert len(set(ids)) == len(ids)
    there = {line for cell in found["cells"] for line in _source(cell).split("\n")}
    old = {line for cell in base["cells"] for line in _source(cell).split("\n")}
    for side, other in ((ours, theirs), (theirs, ours)):
        for cell in side["cells"]:
            assert set(_source(cell).split("\n")) - old - {""} <= there
        _check_cells(base, side, other, found)
    marked = list(find_marked(Content.of(load.parse(Path("merged"), data_of(found)).notebook)))
    kept = [conflict for conflict in conflicts if "moved it" not in conflict]
    assert bool(marked) == bool(kept)
    return len(conflicts)


def _check_cells(base: dict[str, Json], side: dict[str, Json], other: dict[str, Json], found: dict[str, Json]) -> None:
    """Each cell that a side added is there, and each that it has, unless the other side deleted it."""
    names, others, known = ({cell.get("id") for cell in book["cells"]} for book in (found, other, base))
    contents = Counter((cell["cell_type"], _source(cell)) for cell in found["cells"])
    for cell in side["cells"]:
        name = cell.get("id")
        if name is not None and (name not in known or name in others):
            assert name in names or contents[cell["cell_type"], _source(cell)] or _is_in_conflict(cell, found), (name, cell)


def _is_in_conflict(cell: dict[str, Json], found: dict[str, Json]) -> bool:
    """Whether a conflict has all lines of a cell. Without an id in the base, a new cell may stand for the one in its place."""
    lines = set(_source(cell).split("\n"))
    return any(lines | {_MARKS[1]} <= set(_source(other).split("\n")) for other in found["cells"])


def _source(cell: dict[str, Json]) -> str:
    return "".join(cell["source"])


def versions(seed: int, base: dict[str, Json] | None = None) -> tuple[dict[str, Json], dict[str, Json], dict[str, Json]]:
    """A base and two edited versions."""
    chance = random.Random(seed)
    base = notebook(chance) if base is None else base
    return base, edited(chance, base), edited(chance, base)


def corpus(*folders: Path) -> list[dict[str, Json]]:
    """Real notebooks of format 4 in these folders, in CORPUS if none is named. A folder may be absent."""
    paths = [path for folder in folders or (CORPUS,) for path in sorted(folder.rglob("*.ipynb"))]
    books = [json.loads(path.read_bytes()) for path in paths if path.stat().st_size < 300_000]
    return [book for book in books if _is_valid(book)]


def _is_valid(book: dict[str, Json]) -> bool:
    if book.get("nbformat") != 4 or book.get("nbformat_minor", 0) > 5:
        return False
    try:
        with catch_warnings():
            simplefilter("ignore")  # duplicate ids are renewed by a merge
            validate(copy.deepcopy(book))
    except ValidationError:
        return False
    return True


def _main(count: int) -> None:
    conflicts: Counter[str] = Counter()
    books = corpus()
    for seed in range(count):
        base = random.Random(seed).choice(books) if books and seed % 10 == 0 else None
        try:
            number = check(*versions(seed, base))
        except Exception:
            sys.stdout.write(f"seed {seed}\n")
            raise
        conflicts["with conflicts" if number else "clean"] += 1
    sys.stdout.write(f"{count} merges, {dict(conflicts)}, {len(books)} real notebooks\n")


if __name__ == "__main__":
    _main(int(sys.argv[1]))
