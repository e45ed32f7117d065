"""Printing for commands without a screen: lines on stdout and stderr, also if one of them is closed."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tuinb.errors import TuinbError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import TextIO


def complain(error: TuinbError | str, stderr: str = "") -> None:
    """Prints an error as one line on stderr, and below it the last lines of a kernel's own `stderr`."""
    to_stderr(one_line(f"tuinb: {error}") + "\n")
    if stderr:
        from tuinb.render.safe import clean

        to_stderr("".join(f"  {clean(line)}\n" for line in stderr.splitlines()))


def to_stderr(text: str) -> None:
    """Writes to stderr. Does nothing once it is closed: a run goes on after its terminal or the reader of its progress."""
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except OSError:
        redirect_to_devnull(sys.stderr)


def tell(*lines: str) -> bool:
    """Prints lines on stdout. Returns False if its reader has closed it; later lines are dropped.

    Raises TuinbError if writing fails for another reason.
    """
    try:
        with to_stdout():
            print(*lines, sep="\n", flush=True)
    except BrokenPipeError:
        redirect_to_devnull(sys.stdout)
        return False
    return True


@contextmanager
def to_stdout() -> Iterator[None]:
    """Wraps writing to stdout. Raises BrokenPipeError if its reader has closed it, and TuinbError if writing fails."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        redirect_to_devnull(sys.stdout)
        raise TuinbError(f"it can't be written: {error.strerror or error}", where="standard output") from error


_PAGER_OPTIONS = "FRX"
"""Options for `less`, unless LESS is set: quit if all fits on the screen, pass colours on, keep the screen at exit."""


def write_lines(lines: Iterator[str], *, paged: bool) -> None:
    """Prints lines, through the pager if `paged`. Raises UsageError if the pager can't be run."""
    from shutil import which

    from tuinb.foreground import NO_COMMAND
    from tuinb.pager import DEFAULT, page

    pager = os.environ.get("PAGER", which(DEFAULT) or "") if paged else ""
    if not pager or pager == "cat":
        with to_stdout():
            for line in lines:
                sys.stdout.write(f"{line}\n")
            sys.stdout.flush()
        return
    code = page((f"{line}\n" for line in lines), {**os.environ, "PAGER": pager}, _PAGER_OPTIONS)
    if code == NO_COMMAND:
        raise UsageError("the pager can't be run", where=pager, hint="PAGER names it; --no-pager does without")


def redirect_to_devnull(out: TextIO) -> None:
    """Redirects a stream that can't be written: Python would write its buffer again at exit, and print an error."""
    devnull = os.open(os.devnull, os.O_WRONLY)
    os.dup2(devnull, out.fileno())
    os.close(devnull)


def write_anything() -> None:
    """Makes stdout and stderr replace characters that the locale's encoding does not have."""
    for out in (sys.stdout, sys.stderr):
        if hasattr(out, "reconfigure"):
            out.reconfigure(errors="replace")


def relevant(notices: Iterable[str]) -> list[str]:
    """Returns the notices of a file without the one that is only true on a screen: how a text file is saved with outputs."""
    from tuinb.files.text_notebook import NO_OUTPUTS

    return [notice for notice in notices if notice != NO_OUTPUTS]


def one_line(text: str) -> str:
    """Returns foreign text as one line without control characters."""
    text = " ".join(text.split())
    if text.isascii() and text.isprintable():
        return text
    from tuinb.render.safe import clean

    return clean(text)
