"""Error outputs: the traceback as the kernel coloured it, or at least the error's name and value.

IPython rules off and spaces out its headers for 75 columns, whatever the front end has: they are fitted to fewer.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from tuinb.render.layout.wrapped import TextBlock, TextLines

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tuinb.render.block import Block
    from tuinb.render.context import RenderContext

_HEADED: Final = 75
"""Columns of IPython's headers."""
_STYLE: Final = r"(?:\x1b\[[\d;]*m)*"
_RULE: Final = rf"(?m)^({_STYLE})-{{{_HEADED}}}(?={_STYLE}$)"
_HEADER: Final = rf"(?m)^({_STYLE}\w[\w.]*{_STYLE}) {{2,}}(?={_STYLE}Traceback \(most recent call last\){_STYLE}$)"
# Text, compiled by `re` when an error is first shown in fewer columns.


def render_error(output: Mapping[str, Any], context: RenderContext) -> Block:
    """An nbformat 4 output of type `error`; whatever is missing or of a wrong type in it is left out."""
    frames = output.get("traceback")
    text = "\n".join(frame for frame in frames if isinstance(frame, str)) if isinstance(frames, list) else ""
    name, value = (str(output.get(key) or "") for key in ("ename", "evalue"))
    summary = f"{name}: {value}" if name and value else name or value or "an error without a name"
    if not text.strip():
        return TextBlock(TextLines(summary), context.width, context.styles, context.styles.role("error"))
    return TextBlock(TextLines(_fitted(text, context.width)), context.width, context.styles)


def _fitted(text: str, columns: int) -> str:
    if columns >= _HEADED:
        return text
    ruled = re.sub(_RULE, lambda match: match[1] + "-" * columns, text)
    return re.sub(_HEADER, lambda match: match[1] + " " * max(2, len(match[0]) - len(match[1]) - _HEADED + columns), ruled)
