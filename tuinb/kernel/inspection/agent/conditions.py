"""Conditions on the rows of a table, such as `price > 3 and "oslo" in city`: parsed with Python's grammar, never evaluated.

Runs in the kernel: see values.py for the rules. A condition becomes a tree of tuples, which a table turns into a mask and into
the code of its library.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

Tree = Any
"""("and" | "or", [trees]) · ("not", tree) · ("null", column) · ("has" | "starts" | "ends", column, text)
· ("in", column, [constants]) · ("<" and so on, column, constant)."""

_OPERATORS = {ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
_BACKTICKS = re.compile(r"`([^`]*)`")


class ConditionError(Exception):
    """A condition can't be read. The text says what is wrong, for the user."""


def parse(text: str, column_of: Callable[[str], int]) -> Tree:
    """Returns the tree of a condition. `column_of` returns the position of a column, and raises ConditionError."""
    quoted: dict[str, str] = {}

    def name_for(match: Any) -> str:
        name = f"_column_{len(quoted)}_"
        quoted[name] = match.group(1)
        return name

    try:
        tree = ast.parse(_BACKTICKS.sub(name_for, text.strip()), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ConditionError('not a condition. Examples: price > 3, city == "Oslo", "os" in city, price is None') from None
    return _Reader(quoted, column_of).read(tree)


class _Reader:
    def __init__(self, quoted: dict[str, str], column_of: Callable[[str], int]) -> None:
        self._quoted = quoted
        self._column_of = column_of

    def read(self, node: ast.AST) -> Tree:
        if isinstance(node, ast.BoolOp):
            return ("and" if isinstance(node.op, ast.And) else "or", [self.read(value) for value in node.values])
        if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.BitAnd, ast.BitOr)):
            return ("and" if isinstance(node.op, ast.BitAnd) else "or", [self.read(node.left), self.read(node.right)])
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.Not, ast.Invert)):
            return ("not", self.read(node.operand))
        if isinstance(node, ast.Compare):
            return self._comparison(node)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and len(node.args) == 1 and not node.keywords:
            method = {"startswith": "starts", "endswith": "ends", "contains": "has"}.get(node.func.attr)
            if method is not None:
                return (method, self._column(node.func.value), self._text(node.args[0]))
        if isinstance(node, ast.Name):
            return ("==", self._column(node), True)
        raise ConditionError(f"`{_source(node)}` is no condition: it compares no column with a value")

    def _comparison(self, node: ast.Compare) -> Tree:
        places = [node.left, *node.comparators]
        found = [self._pair(left, operator, right) for left, operator, right in zip(places, node.ops, places[1:])]
        return found[0] if len(found) == 1 else ("and", found)

    def _pair(self, left: ast.AST, operator: ast.AST, right: ast.AST) -> Tree:
        kind: Any = type(operator)
        if kind in (ast.In, ast.NotIn):
            tree: Tree
            if isinstance(right, (ast.List, ast.Tuple, ast.Set)):
                tree = ("in", self._column(left), [self._constant(item) for item in right.elts])
            else:
                tree = ("has", self._column(right), self._text(left))
            return ("not", tree) if kind is ast.NotIn else tree
        if kind in (ast.Is, ast.IsNot) or (kind in (ast.Eq, ast.NotEq) and _is_none(right)):
            if not _is_none(right):
                raise ConditionError("`is` compares with None only")
            return ("null", self._column(left)) if kind in (ast.Is, ast.Eq) else ("not", ("null", self._column(left)))
        if not (self._is_column(left) or self._is_column(right)):
            raise ConditionError(f"`{_source(left)}` is no column. A name with blanks goes between backticks")
        sign = _OPERATORS[kind]
        if self._is_column(left):
            return (sign, self._column(left), self._constant(right))
        return (_TURNED[sign], self._column(right), self._constant(left))

    @staticmethod
    def _is_column(node: ast.AST) -> bool:
        return isinstance(node, ast.Name)

    def _column(self, node: ast.AST) -> int:
        if not isinstance(node, ast.Name):
            raise ConditionError(f"`{_source(node)}` is no column. A name with blanks goes between backticks")
        return self._column_of(self._quoted.get(node.id, node.id))

    def _constant(self, node: ast.AST) -> Any:
        try:
            value = ast.literal_eval(node)
        except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
            quotes = " Text goes between quotes" if isinstance(node, ast.Name) else ""
            raise ConditionError(f"`{_source(node)}` is no number, text, True or False.{quotes}") from None
        if type(value) not in (int, float, str, bool):
            raise ConditionError(f"`{_source(node)}` is no number, text, True or False")
        return value

    def _text(self, node: ast.AST) -> str:
        value = self._constant(node)
        if type(value) is not str:
            raise ConditionError(f"`{_source(node)}` is no text: put it between quotes")
        return value


def _is_none(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _source(node: ast.AST) -> str:
    text = ast.unparse(node) if hasattr(ast, "unparse") else type(node).__name__
    return text if len(text) <= 40 else f"{text[:39]}…"


def to_code(tree: Tree, leaf: Callable[[Tree], str], words: tuple[str, str, str]) -> str:
    """Returns a condition as code. `leaf` writes one comparison. `words` are those for and and or, and a template for not."""
    if tree[0] == "not":
        return words[2].format(to_code(tree[1], leaf, words))
    if tree[0] in ("and", "or"):
        word = words[0] if tree[0] == "and" else words[1]
        return f" {word} ".join(f"({to_code(part, leaf, words)})" for part in tree[1])
    return leaf(tree)
