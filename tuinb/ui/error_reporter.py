"""Reports unexpected exceptions in callbacks and in tasks that are not awaited.

By default the event loop writes them to stderr, which the screen covers. The app goes on, since the notebook and the kernel are
worth more than the failed callback. Each error is shown as a message at once, and with its traceback after the app has ended.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tuinb.render.safe import clean

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

_MOST = 10
"""Maximum number of errors that are kept: an error in a paint can come 30 times a second."""
_LONGEST = 200
"""Maximum characters of an error in a message."""


class ErrorReporter:
    """An exception handler for an event loop. `notify` is called with a text and its severity."""

    def __init__(self, notify: Callable[[str, str], None]) -> None:
        self._notify = notify
        self._errors: list[BaseException] = []

    def __call__(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if not isinstance(error, BaseException):
            loop.default_exception_handler(context)
        elif len(self._errors) < _MOST:
            self._errors.append(error)
            text = clean(f"{type(error).__name__}: {error}"[:_LONGEST].replace("\n", " "))
            self._notify(f"Internal error: {text}. The traceback is printed when tuinb ends.", "error")

    def report(self) -> list[str]:
        """Returns the errors with their tracebacks, as lines, and forgets them. Print them once the terminal is restored."""
        from traceback import format_exception

        errors, self._errors = self._errors, []
        return [f"{clean(line)}\n" for error in errors for line in "".join(format_exception(error)).splitlines()]
