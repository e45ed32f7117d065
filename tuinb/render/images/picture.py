"""Images as blocks. Their height follows from the image header, and the gallery makes their rows.

An image that can't be shown is a line that describes it and the problem.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from math import inf
from typing import TYPE_CHECKING

from tuinb.capabilities import Graphics
from tuinb.mime import SVG
from tuinb.record import Record
from tuinb.render.block import Block, Line, Lines, Picture, Span
from tuinb.render.images import header
from tuinb.render.images.decode import UnreadableError, check_size
from tuinb.render.images.encode import Appearance, PictureRequest, cut
from tuinb.render.images.fit import DEFAULT_CELL, fit, requested_size, usable_cell
from tuinb.render.images.sources import Encoded, Markup, RawBytes, find
from tuinb.render.safe import clean

if TYPE_CHECKING:
    from rich.style import Style

    from tuinb.notebook.changes import Json
    from tuinb.render.context import PictureMaker, RenderContext
    from tuinb.render.images.decode import Rgb
    from tuinb.render.images.sources import Source

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//|#")
_NARROWEST = 4
"""Minimum width of a picture in columns."""


class PictureBlock(Record):
    """The rows of one picture."""

    pictures: PictureMaker
    request: PictureRequest

    @property
    def picture(self) -> Picture:
        return self.request.picture

    @property
    def height(self) -> int:
        return self.request.fit.rows

    def line(self, index: int) -> Line:
        return self.pictures.row(self.request, index)

    def instead_of(self, earlier: Picture) -> None:
        self.pictures.replace(earlier, self.picture)


def render(mime: str, text: str, metadata: Json, context: RenderContext, alt: str = "") -> Block | None:
    """Renders an image of a MIME bundle: base64, or the source of an SVG. Returns None for an SVG that can't be drawn.

    `metadata` is the bundle's: it maps the MIME type to `width` and `height` in pixels and `needs_background`.
    """
    own = metadata.get(mime) if isinstance(metadata, Mapping) else None
    return _svg(Markup(text), own, context, alt) if mime == SVG else _block(Encoded(text), mime, own, context, alt)


def render_bytes(mime: str, data: bytes, context: RenderContext, alt: str = "") -> Block:
    """Renders an image from its bytes."""
    if mime == SVG:
        return _svg(RawBytes(data), None, context, alt) or _named(RawBytes(data), context, alt)
    return _block(RawBytes(data), mime, None, context, alt)


def from_drawing(source: Source, context: RenderContext, alt: str = "") -> Block | None:
    """Renders an SVG that is made when it is read. Its first bytes must have the size. Returns None if it can't be drawn."""
    return _svg(source, None, context, alt)


def from_address(address: str, context: RenderContext, alt: str = "", metadata: Json = None) -> Block | None:
    """Renders the image file at a decoded address relative to the notebook's folder. Returns None for other addresses."""
    if (context.folder is None and context.files is None) or not address or _URL.match(address):
        return None
    return from_file(address.partition("?")[0].partition("#")[0], context, alt, metadata)


def attachment(attachments: Json, name: str) -> tuple[str, str]:
    """Returns the MIME type and the data of an attached image. Returns empty strings if it does not exist."""
    bundle = attachments.get(name) if isinstance(attachments, Mapping) else None
    mime, data = next(iter(bundle.items()), ("", "")) if isinstance(bundle, Mapping) else ("", "")
    text = "".join(data) if isinstance(data, list) and all(isinstance(part, str) for part in data) else data
    return (mime, text) if isinstance(text, str) else ("", "")


def from_file(name: str, context: RenderContext, alt: str = "", metadata: Json = None) -> Block:
    """Renders an image file in the context's folder. `name` is relative to the folder. `metadata` may have `width` and
    `height`.
    """
    shown = _labelled(alt, name)
    if context.folder is None and context.files is None:
        return _line(shown, context)
    try:
        source = _find(name, context)
        if name.lower().endswith(".svg"):
            return _svg(source, metadata, context, shown) or _named(source, context, shown)
        return _block(source, "image", metadata, context, shown)
    except ValueError as error:
        return _line(f"{shown}: {error}", context, context.styles.role("warning"))
    except OSError as error:
        return _line(f"{shown}: {error.strerror}", context, context.styles.role("warning"))


def _find(name: str, context: RenderContext) -> Source:
    """Returns an image file of the context's folder. Raises ValueError with the reason for not showing it, and OSError."""
    if context.files is not None:
        return context.files.find(name)
    assert context.folder is not None
    return find(name, context.folder)


def original(mime: str, text: str) -> bytes:
    """Returns the bytes of an image in a MIME bundle, to save or open it."""
    return text.encode(errors="replace") if mime == SVG else header.decode_base64(text)


def _block(source: Source, mime: str, metadata: Json, context: RenderContext, alt: str = "") -> Block:
    found = header.read_header(source.head)
    label = _labelled(alt, header.description(found.mime if found else mime, found.size if found else None, source.size))
    if found is None:
        return _line(label, context)
    return _picture(source, found, metadata, context, label)


def _svg(source: Source, metadata: Json, context: RenderContext, alt: str = "") -> Block | None:
    from tuinb.render.images import svg

    if context.pictures is None or context.capabilities.graphics is Graphics.NONE or not svg.available():
        return None
    try:
        found = header.Header(SVG, svg.size_of(source.head(svg.HEAD)))
    except ValueError as error:
        label = _labelled(alt, f"{SVG}, {header.size_text(source.size)}")
        return _line(f"{label}: {error}", context, context.styles.role("warning"))
    label = _labelled(alt, header.description(SVG, found.size, source.size))
    return _picture(source, found, metadata, context, label)


def _named(source: Source, context: RenderContext, alt: str) -> Block:
    return _line(_labelled(alt, f"{SVG}, {header.size_text(source.size)}"), context)


def _picture(source: Source, found: header.Header, metadata: Json, context: RenderContext, label: str) -> Block:
    warning = context.styles.role("warning")
    gallery, capabilities = context.pictures, context.capabilities
    try:
        if found.mime != SVG:
            check_size(found.size)
    except UnreadableError as error:
        return _line(f"{label}: {error}", context, warning)
    if gallery is None or capabilities.graphics is Graphics.NONE or context.width < _NARROWEST:
        return _line(label, context)
    size = requested_size(found.size, metadata)
    columns, rows = _room(context)
    box = fit(size, columns, rows, capabilities.cell_pixels, largest=_largest_scale(size == found.size, context))
    needs = metadata.get("needs_background") if isinstance(metadata, Mapping) else ""
    needs = needs if needs in ("light", "dark") else ""
    backdrop = _backdrop(context)
    dim = context.dim_pictures and sum(backdrop) <= 3 * 127
    look = Appearance(capabilities.colors, capabilities.unicode, capabilities.graphics, backdrop, needs, dim)
    request = PictureRequest(
        source,
        found,
        box,
        look,
        clean(label.replace("\n", " ")),
        context.width,
        context.styles.role("muted"),
        warning,
    )
    if problem := gallery.error(request):
        return _line(problem, context, warning)
    return PictureBlock(gallery, request)


def _largest_scale(is_free: bool, context: RenderContext) -> float:
    """Returns the maximum scale of a picture. `is_free` tells whether the metadata requests no size."""
    if context.enlarge_pictures:
        return inf
    if context.enlarge_blocks and is_free and context.capabilities.graphics is Graphics.BLOCKS:
        return usable_cell(context.capabilities.cell_pixels)[0]
    return 1.0


def _room(context: RenderContext) -> tuple[int, int]:
    """Returns the maximum columns and rows of a picture."""
    columns, rows, capabilities = context.width, context.picture_rows, context.capabilities
    if capabilities.graphics is Graphics.SIXEL and capabilities.largest_picture is not None:
        wide, high = capabilities.cell_pixels or DEFAULT_CELL
        columns = min(columns, capabilities.largest_picture[0] // wide)
        rows = min(rows, capabilities.largest_picture[1] // high)
    return max(1, columns), max(1, rows)


def _labelled(alt: str, description: str) -> str:
    return f"{alt}, {description}" if alt else description


def _line(text: str, context: RenderContext, style: Style | None = None) -> Block:
    shown = cut(clean(text.replace("\n", " ")), context.width)
    return Lines(((Span(shown, style or context.styles.role("muted")),),))


def _backdrop(context: RenderContext) -> Rgb:
    color = context.styles.role("background").bgcolor
    if color is None or color.is_default:
        return (0, 0, 0) if context.theme.dark else (255, 255, 255)
    red, green, blue = color.get_truecolor()
    return red, green, blue
