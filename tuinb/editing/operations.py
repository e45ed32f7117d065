"""Text edits as operations that can be composed and transformed, so that undo works after later typing.

An operation is a tuple of components, from the start of the text: a positive number keeps that many characters, a negative
number removes them, and a string is inserted. Text after the last component is kept. Operations are normalised: no
component is empty, adjacent components differ in kind, and a removal comes before a string. Therefore text typed directly
before a replaced text stays before it.
"""

from __future__ import annotations

from typing import Final, TypeAlias

Op: TypeAlias = tuple[int | str, ...]

NOTHING: Final[Op] = ()
_REST: Final = 1 << 62


class _Builder:
    def __init__(self) -> None:
        self.parts: list[int | str] = []

    def add(self, part: int | str) -> None:
        if not part:
            return
        parts = self.parts
        if isinstance(part, str):
            if parts and isinstance(last := parts[-1], str):
                parts[-1] = last + part
            else:
                parts.append(part)
            return
        string = parts.pop() if part < 0 and parts and isinstance(parts[-1], str) else None
        if parts and isinstance(last := parts[-1], int) and (last < 0) == (part < 0):
            parts[-1] = last + part
        else:
            parts.append(part)
        if string is not None:
            parts.append(string)

    def op(self) -> Op:
        while self.parts and isinstance(last := self.parts[-1], int) and last > 0:
            self.parts.pop()
        return tuple(self.parts)


class _Reader:
    """Returns an operation in pieces of the requested length."""

    def __init__(self, op: Op) -> None:
        self._parts = [*reversed(op)]

    @property
    def inserts(self) -> bool:
        return bool(self._parts) and isinstance(self._parts[-1], str)

    @property
    def length(self) -> int:
        """Length of the next component in characters."""
        if not self._parts:
            return _REST
        part = self._parts[-1]
        return len(part) if isinstance(part, str) else abs(part)

    @property
    def keeps(self) -> bool:
        return not self._parts or (isinstance(part := self._parts[-1], int) and part > 0)

    @property
    def done(self) -> bool:
        return not self._parts

    def text(self, count: int = _REST) -> str:
        part = self._parts.pop()
        assert isinstance(part, str)
        if count < len(part):
            self._parts.append(part[count:])
        return part[:count]

    def take(self, count: int) -> bool:
        """Consumes `count` characters of a component that keeps or removes. Returns whether they are kept."""
        if not self._parts:
            return True
        part = self._parts.pop()
        assert isinstance(part, int)
        if count < abs(part):
            self._parts.append(part - count if part > 0 else part + count)
        return part > 0


def splice(at: int, removed: int, inserted: str) -> Op:
    built = _Builder()
    built.add(at)
    built.add(inserted)
    built.add(-removed)
    return built.op()


def compose(first: Op, second: Op) -> Op:
    """Returns one operation equal to `first` followed by `second`."""
    built, one, two = _Builder(), _Reader(first), _Reader(second)
    while not (one.done and two.done):
        if two.inserts:
            built.add(two.text())
        elif one.inserts:
            count = min(one.length, two.length)
            text = one.text(count)
            if two.take(count):
                built.add(text)
        elif not one.done and not one.keeps:
            count = one.length
            one.take(count)
            built.add(-count)
        else:
            count = min(one.length, two.length)
            one.take(count)
            built.add(count if two.take(count) else -count)
    return built.op()


def transform(mine: Op, other: Op) -> tuple[Op, Op]:
    """Transforms two operations on the same text over each other. Returns (mine, other) such that `mine` followed by the
    transformed `other` gives the same text as `other` followed by the transformed `mine`. If both insert at one place, the
    text of `mine` comes first.
    """
    built_mine, built_other, one, two = _Builder(), _Builder(), _Reader(mine), _Reader(other)
    while not (one.done and two.done):
        if one.inserts:
            text = one.text()
            built_mine.add(text)
            built_other.add(len(text))
        elif two.inserts:
            text = two.text()
            built_mine.add(len(text))
            built_other.add(text)
        else:
            count = min(one.length, two.length)
            kept, kept_too = one.take(count), two.take(count)
            if kept and kept_too:
                built_mine.add(count)
                built_other.add(count)
            elif kept_too:
                built_mine.add(-count)
            elif kept:
                built_other.add(-count)
    return built_mine.op(), built_other.op()


def part_within(op: Op, start: int, stop: int) -> tuple[Op, Op]:
    """Splits an operation into its effect from `start` to `stop` (with offsets from `start`) and its effect elsewhere.

    Insertions at `start` and at `stop` belong to the first part.
    """
    inside, outside, at = _Builder(), _Builder(), 0
    inside_at, reader = start, _Reader(op)
    while not reader.done:
        if reader.inserts:
            within = start <= at <= stop
            if within:
                inside.add(at - inside_at)
                inside_at = at
            (inside if within else outside).add(reader.text())
            continue
        edge = start if at < start else stop if at < stop else at + _REST
        count = min(reader.length, edge - at)
        within = start <= at < stop
        kept = reader.take(count)
        outside.add(count if kept or within else -count)
        if within and not kept:
            inside.add(at - inside_at)
            inside.add(-count)
            inside_at = at + count
        at += count
    return inside.op(), outside.op()


def shifted(op: Op, by: int) -> Op:
    """Returns an operation on a text as an operation on a longer text, in which that text begins at offset `by`."""
    built = _Builder()
    built.add(by)
    for part in op:
        built.add(part)
    return built.op()


def blank_inverse(op: Op) -> Op:
    """Returns the inverse with NUL characters for the removed text. It serves where only lengths matter."""
    built = _Builder()
    for part in op:
        if isinstance(part, str):
            built.add(-len(part))
        else:
            built.add(part if part > 0 else "\0" * -part)
    return built.op()


def splices_of(op: Op) -> list[tuple[int, int, str]]:
    """Returns the operation as successive splices: (offset, characters removed, text inserted)."""
    found: list[tuple[int, int, str]] = []
    at = removed = 0
    for part in op:
        if isinstance(part, str):
            found.append((at, removed, part))
            at, removed = at + len(part), 0
        else:
            if removed:
                found.append((at, removed, ""))
            at, removed = at + max(0, part), max(0, -part)
    if removed:
        found.append((at, removed, ""))
    return found


def growth(op: Op) -> int:
    """Returns the number of characters by which the operation lengthens a text."""
    return sum(len(part) if isinstance(part, str) else min(0, part) for part in op)
