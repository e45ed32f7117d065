"""Bytes → pixels at the size that is shown. It runs in jobs, and is the only importer of Pillow beside what draws from it.

What an image says of itself is checked before memory is taken for it; whatever Pillow finds wrong becomes an error with words
for people. One image is decoded at a time: that bounds memory, and Pillow's tolerance of files that end early is a switch of
the whole process.
"""

from __future__ import annotations

import threading
import warnings
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, TypeAlias

from tuinb.render.images import header

if TYPE_CHECKING:
    from PIL.Image import Image

    from tuinb.render.images.header import Size

MOST_PIXELS = 40_000_000
"""Of an image that is decoded: it takes 4 bytes for each, or 8 for a moment."""
_FORMATS = {"image/png": "PNG", "image/jpeg": "JPEG", "image/gif": "GIF", "image/webp": "WEBP", "image/bmp": "BMP"}
_LIGHT, _DARK = (255, 255, 255), (17, 17, 17)
_SAMPLE = 400
"""Pixels along the sides of the image of which it is judged on what it is seen best."""
_CLEARER = 1.2
"""How much more of an image must be seen on another background than on the theme's own."""
_decoding = threading.Lock()

Rgb: TypeAlias = tuple[int, int, int]


class UnreadableError(Exception):
    """An image that can't be shown; str() says why."""


@dataclass(frozen=True, slots=True)
class Decoded:
    image: Image
    """RGB or RGBA, of the size that was asked for."""
    whole: bool
    """False: the file ends early, and what is missing is black or transparent."""


def decode(data: bytes, size: Size, target: Size) -> Decoded:
    """The image in `data`, whose header said `size`, scaled to `target`. Raises UnreadableError."""
    check_size(size)
    found = header.read_header(lambda most: data[:most])
    if found is None:
        raise UnreadableError("it is no image of a known type")
    turn = header.orientation(data[: header.JPEG_HEAD]) if found.mime == "image/jpeg" else 1
    # Pillow warns of what it forgives; that is not for the screen.
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
            # Hostile files make Pillow raise nearly anything: OSError, SyntaxError, IndexError, struct.error, zlib.error.
            raise UnreadableError(f"it is damaged ({type(error).__name__})") from None
    return Decoded(_turned(image, turn), whole)


def check_size(size: Size) -> None:
    """Raises UnreadableError for more pixels than are decoded."""
    if size[0] * size[1] > MOST_PIXELS:
        many = f"{size[0] * size[1] / 1e6:,.0f} million pixels"
        raise UnreadableError(f"it is too large to show: {many}, at most {MOST_PIXELS // 1_000_000} are")


def _open(data: bytes, mime: str) -> Image:
    from PIL import Image

    # Its own check warns and raises at other sizes than ours.
    Image.MAX_IMAGE_PIXELS = None
    image = Image.open(BytesIO(data), formats=[_FORMATS[mime]])
    check_size(image.size)
    return image


def _load(image: Image, target: Size) -> bool:
    """Decodes in place; False where the file ends early."""
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
        # 16 bits a pixel, or more than anyone sees.
        image = image.convert("I").point([value >> 8 for value in range(1 << 16)], "L")
    clear = image.has_transparency_data
    if image.mode not in ("L", "RGB", "RGBA", "CMYK") or (clear and image.mode != "RGBA"):
        image = image.convert("RGBA" if clear else "RGB")
    if image.size != target:
        image = image.resize(target, Resampling.LANCZOS, reducing_gap=2.0)
    return image.convert("RGBA" if clear else "RGB")


def _turned(image: Image, orientation: int) -> Image:
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


def composed(image: Image, backdrop: Rgb, needs: str = "") -> Image:
    """The image as RGB, its transparent parts on `backdrop`, or on a light or dark panel where it would drown in that.

    `needs`: "light" or "dark", as the bundle's metadata has it in `needs_background`.
    """
    if image.mode != "RGBA":
        return image
    if image.getchannel("A").getextrema() == (255, 255):
        return image.convert("RGB")
    light = sum(backdrop) > 3 * 127
    other = _DARK if light else _LIGHT
    if needs:
        return _laid_on(image, backdrop if light == (needs == "light") else other)
    small = image.copy()
    small.thumbnail((_SAMPLE, _SAMPLE))
    drowns = _detail(_laid_on(small, other)) > _CLEARER * _detail(_laid_on(small, backdrop))
    return _laid_on(image, other if drowns else backdrop)


def _laid_on(image: Image, ground: Rgb) -> Image:
    from PIL import Image

    canvas = Image.new("RGBA", image.size, ground)
    canvas.alpha_composite(image)
    return canvas.convert("RGB")


def _detail(image: Image) -> float:
    """How much there is to be seen: the mean contrast between neighbours."""
    from PIL import ImageChops, ImageStat

    grey = image.convert("L")
    width, height = grey.size
    if min(width, height) < 2:
        return 0.0
    apart = ImageChops.difference(grey.crop((0, 0, width - 1, height - 1)), grey.crop((1, 1, width, height)))
    return float(ImageStat.Stat(apart).mean[0])
