"""What tuinb may write to a terminal: a strict grammar of it, for tests on the raw bytes.

Everything else is foreign: a control character or sequence that is not listed, one that is listed with other parameters, a
link to elsewhere than the web or a file, text that a terminal reorders or hides, bytes that are not UTF-8.
"""

from __future__ import annotations

import re
import unicodedata

_SEQUENCE = re.compile(
    r"\x1b(?:"
    r"\[[0-?]*[ -/]*[@-~]"
    r"|[\]PX^_][^\x1b\x07]*(?:\x07|\x1b\\)"
    r"|[ -/]*[0-OQ-WYZ\\`-~]"
    r")"
)
_CONTROLS = frozenset("\r\n\b")
_MODES = "7|25|1000|1002|1004|1006|1036|1049|2004|2026|2048"
_OWN = re.compile(
    r"\x1b(?:"
    r"\[(?:[0-9]{1,3}(?:;[0-9]{1,3})?)?H|\[[0-9]{0,3}[ABCDGX@P]"  # where the cursor goes, and what is erased or shifted
    r"|\[K|\[2J|\[(?:[0-9]{1,3};[0-9]{1,3})?r|M|[78]"
    rf"|\[\?(?:{_MODES})[hl]|\[\?1016l|\[\?(?:1036|2026|2048)\$p"  # modes, and whether there are such
    r"|\[c|\[>q|\[1[46]t|\]11;\?\x1b\\|_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\|P\$q q\x1b\\"  # questions
    r"|\[[0246] q"  # shapes of the cursor
    r"|\[>4;1m|\[>4m|\[>[0-9]{1,2}u|\[<u"  # keyboards
    r")"
)
_SGR = re.compile(r"\x1b\[([0-9;]*)m")
_ATTRIBUTES = frozenset(
    ["", "0", *"123479", "22", "23", "24", "27", "29", "39", "49"]
    + [str(base + color) for base in (30, 40, 90, 100) for color in range(8)]
)
_MOST_PARAMETERS = 20
_LINK = re.compile(r"\x1b\]8;;(?:(?:https?|file)://[!-~]{1,2000})?\x1b\\")
_COPY = re.compile(r"\x1b\]52;c;[A-Za-z0-9+/=]*\x07")
_IMAGES = re.compile(
    r'\x1bP0;1;0q"1;1;[0-9]+;[0-9]+[#0-9;!?-~$-]*\x1b\\'
    r"|\x1b_G(?:[a-zA-Z]=[a-zA-Z0-9]{1,10},?)*;?[A-Za-z0-9+/=]*\x1b\\"
    r"|\x1b\]1337;File=(?:[a-zA-Z]+=[A-Za-z0-9]+;?)*:[A-Za-z0-9+/=]*\x07"
)
_PLACEHOLDER = "\U0010eeee"
_SHOWN_BY_NAME = frozenset(("Cc", "Cf", "Cs", "Cn", "Zl", "Zp"))
"""Categories of characters that obey, hide or reorder. The icons of many fonts are in private planes, and may be sent."""


def foreign(raw: bytes, *, copies: bool = False, images: bool = False) -> list[str]:
    """What of these bytes tuinb would not write by itself, each with what stands around it.

    `copies` and `images` say whether something was copied, and whether pictures are sent as pictures.
    """
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        return [f"not UTF-8: {raw[max(0, error.start - 20) : error.start + 20]!r}"]
    found: list[str] = []
    at = 0
    for match in _SEQUENCE.finditer(text):
        found += _plain(text, at, match.start(), images)
        if not _is_own(match[0], copies, images):
            found.append(f"{match[0]!r} in {text[max(0, match.start() - 20) : match.end() + 20]!r}")
        at = match.end()
    return found + _plain(text, at, len(text), images)


def _plain(text: str, start: int, end: int, images: bool) -> list[str]:
    return [
        f"{char!r} in {text[max(0, place - 20) : place + 20]!r}"
        for place, char in enumerate(text[start:end], start)
        if not (" " <= char <= "~")
        and char not in _CONTROLS
        and (unicodedata.category(char) in _SHOWN_BY_NAME or (char == _PLACEHOLDER and not images))
    ]


def _is_own(sequence: str, copies: bool, images: bool) -> bool:
    if sgr := _SGR.fullmatch(sequence):
        return _is_sgr(sgr[1].split(";"))
    if _OWN.fullmatch(sequence) or _LINK.fullmatch(sequence):
        return True
    return (copies and _COPY.fullmatch(sequence) is not None) or (images and _IMAGES.fullmatch(sequence) is not None)


def _is_sgr(parameters: list[str]) -> bool:
    """Whether each is an attribute or a colour, in 256 or in true colours."""
    at = 0
    while at < len(parameters) <= _MOST_PARAMETERS:
        if parameters[at] in ("38", "48"):
            size = {"5": 1, "2": 3}.get(parameters[at + 1] if at + 1 < len(parameters) else "", 0)
            values = parameters[at + 2 : at + 2 + size]
            if not size or len(values) < size or not all(value.isdecimal() and int(value) < 256 for value in values):
                return False
            at += 2 + size
        elif parameters[at] in _ATTRIBUTES:
            at += 1
        else:
            return False
    return at == len(parameters)
