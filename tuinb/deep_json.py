"""Reads and writes JSON that is nested more deeply than the json module can.

json recurses, and fails below a thousand levels. A kernel can publish more, and a file can hold more. Of such a value LEVELS
levels are read, and a text replaces the parts below them. So no other code has to handle deeper values.
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from json.decoder import JSONDecodeError
from typing import TYPE_CHECKING, Any

from tuinb.late_pattern import late_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

LEVELS = 450
"""Levels that are read of a value that is too deep for json. Leaves room for other frames below Python's 1,000."""
_BEFORE, _AFTER = "… ", " more levels"
_WINDOW = 1 << 17
"""Characters that one call of json reads at most: about 2 ms."""
_SMALL = 1 << 12
"""Characters that most values have at most. Copying a window for each of many would cost more than reading them."""
_ESCAPE = 12
"""Characters of the longest escape sequence: two surrogates."""
_LOW_SURROGATE = late_pattern(r"\\u[dD][c-fC-F]")
_SPACE = late_pattern(r"[ \t\n\r]*")
_raw_decode = json.JSONDecoder().raw_decode
_TOKENS = late_pattern(r'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)|[\[\]{}]', re.DOTALL)


def shallow(text: str, at: int = 0) -> tuple[str, int]:
    """Returns the text of the list or object at `at` without the parts below LEVELS levels, and its end in `text`.

    A string that names the number of levels replaces each such part. Raises JSONDecodeError if a bracket is not closed.
    """
    pieces: list[str] = []
    copied, depth, deepest = at, 0, 0
    for token in _TOKENS.finditer(text, at):
        mark = token[0]
        if mark in {"[", "{"}:
            depth += 1
            deepest = max(deepest, depth)
            if depth == LEVELS + 1:
                pieces.append(text[copied : token.start()])
                deepest = depth
        elif mark in {"]", "}"}:
            if depth == LEVELS + 1:
                pieces.append(f'"{_BEFORE}{deepest - LEVELS:,}{_AFTER}"')
                copied = token.end()
            depth -= 1
            if not depth:
                pieces.append(text[copied : token.end()])
                return "".join(pieces), token.end()
    raise JSONDecodeError("Expecting a closing bracket", text, len(text))


def is_cut(value: object) -> bool:
    """Whether a value is a string that replaces what is nested too deeply."""
    return isinstance(value, str) and value.startswith(_BEFORE) and value.endswith(_AFTER)


def loads(text: str) -> Any:  # noqa: ANN401 - any JSON value
    """Returns the value that `text` holds, as json.loads does, but cuts what is nested too deeply. Raises ValueError."""
    try:
        return json.loads(text)
    except RecursionError:
        start = len(text) - len(text.lstrip())
        cut, end = shallow(text, start)
        return json.loads(cut + text[end:])


# ---- in pieces

_AFTER_A_VALUE = frozenset(",]} \t\r\n")


def loads_in_pieces(text: str) -> Any:  # noqa: ANN401 - any JSON value
    """Returns the value that `text` holds, as `loads` does. Raises ValueError.

    For threads: json holds the GIL to the end of a call, a second for 100 MB of numbers. Here no call reads more than a window.
    """
    try:
        value, end = _value(text, 0, {})
        _space(text, end, "")
    except (ValueError, RecursionError):
        return loads(text)  # it says what is wrong, and cuts what is nested too deeply
    return value


def members(text: str) -> Iterator[Any]:
    """Yields the members of the list that `text` holds. Each is read by a call of its own. Raises ValueError.

    For threads, and lists of many small members: a fifth of the processor time of `loads_in_pieces`.
    """
    at = _space(text, _space(text, 0, "[") + 1)
    more = not text.startswith("]", at)
    while more:
        value, at = _raw_decode(text, at)
        yield value
        at = _space(text, at, ",]")
        if more := text[at] == ",":
            at = _space(text, at + 1)
    _space(text, at + 1, "")


def value_in_pieces(text: str, at: int) -> tuple[Any, int]:
    """Returns the value at `at`, and its end. Raises ValueError and RecursionError."""
    with suppress(JSONDecodeError):  # it goes on behind that
        value, end = _raw_decode(window := text[at : at + _SMALL])
        if _is_whole(window, end):
            return value, at + end
    return _value(text, at, {})


def _is_whole(window: str, end: int) -> bool:
    """Returns whether a value ends at `end`. Of `1e5`, cut behind the e, json reads 1."""
    return window[end : end + 1] in _AFTER_A_VALUE


def _value(text: str, at: int, unclosed: dict[int, int]) -> tuple[Any, int]:
    """Returns the value at `at`, and its end. Raises ValueError. `unclosed` is what `_unclosed` has found so far."""
    at = _space(text, at)
    if at not in unclosed:
        window = text[at : at + _WINDOW]
        with suppress(JSONDecodeError):  # it goes on behind the window
            value, end = _raw_decode(window)
            if _is_whole(window, end) or at + end == len(text):
                return value, at + end
    if text.startswith('"', at):
        return _string(text, at)
    if text.startswith(("[", "{"), at):
        return _members(text, at, unclosed)
    raise JSONDecodeError("Expecting value", text, at)


def _members(text: str, at: int, unclosed: dict[int, int]) -> tuple[Any, int]:
    """Returns the list or object at `at`, and its end. Reads as many members at a time as are in a window."""
    opening, closing = ("[", "]") if text[at] == "[" else ("{", "}")
    found: Any = [] if opening == "[" else {}
    add = found.extend if opening == "[" else found.update
    last = unclosed.pop(at, None)
    at += 1
    while True:
        if last is None:
            window = text[at : at + _WINDOW]
            with suppress(JSONDecodeError):  # it goes on behind the window
                rest, end = _raw_decode(opening + window)
                if found and not rest:
                    raise ValueError("a comma before the end")
                add(rest)
                return found, at + end - 1
            if part := _likely_part(window, opening, closing):
                members, length = part
                add(members)
                at += length
                continue
            unclosed |= _unclosed(text, at)
            last = unclosed.pop(at - 1, 0)
        if last:
            part = json.loads(opening + text[at:last] + closing)
            if not part:
                raise JSONDecodeError("Expecting value", text, at)
            add(part)
            at = last + 1
        last = None
        at = _space(text, _member(text, at, found, unclosed), f",{closing}") + 1
        if text[at - 1] == closing:
            return found, at


def _member(text: str, at: int, found: Any, unclosed: dict[int, int]) -> int:  # noqa: ANN401
    """Reads a member that is longer than the window. Returns its end."""
    if isinstance(found, list):
        value, at = _value(text, at, unclosed)
        found.append(value)
        return at
    key, at = _string(text, _space(text, at, '"'))
    found[key], at = _value(text, _space(text, at, ":") + 1, unclosed)
    return at


def _likely_part(window: str, opening: str, closing: str) -> tuple[Any, int] | None:
    """Returns the members before a comma that is likely to be the last between members, and the end of that comma."""
    likely = {window.rfind("],") + 1, window.rfind("},") + 1, window.rfind(",")}
    for comma in sorted((comma for comma in likely if comma > 0), reverse=True):
        with suppress(JSONDecodeError):  # it is within a string, or within a member
            if part := json.loads(opening + window[:comma] + closing):
                return part, comma + 1
    return None


def _unclosed(text: str, at: int) -> dict[int, int]:
    """Returns the places of the bracket before `at` and of those that open behind it and are not closed in a window.

    Each has the place of its last comma, 0 if there is none. So a window is looked through once for all levels in it.
    """
    end = at + _WINDOW
    opened, commas, since = [at - 1], [0], at
    for token in _TOKENS.finditer(text, at, end):
        mark = token[0]
        commas[-1] = max(commas[-1], text.rfind(",", since, token.start()))
        since = token.end()
        if mark in {"[", "{"}:
            opened.append(token.start())
            commas.append(0)
        elif mark in {"]", "}"}:
            opened.pop()
            commas.pop()
            if not opened:
                return {}
    commas[-1] = max(commas[-1], text.rfind(",", since, end))
    return dict(zip(opened, commas, strict=True))


def _string(text: str, at: int) -> tuple[str, int]:
    """Returns the string at `at`, and its end."""
    end = text.find('"', at + 1)
    while end > 0 and _is_escaped(text, end):
        end = text.find('"', end + 1)
    if end < 0:
        raise JSONDecodeError("Unterminated string", text, at)
    pieces = []
    start = at + 1
    while start < end:
        stop = _between(text, start + _WINDOW, end)
        pieces.append(json.loads(f'"{text[start:stop]}"'))
        start = stop
    return "".join(pieces), end + 1


def _is_escaped(text: str, at: int) -> bool:
    first = at
    while text[first - 1] == "\\":
        first -= 1
    return (at - first) % 2 == 1


def _between(text: str, least: int, end: int) -> int:
    """Returns the first place from `least` on that is not within an escape sequence, also not between two surrogates."""
    for at in range(least, end):
        if "\\" not in text[at - _ESCAPE : at]:
            return at
        if text[at] == "\\" != text[at - 1] and not _LOW_SURROGATE.match(text, at):
            return at
    return end


def _space(text: str, at: int, expected: str | None = None) -> int:
    """Returns the end of the space at `at`. Raises ValueError if no character of `expected` follows, or, if empty, anything."""
    at = _SPACE.match(text, at).end()  # type: ignore[union-attr]  # it matches nothing, too
    follows = text[at : at + 1]
    if expected is not None and (not follows or follows not in expected if expected else follows):
        raise JSONDecodeError("Unexpected character", text, at)
    return at


# ---- writing


def dumps(value: object) -> str:
    """Returns JSON with an indentation of two spaces, as json.dumps does. A value that is no JSON is written as its repr."""
    try:
        return json.dumps(value, indent=2, ensure_ascii=False, default=repr)
    except RecursionError:
        return "".join(_written(value))


def _written(value: object) -> list[str]:
    """Returns the pieces of the text of a value. Uses a stack of its own."""
    result: list[str] = []
    stack: list[tuple[str, object, str]] = [("", value, "")]
    """Text before a value, the value, and the white space before the lines of its members. `...` is no value."""
    while stack:
        before, item, pad = stack.pop()
        result.append(before)
        inner = f"{pad}  "
        match item:
            case dict() | list() if item:
                brackets = "{}" if isinstance(item, dict) else "[]"
                heads = [f"{_scalar(str(key))}: " for key in item] if isinstance(item, dict) else [""] * len(item)
                values = item.values() if isinstance(item, dict) else item
                members = [(f",\n{inner}{head}", value, inner) for head, value in zip(heads, values, strict=True)]
                members[0] = (f"{brackets[0]}{members[0][0][1:]}", members[0][1], inner)
                stack.append((f"\n{pad}{brackets[1]}", ..., pad))
                stack += reversed(members)
            case _ if item is not ...:
                result.append(_scalar(item))
    return result


def _scalar(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=repr)
