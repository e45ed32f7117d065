"""Random sessions on notebooks, to hold the judgement of staleness to truth. Run by hand:

    python -m tests.analysis.random_sessions FOLDER --sessions 8 --seed 1

A session runs a notebook from the top, then does a few random steps: edits a number and runs the cell or not, runs a cell
again, deletes or moves a cell, runs four cells. The truth is a run of the final notebook from the top in a fresh process: a
cell is really stale if its output differs. Outputs that differ between two such runs are left out, and cells without any, and
those that fail with the same error in both. Cells run with `exec`, in a child process that is killed after a time limit; a
notebook that takes too long is left out, and named.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import io
import json
import os
import random
import re
import select
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tuinb.analysis.cell_code import read_code
from tuinb.analysis.staleness import Staleness
from tuinb.notebook.changes import CellId

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_NUMBER = re.compile(r"(?<![\w.\"'])\d{1,3}(?![\w.\"'])")
_ADDRESS = re.compile(r"0x[0-9a-f]+")
_WHY = re.compile(r"\d+|\(\w+\)|\w+(?= set again| changed again| comes)|(?<=result: )\w+")
_TOO_LONG = 40.0
"""Seconds that a run of a whole session may take."""


# ---- running


class _Shell:
    """Stands for IPython: runs the code of magics that time, and nothing else."""

    def __init__(self, names: dict[str, Any]) -> None:
        self._names = names

    def run_line_magic(self, name: str, line: str, *_: object) -> object:
        """Runs the code of `%time`."""
        if name in {"time", "timeit"}:
            exec(re.sub(r"^(?:-{1,2}\w+(?:[ =]\d+)?\s+)*", "", line), self._names)
        return None

    def run_cell_magic(self, name: str, _line: str, body: str) -> object:
        """Runs the code of `%%time`."""
        if name in {"time", "timeit", "capture"}:
            exec(body, self._names)
        return None

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        return lambda *_, **__: None


def run_one(source: str, names: dict[str, Any]) -> tuple[str, bool]:
    """Runs a cell. Returns what it shows, and whether it ended without an error."""
    out = io.StringIO()
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
            tree = ast.parse(read_code(source).text)
            last = tree.body[-1] if tree.body else None
            if isinstance(last, ast.Expr):
                tree.body.pop()
            exec(compile(tree, "cell", "exec"), names)
            if isinstance(last, ast.Expr):
                value = eval(compile(ast.Expression(last.value), "cell", "eval"), names)
                if value is not None:
                    print(repr(value), file=out)
    except Exception as error:
        return f"{_ADDRESS.sub('0x', out.getvalue())[-20_000:]}\n{type(error).__name__}: {error}", False
    return _ADDRESS.sub("0x", out.getvalue())[-20_000:], True


def fresh_names() -> dict[str, Any]:
    """Returns the namespace of a fresh kernel."""
    names: dict[str, Any] = {"__name__": "__main__"}
    shell = _Shell(names)
    names |= {"get_ipython": lambda: shell, "display": lambda *values: print(*map(repr, values), sep="\n")}
    return names


def run_apart(sources: Sequence[str]) -> list[tuple[str, bool]] | None:
    """Runs cells in a process of their own. Returns None if that takes too long."""
    read_end, write_end = os.pipe()
    child = os.fork()
    if not child:
        os.close(read_end)
        os.dup2(os.open(os.devnull, os.O_RDWR), 2)
        names = fresh_names()
        with os.fdopen(write_end, "w") as pipe:
            pipe.write(json.dumps([run_one(source, names) for source in sources]))
        os._exit(0)
    os.close(write_end)
    deadline, parts = time.monotonic() + _TOO_LONG, []
    with os.fdopen(read_end, "rb") as pipe:
        while (left := deadline - time.monotonic()) > 0:
            if select.select([pipe], [], [], left)[0]:
                if not (part := os.read(pipe.fileno(), 1 << 20)):
                    break
                parts.append(part)
        else:
            os.kill(child, 9)
    os.waitpid(child, 0)
    try:
        return [(output, ok) for output, ok in json.loads(b"".join(parts))]
    except ValueError:
        return None


# ---- sessions


@dataclass
class Session:
    """The steps of a session: the runs in their order, and the notebook at its end."""

    cells: list[tuple[CellId, str]]
    runs: list[tuple[CellId, str]] = field(default_factory=list)

    def run(self, place: int) -> None:
        self.runs.append(self.cells[place])


def session_of(sources: Sequence[str], rng: random.Random, steps: int = 5) -> Session:
    """Makes a random session."""
    session = Session([(CellId(str(number)), source) for number, source in enumerate(sources)])
    session.runs = list(session.cells)
    cells = session.cells
    for _ in range(steps):
        if len(cells) < 3:
            break
        place = rng.randrange(len(cells))
        match rng.choice(["edit", "edit and run", "again", "delete", "move", "run four"]):
            case "edit" | "edit and run" as step:
                numbers = [(at, found) for at, (_, source) in enumerate(cells) for found in _NUMBER.finditer(source)]
                if numbers:
                    place, found = rng.choice(numbers)
                    cell, source = cells[place]
                    cells[place] = (
                        cell,
                        f"{source[: found.start()]}{int(found[0]) + rng.randint(1, 3)}{source[found.end() :]}",
                    )
                    if step == "edit and run":
                        session.run(place)
            case "again":
                session.run(place)
            case "delete":
                del cells[place]
            case "move":
                cells.insert(rng.randrange(len(cells)), cells.pop(place))
            case _:
                for _ in range(4):
                    session.run(rng.randrange(len(cells)))
    return session


def judge(session: Session, outputs: Sequence[tuple[str, bool]]) -> dict[CellId, str]:
    """Returns the marks of the cells at the end of a session: why each is marked."""
    staleness = Staleness()
    for (cell, source), (_, ok) in zip(session.runs, outputs, strict=True):
        staleness.ran(cell, source, ok=ok)
    sent = dict(session.runs)
    marks = {cell: "edited" for cell, source in session.cells if sent[cell] != source}
    places = {cell: place for place, (cell, _) in enumerate(session.cells, 1)}
    for cell, judgement in staleness.judge(session.cells).items():
        if judgement.reasons:
            marks.setdefault(cell, judgement.reasons[0].describe(lambda other: places[other]))
    return marks


def count(session: Session, counts: Counter[str], name: str, *, verbose: bool = False) -> bool:
    """Runs a session and its truth, and counts the marks. Returns False if that takes too long."""
    outputs = run_apart([source for _, source in session.runs])
    truth = outputs and run_apart([source for _, source in session.cells])
    again = truth and run_apart([source for _, source in session.cells])
    if not outputs or not truth or not again:
        return False
    marks = judge(session, outputs)
    shown = {cell: output for (cell, _), (output, _) in zip(session.runs, outputs, strict=True)}
    for (cell, source), (now, ok), (twice, _) in zip(session.cells, truth, again, strict=True):
        if now != twice or not (now or shown[cell]) or (not ok and now == shown[cell]):
            counts["left out"] += 1
            continue
        is_same = shown[cell] == now
        kind = ("marked" if cell in marks else "silent") + (", same" if is_same else ", differs")
        counts[kind] += 1
        if cell in marks and is_same:
            counts[f"same: {_WHY.sub('', marks[cell])}"] += 1
        if verbose and kind == "marked, same":
            print(f"+++ {name}, cell {cell}: {marks[cell]}\n{source[:200]}")
        if verbose and kind == "silent, differs":
            print(f"--- {name}, cell {cell}: missed\n{source}\nshown: {shown[cell][:300]!r}\ntruth: {now[:300]!r}")
    return True


def code_of(path: Path) -> list[str]:
    """Returns the sources of the Python code cells of a notebook."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    return [
        "".join(cell["source"])
        for cell in notebook.get("cells", ())
        if cell["cell_type"] == "code" and "".join(cell["source"]).strip()
    ]


def report(counts: Counter[str]) -> Iterator[str]:
    """Yields the figures."""
    stale = counts["marked, differs"] + counts["silent, differs"]
    marked = counts["marked, differs"] + counts["marked, same"]
    yield f"{dict(sorted(counts.items()))}"
    yield f"found {100 * counts['marked, differs'] / max(1, stale):.1f} % of {stale} outputs that differ"
    yield f"{100 * counts['marked, same'] / max(1, marked):.1f} % of {marked} marks on outputs that are the same"


def main() -> None:
    """Prints the figures for a folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sessions", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    if os.environ.get("PYTHONHASHSEED") != "0":  # the order of sets is no news
        os.execve(
            sys.executable,
            [sys.executable, "-m", "tests.analysis.random_sessions", *sys.argv[1:]],
            {**os.environ, "PYTHONHASHSEED": "0"},
        )
    total: Counter[str] = Counter()
    for path in sorted(options.folder.rglob("*.ipynb")):
        try:
            sources = code_of(path)
        except (ValueError, KeyError, TypeError):
            continue
        counts: Counter[str] = Counter()
        for number in range(options.sessions):
            session = session_of(sources, random.Random(f"{options.seed} {path.name} {number}"))
            if not count(session, counts, path.name, verbose=options.verbose):
                print(f"{path.name}: a session takes too long")
                break
        print(path.name, *report(counts), sep="\n  ", flush=True)
        total += counts
    print("all", *report(total), sep="\n  ")


if __name__ == "__main__":
    main()
