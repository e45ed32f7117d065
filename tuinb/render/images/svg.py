"""SVG as pixels, through resvg where it is installed (`tuinb[svg]`), in a process of its own with limits (child).

A drawing is a program: resvg has no scripts and no network, but a hostile drawing makes it read files, keeps it busy for hours
or overflows its stack. So references to anything but the drawing itself are taken out first, and entities are refused.
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
"""Bytes of a drawing that is drawn."""
SECONDS = 5
"""Until a drawing is given up."""
_MEMORY = 1 << 30
HEAD = 1 << 16
"""Bytes among which its first tag is."""
_STEP = 4096
_USUAL = (300.0, 150.0)
"""What browsers take for a drawing that doesn't say its size."""
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
    """Whether drawings can be drawn here."""
    return find_spec("resvg_py") is not None


def size_of(head: bytes) -> Size:
    """Width and height in pixels, from the drawing's first tag. Raises ValueError that says what is wrong."""
    attributes = _root(head)
    box = [_number(part) for part in attributes.get("viewBox", "").replace(",", " ").split()]
    usual = (box[2], box[3]) if len(box) == 4 and box[2] > 0 < box[3] else _USUAL
    width, height = _length(attributes.get("width", "")), _length(attributes.get("height", ""))
    if not width:
        width = height * usual[0] / usual[1] if height else usual[0]
    if not height:
        height = width * usual[1] / usual[0]
    return max(1, min(round(width), 1 << 20)), max(1, min(round(height), 1 << 20))


def draw(data: bytes, size: Size) -> Image:
    """The drawing as RGBA pixels. Raises ValueError that says what is wrong."""
    from PIL import Image

    drawn = sandbox.run(_PROGRAM, [str(size[0]), str(size[1])], _alone(data), SECONDS, _MEMORY)
    image = Image.open(BytesIO(drawn), formats=["PNG"]).convert("RGBA")
    return image if image.size == size else image.resize(size)


def _root(head: bytes) -> dict[str, str]:
    """The attributes of the first tag."""
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
            parser.Parse(b"", True)  # newer versions of expat wait for more before they tell of a long tag
    if not found or found[0][0] != "svg":
        raise ValueError("it is no SVG")
    return found[0][1]


def _alone(data: bytes) -> bytes:
    """The drawing without what it refers to outside itself, written anew so that nothing else is in it than was read."""
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
        kept = "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items() if _is_own(key, value))
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
        raise ValueError(f"it is no XML: {error}") from None
    return "".join(out).encode()


_DEEPEST = 200
_DROPPED = frozenset(("script", "foreignObject", "metadata", "feImage"))


def _is_own(key: str, value: str) -> bool:
    """Whether an attribute is none that names something outside the drawing."""
    if key.rpartition(":")[2] != "href":
        return True
    return value.lstrip().startswith(("#", "data:image/png", "data:image/jpeg", "data:image/gif", "data:image/webp"))


def _refuse(*_declaration: object) -> None:
    raise ValueError("it declares entities")


def _length(text: str) -> float:
    """A length in pixels; 0 for percentages and what is no length."""
    number = text.strip().rstrip("%abcdefghijklmnopqrstuvwxyz")
    unit = text.strip()[len(number) :]
    return max(0.0, _number(number)) * _UNITS.get(unit, 0.0)


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        return 0.0
    return value if isfinite(value) else 0.0
