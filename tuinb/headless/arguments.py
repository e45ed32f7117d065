"""The format of help, the options and the exit codes that the commands without a screen share."""

from __future__ import annotations

import argparse
from enum import IntEnum
from typing import TYPE_CHECKING

from tuinb.errors import KernelError, TuinbError, UsageError, shown
from tuinb.files import disk
from tuinb.files.names import is_notebook_name

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path


class Exit(IntEnum):
    """Exit codes. Of several results the highest counts."""

    OK = 0
    FAILED = 1
    """The result is negative: a cell failed, a file has outputs."""
    USAGE = 2
    """The command line, or a file in it, can't be used."""
    KERNEL = 3
    """A kernel was not found, did not start, or died."""
    INTERRUPTED = 130


def parser(command: str, description: str, *examples: str) -> argparse.ArgumentParser:
    """Returns a parser whose help ends with examples."""
    return argparse.ArgumentParser(
        prog=f"tuinb {command}",
        description=description,
        epilog="\n".join(("examples:", *(f"  {example}" for example in examples))),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )


def add_kernel_options(options: argparse.ArgumentParser) -> None:
    """Adds --kernel, --python and --trust-env."""
    options.add_argument("--kernel", metavar="NAME", help="the kernelspec to run, instead of the one that the notebook names")
    options.add_argument("--python", metavar="PATH", help="the interpreter, or environment, that a Python kernel runs on")
    options.add_argument("--trust-env", action="store_true", help="use the environment of the notebook's folder, this once")


def given_path(name: str) -> Path:
    """Returns the absolute path, with symbolic links unresolved. Raises UsageError if the name is empty."""
    if not name:
        raise UsageError("a file's name is empty")
    return disk.absolute_path(name)


def refuse_other_kind(out: Path, inputs: Collection[Path]) -> None:
    """Raises UsageError if a notebook would replace a file of another kind, such as a table.

    Such a file is no notebook by its name and by its content. The files that are read may be replaced.
    """
    if is_notebook_name(out) or out in inputs or not out.is_file() or not out.stat().st_size:
        return
    from tuinb.files.load import load

    try:
        if not load(out).read_only:
            return
    except TuinbError:
        pass
    raise UsageError(
        "it is another kind of file, and would be replaced", where=shown(out), hint="give another name, or remove it"
    )


def exit_code(error: TuinbError) -> Exit:
    """Returns the exit code for an error."""
    return Exit.KERNEL if isinstance(error, KernelError) else Exit.USAGE
