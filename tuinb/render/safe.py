"""The one choke point: every foreign string passes here before it is painted.

What a terminal would obey or hide is made visible: C0 as control pictures (␛), DEL as ␡; C1, bidi controls and invisible
characters as ⟨U+202E⟩. Where terminals disagree about a width, the text is reduced to what they agree on, so that no column
ever shifts: ZWJ sequences come apart into their emoji, variation selectors and skin tones go, flags become their two letters,
and a combining mark without a base gets a dotted circle. Right-to-left letters stay in logical order. Widths are rich's, which
Textual counts with. This is for showing only: what is copied or saved comes from the source.
"""

from __future__ import annotations

import re
from urllib.parse import quote

from rich.cells import cell_len, get_character_cell_size

TAB = 8
"""Columns between the tab stops of a terminal."""

_SELECTORS = "\ufe00-\ufe0f"
_FLAGS = "\U0001f1e6-\U0001f1ff"
_SKIN = "\U0001f3fb-\U0001f3ff"
_NARROW = "\x00-\x08\n-\x7f\xa0-\xac\xae-\u034e\u0350-\u061b\u061d-\u10ff"
"""Takes one column at most: no tab, nothing that is shown by its name, nothing from U+1100 on, where wide characters begin."""
_ODD = (
    "\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164"
    "\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\ud800-\udfff"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff\U0010eeee"
) + (_SELECTORS + _FLAGS + _SKIN)
_MARKS = "\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
_MAX_MARKS = 4
_odd = re.compile(f"[{_ODD}]")
_heap = re.compile(f"([{_MARKS}]{{{_MAX_MARKS}}})[{_MARKS}]+")
_wider = re.compile(f"[^{_NARROW}]")
_SELECTOR = re.compile(f"[{_SELECTORS}]")
_CONTROL_PICTURES = {code: chr(0x2400 + code) for code in range(32)} | {0x7F: "\u2421"}
_JOINED_FROM = "\u0600"
"""From here on, scripts and emoji where a joiner between two characters is legitimate."""
_CIRCLE = "◌"
_LINKS = ("http://", "https://", "file://")
_LONGEST_LINK = 2000


def width(text: str) -> int:
    """Columns that `text` takes."""
    return len(text) if text.isascii() else cell_len(text)


def clean(text: str, *, tabs: int | None = TAB, column: int = 0) -> str:
    """`text` as one line that can be painted.

    Tabs are expanded to multiples of `tabs` columns, where `text` starts at `column`; with None they are shown as ␉.
    """
    if text.isascii():
        if text.isprintable():
            return text
    elif _odd.search(text) is None:
        return _settle_marks(text)
    if tabs is not None and "\t" in text:
        return _expand(text, tabs, column)
    return _settle_marks(_odd.sub(_shown, text))


def link_target(address: str) -> str:
    """The address as a terminal may be told it, in ASCII; empty unless it is http, https or a file, and of a sane length."""
    if len(address) > _LONGEST_LINK or not address.lower().startswith(_LINKS):
        return ""
    target = "".join(quote(char, errors="replace") if char <= " " or char >= "\x7f" else char for char in address)
    return target if len(target) <= _LONGEST_LINK else ""


def is_narrow(text: str) -> bool:
    """Whether no character of `text` takes more than one column when it is shown, line ends aside."""
    return "\t" not in text if text.isascii() else _wider.search(text) is None


def one_to_one(text: str) -> str:
    """`text` made safe with each character replaced by exactly one, for an editor that counts characters. Tabs stay."""
    if text.isascii() and text.isprintable():
        return text
    shown = _odd.sub(_substitute, text)
    return "\ufffd" + shown[1:] if _starts_with_mark(shown) else shown


def _expand(text: str, tabs: int, column: int) -> str:
    pieces = text.split("\t")
    out = []
    for piece in pieces[:-1]:
        shown = clean(piece, tabs=None)
        size = tabs - (column + width(shown)) % tabs
        column += width(shown) + size
        out.append(shown + " " * size)
    out.append(clean(pieces[-1], tabs=None))
    return "".join(out)


def _settle_marks(text: str) -> str:
    if text.isascii():
        return text
    return _heap.sub(r"\1", with_base(text))


def with_base(text: str) -> str:
    """`text` with something to stand on for a combining mark at its start: for parts of what is clean."""
    return _CIRCLE + text if _starts_with_mark(text) else text


def _starts_with_mark(text: str) -> bool:
    return text[:1] > "\u02ff" and get_character_cell_size(text[0]) == 0


def _shown(match: re.Match[str]) -> str:
    char, text, at = match[0], match.string, match.start()
    code = ord(char)
    if picture := _CONTROL_PICTURES.get(code):
        return picture
    if 0xD800 <= code <= 0xDFFF:
        return "\ufffd"
    before, after = text[at - 1 : at] if at else "", text[at + 1 : at + 2]
    if 0x1F1E6 <= code <= 0x1F1FF:
        return chr(code - 0x1F1E6 + ord("A"))
    if 0xFE00 <= code <= 0xFE0F:
        alone = before > " " and not _SELECTOR.match(before) and not _SELECTOR.match(after)
        return "" if alone else _named(code)
    if code in (0x200C, 0x200D):
        return "" if before >= _JOINED_FROM and after >= _JOINED_FROM else _named(code)
    if 0x1F3FB <= code <= 0x1F3FF and before >= "\u2600":
        return ""
    return _named(code)


def _named(code: int) -> str:
    return f"⟨U+{code:04X}⟩"


def _substitute(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code == 9:
        return "\t"
    if 0x1F1E6 <= code <= 0x1F1FF:
        return chr(code - 0x1F1E6 + ord("A"))
    return _CONTROL_PICTURES.get(code, "\ufffd")
