"""Values of names, as their histories. A namespace is a mapping from names to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from tuinb.analysis.cell_code import code_of
from tuinb.analysis.dataflow import BUILT_IN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tuinb.analysis.effects import Body, Effects
    from tuinb.notebook.changes import CellId

ANY: Final = "*any"
"""Stands for the names that code which is not understood may have changed."""
GENERATOR: Final = "~"
"""The first character of a name that stands for the state of a module's random generator."""
SOURCE: Final = "source"
"""The first part of the keys of runs that do the same with the same values."""

Key: TypeAlias = tuple[object, ...]
"""Stands for what a run did: its number, a cell and a source that did not run, or a source with the versions that it used.

The last is for sources that reach nothing outside the kernel: with the same values they do the same.
"""


@dataclass(frozen=True, slots=True, eq=False)
class Value:
    """The value of a name. There is one object for each history."""

    version: int
    loose: int
    """A version that also counts what may have changed the value."""
    cell: CellId
    """The cell that set or changed it last."""
    before: Value | None
    """The value that this one was changed from. None if it was set."""
    body: Body | None = None
    """What its functions do."""
    module: str = ""
    repeats: bool = False
    """Whether it follows from sources alone, and from what the kernel was asked for."""
    stale: CellId | None = None
    """A stale cell that gave it. The kernel's values have none."""
    shares: tuple[str, int] | None = None
    """The name whose object it is, or is a view of, and the version of that one's value then."""
    is_iterator: bool = False
    """Whether it is used up when it is read."""
    holds: tuple[tuple[str, int], ...] = ()
    """The names whose objects its functions have as defaults, with the versions of their values then."""

    def events(self) -> Iterator[Value]:
        """Yields the values that it was made of, the latest first, without what may have changed it."""
        value: Value | None = self
        while value is not None:
            if value.before is None or value.before.version != value.version:
                yield value
            value = value.before


Namespace: TypeAlias = "dict[str, Value | None]"
Lookup: TypeAlias = "Callable[[str], Value | None]"


def body_of(value: Value | None) -> Body | None:
    """Returns what the functions of a value do."""
    return value.body if value is not None else None


def is_module(value: Value | None) -> bool:
    """Returns whether a value is known to be a module or a package."""
    return value is not None and value.module != ""


def generator_of(name: str, get: Lookup) -> str:
    """Returns the name that stands for a random generator: of the module that `name` is, or the object itself."""
    value = get(name)
    return f"{GENERATOR}{value.module}" if value is not None and value.module else name


def base_of(value: Value | None, get: Lookup) -> str | None:
    """Returns the name that a value shares its object with, if that still has this object."""
    if value is None or value.shares is None:
        return None
    name, version = value.shares
    other = get(name)
    return name if other is not None and any(event.version == version for event in other.events()) else None


def still_holds(value: Value | None, name: str, get: Lookup) -> bool:
    """Returns whether a default that was the object of a name still is."""
    then = [version for held, version in value.holds if held == name] if value is not None else []
    now = get(name)
    return not then or (now is not None and any(event.version in then for event in now.events()))


def key_of(effects: Effects, source: str, used: Namespace) -> Key | None:
    """Returns the key of a run that does the same with the same values.

    Returns None if it may reach something outside, or if a value is missing or of a stale cell.
    """
    if effects.outside or effects.anything or effects.has_star:
        return None
    for name, value in used.items():
        if value is None:
            is_known = name in BUILT_IN
        else:
            is_known = value.repeats and value.stale is None and not (value.body is not None and value.body.outside)
        if not is_known:
            return None
    return (SOURCE, code_of(source), *(value.version if value is not None else 0 for value in used.values()))
