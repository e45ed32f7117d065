"""Makes foreign text safe to paint. Every foreign string passes through this module.

Characters that a terminal would interpret or hide become visible: C0 controls as control pictures (␛), DEL as ␡; C1
controls, bidi controls and invisible characters as ⟨U+202E⟩. Where terminals disagree about a width, the text is reduced to
what they agree on, so that columns never shift: ZWJ sequences are split into their emoji, variation selectors and skin
tones are removed, flags become their two letters, Korean letters are composed into syllables, a combining mark without a
base gets a dotted circle, and characters that are too new for terminals in use are shown by their code point. Right-to-left
text stays in logical order. Widths are rich's, as in Textual. The differences to xterm, tmux and kitty were measured.
Copying and saving use the source text instead.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from urllib.parse import quote

from rich.cells import cell_len, get_character_cell_size

from tuinb.late_pattern import late_pattern

TAB = 8
"""Columns between tab stops of a terminal."""

_SELECTORS = "\ufe00-\ufe0f"
_FLAGS = "\U0001f1e6-\U0001f1ff"
_SKIN = "\U0001f3fb-\U0001f3ff"
_SIGNS = "\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd\U00013430-\U0001345f"
"""Invisible by category (Cf). Some terminals draw them in one column, others in none."""
_DISPUTED = (
    "\u2630-\u2637\u268a-\u268f\u3030\u303d\u3248-\u324f\u3297\u3299\U0001d300-\U0001d356\U0001d360-\U0001d376"
    "\U0001f202\U0001f237"
)
"""Terminals disagree whether these take one column or two."""
_NEWER = (
    "\u0897\u0cf3\u0ece\u1acf-\u1add\u1ae0-\u1aeb\u2ffc-\u2fff\u31e4\u31e5\u31ef\ufa6e\ufa6f\ufada-\ufaff"
    "\U00010d69-\U00010d6d\U00010efa-\U00010eff\U00011241\U000113b8-\U000113d2\U000113e1\U000113e2\U00011b60-\U00011b67"
    "\U00011f00-\U00011f03\U00011f34-\U00011f42\U00011f5a\U0001611e-\U0001612f\U00016ff2-\U00016ff6\U00018d09-\U00018dff"
    "\U0001b132\U0001b155\U0001e08f\U0001e4ec-\U0001e4ef\U0001e5ee\U0001e5ef\U0001e6e3-\U0001e6f5\U0001f6d8\U0001f6dc"
    "\U0001fa75-\U0001fa77\U0001fa87-\U0001fa8f\U0001faad-\U0001faaf\U0001fabb-\U0001fabf\U0001fac6-\U0001facf"
    "\U0001fada-\U0001fadf\U0001fae8-\U0001faef\U0001faf7-\U0001faff"
)
"""Zero or two columns wide since Unicode 15 (2022) or later. Terminals in use give them one."""
_JAMO = "\u1161-\u11ff\ud7b0-\ud7fb"
"""Separate Korean vowels and finals. Terminals give them one column or none."""
_PLACEHOLDER = "\U0010eeee"
"""Marks a part of a kitty image that was sent before."""
_NARROW = (
    "\x00-\x08\n-\x7f\xa0-\xac\xae-\u034e\u0350-\u05ff\u0606-\u061b\u061d-\u06dc\u06de-\u070e\u0710-\u088f\u0892-\u0896"
    "\u0898-\u08e1\u08e3-\u0902\u0e01-\u0ecd\u0ecf-\u0f3d\u0f40-\u0f7e\u0f80-\u102a\u10a0-\u10ff"
)
"""At most one column wide. Excludes tabs, characters shown by code point, and everything from U+1100, where wide characters
begin.
"""
_UNSAFE = (
    "\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164"
    "\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\ud800-\udfff"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff\U0010eeee"
) + (_SELECTORS + _FLAGS + _SKIN + _SIGNS + _DISPUTED + _NEWER + _JAMO + _PLACEHOLDER)
_MARKS = "\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
_MAX_MARKS = 4
_unsafe = late_pattern(f"[{_UNSAFE}]")
_indic = late_pattern(
    "[\u0903-\u0df3\u0f3e-\u0f7f\u102b-\u1cf7\u302e\u302f\ua823-\uabec\U00011000-\U00011fff\U00016ff0\U00016ff1]"
)
_syllable = late_pattern("[\u1100-\u1112][\u1161-\u1175][\u11a8-\u11c2]?")
_mark_run = late_pattern(f"([{_MARKS}]{{{_MAX_MARKS}}})[{_MARKS}]+")
_wider = late_pattern(f"[^{_NARROW}]")
_SELECTOR = late_pattern(f"[{_SELECTORS}\U000e0100-\U000e01ef]")
_CONTROL_PICTURES = {code: chr(0x2400 + code) for code in range(32)} | {0x7F: "\u2421"}
_JOINERS = {0x200C: "¦", 0x200D: "‿"}
"""Signs of one column for ZWNJ and ZWJ, which many languages write inside words."""
_UNSHOWN = "▯"
"""Sign of one column for every other valid character that can't be shown as it is. U+FFFD means broken text only."""
_JOINED_FROM = "\u0600"
"""First code point of the scripts and emoji in which a joiner between two characters is legitimate."""
_CIRCLE = "◌"
PAD = "\xa0"
"""Follows a letter with a spacing vowel, as the second half of a wide character."""
_LINKS = ("http://", "https://", "file://")
_LONGEST_LINK = 2000


def width(text: str) -> int:
    """Returns the width of `text` in columns."""
    return len(text) if text.isascii() else cell_len(text)


def clean(text: str, *, tabs: int | None = TAB, column: int = 0) -> str:
    """Returns `text` as one line that can be painted.

    Expands tabs to multiples of `tabs` columns, given that `text` starts at `column`. If `tabs` is None, shows them as ␉.
    """
    if text.isascii():
        if text.isprintable():
            return text
    elif _unsafe.search(text) is None:
        return _fix_marks(text)
    if tabs is not None and "\t" in text:
        return _expand(text, tabs, column)
    text = _syllable.sub(lambda match: unicodedata.normalize("NFC", match[0]), text)
    return _fix_marks(_unsafe.sub(_visible_form, text))


def link_target(address: str) -> str:
    """Returns an address as ASCII for a terminal link. Returns an empty string if it is too long or not http, https or file."""
    if len(address) > _LONGEST_LINK or not address.lower().startswith(_LINKS):
        return ""
    target = in_ascii(address)
    return target if len(target) <= _LONGEST_LINK else ""


def in_ascii(address: str) -> str:
    """Returns the address with all characters except visible ASCII percent-encoded, as a browser sends it."""
    return "".join(quote(char, errors="replace") if char <= " " or char >= "\x7f" else char for char in address)


def is_narrow(text: str) -> bool:
    """Whether no character takes more than one column when shown. Ignores line ends."""
    return "\t" not in text if text.isascii() else _wider.search(text) is None


def one_to_one(text: str) -> str:
    """Returns safe text in which one character replaces each character, for an editor that counts characters. Keeps tabs.

    ZWNJ becomes ¦, ZWJ ‿, a lone surrogate �, and another character that can't be shown ▯.
    """
    if text.isascii() and text.isprintable():
        return text
    shown = _unsafe.sub(_substitute, text)
    return _CIRCLE + shown[1:] if _starts_with_mark(shown) else shown


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


def _fix_marks(text: str) -> str:
    if text.isascii():
        return text
    text = _mark_run.sub(r"\1", with_base(text))
    return _padded(text) if _indic.search(text) else text


def _padded(text: str) -> str:
    """Adds a column after vowels that stand beside their letter. Some terminals draw them in a column of their own, others
    in none.
    """
    return _spacing_vowels().sub(lambda match: f"{match[0]}{PAD}{_CIRCLE if match[1] else ''}", text)


@cache
def _spacing_vowels() -> re.Pattern[str]:
    codes = (*range(0x900, 0x1D00), *range(0xA800, 0xAC00), *range(0x11000, 0x12000), 0x302E, 0x302F, 0x16FF0, 0x16FF1)
    marks = {kind: "".join(chr(code) for code in codes if unicodedata.category(chr(code)) == kind) for kind in ("Mc", "Mn")}
    beside = "".join(char for char in marks["Mc"] if get_character_cell_size(char) == 0)
    return re.compile(f"[{beside}][{marks['Mn']}{_MARKS}]*(?!{PAD})(?=([{beside}])?)")


def with_base(text: str) -> str:
    """Adds a base for a combining mark at the start. Used for parts of clean text."""
    return _CIRCLE + text if _starts_with_mark(text) else text


def _starts_with_mark(text: str) -> bool:
    return text[:1] > "\u02ff" and get_character_cell_size(text[0]) == 0


def _visible_form(match: re.Match[str]) -> str:
    char, text, at = match[0], match.string, match.start()
    code = ord(char)
    if picture := _CONTROL_PICTURES.get(code):
        return picture
    if 0xD800 <= code <= 0xDFFF:
        return "\ufffd"
    before, after = text[at - 1 : at] if at else "", text[at + 1 : at + 2]
    if 0x1F1E6 <= code <= 0x1F1FF:
        return chr(code - 0x1F1E6 + ord("A"))
    if 0xFE00 <= code <= 0xFE0F or 0xE0100 <= code <= 0xE01EF:
        alone = before > " " and not _SELECTOR.match(before) and not _SELECTOR.match(after)
        return "" if alone else _code_point(code)
    if code in (0x200C, 0x200D):
        return "" if before >= _JOINED_FROM and after >= _JOINED_FROM else _code_point(code)
    if 0x1F3FB <= code <= 0x1F3FF and before >= "\u2600":
        return ""
    return _code_point(code)


def _code_point(code: int) -> str:
    return f"⟨U+{code:04X}⟩"


def _substitute(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code == 9:
        return "\t"
    if 0x1F1E6 <= code <= 0x1F1FF:
        return chr(code - 0x1F1E6 + ord("A"))
    if 0xD800 <= code <= 0xDFFF or code in (0xFFFE, 0xFFFF):
        return "\ufffd"
    return _CONTROL_PICTURES.get(code) or _JOINERS.get(code, _UNSHOWN)
