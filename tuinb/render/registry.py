"""Chooses the renderer of an output: the best MIME type of its bundle that a terminal can show.

`_RANKED` lists the types in JupyterLab's order of preference. A renderer returns None if it shows no more than the next
type would, for example for markup that needs a script, or for a chart whose library is missing. If no renderer returns a
block, the bundle is shown as source, or as a line with its type and size. Content from a kernel never raises an error here:
wrong values and failing renderers become a line of text, so that the rest of the notebook is still shown. Renderers are
imported on first use.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias

from tuinb.capabilities import Graphics
from tuinb.late_pattern import late_pattern
from tuinb.mime import SVG, WIDGET_VIEW, as_text, is_json, is_text
from tuinb.record import Record
from tuinb.render.block import Block, Line, Lines, is_wide
from tuinb.render.context import RenderContext
from tuinb.render.images import header
from tuinb.render.layout.stacking import Stacked
from tuinb.render.layout.wrapped import TextBlock, TextLines

if TYPE_CHECKING:
    from tuinb.notebook.changes import Json
    from tuinb.notebook.outputs import Output
    from tuinb.notebook.streams.text import StreamText

_Renderer: TypeAlias = Callable[[str, Any, "Json", RenderContext], Block | None]
"""Takes (MIME type, its value, the bundle's metadata, context). Returns a block, or None to fall through to the next type."""
_OBJECT_REPR = late_pattern(r"<[\w.]+ object(?: at 0x[0-9a-f]+)?>")


class Choices(Record):
    """The user's choices for one output."""

    preferred: str = ""
    """MIME type to show instead of a higher-ranked one, if the bundle has it."""
    toggled: frozenset[str] = frozenset()
    """JSON pointers of the tree nodes that the user folded or opened."""


PLAIN = Choices()


def render_output(output: Output, context: RenderContext, choices: Choices = PLAIN) -> Block:
    """Returns an output as a block. The block of a stream grows with it. Other blocks must be made anew when the revision
    changes.
    """
    if output.stream is not None:
        if output.original is not None and as_text(text := output.raw.get("text", "")) is None:
            return notice(f"the text of a stream should be text, not {_kind(text)}", context)
        return stream_block(output.stream, context, name=output.name)
    if output.type in ("display_data", "execute_result"):
        return render_bundle(output.raw.get("data", {}), context, output.metadata, choices)
    if output.type == "error":
        from tuinb.render.traceback import render_error

        try:
            return render_error(output.raw, replace(context, toggled=choices.toggled))
        except Exception as error:
            return failure("the traceback", error, context)
    return notice(f"an output of unknown type {output.type!r}" if output.type else "an output without a type", context)


def render_whole(output: Output, context: RenderContext, choices: Choices = PLAIN) -> Block:
    """Returns an output without cuts: a table wider than the context has all its columns."""
    block = render_output(output, context, choices)
    if is_wide(block) and block.columns > context.width:
        return render_output(output, replace(context, width=block.columns), choices)
    return block


def render_bundle(data: Json, context: RenderContext, metadata: Json = None, choices: Choices = PLAIN) -> Block:
    """Returns a MIME bundle as a block of its best type, or of the chosen one."""
    if not isinstance(data, Mapping):
        return notice(f"a MIME bundle should be an object, not {_kind(data)}", context)
    if choices.toggled:
        context = replace(context, toggled=choices.toggled)
    hint: Block | None = None
    order = ranked(data, choices.preferred)
    for mime in order:
        render = _RANKED.get(mime)
        try:
            block = render(mime, data[mime], metadata, context) if render is not None else None
        except Exception as error:
            return failure(mime, error, context)
        if block is not None and (source := _richer_type(mime, data, choices.preferred)):
            return _as_source(source, data[source], metadata, context)
        if block is not None:
            return block if hint is None or mime != "text/plain" else Stacked([block, hint])
        if mime == choices.preferred:
            return _as_source(mime, data[mime], metadata, context)
        hint = hint or _hint(mime, data[mime], context)
    for mime in order:
        return hint or _as_source(mime, data[mime], metadata, context)
    return Lines(())


def ranked(data: Mapping[str, Json], preferred: str = "") -> list[str]:
    """Returns the types of a bundle, best first. Unknown types come last."""
    known = [mime for mime in _RANKED if mime in data]
    others = [mime for mime in data if mime not in _RANKED]
    if "text/html" in known and "\x1b[" in (as_text(data.get("text/plain")) or ""):
        # Libraries with coloured text output (rich) add the same text as HTML, which is made for a web page.
        known.remove("text/html")
        known.append("text/html")
    order = known + others
    return [preferred, *(mime for mime in order if mime != preferred)] if preferred in data else order


def types_of(data: Mapping[str, Json], context: RenderContext, preferred: str = "") -> list[str]:
    """Returns the types of a bundle, starting with the shown one."""
    order = ranked(data, preferred)
    for mime in order:
        if mime == preferred or _shows(mime, data[mime], context):
            shown = _richer_type(mime, data, preferred) or mime
            return [shown, *(other for other in order if other != shown)]
    return order


def _richer_type(mime: str, data: Mapping[str, Json], preferred: str) -> str | None:
    """Returns a type whose source is more informative than a text/plain value that only names an object of IPython.display."""
    if mime != "text/plain" or preferred == mime or not _OBJECT_REPR.fullmatch((as_text(data[mime]) or "")[:200]):
        return None
    trees = (it for it, value in data.items() if _is_tree(it, value) and it not in _RANKED)
    return next((it for it in _SOURCES if it in data), None) or next(trees, None)


def _is_tree(mime: str, value: Json) -> bool:
    return is_json(mime) and isinstance(value, dict | list)


def _shows(mime: str, value: Json, context: RenderContext) -> bool:
    """Whether this type has a renderer that shows it. A failing renderer counts: its error is shown."""
    render = _RANKED.get(mime)
    try:
        return render is not None and render(mime, value, None, context) is not None
    except Exception:
        return True


def stream_block(stream: StreamText, context: RenderContext, *, name: str = "stdout") -> Block:
    """Returns a stream as a block whose height follows the stream."""
    base = context.styles.role("stderr") if name == "stderr" else None
    return TextBlock(stream, context.width, context.styles, base)


def render_markdown(source: str, context: RenderContext, attachments: Json = None) -> Block:
    """Returns the source of a Markdown cell as a block. `attachments` holds its images by name, as in the cell."""
    from tuinb.render.markdown import blocks

    try:
        return blocks.render(source, context, attachments)
    except Exception as error:
        return TextBlock(TextLines(f"{_failure_text('the text', error)}\n\n{source}"), context.width, context.styles)


def row_of(line: Callable[[int], Line], row: int, context: RenderContext) -> Line:
    """Returns a row of a block, given its `line` method. Rows are made when shown, so an error here must not end the
    program.
    """
    try:
        return line(row)
    except Exception as error:
        return failure("this row", error, context).line(0)


def failure(what: str, error: Exception, context: RenderContext) -> Block:
    """Returns a line about a failed renderer, which is a bug in this program."""
    return notice(f"{_failure_text(what, error)}; t chooses another type", context)


def _failure_text(what: str, error: Exception) -> str:
    return f"{what} can't be drawn ({type(error).__name__}: {str(error)[:200]})"


def notice(text: str, context: RenderContext) -> Block:
    """Returns a line in which the program explains why content is not shown."""
    return TextBlock(TextLines(text), context.width, context.styles, context.styles.role("warning"))


class _Registry:
    """The functions of this module as a `Renderer`."""

    render_output = staticmethod(render_output)
    render_bundle = staticmethod(render_bundle)
    render_markdown = staticmethod(render_markdown)


# ---- renderers by type


def _plain(mime: str, value: Json, _metadata: Json, context: RenderContext) -> Block:
    text = as_text(value)
    if text is None:
        return notice(f"{mime} should be text, not {_kind(value)}", context)
    return TextBlock(TextLines(text), context.width, context.styles) if text else Lines(())


def _source(mime: str, value: Json, context: RenderContext) -> Block:
    return _plain(mime, value, None, context)


def _markdown(mime: str, value: Json, metadata: Json, context: RenderContext) -> Block:
    text = as_text(value)
    return _plain(mime, value, metadata, context) if text is None else render_markdown(text, context)


def _html(_mime: str, value: Json, _metadata: Json, context: RenderContext) -> Block | None:
    from tuinb.render.html import blocks

    text = as_text(value)
    return None if text is None else blocks.block(text, context) or _embedded_chart(text, context)


def _embedded_chart(page: str, context: RenderContext) -> Block | None:
    """Returns the chart inside markup that is empty without its script."""
    from tuinb.render.charts import charts

    found = charts.embedded(page)
    return None if found is None else charts.render(*found, context)


def _chart(mime: str, value: Json, _metadata: Json, context: RenderContext) -> Block | None:
    from tuinb.render.charts import charts

    return charts.render(mime, value, context)


def _latex(mime: str, value: Json, _metadata: Json, context: RenderContext) -> Block | None:
    from tuinb.render.math import latex

    text = as_text(value)
    return None if text is None else latex.render(text, context)


def _json(mime: str, value: Json, metadata: Json, context: RenderContext) -> Block:
    from tuinb.render.json import view

    return view.render(mime, value, metadata, context)


def _as_source(mime: str, value: Json, metadata: Json, context: RenderContext) -> Block:
    """Returns a type without a usable renderer as readable source, or as a line that names it."""
    if _is_tree(mime, value):
        return _json(mime, value, metadata, context)
    return _SOURCES.get(mime, _type_line)(mime, value, context)


def _widget(_mime: str, value: Json, _metadata: Json, context: RenderContext) -> Block | None:
    from tuinb.render.widgets import view

    return view.render(value, replace(context, renderer=_Registry()))


def _image(mime: str, value: Json, metadata: Json, context: RenderContext) -> Block | None:
    text = as_text(value)
    if text is None:
        wanted = "text" if mime == SVG else "base64 text"
        return notice(f"{mime} should be {wanted}, not {_kind(value)}", context)
    from tuinb.render.images import picture

    return picture.render(mime, text, metadata, replace(context, enlarge_blocks=True))


def _hint(mime: str, value: Json, context: RenderContext) -> Block | None:
    """Returns a line with the extra to install for a picture of this type. Returns None if nothing is missing."""
    if context.pictures is None or context.capabilities.graphics is Graphics.NONE:
        return None
    if _RANKED.get(mime) is _chart or (mime == "text/html" and "vegaEmbed(" in (as_text(value) or "")):
        from tuinb.render.charts.charts import available

        extra = "charts"
    elif mime == SVG:
        from tuinb.render.images.svg import available

        extra = "svg"
    else:
        return None
    return None if available() else _line(f"{mime}: pip install 'tuinb[{extra}]' to see it as a picture", context)


def _document(mime: str, value: Json, _metadata: Json, context: RenderContext) -> Block:
    """Returns a line for a type that only other programs can open. Its text/plain does not even name it."""
    return _type_line(mime, value, context)


def _type_line(mime: str, value: Json, context: RenderContext) -> Block:
    """Returns a line for a type that can't be shown."""
    text = as_text(value)
    if text is None:
        return _line(mime, context)
    size = len(text.encode(errors="replace")) if is_text(mime) else header.byte_count(text)
    return _line(f"{mime}, {header.size_text(size)}", context)


def _line(text: str, context: RenderContext) -> Block:
    return TextBlock(TextLines(text.replace("\n", " ")), context.width, context.styles, context.styles.role("muted"))


def _kind(value: Json) -> str:
    names = {dict: "an object", list: "a list of other things", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number" if isinstance(value, int | float) else type(value).__name__)


_RANKED: dict[str, _Renderer] = {
    WIDGET_VIEW: _widget,
    "application/json": _json,
    **{f"application/vnd.vegalite.v{version}+json": _chart for version in (6, 5, 4, 3, 2)},
    **{f"application/vnd.vega.v{version}+json": _chart for version in (6, 5, 4, 3)},
    "application/vnd.plotly.v1+json": _chart,
    "text/html": _html,
    "text/markdown": _markdown,
    "text/latex": _latex,
    SVG: _image,
    "image/bmp": _image,
    "image/png": _image,
    "image/jpeg": _image,
    "image/gif": _image,
    "image/webp": _image,
    "application/pdf": _document,
    "text/plain": _plain,
}
"""In the order of JupyterLab's ranks."""
_SOURCES: dict[str, Callable[[str, Any, RenderContext], Block]] = {"text/latex": _source}
"""Types with readable source, for bundles without a better type."""
