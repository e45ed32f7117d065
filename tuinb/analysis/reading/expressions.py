"""Reads expressions but for calls: names, parts of objects, and comprehensions."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from tuinb.analysis import vocabulary
from tuinb.analysis.nodes import lambda_of_partial, last_name, namespace_key, root_of
from tuinb.analysis.reading.reader import Scope
from tuinb.analysis.syntax_tree import walk

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tuinb.analysis.reading.reader import Handler, Reader


def _name(reader: Reader, node: ast.Name) -> None:
    """Notes a name that is read, set or deleted."""
    if isinstance(node.ctx, ast.Load):
        reader.use(node.id, node.lineno)
    elif isinstance(node.ctx, ast.Store):
        reader.bind(node.id)
    elif reader.is_global(node.id) and reader.body is None:
        if node.id not in reader.set_names:
            reader.uses.setdefault(node.id, node.lineno)
            reader.passing.discard(node.id)
        elif not reader.branches:
            reader.passing.add(node.id)
        reader.set_names.discard(node.id)
        if reader.branches:
            reader.changes.add(node.id)
        else:
            reader.maybe_set.discard(node.id)
            reader.deletes.add(node.id)


def mention(reader: Reader, node: ast.expr) -> None:
    """Reads an expression whose functions are not called: names, and lists and the like of them."""
    match node:
        case ast.Name() | ast.Lambda():
            inert, reader.inert = reader.inert, True
            reader.visit(node)
            reader.inert = inert
        case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts):
            for part in parts:
                mention(reader, part)
        case ast.Call(func=function, args=[_, *_]) if last_name(function) == "partial":
            reader.visit(function)
            mention(reader, lambda_of_partial(node))
        case ast.Dict(keys=keys, values=values):
            for key in keys:
                if key is not None:
                    reader.visit(key)
            for part in values:
                mention(reader, part)
        case _:
            reader.visit(node)


def store_into(reader: Reader, node: ast.Subscript | ast.Attribute) -> None:
    """Notes `x[...] = …`, `x.a = …` and their deletion."""
    if (name := namespace_key(node)) is not None:
        reader.bind(name)
        return
    reader.visit_children(node)
    root = root_of(node)
    if root is not None:
        reader.change(root, node.lineno)


def _constant(reader: Reader, node: ast.Constant) -> None:
    """Has no names."""


def _subscript(reader: Reader, node: ast.Subscript) -> None:
    """Reads an item, or notes that it is set. `globals()["x"]` is the name x."""
    if not isinstance(node.ctx, ast.Load):
        store_into(reader, node)
    elif (name := namespace_key(node)) is not None:
        reader.use(name, node.lineno)
    else:
        reader.visit_children(node)


def _attribute(reader: Reader, node: ast.Attribute) -> None:
    """Reads an attribute, or notes that it is set."""
    if isinstance(node.ctx, ast.Load):
        if vocabulary.reaches_outside(node.attr):
            reader.reach_outside()
        if node.attr in vocabulary.INERT_ATTRIBUTES:
            mention(reader, node.value)
        else:
            reader.visit(node.value)
    else:
        store_into(reader, node)


def _walrus(reader: Reader, node: ast.NamedExpr) -> None:
    """Reads `(x := …)`, which sets a name outside of comprehensions."""
    reader.visit(node.value)
    inner = []
    while reader.scopes and reader.scopes[-1].is_comprehension:
        inner.append(reader.scopes.pop())
    reader.bind(node.target.id)
    reader.scopes.extend(reversed(inner))


def _comprehension(reader: Reader, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> None:
    reader.visit(node.generators[0].iter)
    local = {part.id for one in node.generators for part in walk(one.target) if isinstance(part, ast.Name)}
    reader.scopes.append(Scope(False, True, local))
    for number, one in enumerate(node.generators):
        if number:
            reader.visit(one.iter)
        for test in one.ifs:
            reader.visit(test)
    for part in (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,):
        reader.visit(part)
    reader.scopes.pop()


def annotate(reader: Reader, annotation: ast.expr) -> None:
    """Notes the names of an annotation, but for text: it is never evaluated."""
    for node in walk(annotation):
        if isinstance(node, ast.Name) and reader.is_global(node.id) and node.id not in reader.maybe_set:
            reader.annotations.setdefault(node.id, node.lineno)


HANDLERS: Final[Mapping[type[ast.AST], Handler]] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.Subscript: _subscript,
    ast.NamedExpr: _walrus,
    ast.ListComp: _comprehension,
    ast.SetComp: _comprehension,
    ast.DictComp: _comprehension,
    ast.GeneratorExp: _comprehension,
}
