"""Programs in the foreground of a terminal: this one, and those that it runs."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, TypeAlias

from tuinb.errors import TuinbError
from tuinb.record import Record

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NO_COMMAND = 127
"""Exit code for a program that can't be run, as in a shell."""


class Program(Record):
    """A program to run."""

    argv: Sequence[str]
    environ: Mapping[str, str]
    stdin: int | None = None
    """A descriptor for its standard input; None for the terminal. The caller closes it once the program was started."""


Spawn: TypeAlias = Callable[[Program], Callable[[], int]]
"""Starts a program on a terminal. The result, called, waits for its end and returns the exit code."""


def spawn(program: Program) -> Callable[[], int]:
    """Starts a program on the terminal of this process. An interrupt is the program's."""
    import subprocess

    try:
        process = subprocess.Popen(program.argv, stdin=program.stdin, env=dict(program.environ))
    except OSError:
        return lambda: NO_COMMAND

    def wait() -> int:
        while True:
            with suppress(KeyboardInterrupt):
                return process.wait()

    return wait


def require_terminal() -> None:
    """Raises TuinbError unless this program runs on a terminal that can show a screen."""
    if not (os.isatty(0) and os.isatty(1)):
        raise TuinbError("standard input and output must be a terminal", hint="`tuinb show` and `tuinb run` need none")
    if os.environ.get("TERM") == "dumb":
        raise TuinbError("this terminal can't move the cursor", where="TERM=dumb", hint="use another terminal, or set TERM")
