"""Finds the cells that set, change and use each name, by their sources alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuinb.analysis.dataflow import BUILT_IN
from tuinb.analysis.names import effects_of
from tuinb.record import Record

if TYPE_CHECKING:
    from tuinb.analysis.page import Page
    from tuinb.notebook.changes import CellId


class NameUse(Record):
    """The cells that a name is set, changed and used in, from top to bottom."""

    name: str
    set_in: tuple[CellId, ...]
    changed_in: tuple[CellId, ...]
    used_in: tuple[CellId, ...]


def names_of(page: Page) -> list[NameUse]:
    """Returns the names that the cells set, change and use, sorted. Names that Python and modules bring along are left out."""
    found: dict[str, tuple[list[CellId], list[CellId], list[CellId]]] = {}
    for cell, source in page:
        effects = effects_of(source)
        changed = (effects.changes | effects.draws | effects.deletes) - effects.sets.keys()
        by_function = {name for body in effects.bodies.values() for name in body.uses}
        used = {*effects.uses, *effects.may_use, *by_function} - effects.sets.keys()
        for index, names in enumerate(({*effects.sets, *effects.may_set} - changed, changed, used)):
            for name in names:
                found.setdefault(name, ([], [], []))[index].append(cell)
    return [
        NameUse(name, tuple(set_in), tuple(changed_in), tuple(used_in))
        for name, (set_in, changed_in, used_in) in sorted(found.items())
        if set_in or name not in BUILT_IN
    ]


def set_by(source: str) -> frozenset[str]:
    """Returns the names that a source sets."""
    effects = effects_of(source)
    return frozenset({*effects.sets, *effects.may_set})
