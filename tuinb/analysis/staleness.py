"""Judges which cells no longer follow from the cells above, by the runs of one kernel and the names in their sources.

A cell follows if, for each name that it used, the run that set it and the runs that changed it are the last runs of just the
cells that the page above gives, and none of these is stale. Two namespaces are followed: the kernel's, run by run, and the
page's, cell by cell. Each name has a version in both: a number for the history of its value. Equal versions are equal
histories.
A value that follows from its text and from other names (an import, a function, `x = 3`) has a version of these, so that running
its cell again changes nothing.

Nothing here says that a cell is up to date: what is not found is not known. `Staleness` is not thread-safe.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tuinb.analysis.cell_code import code_of
from tuinb.analysis.comparison import Places, Run, compare
from tuinb.analysis.history.reach import annotated_names, reach
from tuinb.analysis.history.replay import Doing, Replay
from tuinb.analysis.history.values import Value, key_of
from tuinb.analysis.judgement import NOTHING_KNOWN
from tuinb.analysis.names import effects_of
from tuinb.record import Record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Set

    from tuinb.analysis.history.values import Lookup, Namespace
    from tuinb.analysis.judgement import Judgement
    from tuinb.analysis.page import Page
    from tuinb.notebook.changes import CellId


class Origin(Record):
    """The cells whose runs gave a name its value. Either may be deleted by now, or be OUTSIDE."""

    set_in: CellId
    changed_in: CellId
    """The cell that changed it last. The same as `set_in` if none did."""


@dataclass(slots=True)
class _Judged:
    """The judgement of a cell, with everything that it depends on."""

    source: str
    run: Run | None
    names: tuple[str, ...]
    inputs: tuple[Value | None, ...]
    """The page's values of `names` above the cell."""
    results: Namespace
    judgement: Judgement


class Staleness:
    """The runs of one kernel, and the judgement of the page by them."""

    def __init__(self) -> None:
        self._count = 0
        self.forget_kernel()

    def forget_kernel(self) -> None:
        """Begins anew: the kernel and its names are gone."""
        self._replay = Replay()
        self._kernel: Namespace = {}
        self._runs: dict[CellId, Run] = {}
        self._judged: dict[CellId, _Judged] = {}
        self._order: list[CellId] = []

    def ran(self, cell: CellId, source: str, *, ok: bool) -> None:
        """Notes a run with the source that was sent, in the order of execution. `ok` is whether it ended without an error."""
        self._count += 1
        effects, get = effects_of(source), self._kernel.get
        reached = reach(effects, get)
        seen = {name: get(name) for name in reached.names} | self._replay.caches(effects, reached, get)
        key = (key_of(effects, source, seen) if ok else None) or (self._count,)
        annotated = {name: value for name in annotated_names(effects, get) if (value := get(name)) is not None}
        self._kernel.update(self._replay.run(Doing(effects, source, cell, key, ok, None, False, get, reached)))
        self._runs[cell] = Run(key, source, ok, seen, annotated)

    def origins(self) -> dict[str, Origin]:
        """Returns the runs that gave the kernel's names their values, as far as sources tell."""
        found: dict[str, Origin] = {}
        for name, value in self._kernel.items():
            if value is not None and name.isidentifier():
                last, *before = value.events()
                found[name] = Origin(before[-1].cell if before else last.cell, last.cell)
        return found

    def judge(self, page: Page, pause: Callable[[], object] = lambda: None) -> dict[CellId, Judgement]:
        """Returns what is known against the cells of the page. Only what changed since the last call is looked at again.

        `pause` is called after each cell that is looked at.
        """
        order = [cell for cell, _ in page]
        places: Places | None = None
        moved, self._order = order != self._order, order
        found: dict[CellId, Judgement] = {}
        above: Namespace = {}
        get, run_of, old = above.get, self._runs.get, self._judged
        judged = self._judged = {}
        changed: set[CellId | None] = set()
        for cell, source in page:
            known = old.get(cell)
            if known is None or known.source != source or known.run is not run_of(cell):
                known = None
                changed.add(cell)
            if (
                known is None
                or known.inputs != tuple(map(get, known.names))
                # The reasons tell which cells are below or deleted, and which were edited or run.
                or (known.judgement.reasons and any(moved or reason.cell in changed for reason in known.judgement.reasons))
            ):
                places = places or Places(
                    {other: place for place, other in enumerate(order)}, dict(page), self._runs, self._is_stale
                )
                known = self._judge(cell, source, get, places)
                pause()
            judged[cell] = known
            if known.results:
                above.update(known.results)
            if known.judgement is not NOTHING_KNOWN:
                found[cell] = known.judgement
        return found

    def _judge(self, cell: CellId, source: str, get: Lookup, places: Places) -> _Judged:
        run, effects, asked = self._runs.get(cell), effects_of(source), _Asked(get)
        is_current = run is not None and code_of(run.source) == code_of(source)
        reached = reach(effects, asked)
        used = {name: asked(name) for name in reached.names} | self._replay.caches(effects, reached, asked)
        judgement, stale = NOTHING_KNOWN, None
        if run is not None and is_current:
            judgement = compare(cell, run, used, asked, places)
        ok = run is None or not is_current or run.ok
        # A cell that follows gives what its run gave. Another one gives what it would give now, if that is known.
        is_known = run is None or (is_current and not judgement.reasons)
        key = run.key if run is not None and is_known else key_of(effects, source, used) if ok else None
        if key is None:
            key = run.key if run is not None and is_current else ("page", cell, source)
            stale = None if is_known else cell
        results = self._replay.run(Doing(effects, source, cell, key, ok, stale, judgement.is_from_elsewhere, asked, reached))
        return _Judged(source, run, tuple(asked.values), tuple(asked.values.values()), results, judgement)

    def _is_stale(self, cell: CellId) -> bool:
        known = self._judged.get(cell)
        return known is not None and bool(known.judgement.reasons)

    # ---- what to run

    def plan(self, page: Page, targets: Iterable[CellId]) -> list[CellId]:
        """Returns the cells to run, from top to bottom, so that the targets follow from the cells above them.

        Besides the targets, these are cells above that give a name which the kernel has otherwise. Call `judge` first.
        """
        chosen = set(targets)
        for cell, _ in reversed(page):
            known = self._judged.get(cell)
            if cell in chosen and known is not None:
                for name, given in zip(known.names, known.inputs, strict=True):
                    chosen |= _givers(self._kernel.get(name), given)
        while (more := self._lacking(page, chosen)) - chosen:
            chosen |= more
        return [cell for cell, _ in page if cell in chosen]

    def _lacking(self, page: Page, chosen: Set[CellId]) -> set[CellId]:
        """Returns the cells that give what would still be otherwise if `chosen` ran from top to bottom."""
        above: Namespace = {}
        kernel = dict(self._kernel)
        found: set[CellId] = set()
        for cell, source in page:
            effects, known = effects_of(source), self._judged[cell]
            if cell in chosen:
                for namespace in (kernel, above):
                    reached = reach(effects, namespace.get)
                    used = {name: namespace.get(name) for name in reached.names}
                    used |= self._replay.caches(effects, reached, namespace.get)
                    if namespace is kernel:
                        given = self._replay.caches(effects, reach(effects, above.get), above.get)
                        for name, has in used.items():
                            found |= _givers(has, given[name] if name in given else above.get(name))
                    key = key_of(effects, source, used) or ("plan", cell)
                    namespace.update(
                        self._replay.run(Doing(effects, source, cell, key, True, None, False, namespace.get, reached))
                    )
            else:
                above.update(known.results)
        return found

    def followers(self, page: Page, cells: Iterable[CellId]) -> list[CellId]:
        """Returns these cells and those below that use what they give, also through others. Call `judge` first."""
        chosen = set(cells)
        above: Namespace = {}
        for cell, source in page:
            known = self._judged[cell]
            used = [above.get(name) for name in reach(effects_of(source), above.get).names]
            if any(event.cell in chosen for value in used if value is not None for event in value.events()):
                chosen.add(cell)
            above.update(known.results)
        return [cell for cell, _ in page if cell in chosen]


class _Asked:
    """Looks names up, and remembers what was found."""

    def __init__(self, get: Lookup) -> None:
        self._get = get
        self.values: Namespace = {}

    def __call__(self, name: str) -> Value | None:
        value = self.values[name] = self._get(name)
        return value


def _givers(has: Value | None, given: Value | None) -> set[CellId]:
    """Returns the cells to run so that a name has the value that the page gives. None if it has it, or the page gives none."""
    if given is None:
        return set()
    found = {given.stale} if given.stale is not None else set()
    for event in given.events():
        if has is not None and has.version == event.version:
            break  # what changed it since is left to do
        found.add(event.cell)
    return found
