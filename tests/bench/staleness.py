"""What runs make stale: reading the names of cells, judging a long page after a run, and what keys wait meanwhile.

The first two are in processor time. The last one is measured in an event loop that wakes up every 2 ms, as it would for a key:
what it comes late is what a key is held, since the analysis works in a thread beside it.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import time
from contextlib import contextmanager
from statistics import median
from typing import TYPE_CHECKING, Any

from tests.bench.figures import Row
from tests.support import CORPUS, NOTEBOOKS, write_notebook
from tuinb.analysis.names import effects_of
from tuinb.analysis.staleness import Staleness
from tuinb.files import load
from tuinb.notebook.changes import CellId
from tuinb.session.staleness import SessionStaleness
from tuinb.ui import startup

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

    from tests.bench.figures import Setting

_CELLS, _GROUP = 2_000, 10
_TICK, _HELD = 0.002, 30.0
"""Seconds between two wake-ups, and milliseconds from which a key counts as held."""


def staleness(setting: Setting) -> Iterator[Row]:
    with _threads_and_garbage_of_the_program():
        sources = _sources()
        effects_of("%%javascript\nx")  # what it imports is no cost of a cell
        began = time.thread_time()
        for source in sources:
            effects_of(source)
        took = 1000 * (time.thread_time() - began)
        times = _judged(10 * setting.runs)
        late, rest = asyncio.run(_late(setting))
    detail = f"{len(sources)} cells of {'the corpus' if CORPUS.is_dir() else 'the tests'}"
    yield Row("names read, a cell", took / len(sources), "ms", 0.4, 0.2, detail)
    yield Row(f"{_CELLS:,} cells judged after a run, median", median(times), "ms", 10, 5, f"worst {max(times):.1f} ms")
    held = sum(one > _HELD for one in late)
    detail = f"{held} of {len(late)} held for more than {_HELD:g} ms; longest at rest {max(rest):.1f} ms"
    yield Row("longest hold of a key while cells are judged", max(late), "ms", _HELD, 16, detail)


def _sources() -> list[str]:
    """Returns the code cells of real notebooks, each once."""
    found: dict[str, None] = {}
    for path in sorted((CORPUS if CORPUS.is_dir() else NOTEBOOKS).rglob("*.ipynb")):
        book = json.loads(path.read_bytes())
        found |= {"".join(cell["source"]): None for cell in book.get("cells", ()) if cell.get("cell_type") == "code"}
    return list(found)


def _source(number: int, value: int = 1) -> str:
    """Returns a cell of a group: the first one sets a name, those after it use what the one before them made of it."""
    before = f"made_{number - 1}" if number % _GROUP else str(value)
    return f"def step_{number}(x):\n    return x + {number}\n\nmade_{number} = step_{number}({before})\nprint(made_{number})"


def _judged(times: int) -> list[float]:
    """Returns the milliseconds of processor time of judging the page after a cell was edited and run.

    The cells after it in its group become stale.
    """
    page = [(CellId(f"c{number}"), _source(number)) for number in range(_CELLS)]
    known = Staleness()
    for cell, source in page:
        known.ran(cell, source, ok=True)
    assert not known.judge(page)
    found = []
    for turn in range(times):
        place = turn * _GROUP
        cell, source = page[place][0], _source(place, 2)
        page[place] = (cell, source)
        began = time.thread_time()
        known.ran(cell, source, ok=True)
        judgements = known.judge(page)
        found.append(1000 * (time.thread_time() - began))
        assert len(judgements) == (turn + 1) * (_GROUP - 1), "what follows from a cell that was run again is stale"
    return found


@contextmanager
def _threads_and_garbage_of_the_program() -> Iterator[None]:
    """Changes of threads and collections of garbage are for the block as on a screen."""
    interval, thresholds = sys.getswitchinterval(), gc.get_threshold()
    sys.setswitchinterval(startup._SWITCH_SECONDS)
    gc.freeze()
    gc.set_threshold(*startup._GC_THRESHOLDS)
    try:
        yield
    finally:
        sys.setswitchinterval(interval)
        gc.unfreeze()
        gc.set_threshold(*thresholds)


async def _late(setting: Setting) -> tuple[list[float], list[float]]:
    """Returns by how many milliseconds a loop woke up late while all cells ran for the first time, and then some again.

    The second list is the same for a time without an analysis: what is not tuinb's but the machine's.
    """
    path = write_notebook(setting.folder / "judged.ipynb", *(_source(number, 3) for number in range(_CELLS)))
    notebook = load.load(path).notebook
    known = SessionStaleness(notebook, lambda event: None, lambda cell: False)
    late: list[float] = []
    for cell in notebook:
        known.ran(cell.id, cell.source, ok=True)
    late += await _ticks(known.settled())
    for number in range(0, 20 * setting.runs, _GROUP):
        known.ran(notebook.order[number], _source(number, 4), ok=True)
        late += await _ticks(known.settled())
    known.close()
    return late, await _ticks(asyncio.sleep(2))


async def _ticks(work: Coroutine[Any, Any, None]) -> list[float]:
    """Returns by how many milliseconds the loop woke up late until the work was done."""
    late: list[float] = []
    task = asyncio.ensure_future(work)
    while not task.done():
        began = time.perf_counter()
        await asyncio.sleep(_TICK)
        late.append(1000 * (time.perf_counter() - began - _TICK))
    return late


FIGURES: dict[str, Callable[[Setting], Iterator[Row]]] = {"staleness": staleness}
