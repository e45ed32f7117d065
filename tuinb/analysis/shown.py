"""Finds the names whose values a cell shows."""

from __future__ import annotations

import ast

from tuinb.analysis.cell_code import read_code

_SHOW = frozenset({"display", "print"})


def shown_names(source: str) -> tuple[str, ...]:
    """Returns the name on a cell's last line, then those that it displays or prints, the last first.

    Of a call or an attribute of a name, such as `df.head()`, it is that name. Empty if the source can't be parsed.
    """
    body = read_code(source).body
    found: dict[str, None] = {}
    for statement in reversed(body):
        if not isinstance(statement, ast.Expr):
            continue
        value = statement.value
        if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id in _SHOW:
            found.update(dict.fromkeys(name for one in value.args if (name := _root(one))))
        elif statement is body[-1] and (name := _root(value)):
            found[name] = None
    return tuple(found)


def _root(node: ast.expr) -> str:
    """Returns the name that an expression begins with. Empty if it begins with none."""
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""
