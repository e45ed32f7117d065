"""Reads the frames of IPython's tracebacks, so that they can be shown in the theme's colours and folded.

IPython writes a header for each exception of a chain, then its frames: a line that says where, and numbered lines of source.
Versions 7 to 9 differ in the line that says where. What is none of these stays text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

RULE = re.compile(r"-{75}$")
"""The line over a header."""
HEADER = re.compile(r"(?P<name>\w[\w.]*) {2,}(?P<rest>Traceback \(most recent call last\))$")
NUMBERED = re.compile(r"(?P<gutter> *(?P<mark>-*>|\(\.\.\.\))? *\d{1,9}(?: |$))(?P<code>.*)")
"""A line of source. `mark` is an arrow at the line that runs."""
SKIPPED = re.compile(r" *\[\.\.\. (?:skipping|\d+ )")
PLACE = re.compile(
    r"""\ {0,2}(?P<place>
        (?:Cell|Input)\ In\ ?\[[^\]]*\](?:,\ line\ \d{1,9})?
        | File\ \S.*?:\d{1,9}
        | (?:<ipython-input-[^>]*>|[~/]\S.*?|[A-Za-z]:\\.*?)(?=\ in\ )
    )(?:,?\ in\ (?P<function>[^(]*)(?P<arguments>\(.*)?)?$""",
    re.VERBOSE,
)
"""Where a frame is: in a cell or a file, and in which function."""
_LIBRARY = re.compile(
    r"[\\/](?:site|dist)-packages[\\/](?P<package>[^\\/:]+)"
    r"|/lib/python\d[\d.]*/(?!(?:site|dist)-packages)(?P<module>[^/:]+)"
    r"|(?:python|conda)[^\\]*\\(?:envs\\[^\\]+\\)?lib\\(?!site-packages)(?P<windows>[^\\:]+)"
    r"|^File (?:<frozen (?P<frozen>\w+)|<__(?P<wrapper>array_function__) |(?P<compiled>\w+)[\\/].*\.p(?:yx|xi|xd):)",
    re.IGNORECASE,
)
_MOST_NAMED = 3


class Frame(NamedTuple):
    """Lines of a traceback: a frame, or text between frames."""

    first: int
    last: int
    """The numbers of its first line and of the line after its last one."""
    library: str = ""
    """The package that the frame is in; empty for the user's own frames and for text."""
    is_frame: bool = False


def library_of(place: str) -> str:
    """Returns the package to which a place belongs, if it is an installed one or of the standard library, else nothing."""
    found = _LIBRARY.search(place)
    if found is None:
        return ""
    name = next(name for name in found.groups() if name)
    return "numpy" if found["wrapper"] else name.removesuffix(".py")


def frames(lines: Sequence[str]) -> list[Frame]:
    """Returns all lines as frames and text, in order. `lines` must have no escape sequences."""
    found: list[Frame] = []
    start, library, is_frame = 0, "", False

    def end(at: int) -> None:
        if at > start:
            found.append(Frame(start, at, library, is_frame))

    for at, line in enumerate(lines):
        if place := PLACE.match(line):
            end(at)
            start, library, is_frame = at, library_of(place["place"]), True
        elif is_frame and line.strip() and not NUMBERED.match(line) and not SKIPPED.match(line) and _ends_frame(lines, at):
            end(at)
            start, library, is_frame = at, "", False
    end(len(lines))
    return found


def _ends_frame(lines: Sequence[str], at: int) -> bool:
    """Returns whether a line that is no source ends a frame: a syntax error shows its source without numbers."""
    return at == 0 or not lines[at - 1].strip() or bool(NUMBERED.match(lines[at - 1]) or PLACE.match(lines[at - 1]))


def groups(found: Iterable[Frame]) -> list[list[Frame]]:
    """Returns the frames with those of libraries that follow each other in one group. Others are alone."""
    out: list[list[Frame]] = []
    for frame in found:
        if frame.library and out and out[-1][-1].library:
            out[-1].append(frame)
        else:
            out.append([frame])
    return out


def title(group: Sequence[Frame]) -> str:
    """Returns what stands for a group of frames: `3 frames in pandas`."""
    names = list(dict.fromkeys(frame.library for frame in group))
    shown = ", ".join(names[:_MOST_NAMED]) + (", …" if len(names) > _MOST_NAMED else "")
    return f"{len(group)} frame{'s' * (len(group) != 1)} in {shown}"
