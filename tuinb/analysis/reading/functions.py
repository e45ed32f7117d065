"""Reads functions and classes. What they do when they are called is collected as a Body."""

from __future__ import annotations

import ast
import builtins
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from tuinb.analysis import vocabulary
from tuinb.analysis.bodies import Collected, class_body, defaults_of, slots_of
from tuinb.analysis.nodes import all_arguments, last_name, loaded_names, local_names, shared_name, type_parameters
from tuinb.analysis.reading.expressions import annotate, mention
from tuinb.analysis.reading.reader import Scope
from tuinb.analysis.reading.values import define
from tuinb.analysis.syntax_tree import walk

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tuinb.analysis.effects import Body, Slots
    from tuinb.analysis.reading.reader import Handler, Reader


def _definition(reader: Reader, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
    """Reads a function: decorators, defaults and annotations now, the rest as its Body."""
    if node.name.startswith("%"):
        _run_timed(reader, node)
        return
    outside = [*node.decorator_list, *node.args.defaults, *(one for one in node.args.kw_defaults if one is not None)]
    for part in outside:
        reader.visit(part)
    _annotate_function(reader, node)
    body = _body_of(reader, node)
    reader.bind(node.name)
    if reader.body is not None:
        reader.body.functions[node.name] = body
    elif reader.is_global(node.name):
        reader.bodies[node.name] = _decorated(body, node.decorator_list) if node.decorator_list else body
        reader.decorated_by[node.name] = {name for part in node.decorator_list for name in loaded_names(walk(part))}
        define(reader, node.name, node, [inner for part in outside for inner in walk(part)])


def _decorated(body: Body, decorators: Sequence[ast.expr]) -> Body:
    """Returns what a wrapped function does, except for what it returns: that is not known."""
    names = {last_name(one.func if isinstance(one, ast.Call) else one) for one in decorators}
    caches = not names.isdisjoint(vocabulary.CACHES)
    return replace(body, yields=False, caches=caches) if body.yields or caches else body


def _run_timed(reader: Reader, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
    """Reads code that a magic runs at once, in a scope of its own."""
    local, is_global = local_names(node.body, has_walrus=reader.has_walrus)
    reader.scopes.append(Scope(False, False, local, is_global))
    reader.block(node.body)
    reader.scopes.pop()


def _lambda(reader: Reader, node: ast.Lambda) -> None:
    """Reads a lambda. It may be called at once, if it is not only mentioned."""
    for part in (*node.args.defaults, *(one for one in node.args.kw_defaults if one is not None)):
        reader.visit(part)
    body = _body_of(reader, node)
    if reader.body is not None:
        return
    reader.lambdas = reader.lambdas or Collected()
    reader.lambdas.add(body)
    if not reader.inert:
        reader.may_use(body.uses.keys() - body.inert)
        reader.outside |= body.outside
        reader.changes |= body.changes - reader.set_names
        reader.draws |= body.draws
        for callee, passed in body.calls.items():
            reader.note_call(callee, {one for one in passed if one[1] not in body.parameters})


def _class(reader: Reader, node: ast.ClassDef) -> None:
    """Reads a class: its statements run now, its methods are its Body."""
    bases = [*node.bases, *(keyword.value for keyword in node.keywords)]
    outside = [*node.decorator_list, *bases]
    reader.scopes.append(Scope(False, True, type_parameters(node)))
    for part in node.decorator_list:
        reader.visit(part)
    for part in bases:
        mention(reader, part)
    reader.scopes.pop()
    methods: dict[str, Body] = {}
    top = reader.body is None
    scope = Scope(True, False, type_parameters(node), local_names(node.body, has_walrus=reader.has_walrus)[1])
    reader.scopes.append(scope)
    for statement in node.body:
        if top and isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            for part in (*statement.decorator_list, *statement.args.defaults):
                reader.visit(part)
            _annotate_function(reader, statement)
            is_static = any(last_name(part) == "staticmethod" for part in statement.decorator_list)
            methods[statement.name] = _body_of(reader, statement, is_method=not is_static)
            scope.local.add(statement.name)
        else:
            reader.visit(statement)
    reader.scopes.pop()
    reader.bind(node.name)
    if top and reader.is_global(node.name):
        names = [last_name(base) for base in node.bases]
        known = [reader.bodies[name] for name in names if name in reader.bodies]
        is_unknown = any(name not in reader.bodies and not hasattr(builtins, name) for name in names)
        reader.bodies[node.name] = class_body(methods, known, has_unknown_base=is_unknown)
        reader.carried[node.name] = {name for part in outside for name in loaded_names(walk(part))}
        define(reader, node.name, node, [inner for part in outside for inner in walk(part)])


def _body_of(reader: Reader, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, *, is_method: bool = False) -> Body:
    slots = slots_of(node.args, is_method=is_method)
    body = [node.body] if isinstance(node, ast.Lambda) else node.body
    local, is_global = local_names(body, has_walrus=reader.has_walrus)
    local |= slots.keys() | type_parameters(node)
    collected = _collect(reader, slots, local, is_global, body)
    if node.args.defaults or node.args.kw_defaults:
        passed = {name for some in collected.calls.values() for _, name in some}
        for parameter, default in defaults_of(node.args):
            if parameter in collected.mutated or parameter in passed:
                _note_default(reader, collected, slots[parameter], node, default)
    return collected.body()


def _collect(
    reader: Reader, slots: Mapping[str, Slots], local: set[str], is_global: set[str], body: Sequence[ast.AST]
) -> Collected:
    """Reads a function: what it does is done later."""
    outer, branches, inert = reader.body, reader.branches, reader.inert
    if outer is None:
        collected = Collected(slots, frozenset(slots))
    else:
        aliases = {name: roots for name, roots in outer.aliases.items() if name not in local}
        around = (outer.known | outer.aliases.keys() | outer.around) - local
        collected = Collected(slots, (outer.known - local) | slots.keys(), aliases, around)
    reader.body, reader.branches, reader.inert = collected, 0, False
    reader.scopes.append(Scope(False, False, local, is_global))
    for part in body:
        reader.visit(part)
    reader.scopes.pop()
    reader.body, reader.branches, reader.inert = outer, branches, inert
    if outer is not None:
        outer.add_inner(collected)
    else:
        reader.later = {**collected.uses, **reader.later}
    return collected


def _note_default(reader: Reader, collected: Collected, slots: Slots, node: ast.AST, default: ast.expr) -> None:
    """Notes a default that a function may change. A dict as default is a cache, as a rule."""
    name = shared_name(default)
    if name is None and isinstance(default, ast.List | ast.Set):
        name = getattr(node, "name", None)
    if name is not None and reader.is_global(name):
        collected.uses.setdefault(name, default.lineno)
        collected.defaults[name] = collected.defaults.get(name, slots) & slots


def _annotate_function(reader: Reader, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
    reader.scopes.append(Scope(False, True, type_parameters(node)))
    for argument in all_arguments(node.args):
        if argument.annotation is not None:
            annotate(reader, argument.annotation)
    if node.returns is not None:
        annotate(reader, node.returns)
    reader.scopes.pop()


HANDLERS: Final[Mapping[type[ast.AST], Handler]] = {
    ast.FunctionDef: _definition,
    ast.AsyncFunctionDef: _definition,
    ast.Lambda: _lambda,
    ast.ClassDef: _class,
}
