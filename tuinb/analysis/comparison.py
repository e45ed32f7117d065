"""Compares the values that the run of a cell saw with those that the page gives now."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tuinb.analysis.cell_code import code_of
from tuinb.analysis.history.caches import function_of
from tuinb.analysis.history.values import ANY, GENERATOR
from tuinb.analysis.judgement import NOTHING_KNOWN, Judgement, Reason, Why
from tuinb.analysis.page import OUTSIDE
from tuinb.record import Record

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tuinb.analysis.history.values import Key, Lookup, Namespace, Value
    from tuinb.notebook.changes import CellId


@dataclass(slots=True)
class Run:
    """The last run of a cell on this kernel."""

    key: Key
    source: str
    ok: bool
    seen: dict[str, Value | None]
    """The values of the names that it used, before it ran."""
    annotated: dict[str, Value]
    """The values of the names that only its annotations use. They matter by being there."""


class Places(Record):
    """The page by cells, with what is known of these."""

    place: Mapping[CellId, int]
    source: Mapping[CellId, str]
    runs: Mapping[CellId, Run]
    """The last runs, also of cells that are not on the page."""
    is_stale: Callable[[CellId], bool]
    """Whether a cell above the one that is judged is stale."""


def compare(cell: CellId, run: Run, used: Namespace, get: Lookup, places: Places) -> Judgement:
    """Compares what a run saw with what the page gives."""
    reasons: list[Reason] = []
    kept: list[Reason] = []
    perhaps = ""
    for name in dict.fromkeys((*run.seen, *used)):
        if function := function_of(name):
            kept += _kept(function, run.seen.get(name), used.get(name))
            continue
        seen, given = run.seen.get(name), get(name)
        if seen is given:  # no value that a run saw is a stale cell's
            continue
        if (seen.version if seen is not None else 0) != (given.version if given is not None else 0):
            if seen is None and run.ok:
                # The kernel has the name from elsewhere: from code that is not understood, or a start-up file.
                perhaps = perhaps or name
            else:
                reason = _reason(cell, name, seen, given, places)
                is_missing = given is None and name in used and not name.startswith(GENERATOR)
                reasons.append(replace(reason, is_missing=True) if is_missing else reason)
        elif given is not None and given.stale not in (None, cell):
            reasons.append(Reason(Why.STALE, name, given.stale))
        elif (seen.loose if seen is not None else 0) != (given.loose if given is not None else 0):
            perhaps = perhaps or name
    reasons += [
        replace(_reason(cell, name, value, None, places), is_missing=True)
        for name, value in run.annotated.items()
        if get(name) is None and name not in used
    ]
    reasons = reasons or kept
    if reasons:
        shared = {value.shares[0] for value in run.seen.values() if value is not None and value.shares is not None}
        # First what fails on a fresh kernel, last what another cell tells, too.
        reasons.sort(key=lambda reason: (not reason.is_missing, reason.why is Why.STALE or reason.name in shared))
        return Judgement(tuple(reasons))
    return Judgement((), "any name" if perhaps == ANY else perhaps) if perhaps else NOTHING_KNOWN


def _kept(function: str, seen: Value | None, given: Value | None) -> list[Reason]:
    """Returns the reason if the results that a cached function kept are not those that the page gives."""
    if seen is None or given is None or seen.version == given.version:
        return []
    return [Reason(Why.KEPT, function, given.cell)]


def _reason(cell: CellId, name: str, seen: Value | None, given: Value | None, places: Places) -> Reason:
    """Returns why the value that a cell saw is not the one that the page gives."""
    mine = list(seen.events()) if seen is not None else []
    theirs = list(given.events()) if given is not None else []
    common = {value.version for value in mine} & {value.version for value in theirs}
    strange = [value.cell for value in mine if value.version not in common]
    # A name that only a deleted cell set is lost: that says more than that the cell ran twice.
    if cell in strange and (given is not None or all(other in places.place for other in strange)):
        return Reason(Why.OWN, name)
    for other in strange:
        if other not in places.place:
            return Reason(Why.OUTSIDE if other == OUTSIDE else Why.DELETED, name)
        if places.place[other] > places.place[cell]:
            return Reason(Why.BELOW, name, other)
    value = next(value for value in (*theirs, *mine) if value.version not in common)
    run = places.runs.get(value.cell)
    if run is None:
        return Reason(Why.NOT_RUN, name, value.cell)
    if code_of(run.source) != code_of(places.source[value.cell]):
        return Reason(Why.EDITED, name, value.cell)
    if places.is_stale(value.cell):
        return Reason(Why.STALE, name, value.cell)
    if value not in theirs:
        return Reason(Why.UNSET if given is None else Why.UNCHANGED, name, value.cell)
    return Reason(Why.SET_AGAIN if value.before is None else Why.CHANGED_AGAIN, name, value.cell)
