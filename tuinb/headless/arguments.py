"""What the commands without a screen share: the look of their help, the options that several have, and their exit codes."""

from __future__ import annotations

import argparse
from enum import IntEnum
from typing import TYPE_CHECKING

from tuinb.errors import KernelError, TuinbError, UsageError
from tuinb.files import disk

if TYPE_CHECKING:
    from pathlib import Path


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
    return disk.absolute_path(name)


def exit_code(error: TuinbError) -> Exit:
    """What an error of the tree means to a script."""
    return Exit.KERNEL if isinstance(error, KernelError) else Exit.USAGE
