"""Finds names that Python cells use but no cell above defines: hidden state of the kernel that ran them.

Nothing is run: names.py reads what each cell does. A name in a function's body counts if no cell defines it, since the function
may be called later, and if it is called before a cell defines it. After a star import of a module that is not Python's
own only names that a later cell defines are reported, after a cell that Python can't parse only names that it does not mention,
after a cell that may define any name (exec, an unknown magic) none.
"""

from __future__ import annotations

import builtins
import re
from typing import TYPE_CHECKING

from tuinb.analysis.names import effects_of
from tuinb.analysis.star_names import star_names
from tuinb.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tuinb.analysis.effects import Body, Effects

BUILT_IN = frozenset(dir(builtins)) | {
    "get_ipython", "display", "In", "Out", "exit", "quit", "__builtin__", "__builtins__", "_ih", "_oh", "_dh",
    "__annotations__",
}  # fmt: skip
"""Names that Python and IPython put into the namespace."""
_MISSING = re.compile(r"name '(\w+)' is not defined")
_HISTORY = re.compile(r"_+|_i+|_i?\d+")
"""Earlier results and inputs: `_`, `_12`, `_i3`."""


class Undefined(Record):
    """A name that the cell at `place` uses in this line. `setters` are the places of the cells that define it."""

    place: int
    name: str
    line: int
    setters: tuple[int, ...]

    def describe(self) -> str:
        """Returns a sentence for the user, with cells counted from 1."""
        return f"cell {self.place + 1} uses `{self.name}` (line {self.line}), {describe_origin(self.place, self.setters)}"


def describe_origin(place: int, setters: Sequence[int]) -> str:
    """Returns a clause on where a name is defined that is missing when the cell at `place` runs."""
    if not setters:
        return "which only a deleted cell can have defined"
    if min(setters) > place:
        return f"which only a later cell defined (cell {min(setters) + 1})"
    return f"which is not there any more (cell {min(setters) + 1} defined it)"


def origin_of_missing(sources: Sequence[tuple[int, str]], place: int, message: str) -> str:
    """Returns a clause on where the name should have been defined that an exception misses; empty if it misses none.

    `sources` are the places of code cells of Python and their sources, `place` is that of the cell that failed, `message` is
    the exception's.
    """
    missing = _MISSING.search(message)
    if missing is None or not sources:
        return ""
    setters = defines(sources, missing[1])
    above = [setter for setter in setters if setter < place]
    return f"which cell {above[-1] + 1} was to define" if above else describe_origin(place, setters)


def undefined(sources: Sequence[tuple[int, str]]) -> list[Undefined]:
    """Returns the names that are used before they are defined, once for each cell and name.

    `sources` are the places of code cells and their sources.
    """
    cells = [(place, effects_of(source)) for place, source in sources]
    setters: dict[str, list[int]] = {}
    for place, effects in cells:
        for name in _set_by(effects):
            setters.setdefault(name, []).append(place)
    blind = any(_may_set_any(effects) or _unknown_star(effects) for _, effects in cells)
    mentions: dict[str, list[int]] = {}
    for place, effects in cells:
        for name in effects.mentions or ():
            mentions.setdefault(name, []).append(place)
    starred = frozenset[str]().union(*(_starred(effects) for _, effects in cells))
    found: list[Undefined] = []
    known = _Known()
    for place, effects in cells:
        if _may_set_any(effects):
            break
        missing = {} if effects.expects_missing else known.missing(effects, setters)
        if not blind and not effects.expects_missing:
            somewhere = setters.keys() | mentions.keys() | starred
            missing |= {name: line for name, line in effects.later.items() if name not in somewhere and name not in missing}
        for name, line in missing.items():
            places = setters.get(name) or mentions.get(name, [])
            is_certain = not (known.has_star or _unknown_star(effects)) or min(places, default=-1) > place
            if is_certain and name not in BUILT_IN and name not in _starred(effects) and not _HISTORY.fullmatch(name):
                found.append(Undefined(place, name, line, tuple(places)))
        known.run(effects)
    return sorted(found, key=lambda one: (one.place, one.line))


def _may_set_any(effects: Effects) -> bool:
    return effects.anything and effects.mentions is None


def _unknown_star(effects: Effects) -> bool:
    return any(star_names(module) is None for module in effects.stars)


def _starred(effects: Effects) -> frozenset[str]:
    """Returns the names of its star imports that are known."""
    return frozenset[str]().union(*(star_names(module) or () for module in effects.stars))


def defines(sources: Sequence[tuple[int, str]], name: str) -> list[int]:
    """Returns the places of the cells that define a name at their top level."""
    return [place for place, source in sources if name in _set_by(effects_of(source))]


def _set_by(effects: Effects) -> set[str]:
    return {
        *effects.sets,
        *effects.may_set,
        *effects.passing,
        *(name for body in effects.bodies.values() for name in body.sets),
    }


class _Known:
    """The names that a fresh kernel has after some cells."""

    def __init__(self) -> None:
        self._names: set[str] = set()
        self._bodies: dict[str, Body] = {}
        self._postpones = False
        self.has_star = False

    def missing(self, effects: Effects, setters: Mapping[str, Sequence[int]]) -> dict[str, int]:
        """Returns the names that a cell would miss, each with its line.

        A name that no cell sets is reported with the function that uses it, not with each call.
        """
        postpones = self._postpones or effects.postpones_annotations
        used: Mapping[str, int] = effects.uses if postpones else {**effects.annotations, **effects.uses}
        found = {name: line for name, line in used.items() if name not in self._names}
        for name, line in self._called(effects):
            if name in setters and name not in self._names and name not in _set_by(effects):
                found.setdefault(name, line)
        return found

    def _called(self, effects: Effects) -> Iterator[tuple[str, int]]:
        """Yields the names that the functions use that a cell calls."""
        for function in effects.calls:
            if function in self._bodies and function in effects.uses:
                for name in self._bodies[function].uses:
                    yield name, effects.uses[function]

    def run(self, effects: Effects) -> None:
        """Adds what a cell defines."""
        self._names -= effects.deletes
        self._names |= (_set_by(effects) - effects.deletes) | _starred(effects) | (effects.mentions or set())
        for name in (*effects.sets, *effects.deletes):
            self._bodies.pop(name, None)
        if not effects.expects_missing:
            self._bodies.update((name, body) for name, body in effects.bodies.items() if not body.is_class)
        self._postpones |= effects.postpones_annotations
        self.has_star |= _unknown_star(effects)
