"""Renders error outputs: the kernel's coloured traceback, or else the name and value of the error.

IPython formats its traceback headers for 75 columns. They are shortened to fit narrower contexts.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from tuinb.mime import joined
from tuinb.render.layout.wrapped import TextBlock, TextLines

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tuinb.render.block import Block
    from tuinb.render.context import RenderContext

_HEADER_WIDTH: Final = 75
"""Width of IPython's headers in columns."""
_STYLE: Final = r"(?:\x1b\[[\d;]*m)*"
_RULE: Final = rf"(?m)^({_STYLE})-{{{_HEADER_WIDTH}}}(?={_STYLE}$)"
_HEADER: Final = rf"(?m)^({_STYLE}\w[\w.]*{_STYLE}) {{2,}}(?={_STYLE}Traceback \(most recent call last\){_STYLE}$)"
# Strings, compiled by `re` when an error is first shown in fewer columns.


def render_error(output: Mapping[str, Any], context: RenderContext) -> Block:
    """Renders an nbformat 4 output of type `error`. Ignores missing members and members of a wrong type."""
    frames = output.get("traceback")
    text = "\n".join(frame for frame in frames if isinstance(frame, str)) if isinstance(frames, list) else ""
    name, value = (_text(output.get(key)) for key in ("ename", "evalue"))
    summary = f"{name}: {value}" if name and value else name or value or "an error without a name"
    if not text.strip():
        return TextBlock(TextLines(summary), context.width, context.styles, context.styles.role("error"))
    return TextBlock(TextLines(_fitted(text, context.width)), context.width, context.styles)


def _text(value: Any) -> str:  # noqa: ANN401
    return str(value) if isinstance(value, int | float) else joined(value)


def _fitted(text: str, columns: int) -> str:
    if columns >= _HEADER_WIDTH:
        return text
    ruled = re.sub(_RULE, lambda match: match[1] + "-" * columns, text)
    return re.sub(
        _HEADER, lambda match: match[1] + " " * max(2, len(match[0]) - len(match[1]) - _HEADER_WIDTH + columns), ruled
    )
