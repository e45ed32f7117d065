"""The command line: parses the arguments and calls an entry point.

Expensive modules are imported inside functions, so that `--version` and a usage error cost no more than bare Python. Exit
codes: 0 for success; 1 for an error, with one line on stderr; 2 for a usage error; 130 after Ctrl+C.
"""

from __future__ import annotations

import gc
import os
import sys
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING

from tuinb import __version__
from tuinb.errors import TuinbError, UsageError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence
    from pathlib import Path

    from tuinb.session.target import Arguments, Target
    from tuinb.ui.comparison import MakeRows

COMMANDS = {
    "run": "run notebooks",
    "verify": "run and compare",
    "show": "print as text",
    "strip": "remove outputs",
    "convert": "scripts, Markdown",
    "diff": "compare notebooks",
    "merge": "merge two versions",
    "git": "diff, merge by git",
    "sessions": "list or end sessions",
    "attach": "show a session",
    "do": "command a session",
    "kernels": "list kernels",
    "server": "Jupyter servers",
    "keys": "list the keys",
    "config": "show the settings",
    "trust": "trust a folder",
    "recover": "unsaved changes",
    "completion": "for your shell",
}
"""Commands by the first word, but for the screen. A notebook with such a name is opened as `./run`."""
MODULES = {
    **{name: f"tuinb.headless.{name}.command" for name in ("verify", "strip", "diff", "merge", "git")},
    **{name: f"tuinb.headless.{name}" for name in ("convert", "kernels", "server", "keys", "config", "trust", "recover")},
    **{name: f"tuinb.daemon.commands.{name}" for name in ("run", "show", "sessions", "attach", "do")},
    "completion": "tuinb.headless.shell_completion",
}
"""Module of each command, with `main(words)` and `arguments()`."""
_INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the program. Returns the exit code. Raises SystemExit(2) for a usage error that argparse reports."""
    words = sys.argv[1:] if argv is None else argv
    _open_streams()
    if any("token=" in word for word in words):
        from tuinb.server import arguments

        words = arguments.take_tokens(words)
    try:
        return _run_command(words[0], words[1:]) if words and words[0] in COMMANDS else _run_screen(words)
    except KeyboardInterrupt:
        return _INTERRUPTED


def _run_screen(words: Sequence[str]) -> int:
    try:
        arguments = _arguments(words)
        from tuinb.foreground import require_terminal

        require_terminal()
        if "--tour" in words:
            return _open_tour(words)
        if (chosen := _in_folder(arguments)) is None:
            return 0
        return _open(chosen)
    except UsageError as error:
        print(f"tuinb: {_line(error)}", file=sys.stderr)
        return 2
    except TuinbError as error:
        print(f"tuinb: {_line(error)}", file=sys.stderr)
        return 1


def _check_words(options: argparse.ArgumentParser, files: Sequence[str], rest: Sequence[str]) -> None:
    """Raises SystemExit(2) for an unknown option, or for a misspelled command. `rest` is what the parser does not know."""
    from difflib import get_close_matches
    from pathlib import Path

    if unknown := [word for word in rest if word.startswith("-")]:
        options.error(f"unknown option {unknown[0]}")
    if len(files) + len(rest) < 2 or Path(files[0]).suffix or Path(files[0]).exists():
        return
    if near := get_close_matches(files[0], COMMANDS, 1):
        options.error(f"{files[0]!r} is not a command, and there is no such notebook; did you mean {near[0]}?")


def _check_tabs(parsed: argparse.Namespace, more: Sequence[str]) -> None:
    """Raises UsageError for options that several notebooks can't have. `more` are those behind the first."""
    option = "--no-session" if parsed.no_session else "--existing" if parsed.existing is not None else ""
    if more and option:
        raise UsageError(f"{option} is for one notebook", hint="tabs are sessions, each with a kernel of its own")


def _open_streams() -> None:
    """Opens closed standard streams on /dev/null, so that no file that tuinb opens later gets their descriptor."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            # os.open takes the lowest free descriptor, which is the missing one.
            os.open(os.devnull, os.O_RDWR)
            setattr(sys, name, open(number, "w" if number else "r", encoding="utf-8"))  # noqa: SIM115, PTH123 - open until the program ends


def _run_command(name: str, words: Sequence[str]) -> int:
    from tuinb.headless.console import complain, write_anything

    write_anything()
    try:
        if name == "completion":
            from tuinb.daemon.commands.completed import LISTS
            from tuinb.headless import shell_completion

            return shell_completion.main(words, _parser(), COMMANDS, MODULES, LISTS)
        if name == "diff":
            from tuinb.headless.diff import command

            return command.main(words, _show_differences)
        return int(import_module(MODULES[name]).main(words))
    except TuinbError as error:
        complain(error)
        return 2


def _show_differences(title: str, make_rows: MakeRows, theme: str | None) -> int:
    from tuinb.terminal.textual_environ import prepare_textual

    prepare_textual(os.environ)
    from tuinb.ui.comparison import show

    return show(title, make_rows, theme)


_HELP = """\
tuinb [options] [FILE…]  opens notebooks, or their URLs, in the terminal: ? keys, ^S save, ^Q quit
  --kernel NAME  --python PATH  --trust-env  --no-kernel  --existing NAME  --server NAME  --local
  --no-session (end with the terminal)  --theme NAME  --graphics HOW  --tour  --version  -h
tuinb COMMAND …          does one of these; COMMAND --help shows options and examples
{commands}"""
_COLUMN = 20
_WIDTH = 100
"""Columns of the message for a wrong argument."""


def _parser() -> argparse.ArgumentParser:
    import argparse

    class Parser(argparse.ArgumentParser):
        def format_help(self) -> str:
            """Returns a help page of ten lines, with three commands a line."""
            entries = [f"  {name:<11}{what:<{_COLUMN}}" for name, what in COMMANDS.items()]
            rows = (len(entries) + 2) // 3
            lines = ("".join(entries[row::rows]).rstrip() for row in range(rows))
            return _HELP.format(commands="\n".join(lines)) + "\n"

    parser = Parser(
        prog="tuinb",
        usage="tuinb [options] [FILE…]",
        allow_abbrev=False,
        # Without a width, each argument would ask the terminal for one, and import what that needs.
        formatter_class=partial(argparse.HelpFormatter, width=_WIDTH),
    )
    parser.add_argument(
        "file",
        nargs="*",
        metavar="FILE",
        help="the notebook; created at its first save if it does not exist (several: each in a tab; without FILE: a recent one"
        " or an untitled one in this folder)",
    )
    parser.add_argument("--kernel", metavar="NAME", help="the kernelspec to use instead of the one in the notebook")
    parser.add_argument("--python", metavar="PATH", help="the interpreter or environment for a Python kernel")
    parser.add_argument("--trust-env", action="store_true", help="use the environment of the notebook's folder, this once")
    parser.add_argument("--no-kernel", action="store_true", help="open the notebook without a kernel")
    parser.add_argument(
        "--existing",
        nargs="?",
        const="",
        metavar="NAME",
        help="use a kernel that runs already, by its name, process id or connection file (or the notebook's; or the only one)",
    )
    parser.add_argument(
        "--server", metavar="NAME", help="the server that FILE is on: its name, or the port of one of yours on this machine"
    )
    parser.add_argument("--local", action="store_true", help="FILE is on this machine: only its kernel runs on the server")
    parser.add_argument("--theme", metavar="NAME", help="the theme: a built-in one, or one in your configuration folder")
    parser.add_argument(
        "--graphics",
        metavar="HOW",
        help="how images are shown: auto (the best that the terminal supports), kitty, sixel, iterm, blocks or none",
    )
    parser.add_argument(
        "--no-session", action="store_true", help="open the notebook in this process, which ends with its terminal"
    )
    parser.add_argument("--tour", action="store_true", help="learn the keys in five minutes, on a notebook to practise with")
    parser.add_argument("--version", action="version", version=f"tuinb {__version__}")
    return parser


def _arguments(words: Sequence[str]) -> Arguments:
    """Returns what the words ask for. Raises UsageError, or SystemExit(2) where argparse says what is wrong."""
    from tuinb.session.target import Arguments

    if len(words) == 1 and words[0] and not words[0].startswith("-"):
        return Arguments(words[0])  # what most starts are: argparse would take a tenth of the time to attach
    from tuinb.config import GRAPHICS

    options = _parser()
    parsed, rest = options.parse_known_args(words)
    _check_words(options, parsed.file, rest)
    file, *more = [*parsed.file, *rest] or [""]
    if parsed.graphics not in (None, *GRAPHICS):
        raise UsageError(f"--graphics {parsed.graphics}: unknown method", hint="choose one of " + ", ".join(GRAPHICS))
    if parsed.no_kernel and (parsed.kernel or parsed.python or parsed.trust_env):
        raise UsageError("--no-kernel can't be combined with --kernel, --python or --trust-env", hint="remove one of them")
    existing = parsed.existing
    if existing is not None and (parsed.no_kernel or parsed.kernel or parsed.python or parsed.trust_env):
        raise UsageError("--existing can't be combined with another option for the kernel", hint="remove one of them")
    if existing and existing.endswith(".ipynb") and not file:
        file, existing = existing, ""  # `tuinb --existing FILE`
    _check_tabs(parsed, more)
    server = ""
    if parsed.server is not None:
        server, file = _on_server(parsed.server, file, local=parsed.local)
        more = [_on_server(parsed.server, name, local=parsed.local)[1] for name in more]
    elif parsed.local:
        raise UsageError("--local is for --server", hint="name the server, or leave --local out")
    if ((file and "://" in file) or server) and (existing is not None or parsed.python or parsed.trust_env):
        hint = "leave them out for a notebook on a server"
        raise UsageError("--existing, --python and --trust-env are for kernels of this machine", hint=hint)
    return Arguments(
        file or None,
        parsed.kernel,
        parsed.python,
        parsed.no_kernel,
        parsed.trust_env,
        parsed.theme,
        parsed.graphics,
        parsed.no_session,
        existing,
        tuple(more),
        server,
    )


def _in_folder(arguments: Arguments) -> Arguments | None:
    """Lets the user choose a notebook, if a URL is that of a folder. None if the user chooses none. Raises TuinbError."""
    file = arguments.file
    if not file or "://" not in file or file.endswith(".ipynb"):
        return arguments
    from tuinb.server import contents, known
    from tuinb.server.address import is_url, url_of

    if not is_url(file):
        return arguments
    address = known.address_of(file)
    server = known.server(address.base)
    there = contents.find(server, address.file)
    if there is None or not there.is_folder:
        return arguments
    from dataclasses import replace

    from tuinb.terminal.textual_environ import prepare_textual

    prepare_textual(os.environ)
    from tuinb.errors import is_remote
    from tuinb.files.remote_listing import ServerFolder
    from tuinb.ui.server_picker import pick

    path = pick(ServerFolder(address.base, address.file), arguments.theme)
    return None if path is None else replace(arguments, file=url_of(path) if is_remote(path) else str(path))


def _on_server(name: str, file: str | None, *, local: bool) -> tuple[str, str]:
    """Returns the server that the kernel of a local file runs on, or none, and the file or its URL. Raises UsageError."""
    from tuinb.server import names

    if local and not file:
        raise UsageError("--local needs a FILE", hint="name a notebook of this machine")
    return (names.base_of(name), file or "") if local else ("", names.url_of(name, file or ""))


def _open(arguments: Arguments) -> int:
    from tuinb.session.target import Target
    from tuinb.terminal.textual_environ import prepare_textual

    # Loading a notebook creates many objects and no garbage. The screen enables the collector after the start.
    gc.disable()
    prepare_textual(os.environ)
    target = Target.of(arguments)
    if arguments.more and not target.config.session:
        raise UsageError("several notebooks need sessions, and your settings have `session = false`", hint="open one at a time")
    if target.config.session and not arguments.no_session:
        from tuinb.daemon.start import open_notebook

        return open_notebook(arguments, target)
    return _open_here(arguments, target)


def _open_here(arguments: Arguments, target: Target) -> int:
    """Opens a notebook in this process, without a session that outlives it."""
    from tuinb.session.opening import prepare

    options = prepare(arguments, target)
    try:
        if options.kernels is not None:
            options.kernels.spawn_early()
        from tuinb.ui.startup import run

        return run(options)
    finally:
        if options.kernels is not None:
            options.kernels.abandon()


def _open_tour(words: Sequence[str]) -> int:
    """Opens the notebook of the tour in a folder that is deleted at the end. Nothing of it is kept."""
    import tempfile
    from pathlib import Path

    from tuinb.commands.tour_steps import NAME, practice
    from tuinb.session.opening import prepare
    from tuinb.session.target import Target
    from tuinb.terminal.textual_environ import prepare_textual

    if _arguments(words).file is not None:
        raise UsageError("--tour has a notebook of its own", hint="leave FILE out")
    with tempfile.TemporaryDirectory(prefix="tuinb-tour-") as folder:
        path = Path(folder, NAME)
        path.write_text(practice(), encoding="utf-8")
        gc.disable()
        prepare_textual(os.environ)
        _keep_apart(Path(folder))
        arguments = _arguments([*(word for word in words if word != "--tour"), str(path)])
        options = prepare(arguments, Target.of(arguments))
        try:
            if options.kernels is not None:
                options.kernels.spawn_early()
            from tuinb.ui.startup import run

            return run(options, is_tour=True)
        finally:
            if options.kernels is not None:
                options.kernels.abandon()


def _keep_apart(folder: Path) -> None:
    """Has Jupyter's signatures and connection files, and IPython's history, written into a folder."""
    from tuinb.kernel.launch.kernelspecs import data_folder

    path = os.environ.get("JUPYTER_PATH")
    specs = str(data_folder(os.environ))
    os.environ["JUPYTER_PATH"] = f"{path}{os.pathsep}{specs}" if path else specs
    os.environ["JUPYTER_DATA_DIR"] = str(folder / "jupyter")
    os.environ["IPYTHONDIR"] = str(folder / "ipython")


def _line(error: TuinbError) -> str:
    return " ".join(str(error).split())
