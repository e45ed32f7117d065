"""Finds where a source sets a name.

Which cell sets one, other modules know; the line is found by the text here. What a function sets for itself is found by its
syntax tree, as no other cell sees that.
"""

from __future__ import annotations

import ast
import re
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

from tuinb.analysis.cell_code import parse
from tuinb.analysis.statements import without_magics

if TYPE_CHECKING:
    from collections.abc import Iterator

_Scope: TypeAlias = (
    ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
)
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def line_of(source: str, name: str) -> int | None:
    """Returns the line, from 0, that defines a name, else the first one that sets or imports it. None without one."""
    found = _patterns(name)[1].search(source)
    defined = definition_line(source, name)
    return source.count("\n", 0, found.end()) if found is not None and defined is None else defined


def definition_line(source: str, name: str) -> int | None:
    """Returns the line, from 0, that defines a function, a method or a class of a name. None without one."""
    found = _patterns(name)[0].search(source)
    return None if found is None else source.count("\n", 0, found.end())


@lru_cache(maxsize=64)
def _patterns(name: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Returns what defines a function or a class, and what sets a name in other ways, in the languages of notebooks."""
    word = rf"(?<![\w.]){re.escape(name)}(?!\w)"
    definition = rf"^[ \t]*(?:async[ \t]+)?(?:def|class|function|struct|macro)[ \t]+{word}"
    ways = (
        rf"{word}(?:[ \t]*,[^\n=()]*)?(?:[ \t]*:[^\n=]+)?[ \t]*(?:[-+*/@%&|^]|//|\*\*|<<|>>)?=(?!=)",
        rf"{word}[ \t]*<<?-",
        rf"^[ \t]*(?:from[ \t][^\n]*[ \t])?import[ \t][^\n#]*{word}",
        rf"\bas[ \t]+{word}",
        rf"\b(?:async[ \t]+)?for[ \t][^\n]*?{word}[^\n]*?[ \t]in\b",
        rf"{word}[ \t]*:=",
        rf"\b(?:let|var|const|global)[ \t]+{word}",
    )
    return re.compile(definition, re.MULTILINE), re.compile("|".join(f"(?:{way})" for way in ways), re.MULTILINE)


def local_setting(source: str, offset: int, name: str) -> int | None:
    """Returns where the functions around an offset, from the innermost on, set a name first: a parameter, a variable, a loop's.

    None if none of them does, or if Python does not parse the source.
    """
    # The columns of the tree are those of the text that was parsed, the rows those of both.
    texts = (source, without_magics(source)) if "\r" not in source else ()
    parsed = next(((tree, text) for text in texts if (tree := parse(text)) is not None), None)
    if parsed is None:
        return None
    tree, lines = parsed[0], parsed[1].split("\n")
    starts = [0]
    for line in source.split("\n"):
        starts.append(starts[-1] + len(line) + 1)

    def at(line: int, column: int) -> int:
        return starts[line - 1] + len(lines[line - 1].encode()[:column].decode())

    def holds(scope: _Scope) -> bool:
        end = at(scope.end_lineno or scope.lineno, scope.end_col_offset or 0)
        return at(scope.lineno, scope.col_offset) <= offset < end

    around = [node for node in ast.walk(tree) if isinstance(node, _SCOPES) and holds(node)]
    for scope in reversed(around):  # `walk` gives the outer ones first
        found = [at(node.lineno, node.col_offset) for node in _bindings(scope, name)]
        if found:
            word = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)").search(source, min(found))
            return None if word is None else word.start()
    return None


def _bindings(scope: _Scope, name: str) -> Iterator[ast.expr | ast.stmt | ast.arg | ast.alias | ast.excepthandler]:
    """Yields the nodes by which a function or a comprehension sets a name for itself."""
    todo: list[ast.AST] = list(ast.iter_child_nodes(scope))
    found: list[ast.expr | ast.stmt | ast.arg | ast.alias | ast.excepthandler] = []
    while todo:
        node = todo.pop()
        match node:
            case ast.Global(names=names) | ast.Nonlocal(names=names) if name in names:
                return
            case (
                ast.Name(id=bound, ctx=ast.Store())
                | ast.arg(arg=bound)
                | ast.ExceptHandler(name=bound)
                | ast.FunctionDef(name=bound)
                | ast.AsyncFunctionDef(name=bound)
                | ast.ClassDef(name=bound)
            ) if bound == name:
                found.append(node)
            case ast.alias(name=imported, asname=alias) if (alias or imported.partition(".")[0]) == name:
                found.append(node)
        if not isinstance(node, (*_SCOPES, ast.ClassDef)):
            todo += ast.iter_child_nodes(node)
    yield from found
