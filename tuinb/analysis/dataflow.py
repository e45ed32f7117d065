"""Finds names that Python cells use but no cell above defines: hidden state of the kernel that ran them.

Nothing is run. The cells are put together as one module, as a kernel sees them. pyflakes, which knows Python's scopes, finds
the undefined names, and each is traced to its cell. A name in a function's body counts only if no cell defines it, since the
function may be called later. After a cell that may define any name (a star import, exec, an unknown magic, a syntax error)
nothing is reported.
"""

from __future__ import annotations

import ast
import re
import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

BUILT_IN = frozenset({"get_ipython", "display", "In", "Out", "exit", "quit", "__name__", "__builtin__", "_ih", "_oh", "_dh"})
"""Names that IPython puts into the namespace."""
_HISTORY = re.compile(r"_+|_i+|_i?\d+")
"""Earlier results and inputs: `_`, `_12`, `_i3`."""
_DEFINE_ANY = frozenset({"exec", "globals", "locals", "vars"})
_LINE_MAGICS_WITH_CODE = frozenset({"time", "timeit", "prun", "memit", "mprun", "lprun"})
_CELL_MAGICS_WITH_CODE = frozenset({"time", "timeit", "prun", "memit", "capture"})
_DEFINE_NOTHING = re.compile(
    r"alias|autoreload|autosave|bash|cd|colors|conda|config|debug|dirs|doctest_mode|env|hist|history|"
    r"html|javascript|js|latex|load_ext|logstart|logstop|ls|lsmagic|magic|mamba|man|markdown|"
    r"matplotlib|micromamba|mkdir|mv|notebook|page|pdb|pdef|pdoc|perl|pfile|pinfo|pinfo2|pip|pprint|"
    r"precision|psearch|psource|pwd|pycat|python|python2|python3|quickref|reload_ext|reset_selective|rm|"
    r"rmdir|ruby|script|set_env|sh|svg|sx|system|tb|unalias|unload_ext|uv|watermark|who|who_ls|whos|"
    r"writefile|xmode"
)
_FLAGS = ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
_CAPTURES = re.compile(r"--(?:out|err)[ =](\w+)")
_WORDS = re.compile(r"(?:-{1,2}\w+(?:[ =]\d+)?\s+)*")
"""The options of a magic, before the code that it runs."""


@dataclass(frozen=True, slots=True)
class Undefined:
    """A name that the cell at `place` uses in this line. `setters` are the places of the cells that define it."""

    place: int
    name: str
    line: int
    setters: tuple[int, ...]

    def describe(self) -> str:
        """Returns a sentence for the user, with cells counted from 1."""
        return f"cell {self.place + 1} uses `{self.name}` (line {self.line}), {describe_origin(self.place, self.setters)}"


def describe_origin(place: int, setters: Sequence[int]) -> str:
    """Returns a clause on where a name is defined that is missing when the cell at `place` runs."""
    if not setters:
        return "which only a deleted cell can have defined"
    if min(setters) > place:
        return f"which only a later cell defined (cell {min(setters) + 1})"
    return f"which is not there any more (cell {min(setters) + 1} defined it)"


@dataclass(slots=True)
class _Code:
    """The code of a cell."""

    place: int
    body: list[ast.stmt] = field(default_factory=list)
    lines: int = 0
    defines_any: bool = False
    """Whether it may define any name."""


def undefined(sources: Sequence[tuple[int, str]]) -> list[Undefined]:
    """Returns the names that are used before they are defined, once for each cell and name.

    `sources` are the places of code cells and their sources.
    """
    module = ast.Module([], [])
    starts: list[int] = []
    read: list[_Code] = []
    for place, source in sources:
        found = _read(place, source)
        starts.append(sum(cell.lines for cell in read))
        if found.defines_any:
            # With a star import pyflakes reports no undefined names.
            star = ast.ImportFrom("anything", [ast.alias("*")], 0, lineno=starts[-1] + 1, col_offset=0)
            module.body.append(ast.fix_missing_locations(star))
        module.body += [ast.increment_lineno(statement, starts[-1]) for statement in found.body]
        read.append(found)
    defined = [(cell.place, _bound(cell.body)) for cell in read]
    silent = _handle_missing_names(read, starts)
    result: dict[tuple[int, str], Undefined] = {}
    for name, line in _unbound(module):
        if _HISTORY.fullmatch(name):
            continue
        index = max(number for number, start in enumerate(starts) if start < line)
        if index in silent:
            continue
        place = read[index].place
        setters = tuple(other for other, names in defined if name in names)
        result.setdefault((place, name), Undefined(place, name, line - starts[index], setters))
    return sorted(result.values(), key=lambda found: (found.place, found.line))


def _unbound(module: ast.Module) -> list[tuple[str, int]]:
    """Returns the names that would be missing if the module ran, with their lines."""
    from pyflakes.checker import Checker
    from pyflakes.messages import UndefinedName

    class Runtime(Checker):
        """Skips annotations that are never evaluated: strings, and those that a future import postpones."""

        def handleStringAnnotation(self, *_: object) -> None:  # noqa: N802 - pyflakes calls it so
            pass

        def handleAnnotation(self, annotation: ast.AST, node: ast.AST) -> None:  # noqa: N802
            if not self.annotationsFutureEnabled:
                super().handleAnnotation(annotation, node)

    try:
        messages = Runtime(module, builtins=BUILT_IN, withDoctest=False).messages
    except RecursionError:  # a sum of a thousand terms: nothing is certain
        return []
    return [(str(found.message_args[0]), found.lineno) for found in messages if isinstance(found, UndefinedName)]


def defines(sources: Sequence[tuple[int, str]], name: str) -> list[int]:
    """Returns the places of the cells that define a name at their top level."""
    return [place for place, source in sources if name in _bound(_read(place, source).body)]


def _handle_missing_names(read: Sequence[_Code], starts: Sequence[int]) -> set[int]:
    """Returns the cells that mention NameError: they expect that a name may be missing."""
    return {
        index
        for index, _ in enumerate(starts)
        if any(isinstance(node, ast.Name) and node.id == "NameError" for part in read[index].body for node in ast.walk(part))
    }


# ---- one cell


def _read(place: int, source: str) -> _Code:
    """Returns the cell's code. Magics and shell lines are replaced by what they do to names."""
    found = _Code(place, lines=source.count("\n") + 1)
    tree = _parse(source)
    if tree is None:
        tree = _parse(_without_magics(source))
    if tree is None:
        found.defines_any = True
        return found
    found.body = list(_plain(tree.body, found))
    names = (node.id for part in found.body for node in ast.walk(part) if isinstance(node, ast.Name))
    found.defines_any |= any(name in _DEFINE_ANY for name in names)
    return found


def _parse(source: str) -> ast.Module | None:
    try:
        with warnings.catch_warnings(action="ignore"):
            tree = compile(source, "cell", "exec", _FLAGS)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return tree if isinstance(tree, ast.Module) else None


def _without_magics(source: str) -> str:
    """Translates the source as IPython does: a magic becomes a call of get_ipython()."""
    from IPython.core.inputtransformer2 import TransformerManager

    try:
        return str(TransformerManager().transform_cell(source))  # type: ignore[no-untyped-call]
    except (SyntaxError, ValueError):
        return source


def _plain(body: Sequence[ast.stmt], found: _Code) -> Iterator[ast.stmt]:
    """Yields the statements, and after a magic the code that it runs and assignments to the names that it sets."""
    for statement in body:
        yield statement
        for node in ast.walk(statement):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                words = [word.value for word in node.args if isinstance(word, ast.Constant) and isinstance(word.value, str)]
                for part in _magic(node.func.attr, words, found):
                    # The line number is only for the user.
                    yield ast.increment_lineno(part, statement.lineno - 1)


def _magic(call: str, words: Sequence[str], found: _Code) -> Iterator[ast.stmt]:
    if call not in {"run_line_magic", "run_cell_magic"} or len(words) < 2:
        return
    name, line, *rest = words
    code = ""
    if call == "run_line_magic" and name in _LINE_MAGICS_WITH_CODE:
        code = _WORDS.sub("", line, count=1)
    elif rest and name in _CELL_MAGICS_WITH_CODE:
        code = f"\n{rest[0]}"
        if name == "capture" and line.strip() and not line.startswith("-"):
            yield _assignment(line.split()[0], found)
    elif not _DEFINE_NOTHING.fullmatch(name):
        found.defines_any = True
    for captured in _CAPTURES.findall(line):
        yield _assignment(captured, found)
    if code:
        inner = _read(found.place, code)
        found.defines_any |= inner.defines_any
        yield from inner.body


def _assignment(name: str, found: _Code) -> ast.stmt:
    tree = _parse(f"{name} = None")
    if tree is None:
        found.defines_any = True
        return ast.Pass(lineno=1, col_offset=0)
    return tree.body[0]


def _bound(body: Sequence[ast.AST]) -> set[str]:
    """Returns the names that the code sets in its own scope."""
    names: set[str] = set()
    left = list(body)
    while left:
        node = left.pop()
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                names.add(node.name)
                continue
            case ast.Lambda() | ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                continue
            case ast.Import() | ast.ImportFrom():
                names |= {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
            case ast.Name(ctx=ast.Store()):
                names.add(node.id)
            case ast.ExceptHandler(name=str(name)):
                names.add(name)
            case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)) | ast.MatchMapping(rest=str(name)):
                names.add(name)
            case _:
                pass
        left.extend(ast.iter_child_nodes(node))
    return names
