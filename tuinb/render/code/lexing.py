"""Pygments' regular-expression lexers, one match at a time.

`RegexLexer.get_tokens_unprocessed` takes a stack of states to begin with but does not tell where it stands, and an editor has
to know that at the start of each line. So the states' tables are walked here, by the rules of Pygments' documentation of
`RegexLexer.tokens`. `RegexLexer._tokens`, where they are compiled, is a private name: a test fails loudly when it goes away.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pygments.lexer import Lexer
    from pygments.token import _TokenType

Stack: TypeAlias = tuple[str, ...]
ROOT: Stack = ("root",)
Token: TypeAlias = "tuple[int, _TokenType, str]"
"""Offset in the text, type, text."""

_Rule: TypeAlias = "tuple[Callable[[str, int], re.Match[str] | None], Any, Any]"

_VERSION = re.compile(r"[\d.]+$")
_DELEGATING_MAGICS = frozenset(("time", "timeit", "prun", "memit", "mprun", "lprun", "debug", "px"))
"""Line magics whose argument is Python."""
_MAGIC = re.compile(
    r"[ \t]*+(?P<target>[^\s=%!?'\"#(){}@][^=%!'\"#(){}\n]*+=(?!=)[ \t]*+)?"
    r"(?:(?P<percent>%%?[A-Za-z_]\w*)|(?P<shell>!!?(?!=)))(?P<rest>.*)"
)
_HELP = re.compile(r"[ \t]*+(?:\?{1,2}%{0,2}[\w.*]++|%{0,2}[\w.*]++\?{1,2})[ \t]*+(?=\n|$)")
_BODY_LANGUAGES = {
    **dict.fromkeys(("bash", "sh", "script", "system", "sx", "!"), "bash"),
    **dict.fromkeys(("html", "HTML", "svg", "SVG"), "html"),
    **dict.fromkeys(("javascript", "js"), "javascript"),
    **dict.fromkeys(("sql", "bigquery"), "sql"),
    **dict.fromkeys(("writefile", "file"), "text"),
    **{name: name for name in ("latex", "markdown", "ruby", "perl", "julia", "cython", "css")},
    "R": "r",
}
"""Cell magic → language of the cell below it; that of all others is Python."""


class Step(NamedTuple):
    tokens: Iterable[Token]
    end: int
    stack: Stack


class Engine:
    """A language's lexer. `incremental` ones can begin at any match; the others lex a text whole."""

    def __init__(self, lexer: Lexer, *, magics: bool = False) -> None:
        from pygments.lexer import ExtendedRegexLexer, RegexLexer
        from pygments.token import Error, Token

        self.lexer = lexer
        self.magics = magics
        self.incremental = isinstance(lexer, RegexLexer) and not isinstance(lexer, ExtendedRegexLexer)
        self.far_sighted = type(lexer).__name__ == "MarkdownLexer"
        """Whether an edit can change what stands many lines above it."""
        self._states: dict[str, list[_Rule]] = vars(type(lexer)).get("_tokens", {}) if self.incremental else {}
        self._error, self._token = Error, Token

    def step(self, text: str, at: int, stack: Stack) -> Step:
        """The next match at `at`, which is inside `text`."""
        if self.magics and stack == ROOT and (at == 0 or text[at - 1] == "\n") and (step := self._magic(text, at)):
            return step
        for match_at, action, change in self._states[stack[-1]]:
            match = match_at(text, at)
            if match is not None:
                if action is None:
                    tokens: Iterable[Token] = ()
                elif isinstance(action, tuple):
                    tokens = ((at, action, match[0]),)  # type: ignore[assignment]
                else:
                    tokens = tuple(action(self.lexer, match))
                return Step(tokens, match.end(), stack if change is None else _changed(stack, change))
        if text[at] == "\n":
            return Step((), at + 1, ROOT)
        return Step(((at, self._error, text[at]),), at + 1, stack)

    def _magic(self, text: str, at: int) -> Step | None:
        """IPython's own syntax, which would derail a Python lexer: magics, shell commands, help."""
        token = self._token
        if match := _MAGIC.match(text, at):
            name = match["percent"] or match["shell"]
            start, end = match.start("rest") - len(name), match.start("rest")
            tokens: list[Token] = []
            if match["target"]:
                tokens.append((match.start("target"), token.Name, match["target"]))
            tokens.append((start, token.Name.Decorator, name))
            if name.lstrip("%") in _DELEGATING_MAGICS:
                return Step(tokens, end, ROOT)
            tokens.append((end, token.Text, match["rest"]))
            return Step(tokens, match.end(), ROOT)
        if match := _HELP.match(text, at):
            return Step([(at, token.Name.Decorator, match[0])], match.end(), ROOT)
        return None


@lru_cache(maxsize=32)
def engine_of(language: str) -> Engine | None:
    """The engine for a notebook's language (`python`, `ipython3`, `R`, `C++17`); None for plain text and what is unknown."""
    name = language.lower()
    if name in ("", "text", "raw", "plain"):
        return None
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    if name.startswith("ipython") or name in ("python", "python3"):
        return Engine(get_lexer_by_name("python"), magics=True)
    for alias in dict.fromkeys((name, _VERSION.sub("", name), name.partition(" ")[0])):
        try:
            return Engine(get_lexer_by_name(alias))
        except ClassNotFound:
            continue
    return None


def body_language(first_line: str) -> str | None:
    """The language below a cell magic's line, or None where the line is none or Python follows."""
    return _BODY_LANGUAGES.get(first_line[2:].split(None, 1)[0]) if first_line[:2] == "%%" and first_line[2:].strip() else None


def _changed(stack: Stack, change: int | str | tuple[str, ...]) -> Stack:
    if isinstance(change, int):
        return stack[: max(1, len(stack) + change)] if change < 0 else stack[: max(1, change)]
    for state in (change,) if isinstance(change, str) else change:
        if state == "#pop":
            stack = stack[:-1] if len(stack) > 1 else stack
        else:
            stack = (*stack, stack[-1] if state == "#push" else state)
    return stack
