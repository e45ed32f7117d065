"""LaTeX formulas as text: on one row within words, or on several rows on their own.

math-core (a Rust library; 0.1 ms a formula, 2 ms to import) converts them to MathML, which `mathml` draws. Both reject what
they do not support. The result is then None, and the caller shows the source. Command definitions and deep nesting are
rejected too, so that time and the parser's stack stay bounded.
"""

from __future__ import annotations

import html
import re
from functools import lru_cache
from typing import TYPE_CHECKING
from unicodedata import category
from xml.etree import ElementTree

from tuinb.render.block import Block, Line, Lines, Span, plain
from tuinb.render.layout.flow import BREAK, flow
from tuinb.render.safe import clean

if TYPE_CHECKING:
    from math_core import LatexToMathML

    from tuinb.render.context import RenderContext
    from tuinb.render.math.box import Box

_LONG = 3_000
"""Maximum length of a drawn formula in characters."""
_DEEP = 40
"""Maximum nesting depth of a drawn formula. The parser crashes on some hundred levels with a small stack."""
_UNCLOSED = 15
"""Maximum number of brackets that nothing closes. The parser takes twice as long with each: 5 ms with 18, hours with 40."""
_TALL = 60
"""Maximum number of rows of a formula."""

_MACROS = {
    "mbox": r"\text{#1}",
    "hbox": r"\text{#1}",
    "textnormal": r"\text{#1}",
    "pmb": r"\boldsymbol{#1}",
    "mathbbm": r"\mathbb{#1}",
    "mathds": r"\mathbb{#1}",
    "mathop": r"\operatorname*{#1}",
    "substack": r"\begin{matrix}#1\end{matrix}",
    "abs": r"\left|#1\right|",
    "norm": r"\left\|#1\right\|",
    "smash": "#1",
}
"""Commands of MathJax and of notebooks that the parser lacks."""
_TOKEN = re.compile(r"\\(?:begin|end)\s*\{[^{}]*\}|\\[A-Za-z]+\*?|\\.|[{}]|[^\\{}\s]", re.DOTALL)
_BRACKET = re.compile(
    r"\\(?:(?P<opens>l|ll(?=angle|bracket|parenthesis)|[ul]l(?=corner)|\{)|(?P<closes>r|rr(?=angle|bracket|parenthesis)|[ul]r(?=corner)|\}))"
    r"(?:brack|brace|paren|group|moustache|angle|ang|floor|ceil|vert|Vert|Brace|Angle|bracket|parenthesis|corner|(?<=[{}]))"
).fullmatch
"""Brackets that are commands. Any closing bracket closes any opening one."""
_DEFINES = re.compile(r"\\(?:re)?newcommand|\\providecommand|\\[gex]?def(?![A-Za-z])|\\let(?![A-Za-z])|\\DeclareMath|\\newenv")
_REWRITES = (
    (re.compile(r"(?<!\\)%[^\n]*"), ""),
    (re.compile(r"\\label\s*\{[^{}]*\}|\\(?:nonumber|notag|displaystyle|textstyle|allowbreak|nolimits)(?![A-Za-z])"), " "),
    (re.compile(r"\\\\[ \t]*\[-?[\d.]+ ?[a-z]{2}\]"), r"\\\\"),
    (re.compile(r"\\tag\*?\s*\{([^{}]*)\}"), r"\\qquad\\text{(\1)}"),
    (re.compile(r"\\(?:ldots|dots[cbmio]?)(?![A-Za-z])"), "…"),
    (re.compile(r"\\(begin|end)\s*\{(?:split|eqnarray|multline|flalign|align|gather)\*?\}"), r"\\\1{aligned}"),
    (re.compile(r"\\mathop\s*\{\s*\\(?:mathrm|rm|text)\s*(?:\{([^{}]*)\}|([^{}]*))\s*\}"), r"\\operatorname*{\1\2}"),
    (re.compile(r"\\(begin|end)\s*\{smallmatrix\}"), r"\\\1{matrix}"),
    (re.compile(r"\\(begin|end)\s*\{alignat\*?\}(?:\{\d+\})?"), r"\\\1{aligned}"),
    (re.compile(r"\\(?:begin|end)\s*\{equation\*?\}|\\(?:begin|end)\s*\{(?:math|displaymath)\}"), " "),
    (re.compile(r"\\(text|mbox|textrm)\s*\{([^{}$]*)\$([^{}$]*)\$([^{}$]*)\}"), r"\\text{\2}\3\\text{\4}"),
)
"""Removes equation numbers and line spacing, and maps environments to equivalent ones."""
_MATH = re.compile(
    r"\$\$(?P<a>.+?)\$\$|\$(?P<b>[^$]+)\$|(?<!\\)\\\[(?P<c>(?:[^\\]|\\[^\[\]])+)\\\]|(?<!\\)\\\((?P<d>(?:[^\\]|\\[^()])+)\\\)"
    r"|(?P<e>\\begin\{(?P<name>equation|align|gather|multline|eqnarray|flalign|alignat|displaymath|math)(?P<star>\*?)\}"
    r".*?\\end\{(?P=name)(?P=star)\})",
    re.DOTALL,
)
"""A formula ends before the next one begins. Otherwise each opening mark would cause a search to the end of the text."""
_ENTITY = re.compile(r"&(?!(?:lt|gt|amp|quot|apos);)([A-Za-z]+;)")
"""Entities that XML does not define."""


def inline(source: str) -> Line | None:
    """Returns a formula (without dollar signs) on one row of any width. Returns None if that is not possible."""
    box = _box(source, flat=True)
    return box.rows[0] if box is not None else None


def display(source: str, columns: int) -> list[Line] | None:
    """Returns a formula on as many rows as it needs. If that is too wide, returns one row, wrapped. Returns None if it
    can't be shown.
    """
    box = _box(source, flat=False)
    if box is not None and box.width <= columns and box.height <= _TALL:
        return list(box.rows)
    rows = _flat_rows(source)
    return None if rows is None else [line for row in rows for line in flow(row, columns)]


def render(text: str, context: RenderContext) -> Block | None:
    """Renders a `text/latex` value: formulas, or text with formulas. Returns None if it can't be shown."""
    source = text.strip()
    parts = list(_parts(source))
    if not any(formula for _, formula, _ in parts) or any(
        "\\" in words or "{" in words or "$" in words for words, _, _ in parts if words
    ):
        return None
    lines: list[Line] = []
    spans: list[Span] = []
    for words, formula, alone in parts:
        if formula and (alone or len(parts) == 1 or r"\displaystyle" in formula):
            shown = display(formula, context.width)
            if shown is None:
                return None
            lines += [*flow(spans, context.width)] if any(span.text.strip() for span in spans) else []
            lines += shown
            spans = []
        elif formula:
            line = inline(formula)
            if line is None:
                return None
            spans += line
        else:
            for number, part in enumerate(re.split(r"\n\s*\n", words)):
                spans += [BREAK] * bool(number) + [Span(clean(" ".join(part.split("\n"))))]
    return Lines(lines + (flow(spans, context.width) if any(span.text.strip() for span in spans) else []))


def mathml(root: ElementTree.Element) -> Line | None:
    """Returns foreign MathML on one row of any width. Returns None if that is not possible."""
    from tuinb.render.math.mathml import Unsupported, draw

    try:
        return draw(root, flat=True).rows[0]
    except (Unsupported, RecursionError, IndexError, ValueError):
        return None


def replace_in_html(source: str) -> str:
    """Returns HTML with its formulas replaced by text, each on one row. Keeps formulas that can't be shown that way."""

    def drawn(match: re.Match[str]) -> str:
        formula = next(value for name in "abcde" if (value := match[name]) is not None)
        line = None if "<" in formula else inline(html.unescape(formula).strip())
        return match[0] if line is None else html.escape(plain(line), quote=False)

    return _MATH.sub(drawn, source) if len(source) <= _LONG else source


def _parts(source: str) -> list[tuple[str, str, bool]]:
    """Returns (text, formula, display) for each part: either the text or the formula is empty."""
    out: list[tuple[str, str, bool]] = []
    at = 0
    for match in _MATH.finditer(source[: 2 * _LONG]):
        if match.start() > at:
            out.append((source[at : match.start()], "", False))
        formula = next(value for name in "abcde" if (value := match[name]) is not None)
        out.append(("", formula, match["b"] is None and match["d"] is None))
        at = match.end()
    if at < len(source):
        out.append((source[at:], "", False))
    if len(out) == 1 and out[0][0] and "\\" in source:
        return [("", source, True)]
    return out


@lru_cache(maxsize=512)
def _box(source: str, *, flat: bool) -> Box | None:
    from tuinb.render.math.mathml import Unsupported, draw

    root = _tree(source)
    try:
        return None if root is None else draw(root, flat=flat)
    except (Unsupported, RecursionError):
        return None


@lru_cache(maxsize=128)
def _flat_rows(source: str) -> list[Line] | None:
    from tuinb.render.math.mathml import Unsupported, flat_rows

    root = _tree(source)
    try:
        return None if root is None else [row.rows[0] for row in flat_rows(root)]
    except (Unsupported, RecursionError):
        return None


@lru_cache(maxsize=128)
def _tree(source: str) -> ElementTree.Element | None:
    """Returns the formula as MathML. Returns None if it is empty or the parser does not support it."""
    if len(source) > _LONG or not source.strip() or _DEFINES.search(source):
        return None
    for pattern, replacement in _REWRITES:
        source = pattern.sub(replacement, source)
    if "\\\\" in source and "\\begin" not in source:
        source = rf"\begin{{aligned}}{source}\end{{aligned}}"
    if not source.strip() or _is_too_deep(source):
        return None
    from html.entities import html5

    try:
        from math_core import LatexError
    except ImportError:
        return None
    try:
        markup = _converter().convert_with_local_state(source, displaystyle=True)
        return ElementTree.fromstring(_ENTITY.sub(lambda match: html5.get(match[1], match[0]), markup))
    except (LatexError, ElementTree.ParseError, UnicodeEncodeError):  # a lone surrogate can't be encoded
        return None


@lru_cache(maxsize=1)
def _converter() -> LatexToMathML:
    from math_core import LatexToMathML

    return LatexToMathML(macros=_MACROS, fancy_error=False, allow_unreliable_rendering=True, max_expansions=200)


def _bracket(token: str) -> int:
    """Returns 1 for an opening bracket, -1 for a closing one, 0 for any other token."""
    if len(token) == 1:
        kind = category(token)
        return (kind == "Ps" or token in "⌜⌞⎰") - (kind == "Pe" or token in "⌝⌟⎱")
    match = _BRACKET(token)
    return 0 if match is None else 1 if match["opens"] else -1


def _is_too_deep(source: str) -> bool:
    """Whether groups, commands that take the next command as argument, or brackets nest too deeply, or stay open too often."""
    depth = run = deepest = 0
    brackets = [0]
    """Brackets that are open, in each group around a token."""
    for token in _TOKEN.findall(source):
        opens = token in ("{", "\\left") or token.startswith("\\begin")
        closes = token in ("}", "\\right") or token.startswith("\\end")
        depth += opens - closes
        run = run + 1 if token[0] == "\\" and token[-1].isalpha() else 0
        if opens:
            brackets.append(0)
        elif closes and len(brackets) > 1:
            if brackets.pop() > _UNCLOSED:
                return True
        else:
            brackets[-1] = max(0, brackets[-1] + _bracket(token))
        deepest = max(deepest, depth + run + sum(brackets))
    return deepest > _DEEP or sum(brackets) > _UNCLOSED
