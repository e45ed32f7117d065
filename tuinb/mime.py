"""What an output is as a file: the ending of its name, and its bytes, by MIME type."""

from __future__ import annotations

import base64
import binascii
import json
import mimetypes
from typing import TYPE_CHECKING, Final

from tuinb.errors import TuinbError
from tuinb.notebook.outputs import joined

if TYPE_CHECKING:
    from tuinb.notebook.changes import Json

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
_TEXTUAL: Final = frozenset(("image/svg+xml", "application/javascript", "application/xml"))


def ending(mime: str) -> str:
    """What the name of a file of this type ends in, dot included."""
    if mime in _ENDINGS:
        return _ENDINGS[mime]
    if is_json(mime):
        return ".json"
    return mimetypes.guess_extension(mime) or (".txt" if is_text(mime) else ".bin")


def is_json(mime: str) -> bool:
    return mime == "application/json" or mime.endswith("+json")


def is_text(mime: str) -> bool:
    """Whether a bundle has values of this type as text; others are base64, or JSON."""
    return mime.startswith("text/") or mime in _TEXTUAL or mime.endswith("+xml")


def is_viewed(mime: str) -> bool:
    """Whether a file of this type is something to look at or to listen to, and no program to whoever opens it."""
    return mime.startswith(("image/", "audio/", "video/")) or mime == "application/pdf"


def text_of(mime: str, value: Json) -> str | None:
    """A bundle's value as text, JSON indented; None for what is no text."""
    if is_json(mime):
        return json.dumps(value, indent=2, ensure_ascii=False, default=repr) + "\n"
    return joined(value) if is_text(mime) else None


def content_of(mime: str, value: Json) -> bytes:
    """A bundle's value as the bytes of a file. Raises TuinbError where it is not the base64 that it should be."""
    text = text_of(mime, value)
    if text is not None:
        return text.encode("utf-8", "surrogatepass")
    try:
        return base64.b64decode("".join(joined(value).split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise TuinbError(f"this {mime} is damaged: {error}", hint="t chooses another type") from error
