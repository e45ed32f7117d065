"""What the source of a Python cell does with the names of the notebook, read from the source alone.

`effects_of` is the one analysis of names: dataflow.py finds names that no cell defines by it, staleness.py the cells whose
results are out of date. Statements are read in their order. A loop, a `with` and the body of a `try` count as run, the parts of
`if`, `match` and `except` as perhaps run. What a function does, it does when it is called: see `Body`.

Limits: two names of one object are known as such where one is set to the other, or to a view of it as numpy has them; code in
other files is not read, and an unknown call may change its arguments (`may_change`).
"""

from __future__ import annotations

import ast
import hashlib
import re
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from tuinb.analysis import vocabulary
from tuinb.analysis.cell_code import names_in, parse, read_code
from tuinb.analysis.effects import Body, Definition, Effects
from tuinb.analysis.nodes import (
    all_arguments,
    follows_from_text,
    is_in_place,
    is_shell,
    last_name,
    loaded_names,
    local_names,
    namespace_key,
    passed_names,
    referred_names,
    root_of,
    shared_name,
    texts_of,
    type_parameters,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

STAR: Final = "*"
"""Stands for the names that a star import sets."""
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
    reader.may_use |= code.inserted
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


@dataclass(slots=True)
class _Collected:
    """A Body in the making."""

    parameters: frozenset[str] = frozenset()
    uses: dict[str, int] = field(default_factory=dict)
    sets: set[str] = field(default_factory=set)
    changes: set[str] = field(default_factory=set)
    draws: set[str] = field(default_factory=set)
    mutates: bool = False
    evaluates: bool = False
    outside: bool = False

    def body(self) -> Body:
        changes, draws = frozenset(self.changes), frozenset(self.draws)
        return Body(self.uses, frozenset(self.sets), changes, draws, self.mutates, self.evaluates, self.outside)

    def add(self, other: Body) -> None:
        """Adds what another body does."""
        for name, line in other.uses.items():
            self.uses.setdefault(name, line)
        self.sets |= other.sets
        self.changes |= other.changes
        self.draws |= other.draws
        self.mutates |= other.mutates
        self.evaluates |= other.evaluates
        self.outside |= other.outside


class _Reader(ast.NodeVisitor):
    """Reads statements in their order. The fields are those of Effects."""

    def __init__(self, text: str) -> None:
        self._has_walrus = ":=" in text
        self._scopes: list[_Scope] = []
        self._body: _Collected | None = None
        """The function that is read. Functions inside it add to it."""
        self._set: set[str] = set()
        """Names that are set for certain at this point."""
        self._maybe: set[str] = set()
        self._branches = 0
        self._uses: dict[str, int] = {}
        self.may_use: set[str] = set()
        self._definitions: dict[str, Definition | None] = {}
        self._changes: set[str] = set()
        self._may_change: set[str] = set()
        self._draws: set[str] = set()
        self._seeds: set[str] = set()
        self._deletes: set[str] = set()
        self._passing: set[str] = set()
        self._later: dict[str, int] = {}
        self._lambdas = _Collected()
        """The lambdas in the value that is read."""
        self._bodies: dict[str, Body] = {}
        self._carried: dict[str, set[str]] = {}
        self._made_by: dict[str, set[str]] = {}
        self._shares: dict[str, str] = {}
        self._adds: set[str] = set()
        self._calls: dict[str, set[str]] = {}
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
            may_use=frozenset(self.may_use),
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
            shares=self._shares,
            adds=frozenset(self._adds),
            calls=_frozen(self._calls),
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
            self.visit(statement)

    # ---- names

    def _is_global(self, name: str) -> bool:
        for depth, scope in enumerate(reversed(self._scopes)):
            if name in scope.is_global:
                return True
            if name in scope.local and (depth == 0 or not scope.is_class):
                return False
        return True

    def _use(self, name: str, line: int) -> None:
        if name == "NameError":
            self._expects_missing = True
        if not self._is_global(name):
            return
        if name in vocabulary.NAMESPACES:
            self.anything = True
        if name in vocabulary.OUTSIDE_NAMES:
            self._reach_outside()
        if self._body is not None:
            self._body.uses.setdefault(name, line)
        elif name in self._set:
            self._follow(name, set())
        elif name in self._maybe:
            self.may_use.add(name)
            self._follow(name, set())
        else:
            self._uses.setdefault(name, line)

    def _reach_outside(self) -> None:
        if self._body is not None:
            self._body.outside = True
        else:
            self._outside = True

    def _follow(self, name: str, seen: set[str]) -> None:
        """Adds what a function of this cell does, where the cell refers to it."""
        body = self._bodies.get(name)
        if body is None or name in seen:
            return
        seen.add(name)
        for other in body.uses:
            if other in self._set or other in self._maybe:
                self._follow(other, seen)
            if other not in self._set:
                self.may_use.add(other)
        self._maybe |= body.sets - self._set
        self._changes |= body.changes - self._set
        self._draws |= body.draws
        self._outside |= body.outside

    def _bind(self, name: str) -> None:
        """Notes that a name is set."""
        if self._scopes and self._scopes[-1].is_class and name not in self._scopes[-1].is_global:
            self._scopes[-1].local.add(name)
        if not self._is_global(name):
            return
        if self._body is not None:
            self._body.sets.add(name)
            return
        self._set.add(name)
        self._maybe.add(name)
        self._deletes.discard(name)
        self._definitions.pop(name, None)
        for carried in (self._carried, self._made_by, self._shares):
            carried.pop(name, None)
        self._bodies.pop(name, None)

    def _change(self, name: str, line: int, *, certain: bool = True) -> None:
        """Notes that the object of a name is changed in place."""
        if not self._is_global(name):
            if self._body is not None and certain and name in self._body.parameters:
                self._body.mutates = True
            return
        if self._body is not None:
            if certain:
                self._body.changes.add(name)
                self._body.uses.setdefault(name, line)
        else:
            if certain:
                self._adds.discard(name)
            if certain and name in self._shares:
                self._change(self._shares[name], line)
            if name not in self._set:
                (self._changes if certain else self._may_change).add(name)
            elif certain:
                self._definitions.pop(name, None)

    # ---- scopes

    @contextmanager
    def _inside(self, scope: _Scope) -> Iterator[None]:
        self._scopes.append(scope)
        try:
            yield
        finally:
            self._scopes.pop()

    @contextmanager
    def _collecting(self, parameters: frozenset[str]) -> Iterator[_Collected]:
        """Reads a function: what it does is done later."""
        outer = self._body
        collected = self._body = _Collected(parameters | (outer.parameters if outer is not None else frozenset()))
        try:
            yield collected
        finally:
            self._body = outer
        if outer is not None:
            outer.add(collected.body())
        else:
            self._later = {**collected.uses, **self._later}

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> Body:
        parameters = frozenset(argument.arg for argument in all_arguments(node.args))
        body = [node.body] if isinstance(node, ast.Lambda) else node.body
        local, is_global = local_names(body, has_walrus=self._has_walrus)
        local |= parameters | type_parameters(node)
        with self._collecting(parameters) as collected, self._inside(_Scope(False, False, local, is_global)):
            for part in body:
                self.visit(part)
        return collected.body()

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
        if self._is_global(node.name) and self._body is None:
            self._bodies[node.name] = body
            self._define(node.name, node, outside)

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815

    def _run_timed(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        """Reads code that a magic runs at once, in a scope of its own."""
        local, is_global = local_names(node.body, has_walrus=self._has_walrus)
        with self._inside(_Scope(False, False, local, is_global)):
            self.block(node.body)

    def visit_Lambda(self, node: ast.Lambda) -> None:
        """Reads a lambda. It may be called at once."""
        for part in (*node.args.defaults, *(one for one in node.args.kw_defaults if one is not None)):
            self.visit(part)
        body = self._function(node)
        if self._body is None:
            self._lambdas.add(body)
            self._changes |= body.changes - self._set
            self.may_use |= body.uses.keys() - self._set
            self._outside |= body.outside
            self._draws |= body.draws

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        """Reads a class: its statements run now, its methods are its Body."""
        outside = [*node.decorator_list, *node.bases, *(keyword.value for keyword in node.keywords)]
        with self._inside(_Scope(False, True, type_parameters(node))):
            for part in outside:
                self.visit(part)
        methods = _Collected()
        top = self._body is None
        with self._inside(_Scope(True, False, type_parameters(node), local_names(node.body, has_walrus=self._has_walrus)[1])):
            for statement in node.body:
                if top and isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
                    for part in (*statement.decorator_list, *statement.args.defaults):
                        self.visit(part)
                    self._annotate_function(statement)
                    methods.add(self._function(statement))
                    self._scopes[-1].local.add(statement.name)
                else:
                    self.visit(statement)
        self._bind(node.name)
        if top and self._is_global(node.name):
            for base in node.bases:
                if isinstance(base, ast.Name) and base.id in self._bodies:
                    methods.add(self._bodies[base.id])
            self._bodies[node.name] = replace(methods.body(), is_class=True)
            self._carried[node.name] = {name for part in outside for name in loaded_names(part)}
            self._define(node.name, node, outside)

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> None:
        self.visit(node.generators[0].iter)
        local = {part.id for one in node.generators for part in ast.walk(one.target) if isinstance(part, ast.Name)}
        with self._inside(_Scope(False, True, local)):
            for number, one in enumerate(node.generators):
                if number:
                    self.visit(one.iter)
                for test in one.ifs:
                    self.visit(test)
            for part in (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,):
                self.visit(part)

    visit_ListComp = visit_SetComp = visit_GeneratorExp = visit_DictComp = _comprehension  # noqa: N815

    def _annotate_function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        with self._inside(_Scope(False, True, type_parameters(node))):
            for argument in all_arguments(node.args):
                self._annotate(argument.annotation)
            self._annotate(node.returns)

    def visit_TypeAlias(self, node: ast.AST) -> None:
        """Notes the name of `type X = …`. Its value is evaluated when it is asked for."""
        name = getattr(node, "name", None)
        if isinstance(name, ast.Name):
            self._bind(name.id)

    def _annotate(self, annotation: ast.expr | None) -> None:
        """Notes the names of an annotation, but for text: it is never evaluated."""
        if annotation is None:
            return
        for node in ast.walk(annotation):
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

    def _store_into(self, node: ast.Subscript | ast.Attribute) -> None:
        """Notes `x[...] = …`, `x.a = …` and their deletion."""
        if (name := namespace_key(node)) is not None:
            self._bind(name)
            return
        self.generic_visit(node)
        root = root_of(node)
        if root is not None:
            self._change(root, node.lineno)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        """Reads an item, or notes that it is set. `globals()["x"]` is the name x."""
        if not isinstance(node.ctx, ast.Load):
            self._store_into(node)
        elif (name := namespace_key(node)) is not None:
            self._use(name, node.lineno)
        else:
            self.generic_visit(node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        """Reads an attribute, or notes that it is set."""
        if isinstance(node.ctx, ast.Load):
            if vocabulary.OUTSIDE.fullmatch(node.attr):
                self._reach_outside()
            self.generic_visit(node)
        else:
            self._store_into(node)

    def visit_Assign(self, node: ast.Assign) -> None:
        """Reads the value, then the targets."""
        self._lambdas = _Collected()
        self.visit(node.value)
        for target in node.targets:
            self.visit(target)
            names = [part.id for part in ast.walk(target) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)]
            for name in names:
                self._value(name, node, node.value)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        """Reads `x: int = 1`. Without a value it sets nothing."""
        self._annotate(node.annotation)
        if node.value is not None:
            self._lambdas = _Collected()
            self.visit(node.value)
            self.visit(node.target)
            if isinstance(node.target, ast.Name):
                self._value(node.target.id, node, node.value)

    def _value(self, name: str, statement: ast.stmt, value: ast.expr) -> None:
        """Notes what the new value of a name may call."""
        if self._body is not None or not self._is_global(name):
            return
        called, mentioned = set(), set()
        functions = set()
        for node in ast.walk(value):  # from the top: a call comes before its function
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                called.add(node.func.id)
                functions.add(id(node.func))
            elif isinstance(node, ast.Name) and node.id != name and id(node) not in functions:
                mentioned.add(node.id)
        self._carried[name], self._made_by[name] = mentioned, called
        if (base := shared_name(value)) is not None and base != name and self._shares.get(base) != name:
            self._shares[name] = base
        if self._lambdas != _Collected():
            self._bodies[name] = self._lambdas.body()
        self._define(name, statement, [value])

    def _define(self, name: str, statement: ast.stmt, parts: Sequence[ast.expr]) -> None:
        """Notes that a value follows from its text, if it does."""
        if self._branches or not all(map(follows_from_text, parts)):
            return
        names = {name for part in parts for name in loaded_names(part)} - (vocabulary.PURE - self._maybe)
        known = [self._definitions.get(other) for other in sorted(names & self._maybe)]
        if name in names or not names.isdisjoint(self._changes) or None in known:
            return
        text = ast.dump(statement)  # without comments and layout
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
            self._bind(name)
        elif name in self._set:
            self._definitions.pop(name, None)
        else:
            if name not in self._changes:
                self._adds.add(name)
            self._changes.add(name)
            self._maybe.add(name)

    def visit_For(self, node: ast.For | ast.AsyncFor) -> None:
        """Reads a loop in the order of its execution."""
        self.visit(node.iter)
        self.visit(node.target)
        self.block(node.body)
        self.block(node.orelse)

    visit_AsyncFor = visit_For  # noqa: N815

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
            self.visit(node.type)
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
        self.generic_visit(node)
        if node.name:
            self._bind(node.name)

    visit_MatchStar = visit_MatchAs  # noqa: N815

    def visit_MatchMapping(self, node: ast.MatchMapping) -> None:
        """Notes the names that a pattern sets."""
        self.generic_visit(node)
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
                outside = (module or alias.name).partition(".")[0] not in vocabulary.PACKAGES or vocabulary.OUTSIDE.fullmatch(
                    alias.name
                ) is not None
                self._definitions[name] = Definition(f"{what} as {name}", (), package.partition(".")[0], outside)
            if module in {"random", "numpy.random"} and alias.name in vocabulary.DRAWS and self._body is None:
                state = f"~{module.partition('.')[0]}"
                self._bodies[name] = Body(draws=frozenset({state}), mutates=alias.name == "shuffle")
        if module == "__future__" and any(alias.name == "annotations" for alias in node.names):
            self._postpones = True

    visit_Import = visit_ImportFrom = _import  # noqa: N815

    # ---- calls

    def visit_Call(self, node: ast.Call) -> None:
        """Reads a call, and notes what it changes."""
        if self._special(node):
            return
        self.generic_visit(node)
        if not node.args and not node.keywords and last_name(node.func) in vocabulary.UNSEEDED:
            self._reach_outside()
        arguments = {
            name for part in (*node.args, *(keyword.value for keyword in node.keywords)) for name in passed_names(part)
        }
        arguments = {name for name in arguments if self._is_global(name)}
        texts = set(texts_of(node))
        match node.func:
            case ast.Name(id=name):
                self._call(node, name, arguments, texts)
            case ast.Attribute(attr=method):
                self._call_method(node, node.func, method, arguments, texts)
            case _:
                pass

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
                self.generic_visit(node)
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

    def _change_first(self, node: ast.Call, function: str) -> None:
        if function in vocabulary.CHANGE_FIRST and node.args and (root := root_of(node.args[0])) is not None:
            self._change(root, node.lineno)

    def _call(self, node: ast.Call, name: str, arguments: set[str], texts: set[str]) -> None:
        self._change_first(node, name)
        if self._body is not None:
            return
        if self._is_global(name):
            self._calls.setdefault(name, set()).update(arguments)
            if texts and name != "get_ipython":
                self._texts.setdefault(name, set()).update(texts)
            own = self._bodies.get(name)
            if own is not None and own.evaluates:
                self.may_use |= set().union(*map(names_in, texts)) - self._set
            if own is not None and own.mutates:
                for argument in arguments:
                    self._change(argument, node.lineno)
        if name not in vocabulary.CHANGE_NONE:
            for argument in arguments:
                self._change(argument, node.lineno, certain=False)

    def _change_by_method(self, node: ast.Call, root: str, method: str) -> None:
        if method in vocabulary.SEEDS and self._body is None:
            self._seeds.add(root)
        elif method in vocabulary.DRAWS:
            (self._draws if self._body is None else self._body.draws).add(root)
        elif method in vocabulary.MUTATORS or any(map(is_in_place, node.keywords)):
            self._change(root, node.lineno)

    def _call_method(self, node: ast.Call, function: ast.Attribute, method: str, arguments: set[str], texts: set[str]) -> None:
        root = root_of(function)
        self._change_first(node, method)
        if method in {"query", "eval"}:
            self.may_use |= {word for text in texts for word in referred_names(text)} - self._set
        if root is None:
            return
        if not self._is_global(root):
            if method in vocabulary.MUTATORS:
                self._change(root, node.lineno)
            return
        self._change_by_method(node, root, method)
        if self._body is None:
            self._calls.setdefault(root, set()).update(arguments | {root})
            if texts:
                self._texts.setdefault(root, set()).update(texts)
            for name in arguments | {root}:
                self._change(name, node.lineno, certain=False)


def merged(bodies: Sequence[Body]) -> Body | None:
    """Returns what any of several bodies does. Returns None if there are none."""
    if len(bodies) < 2:
        return bodies[0] if bodies else None
    collected = _Collected()
    for body in bodies:
        collected.add(body)
    return collected.body()


def _frozen(sets: Mapping[str, set[str]]) -> dict[str, frozenset[str]]:
    return {name: frozenset(names) for name, names in sets.items()}
