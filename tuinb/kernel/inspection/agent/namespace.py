"""Lists the names of the user's namespace, with what they stand for. Runs in the kernel: see values.py for the rules."""

from __future__ import annotations

import sys
import time
import types
from typing import Any

from . import tables
from .values import (
    CONTAINERS,
    SIMPLE,
    clean,
    cut,
    kind_of,
    length_of,
    lines_of,
    name_of,
    shape_of,
    short,
    signature,
    size_of,
    type_text,
)

LINES = 5000
"""Lines of one value that is inspected."""


def user_names(shell: Any) -> list[tuple[str, object]]:
    """Returns the names that the user has set: those of `%who`."""
    hidden, nothing = shell.user_ns_hidden, object()
    found: list[tuple[str, object]] = []
    for name, value in list(dict.items(shell.user_ns)):
        if type(name) is str and not name.startswith("_") and value is not hidden.get(name, nothing):
            found.append((name, value))
    return found


def list_names(shell: Any, part: str, limit: int, deadline: float) -> dict[str, Any]:
    """Returns the names that contain `part`, until the answer has `limit` characters or the deadline has come."""
    names = [item for item in user_names(shell) if part in item[0].lower()]
    rows: list[list[Any]] = []
    size = 0
    for name, value in names:
        if size > limit or time.monotonic() > deadline:
            break
        row = describe(name, value)
        size += len(row[0]) + len(row[2]) + len(row[6]) + 60
        rows.append(row)
    return {"names": rows, "left": len(names) - len(rows)}


def describe(name: str, value: Any) -> list[Any]:
    """Returns name, kind, type, shape, length, size, value, and whether it can be shown as a table."""
    kind = type(value)
    if kind in SIMPLE:  # most are, and all else takes ten times as long to find out
        length = len(value) if kind in CONTAINERS else None
        name, size = clean(cut(name)), sys.getsizeof(value)
        return [name, "data", SIMPLE[kind], None, length, size, short(value), kind in (list, tuple) and tables.is_table(value)]
    try:
        shape = shape_of(value)
        return [
            clean(cut(name)),
            kind_of(value),
            type_text(value),
            list(shape) if shape is not None else None,
            length_of(value) if shape is None else None,
            size_of(value),
            short(value),
            tables.is_table(value),
        ]
    except Exception as error:  # another thread changes it right now, or a library is half imported
        return [
            clean(cut(name)),
            "data",
            name_of(type(value)),
            None,
            None,
            None,
            f"<can't be read: {name_of(type(error))}>",
            False,
        ]


def inspect(shell: Any, name: str) -> dict[str, Any]:
    """Returns one value as lines of text. Of a function: its parameters, its documentation and where it is defined."""
    if name not in shell.user_ns:
        return {"gone": True}
    value = shell.user_ns[name]
    kind = kind_of(value)
    head = f"{name}: {type_text(value)}"
    if kind == "data":
        return {"lines": [head, "", *lines_of(value, LINES)]}
    lines = [f"{name}{signature(value)}" if kind == "function" else f"{name}: {short(value)}"]
    if type(value) is types.FunctionType:
        lines += ["", *_text_of(value.__doc__)]
        lines += ["", f"defined in {cut(clean(value.__code__.co_filename), 200)}, line {value.__code__.co_firstlineno}"]
    elif kind == "module":
        own = types.ModuleType.__getattribute__(value, "__dict__")
        lines += ["", *_text_of(own.get("__doc__"))]
        lines += ["", *(str(own[key]) for key in ("__file__", "__version__") if type(own.get(key)) is str)]
    elif kind == "class":
        lines += ["", *_text_of(type.__dict__["__dict__"].__get__(value).get("__doc__"))]
    return {"lines": lines}


def _text_of(doc: object) -> list[str]:
    return [clean(line) for line in doc[:20_000].splitlines()] if type(doc) is str else ["no documentation"]


def name_of_object(shell: Any, value: object) -> str:
    """Returns a name of an object in the user's namespace. Empty if it has none."""
    return next((name for name, other in user_names(shell) if other is value), "")


def installed(module: str) -> bool:
    """Returns whether the kernel has imported a module."""
    return module in sys.modules
