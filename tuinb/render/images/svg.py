"""Converts SVG to pixels with resvg, if it is installed (`tuinb[svg]`), in a limited child process (see sandbox.py).

resvg runs no scripts and uses no network, but a hostile drawing can make it read files, run for hours or overflow its
stack. Therefore external references are removed first, and entities are rejected.
"""

from __future__ import annotations

from contextlib import suppress
from functools import lru_cache
from importlib.util import find_spec
from io import BytesIO
from math import isfinite
from typing import TYPE_CHECKING
from xml.parsers import expat

from tuinb.render.images import sandbox

if TYPE_CHECKING:
    from PIL.Image import Image

    from tuinb.render.images.header import Size

LONGEST = 16 << 20
"""Maximum size of a drawing in bytes."""
SECONDS = 5
"""Time limit for a drawing."""
_MEMORY = 1 << 30
HEAD = 1 << 16
"""Bytes from the start that must include the first tag."""
_STEP = 4096
_DEFAULT_SIZE = (300.0, 150.0)
"""Size that browsers assume for a drawing without a size."""
_UNITS = {"": 1.0, "px": 1.0, "pt": 4 / 3, "pc": 16.0, "in": 96.0, "cm": 96 / 2.54, "mm": 96 / 25.4, "em": 16.0, "ex": 8.0}
_PROGRAM = """
import resvg_py
drawing = sys.stdin.buffer.read().decode()
try:
    png = resvg_py.svg_to_bytes(svg_string=drawing, width=int(sys.argv[1]), height=int(sys.argv[2]), dpi=96.0)
except ValueError as error:
    sys.exit(str(error))
give(bytes(png))
"""


@lru_cache(maxsize=1)
def available() -> bool:
    """Whether SVG drawings can be drawn."""
    return find_spec("resvg_py") is not None


def size_of(head: bytes) -> Size:
    """Returns width and height in pixels, from the first tag. Raises ValueError with the problem."""
    attributes = _root(head)
    box = [_number(part) for part in attributes.get("viewBox", "").replace(",", " ").split()]
    default = (box[2], box[3]) if len(box) == 4 and box[2] > 0 < box[3] else _DEFAULT_SIZE
    width, height = _length(attributes.get("width", "")), _length(attributes.get("height", ""))
    if not width:
        width = height * default[0] / default[1] if height else default[0]
    if not height:
        height = width * default[1] / default[0]
    return max(1, min(round(width), 1 << 20)), max(1, min(round(height), 1 << 20))


def draw(data: bytes, size: Size) -> Image:
    """Returns the drawing as RGBA pixels. Raises ValueError with the problem."""
    from PIL import Image

    drawn = sandbox.run(_PROGRAM, [str(size[0]), str(size[1])], _self_contained(data), SECONDS, _MEMORY)
    image = Image.open(BytesIO(drawn), formats=["PNG"]).convert("RGBA")
    return image if image.size == size else image.resize(size)


def _root(head: bytes) -> dict[str, str]:
    """Returns the attributes of the first tag."""
    parser = expat.ParserCreate("utf-8")
    found: list[tuple[str, dict[str, str]]] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        if not found:
            found.append((name.rpartition(":")[2], attributes))

    parser.StartElementHandler = start
    parser.EntityDeclHandler = _refuse
    with suppress(expat.ExpatError):
        for at in range(0, len(head), _STEP):
            parser.Parse(head[at : at + _STEP])
            if found:
                break
        else:
            parser.Parse(b"", True)  # newer versions of expat defer the events of a long tag
    if not found or found[0][0] != "svg":
        raise ValueError("it is not an SVG")
    return found[0][1]


def _self_contained(data: bytes) -> bytes:
    """Returns the drawing without external references. Writes it anew, so that it has only what was parsed."""
    if len(data) > LONGEST:
        raise ValueError(f"it is larger than {LONGEST >> 20} MB")
    from xml.sax.saxutils import escape, quoteattr

    out: list[str] = []
    parser = expat.ParserCreate("utf-8")
    depth = 0
    skipped = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth, skipped
        depth += 1
        if depth > _DEEPEST:
            raise ValueError("it is nested too deeply")
        if skipped or name.rpartition(":")[2] in _DROPPED:
            skipped += 1
            return
        kept = "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items() if _is_internal(key, value))
        out.append(f"<{name}{kept}>")

    def end(name: str) -> None:
        nonlocal depth, skipped
        depth -= 1
        if skipped:
            skipped -= 1
        else:
            out.append(f"</{name}>")

    def text(data: str) -> None:
        if not skipped:
            out.append(escape(data))

    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text
    parser.EntityDeclHandler = _refuse
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise ValueError(f"it is not valid XML: {error}") from None
    return "".join(out).encode()


_DEEPEST = 200
_DROPPED = frozenset(("script", "foreignObject", "metadata", "feImage"))


def _is_internal(key: str, value: str) -> bool:
    """Whether an attribute has no external reference."""
    if key.rpartition(":")[2] != "href":
        return True
    return value.lstrip().startswith(("#", "data:image/png", "data:image/jpeg", "data:image/gif", "data:image/webp"))


def _refuse(*_declaration: object) -> None:
    raise ValueError("it declares entities")


def _length(text: str) -> float:
    """Returns a length in pixels. Returns 0 for percentages and invalid lengths."""
    number = text.strip().rstrip("%abcdefghijklmnopqrstuvwxyz")
    unit = text.strip()[len(number) :]
    return max(0.0, _number(number)) * _UNITS.get(unit, 0.0)


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        return 0.0
    return value if isfinite(value) else 0.0
