"""MIME types: which hold text, JSON or base64, and how a value of each becomes text or the bytes of a file.

The only module that decides this. It knows no notebook: a value of a MIME bundle is any JSON value.
"""

from __future__ import annotations

import base64
import binascii
import json
import mimetypes
from typing import Final

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
    """What the name of a file of this type ends in, dot included."""
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


def is_viewed(mime: str) -> bool:
    """Whether a file of this type is media that a viewer opens, and never a program."""
    return mime.startswith(("image/", "audio/", "video/")) or mime == "application/pdf"


def text_of(mime: str, value: object) -> str | None:
    """A bundle's value as text, JSON indented; None for what is no text."""
    if is_json(mime):
        return json.dumps(value, indent=2, ensure_ascii=False, default=repr) + "\n"
    return joined(value) if is_text(mime) else None


def content_of(mime: str, value: object) -> bytes:
    """A bundle's value as the bytes of a file. Raises TuinbError where it is not the base64 that it should be."""
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
    """Returns the text of a multiline string of nbformat: a string, or the strings of a list. Otherwise an empty string."""
    if isinstance(text, str):
        return text
    return "".join([part for part in text if isinstance(part, str)]) if isinstance(text, list | tuple) else ""
