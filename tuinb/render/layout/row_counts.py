"""Counts the rows of wrapped lines without making the rows.

A message of a million long lines must be counted before its end can be shown. Therefore many lines are counted together
with `re` and `len`, if their characters have a known width of one or two columns. The caller counts all other lines.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

from tuinb.late_pattern import late_pattern
from tuinb.render import ansi
from tuinb.render.safe import TAB

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SINGLE: Final = (
    " -~\xa0-\xac\xae-\u02ff\u0370-\u0482\u048a-\u0590\u05c8-\u05ff\u061d-\u064a\u10a0-\u10ff\u1e00-\u200a\u2010-\u2027"
    "\u202f-\u205e\u2070-\u20cf\u2100-\u2319\u2500-\u25fc\u2713\u2717\u2758-\u2794\u27c0-\u2b1a"
)
"""Characters that take one column and are shown unchanged regardless of their neighbours. A character class of `re`."""
WIDE: Final = (
    "\u2705\u2728\u274c\u2b50\u3000-\u3029\u3041-\u3096\u309b-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uff01-\uff60"
    "\U0001f300-\U0001f320\U0001f400-\U0001f43e\U0001f442-\U0001f4fc\U0001f4ff-\U0001f53d\U0001f5fb-\U0001f64f"
    "\U0001f680-\U0001f6c5\U0001f90c-\U0001f93a\U0001f947-\U0001f9ff"
)
"""The same for characters of two columns."""
_other = late_pattern(f"[^\\t\\n{SINGLE}]")


@cache
def _wide_patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Returns what finds a character that is not wide, and what finds runs of others than single ones.

    They take 2 ms to compile, which the first screen rarely needs.
    """
    return re.compile(f"[^{WIDE}]"), re.compile(f"([^{SINGLE}]+)")


def counts(lines: Sequence[str], columns: int, make: Callable[[str], int]) -> list[int]:
    """Returns the number of rows of each line at `columns` (at least 1). `make` counts lines that need real wrapping."""
    text = "\n".join(lines)
    text = ansi.strip(text) if "\x1b" in text else text
    bare = text.split("\n")
    if _other.search(text) is not None:
        return [_count(line, columns, made, make) for line, made in zip(bare, lines, strict=True)]
    if "\t" in text:
        bare = [line.expandtabs(TAB) for line in bare]
    return [-(-len(line) // columns) or 1 for line in bare]


def _count(bare: str, columns: int, line: str, make: Callable[[str], int]) -> int:
    not_wide, others = _wide_patterns()
    runs = others.split(bare)
    if len(runs) == 1:
        return -(-len(bare) // columns) or 1
    if columns == 1 or not_wide.search("".join(runs[1::2])) is not None:
        tabbed = "\t" in bare and _other.search(bare) is None
        return -(-len(bare.expandtabs(TAB)) // columns) if tabbed else make(line)
    rows, used = 1, 0
    size = 1
    for run in runs:
        # Runs of one-column characters and of two-column characters alternate.
        more = len(run) - (columns - used) // size
        if more > 0:
            full = -(-more // (columns // size))
            rows, used = rows + full, size * (more - (full - 1) * (columns // size))
        else:
            used += size * len(run)
        size = 3 - size
    return rows
