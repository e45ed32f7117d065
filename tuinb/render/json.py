"""application/json, indented and in colour. What is too long is cut, and says so.

The lines that json's own encoder makes are so regular that a line is coloured by itself, when it is shown.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from tuinb.render.block import Block, Line, Span
from tuinb.render.safe import clean
from tuinb.render.text import TextBlock, TextLines

if TYPE_CHECKING:
    from tuinb.notebook.changes import Json
    from tuinb.render.context import RenderContext

_MOST = 100_000
"""Characters shown."""
_LINE = re.compile(r'( *)("(?:[^"\\]|\\.)*+"(?=: ))?(: )?("(?:[^"\\]|\\.)*+"?|-?[0-9.eE+-]+|[A-Za-z]+)?(.*)')


def render(value: Json, context: RenderContext) -> Block:
    """Any value that json can read, or whatever else stands where one should be."""
    from pygments.token import Keyword, Name, Number, Punctuation, String

    token = context.styles.token

    def paint(line: str) -> Line:
        found = _LINE.match(clean(line))
        if found is None:
            return (Span(clean(line)),)
        indent, key, colon, scalar, rest = found.groups(default="")
        kind = String if scalar[:1] == '"' else Keyword.Constant if scalar[:1].isalpha() else Number
        parts = (Span(indent), Span(key, token(Name.Tag)), Span(colon, token(Punctuation)), Span(scalar, token(kind)))
        return tuple(part for part in (*parts, Span(rest, token(Punctuation))) if part.text)

    return TextBlock(TextLines(_dump(value)), context.width, context.styles, paint=paint)


def _dump(value: Json) -> str:
    """The value as indented JSON, or its start with a last line that says why there is no more."""
    parts: list[str] = []
    size = 0
    try:
        for part in json.JSONEncoder(indent=2, ensure_ascii=False, default=repr).iterencode(value):
            parts.append(part[:_MOST])
            size += len(part)
            if size > _MOST:
                return "".join(parts)[:_MOST] + "\n… cut here: it is longer"
    except (RecursionError, ValueError) as error:
        return "".join(parts)[:_MOST] + f"\n… cut here: {error}"
    return "".join(parts)
