"""Vega-Lite, Vega and Plotly bundles as pictures, where `tuinb[charts]` is installed.

A chart is data, and a program in the languages of Vega: vl-convert runs it in V8, in a process of its own with limits
(images.child), and gives an SVG, which is drawn as any other (images.svg). Not its PNG: vl-convert refuses addresses of data
when it is told to, but fetches those of image marks all the same, and reads files for them (tried). As an SVG nothing is
fetched, and what refers to anything outside is taken out before it is drawn. Plotly figures become Vega-Lite first (plotly). A
chart of data that would have to be fetched, and any that is too large, gives None: the next type of the bundle is shown.
"""

from __future__ import annotations

import json
import re
from collections import OrderedDict
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from tuinb.render.images import sandbox, svg

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from tuinb.notebook.changes import Json
    from tuinb.render.block import Block
    from tuinb.render.context import RenderContext
    from tuinb.render.images.header import Size

_LONGEST = 4 << 20
"""Characters of a chart that is drawn."""
SECONDS = 20
"""Until a chart is given up; V8 starts in one or two."""
_USUAL = (560, 300)
"""Pixels of a chart that leaves its size to the page. It is drawn as large as there is room for, its words with it."""
_AROUND = (90, 60)
"""Pixels for axes and titles around a chart that says the size of its plot."""
_LARGEST = 4_000
_DEEPEST = 60
_ARGUMENTS = re.compile(r"\}\)\(\s*(?=\{)")
"""Before what the function of a page is called with."""
_MOST_VALUES = 50_000
"""Rows of a chart's data."""
_RECENT = 8
"""Charts that are remembered: what is on a screen is rendered again and again."""
_MEMORY = 2 << 30
"""Bytes; V8 has half a gigabyte before it begins."""
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


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart as the source of a drawing of a certain size, made when it is read."""

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
        """The drawing, fitted into its size. Raises ValueError that says why it can't be drawn."""
        drawn = sandbox.run(_PROGRAM, [self.language], self.text.encode(errors="replace"), SECONDS, _MEMORY, reserves=True)
        width, height = svg.size_of(drawn[: svg.HEAD])
        box = f'viewBox="0 0 {width} {height}" width="{self.pixels[0]}" height="{self.pixels[1]}"'
        return f'<svg xmlns="http://www.w3.org/2000/svg" {box}>'.encode() + drawn + b"</svg>"


@lru_cache(maxsize=1)
def available() -> bool:
    """Whether charts can be drawn here."""
    return svg.available() and find_spec("vl_convert") is not None


def render(mime: str, value: Json, context: RenderContext) -> Block | None:
    """The chart of a bundle; None where it can't be drawn here, or not without fetching something."""
    if context.pictures is None or not isinstance(value, dict) or not available():
        return None
    chart = _known(mime, value)
    if chart is None:
        return None
    from tuinb.render.images import picture

    fills = context.enlarge_pictures or chart.pixels == _USUAL
    return picture.from_drawing(chart, replace(context, enlarge_pictures=fills), "chart")


@lru_cache(maxsize=_RECENT)
def embedded(page: str) -> tuple[str, dict[str, Any]] | None:
    """The type and the chart of a page that draws it with vega-embed, as Altair gives unless it is told otherwise."""
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


_recent: OrderedDict[tuple[str, int], tuple[object, Chart | None]] = OrderedDict()
"""By the identity of their data, which is kept so that it stays theirs."""


def _known(mime: str, value: Mapping[str, Any]) -> Chart | None:
    key = mime, id(value)
    found = _recent.get(key) or (value, chart_of(mime, value))
    _recent[key] = found
    _recent.move_to_end(key)
    if len(_recent) > _RECENT:
        _recent.popitem(last=False)
    return found[1]


def chart_of(mime: str, value: Mapping[str, Any]) -> Chart | None:
    """What is to be drawn."""
    if "plotly" in mime:
        from tuinb.render.charts import plotly

        spec = plotly.vega_lite(value)
        if spec is None:
            return None
        value, language = spec, "vega-lite"
    else:
        language = "vega-lite" if "vegalite" in mime else "vega"
    try:
        if _is_foreign(value):
            return None
        if language == "vega-lite":
            value = _with_size(value)
        text = json.dumps(value)
    except (RecursionError, TypeError, ValueError):
        return None
    return Chart(language, text, _size_of(value)) if len(text) <= _LONGEST else None


def _is_foreign(value: object, depth: int = 0) -> bool:
    """Whether any data is to be fetched, or there is more of it than is drawn."""
    if depth > _DEEPEST:
        raise RecursionError
    if isinstance(value, dict):
        url = value.get("url")
        if isinstance(url, str) or (isinstance(url, dict) and "signal" in url):
            return True
        return any(
            _is_long(inner) if key in ("values", "datasets") else _is_foreign(inner, depth + 1) for key, inner in value.items()
        )
    return isinstance(value, list) and any(_is_foreign(inner, depth + 1) for inner in value)


def _is_long(data: object) -> bool:
    """Whether rows, or named sets of rows, are too many."""
    rows = data.values() if isinstance(data, dict) else (data,)
    return sum(len(part) for part in rows if isinstance(part, list | dict)) > _MOST_VALUES


def _with_size(spec: Mapping[str, Any]) -> Mapping[str, Any]:
    """A chart of one plot that leaves its size to the page, told how much room there is."""
    encoding = spec.get("encoding")
    facets = isinstance(encoding, dict) and any(name in encoding for name in ("row", "column", "facet"))
    if facets or not ("mark" in spec or "layer" in spec) or _is_sized(spec.get("width")) or _is_sized(spec.get("height")):
        return spec
    return {**spec, "width": _USUAL[0], "height": _USUAL[1], "autosize": {"type": "fit", "contains": "padding"}}


def _is_sized(value: object) -> bool:
    return value is not None and value != "container"


def _size_of(spec: Mapping[str, Any]) -> Size:
    autosize = spec.get("autosize")
    around = (0, 0) if isinstance(autosize, dict) and autosize.get("contains") == "padding" else _AROUND
    width, height = (
        min(_LARGEST, max(1, round(value))) + more if isinstance(value, int | float) and value == value else usual
        for value, more, usual in zip((spec.get("width"), spec.get("height")), around, _USUAL, strict=True)
    )
    return width, height
