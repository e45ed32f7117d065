"""Walks Python's syntax trees, with the fields of each class of nodes in a table.

The module `ast` looks up all fields of all nodes, also of those that have no nodes or names in them.
"""

from __future__ import annotations

import ast
from typing import Final


class _Fields(dict[type, tuple[str, ...]]):
    """The names of the fields of each class of nodes, without some."""

    def __init__(self, without: str) -> None:
        super().__init__()
        self._without = frozenset(without.split())

    def __missing__(self, kind: type[ast.AST]) -> tuple[str, ...]:
        self[kind] = found = tuple(name for name in kind._fields if name not in self._without)
        return found


CHILD_FIELDS: Final = _Fields("ctx op ops id attr arg kind lineno type_comment")
"""The fields that may hold nodes. Operators and contexts are left out: they have no names in them."""
CHILD_FIELDS[ast.Constant] = ()
_CONTENT_FIELDS: Final = _Fields("ctx type_comment")


def walk(node: ast.AST) -> list[ast.AST]:
    """Returns a node and all nodes in it, those nearer to it first. Operators and contexts are left out."""
    found = [node]
    for one in found:  # which grows
        for name in CHILD_FIELDS[one.__class__]:
            value = getattr(one, name)
            if value.__class__ is list:
                found += [part for part in value if isinstance(part, ast.AST)]
            elif isinstance(value, ast.AST):
                found.append(value)
    return found


def fingerprint(node: ast.AST) -> str:
    """Returns a text that two trees share if, and only if, they differ in comments and layout alone.

    The trees must be a parser's: contexts are left out, since they follow from the places of the nodes.
    """
    found: list[str] = []
    add = found.append
    nodes: list[object] = [node]
    for one in nodes:  # which grows
        if isinstance(one, ast.Name):
            add(one.id)
        elif isinstance(one, ast.Constant):
            add(f"{one.kind}={one.value!r}")
        elif isinstance(one, ast.AST):
            add(f"<{one.__class__.__name__}")
            for name in _CONTENT_FIELDS[one.__class__]:
                value = getattr(one, name)
                if value is None:
                    add("-")
                elif value.__class__ is list:
                    add(str(len(value)))
                    nodes += value
                elif isinstance(value, ast.AST):
                    add("+")
                    nodes.append(value)
                else:
                    add(repr(value))
        else:
            add(repr(one))
    return "\n".join(found)
