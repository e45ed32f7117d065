"""Encodes iTerm2's inline images (OSC 1337), which WezTerm and mintty support too. Source:
iterm2.com/documentation-images.html.
"""

from __future__ import annotations

from base64 import b64encode
from io import BytesIO
from typing import TYPE_CHECKING

from tuinb.render.images.kitty import is_photograph, png

if TYPE_CHECKING:
    from PIL.Image import Image


def encode(image: Image, columns: int, rows: int) -> str:
    """Returns the escape sequence that draws the image at the cursor, in `columns` × `rows` cells."""
    data = _jpeg(image) if is_photograph(image) else png(image)
    control = f"inline=1;size={len(data)};width={columns};height={rows};preserveAspectRatio=0"
    return f"\x1b]1337;File={control}:{b64encode(data).decode()}\x07"


def _jpeg(image: Image) -> bytes:
    out = BytesIO()
    image.save(out, "JPEG", quality=90)
    return out.getvalue()
