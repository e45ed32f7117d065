"""application/json, indented and in colour. What is too long is cut, and says so."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tuinb.render.block import Block, Line, Lines, Span
from tuinb.render.code import Highlighted
from tuinb.render.text import wrap

if TYPE_CHECKING:
    from tuinb.notebook.changes import Json
    from tuinb.render.context import RenderContext

_MOST = 50_000
"""Characters shown."""


def render(value: Json, context: RenderContext) -> Block:
    """Any value that json can read, or whatever else stands where one should be."""
    text, cut = _dump(value)
    code = Highlighted(text, "json", context.styles)
    rows: list[Line] = [row for i in range(code.line_count) for row in wrap(code.line(i), context.width)]
    if cut:
        rows.extend(wrap((Span(cut, context.styles.role("muted")),), context.width))
    return Lines(rows)


def _dump(value: Json) -> tuple[str, str]:
    """The start of the value as indented JSON, and what there is to say about the rest."""
    parts: list[str] = []
    size = 0
    try:
        for part in json.JSONEncoder(indent=2, ensure_ascii=False, default=repr).iterencode(value):
            parts.append(part[:_MOST])
            size += len(part)
            if size > _MOST:
                return "".join(parts)[:_MOST], "… cut: more than fits here"
    except RecursionError:
        return "".join(parts)[:_MOST], "… cut: nested too deeply"
    return "".join(parts), ""
