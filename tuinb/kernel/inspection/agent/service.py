"""Answers requests in the kernel: one function, a limit of time, and an answer as JSON that IPython formats as it is.

Runs in the kernel: see values.py for the rules. Nothing is put into the user's namespace. An answer comes in time, or says that
it would not: an interrupt from outside would hit the user's cell, so an exception is raised in this thread, from a timer.
A call into a library written in C is not stopped by it.
"""

from __future__ import annotations

import ctypes
import json
import sys
import threading
import time
import warnings
from typing import Any

from . import failure, namespace, views

_VIEWS = views.Views()
_MARGIN = 0.8
"""Share of the time after which loops that can end in between do."""


class _TooLongError(BaseException):
    """Raised in the thread that answers. No `except Exception` of a library stops it."""


class _Limit:
    """Raises _TooLongError in this thread if the body takes longer."""

    def __init__(self, seconds: float) -> None:
        self._thread = threading.get_ident()
        self._lock = threading.Lock()
        self._over = self._struck = False
        self._timer = threading.Timer(seconds, self._strike)
        self._timer.daemon = True

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, kind: object, *_: object) -> None:
        with self._lock:
            self._over = True
        self._timer.cancel()
        if self._struck and kind is not _TooLongError:
            # The exception is set, and raised soon. To take it back would leave Python 3.11 with a signal that it never clears.
            try:
                for _turn in range(10):
                    time.sleep(0)
            except _TooLongError:
                pass

    def _strike(self) -> None:
        with self._lock:
            if not self._over:
                self._struck = True
                ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self._thread), ctypes.py_object(_TooLongError))


class Answer:
    """An answer that IPython's formatter takes as it is."""

    def __init__(self, content: dict[str, Any]) -> None:
        self._content = content

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        # A text/plain of our own, so that no other formatter of the user's sees this object.
        return {"application/vnd.tuinb+json": self._content, "text/plain": ""}


def answer(request: str) -> Answer:
    """Answers a request: JSON with `operation`, `arguments`, `seconds` and `characters`. Never raises."""
    asked = json.loads(request)
    shell = sys.modules["IPython"].get_ipython()
    started = time.monotonic()
    seconds: float = asked["seconds"]
    try:
        with _Limit(seconds):
            found = _perform(shell, asked["operation"], asked["arguments"], asked["characters"], started + seconds * _MARGIN)
    except _TooLongError:
        found = {"late": seconds}
    except KeyboardInterrupt:
        found = {"late": time.monotonic() - started}
    except MemoryError:
        found = {"problem": "there is not enough memory for it"}
    except Exception as error:  # of a library, on data that nobody thought of
        found = {
            "problem": f"{type(error).__name__}: {str(error)[:300]}"
            if type(error).__module__ == "builtins"
            else repr(type(error))
        }
    if len(json.dumps(found)) > asked["characters"] * 2:
        found = {"problem": f"the answer has more than {asked['characters']:,} characters"}
    return Answer(found)


def _perform(shell: Any, operation: str, arguments: dict[str, Any], limit: int, deadline: float) -> dict[str, Any]:
    if operation == "names":
        return namespace.list_names(shell, arguments["part"], limit, deadline)
    if operation == "inspect":
        return namespace.inspect(shell, arguments["name"])
    if operation in _OF_FAILURE:
        return _of_failure(shell, operation, arguments)
    with warnings.catch_warnings():
        # A warning of a library would be printed into the user's cell.
        warnings.simplefilter("ignore")
        return _of_table(shell, operation, arguments, limit, deadline)


_OF_FAILURE: dict[str, Any] = {
    "calls": failure.frames,
    "parts": failure.parts,
    "evaluate": failure.evaluate,
}


def _of_failure(shell: Any, operation: str, arguments: dict[str, Any]) -> dict[str, Any]:
    try:
        found: dict[str, Any] = _OF_FAILURE[operation](shell, **arguments)
    except failure.FailureError as error:
        return {"problem": str(error)}
    return found


def _of_table(shell: Any, operation: str, arguments: dict[str, Any], limit: int, deadline: float) -> dict[str, Any]:
    if operation == "close":
        return _VIEWS.close(arguments["token"])
    if operation == "search":
        return _VIEWS.search(shell, deadline=deadline, **arguments)
    if operation == "cells":
        return _VIEWS.cells(shell, limit=limit, **arguments)
    method: Any = {
        "open": _VIEWS.open,
        "window": _VIEWS.window,
        "cell": _VIEWS.cell,
        "columns": _VIEWS.columns,
        "arrange": _VIEWS.arrange,
        "code": _VIEWS.code,
        "statistics": _VIEWS.statistics,
    }[operation]
    found: dict[str, Any] = method(shell, **arguments)
    return found


class _Muted(list):  # type: ignore[type-arg] # of functions
    """Callbacks of IPython that are not called in one thread. There, a callback would show figures that a cell still draws."""

    def __init__(self, callbacks: list[Any], thread: threading.Thread) -> None:
        super().__init__(callbacks)
        self._muted = thread

    def __getitem__(self, place: Any) -> Any:
        return [] if type(place) is slice and threading.current_thread() is self._muted else super().__getitem__(place)

    def __iter__(self) -> Any:
        return iter(()) if threading.current_thread() is self._muted else super().__iter__()


def mute() -> None:
    """Keeps IPython from calling `post_execute` callbacks in this thread, which is our own subshell's."""
    callbacks = sys.modules["IPython"].get_ipython().events.callbacks
    callbacks["post_execute"] = _Muted(list.copy(callbacks["post_execute"]), threading.current_thread())
