"""Renders Vega-Lite, Vega and Plotly bundles as pictures, if `tuinb[charts]` is installed.

A chart is data and a program in Vega's language. vl-convert runs it in V8, in a limited child process (images/sandbox.py),
and returns an SVG, which images/svg.py draws. PNG output is not used: vl-convert can reject data URLs, but even then it
fetches the URLs of image marks and reads files for them (tested). SVG output fetches nothing, and external references are
removed before it is drawn. Plotly figures are converted to Vega-Lite first (plotly.py). A chart with external data, or one
that is too large, gives None. The next MIME type of the bundle is then shown.
"""

from __future__ import annotations

import json
import re
from collections import OrderedDict
from dataclasses import replace
from functools import lru_cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from tuinb.notebook.nesting import is_deep
from tuinb.record import Record
from tuinb.render.images import sandbox, svg

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from tuinb.notebook.changes import Json
    from tuinb.render.block import Block
    from tuinb.render.context import RenderContext
    from tuinb.render.images.header import Size

_LONGEST = 4 << 20
"""Maximum length of a chart in characters."""
SECONDS = 20
"""Time limit for a chart. V8 starts in one or two seconds."""
_DEFAULT_SIZE = (560, 300)
"""Size in pixels of a chart without a size. It is scaled to the available space, including its text."""
_MARGINS = (90, 60)
"""Pixels added for axes and titles around a plot with an explicit size."""
_LARGEST = 4_000
_DEEPEST = 60
_ARGUMENTS = re.compile(r"\}\)\(\s*(?=\{)")
"""Precedes the arguments of the embedding function in a page."""
_MOST_VALUES = 50_000
"""Maximum number of data rows."""
_CACHE_SIZE = 8
"""Number of cached charts. Visible charts are rendered repeatedly."""
_MEMORY = 2 << 30
"""Bytes. V8 reserves half a gigabyte at start."""
_PROGRAM = """
import vl_convert
spec = sys.stdin.buffer.read().decode()
draw = vl_convert.vega_to_svg if sys.argv[1] == "vega" else vl_convert.vegalite_to_svg
try:
    drawn = draw(spec, allowed_base_urls=[])
except ValueError as error:
    sys.exit(str(error))
give(drawn.encode())
"""


class Chart(Record):
    """A chart as an image source. The drawing is made when it is read."""

    language: str
    """`vega` or `vega-lite`."""
    text: str
    """JSON."""
    pixels: Size

    @property
    def key(self) -> Hashable:
        return self.language, hash(self.text), len(self.text)

    @property
    def size(self) -> int:
        return len(self.text)

    def head(self, most: int) -> bytes:
        return f'<svg width="{self.pixels[0]}" height="{self.pixels[1]}">'.encode()[:most]

    def read(self) -> bytes:
        """Returns the drawing, scaled to its size. Raises ValueError with the problem."""
        drawn = sandbox.run(_PROGRAM, [self.language], self.text.encode(errors="replace"), SECONDS, _MEMORY, limit_data=True)
        width, height = svg.size_of(drawn[: svg.HEAD])
        box = f'viewBox="0 0 {width} {height}" width="{self.pixels[0]}" height="{self.pixels[1]}"'
        return f'<svg xmlns="http://www.w3.org/2000/svg" {box}>'.encode() + drawn + b"</svg>"


@lru_cache(maxsize=1)
def available() -> bool:
    """Whether charts can be drawn."""
    return svg.available() and find_spec("vl_convert") is not None


def render(mime: str, value: Json, context: RenderContext) -> Block | None:
    """Renders the chart of a bundle. Returns None if it can't be drawn, or only with external data."""
    if context.pictures is None or not isinstance(value, dict) or not available():
        return None
    chart = _cached(mime, value)
    if chart is None:
        return None
    from tuinb.render.images import picture

    fills = context.enlarge_pictures or chart.pixels == _DEFAULT_SIZE
    return picture.from_drawing(chart, replace(context, enlarge_pictures=fills), "chart")


@lru_cache(maxsize=_CACHE_SIZE)
def embedded(page: str) -> tuple[str, dict[str, Any]] | None:
    """Returns the type and chart of a page that uses vega-embed, as Altair's default renderer does."""
    if "vegaEmbed(" not in page or len(page) > _LONGEST:
        return None
    start = _ARGUMENTS.search(page)
    try:
        chart, _ = json.JSONDecoder().raw_decode(page, start.end()) if start else (None, 0)
    except (ValueError, RecursionError):
        return None
    if not isinstance(chart, dict):
        return None
    language = "vegalite.v6" if "vega-lite" in str(chart.get("$schema")) else "vega.v6"
    return f"application/vnd.{language}+json", chart


_cache: OrderedDict[tuple[str, int], tuple[object, Chart | None]] = OrderedDict()
"""Keyed by the identity of the data, which is kept alive so that the identity stays unique."""


def _cached(mime: str, value: Mapping[str, Any]) -> Chart | None:
    key = mime, id(value)
    found = _cache.get(key) or (value, chart_of(mime, value))
    _cache[key] = found
    _cache.move_to_end(key)
    if len(_cache) > _CACHE_SIZE:
        _cache.popitem(last=False)
    return found[1]


def chart_of(mime: str, value: Mapping[str, Any]) -> Chart | None:
    """Returns the chart of a bundle, or None."""
    if is_deep(value, _DEEPEST):
        return None
    if "plotly" in mime:
        from tuinb.render.charts import plotly

        spec = plotly.vega_lite(value)
        if spec is None:
            return None
        value, language = spec, "vega-lite"
    else:
        language = "vega-lite" if "vegalite" in mime else "vega"
    try:
        if _is_rejected(value):
            return None
        if language == "vega-lite":
            value = _with_size(value)
        text = json.dumps(value)
    except (TypeError, ValueError):
        return None
    return Chart(language, text, _size_of(value)) if len(text) <= _LONGEST else None


def _is_rejected(value: object) -> bool:
    """Whether the chart needs external data, or has too much data."""
    if isinstance(value, dict):
        url = value.get("url")
        if isinstance(url, str) or (isinstance(url, dict) and "signal" in url):
            return True
        return any(_is_long(inner) if key in ("values", "datasets") else _is_rejected(inner) for key, inner in value.items())
    return isinstance(value, list) and any(_is_rejected(inner) for inner in value)


def _is_long(data: object) -> bool:
    """Whether there are too many data rows, in one set or in several named sets."""
    rows = data.values() if isinstance(data, dict) else (data,)
    return sum(len(part) for part in rows if isinstance(part, list | dict)) > _MOST_VALUES


def _with_size(spec: Mapping[str, Any]) -> Mapping[str, Any]:
    """Adds the default size to a single plot without a size."""
    encoding = spec.get("encoding")
    facets = isinstance(encoding, dict) and any(name in encoding for name in ("row", "column", "facet"))
    if facets or not ("mark" in spec or "layer" in spec) or _is_sized(spec.get("width")) or _is_sized(spec.get("height")):
        return spec
    return {**spec, "width": _DEFAULT_SIZE[0], "height": _DEFAULT_SIZE[1], "autosize": {"type": "fit", "contains": "padding"}}


def _is_sized(value: object) -> bool:
    return value is not None and value != "container"


def _size_of(spec: Mapping[str, Any]) -> Size:
    autosize = spec.get("autosize")
    margins = (0, 0) if isinstance(autosize, dict) and autosize.get("contains") == "padding" else _MARGINS
    width, height = (
        min(_LARGEST, max(1, round(value))) + more if isinstance(value, int | float) and value == value else default
        for value, more, default in zip((spec.get("width"), spec.get("height")), margins, _DEFAULT_SIZE, strict=True)
    )
    return width, height
