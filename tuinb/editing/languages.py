"""Editing rules of languages: indentation and comments. All functions are pure and work on lines."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tuinb.record import Record

if TYPE_CHECKING:
    from collections.abc import Sequence

_OPENERS = {"(": ")", "[": "]", "{": "}"}


class Language(Record):
    """Editing rules of one language."""

    indent: str = "    "
    comment: str = "#"
    """Starts a comment that extends to the end of the line. Empty if the language has none."""
    block: str = ""
    """Regular expression for a line that opens an indented block."""
    leave: str = ""
    """Regular expression for a line that ends an indented block."""


_PYTHON = Language("    ", "#", r":\s*(#.*)?$", r"^\s*(return|pass|break|continue|raise)\b(?!.*[\[({]\s*$)")
_BRACES = Language("  ", "//", r"\{\s*(//.*)?$")
_RULES: dict[str, Language] = {
    "python": _PYTHON,
    "ipython": _PYTHON,
    "r": Language("  ", "#", r"\{\s*(#.*)?$"),
    "julia": Language(
        "    ", "#", r"^\s*(function|if|for|while|begin|let|module|struct|try|else|elseif|do|macro|quote)\b(?!.*\bend\b)"
    ),
    "bash": Language("  ", "#", r"(\bdo|\bthen|\belse|\{)\s*(#.*)?$"),
    "ruby": Language("  ", "#", r"(^\s*(def|if|unless|class|module|while|begin|else)\b(?!.*\bend\b))|\bdo\s*(\|.*\|)?\s*$"),
    "f#": Language("    ", "//"),
    "fsharp": Language("    ", "//"),
    "haskell": Language("  ", "--"),
    "sql": Language("  ", "--"),
    "lua": Language("  ", "--", r"(\bthen|\bdo|\belse|function.*\))\s*$"),
    "matlab": Language("  ", "%", r"^\s*(if|for|while|function|switch|try|else)\b"),
    "octave": Language("  ", "%", r"^\s*(if|for|while|function|switch|try|else)\b"),
    "latex": Language("  ", "%"),
    "clojure": Language("  ", ";"),
    "scheme": Language("  ", ";"),
    "markdown": Language("  ", ""),
}
_LIKE_C = ("c", "c#", "c++", "cpp", "csharp", "dart", "go", "groovy", "java", "javascript", "kotlin", "php", "rust", "scala")
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


def next_indent(line: str, column: int, language: Language) -> str:
    """Returns the indentation of the new line after Enter in `line` at `column`."""
    before = line[:column]
    indent = indent_of(before)
    if language.block and re.search(language.block, before):
        return indent + language.indent
    stripped = before.rstrip()
    if stripped and stripped[-1] in _OPENERS:
        return indent + language.indent
    if language.leave and re.search(language.leave, before):
        return indent[: max(0, len(indent) - len(language.indent))]
    return indent


def between_brackets(line: str, column: int) -> bool:
    """Whether the column is between an opening bracket and its closing bracket. Enter then puts the closing one on its own
    line.
    """
    return 0 < column < len(line) and _OPENERS.get(line[column - 1]) == line[column]


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
        return [_uncomment(line, token) for line in lines]
    column = min(len(indent_of(line)) for line in full)
    return [f"{line[:column]}{token} {line[column:]}" if line.strip() else line for line in lines]


def _uncomment(line: str, token: str) -> str:
    if not line.strip():
        return line
    indent, rest = indent_of(line), line.lstrip(" \t")[len(token) :]
    return indent + rest.removeprefix(" ")
