"""The calls of a stopped kernel, or those that an error ended, and the variables of one of them as a tree.

Whoever answers is a `Frames`: session/debugger.py while the kernel is stopped, session/post_mortem.py after an error. Only what
is open is asked for. What is open stays so after a step: it is remembered by names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from tuinb.record import Record

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tuinb.session.state import Frame, Reference, Variable

_DEEPEST = 20
"""Levels of the tree. A list may contain itself."""


class Frames(Protocol):
    """Answers about calls."""

    async def scopes(self, frame: Frame) -> Sequence[Variable]:
        """Returns the scopes of a call, the innermost one first."""
        ...

    async def parts(self, reference: Reference) -> Sequence[Variable]:
        """Returns what a scope or a variable has: variables, items, attributes."""
        ...

    async def evaluate(self, expression: str, frame: Frame) -> tuple[str, bool]:
        """Returns the value of an expression in a call as text, and True; or the error, and False."""
        ...


class Row(Record):
    """A variable in the tree, or a scope."""

    variable: Variable
    path: tuple[str, ...]
    """The names that lead to it, its own included."""
    is_open: bool

    @property
    def depth(self) -> int:
        """0 for a scope."""
        return len(self.path) - 1


class CallStack:
    """Calls, the innermost one first, of which one is chosen."""

    def __init__(self, title: str, frames: Sequence[Frame], source: Frames, *, is_over: bool = False) -> None:
        self.title = title
        self.frames = tuple(frames)
        self.is_over = is_over
        """Whether the calls have ended: there is nothing to step through."""
        self.changed: Callable[[], None] = lambda: None
        """Called when `frame` or `rows` are others."""
        self._source = source
        self.frame = self.frames[0]
        self.rows: tuple[Row, ...] = ()
        self._open: set[tuple[str, ...]] = set()
        self._known: dict[Reference, Sequence[Variable]] = {}
        """Answers. They hold until the kernel goes on."""
        self._scopes: dict[int, Sequence[Variable]] = {}
        self._readings = 0

    def remember(self, other: CallStack) -> None:
        """Opens what was open in an earlier stack."""
        self._open |= other._open

    # ---- the chosen call

    async def choose(self, frame: Frame) -> None:
        """Shows another call."""
        self.frame = frame
        await self.read()

    async def move(self, calls: int) -> bool:
        """Chooses a call further out, or further in. Returns False if there is none."""
        place = self.frames.index(self.frame) + calls
        if not 0 <= place < len(self.frames):
            return False
        await self.choose(self.frames[place])
        return True

    # ---- its variables

    async def toggle(self, row: Row) -> None:
        """Opens a row, or closes it."""
        self._open ^= {row.path}
        await self.read()

    async def read(self) -> None:
        """Reads what is open. A reading that has been overtaken changes nothing."""
        self._readings += 1
        reading, frame = self._readings, self.frame
        if frame.id not in self._scopes:
            self._scopes[frame.id] = await self._source.scopes(frame)
        scopes = self._scopes[frame.id]
        rows: list[Row] = []
        for at, scope in enumerate(scopes):
            await self._add(rows, scope, (scope.name,), is_open=(at == 0) ^ ((scope.name,) in self._open))
        if reading == self._readings:
            self.rows = tuple(rows)
            self.changed()

    async def _add(self, rows: list[Row], variable: Variable, path: tuple[str, ...], *, is_open: bool) -> None:
        is_open = is_open and bool(variable.reference) and len(path) < _DEEPEST
        rows.append(Row(variable, path, is_open))
        if is_open:
            for part in await self.parts(variable.reference):
                inner = (*path, part.name)
                await self._add(rows, part, inner, is_open=inner in self._open)

    async def parts(self, reference: Reference) -> Sequence[Variable]:
        """Returns what a variable has."""
        if reference not in self._known:
            self._known[reference] = await self._source.parts(reference)
        return self._known[reference]

    async def evaluate(self, expression: str) -> tuple[str, bool]:
        """Returns the value of an expression in the chosen call as text, and True; or the error, and False."""
        found = await self._source.evaluate(expression, self.frame)
        if not self.is_over:
            self._known.clear()  # it may have assigned
            self._scopes.clear()
            await self.read()
        return found
