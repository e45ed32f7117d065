"""What an output is shown as: the best type of its MIME bundle that a terminal can show.

`_RANKED` is a table in JupyterLab's order of preference. A renderer gives None where it can do no better than the next type
(markup that only a script would fill, a chart without the library that draws it). A bundle of which no type is shown that way
is shown by its source, or by a line that names its type and size. Nothing a kernel sends makes this raise: what does not fit
is said in a line of its own, and so is an error of a renderer, which must not take the rest of the notebook with it. Renderers
are imported when they are first needed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

from tuinb.capabilities import Graphics
from tuinb.mime import SVG, WIDGET_VIEW, as_text, is_json, is_text
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
"""(MIME type, its value in the bundle, the bundle's metadata, for whom) → block, or None: the next type is as good."""
_ONLY_A_NAME = re.compile(r"<[\w.]+ object(?: at 0x[0-9a-f]+)?>")


@dataclass(frozen=True, slots=True)
class Choices:
    """How one wants an output to be shown."""

    preferred: str = ""
    """The MIME type chosen over those that rank higher, where the bundle has it."""
    toggled: frozenset[str] = frozenset()
    """Nodes of a JSON tree that were folded or opened, by their JSON pointers."""


PLAIN = Choices()


def render_output(output: Output, context: RenderContext, choices: Choices = PLAIN) -> Block:
    """Any output as a block. A stream's block grows with it; others are made anew when their revision changes."""
    if output.stream is not None:
        return stream_block(output.stream, context, name=output.name)
    if output.type in ("display_data", "execute_result"):
        return render_bundle(output.data, context, output.metadata, choices)
    if output.type == "error":
        from tuinb.render.traceback import render_error

        return render_error(output.raw, context)
    return notice(f"an output of unknown type {output.type!r}", context)


def render_whole(output: Output, context: RenderContext, choices: Choices = PLAIN) -> Block:
    """As `render_output`, with nothing cut: a table wider than the context's width has all its columns."""
    block = render_output(output, context, choices)
    if is_wide(block) and block.columns > context.width:
        return render_output(output, replace(context, width=block.columns), choices)
    return block


def render_bundle(data: Json, context: RenderContext, metadata: Json = None, choices: Choices = PLAIN) -> Block:
    """A MIME bundle as the best of its types, or as the one that was chosen."""
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
        if block is not None and (source := _telling_more(mime, data, choices.preferred)):
            return _by_source(source, data[source], metadata, context)
        if block is not None:
            return block if hint is None or mime != "text/plain" else Stacked([block, hint])
        if mime == choices.preferred:
            return _by_source(mime, data[mime], metadata, context)
        hint = hint or _hint(mime, data[mime], context)
    for mime in order:
        return hint or _by_source(mime, data[mime], metadata, context)
    return Lines(())


def ranked(data: Mapping[str, Json], preferred: str = "") -> list[str]:
    """The types of a bundle, the best first; those that are not known come last."""
    known = [mime for mime in _RANKED if mime in data]
    others = [mime for mime in data if mime not in _RANKED]
    if "text/html" in known and "\x1b[" in (as_text(data.get("text/plain")) or ""):
        # Libraries that print in colour (rich) give markup of the same text, made for a page.
        known.remove("text/html")
        known.append("text/html")
    order = known + others
    return [preferred, *(mime for mime in order if mime != preferred)] if preferred in data else order


def types_of(data: Mapping[str, Json], context: RenderContext, preferred: str = "") -> list[str]:
    """The types of a bundle, the one that is shown first."""
    order = ranked(data, preferred)
    for mime in order:
        if mime == preferred or _shows(mime, data[mime], context):
            shown = _telling_more(mime, data, preferred) or mime
            return [shown, *(other for other in order if other != shown)]
    return order


def _telling_more(mime: str, data: Mapping[str, Json], preferred: str) -> str | None:
    """The type whose source says more than a text/plain that only names its object, as those of `IPython.display` do."""
    if mime != "text/plain" or preferred == mime or not _ONLY_A_NAME.fullmatch((as_text(data[mime]) or "")[:200]):
        return None
    trees = (it for it, value in data.items() if _is_tree(it, value) and it not in _RANKED)
    return next((it for it in _SOURCES if it in data), None) or next(trees, None)


def _is_tree(mime: str, value: Json) -> bool:
    return is_json(mime) and isinstance(value, dict | list)


def _shows(mime: str, value: Json, context: RenderContext) -> bool:
    """Whether a type is what its bundle is shown as; a renderer that fails is shown as failing."""
    render = _RANKED.get(mime)
    try:
        return render is not None and render(mime, value, None, context) is not None
    except Exception:
        return True


def stream_block(stream: StreamText, context: RenderContext, *, name: str = "stdout") -> Block:
    """A stream as rows; its height follows what it holds by then."""
    base = context.styles.role("stderr") if name == "stderr" else None
    return TextBlock(stream, context.width, context.styles, base)


def render_markdown(source: str, context: RenderContext, attachments: Json = None) -> Block:
    """The source of a Markdown cell. `attachments`: its images by name, as the cell's `attachments` has them."""
    from tuinb.render.markdown import blocks

    try:
        return blocks.render(source, context, attachments)
    except Exception as error:
        return TextBlock(TextLines(f"{_unable('the text', error)}\n\n{source}"), context.width, context.styles)


def row_of(line: Callable[[int], Line], row: int, context: RenderContext) -> Line:
    """A row of a block, by what gives its lines. It is made when it is shown: one that fails must not end the program."""
    try:
        return line(row)
    except Exception as error:
        return failure("this row", error, context).line(0)


def failure(what: str, error: Exception, context: RenderContext) -> Block:
    """A line about a renderer that failed, which is a fault of this program."""
    return notice(f"{_unable(what, error)}; t chooses another type", context)


def _unable(what: str, error: Exception) -> str:
    return f"{what} can't be drawn ({type(error).__name__}: {str(error)[:200]})"


def notice(text: str, context: RenderContext) -> Block:
    """A line of the program's own about content that it can't show."""
    return TextBlock(TextLines(text), context.width, context.styles, context.styles.role("warning"))


class _Registry:
    """The functions of this module as a `Renderer`."""

    render_output = staticmethod(render_output)
    render_bundle = staticmethod(render_bundle)
    render_markdown = staticmethod(render_markdown)


# ---- one function for each kind of type


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
    """The chart of markup that shows nothing without its script."""
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


def _by_source(mime: str, value: Json, metadata: Json, context: RenderContext) -> Block:
    """A type that has no renderer, or none that can do better: readable source, or a line that names it."""
    if _is_tree(mime, value):
        return _json(mime, value, metadata, context)
    return _SOURCES.get(mime, _named)(mime, value, context)


def _widget(_mime: str, value: Json, _metadata: Json, context: RenderContext) -> Block | None:
    from tuinb.render.widgets import view

    return view.render(value, replace(context, renderer=_Registry()))


def _image(mime: str, value: Json, metadata: Json, context: RenderContext) -> Block | None:
    text = as_text(value)
    if text is None:
        wanted = "text" if mime == SVG else "base64 text"
        return notice(f"{mime} should be {wanted}, not {_kind(value)}", context)
    from tuinb.render.images import picture

    return picture.render(mime, text, metadata, context)


def _hint(mime: str, value: Json, context: RenderContext) -> Block | None:
    """A line that says what to install for a type that could then be a picture; None where that is not what it lacks."""
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
    """What can only be opened elsewhere, which its text does not even say."""
    return _named(mime, value, context)


def _named(mime: str, value: Json, context: RenderContext) -> Block:
    """A line for a type that can't be shown."""
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
"""Types whose source is readable, for bundles that have nothing better."""
