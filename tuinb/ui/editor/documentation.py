"""What a kernel knows of a name, beside the code: the documentation of a candidate, and the signature of a call.

IPython writes titles before the parts of what it knows: `Signature: f(a, b=1)`, `Docstring: …`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tuinb.late_pattern import late_pattern
from tuinb.mime import joined
from tuinb.render.ansi import strip
from tuinb.render.safe import clean, width
from tuinb.ui.floating import BORDER, Floating, surface
from tuinb.ui.strips import cut_with_mark, wrap

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tuinb.kernel.protocol.events import InspectReply

_SIGNATURE = late_pattern(r"^(?:Init s|Call s|S)ignature:\s*(.*?)(?=^[A-Z][\w ]*:(?:\s|$)|\Z)", re.MULTILINE | re.DOTALL)
_UNTOLD = late_pattern(r"^(?:File|Type|Subclasses|Namespace|Length):.*\n?", re.MULTILINE)
_LONGEST = 2_000
"""Characters of a signature that are read."""


def text_of(reply: InspectReply) -> str:
    """Returns what a kernel knows of a name, without colours."""
    return strip(joined(reply.data.get("text/plain")))


def signature_of(text: str) -> str:
    """Returns the signature in what a kernel knows of a name, on one line. Empty if there is none."""
    found = _SIGNATURE.search(text)
    if found is None:
        return ""
    line = re.sub(r"\s+", " ", found[1][:_LONGEST]).strip()
    return re.sub(r",? \)", ")", line.replace("( ", "("))


def summary_of(text: str) -> str:
    """Returns the parts of what a kernel knows of a name that say what it does."""
    return re.sub(r"^Docstring:\s*", "", _UNTOLD.sub("", text), flags=re.MULTILINE).strip()


def arguments_of(signature: str) -> list[tuple[int, int]]:
    """Returns where each parameter of a signature begins and ends."""
    start = signature.find("(") + 1
    found: list[tuple[int, int]] = []
    depth, at = 0, start
    quote = ""
    for index in range(start, len(signature)) if start else ():
        character = signature[index]
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
        elif character in "([{":
            depth += 1
        elif character in ")]}" and depth:
            depth -= 1
        elif (character == "," and not depth) or character == ")":
            begin = index - len(signature[at:index].lstrip())
            if signature[begin:index].strip() not in ("", "/", "*"):
                found.append((begin, index))
            at = index + 1
            if character == ")":
                break
    return found


class Note(Floating):
    """Lines over the notebook that take no keys. One of a single line is `plain`: a border would cover two more of the code."""

    DEFAULT_CSS = "Note { position: absolute; layer: popup; }"
    ALLOW_SELECT = False

    def __init__(self, role: Callable[[str], Style], *, plain: bool = False) -> None:
        super().__init__()
        self._role = role
        self._is_plain = plain
        self.display = False
        self.restyle(role)
        self._lines: list[str] = []
        self._bold = (0, 0)

    def restyle(self, role: Callable[[str], Style]) -> None:
        """Applies the colours of a theme."""
        if not self._is_plain:
            super().restyle(role)

    def show(self, lines: Sequence[str], x: int, y: int, columns: int, bold: tuple[int, int] = (0, 0)) -> None:
        """Shows lines, the first with a part in bold, at a place of the notebook's part of the screen."""
        self._lines, self._bold = list(lines), bold
        self.styles.offset = (x, y)
        self.styles.width, self.styles.height = columns, len(self._lines) + (0 if self._is_plain else BORDER)
        self.display = True
        self.refresh()

    def hide(self) -> None:
        """Hides the lines."""
        if self.display:
            self.display = False

    def render_line(self, y: int) -> Strip:
        base = surface(self._role)
        if self._is_plain:
            base = Style(color=self._role("status_foreground").color, bgcolor=self._role("status_background").bgcolor)
        columns = self.size.width
        text = cut_with_mark(clean(self._lines[y]) if y < len(self._lines) else "", max(0, columns - 2))
        start, end = self._bold if y == 0 else (0, 0)
        strong = base + Style(bold=True, underline=True)
        segments = [Segment(" " + text[:start], base), Segment(text[start:end], strong), Segment(text[end:], base)]
        return Strip(segments).adjust_cell_length(columns, base)


def lay_out(text: str, columns: int, most: int, more: str) -> list[str]:
    """Returns the lines of a documentation for `columns` and at most `most` rows, with its border.

    `more` is the last of them if there is no room for all.
    """
    most = max(1, most - BORDER)
    lines = wrap(text, max(8, columns - 2 - BORDER), most + 1)
    return lines if len(lines) <= most else [*lines[: most - 1], f"… {more}"]


def columns_for(lines: Sequence[str], most: int) -> int:
    """Returns the columns that lines need with a border, at most `most`."""
    return min(most, max(width(clean(line)) for line in lines) + 2 + BORDER)
