"""What the commands without a screen share: the look of their help, the options that several have, and their exit codes."""

from __future__ import annotations

import argparse
import os
import sys
from contextlib import contextmanager
from enum import IntEnum
from typing import TYPE_CHECKING

from tuinb.errors import KernelError, TuinbError, UsageError
from tuinb.files import disk

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from typing import TextIO


class Exit(IntEnum):
    """Exit codes; of several, the highest counts."""

    OK = 0
    FAILED = 1
    """What was asked has the answer no: a cell failed, a file has outputs."""
    USAGE = 2
    """The command line, or a file that it names, can't be used."""
    KERNEL = 3
    """A kernel could not be had, or died."""
    INTERRUPTED = 130


def parser(command: str, description: str, *examples: str) -> argparse.ArgumentParser:
    """A parser whose help ends with examples."""
    return argparse.ArgumentParser(
        prog=f"tuinb {command}",
        description=description,
        epilog="\n".join(("examples:", *(f"  {example}" for example in examples))),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )


def add_kernel_options(options: argparse.ArgumentParser) -> None:
    """--kernel and --python, as the screen has them."""
    options.add_argument("--kernel", metavar="NAME", help="the kernelspec to run, instead of the one that the notebook names")
    options.add_argument("--python", metavar="PATH", help="the interpreter, or environment, that a Python kernel runs on")


def given_path(name: str) -> Path:
    """A path as it was given, absolute, with symbolic links left as they are."""
    if not name:
        raise UsageError("a file's name is empty")
    return disk.given(name)


def exit_code(error: TuinbError) -> Exit:
    """What an error of the tree means to a script."""
    return Exit.KERNEL if isinstance(error, KernelError) else Exit.USAGE


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
