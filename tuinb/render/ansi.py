"""Converts ANSI escape sequences in foreign text: SGR sequences on a whitelist become styles, all others are removed.

Supports 16, 256 and true colours in their `;` and `:` forms, bold, dim, italic, underline, reverse and strike, and their
resets. Ignores blink and conceal, so that nothing moves or hides. Keeps links (OSC 8) that `safe.link_target` allows. An
incomplete sequence loses only its introducer, so that its text stays visible. The caller carries the state from line to
line. The 16 colours come from the theme, or from the terminal if the theme does not define them. Other colours are adjusted
if they are unreadable on the theme's background, except in pictures made of text.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from rich.color import Color
from rich.style import Style

from tuinb.late_pattern import late_pattern
from tuinb.render import contrast
from tuinb.render.block import Line, Span
from tuinb.render.safe import clean, link_target, width

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

    from tuinb.render.styles import ThemeStyles

_BOLD, _DIM, _ITALIC, _UNDERLINE, _REVERSE, _STRIKE = 1, 2, 4, 8, 16, 32
_ON = {1: _BOLD, 2: _DIM, 3: _ITALIC, 4: _UNDERLINE, 7: _REVERSE, 9: _STRIKE, 21: _UNDERLINE}
_OFF = {22: _BOLD | _DIM, 23: _ITALIC, 24: _UNDERLINE, 27: _REVERSE, 29: _STRIKE}
_FOREGROUND: dict[int, int | None] = {39: None, **{30 + i: i for i in range(8)}, **{90 + i: 8 + i for i in range(8)}}
_BACKGROUND = {code + 10: color for code, color in _FOREGROUND.items()}
_TRUE = 1 << 24
"""Set in a true colour (red, green, blue). Other colours are numbers of the 256-colour palette."""

_SEQUENCE = late_pattern(
    r"(?:\x1b\]|\x9d)8;[^;\x00-\x1f\x7f-\x9f]*;([^\x00-\x1f\x7f-\x9f]*)(?:\x07|\x1b\\|\x9c)"
    r"|(?:\x1b\[|\x9b)(?:([0-9:;]*)m|[0-?]*[ -/]*[@-~]?)"
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])(?:[^\x00-\x08\x0a-\x1f\x7f-\x9f]*(?:\x07|\x1b\\|\x9c))?"
    r"|\x1b[ -/]*[0-Z\\^-~]?"
    r"|[\x80-\x9f]"
)
_LINK, _SGR = 1, 2
"""Groups of the supported sequences: a link's address, and SGR's parameters."""
_COLOUR = late_pattern(r"\x1b\[[0-9:;]*m")
"""Matches nearly all sequences in practice, several times faster."""
_INTRODUCER = late_pattern(r"[\x1b\x80-\x9f]")
_LONGEST = 256
"""Maximum number of parameter characters that are read."""
_DRAWN = late_pattern("[\u2500-\u259f\u2800-\u28ff\U0001fb00-\U0001fbff]")
"""Characters that pictures in text are made of."""


class Sgr(NamedTuple):
    """Active colours, attributes and link. Immutable."""

    foreground: int | None = None
    background: int | None = None
    attributes: int = 0
    link: str = ""


PLAIN = Sgr()


def spans(line: str, state: Sgr, styles: ThemeStyles | None) -> tuple[Line, Sgr]:
    r"""Returns one line (without `\n`) as spans, and the state after it."""
    if _INTRODUCER.search(line) is None:
        text = clean(line)
        return ((Span(text, style_of(state, styles, text)),) if line else (), state)
    out: list[Span] = []
    at = column = 0
    for match in _SEQUENCE.finditer(line):
        if match.start() > at:
            text = clean(line[at : match.start()], column=column)
            column += width(text)
            out.append(Span(text, style_of(state, styles, text)))
        at = match.end()
        state = _after(state, match)
    if at < len(line):
        text = clean(line[at:], column=column)
        out.append(Span(text, style_of(state, styles, text)))
    return tuple(out), state


def state_after(text: str, state: Sgr = PLAIN) -> Sgr:
    """Returns the state after `text`, which may have many lines."""
    if _INTRODUCER.search(text) is None:
        return state
    for match in _SEQUENCE.finditer(text):
        state = _after(state, match)
    return state


def has_sequences(text: str) -> bool:
    """Returns whether `strip` may change a text."""
    return "\x1b" in text or (not text.isascii() and _INTRODUCER.search(text) is not None)


def strip(text: str) -> str:
    """Returns `text` without escape sequences. Keeps line feeds."""
    escapes = text.count("\x1b") if "\x1b" in text else 0  # to look takes a tenth of the time to count
    plain, colours = _COLOUR.subn("", text) if escapes else (text, 0)
    if colours == escapes and (plain.isascii() or _INTRODUCER.search(plain) is None):
        return plain
    return _SEQUENCE.sub("", text)


def style_of(state: Sgr, styles: ThemeStyles | None, text: str) -> Style | None:
    """Returns the style for `text` in this state, or None for plain text."""
    if state == PLAIN or styles is None:
        return None
    drawn = (state.foreground or 0) > 15 and _DRAWN.search(text) is not None
    return styles.cached((state, drawn), _make_style)


def _make_style(key: tuple[Sgr, bool], styles: ThemeStyles) -> Style:
    state, drawn = key
    foreground, background = _color(state.foreground, styles), _color(state.background, styles)
    if not styles.theme.ansi and not drawn:
        foreground = _readable(state, foreground, background, styles)
    on = state.attributes
    return Style(
        color=foreground,
        bgcolor=background,
        bold=bool(on & _BOLD) or None,
        dim=bool(on & _DIM) or None,
        italic=bool(on & _ITALIC) or None,
        underline=bool(on & _UNDERLINE) or None,
        reverse=bool(on & _REVERSE) or None,
        strike=bool(on & _STRIKE) or None,
        link=state.link or None,
    )


def _readable(state: Sgr, foreground: Color | None, background: Color | None, styles: ThemeStyles) -> Color | None:
    """Returns the foreground, changed if it would be unreadable.

    Keeps a foreground of the 256 or true colours if a background is set too: the author chose the pair.
    """
    text, page = styles.role("foreground").color, styles.role("background").bgcolor
    if text is None or page is None:
        return foreground
    if background is not None and (state.foreground is None or state.foreground < 16):
        readable = contrast.readable(foreground or text, background)
        return foreground if readable == text else readable
    if background is None and foreground is not None:
        return contrast.visible(foreground, page, text)
    return foreground


def _color(code: int | None, styles: ThemeStyles) -> Color | None:
    if code is None:
        return None
    if code & _TRUE:
        return Color.from_rgb(code >> 16 & 255, code >> 8 & 255, code & 255)
    return styles.ansi(code) if code < 16 else Color.from_ansi(code)


def _after(state: Sgr, sequence: re.Match[str]) -> Sgr:
    if (parameters := sequence[_SGR]) is not None:
        return _apply(state, parameters[:_LONGEST])
    address = sequence[_LINK]
    return state if address is None else state._replace(link=link_target(address))


@lru_cache(maxsize=4096)
def _apply(state: Sgr, parameters: str) -> Sgr:
    foreground, background, attributes, link = state
    codes = iter(parameters.split(";"))
    for field in codes:
        code, *rest = map(_number, field.split(":"))
        if code == 0:
            foreground, background, attributes = None, None, 0
        elif code in _OFF or (code == 4 and rest[:1] == [0]):
            attributes &= ~_OFF.get(code, _UNDERLINE)
        elif code in _ON:
            attributes |= _ON[code]
        elif code in _FOREGROUND:
            foreground = _FOREGROUND[code]
        elif code in _BACKGROUND:
            background = _BACKGROUND[code]
        elif code == 38:
            foreground = _extended(rest, codes)
        elif code == 48:
            background = _extended(rest, codes)
        elif code == 58:
            _extended(rest, codes)
    return Sgr(foreground, background, attributes, link)


def _extended(rest: list[int], codes: Iterator[str]) -> int | None:
    """Returns the colour after 38 or 48: `5;n`, `2;r;g;b`, `:5:n`, `:2:r:g:b` or `:2:space:r:g:b`."""
    if rest:
        kind, values = rest[0], rest[1:]
        if kind == 2 and len(values) > 3:
            values = values[1:]
    else:
        kind = _number(next(codes, ""))
        values = [_number(field) for field in islice(codes, {5: 1, 2: 3}.get(kind, 0))]
    if kind == 5 and values and values[0] < 256:
        return values[0]
    if kind == 2 and len(values) >= 3 and max(values[:3]) < 256:
        return _TRUE | values[0] << 16 | values[1] << 8 | values[2]
    return None


def _number(field: str) -> int:
    return int(field) if field.isdecimal() and len(field) < 6 else 0
