"""Finds what a source reaches: the names whose values it uses, and the functions that it may call, also through others."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tuinb.analysis.cell_code import names_in
from tuinb.analysis.dataflow import BUILT_IN
from tuinb.analysis.history.values import ANY, base_of, body_of, generator_of
from tuinb.analysis.names import STAR

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Set

    from tuinb.analysis.effects import Body, Effects, Slots
    from tuinb.analysis.history.values import Lookup


@dataclass(slots=True)
class Reached:
    """What a source reaches by its names and the functions that it may call."""

    names: dict[str, None]
    """The names whose values it uses."""
    active: dict[str, None] = field(default_factory=dict)
    """Those that it does not only mention."""
    bodies: dict[str, Body] = field(default_factory=dict)
    """What is done by the functions that it may call."""
    filled: dict[str, Slots] = field(default_factory=dict)
    """The slots that every call of these gives."""

    def use(self, names: Iterable[str], inert: Set[str], filled: Mapping[str, Slots]) -> list[str]:
        """Adds names. Returns those that are to be followed."""
        found: list[str] = []
        for name in names:
            self.names[name] = None
            if name in inert:
                continue
            given = filled.get(name, frozenset())
            if name in self.active:
                self.filled[name] &= given
            else:
                self.active[name] = None
                self.filled[name] = given
                found.append(name)
        return found


def reach(effects: Effects, get: Lookup) -> Reached:
    """Returns what a source uses and calls."""
    reached = Reached({})
    waiting = reached.use((*effects.uses, *effects.may_use), effects.inert, effects.filled)
    for callee, texts in effects.texts.items():
        body = body_of(get(callee))
        if body is not None and body.evaluates:
            mentioned = sorted(name for text in texts for name in names_in(text) if name not in effects.sets)
            waiting += reached.use(mentioned, frozenset(), {})
    drawn = [*effects.draws]
    while waiting:
        name = waiting.pop()
        value = get(name)
        if (base := base_of(value, get)) is not None:
            waiting += reached.use([base], frozenset(), {})
        if (body := body_of(value)) is not None:
            reached.bodies[name] = body
            waiting += reached.use(body.uses, body.inert, body.filled)
            drawn += body.draws
    is_unknown = any(get(name) is None and name not in BUILT_IN for name in reached.names)
    found = reached.names
    # A source that seeds a generator does so before it draws.
    seeded = {generator_of(name, get) for name in effects.seeds}
    found.update(dict.fromkeys(state for name in drawn if (state := generator_of(name, get)) not in seeded))
    if is_unknown:
        found[STAR] = None
    if get(ANY) is not None:
        found[ANY] = None
    return reached


def annotated_names(effects: Effects, get: Lookup) -> Iterable[str]:
    """Returns the names that annotations evaluate. None if `from __future__ import annotations` postpones them."""
    return () if effects.postpones_annotations or get("annotations") is not None else effects.annotations
