"""Whether a notebook differs from the saved file. The notebook is unmodified again once its saved content is back.

Sources are compared by their hashes, whatever changed them. All other content gets a number. An undo or redo whose changes,
apart from those of sources, are the inverse of a commit that led to the current number returns to the number before that
commit. Any other commit that changes more than sources leads to a new number.
"""

from __future__ import annotations

from operator import is_
from typing import TYPE_CHECKING, TypeAlias

from tuinb.notebook.changes import RestoreOutputs, SpliceSource, Step
from tuinb.notebook.outputs import OutputsState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tuinb.notebook.changes import Applied, CellId, Change
    from tuinb.notebook.document import Notebook

_Way: TypeAlias = "tuple[tuple[Change, ...], int]"
"""Changes without those of sources, and the number that they lead to."""

_NEVER = (-1, 0)
"""Stands for a content that the notebook never had."""
REMEMBERED = 2000
"""Numbers from which an earlier content is recognised."""


class SavedState:
    """Tracks whether the notebook differs from the saved file. Equal values `current` and `saved` mean equal contents."""

    def __init__(self, notebook: Notebook) -> None:
        self._notebook = notebook
        self._number = self._latest = 0
        self._sources = 0
        """Sum of the hashes of all changed sources, less the hashes of what they were at first."""
        self._hashes: dict[CellId, int] = {}
        """Hashes of sources that changed."""
        self.saved = self.current
        self._ways: dict[int, list[_Way]] = {}
        """The ways from each number to others, by commits that undo a step or redo it."""

    @property
    def current(self) -> tuple[int, int]:
        """Stands for the content: the number of all but the sources, and a hash of the sources."""
        return self._number, self._sources

    def file_changed(self) -> None:
        """Notes that the file has a content that the notebook never had."""
        self.saved = _NEVER

    def follow(self, applied: Applied) -> None:
        """Updates `current` after a commit. The cost follows the cells whose sources changed."""
        undone: dict[CellId, list[SpliceSource]] = {}
        for change in applied.inverse:
            if isinstance(change, SpliceSource):
                undone.setdefault(change.cell, []).append(change)
        for cell in dict.fromkeys(change.cell for change in applied.changes if isinstance(change, SpliceSource)):
            self._follow_source(cell, undone.get(cell, ()))
        changes = _without_sources(applied.changes)
        if not changes:
            return
        before, inverse = self._number, _without_sources(applied.inverse)
        ways = self._ways.get(before, [])
        known = next((way for way in ways if _is_inverse(changes, way[0])), None)
        if known is not None:
            ways.remove(known)
            self._number = known[1]
        else:
            if applied.step is not Step.EDIT:
                self._ways.clear()
            self._latest += 1
            self._number = self._latest
        if known is not None or applied.step is Step.EDIT:
            self._add(self._number, (inverse, before))

    def _follow_source(self, cell: CellId, inverse: Sequence[SpliceSource]) -> None:
        source = self._notebook[cell].source
        after = hash((cell, source))
        before = self._hashes.get(cell)
        if before is None:
            for change in inverse:
                source = f"{source[: change.at]}{change.inserted}{source[change.at + len(change.removed) :]}"
            before = hash((cell, source))
        self._hashes[cell] = after
        self._sources += after - before

    def _add(self, number: int, way: _Way) -> None:
        self._ways.setdefault(number, []).append(way)
        if len(self._ways) > REMEMBERED:
            del self._ways[next(iter(self._ways))]


def _without_sources(changes: Sequence[Change]) -> tuple[Change, ...]:
    return tuple([change for change in changes if not isinstance(change, SpliceSource)])


def _is_inverse(changes: Sequence[Change], inverse: Sequence[Change]) -> bool:
    """Returns whether the changes are those of the inverse, the same objects, as the history returns them.

    Where an inverse restores the outputs of a cell several times, the history restores them once.
    """
    one, two = _without_states(changes), _without_states(inverse)
    if len(one) != len(two) or not all(map(is_, one, two)):
        return False
    states, others = _final_states(changes), _final_states(inverse)
    return states.keys() == others.keys() and all(_same_outputs(state, others[cell]) for cell, state in states.items())


def _final_states(changes: Sequence[Change]) -> dict[CellId, OutputsState]:
    states = [change.state for change in changes if isinstance(change, RestoreOutputs)]
    return {state.cell: state for state in states if isinstance(state, OutputsState)}


def _without_states(changes: Sequence[Change]) -> list[Change]:
    return [one for one in changes if not (isinstance(one, RestoreOutputs) and isinstance(one.state, OutputsState))]


def _same_outputs(one: OutputsState, two: OutputsState) -> bool:
    same = one.items is two.items and one.last is two.last
    return same and (one.count, one.pending) == (two.count, two.pending)
