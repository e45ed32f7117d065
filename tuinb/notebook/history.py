"""Undo and redo as a walk along the steps that were made, by the inverses that `apply` returned.

Every change of sources or of the order is a step. Typing is recorded in pieces: successive characters at one place, or at each
of several cursors. What is typed into one cell until `end_typing` is a group. Undo takes back a whole group; in an editor, one
piece. Outputs are no steps: those that arrived after a clear stay behind the restored ones, and if a run has replaced the
outputs since, they are left alone.

A new step after some undos would make the undone steps unreachable. If text was typed in them, they stay on the walk, as in
Emacs: forth and back, before the new step. So every text that was typed can be reached by undo and redo.

Invariants: the changes of a step lead from the side on which the notebook is to the other one, and a walk passes each step in
alternating directions. So a step that is on the walk several times is one object. The cells that a step inserts, deletes or
restores are retained as long as it is on the walk.
"""

from __future__ import annotations

import time
from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

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
    Selected,
    SetAttachments,
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
from tuinb.record import Record

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from tuinb.editing.selection import Selection
    from tuinb.notebook.document import Notebook

LIMIT: Final = 2000
"""Steps that can be undone. A piece of typing is one."""

_PIECE: Final = 100
"""Characters of one piece of typing."""
_PAUSE: Final = 2.0
"""Seconds without a key after which a new piece begins."""


_UNKNOWN: Final = Selected((), ())


class _Step(Record, frozen=False, eq=False):
    """What one undo, or one redo, takes back."""

    changes: tuple[Change, ...]
    """They lead to its other side."""
    label: str
    cells: tuple[CellId, ...]
    """The cells that it inserts, deletes or restores."""
    typed_in: CellId | None = None
    """The cell, if it is a piece of typing. Its changes are splices of this cell's source."""
    selected: Selected = _UNKNOWN
    """What is selected in that cell on the side on which the notebook is (`before`), and on the other one (`after`)."""
    places: int = 0
    """How many times it is on the walk."""


class _Place(NamedTuple):
    step: _Step
    group: int
    """The number of the group of typing; 0 for a step of its own."""


_Stack: TypeAlias = deque[_Place]
_OfCell: TypeAlias = (
    DeleteCell
    | RestoreCell
    | MoveCell
    | SetKind
    | SetMetadata
    | SetAttachments
    | SpliceSource
    | AppendOutput
    | AppendStream
    | ClearOutputs
    | SetOutputs
    | RestoreOutputs
    | SetExecutionCount
)


class History:
    """The history of one notebook. `record` must be called with each commit, in order."""

    def __init__(self, notebook: Notebook, limit: int = LIMIT, clock: Callable[[], float] = time.monotonic) -> None:
        self._notebook = notebook
        self._limit = limit
        self._clock = clock
        self._stacks: dict[Step, _Stack] = {Step.UNDO: deque(), Step.REDO: deque()}
        self._pending: tuple[Step, int] | None = None
        """The direction and the number of places of the transaction that was requested last."""
        self._group = self._latest_group = 0
        """The number of the group of typing that goes on, and the highest one so far."""
        self._typist: tuple[CellId, ClientId] | None = None
        """The cell and the client of the group of typing that goes on."""
        self._piece: _Step | None = None
        """The latest step, if it is a piece of typing that may grow."""
        self._typed_at = 0.0
        self._open: tuple[_Step, ClientId] | None = None
        """The latest step and who made it, if it may be extended."""

    def record(self, applied: Applied, selected: Selected | None = None) -> tuple[Selection, ...]:
        """Records a commit: a step, typing, the undo or redo that was requested last, or outputs.

        `selected` is what was selected around typing. Returns what an undo or a redo of typing selects again.
        """
        pending, self._pending = self._pending, None
        if pending is not None and pending[0] is applied.step:
            return self._cross(*pending, applied.inverse)
        if applied.step is Step.TYPING and (back := _splices_of_one_cell(applied.inverse)):
            self._type(back, applied, selected or _UNKNOWN)
        elif applied.step is Step.MORE and self._open is not None and self._open[1] == applied.origin:
            self._extend(self._open[0], applied.inverse)
        elif (
            applied.step in (Step.EDIT, Step.MORE)
            or applied.structural
            or any(isinstance(c, SpliceSource) for c in applied.changes)
        ):
            self.end_typing()
            step = _Step(applied.inverse, applied.label, _restorable(applied.inverse))
            self._push(step, 0)
            self._open = step, applied.origin
        return ()

    def remember(self, changes: tuple[Change, ...], label: str) -> None:
        """Adds a step whose undo applies `changes`. For what is no step by itself, such as outputs that runs replace."""
        if changes:
            self.end_typing()
            self._push(_Step(changes, label, ()), 0)

    def end_typing(self) -> None:
        """Ends the group of typing that goes on. What is typed next belongs to another one."""
        self._typist = self._piece = None

    def undo(self, origin: ClientId = KERNEL, typing_in: CellId | None = None, *, by_group: bool = False) -> Transaction | None:
        """Returns the transaction that undoes the latest step, to be applied and recorded. None if there is no step.

        A group of typing is undone as a whole. With `typing_in`, the cell of an open editor, one piece of typing is undone: the
        latest one in that cell if only typing in other cells, and new cells, came after it. With `by_group`, its group is.
        """
        return self._next(Step.UNDO, origin, typing_in, by_group=by_group)

    def redo(self, origin: ClientId = KERNEL, typing_in: CellId | None = None, *, by_group: bool = False) -> Transaction | None:
        """Returns the transaction that redoes what was undone last. None if there is nothing. See `undo`."""
        return self._next(Step.REDO, origin, typing_in, by_group=by_group)

    # ---- recording

    def _type(self, inverse: tuple[SpliceSource, ...], applied: Applied, selected: Selected) -> None:
        cell, now, grown = inverse[0].cell, self._clock(), None
        if self._typist != (cell, applied.origin):
            self.end_typing()
            self._typist = (cell, applied.origin)
            self._group = self._next_group()
        moved = len(inverse) > 1 and self._piece is not None and selected.before != self._piece.selected.before
        if self._piece is not None and not moved and now - self._typed_at <= _PAUSE:
            grown = _grown(self._piece.changes, inverse)
        if self._piece is not None and grown is not None:
            self._piece.changes = grown
            self._piece.selected = Selected(selected.after, self._piece.selected.after)
        else:
            piece = _Step(applied.inverse, applied.label, (), cell, Selected(selected.after, selected.before))
            self._push(piece, self._group)
            self._piece = piece if all(map(_is_character, inverse)) else None
        self._typed_at = now

    def _extend(self, step: _Step, inverse: tuple[Change, ...]) -> None:
        """Adds to the latest step."""
        cells = _restorable(inverse)
        self._notebook.retain(cells)
        step.changes, step.cells = inverse + step.changes, step.cells + cells

    def _push(self, step: _Step, group: int) -> None:
        self._open = None
        undoable = self._stacks[Step.UNDO]
        self._notebook.retain(step.cells)  # at first: an undone step may be the last one to retain them
        self._keep_undone()
        step.places = 1
        undoable.append(_Place(step, group))
        while len(undoable) > self._limit:
            self._drop(undoable.popleft().step)

    def _keep_undone(self) -> None:
        """Puts the undone steps below the next one: forth, as far as text was typed, and back the short way."""
        undoable, undone = self._stacks[Step.UNDO], self._stacks[Step.REDO]
        while undone and undone[0].step.typed_in is None:
            self._drop(undone.popleft().step)
        undoable.extend(reversed(undone))
        last = 0
        for step, group in _short_way(undone):
            if group and group != last:
                self._next_group()
            last = group
            step.places += 1
            undoable.append(_Place(step, self._latest_group if group else 0))
        undone.clear()

    def _next_group(self) -> int:
        self._latest_group += 1
        return self._latest_group

    def _drop(self, step: _Step) -> None:
        """Releases the cells of a step after its last place has left the walk."""
        step.places -= 1
        if not step.places:
            self._notebook.release(step.cells)

    def _cross(self, way: Step, count: int, inverse: tuple[Change, ...]) -> tuple[Selection, ...]:
        """Moves the walk over its next places. `inverse` undoes the changes of a single step that is no typing.

        Returns what is selected at the end of the way.
        """
        self.end_typing()
        selections: tuple[Selection, ...] = ()
        ahead, behind = self._stacks[way], self._stacks[Step.REDO if way is Step.UNDO else Step.UNDO]
        for _ in range(count):
            place = ahead.pop()
            step = place.step
            step.changes = inverse if step.typed_in is None else _flipped(step.changes)
            selections = step.selected.after
            step.selected = Selected(selections, step.selected.before)
            behind.append(place)
        return selections

    # ---- one step

    def _next(self, way: Step, origin: ClientId, typing_in: CellId | None, *, by_group: bool) -> Transaction | None:
        stack = self._stacks[way]
        self.end_typing()
        self._open = None
        if typing_in is not None:
            _raise(stack, typing_in, by_group=by_group)
        while stack:
            step = stack[-1].step
            count = 1 if typing_in is not None and not by_group else _group_size(stack)
            changes = self._fitting(step.changes) if step.typed_in is None else self._retyped(stack, count)
            if changes:
                self._pending = (way, count)
                return Transaction(changes, origin, way, step.label)
            if step.typed_in is None:
                step.changes = ()
                self._drop(stack.pop().step)
            else:  # Nothing would be seen of it: what was typed was removed again.
                self._cross(way, count, ())
        return None

    def _retyped(self, stack: _Stack, count: int) -> tuple[Change, ...]:
        """Returns the changes of the latest pieces of typing. Empty if they leave the text as it is."""
        cell = stack[-1].step.typed_in
        if cell is None or not self._notebook.knows(cell):
            return ()
        splices = [change for at in range(count) for change in stack[-1 - at].step.changes if isinstance(change, SpliceSource)]
        before = text = self._notebook[cell].source
        for one in splices:
            text = f"{text[: one.at]}{one.inserted}{text[one.at + len(one.removed) :]}"
        return tuple(splices) if text != before else ()

    def _fitting(self, changes: Sequence[Change]) -> tuple[Change, ...]:
        """Returns the changes without those of outputs that a run has replaced since, and of cells that are gone."""
        states = _states(changes)
        outdated = {
            cell
            for cell, state in states.items()
            if not self._notebook.knows(cell) or not self._notebook[cell].arrived.follows(state)
        }
        found: list[Change] = []
        for change in changes:
            if isinstance(change, RestoreOutputs) and isinstance(change.state, OutputsState):
                if change.cell not in outdated and (state := states.pop(change.cell, None)) is not None:
                    found.append(change if change.state is state else RestoreOutputs(change.cell, state))
            elif isinstance(change, InsertCell | UpdateDisplay) or self._concerns(change, outdated):
                found.append(change)
        return tuple(found)

    def _concerns(self, change: _OfCell, outdated: Collection[CellId]) -> bool:
        """Returns whether the change still applies. A count is skipped if the outputs of its run are."""
        if change.cell is None:
            return True
        counts = isinstance(change, SetExecutionCount) and change.cell in outdated
        return self._notebook.knows(change.cell) and not counts


def _restorable(changes: Sequence[Change]) -> tuple[CellId, ...]:
    return tuple([change.cell for change in changes if isinstance(change, RestoreCell | DeleteCell)])


def _is_character(inverse: SpliceSource) -> bool:
    """Returns whether one character of a line was typed or removed, so that a piece of typing may go on from it."""
    text = inverse.removed or inverse.inserted
    return len(text) == 1 and text != "\n"


def _splices_of_one_cell(changes: Sequence[Change]) -> tuple[SpliceSource, ...]:
    """Returns the changes if they are what was typed into one cell, at one cursor or several. Else an empty tuple."""
    splices = tuple([change for change in changes if isinstance(change, SpliceSource)])
    return splices if len(splices) == len(changes) and len({splice.cell for splice in splices}) == 1 else ()


def _grown(piece: Sequence[Change], keys: tuple[SpliceSource, ...]) -> tuple[Change, ...] | None:
    """Returns the inverse of a piece of typing together with the next key, at one cursor or several.

    None if the key begins another piece.
    """
    if len(piece) == len(keys) == 1:
        one = _grown_at_one(piece[0], keys[0])
        return None if one is None else (one,)
    latest = [change for change in piece[: len(keys)] if isinstance(change, SpliceSource)]
    if len(keys) == 1 or len(piece) % len(keys) or len(piece) >= _PIECE * len(keys) or not all(map(_is_character, keys)):
        return None
    is_typed, is_erased = not any(key.inserted for key in keys), not any(key.removed for key in keys)
    goes_on = (is_typed and all(one.removed for one in latest)) or (is_erased and not any(one.removed for one in latest))
    return (*keys, *piece) if goes_on else None


def _grown_at_one(piece: Change, key: SpliceSource) -> SpliceSource | None:
    assert isinstance(piece, SpliceSource)
    typed, erased = piece.removed, piece.inserted
    if len(typed or erased) >= _PIECE or not _is_character(key):
        return None
    if typed and not key.inserted and key.at == piece.at + len(typed):
        return SpliceSource(piece.cell, piece.at, typed + key.removed, erased)
    if typed or key.removed or not piece.at - 1 <= key.at <= piece.at:
        return None
    removed = erased + key.inserted if key.at == piece.at else key.inserted + erased
    return SpliceSource(piece.cell, key.at, "", removed)


def _flipped(splices: Sequence[Change]) -> tuple[Change, ...]:
    """Returns the inverse of splices of one cell."""
    return tuple([replace(s, removed=s.inserted, inserted=s.removed) for s in reversed(splices) if isinstance(s, SpliceSource)])


def _short_way(places: Iterable[_Place]) -> list[_Place]:
    """Returns a way between the same two contents that passes no step twice. Else the walk could double again and again."""
    found: list[_Place] = []
    for place in places:
        if found and found[-1].step is place.step:
            found.pop()
        else:
            found.append(place)
    return found


def _group_size(stack: _Stack) -> int:
    """Returns the number of latest places of one group."""
    group, count = stack[-1].group, 1
    while group and count < len(stack) and stack[-1 - count].group == group:
        count += 1
    return count


def _raise(stack: _Stack, cell: CellId, *, by_group: bool) -> None:
    """Makes the latest piece that was typed into `cell`, or its group, the latest step, if only typing in other cells, and new
    cells, came after it.

    Splices of different cells, and a splice and the insertion of another cell, can be exchanged without a change.
    """
    for at in range(len(stack) - 1, -1, -1):
        step = stack[at].step
        if step.typed_in is None and not all(isinstance(each, DeleteCell) and each.cell != cell for each in step.changes):
            return
        if step.typed_in == cell:
            first, group = at, stack[at].group
            while by_group and group and first and stack[first - 1].group == group:
                first -= 1
            places = [stack[number] for number in range(first, at + 1)]
            for _ in places:
                del stack[first]
            stack.extend(places)
            return


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
