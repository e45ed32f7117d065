"""Reads and writes JSON that is nested more deeply than the json module can.

json recurses, and fails below a thousand levels. A kernel can publish more, and a file can hold more. Of such a value LEVELS
levels are read, and a text replaces the parts below them. So no other code has to handle deeper values.
"""

from __future__ import annotations

import json
import re
from json.decoder import JSONDecodeError
from typing import Any

LEVELS = 450
"""Levels that are read of a value that is too deep for json. Leaves room for other frames below Python's 1,000."""
_BEFORE, _AFTER = "… ", " more levels"
_tokens = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)|[\[\]{}]', re.DOTALL).finditer


def shallow(text: str, at: int = 0) -> tuple[str, int]:
    """Returns the text of the list or object at `at` without the parts below LEVELS levels, and its end in `text`.

    A string that names the number of levels replaces each such part. Raises JSONDecodeError if a bracket is not closed.
    """
    pieces: list[str] = []
    copied, depth, deepest = at, 0, 0
    for token in _tokens(text, at):
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
