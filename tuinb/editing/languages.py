"""Editing rules of languages as data, and what they say of whole lines: indentation and comments."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from tuinb.record import Record

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_TRIPLE = ('"""', "'''", '"', "'")
_PLAIN = ('"', "'")


class Language(Record):
    """Editing rules of one language."""

    indent: str = "    "
    comment: str = "#"
    """Starts a comment that extends to the end of the line. Empty if the language has none."""
    block: str = ""
    """Regular expression for a line that opens an indented block."""
    leave: str = ""
    """Regular expression for a line that ends an indented block."""
    definition: str = ""
    """Regular expression for the first line of a function or class. Empty: any line that is not indented."""
    strings: tuple[str, ...] = _PLAIN
    """What begins and ends a string, the longest first. A quote that also has another meaning is left out."""
    joining: str = "(["
    """Brackets in which a line end does not end a statement."""
    aligns: bool = False
    """Whether a line after `f(a,` is aligned with `a`."""
    branches: Mapping[str, str] = MappingProxyType({})
    """Keyword of a line that goes on with a statement above → regular expression of the lines that are as far indented.

    A group of it stands for lines that enclose the keyword's.
    """
    has_lists: bool = False
    """Whether lines may begin with the markers of lists and quotes."""


_BRANCHES = {
    "elif": r"(?:if|elif)\b",
    "else": r"(?:if|elif|for|while|async for|try|except)\b",
    "except": r"(?:try|except)\b",
    "finally": r"(?:try|except|else)\b",
    "case": r"case\b|(match)\b",
}
_PYTHON = Language(
    "    ",
    "#",
    r":\s*(#.*)?$",
    r"^\s*(return|pass|break|continue|raise)\b",
    r"\s*(?:async\s+def|def|class)\b",
    _TRIPLE,
    "([{",
    aligns=True,
    branches=_BRANCHES,
)
_BRACES = Language("  ", "//", r"\{\s*(//.*)?$", strings=('"', "'", "`"))
_RULES: dict[str, Language] = {
    "python": _PYTHON,
    "ipython": _PYTHON,
    "r": Language("  ", "#", r"\{\s*(#.*)?$"),
    "julia": Language(
        "    ",
        "#",
        r"^\s*(function|if|for|while|begin|let|module|struct|try|else|elseif|do|macro|quote)\b(?!.*\bend\b)",
        strings=('"""', '"'),
    ),
    "bash": Language("  ", "#", r"(\bdo|\bthen|\belse|\{)\s*(#.*)?$"),
    "ruby": Language("  ", "#", r"(^\s*(def|if|unless|class|module|while|begin|else)\b(?!.*\bend\b))|\bdo\s*(\|.*\|)?\s*$"),
    "f#": Language("    ", "//", strings=('"',)),
    "fsharp": Language("    ", "//", strings=('"',)),
    "haskell": Language("  ", "--", strings=('"',)),
    "rust": Language("    ", "//", r"\{\s*(//.*)?$", strings=('"',)),
    "sql": Language("  ", "--"),
    "lua": Language("  ", "--", r"(\bthen|\bdo|\belse|function.*\))\s*$"),
    "matlab": Language("  ", "%", r"^\s*(if|for|while|function|switch|try|else)\b", strings=('"',)),
    "octave": Language("  ", "%", r"^\s*(if|for|while|function|switch|try|else)\b", strings=('"',)),
    "latex": Language("  ", "%", strings=()),
    "clojure": Language("  ", ";", strings=('"',)),
    "scheme": Language("  ", ";", strings=('"',)),
    "markdown": Language("  ", "", strings=("`",), has_lists=True),
}
_LIKE_C = ("c", "c#", "c++", "cpp", "csharp", "dart", "go", "groovy", "java", "javascript", "kotlin", "php", "scala")
_WITH_BRACES = frozenset((*_LIKE_C, "swift", "typescript"))


def rules(language: str) -> Language:
    """Returns the rules for a kernel's language name, or default rules for an unknown language."""
    name = language.lower()
    if name in _WITH_BRACES:
        return _BRACES
    return _RULES.get(name, Language())


def indent_of(line: str) -> str:
    """Returns the leading white space of a line."""
    return line[: len(line) - len(line.lstrip(" \t"))]


def indent_lines(lines: Sequence[str], language: Language) -> list[str]:
    """Indents the lines by one step. Blank lines are unchanged."""
    return [language.indent + line if line.strip() else line for line in lines]


def dedent_lines(lines: Sequence[str], language: Language) -> list[str]:
    """Removes up to one step of indentation from each line."""
    out = []
    for line in lines:
        if line.startswith("\t"):
            out.append(line[1:])
            continue
        width = len(line) - len(line.lstrip(" "))
        out.append(line[min(width, len(language.indent)) :])
    return out


def toggle_comment(lines: Sequence[str], language: Language) -> list[str]:
    """Comments the lines out at their common indentation. Uncomments them if all are comments."""
    token = language.comment
    full = [line for line in lines if line.strip()]
    if not token or not full:
        return list(lines)
    if all(line.lstrip().startswith(token) for line in full):
        return uncomment(lines, language)
    return comment(lines, language)


def comment(lines: Sequence[str], language: Language) -> list[str]:
    """Comments the lines out at their common indentation, also those that are comments."""
    token = language.comment
    column = min((len(indent_of(line)) for line in lines if line.strip()), default=0)
    return [f"{line[:column]}{token} {line[column:]}" if token and line.strip() else line for line in lines]


def uncomment(lines: Sequence[str], language: Language) -> list[str]:
    """Uncomments those of the lines that are comments, once."""
    token = language.comment
    return [_uncomment(line, token) if token and line.lstrip().startswith(token) else line for line in lines]


def _uncomment(line: str, token: str) -> str:
    indent, rest = indent_of(line), line.lstrip(" \t")[len(token) :]
    return indent + rest.removeprefix(" ")
