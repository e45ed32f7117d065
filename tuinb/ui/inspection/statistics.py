"""The figures of a column as rows of text: its spread with a histogram, or its most frequent values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tuinb.render.safe import clean, width
from tuinb.ui.strips import cut_with_mark

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_BARS = " ▁▂▃▄▅▆▇█"
_HEIGHT = 3
"""Rows of a histogram."""
_FREQUENT = 5
"""Values that are listed."""
ROWS = 3 + _HEIGHT


def lines_of(facts: Mapping[str, Any], columns: int) -> list[str]:
    """Returns at most ROWS lines of at most `columns` columns."""
    counted = "" if facts["of"] == facts["rows"] else f" · {facts['of']:,} counted, Enter counts all"
    parts = [f"{clean(facts['name'])}  {clean(facts['type'])}", f"{facts['rows']:,} rows{counted}", f"{facts['nulls']:,} null"]
    if "distinct" in facts:
        parts.append(f"{facts['distinct']:,} distinct")
    lines = [" · ".join(parts)]
    if figures := facts.get("figures"):
        lines.append("   ".join(f"{name} {clean(value)}" for name, value in figures.items()))
    if histogram := facts.get("histogram"):
        lines += _histogram(histogram, columns)
    elif top := facts.get("top"):
        lines += _frequent(top, facts["of"], columns, _FREQUENT if figures is None else _FREQUENT - 1)
    return [cut_with_mark(line, columns) for line in lines]


def _histogram(histogram: Sequence[Any], columns: int) -> list[str]:
    low, high, counts = histogram
    wide = 2 if columns >= 2 * len(counts) + 2 else 1
    most = max(counts) or 1
    # A bin that holds anything is seen.
    eighths = [max(1, round(count / most * 8 * _HEIGHT)) if count else 0 for count in counts]
    rows = [
        "".join(_BARS[max(0, min(8, one - 8 * row))] * wide for one in eighths).rstrip() for row in reversed(range(_HEIGHT))
    ]
    axis = f"{clean(low)}{clean(high).rjust(max(1, wide * len(counts) - width(low)))}"
    return [*rows, axis]


def _frequent(top: Sequence[Sequence[Any]], of: int, columns: int, most: int) -> list[str]:
    shown = [(cut_with_mark(clean(text), 30), count) for text, count in top[:most]]
    wide = max(width(text) for text, _ in shown)
    digits = max(len(f"{count:,}") for _, count in shown)
    room = max(1, min(40, columns - wide - digits - 12))
    lines = []
    for text, count in shown:
        bar = "█" * max(1, round(count / shown[0][1] * room))
        lines.append(f"{text}{' ' * (wide - width(text))}  {f'{count:,}'.rjust(digits)}  {count / max(1, of):4.0%}  {bar}")
    return lines
