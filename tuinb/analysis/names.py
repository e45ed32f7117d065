"""What the source of a Python cell does with the names of the notebook, read from the source alone.

`effects_of` is the one analysis of names: dataflow.py finds names that no cell defines by it, staleness.py the cells whose
results are out of date. Statements are read in their order. A loop, a `with` and the body of a `try` count as run, the parts of
`if`, `match` and `except` as perhaps run. What a function does, it does when it is called: see `Body`.

Limits: two names of one object are known as such where one is set to the other, or to a view of it as numpy has them; that an
object is a part of another (`b = a.b`, a loop over a) only in the same cell or function. Code in other files is not read, and
an unknown call may change its arguments (`may_change`).
"""

from __future__ import annotations

import ast
import builtins
import hashlib
import re
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from tuinb.analysis import vocabulary
from tuinb.analysis.bodies import Collected, arguments_of, class_body, defaults_of, hits, mutated_by, slots_of
from tuinb.analysis.cell_code import names_in, parse, read_code
from tuinb.analysis.effects import SELF, Body, Definition, Effects
from tuinb.analysis.nodes import (
    all_arguments,
    assigned_values,
    bound_object,
    follows_from_text,
    held_names,
    is_in_place,
    is_shell,
    kept_names,
    lambda_of_partial,
    last_name,
    loaded_names,
    local_names,
    namespace_key,
    part_names,
    passed_names,
    referred_names,
    root_of,
    shared_name,
    shared_names,
    texts_of,
    type_parameters,
)
from tuinb.analysis.syntax_tree import CHILD_FIELDS, fingerprint, walk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from tuinb.analysis.effects import Slot, Slots

STAR: Final = "*"
"""Stands for the names that a star import sets."""
_REACHES_BY_TEXT: Final = frozenset({"exec", "eval", "push"})
"""Functions and methods to which a name may be given as text."""
_QUERIES: Final = frozenset({"query", "eval"})
"""Methods whose argument may refer to names by `@name`."""
_NO_SLOTS: Final[Slots] = frozenset()
_WORD: Final = re.compile(r"[^\W\d]\w*")
_SETS_OTHERS: Final = re.compile(
    r"import\s*\*|\b(?:exec|execfile|eval|globals|locals|vars|get_ipython|setattr)\b|^\s*%", re.MULTILINE
)
"""What may set names that a source does not mention."""


@lru_cache(maxsize=8192)
def effects_of(source: str) -> Effects:
    """Returns what a source does. The result is cached."""
    code = read_code(source)
    if code.unparsable:
        mentions = None if _SETS_OTHERS.search(source) else frozenset(_WORD.findall(source))
        return Effects(anything=True, unparsable=True, mentions=mentions)
    reader = _Reader(code.text)
    try:
        reader.block(code.body)
    except RecursionError:  # a sum of a thousand terms: nothing is certain
        return Effects(anything=True)
    reader.may_use(code.inserted)
    reader.anything |= code.defines_any
    return reader.result()


# ---- reading


@dataclass(slots=True)
class _Scope:
    """A scope inside the notebook's own: a function, a class or a comprehension."""

    is_class: bool
    is_comprehension: bool
    local: set[str]
    is_global: set[str] = field(default_factory=set)


class _Reader(ast.NodeVisitor):
    """Reads statements in their order. The fields are those of Effects."""

    def __init__(self, text: str) -> None:
        self._has_walrus = ":=" in text
        self._scopes: list[_Scope] = []
        self._body: Collected | None = None
        """The function that is read. Functions inside it add to it."""
        self._inert = False
        """Whether the expression that is read is only mentioned: nothing in it is called."""
        self._set: set[str] = set()
        """Names that are set for certain at this point."""
        self._maybe: set[str] = set()
        self._branches = 0
        self._uses: dict[str, int] = {}
        self._may_use: set[str] = set()
        self._mentioned: set[str] = set()
        self._active: set[str] = set()
        """Names that it may call."""
        self._definitions: dict[str, Definition | None] = {}
        self._changes: set[str] = set()
        self._may_change: set[str] = set()
        self._draws: set[str] = set()
        self._seeds: set[str] = set()
        self._deletes: set[str] = set()
        self._passing: set[str] = set()
        self._later: dict[str, int] = {}
        self._lambdas: Collected | None = None
        """The lambdas in the value that is read."""
        self._bodies: dict[str, Body] = {}
        self._carried: dict[str, set[str]] = {}
        self._made_by: dict[str, set[str]] = {}
        self._decorated_by: dict[str, set[str]] = {}
        self._results: dict[str, str] = {}
        self._iterators: set[str] = set()
        self._shares: dict[str, str] = {}
        self._parts: dict[str, frozenset[str]] = {}
        """Names set to parts of the objects of other names, by loops and the like: those."""
        self._adds: set[str] = set()
        self._calls: dict[str, set[tuple[Slot, str]]] = {}
        self._filled: dict[str, Slots] = {}
        self._texts: dict[str, set[str]] = {}
        self._annotations: dict[str, int] = {}
        self._postpones = False
        self._stars: set[str] = set()
        self._outside = False
        self.anything = False
        self._expects_missing = False

    def result(self) -> Effects:
        return Effects(
            uses=self._uses,
            may_use=frozenset(self._may_use),
            sets={name: self._definitions.get(name) for name in self._set},
            may_set=frozenset(self._maybe - self._set - self._deletes),
            changes=frozenset(self._changes),
            may_change=frozenset(self._may_change - self._changes),
            draws=frozenset(self._draws),
            seeds=frozenset(self._seeds),
            deletes=frozenset(self._deletes - self._set),
            passing=frozenset(self._passing - self._set),
            later=self._later,
            bodies=self._bodies,
            carried=_frozen(self._carried),
            made_by=_frozen(self._made_by),
            decorated_by=_frozen(self._decorated_by),
            results=self._results,
            iterators=frozenset(self._iterators),
            shares=self._shares,
            adds=frozenset(self._adds),
            inert=frozenset(self._mentioned - self._active),
            calls={name: frozenset(passed) for name, passed in self._calls.items()},
            filled=self._filled,
            texts=_frozen(self._texts),
            annotations=self._annotations,
            postpones_annotations=self._postpones,
            stars=frozenset(self._stars),
            outside=self._outside,
            anything=self.anything,
            expects_missing=self._expects_missing,
        )

    def block(self, body: Sequence[ast.stmt]) -> None:
        """Reads statements."""
        for statement in body:
            _METHODS[statement.__class__](self, statement)

    def visit(self, node: ast.AST) -> None:
        """Reads a node, by the method for its class if there is one."""
        _METHODS[node.__class__](self, node)

    def visit_children(self, node: ast.AST) -> None:
        """Reads the nodes in a node, in their order."""
        for name in CHILD_FIELDS[node.__class__]:
            value = getattr(node, name)
            if value.__class__ is list:
                for part in value:
                    if isinstance(part, ast.AST):
                        _METHODS[part.__class__](self, part)
            elif isinstance(value, ast.AST):
                _METHODS[value.__class__](self, value)

    # ---- names

    def _is_global(self, name: str) -> bool:
        scopes = self._scopes
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

    def _use(self, name: str, line: int) -> None:
        if name == "NameError":
            self._expects_missing = True
        if not self._is_global(name):
            return
        if name in vocabulary.OUTSIDE_NAMES:
            self.anything |= name in vocabulary.NAMESPACES
            self._reach_outside()
        body = self._body
        if body is not None:
            body.filled[name] = _NO_SLOTS
            body.uses.setdefault(name, line)
            if not self._inert:
                body.active.add(name)
            return
        self._filled[name] = _NO_SLOTS
        (self._mentioned if self._inert else self._active).add(name)
        if name not in self._maybe:
            self._uses.setdefault(name, line)
            return
        if name not in self._set:
            self._may_use.add(name)
        if not self._inert:
            self._follow(name, set())

    def may_use(self, names: Iterable[str]) -> None:
        """Notes names that are perhaps used."""
        self._active.update(names)
        self._may_use.update(name for name in names if name not in self._set)

    def _reach_outside(self) -> None:
        if self._body is not None:
            self._body.outside = True
        else:
            self._outside = True

    def _follow(self, name: str, seen: set[str]) -> None:
        """Adds what a function of this cell does, where the cell refers to it."""
        if name in seen:
            return
        seen.add(name)
        for other in (*self._carried.get(name, ()), *self._decorated_by.get(name, ())):
            self._active.add(other)
            self._follow(other, seen)
        body = self._bodies.get(name)
        if body is None:
            return
        for other in body.uses:
            if other not in body.inert:
                self._follow(other, seen)
                self._active.add(other)
            else:
                self._mentioned.add(other)
            if other not in self._set:
                self._may_use.add(other)
        self._maybe |= body.sets - self._set
        self._changes |= body.changes - self._set
        self._draws |= body.draws
        self._outside |= body.outside

    def _bind(self, name: str) -> None:
        """Notes that a name is set."""
        if self._scopes and self._scopes[-1].is_class and name not in self._scopes[-1].is_global:
            self._scopes[-1].local.add(name)
        if not self._is_global(name):
            if self._body is not None and name in self._body.nonlocal_names:
                self._body.changes_around = True
            elif self._body is not None:
                old = self._body.roots(name, is_global=False) if self._branches else frozenset()
                self._body.aliases[name] = old
                self._body.functions.pop(name, None)
            return
        if self._body is not None:
            self._body.sets.add(name)
            return
        self._set.add(name)
        self._maybe.add(name)
        self._deletes.discard(name)
        self._definitions.pop(name, None)
        for carried in (self._carried, self._made_by, self._decorated_by, self._results, self._shares, self._parts):
            carried.pop(name, None)
        self._iterators.discard(name)
        self._bodies.pop(name, None)

    def _change(self, name: str, line: int, *, certain: bool = True) -> None:
        """Notes that the object of a name is changed in place."""
        if self._body is not None:
            if certain:
                self._change_in_body(self._body, name, line)
            return
        if not self._is_global(name):
            return
        if not certain:
            if name not in self._set:
                self._may_change.add(name)
            return
        for changed in self._one_object(name):
            self._adds.discard(changed)
            self._definitions.pop(changed, None)
            if changed not in self._set:
                self._changes.add(changed)

    def _one_object(self, name: str) -> list[str]:
        """Returns a name and those whose object its object is, or is a part of."""
        found = [name]
        for one in found:  # which grows
            others = (self._shares.get(one), *self._parts.get(one, ()))
            found += [other for other in others if other is not None and other not in found]
        return found

    def _change_in_body(self, body: Collected, name: str, line: int) -> None:
        body.changes_around |= name in body.around
        for root in body.roots(name, is_global=self._is_global(name)):
            if root in body.known:
                body.mutated.add(root)
            else:
                body.changes.add(root)
                body.uses.setdefault(root, line)
                body.active.add(root)

    # ---- scopes

    def _collect(self, slots: Mapping[str, Slots], local: set[str], is_global: set[str], body: Sequence[ast.AST]) -> Collected:
        """Reads a function: what it does is done later."""
        outer, branches, inert = self._body, self._branches, self._inert
        if outer is None:
            collected = Collected(slots, frozenset(slots))
        else:
            aliases = {name: roots for name, roots in outer.aliases.items() if name not in local}
            around = (outer.known | outer.aliases.keys() | outer.around) - local
            collected = Collected(slots, (outer.known - local) | slots.keys(), aliases, around)
        self._body, self._branches, self._inert = collected, 0, False
        self._scopes.append(_Scope(False, False, local, is_global))
        for part in body:
            self.visit(part)
        self._scopes.pop()
        self._body, self._branches, self._inert = outer, branches, inert
        if outer is not None:
            outer.add_inner(collected)
        else:
            self._later = {**collected.uses, **self._later}
        return collected

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, *, is_method: bool = False) -> Body:
        slots = slots_of(node.args, is_method=is_method)
        body = [node.body] if isinstance(node, ast.Lambda) else node.body
        local, is_global = local_names(body, has_walrus=self._has_walrus)
        local |= slots.keys() | type_parameters(node)
        collected = self._collect(slots, local, is_global, body)
        if node.args.defaults or node.args.kw_defaults:
            passed = {name for some in collected.calls.values() for _, name in some}
            for parameter, default in defaults_of(node.args):
                if parameter in collected.mutated or parameter in passed:
                    self._note_default(collected, slots[parameter], node, default)
        return collected.body()

    def _note_default(self, collected: Collected, slots: Slots, node: ast.AST, default: ast.expr) -> None:
        """Notes a default that a function may change. A dict as default is a cache, as a rule."""
        name = shared_name(default)
        if name is None and isinstance(default, ast.List | ast.Set):
            name = getattr(node, "name", None)
        if name is not None and self._is_global(name):
            collected.uses.setdefault(name, default.lineno)
            collected.defaults[name] = collected.defaults.get(name, slots) & slots

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        """Reads a function: decorators, defaults and annotations now, the rest as its Body."""
        if node.name.startswith("%"):
            self._run_timed(node)
            return
        outside = [*node.decorator_list, *node.args.defaults, *(one for one in node.args.kw_defaults if one is not None)]
        for part in outside:
            self.visit(part)
        self._annotate_function(node)
        body = self._function(node)
        self._bind(node.name)
        if self._body is not None:
            self._body.functions[node.name] = body
        elif self._is_global(node.name):
            # What a wrapped function returns is not known.
            self._bodies[node.name] = replace(body, yields=False) if body.yields and node.decorator_list else body
            self._decorated_by[node.name] = {name for part in node.decorator_list for name in loaded_names(walk(part))}
            self._define(node.name, node, [inner for part in outside for inner in walk(part)])

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815

    def _run_timed(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        """Reads code that a magic runs at once, in a scope of its own."""
        local, is_global = local_names(node.body, has_walrus=self._has_walrus)
        self._scopes.append(_Scope(False, False, local, is_global))
        self.block(node.body)
        self._scopes.pop()

    def visit_Lambda(self, node: ast.Lambda) -> None:
        """Reads a lambda. It may be called at once, if it is not only mentioned."""
        for part in (*node.args.defaults, *(one for one in node.args.kw_defaults if one is not None)):
            self.visit(part)
        body = self._function(node)
        if self._body is not None:
            return
        self._lambdas = self._lambdas or Collected()
        self._lambdas.add(body)
        if not self._inert:
            self.may_use(body.uses.keys() - body.inert)
            self._outside |= body.outside
            self._changes |= body.changes - self._set
            self._draws |= body.draws
            for callee, passed in body.calls.items():
                self._note_call(callee, {one for one in passed if one[1] not in body.parameters})

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        """Reads a class: its statements run now, its methods are its Body."""
        bases = [*node.bases, *(keyword.value for keyword in node.keywords)]
        outside = [*node.decorator_list, *bases]
        self._scopes.append(_Scope(False, True, type_parameters(node)))
        for part in node.decorator_list:
            self.visit(part)
        for part in bases:
            self._mention(part)
        self._scopes.pop()
        methods: dict[str, Body] = {}
        top = self._body is None
        scope = _Scope(True, False, type_parameters(node), local_names(node.body, has_walrus=self._has_walrus)[1])
        self._scopes.append(scope)
        for statement in node.body:
            if top and isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
                for part in (*statement.decorator_list, *statement.args.defaults):
                    self.visit(part)
                self._annotate_function(statement)
                is_static = any(last_name(part) == "staticmethod" for part in statement.decorator_list)
                methods[statement.name] = self._function(statement, is_method=not is_static)
                scope.local.add(statement.name)
            else:
                self.visit(statement)
        self._scopes.pop()
        self._bind(node.name)
        if top and self._is_global(node.name):
            names = [last_name(base) for base in node.bases]
            known = [self._bodies[name] for name in names if name in self._bodies]
            is_unknown = any(name not in self._bodies and not hasattr(builtins, name) for name in names)
            self._bodies[node.name] = class_body(methods, known, has_unknown_base=is_unknown)
            self._carried[node.name] = {name for part in outside for name in loaded_names(walk(part))}
            self._define(node.name, node, [inner for part in outside for inner in walk(part)])

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> None:
        self.visit(node.generators[0].iter)
        local = {part.id for one in node.generators for part in walk(one.target) if isinstance(part, ast.Name)}
        self._scopes.append(_Scope(False, True, local))
        for number, one in enumerate(node.generators):
            if number:
                self.visit(one.iter)
            for test in one.ifs:
                self.visit(test)
        for part in (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,):
            self.visit(part)
        self._scopes.pop()

    visit_ListComp = visit_SetComp = visit_GeneratorExp = visit_DictComp = _comprehension  # noqa: N815

    def _annotate_function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self._scopes.append(_Scope(False, True, type_parameters(node)))
        for argument in all_arguments(node.args):
            if argument.annotation is not None:
                self._annotate(argument.annotation)
        if node.returns is not None:
            self._annotate(node.returns)
        self._scopes.pop()

    def visit_TypeAlias(self, node: ast.AST) -> None:
        """Notes the name of `type X = …`. Its value is evaluated when it is asked for."""
        name = getattr(node, "name", None)
        if isinstance(name, ast.Name):
            self._bind(name.id)

    def _annotate(self, annotation: ast.expr) -> None:
        """Notes the names of an annotation, but for text: it is never evaluated."""
        for node in walk(annotation):
            if isinstance(node, ast.Name) and self._is_global(node.id) and node.id not in self._maybe:
                self._annotations.setdefault(node.id, node.lineno)

    # ---- statements

    def visit_Name(self, node: ast.Name) -> None:
        """Notes a name that is read, set or deleted."""
        if isinstance(node.ctx, ast.Load):
            self._use(node.id, node.lineno)
        elif isinstance(node.ctx, ast.Store):
            self._bind(node.id)
        elif self._is_global(node.id) and self._body is None:
            if node.id not in self._set:
                self._uses.setdefault(node.id, node.lineno)
                self._passing.discard(node.id)
            elif not self._branches:
                self._passing.add(node.id)
            self._set.discard(node.id)
            if self._branches:
                self._changes.add(node.id)
            else:
                self._maybe.discard(node.id)
                self._deletes.add(node.id)

    def _mention(self, node: ast.expr) -> None:
        """Reads an expression whose functions are not called: names, and lists and the like of them."""
        match node:
            case ast.Name() | ast.Lambda():
                inert, self._inert = self._inert, True
                self.visit(node)
                self._inert = inert
            case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts):
                for part in parts:
                    self._mention(part)
            case ast.Call(func=function, args=[_, *_]) if last_name(function) == "partial":
                self.visit(function)
                self._mention(lambda_of_partial(node))
            case ast.Dict(keys=keys, values=values):
                for key in keys:
                    if key is not None:
                        self.visit(key)
                for part in values:
                    self._mention(part)
            case _:
                self.visit(node)

    def _store_into(self, node: ast.Subscript | ast.Attribute) -> None:
        """Notes `x[...] = …`, `x.a = …` and their deletion."""
        if (name := namespace_key(node)) is not None:
            self._bind(name)
            return
        self.visit_children(node)
        root = root_of(node)
        if root is not None:
            self._change(root, node.lineno)

    def visit_Constant(self, node: ast.Constant) -> None:
        """Has no names."""

    def visit_Subscript(self, node: ast.Subscript) -> None:
        """Reads an item, or notes that it is set. `globals()["x"]` is the name x."""
        if not isinstance(node.ctx, ast.Load):
            self._store_into(node)
        elif (name := namespace_key(node)) is not None:
            self._use(name, node.lineno)
        else:
            self.visit_children(node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        """Reads an attribute, or notes that it is set."""
        if isinstance(node.ctx, ast.Load):
            if vocabulary.reaches_outside(node.attr):
                self._reach_outside()
            (self._mention if node.attr in vocabulary.INERT_ATTRIBUTES else self.visit)(node.value)
        else:
            self._store_into(node)

    def visit_Assign(self, node: ast.Assign) -> None:
        """Reads the value, then the targets."""
        self._lambdas = None
        is_kept = self._body is None and all(isinstance(target, ast.Name) for target in node.targets)
        (self._mention if is_kept else self.visit)(node.value)
        pairs = [
            (name, value, is_part, self._held_roots(value))
            for target in node.targets
            for name, value, is_part in assigned_values(target, node.value)
        ]
        for target in node.targets:
            self.visit(target)
        for name, value, is_part, shared in pairs:
            self._alias(name, shared)
            self._value(name, node, value, is_part=is_part)

    def _roots(self, name: str) -> frozenset[str]:
        """Returns the names whose object a name in a function is: parameters, and names of the notebook."""
        return self._body.roots(name, is_global=self._is_global(name)) if self._body is not None else frozenset()

    def _held_roots(self, value: ast.expr) -> list[frozenset[str]]:
        """Returns the roots of the names whose object, or a part of it, a value in a function may be."""
        return [self._roots(name) for name in held_names(value)] if self._body is not None else []

    def _alias(self, name: str, shared: Sequence[frozenset[str]]) -> None:
        """Notes that a local name of a function was set to the object of others."""
        if self._body is not None and name in self._body.aliases:
            self._body.aliases[name] = self._body.aliases[name].union(*shared)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        """Reads `x: int = 1`. Without a value it sets nothing."""
        self._annotate(node.annotation)
        if node.value is not None:
            self._lambdas = None
            shared = self._held_roots(node.value)
            self.visit(node.value)
            self.visit(node.target)
            if isinstance(node.target, ast.Name):
                self._alias(node.target.id, shared)
                self._value(node.target.id, node, node.value)

    def _value(self, name: str, statement: ast.stmt, value: ast.expr, *, is_part: bool = False) -> None:
        """Notes what the new value of a name may call."""
        if self._body is not None or not self._is_global(name):
            return
        called, mentioned, functions = set(), set(), set()
        nodes = walk(value)
        for node in nodes:  # from the top: a call comes before its function
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                called.add(node.func.id)
                functions.add(id(node.func))
            elif isinstance(node, ast.Name) and node.id != name and id(node) not in functions:
                mentioned.add(node.id)
        self._carried[name], self._made_by[name] = mentioned, called
        bases = set(shared_names(value))
        if len(bases) == 1 and (base := bases.pop()) != name and self._shares.get(base) != name:
            self._shares[name] = base
        elif not is_part:
            self._parts[name] = frozenset(held_names(value)) - {name}
        if self._lambdas is not None:
            self._bodies[name] = self._lambdas.body()
        elif (root := bound_object(value)) is not None:
            self._bodies[name] = Body(uses={root: value.lineno}, changes=frozenset({root}))
        if not is_part:
            self._note_result(name, value)
        self._define(name, statement, nodes)

    def _note_result(self, name: str, value: ast.expr) -> None:
        """Notes what makes the new value of a name, if that may be an iterator or a function with a state."""
        match value:
            case ast.GeneratorExp():
                self._iterators.add(name)
            case ast.Call(func=function) if last_name(function) in vocabulary.ITERATORS:
                self._iterators.add(name)
            case ast.Call(func=ast.Name(id=function_name)):
                self._results[name] = function_name
            case _:
                pass

    def _define(self, name: str, statement: ast.stmt, nodes: Sequence[ast.AST]) -> None:
        """Notes that a value follows from its text, if it does: `nodes` are those of the statement that are evaluated."""
        if self._branches or not follows_from_text(nodes):
            return
        names = {name for name in loaded_names(nodes) if name not in vocabulary.PURE or name in self._maybe}
        known = [self._definitions.get(other) for other in sorted(names & self._maybe)]
        if name in names or not names.isdisjoint(self._changes) or None in known:
            return
        text = fingerprint(statement)
        inside = [(one.text, one.names) for one in known if one is not None]
        outside = (names - self._maybe).union(*(some for _, some in inside))
        digest = hashlib.blake2b(f"{text}\n{name}\n{[some for some, _ in inside]}".encode(errors="replace"), digest_size=16)
        body = self._bodies.get(name)
        reaches = body is not None and body.outside
        self._definitions[name] = Definition(digest.hexdigest(), tuple(sorted(outside)), outside=reaches)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        """Reads `x += …`: it reads x and changes it."""
        self.visit(node.value)
        if not isinstance(node.target, ast.Name):
            self._store_into(node.target)
            return
        name = node.target.id
        self._use(name, node.lineno)
        if self._body is not None or not self._is_global(name):
            # A parameter stays the object that it was, if that is a list.
            if self._is_global(name) or (self._body is not None and name in self._body.nonlocal_names):
                self._bind(name)
        elif name in self._set:
            self._definitions.pop(name, None)
        else:
            if name not in self._changes and not isinstance(node.value, ast.List | ast.ListComp | ast.Set | ast.Dict):
                self._adds.add(name)
            self._changes.add(name)
            self._maybe.add(name)

    def visit_For(self, node: ast.For | ast.AsyncFor) -> None:
        """Reads a loop in the order of its execution."""
        self.visit(node.iter)
        parts = list(dict.fromkeys(part_names(node.iter)))
        shared = [self._roots(name) for name in parts]
        self.visit(node.target)
        for target in (part for part in walk(node.target) if isinstance(part, ast.Name)):
            self._alias(target.id, shared)
            if self._body is None and self._is_global(target.id):
                self._parts[target.id] = frozenset(parts) - {target.id}
        self.block(node.body)
        self.block(node.orelse)

    visit_AsyncFor = visit_For  # noqa: N815

    def visit_Nonlocal(self, node: ast.Nonlocal) -> None:
        """Notes names of the function around."""
        if self._body is not None:
            self._body.nonlocal_names.update(node.names)

    def visit_Yield(self, node: ast.Yield | ast.YieldFrom) -> None:
        """Notes that a function makes a generator."""
        if self._body is not None:
            self._body.yields = True
        self.visit_children(node)

    visit_YieldFrom = visit_Yield  # noqa: N815

    def visit_Return(self, node: ast.Return) -> None:
        """Notes that a function returns one that changes what belongs to the call."""
        if self._body is not None and node.value is not None:
            given = (self._body.functions.get(name) for name in kept_names(node.value))
            self._body.keeps |= any(body.changes_around for body in given if body is not None)
        self.visit_children(node)

    def _branch(self, *ways: Sequence[ast.AST]) -> None:
        """Reads parts of which one is run: what all of them set is set."""
        before, after = set(self._set), []
        self._branches += 1
        for way in ways:
            self._set = set(before)
            for node in way:
                self.visit(node)
            after.append(self._set)
        self._branches -= 1
        self._set = set.intersection(*after)

    def visit_If(self, node: ast.If) -> None:
        """Reads the test, then both branches."""
        self.visit(node.test)
        self._branch(node.body, node.orelse)

    def visit_Match(self, node: ast.Match) -> None:
        """Reads the subject, then the cases."""
        self.visit(node.subject)
        self._branch([], *([case] for case in node.cases))

    def visit_Try(self, node: ast.Try | ast.TryStar) -> None:
        """Reads the body as run, and each handler as perhaps run."""
        self.block(node.body)
        for handler in node.handlers:
            self._branch([], [handler])
        self.block(node.orelse)
        self.block(node.finalbody)

    visit_TryStar = visit_Try  # noqa: N815

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        """Reads a handler. Its name is gone after it."""
        if node.type is not None:
            self._mention(node.type)
        kept = node.name in self._maybe
        if node.name:
            self._bind(node.name)
        self.block(node.body)
        if node.name and not self._scopes:
            self._set.discard(node.name)
            if not kept:
                self._maybe.discard(node.name)
                self._deletes.add(node.name)
                self._passing.add(node.name)

    def visit_MatchAs(self, node: ast.MatchAs | ast.MatchStar) -> None:
        """Notes the name that a pattern sets."""
        self.visit_children(node)
        if node.name:
            self._bind(node.name)

    visit_MatchStar = visit_MatchAs  # noqa: N815

    def visit_MatchMapping(self, node: ast.MatchMapping) -> None:
        """Notes the names that a pattern sets."""
        self.visit_children(node)
        if node.rest:
            self._bind(node.rest)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        """Reads `(x := …)`, which sets a name outside of comprehensions."""
        self.visit(node.value)
        inner = []
        while self._scopes and self._scopes[-1].is_comprehension:
            inner.append(self._scopes.pop())
        self._bind(node.target.id)
        self._scopes.extend(reversed(inner))

    def _import(self, node: ast.Import | ast.ImportFrom) -> None:
        module = getattr(node, "module", None) or ""
        for alias in node.names:
            if alias.name == "*":
                self._stars.add(module)
                continue
            name = alias.asname or alias.name.partition(".")[0]
            self._bind(name)
            if self._body is None and not self._scopes and not self._branches:
                what = f"from {module} import {alias.name}" if isinstance(node, ast.ImportFrom) else f"import {alias.name}"
                package = alias.name if isinstance(node, ast.Import) else module if alias.name == "random" else ""
                outside = (module or alias.name).partition(".")[0] not in vocabulary.PACKAGES or vocabulary.reaches_outside(
                    alias.name
                )
                self._definitions[name] = Definition(f"{what} as {name}", (), package.partition(".")[0], outside)
            if module in {"random", "numpy.random"} and alias.name in vocabulary.DRAWS and self._body is None:
                state = f"~{module.partition('.')[0]}"
                changed: Slots = frozenset({0} if alias.name == "shuffle" else ())
                self._bodies[name] = Body(draws=frozenset({state}), mutates=changed)
        if module == "__future__" and any(alias.name == "annotations" for alias in node.names):
            self._postpones = True

    visit_Import = visit_ImportFrom = _import  # noqa: N815

    # ---- calls

    def visit_Call(self, node: ast.Call) -> None:
        """Reads a call, and notes what it changes."""
        function = last_name(node.func)
        if function in _REACHES_BY_TEXT and self._special(node):
            return
        if function == "partial" and node.args:
            self.visit(node.func)
            self.visit(lambda_of_partial(node))
            return
        arguments = arguments_of(node)
        self._read_function(node.func, arguments)
        is_inert = function in vocabulary.INERT_CALLS and root_of(node.func) not in self._maybe - {"inspect"}
        for _, part in arguments:
            (self._mention if is_inert else self.visit)(part)
        if not arguments and function in vocabulary.UNSEEDED:
            self._reach_outside()
        passed = self._passed(arguments)
        texts = texts_of(node) if self._body is None or function in _QUERIES else set()
        if function in vocabulary.CHANGE_FIRST:
            self._change_first(node)
        if isinstance(node.func, ast.Name):
            self._call(node, function, passed, texts)
        elif isinstance(node.func, ast.Attribute):
            self._call_method(node, node.func, function, passed, texts)

    def _read_function(self, function: ast.expr, arguments: Sequence[tuple[Slot, ast.expr]]) -> None:
        """Reads what is called, and notes the slots that the call gives."""
        if not isinstance(function, ast.Name):
            self.visit(function)
            return
        name = function.id
        filled = self._filled if self._body is None else self._body.filled
        before = filled.get(name)
        self._use(name, function.lineno)
        if self._is_global(name):
            given = frozenset([slot for slot, _ in arguments])
            filled[name] = given if before is None else before & given

    def _passed(self, arguments: Sequence[tuple[Slot, ast.expr]]) -> set[tuple[Slot, str]]:
        """Returns the names whose objects arguments pass on, with their slots: of the notebook, and parameters."""
        found: set[tuple[Slot, str]] = set()
        for slot, part in arguments:
            for name in passed_names(part):
                if self._body is not None:
                    found.update((slot, root) for root in self._roots(name))
                elif self._is_global(name):
                    found.add((slot, name))
        return found

    def _special(self, node: ast.Call) -> bool:
        """Reads calls that reach names by text. Returns whether it was one."""
        match node:
            case ast.Call(func=ast.Name(id="exec" | "eval" as name), args=[ast.Constant(value=str(text)), *_]):
                tree = parse(text)
                self.anything |= tree is None and name == "exec"
                for statement in tree.body if tree is not None else ():
                    self.visit(ast.increment_lineno(statement, node.lineno - 1))
            case ast.Call(func=ast.Name(id="exec" | "eval" as name)):
                self.anything |= name == "exec"
                if self._body is not None:
                    self._body.evaluates = True
                self.visit_children(node)
            case ast.Call(func=ast.Attribute(attr="push", value=owner), args=[ast.Dict(keys=keys, values=values)]) if is_shell(
                owner
            ):
                for value in values:
                    self.visit(value)
                for key in keys:
                    if isinstance(key, ast.Constant) and isinstance(key.value, str):
                        self._bind(key.value)
            case _:
                return False
        return True

    def _change_first(self, node: ast.Call) -> None:
        if node.args and (root := root_of(node.args[0])) is not None:
            self._change(root, node.lineno)

    def _call(self, node: ast.Call, name: str, passed: set[tuple[Slot, str]], texts: set[str]) -> None:
        for part in node.args:
            if (root := bound_object(part)) is not None:
                self._change(root, node.lineno)
        if not self._is_global(name):
            if self._body is not None:
                self._do(name, self._body.functions.get, passed, node.lineno)
        else:
            self._note_call(name, passed)
            if self._body is None:
                self._call_global(node, name, passed, texts)
        if name not in vocabulary.CHANGE_NONE and self._body is None:
            for _, argument in passed:
                self._change(argument, node.lineno, certain=False)

    def _call_global(self, node: ast.Call, name: str, passed: set[tuple[Slot, str]], texts: set[str]) -> None:
        if texts and name != "get_ipython":
            self._texts.setdefault(name, set()).update(texts)
        own = self._bodies.get(name)
        if own is not None and own.evaluates:
            self.may_use(set().union(*map(names_in, texts)))
        self._do(name, self._bodies.get, passed, node.lineno)
        for default, slots in own.defaults.items() if own is not None else ():
            if slots & mutated_by(name, self._bodies.get, {}) and not slots & self._filled.get(name, frozenset()):
                self._change(default, node.lineno)

    def _note_call(self, name: str, passed: set[tuple[Slot, str]]) -> None:
        (self._calls if self._body is None else self._body.calls).setdefault(name, set()).update(passed)

    def _do(self, name: str, body_of: Callable[[str], Body | None], passed: set[tuple[Slot, str]], line: int) -> None:
        """Does what a function of this cell, or of the function around the call, does with its arguments."""
        body = body_of(name)
        if body is None:
            return
        changed = mutated_by(name, body_of, {})
        for slot, argument in passed:
            if hits(changed, slot):
                self._change(argument, line)
        for callee, inner in body.calls.items():
            given = {
                (place, argument)
                for place, parameter in inner
                for slot, argument in passed
                if hits(body.parameters.get(parameter, frozenset()), slot)
            }
            self._note_call(callee, given | {one for one in inner if one[1] not in body.parameters})

    def _change_by_method(self, node: ast.Call, root: str, method: str) -> None:
        if method in vocabulary.SEEDS and self._body is None:
            self._seeds.add(root)
        elif method in vocabulary.DRAWS:
            (self._draws if self._body is None else self._body.draws).add(root)
        elif method in vocabulary.MUTATORS or any(map(is_in_place, node.keywords)):
            self._change(root, node.lineno)

    def _call_method(
        self, node: ast.Call, function: ast.Attribute, method: str, passed: set[tuple[Slot, str]], texts: set[str]
    ) -> None:
        root = root_of(function)
        if method in _QUERIES:
            self.may_use({word for text in texts for word in referred_names(text)})
        if root is None:
            if self._body is not None and isinstance(function.value, ast.Call) and last_name(function.value.func) == "super":
                self._body.own_calls.add(f"super.{method}")
            return
        if not self._is_global(root):
            if self._body is not None and isinstance(function.value, ast.Name) and self._body.is_self(root):
                self._body.own_calls.add(method)
            if method in vocabulary.MUTATORS:
                self._change(root, node.lineno)
            return
        self._change_by_method(node, root, method)
        self._note_call(root, passed | {(f"{SELF}.{method}" if isinstance(function.value, ast.Name) else SELF, root)})
        if self._body is None:
            if texts:
                self._texts.setdefault(root, set()).update(texts)
            for name in {root, *(name for _, name in passed)}:
                self._change(name, node.lineno, certain=False)


class _Methods(dict[type, "Callable[[_Reader, Any], None]"]):
    """The method that reads each class of nodes."""

    def __missing__(self, kind: type[ast.AST]) -> Callable[[_Reader, Any], None]:
        self[kind] = found = getattr(_Reader, f"visit_{kind.__name__}", _Reader.visit_children)
        return found


_METHODS: Final = _Methods()


def _frozen(sets: Mapping[str, set[str]]) -> dict[str, frozenset[str]]:
    return {name: frozenset(names) for name, names in sets.items()}
