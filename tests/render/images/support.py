"""Small images of every kind, and contexts to render them."""

from __future__ import annotations

import base64
from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING, Any

from PIL import Image, ImageDraw

from tests.render import support
from tuinb.capabilities import Capabilities, Colors, Graphics
from tuinb.render.images.gallery import Gallery

if TYPE_CHECKING:
    from tuinb.render.context import RenderContext

RED, GREEN, BLUE, WHITE, BLACK = (200, 0, 0), (0, 160, 0), (0, 0, 220), (255, 255, 255), (0, 0, 0)


def quarters(size: tuple[int, int] = (80, 80)) -> Image.Image:
    """A quadrant each of red, green, blue and white, from the upper left."""
    image = Image.new("RGB", size, WHITE)
    draw = ImageDraw.Draw(image)
    width, height = size[0] // 2, size[1] // 2
    draw.rectangle((0, 0, width - 1, height - 1), RED)
    draw.rectangle((width, 0, size[0], height - 1), GREEN)
    draw.rectangle((0, height, width - 1, size[1]), BLUE)
    return image


def plot(size: tuple[int, int] = (400, 300)) -> Image.Image:
    """Thin black lines on white."""
    image = Image.new("RGB", size, WHITE)
    draw = ImageDraw.Draw(image)
    draw.line((20, 20, 20, size[1] - 20, size[0] - 20, size[1] - 20), BLACK)
    draw.line((20, size[1] - 20, size[0] - 20, 20), BLUE, 2)
    return image


def data_of(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:  # noqa: ANN401
    """Returns the image as a file."""
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def context(
    columns: int = 80,
    graphics: Graphics = Graphics.BLOCKS,
    colors: Colors = Colors.TRUE,
    **changes: Any,  # noqa: ANN401
) -> RenderContext:
    """Returns a context that makes pictures immediately, unless `pictures` is given."""
    capabilities = Capabilities(colors, graphics=graphics)
    made = {"capabilities": capabilities, "pictures": Gallery(synchronous=True), **changes}
    return replace(support.context(columns), **made)
