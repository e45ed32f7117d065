"""Tells of the error that ended a cell: its calls, their variables, and expressions in one of them.

Runs in the kernel: see values.py for the rules. Nothing is kept here: the calls are those of `sys.last_traceback`, which
IPython sets, and what is in them is found by places. As soon as there is another error, the token no longer fits.
"""

from __future__ import annotations

import sys
import types
from typing import Any

from .namespace import user_names
from .values import children_of, clean, cut, inherits, lines_of, module_of, name_of, short, type_text

MOST_FRAMES = 100
MOST_PARTS = 500
_MOST_LINES = 1000
_CELL = "In["
"""Begins what IPython calls the file of a cell."""


class FailureError(Exception):
    """A question about an error can't be answered. The text says why, for the user."""


def frames(shell: Any) -> dict[str, Any]:
    """Returns the last error, and for each call, the innermost first: name, file, line, and the cell's count or None."""
    value, trace = _last()
    if trace is None:
        return {"frames": []}
    found: list[Any] = []
    for frame, line in _calls(shell, trace):
        code = frame.f_code
        found.append([cut(clean(code.co_name), 200), clean(code.co_filename), line, _count(shell, code.co_filename)])
    return {"token": _token(), "error": _text_of(value), "frames": found[:MOST_FRAMES]}


def parts(shell: Any, token: str, places: list[int]) -> dict[str, Any]:
    """Returns the parts of what is at `places`: the call, then the scope, then one part in the other.

    Each part is a name, a value, a type, and whether it has parts. Without a scope, the parts are the scopes.
    """
    frame = _frame(shell, token, places[0])
    scopes = _scopes(shell, frame)
    if len(places) == 1:
        return {"parts": [[name, "", "", bool(names)] for name, names in scopes]}
    known = scopes[places[1]][1]
    for place in places[2:]:
        if place >= len(known):
            raise FailureError("it has changed since: show the calls again")
        known = children_of(known[place][1], MOST_PARTS)
    return {"parts": [[name, short(value, 200), type_text(value), bool(children_of(value, 1))] for name, value in known]}


def evaluate(shell: Any, token: str, frame: int, expression: str) -> dict[str, Any]:
    """Returns the value of an expression in a call as lines of text, or its error. The call's variables stay as they are."""
    found = _frame(shell, token, frame)
    try:
        code = compile(expression.strip(), "<expression>", "eval")
    except (SyntaxError, ValueError) as error:
        return {"failed": f"{name_of(type(error))}: {error.args[0] if error.args else ''}. The call has ended, so only look"}
    try:
        value = eval(code, found.f_globals, dict(_locals(found)))
    except Exception as error:
        return {"failed": _text_of(error)}
    return {"lines": lines_of(value, _MOST_LINES)}


# ---- the error


def _last() -> tuple[Any, Any]:
    trace = getattr(sys, "last_traceback", None)
    return getattr(sys, "last_value", None), trace if type(trace) is types.TracebackType else None


def _token() -> str:
    value, trace = _last()
    return f"{id(value)}-{id(trace)}"


def _text_of(error: Any) -> str:
    """Returns an error as the last line of its traceback has it, but without running code of its class."""
    name = name_of(type(error))
    if not inherits(error, BaseException):
        return name
    arguments: Any = BaseException.args.__get__(error)  # type: ignore[attr-defined] # a descriptor
    texts = [arguments[0]] if len(arguments) == 1 and type(arguments[0]) is str else [short(one) for one in arguments[:4]]
    text = repr(texts[0]) if texts and inherits(error, KeyError) and type(arguments[0]) is str else ", ".join(texts)
    return f"{name}: {cut(clean(text), 300)}" if text else name


# ---- its calls


def _calls(shell: Any, trace: Any) -> list[Any]:
    """Returns the frames of a traceback with their lines, the innermost first, from the first cell on."""
    found: list[Any] = []
    while trace is not None:
        frame = trace.tb_frame
        if found or _count(shell, frame.f_code.co_filename) is not None:
            found.append((frame, trace.tb_lineno))
        trace = trace.tb_next
    return found[::-1]


def _count(shell: Any, path: str) -> int | None:
    """Returns the execution count of the cell that a file stands for. None if it is no cell."""
    named = getattr(shell.compile, "format_code_name", lambda path: None)(path)
    number = named[1][len(_CELL) : -1] if type(named) is tuple and named[1].startswith(_CELL) else ""
    return int(number) if number.isdecimal() else None


def _frame(shell: Any, token: str, place: int) -> Any:
    trace = _last()[1]
    if trace is None or token != _token():
        raise FailureError("another error has come since: show the calls again")
    return _calls(shell, trace)[place][0]


def _scopes(shell: Any, frame: Any) -> list[tuple[str, list[tuple[str, object]]]]:
    """Returns the names of a call, and those of the notebook or of the module that its code is in."""
    own = sorted(_locals(frame).items())
    outer = shell.user_ns if frame.f_globals is shell.user_ns else frame.f_globals
    names = user_names(shell) if outer is shell.user_ns else _names(outer)
    names = [(name, value) for name, value in names if type(value) is not types.ModuleType]
    if frame.f_code.co_name == "<module>":
        return [("Globals", names[:MOST_PARTS])]
    return [("Locals", own[:MOST_PARTS]), ("Globals", names[:MOST_PARTS])]


def _names(names: Any) -> list[tuple[str, object]]:
    return [(name, value) for name, value in list(dict.items(names)) if type(name) is str and not name.startswith("_")]


def _locals(frame: Any) -> dict[str, Any]:
    """Returns the variables of a call. Those of the body of a class are not read if its metaclass keeps them elsewhere."""
    found = frame.f_locals
    if type(found) is dict or (module_of(type(found)) == "builtins" and name_of(type(found)) == "FrameLocalsProxy"):
        return {name: value for name, value in list(found.items()) if type(name) is str}
    return {}
