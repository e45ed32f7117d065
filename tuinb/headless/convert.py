"""`tuinb convert`: converts a notebook to a script or a document and back, in jupytext's formats.

Existing files are overwritten only with --force or --update. `--update` keeps the outputs of cells whose source is the same.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tuinb.errors import NotebookFileError, TuinbError, UsageError, shown
from tuinb.files import disk
from tuinb.headless.arguments import Exit, given_path, parser
from tuinb.headless.console import complain, redirect_to_devnull, tell, to_stdout

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

_IPYNB = "ipynb"
_STDIN = Path("standard input")


def main(argv: Sequence[str]) -> int:
    """Runs the command and returns its exit code."""
    parsed = arguments().parse_args(argv)
    try:
        _convert(parsed)
    except TuinbError as error:
        complain(error)
        return Exit.USAGE
    except BrokenPipeError:
        redirect_to_devnull(sys.stdout)
    return Exit.OK


def arguments() -> argparse.ArgumentParser:
    """Returns the command's parser."""
    options = parser(
        "convert",
        "Convert a notebook to a script or a document, or back, by jupytext. Scripts and documents have no outputs. "
        "Exit: 0; 2 it can't be converted.",
        "tuinb convert analysis.ipynb --to py       (analysis.py, cells marked by # %%)",
        "tuinb convert analysis.ipynb --to md -o -",
        "tuinb convert analysis.py --to ipynb --update",
    )
    options.add_argument("file", metavar="FILE", help="a notebook; - for an .ipynb on standard input")
    options.add_argument(
        "--to",
        metavar="FORMAT",
        required=True,
        help="py, md, ipynb, or another suffix; with one of jupytext's names for its format: py:light, md:myst",
    )
    options.add_argument(
        "-o", "--output", metavar="OUT", help="the file or folder, - for standard output (FILE, with its new suffix)"
    )
    options.add_argument("--force", action="store_true", help="overwrite OUT")
    options.add_argument("--update", action="store_true", help="keep the outputs of cells that OUT, an .ipynb, has as well")
    return options


def _convert(parsed: argparse.Namespace) -> None:
    from tuinb.files import load
    from tuinb.files.text_notebook import SUFFIXES, TextFormat, combined, from_ipynb
    from tuinb.headless.paired import load_newer

    kind, _, name = parsed.to.removeprefix(".").partition(":")
    suffix = f".{kind}"
    if kind != _IPYNB and suffix not in SUFFIXES:
        known = ", ".join((_IPYNB, *(known[1:] for known in SUFFIXES)))
        raise UsageError(f"there is no format {kind!r}", where=f"--to {parsed.to}", hint=f"formats are {known}")
    if kind == _IPYNB and name:
        raise UsageError("an .ipynb has no formats to choose from", where=f"--to {parsed.to}")
    target = _target(parsed, suffix)
    if parsed.update and (target is None or kind != _IPYNB):
        raise UsageError("--update keeps the outputs of an .ipynb file", hint="give --to ipynb, and no -o -")
    source = _STDIN if parsed.file == "-" else given_path(parsed.file)
    loaded, notices = (load.parse(source, sys.stdin.buffer.read()), ()) if parsed.file == "-" else load_newer(source)
    for notice in notices:
        complain(f"{shown(source)}: {notice}")
    if loaded.read_only:
        raise NotebookFileError(f"it can't be converted: {loaded.read_only}", where=str(source))
    data = loaded.file.render(loaded.notebook)
    if kind != _IPYNB:
        data = from_ipynb(data, target or source.with_suffix(suffix), None, TextFormat(suffix, name))
    elif parsed.update and target is not None and disk.exists(target):
        outputs = load.load(target)
        data = combined(data, outputs.file.render(outputs.notebook), target)
    _write(data, target, overwrite=parsed.force or parsed.update)


def _target(parsed: argparse.Namespace, suffix: str) -> Path | None:
    """Returns the file to write. None stands for standard output."""
    if parsed.output == "-" or (parsed.output is None and parsed.file == "-"):
        return None
    own = given_path(parsed.file).with_suffix(suffix)
    path = given_path(parsed.output) if parsed.output else own
    if disk.is_folder(path) and parsed.file != "-":
        path /= own.name
    if parsed.file != "-" and os.path.realpath(path) == os.path.realpath(given_path(parsed.file)):
        raise UsageError("that is the notebook itself", where=str(path), hint="-o names another file")
    if path.suffix != suffix:
        raise UsageError(f"its name does not end in {suffix}", where=str(path), hint=f"call it {path.with_suffix(suffix).name}")
    if disk.exists(path) and not (parsed.force or parsed.update):
        hint = "--force overwrites it" + (", --update keeps its outputs" if suffix == ".ipynb" else "")
        raise UsageError("there is a file of that name", where=str(path), hint=hint)
    return path


def _write(data: bytes, target: Path | None, *, overwrite: bool) -> None:
    from tuinb.files import atomic

    if target is None:
        with to_stdout():
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
        return

    def absent() -> None:
        if not overwrite and disk.exists(target):
            raise UsageError("there is a file of that name now", where=str(target), hint="--force overwrites it")

    for notice in atomic.replace(target, data, check=absent)[1]:
        complain(notice)
    tell(str(target))
