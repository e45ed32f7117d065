"""Undo and redo of edits, by the inverses that `apply` returned.

Only EDIT steps are undone. Text that was typed, or that a kernel wrote, is kept between the steps as operations, and a step is
rebased over it: typed text stays, and if a step moved text between cells (a merge, a split), text typed inside it moves along.
Outputs that arrived after a clear stay behind the restored ones. If a run has replaced the outputs since, they are left alone.
A change whose cell is gone is skipped.

Invariants: each entry of a stack fits the notebook after the entries above it are undone; the cells that an entry restores are
retained as long as the entry exists.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, TypeAlias

from tuinb.editing import operations as ops
from tuinb.notebook.changes import (
    KERNEL,
    AppendOutput,
    AppendStream,
    Applied,
    CellId,
    Change,
    ClearOutputs,
    ClientId,
    DeleteCell,
    InsertCell,
    MoveCell,
    RestoreCell,
    RestoreOutputs,
    SetExecutionCount,
    SetKind,
    SetMetadata,
    SetOutputs,
    SpliceSource,
    Step,
    Transaction,
    UpdateDisplay,
)
from tuinb.notebook.outputs import OutputsState

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from tuinb.notebook.document import Notebook

LIMIT: Final = 1000

Typed: TypeAlias = dict[CellId, ops.Op]
"""Operations on sources between two steps."""


@dataclass(frozen=True, slots=True)
class _Entry:
    inverse: tuple[Change, ...]
    label: str
    sources: Mapping[CellId, str]
    """The cells that it deletes or restores, with their sources right after the step."""


@dataclass(frozen=True, slots=True)
class _Moved:
    """A cell whose whole source is part of the text that a splice of the same step removes or inserts."""

    cell: CellId
    splice: SpliceSource
    at: int
    """Its offset in the host's source: before the step if the splice removes it, else after the step."""


_Content: TypeAlias = (
    SetKind
    | SetMetadata
    | SpliceSource
    | AppendOutput
    | AppendStream
    | ClearOutputs
    | SetOutputs
    | RestoreOutputs
    | SetExecutionCount
)
_Stack: TypeAlias = deque[_Entry | Typed]


class History:
    """The history of one notebook. `record` must be called with each commit, in order."""

    def __init__(self, notebook: Notebook, limit: int = LIMIT) -> None:
        self._notebook = notebook
        self._limit = limit
        self._stacks: dict[Step, _Stack] = {Step.UNDO: deque(), Step.REDO: deque()}
        self._pending: tuple[Step, Typed] | None = None

    def record(self, applied: Applied) -> None:
        """Records a commit: a step, the undo or redo that was requested last, or a change between steps."""
        pending, self._pending = self._pending, None
        entry = _Entry(applied.inverse, applied.label, self._sources(applied.inverse))
        if applied.step is Step.EDIT:
            self._push(Step.UNDO, entry)
            self._clear(Step.REDO)
        elif pending is not None and pending[0] is applied.step:
            self._push(Step.REDO if applied.step is Step.UNDO else Step.UNDO, entry)
            self._pop(*pending)
        else:
            self._between(applied.changes)

    def undo(self, origin: ClientId = KERNEL) -> Transaction | None:
        """Returns the transaction that undoes the latest step, to be applied and recorded. None if there is no step."""
        return self._next(Step.UNDO, origin)

    def redo(self, origin: ClientId = KERNEL) -> Transaction | None:
        """Returns the transaction that redoes the step that was undone last. None if there is no such step."""
        return self._next(Step.REDO, origin)

    # ---- the stacks

    def _sources(self, inverse: Sequence[Change]) -> dict[CellId, str]:
        cells = [change.cell for change in inverse if isinstance(change, RestoreCell | DeleteCell)]
        return {cell: self._notebook[cell].source for cell in cells if self._notebook.knows(cell)}

    def _push(self, step: Step, entry: _Entry) -> None:
        stack = self._stacks[step]
        self._notebook.retain(entry.sources)
        stack.append(entry)
        if len(stack) > self._limit:
            oldest = stack.popleft()
            assert isinstance(oldest, _Entry)
            while stack and not isinstance(stack[0], _Entry):
                stack.popleft()
            self._notebook.release(oldest.sources)

    def _clear(self, step: Step) -> None:
        stack = self._stacks[step]
        while stack:
            if isinstance(entry := stack.pop(), _Entry):
                self._notebook.release(entry.sources)

    def _pop(self, step: Step, carried: Typed) -> None:
        """Removes the latest entry. `carried`, the text typed since, is kept for the entries below it."""
        stack = self._stacks[step]
        _take_typed(stack)
        entry = stack.pop()
        assert isinstance(entry, _Entry)
        _add_typed(stack, carried)
        self._notebook.release(entry.sources)

    def _between(self, changes: Sequence[Change]) -> None:
        splices = [change for change in changes if isinstance(change, SpliceSource)]
        if splices:
            typed = _operations(splices)
            for stack in self._stacks.values():
                _add_typed(stack, typed)

    # ---- one step

    def _next(self, step: Step, origin: ClientId) -> Transaction | None:
        stack = self._stacks[step]
        while stack:
            top = stack[-1]
            typed, entry = (top, stack[-2]) if isinstance(top, dict) else ({}, top)
            assert isinstance(entry, _Entry)
            changes, carried = self._rebased(entry, typed)
            fitting = self._fitting(changes)
            if fitting:
                self._pending = (step, carried)
                return Transaction(fitting, origin, step, entry.label)
            self._pop(step, carried)
        return None

    def _rebased(self, entry: _Entry, typed: Typed) -> tuple[tuple[Change, ...], Typed]:
        """Returns the entry's changes rebased over the text typed since, and that text rebased over them."""
        splices = [change for change in entry.inverse if isinstance(change, SpliceSource)]
        carried = dict(typed)
        if not any(cell in typed for cell in (*entry.sources, *(splice.cell for splice in splices))):
            return entry.inverse, carried
        moved = _moved(entry, splices)
        results: Typed = {}
        for host, step in _operations(splices).items():
            here = [one for one in moved if one.splice.cell == host]
            inside, outside = ops.NOTHING, typed.get(host, ops.NOTHING)
            grown = ops.NOTHING
            for one in sorted(here, key=lambda one: -one.at):
                if one.splice.inserted:
                    grown = ops.compose(grown, ops.shifted(typed.get(one.cell, ops.NOTHING), one.at))
                elif one.cell not in typed:
                    own, outside = ops.part_within(outside, one.at, one.at + len(entry.sources[one.cell]))
                    results[one.cell] = carried[one.cell] = own
                    inside = ops.compose(inside, ops.shifted(own, one.at))
            whole = ops.compose(step, grown)
            if len(step) == 2 and step[0] == len(self._notebook[host].source) - ops.growth(typed.get(host, ops.NOTHING)):
                # Behind the last character stands what was typed there, then what the step puts there.
                others, mine = ops.transform(outside, whole)
            else:
                mine, others = ops.transform(whole, outside)
            # What moves along goes from here first, then the step goes back over the rest.
            away = ops.blank_inverse(ops.transform(inside, outside)[0])
            results[host] = ops.compose(away, mine)
            carried[host] = ops.compose(grown, others)
        rest = [change for change in entry.inverse if not isinstance(change, SpliceSource)]
        return (*rest, *self._splices(results)), carried

    def _splices(self, results: Typed) -> list[Change]:
        found: list[Change] = []
        for cell, op in results.items():
            text = self._notebook[cell].source if self._notebook.knows(cell) else ""
            for at, removed, inserted in ops.splices_of(op):
                found.append(SpliceSource(cell, at, text[at : at + removed], inserted))
                text = f"{text[:at]}{inserted}{text[at + removed :]}"
        return found

    def _fitting(self, changes: Sequence[Change]) -> tuple[Change, ...]:
        """Returns the changes without those whose cells are gone, anchored below cells that exist."""
        states = _states(changes)
        outdated = {
            cell
            for cell, state in states.items()
            if not self._notebook.knows(cell) or not self._notebook[cell].arrived.follows(state)
        }
        there: dict[CellId, bool] = {}
        found: list[Change] = []
        for change in changes:
            if isinstance(change, RestoreOutputs) and isinstance(change.state, OutputsState):
                if change.cell not in outdated and (state := states.pop(change.cell, None)) is not None:
                    found.append(change if change.state is state else RestoreOutputs(change.cell, state))
            elif isinstance(change, RestoreCell | DeleteCell | MoveCell):
                found += self._placed(change, there)
            elif isinstance(change, InsertCell | UpdateDisplay) or self._concerns(change, outdated):
                found.append(change)
        return tuple(found)

    def _concerns(self, change: _Content, outdated: Collection[CellId]) -> bool:
        """Returns whether the change still applies. A count is skipped if the outputs of its run are."""
        if change.cell is None:
            return True
        counts = isinstance(change, SetExecutionCount) and change.cell in outdated
        return self._notebook.knows(change.cell) and not counts

    def _placed(self, change: RestoreCell | DeleteCell | MoveCell, there: dict[CellId, bool]) -> list[Change]:
        """Returns one change of the order if it fits. `there`: whether cells exist after the changes before it."""
        book, cell = self._notebook, change.cell
        if not book.knows(cell) or there.get(cell, cell in book) is isinstance(change, RestoreCell):
            return []
        there[cell] = not isinstance(change, DeleteCell)
        if isinstance(change, DeleteCell):
            return [change]
        after = change.after
        while after is not None and not there.get(after, after in book):
            after = book[after].above if book.knows(after) else None
        if after == cell:
            after = None
        return [change if after == change.after else replace(change, after=after)]


def _operations(splices: Sequence[SpliceSource]) -> Typed:
    """Returns the splices as one operation for each cell."""
    found: Typed = {}
    for one in splices:
        found[one.cell] = ops.compose(found.get(one.cell, ops.NOTHING), ops.splice(one.at, len(one.removed), one.inserted))
    return found


def _moved(entry: _Entry, splices: Sequence[SpliceSource]) -> list[_Moved]:
    """Returns the cells whose text the entry moves out of, or into, another cell."""
    hosts = [splice.cell for splice in splices]
    lone = [splice for splice in splices if hosts.count(splice.cell) == 1 and not (splice.removed and splice.inserted)]
    back = {change.cell for change in entry.inverse if isinstance(change, RestoreCell)}
    cells = [cell for cell, source in entry.sources.items() if source and cell not in hosts]
    return max((_search(entry, order, lone, back) for order in (cells[::-1], cells)), key=len)


def _search(entry: _Entry, cells: Sequence[CellId], splices: Sequence[SpliceSource], back: Collection[CellId]) -> list[_Moved]:
    found: list[_Moved] = []
    ends: dict[CellId, int] = {}
    for cell in cells:
        source = entry.sources[cell]
        for splice in splices:
            text = splice.removed if cell in back else splice.inserted
            at = text.find(source, ends.get(splice.cell, 0))
            if at >= 0:
                ends[splice.cell] = at + len(source)
                found.append(_Moved(cell, splice, splice.at + at))
                break
    return found


def _states(changes: Sequence[Change]) -> dict[CellId, OutputsState]:
    """Returns the state to restore for each cell: the last one, as the successor of the change that the first undoes."""
    found: dict[CellId, OutputsState] = {}
    for change in changes:
        if isinstance(change, RestoreOutputs) and isinstance(change.state, OutputsState):
            first = found.get(change.cell)
            found[change.cell] = (
                change.state if first is None else replace(change.state, successor=first.successor, kept=first.kept)
            )
    return found


def _take_typed(stack: _Stack) -> None:
    if stack and isinstance(stack[-1], dict):
        stack.pop()


def _add_typed(stack: _Stack, typed: Typed) -> None:
    """Adds typed text above the latest entry. Without entries, it is not needed."""
    if not stack or not any(typed.values()):
        return
    if not isinstance(top := stack[-1], dict):
        top = {}
        stack.append(top)
    for cell, op in typed.items():
        top[cell] = ops.compose(top.get(cell, ops.NOTHING), op)
