"""What functions do when they are called: collected while names.py reads their code, and followed through what they call."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from tuinb.analysis.effects import REST, SELF, Body

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from tuinb.analysis.effects import Slot, Slots


@dataclass(slots=True)
class Collected:
    """A Body in the making."""

    slots: Mapping[str, Slots] = field(default_factory=dict)
    """The parameters of the function."""
    known: frozenset[str] = frozenset()
    """Its parameters, and those of the functions around it."""
    aliases: dict[str, frozenset[str]] = field(default_factory=dict)
    """Its other local names, each with the parameters and names of the notebook whose object, or a part of it, it may be."""
    around: frozenset[str] = frozenset()
    """The local names of the functions around it."""
    nonlocal_names: set[str] = field(default_factory=set)
    functions: dict[str, Body] = field(default_factory=dict)
    """The functions that it defines."""
    uses: dict[str, int] = field(default_factory=dict)
    active: set[str] = field(default_factory=set)
    """Those of `uses` that it may call."""
    sets: set[str] = field(default_factory=set)
    changes: set[str] = field(default_factory=set)
    draws: set[str] = field(default_factory=set)
    mutated: set[str] = field(default_factory=set)
    """Those of `known` whose objects it changes."""
    mutates: set[Slot] = field(default_factory=set)
    defaults: dict[str, Slots] = field(default_factory=dict)
    parameters: dict[str, Slots] = field(default_factory=dict)
    calls: dict[str, set[tuple[Slot, str]]] = field(default_factory=dict)
    filled: dict[str, Slots] = field(default_factory=dict)
    own_calls: set[str] = field(default_factory=set)
    evaluates: bool = False
    outside: bool = False
    yields: bool = False
    changes_around: bool = False
    keeps: bool = False

    def body(self) -> Body:
        passed = {name for some in self.calls.values() for _, name in some}
        return Body(
            uses=self.uses,
            sets=frozenset(self.sets),
            changes=frozenset(self.changes),
            draws=frozenset(self.draws),
            inert=frozenset(self.uses.keys() - self.active),
            mutates=frozenset(self.mutates).union(*(self.slots[name] for name in self.mutated & self.slots.keys())),
            defaults=self.defaults,
            parameters={**self.parameters, **{name: slots for name, slots in self.slots.items() if name in passed}},
            calls={name: frozenset(some) for name, some in self.calls.items()},
            filled=self.filled,
            own_calls=frozenset(self.own_calls),
            evaluates=self.evaluates,
            outside=self.outside,
            yields=self.yields,
            changes_around=self.changes_around,
            keeps=self.keeps,
        )

    def is_self(self, name: str) -> bool:
        """Returns whether a name is the object whose method this is."""
        return any(SELF in self.slots.get(root, ()) for root in self.roots(name, is_global=False))

    def roots(self, name: str, *, is_global: bool) -> frozenset[str]:
        """Returns the parameters and the names of the notebook whose object a name is."""
        if name in self.aliases:
            return self.aliases[name]
        return frozenset({name}) if is_global or name in self.known else frozenset()

    def fill(self, name: str, given: Slots) -> None:
        """Notes a use of a name: a call that gives these slots, or any other with none."""
        self.filled[name] = self.filled.get(name, given) & given

    def add(self, other: Body) -> None:
        """Adds what another body does."""
        self._add_names(other)
        self.mutates |= other.mutates
        for name, slots in other.defaults.items():
            self.defaults[name] = self.defaults.get(name, slots) & slots
        for name, slots in other.parameters.items():
            self.parameters[name] = self.parameters.get(name, frozenset()) | slots
        for callee, passed in other.calls.items():
            self.calls.setdefault(callee, set()).update(passed)
        self.yields |= other.yields
        self.keeps |= other.keeps

    def add_inner(self, inner: Collected) -> None:
        """Adds what a function inside this one does. What it does to its own arguments is added where it is called."""
        own = inner.slots.keys()
        self._add_names(inner.body())
        self.mutated |= inner.mutated - own
        for callee, passed in inner.calls.items():
            self.calls.setdefault(callee, set()).update((slot, name) for slot, name in passed if name not in own)

    def _add_names(self, other: Body) -> None:
        for name, line in other.uses.items():
            self.fill(name, other.filled.get(name, frozenset()))
            self.uses.setdefault(name, line)
        self.active |= other.uses.keys() - other.inert
        self.sets |= other.sets
        self.changes |= other.changes
        self.draws |= other.draws
        self.evaluates |= other.evaluates
        self.outside |= other.outside


def merged(bodies: Sequence[Body]) -> Body | None:
    """Returns what any of several bodies does. Returns None if there are none."""
    if len(bodies) < 2:
        return bodies[0] if bodies else None
    collected = Collected()
    for body in bodies:
        collected.add(body)
    return collected.body()


# ---- arguments


def slots_of(arguments: ast.arguments, *, is_method: bool) -> dict[str, Slots]:
    """Returns where a call gives each parameter."""
    found: dict[str, Slots] = {}
    for place, argument in enumerate([*arguments.posonlyargs, *arguments.args]):
        found[argument.arg] = frozenset({SELF} if is_method and not place else {place - is_method, argument.arg})
    for argument in arguments.kwonlyargs:
        found[argument.arg] = frozenset({argument.arg})
    for rest in (arguments.vararg, arguments.kwarg):
        if rest is not None:
            found[rest.arg] = frozenset({REST})
    return found


def defaults_of(arguments: ast.arguments) -> Iterator[tuple[str, ast.expr]]:
    """Yields the parameters that have a default, with it."""
    positional = [*arguments.posonlyargs, *arguments.args]
    for argument, default in zip(reversed(positional), reversed(arguments.defaults), strict=False):
        yield argument.arg, default
    for argument, keyword_default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        if keyword_default is not None:
            yield argument.arg, keyword_default


def arguments_of(node: ast.Call) -> list[tuple[Slot, ast.expr]]:
    """Returns the arguments of a call with their slots."""
    found: list[tuple[Slot, ast.expr]] = []
    is_known = True
    for place, part in enumerate(node.args):
        is_known = is_known and not isinstance(part, ast.Starred)
        found.append((place if is_known else REST, part))
    found += [(keyword.arg or REST, keyword.value) for keyword in node.keywords]
    return found


def hits(changed: Slots, slot: Slot) -> bool:
    """Returns whether a function that changes these arguments changes one that is given in a slot."""
    if slot in changed:
        return True
    if is_self(slot):
        return SELF in changed or (slot == SELF and any(map(is_self, changed)))
    return REST in changed or (slot == REST and not all(map(is_self, changed)))


def is_self(slot: Slot) -> bool:
    return isinstance(slot, str) and slot.startswith(SELF)


_MAKERS: Final = frozenset({"__init__", "__new__", "__post_init__", "__init_subclass__"})
"""Methods that make an object: they do not change one that a name has."""


def class_body(methods: Mapping[str, Body], bases: Sequence[Body], *, has_unknown_base: bool) -> Body:
    """Returns what the methods of a class do. Of its base classes, those of the same cell are `bases`."""
    inherited = bases[0].mutates.union(*(base.mutates for base in bases)) if bases else frozenset()
    changing = {name for name, body in methods.items() if SELF in body.mutates}

    def changes(method: str) -> bool:
        if method in methods:
            return method in changing
        return has_unknown_base or hits(inherited, f"{SELF}.{method.removeprefix('super.')}")

    while more := {name for name, body in methods.items() if any(map(changes, body.own_calls))} - changing:
        changing |= more
    collected = Collected()
    for base in bases:
        collected.add(base)
    for name, body in methods.items():
        mutates = body.mutates - {SELF}
        collected.add(replace(body, mutates=mutates | {f"{SELF}.{name}"} if name in changing - _MAKERS else mutates))
    return replace(collected.body(), is_class=True)


def mutated_by(name: str, body_of: Callable[[str], Body | None], known: dict[str, Slots]) -> Slots:
    """Returns the arguments that a function changes, also by passing them to others. `known` remembers what was found."""
    if name in known:
        return known[name]
    body = body_of(name)
    found = known[name] = body.mutates if body is not None else frozenset()
    if body is not None and body.parameters:
        for callee, passed in body.calls.items():
            changed = mutated_by(callee, body_of, known)
            for slot, argument in passed if changed else ():
                if hits(changed, slot):
                    found |= body.parameters.get(argument, frozenset())
        known[name] = found
    return found
