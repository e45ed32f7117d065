r"""Parses Markdown: CommonMark with GitHub's tables, task lists, strikethrough, alerts, footnotes and bare links,
definition lists, front matter, and formulas in Jupyter's notation.

markdown-it-py and its official plugins parse all of it except dollars within text, `\(…\)`, `\[…\]` and `\begin{…}`. The
rules for those are here. They search for an end mark once: a source that consists of opening marks costs one search. The
parser is created on first use.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from tuinb.late_pattern import late_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator, MutableMapping
    from typing import Any

    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token

    from tuinb.notebook.changes import Json

_LONG = 60_000
"""Maximum length of a parsed source in characters."""
_BRACKETS = 3_000
"""Maximum number of brackets in a parsed source. Each may cause a search through the rest."""
_TAGS = 3_000
"""Approximate maximum number of HTML tags in a parsed source."""
_COLONS = 5_000_000
"""Maximum of colons times characters, summed over lines. At each colon the rule for bare links reads its line up to there."""
_LINES = 5_000
"""Maximum number of lines of a parsed source. Lists and tables of this size take a fifth of a second."""
_DEEP = 40
"""Maximum nesting depth. The parser drops content that is nested deeper, so such a source is shown as text."""

_ENVIRONMENTS = (
    "equation|align|gather|multline|eqnarray|flalign|alignat|displaymath|math|[pbBvV]?matrix|cases|array|split|aligned"
)
_DISPLAY = late_pattern(rf"\\{{1,2}}\[|\\begin\{{((?:{_ENVIRONMENTS})\*?)\}}")
_INLINE = late_pattern(rf"\\{{1,2}}([(\[])|\\begin\{{((?:{_ENVIRONMENTS})\*?)\}}")
_CLOSERS = {"(": ")", "[": "]"}
_ESCAPED = late_pattern(r"(?:\\.|[^\\$])*", re.DOTALL)
_MONEY = late_pattern(r"[A-Za-z]{2,}\s+[A-Za-z]{2,}|^\d.*[A-Za-z]{2,}\s+$")
_TEX = late_pattern(r"[\\^_=]")
_MARKED = late_pattern(r"[*_`~\[\]<&\\!$]")
"""What a line has that is not shown as it is written."""
_FORMULAS = frozenset(("math_inline", "math_inline_double"))

_DATA = late_pattern(r"(\]\(\s*<?|\]:\s*<?|\bsrc=[\"']?)data:(image/[\w.+-]+);base64,([A-Za-z0-9+/=]{500,})")


def extract_data_urls(source: str) -> tuple[str, dict[str, Json]]:
    """Replaces long images in `data:` addresses by attachments. Returns the source and the attachments. They may have any
    size.
    """
    images: dict[str, Json] = {}

    def attach(match: re.Match[str]) -> str:
        name = f".{len(images)}"
        images[name] = {match[2]: match[3]}
        return f"{match[1]}attachment:{name}"

    return (_DATA.sub(attach, source), images) if "data:image/" in source else (source, images)


def parse(source: str) -> list[Token] | None:
    """Returns the tokens of a source. Returns None if it is too long, would take too long, or is nested too deeply."""
    counts = ("[", _BRACKETS), ("\n", _LINES), ("<", _TAGS)
    if len(source) > _LONG or any(source.count(mark) > most for mark, most in counts):
        return None
    if sum(line.count(":") * len(line) for line in source.split("\n")) > _COLONS:
        return None
    tokens = _parser().parse(source)
    return None if any(token.level >= _DEEP - 1 for token in tokens) else tokens


def links(source: str) -> list[tuple[str, str]]:
    """Returns the text and address of each link, in order. Addresses are as written, including relative ones, `#…` and
    `mailto:`.
    """
    found: list[tuple[str, str]] = []
    for token in parse(extract_data_urls(source)[0]) or ():
        text: list[str] = []
        address: str | None = None
        for child in token.children or ():
            if child.type == "link_open":
                address, text = str(child.attrs.get("href", "")), []
            elif child.type == "link_close" and address is not None:
                found.append(("".join(text).strip() or address, address))
                address = None
            elif address is not None:
                text.append(" " if child.type == "softbreak" else child.content)
    return found


@lru_cache(maxsize=1_000)
def plain_text(title: str) -> str:
    """Returns the text of one line of Markdown, such as a heading, as a cell shows it but without colours."""
    if not _MARKED.search(title):
        return title
    tokens = parse(f"# {title}") or ()
    children = [child for token in tokens for child in token.children or ()]
    return "".join(map(_shown, children)) if children else title


def _shown(token: Token) -> str:
    if token.type in _FORMULAS:
        from tuinb.render.math import latex

        spans = latex.inline(token.content)
        return f"${token.content}$" if spans is None else "".join(span.text for span in spans)
    return "" if token.type == "html_inline" else token.content


class Tokens:
    """The parser's token list, read from front to back."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._at = 0

    def __iter__(self) -> Iterator[Token]:
        """Yields the tokens up to the end of the open block. The consumer must read the tokens of inner blocks."""
        while self._at < len(self._tokens):
            token = self._tokens[self._at]
            self._at += 1
            if token.nesting < 0:
                return
            yield token


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt
    from mdit_py_plugins.deflist import deflist_plugin
    from mdit_py_plugins.dollarmath import dollarmath_plugin
    from mdit_py_plugins.footnote import footnote_plugin
    from mdit_py_plugins.front_matter import front_matter_plugin
    from mdit_py_plugins.gfm_autolink import gfm_autolink_plugin

    class Parser(MarkdownIt):
        def validateLink(self, url: str) -> bool:  # noqa: N802
            """Allows file addresses. Nothing is opened without a key press."""
            return url.lower().startswith("file://") or super().validateLink(url)

    parser = Parser("commonmark", {"maxNesting": _DEEP, "tasklists": True, "alerts": True, "strikethrough_single_tilde": True})
    parser.enable(["table", "strikethrough"])
    parser.use(dollarmath_plugin, allow_labels=False, allow_blank_lines=False, allow_digits=False, double_inline=True)
    parser.use(footnote_plugin, inline=False).use(front_matter_plugin).use(deflist_plugin).use(gfm_autolink_plugin)
    interrupts = ["paragraph", "reference", "blockquote", "list", "footnote_def"]
    parser.inline.ruler.at("math_inline", _dollars)
    parser.block.ruler.before("fence", "tex_block", _tex_block, {"alt": interrupts})
    parser.inline.ruler.before("escape", "tex_inline", _tex_inline)
    return parser


def _tex_block(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
    r"""Parses `\[…\]` or `\begin{…}…\end{…}` on lines of its own."""
    at, end = state.bMarks[start_line] + state.tShift[start_line], state.bMarks[end_line - 1] + len(state.src)
    if state.src[at : at + 1] != "\\" or state.is_code_block(start_line) or not (match := _DISPLAY.match(state.src, at)):
        return False
    found = _formula(state.env, state.src, match, min(end, state.eMarks[end_line - 1]), match[1])
    if found is None:
        return False
    content, after = found
    last = start_line
    while state.eMarks[last] < after:
        last += 1
    if state.src[after : state.eMarks[last]].strip() or "\n\n" in content:
        return False
    if not silent:
        token = state.push("math_block", "math", 0)
        token.content, token.map = content, [start_line, last + 1]
        state.line = last + 1
    return True


def _dollars(state: StateInline, silent: bool) -> bool:
    """Parses `$…$` and `$$…$$` within text. Code takes precedence, as in Jupyter. Amounts of money are not formulas."""
    text, at = state.src, state.pos
    if text[at] != "$" or (at and text[at - 1].isdigit()):
        return False
    mark = "$$" if text.startswith("$$", at) else "$"
    start = at + len(mark)
    passed = _ESCAPED.match(text, start, state.posMax)
    end = start if passed is None else passed.end()
    content, after = text[start:end], end + len(mark)
    money = _MONEY.search(content) and not _TEX.search(content)
    if not content or after > state.posMax or not text.startswith(mark, end) or "`" in content or money:
        return False
    if text[after : after + 1].isdigit() or (mark == "$" and content[-1].isspace() and text.startswith("$", after)):
        return False
    if not silent:
        token = state.push("math_inline" if mark == "$" else "math_inline_double", "math", 0)
        token.content, token.markup = content, mark
    state.pos = after
    return True


def _tex_inline(state: StateInline, silent: bool) -> bool:
    r"""Parses `\(…\)`, `\[…\]` and `\begin{…}…\end{…}` within text, also with two backslashes, as Jupyter does."""
    if state.src[state.pos] != "\\" or not (match := _INLINE.match(state.src, state.pos, state.posMax)):
        return False
    found = _formula(state.env, state.src, match, state.posMax, match[2])
    if found is None:
        return False
    content, after = found
    if not silent:
        state.push("math_inline" if match[1] == "(" else "math_inline_double", "math", 0).content = content
    state.pos = after
    return True


def _formula(
    env: MutableMapping[str, Any], text: str, match: re.Match[str], end: int, environment: str | None
) -> tuple[str, int] | None:
    """Returns the formula that opens with `match`, and its end. Returns None if it does not end before `end`."""
    closer = f"\\end{{{environment}}}" if environment else match[0][:-1] + _CLOSERS[match[0][-1]]
    missing = env.setdefault("unclosed", set())
    key = (closer, id(text), end)
    if key in missing:
        return None
    close = text.find(closer, match.end(), end)
    if close < 0:
        missing.add(key)
        return None
    after = close + len(closer)
    content = text[match.start() : after] if environment else text[match.end() : close]
    return (content, after) if content.strip() else None
