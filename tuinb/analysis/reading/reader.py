"""What is known at a point of a source while it is read: its scopes, and the names that were set, used and changed so far."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from tuinb.analysis import vocabulary
from tuinb.analysis.effects import Effects
from tuinb.analysis.nodes import held_names
from tuinb.analysis.syntax_tree import CHILD_FIELDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import TypeAlias

    from tuinb.analysis.bodies import Collected
    from tuinb.analysis.effects import Body, Definition, Slot, Slots

    Handler: TypeAlias = Callable[["Reader", Any], None]
    """Reads a node of one class."""

_NO_SLOTS: Final[Slots] = frozenset()


class Handlers(dict[type, "Handler"]):
    """What reads each class of nodes. For classes that have nothing: what reads the nodes in it."""

    def __missing__(self, kind: type) -> Handler:
        self[kind] = Reader.visit_children
        return Reader.visit_children


@dataclass(slots=True)
class Scope:
    """A scope inside the notebook's own: a function, a class or a comprehension."""

    is_class: bool
    is_comprehension: bool
    local: set[str]
    is_global: set[str] = field(default_factory=set)


class Reader:
    """Reads statements in their order, and keeps what it finds.

    The attributes without a text of their own are the fields of Effects. They are of the notebook's own scope: what a function
    does goes to `body` while it is read.
    """

    def __init__(self, handlers: Handlers, *, has_walrus: bool) -> None:
        self._handlers = handlers
        self.has_walrus = has_walrus
        """Whether expressions may set names."""
        self.scopes: list[Scope] = []
        """The scopes around this point, the innermost last."""
        self.body: Collected | None = None
        """The function that is read. Functions inside it add to it."""
        self.inert = False
        """Whether the expression that is read is only mentioned: nothing in it is called."""
        self.set_names: set[str] = set()
        """Names that are set for certain at this point."""
        self.maybe_set: set[str] = set()
        """Names that are perhaps set at this point, or for certain."""
        self.branches = 0
        """How many parts that are perhaps run this point is in."""
        self.uses: dict[str, int] = {}
        self.maybe_used: set[str] = set()
        self.mentioned: set[str] = set()
        self.active: set[str] = set()
        """Names that it may call."""
        self.definitions: dict[str, Definition | None] = {}
        self.changes: set[str] = set()
        self.may_change: set[str] = set()
        self.draws: set[str] = set()
        self.seeds: set[str] = set()
        self.clears: set[str] = set()
        self.deletes: set[str] = set()
        self.passing: set[str] = set()
        self.later: dict[str, int] = {}
        self.lambdas: Collected | None = None
        """The lambdas in the value that is read."""
        self.bodies: dict[str, Body] = {}
        self.carried: dict[str, set[str]] = {}
        self.made_by: dict[str, set[str]] = {}
        self.decorated_by: dict[str, set[str]] = {}
        self.results: dict[str, str] = {}
        self.iterators: set[str] = set()
        self.shares: dict[str, str] = {}
        self.parts: dict[str, frozenset[str]] = {}
        """Names set to parts of the objects of other names, by loops and the like: those."""
        self.adds: set[str] = set()
        self.calls: dict[str, set[tuple[Slot, str]]] = {}
        self.filled: dict[str, Slots] = {}
        self.texts: dict[str, set[str]] = {}
        self.annotations: dict[str, int] = {}
        self.postpones = False
        self.stars: set[str] = set()
        self.outside = False
        self.anything = False
        self.expects_missing = False

    def result(self) -> Effects:
        return Effects(
            uses=self.uses,
            may_use=frozenset(self.maybe_used),
            sets={name: self.definitions.get(name) for name in self.set_names},
            may_set=frozenset(self.maybe_set - self.set_names - self.deletes),
            changes=frozenset(self.changes),
            may_change=frozenset(self.may_change - self.changes),
            draws=frozenset(self.draws),
            seeds=frozenset(self.seeds),
            clears=frozenset(self.clears),
            deletes=frozenset(self.deletes - self.set_names),
            passing=frozenset(self.passing - self.set_names),
            later=self.later,
            bodies=self.bodies,
            carried=_frozen(self.carried),
            made_by=_frozen(self.made_by),
            decorated_by=_frozen(self.decorated_by),
            results=self.results,
            iterators=frozenset(self.iterators),
            shares=self.shares,
            adds=frozenset(self.adds),
            inert=frozenset(self.mentioned - self.active),
            calls={name: frozenset(passed) for name, passed in self.calls.items()},
            filled=self.filled,
            texts=_frozen(self.texts),
            annotations=self.annotations,
            postpones_annotations=self.postpones,
            stars=frozenset(self.stars),
            outside=self.outside,
            anything=self.anything,
            expects_missing=self.expects_missing,
        )

    def block(self, body: Sequence[ast.stmt]) -> None:
        """Reads statements."""
        for statement in body:
            self._handlers[statement.__class__](self, statement)

    def visit(self, node: ast.AST) -> None:
        """Reads a node, by the handler of its class."""
        self._handlers[node.__class__](self, node)

    def visit_children(self, node: ast.AST) -> None:
        """Reads the nodes in a node, in their order."""
        for name in CHILD_FIELDS[node.__class__]:
            value = getattr(node, name)
            if value.__class__ is list:
                for part in value:
                    if isinstance(part, ast.AST):
                        self._handlers[part.__class__](self, part)
            elif isinstance(value, ast.AST):
                self._handlers[value.__class__](self, value)

    # ---- names

    def is_global(self, name: str) -> bool:
        """Returns whether a name is one of the notebook, in the scope that is read."""
        scopes = self.scopes
        if not scopes:
            return True
        scope = scopes[-1]
        if name in scope.is_global:
            return True
        if name in scope.local:
            return False
        for scope in scopes[-2::-1]:
            if name in scope.is_global:
                return True
            if name in scope.local and not scope.is_class:
                return False
        return True

    def use(self, name: str, line: int) -> None:
        """Notes that the value of a name is read."""
        if name == "NameError":
            self.expects_missing = True
        if not self.is_global(name):
            return
        if name in vocabulary.OUTSIDE_NAMES:
            self.anything |= name in vocabulary.NAMESPACES
            self.reach_outside()
        body = self.body
        if body is not None:
            body.filled[name] = _NO_SLOTS
            body.uses.setdefault(name, line)
            if not self.inert:
                body.active.add(name)
            return
        self.filled[name] = _NO_SLOTS
        (self.mentioned if self.inert else self.active).add(name)
        if name not in self.maybe_set:
            self.uses.setdefault(name, line)
            return
        if name not in self.set_names:
            self.maybe_used.add(name)
        if not self.inert:
            self._follow(name, set())

    def may_use(self, names: Iterable[str]) -> None:
        """Notes names that are perhaps used."""
        self.active.update(names)
        self.maybe_used.update(name for name in names if name not in self.set_names)

    def reach_outside(self) -> None:
        """Notes that files, the network or the clock may be reached."""
        if self.body is not None:
            self.body.outside = True
        else:
            self.outside = True

    def _follow(self, name: str, seen: set[str]) -> None:
        """Adds what a function of this cell does, where the cell refers to it."""
        if name in seen:
            return
        seen.add(name)
        for other in (*self.carried.get(name, ()), *self.decorated_by.get(name, ())):
            self.active.add(other)
            self._follow(other, seen)
        body = self.bodies.get(name)
        if body is None:
            return
        for other in body.uses:
            if other not in body.inert:
                self._follow(other, seen)
                self.active.add(other)
            else:
                self.mentioned.add(other)
            if other not in self.set_names:
                self.maybe_used.add(other)
        self.maybe_set |= body.sets - self.set_names
        self.changes |= body.changes - self.set_names
        self.draws |= body.draws
        self.outside |= body.outside

    def bind(self, name: str) -> None:
        """Notes that a name is set."""
        if self.scopes and self.scopes[-1].is_class and name not in self.scopes[-1].is_global:
            self.scopes[-1].local.add(name)
        if not self.is_global(name):
            if self.body is not None and name in self.body.nonlocal_names:
                self.body.changes_around = True
            elif self.body is not None:
                old = self.body.roots(name, is_global=False) if self.branches else frozenset()
                self.body.aliases[name] = old
                self.body.functions.pop(name, None)
            return
        if self.body is not None:
            self.body.sets.add(name)
            return
        self.set_names.add(name)
        self.maybe_set.add(name)
        self.deletes.discard(name)
        self.definitions.pop(name, None)
        for carried in (self.carried, self.made_by, self.decorated_by, self.results, self.shares, self.parts):
            carried.pop(name, None)
        self.iterators.discard(name)
        self.bodies.pop(name, None)

    def change(self, name: str, line: int, *, certain: bool = True) -> None:
        """Notes that the object of a name is changed in place."""
        if self.body is not None:
            if certain:
                self._change_in_body(self.body, name, line)
            return
        if not self.is_global(name):
            return
        if not certain:
            if name not in self.set_names:
                self.may_change.add(name)
            return
        for changed in self._one_object(name):
            self.adds.discard(changed)
            self.definitions.pop(changed, None)
            if changed not in self.set_names:
                self.changes.add(changed)

    def _one_object(self, name: str) -> list[str]:
        """Returns a name and those whose object its object is, or is a part of."""
        found = [name]
        for one in found:  # which grows
            others = (self.shares.get(one), *self.parts.get(one, ()))
            found += [other for other in others if other is not None and other not in found]
        return found

    def _change_in_body(self, body: Collected, name: str, line: int) -> None:
        body.changes_around |= name in body.around
        for root in body.roots(name, is_global=self.is_global(name)):
            if root in body.known:
                body.mutated.add(root)
            else:
                body.changes.add(root)
                body.uses.setdefault(root, line)
                body.active.add(root)

    # ---- objects

    def roots(self, name: str) -> frozenset[str]:
        """Returns the names whose object a name in a function is: parameters, and names of the notebook."""
        return self.body.roots(name, is_global=self.is_global(name)) if self.body is not None else frozenset()

    def held_roots(self, value: ast.expr) -> list[frozenset[str]]:
        """Returns the roots of the names whose object, or a part of it, a value in a function may be."""
        return [self.roots(name) for name in held_names(value)] if self.body is not None else []

    def alias(self, name: str, shared: Sequence[frozenset[str]]) -> None:
        """Notes that a local name of a function was set to the object of others."""
        if self.body is not None and name in self.body.aliases:
            self.body.aliases[name] = self.body.aliases[name].union(*shared)

    def note_call(self, name: str, passed: set[tuple[Slot, str]]) -> None:
        """Notes a call of a name, or of a method of its object, with the names that are passed."""
        (self.calls if self.body is None else self.body.calls).setdefault(name, set()).update(passed)


def _frozen(sets: Mapping[str, set[str]]) -> dict[str, frozenset[str]]:
    return {name: frozenset(names) for name, names in sets.items()}
