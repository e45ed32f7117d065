"""Finds the values that a source gives to names, by its effects and the values that it uses."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from tuinb.analysis.bodies import hits, merged, mutated_by
from tuinb.analysis.dataflow import BUILT_IN
from tuinb.analysis.effects import Body
from tuinb.analysis.history.caches import cache_of, inputs_of
from tuinb.analysis.history.values import ANY, SOURCE, Value, base_of, body_of, generator_of, is_module, still_holds
from tuinb.analysis.names import STAR

if TYPE_CHECKING:
    from tuinb.analysis.effects import Definition, Effects, Slots
    from tuinb.analysis.history.reach import Reached
    from tuinb.analysis.history.values import Key, Lookup, Namespace
    from tuinb.notebook.changes import CellId


@dataclass(slots=True)
class Doing:
    """A source that is run in one of the two namespaces: what sets and changes names, and where."""

    effects: Effects
    source: str
    cell: CellId
    run: Key
    ok: bool
    stale: CellId | None
    fails: bool
    """Whether it may fail, for want of a name."""
    get: Lookup
    reached: Reached
    """What it uses and calls by that namespace."""
    results: Namespace = field(default_factory=dict)

    @property
    def repeats(self) -> bool:
        """Whether it does the same again with the same values."""
        return self.run[0] == SOURCE

    def now(self, name: str) -> Value | None:
        return self.results[name] if name in self.results else self.get(name)


class Replay:
    """Gives each history one version and one value, in all namespaces."""

    def __init__(self) -> None:
        self._numbers: dict[Key, int] = {}
        self._values: dict[Key, Value] = {}
        self._stars: dict[int, frozenset[str]] = {}

    def run(self, doing: Doing) -> Namespace:
        """Returns the values that a source gives to names. The values that it reads are those of `doing.get`."""
        effects = doing.effects
        self._fill_caches(doing)
        for name, definition in effects.sets.items():
            self._set(doing, name, definition)
        for name in effects.may_set:
            self._change(doing, name)
        self._run_functions(doing)
        for name in effects.changes:
            self._change_object(doing, name)
        self._draw(doing)
        for name in effects.may_change:
            if not is_module(doing.now(name)) and name not in BUILT_IN:
                self._change(doing, name, certain=False)
        for name in effects.deletes:
            doing.results[name] = None
        if effects.has_star:
            self._import_star(doing)
        if effects.anything:
            self._change(doing, ANY, certain=False)
        return doing.results

    def _fill_caches(self, doing: Doing) -> None:
        """Calls the cached functions, and empties the caches of those that are defined again or cleared."""
        doing.results |= self.caches(doing.effects, doing.reached, doing.get)
        defined = (name for name, body in doing.effects.bodies.items() if body.caches)
        doing.results |= dict.fromkeys(map(cache_of, (*defined, *doing.effects.clears)))

    def caches(self, effects: Effects, reached: Reached, get: Lookup) -> Namespace:
        """Returns the caches of the functions that a source may call. A cache stands for what the first call used.

        A source that clears a cache does so before it calls the function.
        """
        found: Namespace = {}
        for name, body in reached.bodies.items():
            if body.caches and name not in effects.clears and (function := get(name)) is not None:
                kept = get(cache_of(name))
                if kept is None or not still_holds(kept, name, get):
                    kept = self._cache(name, function, get)
                found[cache_of(name)] = kept
        return found

    def _cache(self, name: str, function: Value, get: Lookup) -> Value:
        version = self._number("cache", function.version, inputs_of(name, get))
        return self._one(Value(version, version, function.cell, None, repeats=True, holds=((name, function.version),)))

    def _change_object(self, doing: Doing, name: str) -> None:
        """Changes the object of a name in place, and so of the name that it shares it with."""
        value = doing.now(name)
        if is_module(value):
            return
        self._change(doing, name)
        base = None if name in doing.effects.adds else base_of(value, doing.now)
        if base is not None and base not in doing.effects.changes:
            self._change_object(doing, base)

    def _set(self, doing: Doing, name: str, definition: Definition | None) -> None:
        """Sets a name. A run that failed may not have come so far, but imports and the like come first."""
        if definition is None and not doing.ok:
            self._change(doing, name)
        elif definition is None:
            version = self._number("set", doing.run, name)
            self._give(doing, name, version, version, repeats=doing.repeats)
        else:
            inputs = [doing.get(other) for other in definition.names]
            version = self._number("text", definition.text, *(value and value.version for value in inputs))
            loose = self._number("text", definition.text, *(value and value.loose for value in inputs))
            known = all(value is None or value.repeats for value in inputs)
            repeats = doing.repeats or (known and not definition.outside)
            self._give(doing, name, version, loose, module=definition.module, repeats=repeats)

    def _draw(self, doing: Doing) -> None:
        """Seeds random generators, and draws from them."""
        effects = doing.effects
        for name in effects.seeds:
            version = self._number("seed", doing.source)
            self._give(doing, generator_of(name, doing.now), version, version, repeats=not effects.outside)
        for name in effects.draws:
            state = generator_of(name, doing.now)
            if state not in effects.sets and not (effects.seeds and state in doing.results):
                self._change(doing, state)

    def _import_star(self, doing: Doing) -> None:
        old = doing.get(STAR)
        stars = self._stars.get(old.version if old is not None else 0, frozenset()) | doing.effects.stars
        version = self._number("stars", stars)
        self._stars[version] = stars
        self._give(doing, STAR, version, version, repeats=False)

    def _run_functions(self, doing: Doing) -> None:
        """Does what the functions do that the source may call, and uses iterators up."""
        effects = doing.effects
        reached = doing.reached
        for name in reached.active:
            value = doing.get(name)
            if value is not None and value.is_iterator and name not in effects.sets and name not in effects.changes:
                self._change(doing, name)
        if reached.bodies:
            self._pass_arguments(doing, reached)
        for body in reached.bodies.values():
            for changed in (*body.sets, *body.changes):
                if changed not in effects.sets:
                    self._change(doing, changed)
            for drawn in body.draws:
                self._change(doing, generator_of(drawn, doing.get))

    def _pass_arguments(self, doing: Doing, reached: Reached) -> None:
        """Changes what is passed to functions that change it, and defaults where nothing is passed."""
        known: dict[str, Slots] = {}
        for calls in (doing.effects.calls, *(body.calls for body in reached.bodies.values())):
            for name, passed in calls.items():
                changed = mutated_by(name, reached.bodies.get, known)
                for slot, argument in passed if changed else ():
                    if hits(changed, slot):
                        self._change_argument(doing, argument)
        for name, body in reached.bodies.items():
            for default, slots in body.defaults.items():
                is_changed = slots & mutated_by(name, reached.bodies.get, known) and not slots & reached.filled[name]
                if is_changed and still_holds(doing.get(name), default, doing.get):
                    self._change_argument(doing, default)

    def _change_argument(self, doing: Doing, name: str) -> None:
        if name not in doing.effects.sets and name not in BUILT_IN and doing.get(name) is not None:
            self._change_object(doing, name)

    def _give(self, doing: Doing, name: str, version: int, loose: int, *, repeats: bool, module: str = "") -> None:
        effects = doing.effects
        own = effects.bodies.get(name)
        bodies = [own] if own is not None else []
        bodies += filter(
            None, (body_of(doing.now(other)) or effects.bodies.get(other) for other in effects.carried.get(name, ()))
        )
        for wrapper in effects.decorated_by.get(name, ()):
            body = body_of(doing.now(wrapper)) or effects.bodies.get(wrapper)
            if body is not None:
                bodies.append(replace(body, mutates=frozenset(), defaults={}, is_class=False))
        for one in effects.made_by.get(name, ()):
            body = body_of(doing.now(one)) or effects.bodies.get(one)
            if body is not None and body.is_class:
                bodies.append(replace(body, is_class=False))
        definition = effects.sets.get(name)
        inputs = map(doing.get, definition.names) if definition is not None else ()
        is_tainted = definition is None or any(value is not None and value.stale is not None for value in inputs)
        # The cell may fail before it comes to this name.
        stale = doing.stale if is_tainted or doing.fails else None
        holds = [(held, value.version) for held in own.defaults if (value := doing.now(held)) is not None] if own else []
        for other in effects.carried.get(name, ()):
            holds += value.holds if (value := doing.now(other)) is not None else ()
        base = effects.shares.get(name)
        of = doing.now(base) if base is not None else None
        shares = (base, of.version) if base is not None and of is not None else None
        is_iterator = name in effects.iterators
        maker = effects.results.get(name)
        made_by = (body_of(doing.now(maker)) or effects.bodies.get(maker)) if maker is not None else None
        if made_by is not None and not made_by.is_class:
            is_iterator |= made_by.yields
            if made_by.keeps:
                bodies.append(Body(uses={name: 0}, changes=frozenset({name})))
        body = merged(bodies)
        if body is not None and own is not None and own.is_class:
            body = replace(body, is_class=True)
        if body is not None and body.caches and own is None:
            body = replace(body, caches=False)  # the cache is followed under the function's own name
        value = Value(version, loose, doing.cell, None, body, module, repeats, stale, shares, is_iterator, tuple(holds))
        doing.results[name] = self._one(value)

    def _change(self, doing: Doing, name: str, *, certain: bool = True) -> None:
        """Gives a name the value that its value is changed into."""
        old = doing.now(name)
        version, loose = (old.version, old.loose) if old is not None else (0, 0)
        loose = self._number("change", loose, doing.run)
        if certain:
            version = self._number("change", version, doing.run)
        bodies = list(filter(None, (body_of(old), doing.effects.bodies.get(name))))
        stale = (doing.stale if certain else None) or (old.stale if old is not None else None)
        if certain or old is not None or name == ANY:
            module = old.module if old is not None else ""
            repeats = (doing.repeats or not certain) and (old is None or old.repeats)
            shares = old.shares if old is not None else None
            is_iterator = old is not None and old.is_iterator
            holds = old.holds if old is not None else ()
            value = Value(version, loose, doing.cell, old, merged(bodies), module, repeats, stale, shares, is_iterator, holds)
            doing.results[name] = self._one(value)

    def _number(self, *key: object) -> int:
        return self._numbers.setdefault(key, len(self._numbers) + 1)

    def _one(self, value: Value) -> Value:
        """Returns the one object for a history."""
        return self._values.setdefault((value.version, value.loose, value.cell, value.stale), value)
