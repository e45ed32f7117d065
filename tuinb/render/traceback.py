"""Error outputs: the traceback as the kernel coloured it, or at least the error's name and value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tuinb.render.text import TextBlock, TextLines

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tuinb.render.block import Block
    from tuinb.render.context import RenderContext


def render_error(output: Mapping[str, Any], context: RenderContext) -> Block:
    """An nbformat 4 output of type `error`; whatever is missing or of a wrong type in it is left out."""
    frames = output.get("traceback")
    text = "\n".join(frame for frame in frames if isinstance(frame, str)) if isinstance(frames, list) else ""
    name, value = (str(output.get(key) or "") for key in ("ename", "evalue"))
    summary = f"{name}: {value}" if name and value else name or value or "an error without a name"
    if not text.strip():
        return TextBlock(TextLines(summary), context.width, context.styles, context.styles.role("error"))
    return TextBlock(TextLines(text), context.width, context.styles)
