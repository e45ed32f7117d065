"""`tuinb do`: drives a running session from a script or an editor.

The command goes to the process that has the session, which runs it beside the terminals that show it.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tuinb.daemon.commands.running import Running, decoded
from tuinb.errors import TuinbError, UsageError
from tuinb.headless.arguments import Exit, parser
from tuinb.headless.console import complain, tell

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator, Sequence

    from tuinb.daemon.frames import Message

EXEC, WATCH, WAIT = "exec", "watch", "wait"


def main(argv: Sequence[str]) -> int:
    """Runs the command and returns its exit code."""
    parsed = arguments().parse_intermixed_args(argv)
    try:
        what, more = _request(parsed)
        with Running(parsed.file) as session:
            return print_parts(session.stream(what, **more), at_end=Exit.OK if what == WATCH else Exit.FAILED)
    except UsageError as error:
        complain(error)
        return Exit.USAGE
    except TuinbError as error:
        complain(error)
        return Exit.FAILED


def arguments() -> argparse.ArgumentParser:
    """Returns the command's parser."""
    options = parser(
        "do",
        "Drive the running session of a notebook, on the kernel that its terminals use. COMMAND is any command of the\n"
        "palette, or `exec` (run code as a new cell), or `watch` (print what happens as JSON, line by line), or\n"
        "`wait` (for the end of what runs).\n"
        "Exit: 0; 1 it failed, or there is no session; 2 the command line.",
        "tuinb do analysis.ipynb run-all --wait",
        "tuinb do analysis.ipynb run-cell 12",
        "tuinb do analysis.ipynb exec --code 'len(df)' --wait --silent",
        "git diff | tuinb do analysis.ipynb exec --code - --wait",
        "tuinb do analysis.ipynb watch",
    )
    options.add_argument("file", metavar="FILE", help="the notebook, or a part of its name")
    options.add_argument("command", metavar="COMMAND", help="a command by its name, such as run-all, save or interrupt")
    options.add_argument("words", nargs="*", metavar="ARGUMENT", help="the argument of the command")
    options.add_argument("--wait", action="store_true", help="wait for the cells that it runs, and print their outputs")
    options.add_argument("--yes", action="store_true", help="answer yes if the command asks, as restart does")
    options.add_argument("--screen", action="store_true", help="run the command on the terminal that was attached last")
    options.add_argument("--code", metavar="CODE", help="with exec: the code, or - for standard input")
    options.add_argument("--silent", action="store_true", help="with exec: make no cell for the code")
    options.add_argument("--json", action="store_true", help="with watch: print JSON, which is the default")
    return options


def _request(parsed: argparse.Namespace) -> tuple[str, dict[str, object]]:
    """Returns the request and its values. Raises UsageError."""
    if parsed.command == EXEC:
        if parsed.code is None or parsed.words:
            raise UsageError("exec takes the code from --code", hint="--code - reads standard input")
        _refuse(parsed, "exec", "yes", "screen", "json")
        return EXEC, {"source": _code(parsed.code), "silent": parsed.silent, "wait": parsed.wait}
    if parsed.command in (WATCH, WAIT):
        _refuse(parsed, parsed.command, "yes", "screen", "wait", "silent", "code", "words")
        return parsed.command, {}
    _refuse(parsed, parsed.command, "silent", "code", "json")
    if parsed.screen:
        _refuse(parsed, "--screen", "wait", "yes")
    line = " ".join((parsed.command, *parsed.words))
    return "do", {"line": line, "folder": str(Path.cwd()), **{key: getattr(parsed, key) for key in ("wait", "yes", "screen")}}


def _refuse(parsed: argparse.Namespace, what: str, *options: str) -> None:
    for option in options:
        if getattr(parsed, option):
            name = "an argument" if option == "words" else f"--{option}"
            raise UsageError(f"{name} does not go with {what}", hint="leave it out")


def _code(text: str) -> str:
    if text != "-":
        return text
    return sys.stdin.buffer.read().decode("utf-8", "replace").removesuffix("\n")


def print_parts(parts: Iterator[Message], *, quiet: bool = False, at_end: Exit = Exit.FAILED) -> int:
    """Prints what a session answers; if `quiet`, problems only. Returns the exit code: `at_end` if the session ends before."""
    code, data, text = 0, b"", ""
    for part in parts:
        if part["t"] == "bye":
            complain(f"the session has ended {part.get('say') or ''}".rstrip())
            return at_end
        data += decoded(part)
        text += str(part.get("say", ""))
        if "say" in part and not part.get("more"):
            if not _say(text, str(part.get("severity") or ""), quiet=quiet):
                return Exit.OK
            text = ""
        code = part.get("code", code)
    if lines := list(_outputs(data)) if data else []:
        tell(*lines)
    return int(code)


def _say(text: str, severity: str, *, quiet: bool) -> bool:
    """Prints a text. Returns False if nobody reads standard output."""
    from tuinb.render.safe import clean

    if severity in ("warning", "error"):
        complain(text)
        return True
    return quiet or tell(*(clean(line) for line in text.splitlines()))


def _outputs(data: bytes) -> Iterable[str]:
    """Returns the lines of the outputs of a notebook."""
    from tuinb.files import load
    from tuinb.headless.run.report import Printer

    printer = Printer()
    for cell in load.parse(Path(os.devnull), data).notebook:
        yield from printer.lines(cell, whole=True, errors=True)
