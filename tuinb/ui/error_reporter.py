"""Errors that nobody expected, in callbacks and tasks that nobody waits for.

The event loop would log them where nobody looks while there is a screen. The work goes on: the notebook and the kernel are
worth more than what failed. So each is named at once, and printed whole when the terminal is given back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TextIO

from tuinb.render.safe import clean

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

_MOST = 10
"""Errors that are kept: one in what is painted thirty times a second comes as often."""
_LONGEST = 200
"""Characters of an error's own words."""


class ErrorReporter:
    """An exception handler of an event loop."""

    def __init__(self, notify: Callable[[str, str], None]) -> None:
        self._notify = notify
        self._errors: list[BaseException] = []

    def __call__(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if not isinstance(error, BaseException):
            loop.default_exception_handler(context)
        elif len(self._errors) < _MOST:
            self._errors.append(error)
            said = clean(f"{type(error).__name__}: {error}"[:_LONGEST].replace("\n", " "))
            self._notify(f"This should not happen: {said}. It is printed whole when tuinb ends.", "error")

    def report(self, out: TextIO) -> None:
        """Writes the errors with their tracebacks. Call it once the terminal is given back."""
        from traceback import format_exception

        for error in self._errors:
            lines = "".join(format_exception(error)).splitlines()
            out.writelines(f"{clean(line)}\n" for line in lines)
