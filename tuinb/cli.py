"""The command line: arguments → an entry point.

Whatever costs time is imported inside functions, so that `--version` and a usage error cost no more than bare Python. Exit
codes: 0; 1 with one line on stderr that says what is wrong; 2 where the command line can't be understood.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING

from tuinb import __version__
from tuinb.errors import TuinbError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tuinb.session.opening import Arguments

COMMANDS = {
    "run": "run notebooks",
    "verify": "run and compare with what is saved",
    "show": "print one as text",
    "strip": "remove outputs",
    "convert": "to and from scripts and Markdown",
    "kernels": "list what notebooks can run on",
    "completion": "for bash, zsh and fish",
}
"""What the first word may be, to work without a screen; a notebook of such a name is opened as `./run`."""
MODULES = {
    **{name: f"tuinb.headless.{name}.command" for name in ("run", "verify", "strip")},
    **{name: f"tuinb.headless.{name}" for name in ("show", "convert", "kernels")},
    "completion": "tuinb.headless.shell_completion",
}
"""The module of each command, which has `main(words)` and `arguments()`."""
_INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the program and returns its exit code; a command line that can't be understood raises SystemExit(2)."""
    words = sys.argv[1:] if argv is None else argv
    _open_streams()
    try:
        return _command(words[0], words[1:]) if words and words[0] in COMMANDS else _screen(words)
    except KeyboardInterrupt:
        return _INTERRUPTED


def _screen(words: Sequence[str]) -> int:
    options = _parser()
    parsed, more = options.parse_known_args(words)
    if more:
        options.error(_unknown(parsed.file, more))
    try:
        _check_terminal()
        return _open(_arguments(parsed))
    except UsageError as error:
        print(f"tuinb: {_line(error)}", file=sys.stderr)
        return 2
    except TuinbError as error:
        print(f"tuinb: {_line(error)}", file=sys.stderr)
        return 1


def _unknown(first: str | None, more: Sequence[str]) -> str:
    """What is wrong with words that nobody takes: there may be no such option, or the first was to be a command."""
    from difflib import get_close_matches

    if first is None or more[0].startswith("-"):
        return f"there is no option {more[0]}"
    near = get_close_matches(first, COMMANDS, 1)
    meant = f"; did you mean {near[0]}?" if near else ""
    return f"one notebook is opened at a time, and {first!r} is no command{meant}"


def _open_streams() -> None:
    """Gives standard streams that were closed an end of their own, so that no file of ours takes their place."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            # The lowest free descriptor is the one that is missing.
            os.open(os.devnull, os.O_RDWR)
            setattr(sys, name, open(number, "w" if number else "r", encoding="utf-8"))  # noqa: SIM115, PTH123 - for good


def _command(name: str, words: Sequence[str]) -> int:
    from tuinb.headless.console import complain, write_anything

    write_anything()
    try:
        if name == "completion":
            from tuinb.headless import shell_completion

            return shell_completion.main(words, _parser(), COMMANDS, MODULES)
        return int(import_module(MODULES[name]).main(words))
    except TuinbError as error:
        complain(error)
        return 2


_HELP = """\
tuinb [options] [FILE]    opens a Jupyter notebook in the terminal: read, edit, run and save it
  --kernel NAME  --python PATH  --no-kernel    the kernelspec, or the interpreter, that it runs on
  --theme NAME  --graphics HOW    colours; images by auto, kitty, sixel, iterm, blocks or none
  --version  -h --help            inside, ? shows the keys, Ctrl+S saves, Ctrl+Q leaves
tuinb COMMAND …           works without a screen; each has its own --help, with examples
{commands}"""
_COLUMN = 48


class _Parser(argparse.ArgumentParser):
    """Says all that there is in ten lines."""

    def format_help(self) -> str:
        """The help, with two commands a line."""
        said = [f"  {name:<11}{what}" for name, what in COMMANDS.items()]
        half = (len(said) + 1) // 2
        right = [*said[half:], ""]
        return _HELP.format(commands="\n".join(f"{said[row]:<{_COLUMN}}{right[row]}".rstrip() for row in range(half))) + "\n"


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="tuinb",
        usage="tuinb [options] [FILE]",
        allow_abbrev=False,
    )
    parser.add_argument(
        "file",
        nargs="?",
        metavar="FILE",
        help="the notebook; one that does not exist is created when it is first saved (without FILE: an untitled one here)",
    )
    parser.add_argument("--kernel", metavar="NAME", help="the kernelspec to run, instead of the one that the notebook names")
    parser.add_argument("--python", metavar="PATH", help="the interpreter, or environment, that a Python kernel runs on")
    parser.add_argument("--no-kernel", action="store_true", help="open the notebook without a kernel")
    parser.add_argument("--theme", metavar="NAME", help="the colours: a theme of tuinb's, or of your configuration folder")
    parser.add_argument(
        "--graphics",
        metavar="HOW",
        help="how images are shown: auto (as well as the terminal can), kitty, sixel, iterm, blocks or none",
    )
    parser.add_argument("--version", action="version", version=f"tuinb {__version__}")
    return parser


def _arguments(parsed: argparse.Namespace) -> Arguments:
    from tuinb.config import GRAPHICS
    from tuinb.session.opening import Arguments

    if parsed.graphics not in (None, *GRAPHICS):
        raise UsageError(f"--graphics {parsed.graphics}: no such way", hint="give one of " + ", ".join(GRAPHICS))
    if parsed.no_kernel and (parsed.kernel or parsed.python):
        raise UsageError("--no-kernel leaves nothing for --kernel or --python to choose", hint="give one or the other")
    return Arguments(parsed.file or None, parsed.kernel, parsed.python, parsed.no_kernel, parsed.theme, parsed.graphics)


def _check_terminal() -> None:
    if not (os.isatty(0) and os.isatty(1)):
        raise TuinbError("this is not a terminal", hint="tuinb reads keys from its standard input and paints on its output")
    if os.environ.get("TERM") == "dumb":
        raise TuinbError("this terminal can't place a cursor", where="TERM=dumb", hint="run it in another, or set TERM")


def _open(arguments: Arguments) -> int:
    from tuinb.session.opening import prepare

    # Reading a notebook makes many objects and no garbage; the screen turns the collector on again once it stands.
    gc.disable()
    options = prepare(arguments)
    # Textual reads these when it is imported.
    os.environ["TEXTUAL_ANIMATIONS"] = "none"
    os.environ["TEXTUAL_FPS"] = "120"
    try:
        from tuinb.ui.startup import run

        return run(options)
    finally:
        if options.kernels is not None:
            options.kernels.abandon()


def _line(error: TuinbError) -> str:
    return " ".join(str(error).split())
