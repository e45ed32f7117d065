"""Decodes image bytes to pixels at the displayed size. Runs in jobs. Only this module and the drawing modules import
Pillow.

The header is checked before memory is allocated. Errors of Pillow become messages for the user. One image is decoded at a
time: this bounds memory, and Pillow's tolerance of truncated files is a setting of the whole process.
"""

from __future__ import annotations

import threading
import warnings
from io import BytesIO
from typing import TYPE_CHECKING, TypeAlias

from tuinb.record import Record
from tuinb.render.images import header

if TYPE_CHECKING:
    from PIL.Image import Image

    from tuinb.render.images.header import Size

MAX_PIXELS = 40_000_000
"""Maximum number of pixels. Decoding needs 4 bytes for each, 8 for a short time."""
_FORMATS = {"image/png": "PNG", "image/jpeg": "JPEG", "image/gif": "GIF", "image/webp": "WEBP", "image/bmp": "BMP"}
_LIGHT, _DARK = (255, 255, 255), (17, 17, 17)
_SAMPLE = 400
"""Size, in pixels, of the sample that decides the background."""
_CLEARER = 1.2
"""Minimum gain in contrast for which the theme's background is replaced."""
_decoding = threading.Lock()

Rgb: TypeAlias = tuple[int, int, int]


class UnreadableError(Exception):
    """The image can't be shown; str() gives the reason."""


class Decoded(Record):
    image: Image
    """RGB or RGBA, of the requested size."""
    whole: bool
    """False if the file ends early. The missing part is black or transparent."""


def decode(data: bytes, size: Size, target: Size) -> Decoded:
    """Decodes the image in `data`, whose header has `size`, and scales it to `target`. Raises UnreadableError."""
    check_size(size)
    found = header.read_header(lambda most: data[:most])
    if found is None:
        raise UnreadableError("it is not an image of a known type")
    turn = header.orientation(data[: header.JPEG_HEAD]) if found.mime == "image/jpeg" else 1
    # Pillow warns about errors that it tolerates. The warnings would overwrite the screen.
    warnings.filterwarnings("ignore", module=r"PIL\b")
    with _decoding:
        try:
            image = _open(data, found.mime)
            held = image.size[::-1] if turn >= 5 else image.size
            if held != size:
                raise UnreadableError("its header says {}×{}, but it holds {}×{}".format(*size, *held))
            goal = target[::-1] if turn >= 5 else target
            whole = _load(image, goal)
            if not whole:
                image = _partial(data, found.mime)
            image = _resized(image, goal)
        except UnreadableError:
            raise
        except MemoryError:
            raise UnreadableError("there is not enough memory") from None
        except Exception as error:
            # Hostile files make Pillow raise many types: OSError, SyntaxError, IndexError, struct.error, zlib.error.
            raise UnreadableError(f"it is damaged ({type(error).__name__})") from None
    return Decoded(_oriented(image, turn), whole)


def check_size(size: Size) -> None:
    """Raises UnreadableError if an image has too many pixels."""
    if size[0] * size[1] > MAX_PIXELS:
        many = f"{size[0] * size[1] / 1e6:,.0f} million pixels"
        raise UnreadableError(f"it is too large to show: {many}, the limit is {MAX_PIXELS // 1_000_000} million")


def _open(data: bytes, mime: str) -> Image:
    from PIL import Image

    # Pillow's own limits warn and raise at other sizes.
    Image.MAX_IMAGE_PIXELS = None
    image = Image.open(BytesIO(data), formats=[_FORMATS[mime]])
    check_size(image.size)
    return image


def _load(image: Image, target: Size) -> bool:
    """Decodes in place. Returns False if the file ends early."""
    # A JPEG can be decoded at a fraction of its size, at a fraction of the cost.
    image.draft(None, (target[0] * 2, target[1] * 2))
    try:
        image.load()
    except (OSError, EOFError, SyntaxError):
        return False
    return True


def _partial(data: bytes, mime: str) -> Image:
    from PIL import ImageFile

    ImageFile.LOAD_TRUNCATED_IMAGES = True
    try:
        image = _open(data, mime)
        image.load()
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = False
    return image


def _resized(image: Image, target: Size) -> Image:
    from PIL.Image import Resampling

    if image.mode.startswith("I"):
        # 16 bits a channel exceed what a screen shows.
        image = image.convert("I").point([value >> 8 for value in range(1 << 16)], "L")
    clear = image.has_transparency_data
    if image.mode not in ("L", "RGB", "RGBA", "CMYK") or (clear and image.mode != "RGBA"):
        image = image.convert("RGBA" if clear else "RGB")
    if image.size != target:
        image = image.resize(target, Resampling.LANCZOS, reducing_gap=2.0)
    return image.convert("RGBA" if clear else "RGB")


def _oriented(image: Image, orientation: int) -> Image:
    from PIL.Image import Transpose

    turns: dict[int, Transpose] = {
        2: Transpose.FLIP_LEFT_RIGHT,
        3: Transpose.ROTATE_180,
        4: Transpose.FLIP_TOP_BOTTOM,
        5: Transpose.TRANSPOSE,
        6: Transpose.ROTATE_270,
        7: Transpose.TRANSVERSE,
        8: Transpose.ROTATE_90,
    }
    turn = turns.get(orientation)
    return image if turn is None else image.transpose(turn)


def flattened(image: Image, backdrop: Rgb, needs: str = "") -> Image:
    """Returns the image as RGB. Transparent parts lie on `backdrop`, or on a light or dark panel if they would be invisible
    on it.

    `needs` is `needs_background` of the bundle's metadata: "light" or "dark".
    """
    if image.mode != "RGBA":
        return image
    if image.getchannel("A").getextrema() == (255, 255):
        return image.convert("RGB")
    light = sum(backdrop) > 3 * 127
    other = _DARK if light else _LIGHT
    if needs:
        return _composite(image, backdrop if light == (needs == "light") else other)
    small = image.copy()
    small.thumbnail((_SAMPLE, _SAMPLE))
    drowns = _detail(_composite(small, other)) > _CLEARER * _detail(_composite(small, backdrop))
    return _composite(image, other if drowns else backdrop)


def _composite(image: Image, ground: Rgb) -> Image:
    from PIL import Image

    canvas = Image.new("RGBA", image.size, ground)
    canvas.alpha_composite(image)
    return canvas.convert("RGB")


def _detail(image: Image) -> float:
    """Returns the mean contrast between neighbouring pixels."""
    from PIL import ImageChops, ImageStat

    grey = image.convert("L")
    width, height = grey.size
    if min(width, height) < 2:
        return 0.0
    apart = ImageChops.difference(grey.crop((0, 0, width - 1, height - 1)), grey.crop((1, 1, width, height)))
    return float(ImageStat.Stat(apart).mean[0])
