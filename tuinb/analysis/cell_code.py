"""Parses the source of a Python cell. Magics and shell lines are replaced by what they do to names.

A magic that runs code is followed by that code, one that sets or deletes a name by an assignment or a `del`. Code that a magic
runs in a scope of its own (`%timeit`) becomes a function whose name begins with `%`: it runs at once.
"""

from __future__ import annotations

import ast
import re
import warnings
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING

from tuinb.analysis.syntax_tree import fingerprint, walk

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_TIMED = "timeit"
"""The magic that runs code in a function."""
_LINE_CODE = frozenset({"time", "timeit", "prun", "memit", "mprun", "lprun"})
CELL_CODE = frozenset({"time", "timeit", "prun", "memit", "capture"})
"""Magics of a cell after whose line Python goes on."""
_DEFINE_NOTHING = re.compile(
    r"alias|autoreload|autosave|bash|cd|colors|conda|config|debug|dirs|doctest_mode|env|hist|history|"
    r"html|javascript|js|latex|load_ext|logstart|logstop|ls|lsmagic|magic|mamba|man|markdown|"
    r"matplotlib|micromamba|mkdir|mv|notebook|page|pdb|pdef|pdoc|perl|pfile|pinfo|pinfo2|pip|pprint|"
    r"precision|psearch|psource|pwd|pycat|python|python2|python3|quickref|reload_ext|rm|"
    r"rmdir|ruby|script|set_env|sh|svg|sx|system|tb|unalias|unload_ext|uv|watermark|who|who_ls|whos|"
    r"writefile|xmode"
)
FLAGS = ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
_CAPTURES = re.compile(r"--(?:out|err)[ =](\w+)")
_OPTIONS = re.compile(r"(?:-{1,2}\w+(?:[ =]\d+)?\s+)*")
"""The options of a magic, before the code that it runs."""
_INSERTED = re.compile(r"\{([^{}]+)\}|\$\{?([^\W\d]\w*)")
"""A value that IPython puts into the line of a magic: `{name}`, `$name`."""


@dataclass(slots=True)
class CellCode:
    """The code of a cell."""

    body: list[ast.stmt] = field(default_factory=list)
    text: str = ""
    """The source that the statements' line numbers are of: IPython's translation, if there are magics."""
    defines_any: bool = False
    """Whether it has a magic that may define any name."""
    unparsable: bool = False
    inserted: set[str] = field(default_factory=set)
    """Names whose values are put into the lines of magics."""


def read_code(source: str) -> CellCode:
    """Returns the statements of a cell."""
    found = CellCode(text=source)
    tree = parse(source)
    if tree is None:
        found.text = _without_magics(source)
        tree = parse(found.text)
    if tree is None:
        found.unparsable = True
    else:
        found.body = list(_plain(tree.body, found)) if "get_ipython" in found.text else tree.body
    return found


def parse(source: str) -> ast.Module | None:
    """Returns the syntax tree. Returns None if Python refuses the source."""
    try:
        with warnings.catch_warnings(action="ignore"):
            tree = compile(source, "cell", "exec", FLAGS)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return tree if isinstance(tree, ast.Module) else None


@lru_cache(maxsize=8192)
def code_of(source: str) -> str:
    """Returns what two sources share if they differ in comments and layout alone. With magics, that is the source."""
    if (tree := parse(source)) is None:  # a magic, or a sum of more terms than the parser takes
        return source
    return blake2b(fingerprint(tree).encode(errors="replace"), digest_size=16).hexdigest()


@lru_cache(maxsize=1024)
def names_in(text: str) -> frozenset[str]:
    """Returns the names that a text uses, if it is Python and not long."""
    tree = parse(text.strip()) if len(text) < 1000 else None
    return frozenset(node.id for node in walk(tree) if isinstance(node, ast.Name)) if tree is not None else frozenset()


def _without_magics(source: str) -> str:
    """Translates the source as IPython does: a magic becomes a call of get_ipython()."""
    from IPython.core.inputtransformer2 import TransformerManager

    try:
        return str(TransformerManager().transform_cell(source))  # type: ignore[no-untyped-call]
    except (SyntaxError, ValueError):
        return source


def _plain(body: Sequence[ast.stmt], found: CellCode) -> Iterator[ast.stmt]:
    """Yields the statements, and after a magic what it does to names."""
    for statement in body:
        yield statement
        for call, words in _magics(statement):
            for part in _magic(call, words, found):
                # The line number is only for the user.
                yield ast.increment_lineno(part, statement.lineno - 1)


def _magics(statement: ast.stmt) -> Iterator[tuple[str, list[str]]]:
    """Yields the calls of get_ipython() in a statement, with their words."""
    for node in walk(statement):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        owner = node.func.value
        if isinstance(owner, ast.Call) and isinstance(owner.func, ast.Name) and owner.func.id == "get_ipython":
            yield (
                node.func.attr,
                [word.value for word in node.args if isinstance(word, ast.Constant) and isinstance(word.value, str)],
            )


def _magic(call: str, words: Sequence[str], found: CellCode) -> Iterator[ast.stmt]:
    if call in {"system", "getoutput"}:
        _note_inserted(" ".join(words), found)
    if call not in {"run_line_magic", "run_cell_magic"} or len(words) < 2:
        return
    name, line, *rest = words
    code = ""
    if call == "run_line_magic" and name in _LINE_CODE:
        code = _OPTIONS.sub("", line, count=1)
    elif rest and name in CELL_CODE:
        code = f"\n{rest[0]}"
        if name == "capture" and line.strip() and not line.startswith("-"):
            yield from _statements(f"{line.split()[0]} = None")
    elif name in {"xdel", "reset_selective"}:
        yield from _statements(f"del {line.split()[-1] if line.split() else ''}")
    elif not _DEFINE_NOTHING.fullmatch(name):
        found.defines_any = True
    else:
        _note_inserted(line, found)
    for captured in _CAPTURES.findall(line):
        yield from _statements(f"{captured} = None")
    if code:
        yield from _run_by_magic(name, code, found)


def _run_by_magic(name: str, code: str, found: CellCode) -> Iterator[ast.stmt]:
    inner = read_code(code)
    found.defines_any |= inner.defines_any
    found.unparsable |= inner.unparsable
    found.inserted |= inner.inserted
    if name == _TIMED and inner.body:
        function = _statements("def timed(): pass")[0]
        assert isinstance(function, ast.FunctionDef)
        function.name, function.body = f"%{name}", inner.body
        yield function
    else:
        yield from inner.body


def _note_inserted(line: str, found: CellCode) -> None:
    for expression, name in _INSERTED.findall(line):
        found.inserted |= names_in(expression) if expression else {name}


def _statements(text: str) -> list[ast.stmt]:
    tree = parse(text)
    return tree.body if tree is not None else []
