"""MIME types: which types hold text, JSON or base64 data, and how to convert their values to text or to the bytes of a
file.

No other module decides this. Values are plain JSON values, so this module imports nothing of the notebook.
"""

from __future__ import annotations

import base64
import binascii
import mimetypes
from typing import Final

from tuinb import deep_json
from tuinb.errors import TuinbError

_ENDINGS: Final = {
    "text/plain": ".txt",
    "text/html": ".html",
    "text/markdown": ".md",
    "text/latex": ".tex",
    "image/svg+xml": ".svg",
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/gif": ".gif",
    "image/webp": ".webp",
    "application/pdf": ".pdf",
    "application/json": ".json",
    "application/javascript": ".js",
}
SVG: Final = "image/svg+xml"
WIDGET_VIEW: Final = "application/vnd.jupyter.widget-view+json"
_MULTILINE: Final = frozenset((SVG, "application/javascript"))


def ending(mime: str) -> str:
    """Returns the file name ending for this type, with its dot."""
    if mime in _ENDINGS:
        return _ENDINGS[mime]
    if is_json(mime):
        return ".json"
    return mimetypes.guess_extension(mime) or (".txt" if is_text(mime) else ".bin")


def is_json(mime: str) -> bool:
    """Whether values of this type are JSON values, not strings."""
    return mime == "application/json" or mime.endswith("+json")


def is_multiline(mime: str) -> bool:
    """Whether a file may hold values of this type as a list of lines (nbformat's `split_lines`)."""
    return mime.startswith("text/") or mime in _MULTILINE


def is_text(mime: str) -> bool:
    """Whether values of this type are text. Other types are base64 or JSON."""
    return is_multiline(mime) or mime == "application/xml" or mime.endswith("+xml")


def is_media(mime: str) -> bool:
    """Whether files of this type are media that a viewer opens, never programs."""
    return mime.startswith(("image/", "audio/", "video/")) or mime == "application/pdf"


def text_of(mime: str, value: object) -> str | None:
    """Returns a value as text, with JSON indented. Returns None if the type is not text."""
    if is_json(mime):
        return deep_json.dumps(value) + "\n"
    return joined(value) if is_text(mime) else None


def content_of(mime: str, value: object) -> bytes:
    """Returns a value as the bytes of a file. Raises TuinbError if it should be base64 and is not."""
    text = text_of(mime, value)
    if text is not None:
        return text.encode("utf-8", "surrogatepass")
    try:
        return base64.b64decode("".join(joined(value).split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise TuinbError(f"this {mime} is damaged: {error}", hint="t chooses another type") from error


def as_text(value: object) -> str | None:
    """Returns the text of a value that is a string or a list of strings, as nbformat allows. Returns None for other values."""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return "".join(value)
    return None


def joined(text: object) -> str:
    """Returns a multiline string of nbformat (a string or a list of strings) as one string. Returns an empty string for
    other values.
    """
    if isinstance(text, str):
        return text
    return "".join([part for part in text if isinstance(part, str)]) if isinstance(text, list | tuple) else ""
