"""Detects how a file formats its JSON, and writes new parts in the same format.

This applies only to text that is not in the file yet: existing text is kept (see patch.py). The default style is
nbformat's: an indent of one space, sorted keys, sources as lists, UTF-8.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from json.encoder import encode_basestring, encode_basestring_ascii
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from tuinb import long_text
from tuinb.files.ipynb.scan import Member, container_at
from tuinb.late_pattern import late_pattern
from tuinb.notebook.nesting import DEEPEST
from tuinb.record import Record, field

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tuinb.notebook.changes import Json

_BACKSLASH = ord("\\")
_ESCAPES_SEEN = 2000
"""Maximum number of escapes that are checked to find one that is not a control character."""
_DEEPEST = DEEPEST + 10
"""Maximum nesting of a new value. In the state of widgets, outputs are seven levels deep."""
_SURROGATE = late_pattern("[\ud800-\udfff]")
_CHUNK = 1 << 16
"""Characters encoded in one call of C code (see long_text.py)."""
_BLOCK = 1 << 10
"""Pieces of text that are joined at once, if they are small."""

Text: TypeAlias = list[str]
"""A text that may be long, in pieces that C code handles in a few milliseconds. They are never joined to one string."""


class Lines(Record):
    """A text to write as a list of its lines."""

    text: str


class Style(Record):
    """How a file is laid out between its values."""

    newline: str = "\n"
    indent: str | None = " "
    """One level of indentation. None if the file is on one line."""
    comma: str = ","
    """Separator after a value: a comma and the space after it on the same line."""
    colon: str = ": "
    ascii_only: bool = False
    sort_keys: bool = True
    lists: bool = True
    """Whether multiline texts are lists of lines."""
    cell_pad: str | None = "  "
    """Indentation of a cell. None if cells are on one line."""
    cell_keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Order of keys for each cell type, as in the file's cells."""

    def encode(self, value: Json, pad: str | None) -> Text:
        """Returns `value` as JSON, on lines indented below `pad`, or on one line if `pad` is None.

        Raises RecursionError if it is nested too deeply.
        """
        return _encode([_Value(value, pad if self.indent is not None else None)], self)

    def encode_members(self, members: Sequence[tuple[str, Json]], pad: str | None) -> Text:
        """Returns an object with its keys in this order as JSON. `pad` is as for `encode`."""
        pad = pad if self.indent is not None else None
        items: list[list[_Part]] = [[self.string(key) + self.colon, _Value(value, _inner(pad, self))] for key, value in members]
        return _encode(_bracket("{}", items, pad, self), self)

    def string(self, value: str) -> str:
        return encode_basestring_ascii(value) if self.ascii_only else encode_basestring(value)

    def text(self, value: str) -> str | Lines:
        """Returns a multiline text in the form that the file uses (nbformat splits like str.splitlines)."""
        return Lines(value) if self.lists else value


class _Value(NamedTuple):
    """A value that is not encoded yet."""

    value: Json
    pad: str | None
    depth: int = 1


_Part: TypeAlias = str | _Value


def _encode(parts: list[_Part], style: Style) -> Text:
    """Returns the parts with their values encoded. Uses a stack of its own, since values may be nested deeply.

    Raises RecursionError for a value that is nested so deeply that the file could not be read again.
    """
    result: Text = []
    stack = parts[::-1]
    while stack:
        part = stack.pop()
        if isinstance(part, str):
            result.append(part)
            continue
        if part.depth > _DEEPEST:
            raise RecursionError(f"nested more than {_DEEPEST} levels deep")
        match part.value:
            case Mapping():
                stack += reversed(_object(part, part.value, style))
            case Sequence() if not isinstance(part.value, str):
                inner, depth = _inner(part.pad, style), part.depth + 1
                stack += reversed(_bracket("[]", [[_Value(item, inner, depth)] for item in part.value], part.pad, style))
            case _:
                result += _encode_scalar(part.value, part.pad, style)
    return result


def _object(part: _Value, value: Mapping[str, Json], style: Style) -> list[_Part]:
    inner, depth = _inner(part.pad, style), part.depth + 1
    keys = sorted(value) if style.sort_keys else list(value)
    items: list[list[_Part]] = [[style.string(key) + style.colon, _Value(value[key], inner, depth)] for key in keys]
    return _bracket("{}", items, part.pad, style)


def _encode_scalar(value: Json, pad: str | None, style: Style) -> Text:
    match value:
        case str():
            return _encode_string(value, style)
        case Lines():
            return _encode_lines(value.text, pad, style)
        case None | True | False:
            return ["null" if value is None else "true" if value else "false"]
        case int():
            return [int.__repr__(value)]
        case float():
            if math.isfinite(value):
                return [float.__repr__(value)]
            # Infinity and NaN are not JSON. A number too large for a float is read as infinity again; NaN has no such form.
            return ["null" if math.isnan(value) else "1E400" if value > 0 else "-1E400"]
    raise TypeError(f"not a JSON value: {type(value).__name__}")


def _inner(pad: str | None, style: Style) -> str | None:
    return None if pad is None else pad + (style.indent or "")


def _between(pad: str | None, style: Style) -> tuple[str, str, str]:
    """Returns the text after the opening bracket, between items, and before the closing bracket."""
    if pad is None:
        return "", style.comma if style.indent is None else ", ", ""
    inner = style.newline + pad + (style.indent or "")
    return inner, style.comma + inner, style.newline + pad


def _bracket(brackets: str, items: Sequence[list[_Part]], pad: str | None, style: Style) -> list[_Part]:
    if not items:
        return [brackets]
    first, between, last = _between(pad, style)
    parts: list[_Part] = [brackets[0], first]
    for number, item in enumerate(items):
        if number:
            parts.append(between)
        parts += item
    parts += (last, brackets[1])
    return parts


def _encode_string(value: str, style: Style) -> Text:
    if len(value) <= _CHUNK:
        return [style.string(value)]
    return ['"', *(style.string(value[at : at + _CHUNK])[1:-1] for at in range(0, len(value), _CHUNK)), '"']


def _encode_lines(text: str, pad: str | None, style: Style) -> Text:
    """Returns the lines of a text as a JSON list. There may be millions, and one may be long."""
    if not text:
        return ["[]"]
    first, between, last = _between(pad, style)
    parts = ["[", first]
    at, inside = 0, False
    while at < len(text):
        end = at + _CHUNK
        if text[end - 1 : end + 1] == "\r\n":  # one line end
            end += 1
        lines = text[at:end].splitlines(keepends=True)
        encoded = [style.string(line) for line in lines]
        if inside:  # the line before, which goes on
            encoded[0] = encoded[0][1:]
        elif at:
            parts.append(between)
        inside = end < len(text) and len(lines[-1].splitlines()[0]) == len(lines[-1])
        if inside:
            encoded[-1] = encoded[-1][:-1]
        parts.append(between.join(encoded))
        at = end
    return [*parts, last, "]"]


def cut(text: str, at: int, end: int) -> Text:
    """Returns a part of a text."""
    return [text[start : min(start + _CHUNK, end)] for start in range(at, end, _CHUNK)]


def to_utf8(text: str) -> bytes:
    """Encodes JSON text. Writes a lone surrogate, which UTF-8 can't encode, as its escape."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return _SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", text).encode()


# ---- detection


def style_of(raw: bytes, cells: Sequence[str], *, lists: bool) -> Style:
    """Returns the style of a file, from its first bytes and the raw text of some cells."""
    head = raw[:4096].decode(errors="replace")
    style = replace(Style(), lists=lists, ascii_only=_escapes(raw))
    opening = re.match(r"\s*\{([ \t\r\n]*)\"(?:[^\"\\]|\\.)*\"([ \t]*:[ \t]*)", head)
    if opening:
        newline = "\r\n" if "\r\n" in opening[1] else "\n"
        indent = opening[1].rpartition("\n")[2] if "\n" in opening[1] else None
        style = replace(style, colon=opening[2], newline=newline, indent=indent)
    if style.indent is None:
        style = replace(style, comma=", ", cell_pad=None)
    else:
        style = replace(style, comma=", " if re.search(r'[\]}"], \r?\n', head) else ",", cell_pad=style.indent * 2)
    return _style_of_cells(style, cells)


def _escapes(raw: bytes) -> bool:
    r"""Whether the file escapes characters such as `é` as `\u00e9`."""
    if not raw.isascii():
        return False
    at = long_text.find(raw, b"\\u")
    for _ in range(_ESCAPES_SEEN):
        if at < 0:
            return False
        slashes = at
        while slashes and raw[slashes - 1] == _BACKSLASH:
            slashes -= 1
        # Control characters are escaped in every file. An even number of backslashes is the literal text `\u`.
        if (at - slashes) % 2 == 0 and not raw.startswith((b"000", b"001"), at + 2):
            return True
        at = long_text.find(raw, b"\\u", at + 2)
    return False


def _style_of_cells(style: Style, cells: Sequence[str]) -> Style:
    keys: dict[str, tuple[str, ...]] = {}
    in_order = True
    pad, comma = style.cell_pad, style.comma
    for number, text in enumerate(cells):
        if not text.startswith("{"):
            continue
        members = container_at(text, 0).members
        names = tuple(member.key for member in members)
        kind = next((member.value for member in members if member.key == "cell_type"), "")
        if isinstance(kind, str):
            keys.setdefault(kind, names)
        in_order = in_order and list(names) == sorted(names)
        if number == 0:
            pad = _cell_pad(members, style)
            if style.indent is None and len(members) > 1:
                comma = "," + members[1].before
    return replace(style, cell_keys=keys, sort_keys=in_order, cell_pad=pad, comma=comma)


def _cell_pad(members: list[Member], style: Style) -> str | None:
    before = members[0].before if members else ""
    if "\n" not in before or style.indent is None:
        return None
    pad = before.rpartition("\n")[2]
    return pad.removesuffix(style.indent) if pad.endswith(style.indent) else pad


def utf8_pieces(text: Text) -> Iterator[bytes]:
    """Encodes JSON text, as `to_utf8` does, in pieces: not many small ones, and no long one."""
    for at in range(0, len(text), _BLOCK):
        block = text[at : at + _BLOCK]
        yield from map(to_utf8, ["".join(block)] if sum(map(len, block)) <= _CHUNK else block)
