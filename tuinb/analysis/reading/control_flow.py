"""Reads loops, branches and patterns, and what ends a function: which parts are run, and in which order."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from tuinb.analysis.nodes import kept_names, part_names
from tuinb.analysis.reading.expressions import mention
from tuinb.analysis.syntax_tree import walk

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tuinb.analysis.reading.reader import Handler, Reader


def _for(reader: Reader, node: ast.For | ast.AsyncFor) -> None:
    """Reads a loop in the order of its execution."""
    reader.visit(node.iter)
    parts = list(dict.fromkeys(part_names(node.iter)))
    shared = [reader.roots(name) for name in parts]
    reader.visit(node.target)
    for target in (part for part in walk(node.target) if isinstance(part, ast.Name)):
        reader.alias(target.id, shared)
        if reader.body is None and reader.is_global(target.id):
            reader.parts[target.id] = frozenset(parts) - {target.id}
    reader.block(node.body)
    reader.block(node.orelse)


def _branch(reader: Reader, *ways: Sequence[ast.AST]) -> None:
    """Reads parts of which one is run: what all of them set is set."""
    before, after = set(reader.set_names), []
    reader.branches += 1
    for way in ways:
        reader.set_names = set(before)
        for node in way:
            reader.visit(node)
        after.append(reader.set_names)
    reader.branches -= 1
    reader.set_names = set.intersection(*after)


def _if(reader: Reader, node: ast.If) -> None:
    """Reads the test, then both branches."""
    reader.visit(node.test)
    _branch(reader, node.body, node.orelse)


def _match(reader: Reader, node: ast.Match) -> None:
    """Reads the subject, then the cases."""
    reader.visit(node.subject)
    _branch(reader, [], *([case] for case in node.cases))


def _try(reader: Reader, node: ast.Try | ast.TryStar) -> None:
    """Reads the body as run, and each handler as perhaps run."""
    reader.block(node.body)
    for handler in node.handlers:
        _branch(reader, [], [handler])
    reader.block(node.orelse)
    reader.block(node.finalbody)


def _handler(reader: Reader, node: ast.ExceptHandler) -> None:
    """Reads a handler. Its name is gone after it."""
    if node.type is not None:
        mention(reader, node.type)
    kept = node.name in reader.maybe_set
    if node.name:
        reader.bind(node.name)
    reader.block(node.body)
    if node.name and not reader.scopes:
        reader.set_names.discard(node.name)
        if not kept:
            reader.maybe_set.discard(node.name)
            reader.deletes.add(node.name)
            reader.passing.add(node.name)


def _capture(reader: Reader, node: ast.MatchAs | ast.MatchStar) -> None:
    """Notes the name that a pattern sets."""
    reader.visit_children(node)
    if node.name:
        reader.bind(node.name)


def _mapping(reader: Reader, node: ast.MatchMapping) -> None:
    """Notes the names that a pattern sets."""
    reader.visit_children(node)
    if node.rest:
        reader.bind(node.rest)


def _nonlocal(reader: Reader, node: ast.Nonlocal) -> None:
    """Notes names of the function around."""
    if reader.body is not None:
        reader.body.nonlocal_names.update(node.names)


def _yield(reader: Reader, node: ast.Yield | ast.YieldFrom) -> None:
    """Notes that a function makes a generator."""
    if reader.body is not None:
        reader.body.yields = True
    reader.visit_children(node)


def _return(reader: Reader, node: ast.Return) -> None:
    """Notes that a function returns one that changes what belongs to the call."""
    if reader.body is not None and node.value is not None:
        given = (reader.body.functions.get(name) for name in kept_names(node.value))
        reader.body.keeps |= any(body.changes_around for body in given if body is not None)
    reader.visit_children(node)


HANDLERS: Final[Mapping[type[ast.AST], Handler]] = {
    ast.For: _for,
    ast.AsyncFor: _for,
    ast.If: _if,
    ast.Match: _match,
    ast.Try: _try,
    ast.TryStar: _try,
    ast.ExceptHandler: _handler,
    ast.MatchAs: _capture,
    ast.MatchStar: _capture,
    ast.MatchMapping: _mapping,
    ast.Nonlocal: _nonlocal,
    ast.Yield: _yield,
    ast.YieldFrom: _yield,
    ast.Return: _return,
}
