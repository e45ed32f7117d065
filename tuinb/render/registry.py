"""What an output is shown as: the best type of its MIME bundle that a terminal can show.

`_SHOWN` is a table in JupyterLab's order of preference, of the types that are shown as what they are. A bundle that has none of
them is shown as text/plain, and without that by its source or by a line that names its type and size. Nothing a kernel sends
makes this raise: what does not fit is said in a line of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from tuinb.render.block import Block, Lines
from tuinb.render.context import RenderContext as RenderContext
from tuinb.render.images import header
from tuinb.render.text import TextBlock, TextLines

if TYPE_CHECKING:
    from tuinb.notebook.changes import Json
    from tuinb.notebook.outputs import Output
    from tuinb.notebook.stream import StreamText

_Renderer: TypeAlias = Callable[[str, Any, RenderContext], Block]
"""(MIME type, its value in the bundle, for whom) → block."""


def render_output(output: Output, context: RenderContext) -> Block:
    """Any output as a block. A stream's block grows with it; others are made anew when their revision changes."""
    if output.stream is not None:
        return stream_block(output.stream, context, name=output.name)
    if output.type in ("display_data", "execute_result"):
        return render_bundle(output.data, context)
    if output.type == "error":
        from tuinb.render.traceback import render_error

        return render_error(output.raw, context)
    return notice(f"an output of unknown type {output.type!r}", context)


def render_bundle(data: Json, context: RenderContext) -> Block:
    """A MIME bundle as the best of its types."""
    if not isinstance(data, Mapping):
        return notice(f"a MIME bundle should be an object, not {_kind(data)}", context)
    for mime, render in _SHOWN.items():
        if mime in data:
            return render(mime, data[mime], context)
    for mime, value in data.items():
        return _SOURCES.get(mime, _named)(mime, value, context)
    return Lines(())


def stream_block(stream: StreamText, context: RenderContext, *, name: str = "stdout") -> Block:
    """A stream as rows; its height follows what it holds by then."""
    base = context.styles.role("stderr") if name == "stderr" else None
    return TextBlock(stream, context.width, context.styles, base)


def render_markdown(source: str, context: RenderContext, attachments: Json = None) -> Block:
    """The source of a Markdown cell. `attachments`: its images by name, as the cell's `attachments` has them."""
    from tuinb.render import markdown

    return markdown.render(source, context, attachments)


def notice(text: str, context: RenderContext) -> Block:
    """A line of the program's own about content that it can't show."""
    return TextBlock(TextLines(text), context.width, context.styles, context.styles.role("warning"))


def as_text(value: Json) -> str | None:
    """The text of a bundle's value, which nbformat allows to be a string or a list of them; None for anything else."""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return "".join(value)
    return None


# ---- one function for each kind of type


def _plain(mime: str, value: Json, context: RenderContext) -> Block:
    text = as_text(value)
    if text is None:
        return notice(f"{mime} should be text, not {_kind(value)}", context)
    return TextBlock(TextLines(text), context.width, context.styles) if text else Lines(())


def _markdown(mime: str, value: Json, context: RenderContext) -> Block:
    text = as_text(value)
    return _plain(mime, value, context) if text is None else render_markdown(text, context)


def _json(mime: str, value: Json, context: RenderContext) -> Block:
    from tuinb.render import json

    return json.render(value, context)


def _image(mime: str, value: Json, context: RenderContext) -> Block:
    text = as_text(value)
    if text is None:
        return notice(f"{mime} should be base64 text, not {_kind(value)}", context)
    return _line(header.describe(mime, text), context)


def _named(mime: str, value: Json, context: RenderContext) -> Block:
    """A line for a type that can't be shown."""
    text = as_text(value)
    if text is None:
        return _line(mime, context)
    binary = not mime.startswith("text/") and mime not in _TEXTUAL
    return _line(
        f"{mime}, {header.size_text(header.byte_count(text) if binary else len(text.encode(errors='replace')))}", context
    )


def _line(text: str, context: RenderContext) -> Block:
    return TextBlock(TextLines(text.replace("\n", " ")), context.width, context.styles, context.styles.role("muted"))


def _kind(value: Json) -> str:
    names = {dict: "an object", list: "a list of other things", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number" if isinstance(value, int | float) else type(value).__name__)


_SHOWN: dict[str, _Renderer] = {
    "application/json": _json,
    "text/markdown": _markdown,
    "image/png": _image,
    "image/jpeg": _image,
    "image/gif": _image,
    "image/webp": _image,
    "text/plain": _plain,
}
_SOURCES: dict[str, _Renderer] = {"text/latex": _plain}
"""Types whose source is readable, for bundles that have no text/plain."""
_TEXTUAL = frozenset(("image/svg+xml", "application/javascript"))
"""Types outside text/ that are text all the same, and not base64."""
