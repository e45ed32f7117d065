"""The state that SGR sequences set, as one canonical sequence.

A line of a stream may be coloured by a sequence many lines above it, so whoever shows or edits one line needs to know
what is in force where it starts. A style here is the shortest SGR sequence that sets that state from scratch, and `""`
where nothing is set: a plain value to compare, to cache by, and to write.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from tuinb.late_pattern import late_pattern

ESC: Final = "\x1b"
_SGR: Final = late_pattern("\x1b\\[([0-9;:]*)m")
_OFF: Final[dict[int, tuple[str, ...]]] = {
    22: ("bold", "dim"),
    23: ("italic",),
    24: ("underline",),
    25: ("blink",),
    27: ("reverse",),
    28: ("conceal",),
    29: ("strike",),
    39: ("fg",),
    49: ("bg",),
    55: ("overline",),
    59: ("underline colour",),
}
_ON: Final[dict[int, str]] = {
    1: "bold",
    2: "dim",
    3: "italic",
    4: "underline",
    5: "blink",
    6: "blink",
    7: "reverse",
    8: "conceal",
    9: "strike",
    21: "underline",
    38: "fg",
    48: "bg",
    53: "overline",
    58: "underline colour",
    **dict.fromkeys((*range(30, 38), *range(90, 98)), "fg"),
    **dict.fromkeys((*range(40, 48), *range(100, 108)), "bg"),
}
_KEPT: Final = 400
"""Maximum characters of a style and a sequence whose combination is cached."""
_ARGUMENTS: Final = {"5": 1, "2": 3}


def style_after(style: str, text: str) -> str:
    """Returns the style in force after `text` if `style` was in force before it. Only SGR sequences count."""
    if ESC not in text:
        return style
    reset = max(text.rfind("\x1b[0m"), text.rfind("\x1b[m"))
    if reset >= 0:
        style = ""
    for match in _SGR.finditer(text, max(reset, 0)):
        codes = match[1]
        # What is longer than any program writes is not kept.
        style = (_combine if len(style) + len(codes) < _KEPT else _combine.__wrapped__)(style, codes)
    return style


def without_style(text: str) -> str:
    """Returns text without its SGR sequences."""
    return _SGR.sub("", text) if ESC in text else text


def transition(before: str, after: str) -> str:
    """Returns the sequence that changes one style to another."""
    if before == after:
        return ""
    return f"\x1b[0m{after}" if before else after


@lru_cache(maxsize=4096)
def _combine(style: str, codes: str) -> str:
    state: dict[str, str] = {}
    _read(state, style[2:-1])
    _read(state, codes or "0")
    return f"\x1b[{';'.join(state[group] for group in sorted(state))}m" if state else ""


def _read(state: dict[str, str], codes: str) -> None:
    """Applies one sequence's codes. A colour includes its arguments: `38;5;n`, `38;2;r;g;b`, or joined by colons."""
    parts = codes.split(";") if codes else []
    at = 0
    while at < len(parts):
        head = parts[at].partition(":")[0]
        code = int(head) if head.isdecimal() and len(head) < 4 else 0 if not head else -1
        taken = 1
        if code in (38, 48, 58) and ":" not in parts[at]:
            taken += 1 + _ARGUMENTS.get(parts[at + 1] if at + 1 < len(parts) else "", 0)
        if code == 0 or parts[at] == "4:0":
            for group in ("underline",) if code else tuple(state):
                state.pop(group, None)
        elif code in _ON:
            state[_ON[code]] = ";".join(parts[at : at + taken])
        for group in _OFF.get(code, ()):
            state.pop(group, None)
        at += taken
