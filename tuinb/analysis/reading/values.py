"""Notes what value a name of the notebook gets: what it may call, whose object it is, and if it follows from its text."""

from __future__ import annotations

import ast
import hashlib
from typing import TYPE_CHECKING

from tuinb.analysis import vocabulary
from tuinb.analysis.effects import Body, Definition
from tuinb.analysis.nodes import bound_object, follows_from_text, held_names, last_name, loaded_names, shared_names
from tuinb.analysis.syntax_tree import fingerprint, walk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tuinb.analysis.reading.reader import Reader


def note_value(reader: Reader, name: str, statement: ast.stmt, value: ast.expr, *, is_part: bool = False) -> None:
    """Notes what the new value of a name may call."""
    if reader.body is not None or not reader.is_global(name):
        return
    called, mentioned, functions = set(), set(), set()
    nodes = walk(value)
    for node in nodes:  # from the top: a call comes before its function
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            called.add(node.func.id)
            functions.add(id(node.func))
        elif isinstance(node, ast.Name) and node.id != name and id(node) not in functions:
            mentioned.add(node.id)
    reader.carried[name], reader.made_by[name] = mentioned, called
    bases = set(shared_names(value))
    if len(bases) == 1 and (base := bases.pop()) != name and reader.shares.get(base) != name:
        reader.shares[name] = base
    elif not is_part:
        reader.parts[name] = frozenset(held_names(value)) - {name}
    if reader.lambdas is not None:
        reader.bodies[name] = reader.lambdas.body()
    elif (root := bound_object(value)) is not None:
        reader.bodies[name] = Body(uses={root: value.lineno}, changes=frozenset({root}))
    if not is_part:
        _note_result(reader, name, value)
    define(reader, name, statement, nodes)


def _note_result(reader: Reader, name: str, value: ast.expr) -> None:
    """Notes what makes the new value of a name, if that may be an iterator or a function with a state."""
    match value:
        case ast.GeneratorExp():
            reader.iterators.add(name)
        case ast.Call(func=function) if last_name(function) in vocabulary.ITERATORS:
            reader.iterators.add(name)
        case ast.Call(func=ast.Name(id=function_name)):
            reader.results[name] = function_name
        case _:
            pass


def define(reader: Reader, name: str, statement: ast.stmt, nodes: Sequence[ast.AST]) -> None:
    """Notes that a value follows from its text, if it does: `nodes` are those of the statement that are evaluated."""
    if reader.branches or not follows_from_text(nodes):
        return
    names = {name for name in loaded_names(nodes) if name not in vocabulary.PURE or name in reader.maybe_set}
    known = [reader.definitions.get(other) for other in sorted(names & reader.maybe_set)]
    if name in names or not names.isdisjoint(reader.changes) or None in known:
        return
    text = fingerprint(statement)
    inside = [(one.text, one.names) for one in known if one is not None]
    outside = (names - reader.maybe_set).union(*(some for _, some in inside))
    digest = hashlib.blake2b(f"{text}\n{name}\n{[some for some, _ in inside]}".encode(errors="replace"), digest_size=16)
    body = reader.bodies.get(name)
    reaches = body is not None and body.outside
    reader.definitions[name] = Definition(digest.hexdigest(), tuple(sorted(outside)), outside=reaches)
