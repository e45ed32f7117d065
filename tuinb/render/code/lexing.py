"""Runs Pygments' regular-expression lexers one match at a time.

`RegexLexer.get_tokens_unprocessed` accepts an initial stack of states but does not return the final one, which an editor
needs at the start of each line. Therefore this module walks the state tables, by the rules in the documentation of
`RegexLexer.tokens`. The compiled tables are in the private `RegexLexer._tokens`: a test fails if that name changes.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from tuinb.late_pattern import late_pattern

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterable

    from pygments.lexer import Lexer
    from pygments.token import _TokenType

Stack: TypeAlias = tuple[str, ...]
ROOT: Stack = ("root",)
Token: TypeAlias = "tuple[int, _TokenType, str]"
"""Offset, type, text."""

_Rule: TypeAlias = "tuple[Callable[[str, int], re.Match[str] | None], Any, Any]"

_VERSION = late_pattern(r"[\d.]+$")
_DELEGATING_MAGICS = frozenset(("time", "timeit", "prun", "memit", "mprun", "lprun", "debug", "px"))
"""Line magics whose argument is Python code."""
_MAGIC = late_pattern(
    r"[ \t]*+(?P<target>[^\s=%!?'\"#(){}@][^=%!'\"#(){}\n]*+=(?!=)[ \t]*+)?"
    r"(?:(?P<percent>%%?[A-Za-z_]\w*)|(?P<shell>!!?(?!=)))(?P<rest>.*)"
)
_HELP = late_pattern(r"[ \t]*+(?:\?{1,2}%{0,2}[\w.*]++|%{0,2}[\w.*]++\?{1,2})[ \t]*+(?=\n|$)")
_BODY_LANGUAGES = {
    **dict.fromkeys(("bash", "sh", "script", "system", "sx", "!"), "bash"),
    **dict.fromkeys(("html", "HTML", "svg", "SVG"), "html"),
    **dict.fromkeys(("javascript", "js"), "javascript"),
    **dict.fromkeys(("sql", "bigquery"), "sql"),
    **dict.fromkeys(("writefile", "file"), "text"),
    **{name: name for name in ("latex", "markdown", "ruby", "perl", "julia", "cython", "css")},
    "R": "r",
}
"""Maps cell magics to the language of the cell body. The body of other magics is Python."""


class Step(NamedTuple):
    tokens: Iterable[Token]
    end: int
    stack: Stack


class Engine:
    """The lexer of a language. Incremental lexers can start at any match. Others lex a whole text."""

    def __init__(self, lexer: Lexer, *, magics: bool = False) -> None:
        from pygments.lexer import ExtendedRegexLexer, RegexLexer
        from pygments.token import Error, Token

        self.lexer = lexer
        self.magics = magics
        states: dict[str, list[_Rule]] = vars(type(lexer)).get("_tokens", {})
        self.incremental = isinstance(lexer, RegexLexer) and not isinstance(lexer, ExtendedRegexLexer) and ROOT[0] in states
        """Whether lexing can begin at any match. C#, Inform 7 and Nemerle build their tables in another way."""
        self.timeouts = 0
        """Number of cells whose lexing took too long."""
        self.edits_reach_back = type(lexer).__name__ == "MarkdownLexer"
        """Whether an edit can change tokens many lines above it."""
        self._states = states if self.incremental else {}
        self._error, self._token = Error, Token

    def step(self, text: str, at: int, stack: Stack) -> Step:
        """Returns the next match at `at`, which must be inside `text`."""
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
                return Step(tokens, match.end(), stack if change is None else _next_stack(stack, change))
        if text[at] == "\n":
            return Step((), at + 1, ROOT)
        return Step(((at, self._error, text[at]),), at + 1, stack)

    def _magic(self, text: str, at: int) -> Step | None:
        """Lexes IPython syntax that a Python lexer can't: magics, shell commands, help."""
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
    """Returns the engine for a language name of a notebook (`python`, `ipython3`, `R`, `C++17`). Returns None for plain
    text and unknown languages.
    """
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
    """Returns the language of the cell body after a cell magic. Returns None if the line is not a cell magic or Python
    follows.
    """
    return _BODY_LANGUAGES.get(first_line[2:].split(None, 1)[0]) if first_line[:2] == "%%" and first_line[2:].strip() else None


def _next_stack(stack: Stack, change: int | str | tuple[str, ...]) -> Stack:
    if isinstance(change, int):
        return stack[: max(1, len(stack) + change)] if change < 0 else stack[: max(1, change)]
    for state in (change,) if isinstance(change, str) else change:
        if state == "#pop":
            stack = stack[:-1] if len(stack) > 1 else stack
        else:
            stack = (*stack, stack[-1] if state == "#push" else state)
    return stack
