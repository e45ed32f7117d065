"""Prepares foreign text for a pager: keeps colours, removes all other sequences and control characters."""

from __future__ import annotations

import re

from tuinb.render import ansi
from tuinb.render.safe import clean

_SPECIAL = re.compile(r"[^\n\x20-\x7e]")
_SGR = re.compile(r"(\x1b\[[0-9;:]*m)")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def for_pager(text: str) -> str:
    """Returns text that is safe to send to a terminal. Plain text, the usual case, costs one search."""
    if _SPECIAL.search(text) is None:
        return text
    return "\n".join(map(_line, text.split("\n")))


def _line(line: str) -> str:
    if line.isprintable():
        return clean(line)
    parts = _SGR.split(line)
    parts[::2] = [clean(ansi.strip(part)) for part in parts[::2]]
    return "".join(parts)


def for_clipboard(text: str) -> str:
    """Returns text for the clipboard or a text file: without colours and control characters, except tabs and line ends."""
    return _CONTROL.sub("", ansi.strip(text))
