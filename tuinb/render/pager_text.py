"""Foreign text for another program on the terminal, a pager: colours stay, every other sequence and control character goes."""

from __future__ import annotations

import re

from tuinb.render import ansi
from tuinb.render.safe import clean

_ODD = re.compile(r"[^\n\x20-\x7e]")
_SGR = re.compile(r"(\x1b\[[0-9;:]*m)")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def paged(text: str) -> str:
    """Text as lines that may be sent to a terminal. Most of it is plain and passes at the speed of a search."""
    if _ODD.search(text) is None:
        return text
    return "\n".join(map(_line, text.split("\n")))


def _line(line: str) -> str:
    if line.isprintable():
        return clean(line)
    parts = _SGR.split(line)
    parts[::2] = [clean(ansi.strip(part)) for part in parts[::2]]
    return "".join(parts)


def copied(text: str) -> str:
    """Text for the clipboard or a file of text: no colours, and no control characters but tabs and line ends."""
    return _CONTROL.sub("", ansi.strip(text))
