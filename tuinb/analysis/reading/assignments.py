"""Reads statements that set names: assignments and imports."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from tuinb.analysis import vocabulary
from tuinb.analysis.effects import Body, Definition
from tuinb.analysis.nodes import assigned_values
from tuinb.analysis.reading.expressions import annotate, mention, store_into
from tuinb.analysis.reading.values import note_value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tuinb.analysis.effects import Slots
    from tuinb.analysis.reading.reader import Handler, Reader


def _assign(reader: Reader, node: ast.Assign) -> None:
    """Reads the value, then the targets."""
    reader.lambdas = None
    is_kept = reader.body is None and all(isinstance(target, ast.Name) for target in node.targets)
    if is_kept:
        mention(reader, node.value)
    else:
        reader.visit(node.value)
    pairs = [
        (name, value, is_part, reader.held_roots(value))
        for target in node.targets
        for name, value, is_part in assigned_values(target, node.value)
    ]
    for target in node.targets:
        reader.visit(target)
    for name, value, is_part, shared in pairs:
        reader.alias(name, shared)
        note_value(reader, name, node, value, is_part=is_part)


def _annotated(reader: Reader, node: ast.AnnAssign) -> None:
    """Reads `x: int = 1`. Without a value it sets nothing."""
    annotate(reader, node.annotation)
    if node.value is not None:
        reader.lambdas = None
        shared = reader.held_roots(node.value)
        reader.visit(node.value)
        reader.visit(node.target)
        if isinstance(node.target, ast.Name):
            reader.alias(node.target.id, shared)
            note_value(reader, node.target.id, node, node.value)


def _augmented(reader: Reader, node: ast.AugAssign) -> None:
    """Reads `x += …`: it reads x and changes it."""
    reader.visit(node.value)
    if not isinstance(node.target, ast.Name):
        store_into(reader, node.target)
        return
    name = node.target.id
    reader.use(name, node.lineno)
    if reader.body is not None or not reader.is_global(name):
        # A parameter stays the object that it was, if that is a list.
        if reader.is_global(name) or (reader.body is not None and name in reader.body.nonlocal_names):
            reader.bind(name)
    elif name in reader.set_names:
        reader.definitions.pop(name, None)
    else:
        if name not in reader.changes and not isinstance(node.value, ast.List | ast.ListComp | ast.Set | ast.Dict):
            reader.adds.add(name)
        reader.changes.add(name)
        reader.maybe_set.add(name)


def _import(reader: Reader, node: ast.Import | ast.ImportFrom) -> None:
    module = getattr(node, "module", None) or ""
    for alias in node.names:
        if alias.name == "*":
            reader.stars.add(module)
            continue
        name = alias.asname or alias.name.partition(".")[0]
        reader.bind(name)
        if reader.body is None and not reader.scopes and not reader.branches:
            what = f"from {module} import {alias.name}" if isinstance(node, ast.ImportFrom) else f"import {alias.name}"
            package = alias.name if isinstance(node, ast.Import) else module if alias.name == "random" else ""
            outside = (module or alias.name).partition(".")[0] not in vocabulary.PACKAGES or vocabulary.reaches_outside(
                alias.name
            )
            reader.definitions[name] = Definition(f"{what} as {name}", (), package.partition(".")[0], outside)
        if module in {"random", "numpy.random"} and alias.name in vocabulary.DRAWS and reader.body is None:
            state = f"~{module.partition('.')[0]}"
            changed: Slots = frozenset({0} if alias.name == "shuffle" else ())
            reader.bodies[name] = Body(draws=frozenset({state}), mutates=changed)
    if module == "__future__" and any(alias.name == "annotations" for alias in node.names):
        reader.postpones = True


def _type_alias(reader: Reader, node: ast.AST) -> None:
    """Notes the name of `type X = …`. Its value is evaluated when it is asked for."""
    name = getattr(node, "name", None)
    if isinstance(name, ast.Name):
        reader.bind(name.id)


_TYPE_ALIAS: Final[type[ast.AST] | None] = getattr(ast, "TypeAlias", None)
"""New in Python 3.12."""
HANDLERS: Final[Mapping[type[ast.AST], Handler]] = {
    ast.Assign: _assign,
    ast.AnnAssign: _annotated,
    ast.AugAssign: _augmented,
    ast.Import: _import,
    ast.ImportFrom: _import,
    **({_TYPE_ALIAS: _type_alias} if _TYPE_ALIAS is not None else {}),
}
