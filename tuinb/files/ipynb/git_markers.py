"""Takes the sides of a text apart that git merged line by line, with its conflict markers in it."""

from __future__ import annotations

import re

from tuinb.record import Record

_MARKER = re.compile(r"(<{7}|\|{7}|={7}|>{7})(?: .*)?\r?\n?")
_NEXT = {"": "<", "<": "|=", "|": "=", "=": ">"}
"""The markers that may follow one. Outside of a conflict there is none before."""


class Sides(Record):
    """The whole text of each side."""

    ours: str
    theirs: str
    base: str | None
    """None if git was not told to write the base (`merge.conflictStyle`)."""


def sides(text: str) -> Sides | None:
    """Returns the sides, or None if the text has no markers, or not all of a conflict's."""
    parts: dict[str, list[str]] = {"<": [], "|": [], "=": []}
    state, conflicts, bases = "", 0, 0
    for line in re.findall(r"[^\n]*\n|[^\n]+", text):
        found = _MARKER.fullmatch(line)
        mark = found[1][0] if found else ""
        if not mark or (not state and mark != "<"):
            for name in (state,) if state else parts:
                parts[name].append(line)
            continue
        if mark not in _NEXT[state]:
            return None
        conflicts += mark == "<"
        bases += mark == "|"
        state = "" if mark == ">" else mark
    if state or not conflicts:
        return None
    ours, base, theirs = ("".join(parts[name]) for name in "<|=")
    return Sides(ours, theirs, base if bases == conflicts else None)
