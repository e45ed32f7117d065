"""What commands print, and how it is kept to plain lines."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tuinb.errors import TuinbError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import TextIO


def complain(error: TuinbError | str, said: str = "") -> None:
    """One line on stderr that says what is wrong, and what a kernel `said` about it."""
    to_stderr(one_line(f"tuinb: {error}") + "\n")
    if said:
        from tuinb.render.safe import clean

        to_stderr("".join(f"  {clean(line)}\n" for line in said.splitlines()))


def to_stderr(text: str) -> None:
    """Writes there while somebody reads it: a run goes on that has outlived its terminal, or the reader of its progress."""
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except OSError:
        hush(sys.stderr)


def tell(*lines: str) -> bool:
    """Prints lines on stdout; False where nobody reads them any more, and from then on nothing is written.

    Raises TuinbError where it can't be written for another reason.
    """
    try:
        with to_stdout():
            print(*lines, sep="\n", flush=True)
    except BrokenPipeError:
        hush(sys.stdout)
        return False
    return True


@contextmanager
def to_stdout() -> Iterator[None]:
    """For what writes there: raises BrokenPipeError where nobody reads it, and TuinbError where it can't be written."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        hush(sys.stdout)
        raise TuinbError(f"it can't be written: {error.strerror or error}", where="standard output") from error


def hush(out: TextIO) -> None:
    """Sends what is still to be written nowhere: Python would try again, and complain, when it ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, out.fileno())
    os.close(nowhere)


def write_anything() -> None:
    """Makes stdout and stderr take every character, also where the locale's encoding has not all of them."""
    for out in (sys.stdout, sys.stderr):
        if hasattr(out, "reconfigure"):
            out.reconfigure(errors="replace")


def told(notices: Iterable[str]) -> list[str]:
    """What the notices of a file say that matters without a screen, which has its own way to save a text with outputs."""
    from tuinb.files.text_notebook import NO_OUTPUTS

    return [notice for notice in notices if notice != NO_OUTPUTS]


def one_line(text: str) -> str:
    """Foreign text as a line that does nothing to a terminal."""
    text = " ".join(text.split())
    if text.isascii() and text.isprintable():
        return text
    from tuinb.render.safe import clean

    return clean(text)
