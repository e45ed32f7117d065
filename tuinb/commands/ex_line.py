"""The command line of the screen: ex commands as in vim (`:w`, `:q!`, `:12`), and every command by its name (`:run-all`)."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeAlias

from tuinb.commands import conflicts, edit, file, jumps, selection, tabs
from tuinb.commands.context import Context
from tuinb.commands.keymap.elsewhere import ABSENT, named
from tuinb.commands.registry import COMMANDS
from tuinb.commands.run import submit
from tuinb.commands.view import set_option, use_theme
from tuinb.errors import is_remote
from tuinb.record import Record

if TYPE_CHECKING:
    from pathlib import Path

    from tuinb.notebook.changes import CellId

_LINE = re.compile(
    r"\s*:?\s*(?:(?P<number>\d{1,9}|\$)|(?P<name>[a-z][\w-]*)(?P<force>!?)(?:\s+(?P<argument>.*?))?)\s*", re.IGNORECASE
)


class ExLine(Record):
    """A parsed line: `:w! other.ipynb` is ExLine("w", "other.ipynb", True)."""

    name: str
    """Name of the command, or the number of a cell or line: `12`, `$` for the last."""
    argument: str = ""
    force: bool = False
    folder: Path | None = None
    """The folder that relative names of files start from. None: that of the terminal."""


_ON_CELLS = re.compile(
    r"""\s*:?\s*(?:
        [%,;+] | -\s*\d*\s*\S | '. | [/?]. | (?:\d+|[.$])\s*[^\s\d] | (?:g(?:lobal)?|v(?:global)?)!?[^\w\s|"-] |
        s(?:ubstitute)?[^\w\s|"-] | (?:m|move|t|co|copy)\s*(?:[\d.$+]|'.)
    )""",
    re.VERBOSE,
)
"""The start of a line that names cells as vim names lines: by a range, or as :s and :g do."""


def names_cells(line: str) -> bool:
    """Returns whether a line is a command on a range of cells: `:2,5d`, `:%s/a/b/`, `:g/a/d`."""
    return _ON_CELLS.match(line) is not None


def parse(line: str, folder: Path | None = None) -> ExLine | None:
    """Parses a line, with or without its colon. Returns None if it has not the form of a command."""
    match = _LINE.fullmatch(line)
    if match is None:
        return None
    return ExLine(match["number"] or match["name"], match["argument"] or "", bool(match["force"]), folder)


def _path(context: Context, line: ExLine) -> Path:
    return file.path_of(line.argument, line.folder or context.system.folder)


def _path_to_open(context: Context, line: ExLine) -> Path:
    """Returns the path of a notebook to open. Beside one on a server it is there, too."""
    if is_remote(context.session.path):
        return tabs.listing_of(context).path(line.argument)
    return _path(context, line)


async def _write(context: Context, line: ExLine) -> bool:
    path = _path(context, line) if line.argument else None
    if path is not None and not line.force and (path := await file.confirm_name(context, path)) is None:
        return False
    return await file.write(context, path, overwrite=line.force)


async def _w(context: Context, line: ExLine) -> None:
    await _write(context, line)


async def _e(context: Context, line: ExLine) -> None:
    path = _path_to_open(context, line) if line.argument else context.session.path
    if not tabs.is_shown(context, path):
        tabs.open_notebook(context, path)
    elif line.force:
        await conflicts.reload(context)
    else:
        await conflicts.read_again(context)


async def _new(context: Context, line: ExLine) -> None:
    """Opens the notebook that the line, or an answer, names."""
    from tuinb.session.target import untitled

    name = line.argument
    if not name:
        free = untitled(file.local_folder(context)).name
        name = (await context.dialogs.ask("Name of the new notebook:", free) or "").strip()
    if name:
        await _e(context, replace(line, argument=name if "." in name else f"{name}.ipynb"))


async def _tab(context: Context, line: ExLine) -> None:
    if line.argument.isdecimal():
        tabs.go_to_tab(context, int(line.argument))
    elif line.argument:
        context.dialogs.notify(f"'{line.argument}' is not the number of a tab.", "error")
    else:
        COMMANDS["choose-tab"](context)


async def _q(context: Context, line: ExLine) -> None:
    if line.force:
        file.leave_unasked(context)
    else:
        await file.leave(context)


async def _qa(context: Context, line: ExLine) -> None:
    COMMANDS["quit-all-without-saving" if line.force else "quit-all"](context)


async def _wqa(context: Context, line: ExLine) -> None:
    COMMANDS["save-and-quit-all"](context)


async def _wq(context: Context, line: ExLine) -> None:
    if await _write(context, line):
        await file.leave_saved(context)


async def _x(context: Context, line: ExLine) -> None:
    if line.argument or context.session.modified:
        await _wq(context, line)
    else:
        await file.leave_saved(context)


async def _theme(context: Context, line: ExLine) -> None:
    if not line.argument:
        COMMANDS["choose-theme"](context)
    elif line.argument in context.system.themes():
        use_theme(context, line.argument)
    else:
        context.dialogs.notify(f"No theme '{line.argument}'. Available: {', '.join(context.system.themes())}.", "error")


async def _run_cell(context: Context, line: ExLine) -> None:
    notebook = context.session.notebook
    cells: list[CellId] = []
    for word in line.argument.replace(",", " ").split():
        first, dash, last = word.partition("-")
        places = [len(notebook) if text == "$" else int(text) if text.isdecimal() else 0 for text in (first, last or first)]
        if (dash and not last) or not 1 <= places[0] <= places[1] <= len(notebook):
            problem = f"'{word}' names no cell. Cells have the numbers 1 to {len(notebook)}; `3-5` is three of them."
            context.dialogs.notify(problem if len(notebook) else "There are no cells.", "error")
            return
        cells += notebook.order[places[0] - 1 : places[1]]
    if cells:
        submit(context, cells)
    else:
        context.dialogs.notify("Which cell? `:run-cell 3` runs the third one.", "error")


async def _mark(context: Context, line: ExLine) -> None:
    if line.argument:
        jumps.set_mark(context, line.argument)
    else:
        COMMANDS["mark"](context)


async def _set(context: Context, line: ExLine) -> None:
    for word in f"{line.argument}{'!' if line.force else ''}".split():
        if not set_option(context, word):
            what = f"'{word}' is no option of the view. There are number, relativenumber and wrap."
            context.dialogs.notify(what, "error", hint="{enter-edit-mode} edits a cell; vim's keys have more options there.")


async def _help(context: Context, line: ExLine) -> None:
    context.dialogs.help(line.argument)


ExFunction: TypeAlias = Callable[[Context, ExLine], Coroutine[Any, Any, None]]


class ExCommand(Record):
    """An ex command, with its usage and doc for the help page."""

    function: ExFunction
    usage: str
    doc: str


EX: Mapping[str, ExCommand] = MappingProxyType(
    {
        "w": ExCommand(_w, ":w[!] [FILE]", "Save, under another name if FILE is given; ! overwrites without asking"),
        "e": ExCommand(
            _e, ":e[!] [FILE]", "Open FILE in a tab; without FILE read this file again, with ! discarding unsaved changes"
        ),
        "new": ExCommand(_new, ":new [FILE]", "Begin a notebook in a tab; it is created when it is saved"),
        "tab": ExCommand(_tab, ":tab [NUMBER]", "Go to a tab by its number, or choose one"),
        "tabs": ExCommand(_tab, ":tabs", "Choose a tab"),
        "q": ExCommand(
            _q, ":q[!]", "Close the notebook, and quit with the last one; ! discards unsaved changes without asking"
        ),
        "qa": ExCommand(
            _qa, ":qa[!]", "Close all notebooks; asks in each that has unsaved changes, with ! discards them without asking"
        ),
        "wqa": ExCommand(_wqa, ":wqa", "Save all notebooks that have unsaved changes, and close them"),
        "wq": ExCommand(_wq, ":wq[!] [FILE]", "Save and quit"),
        "x": ExCommand(_x, ":x", "Save if there are unsaved changes, and quit"),
        "run-cell": ExCommand(_run_cell, ":run-cell NUMBER…", "Run cells by their numbers: `3`, `3-5`, `$` for the last one"),
        "mark": ExCommand(_mark, ":mark [LETTER]", "Mark this place by a letter, which ' goes back to"),
        "set": ExCommand(_set, ":set OPTION…", "Set number, relativenumber or wrap; no before it ends that"),
        "theme": ExCommand(_theme, ":theme [NAME]", "Use a theme"),
        "help": ExCommand(_help, ":help [TOPIC]", "Show all keys and commands, or what a key or a command does: `:help dw`"),
    }
)
"""The ex commands by name. `:12` and `:$`, which go to a cell or to a line of the edited one, are not among them."""

ALIASES = MappingProxyType(
    {
        "write": "w",
        "edit": "e",
        "quit": "q",
        "resolve": "resolve-conflicts",
        "xit": "x",
        "exit": "x",
        "h": "help",
        "tabedit": "e",
        "tabe": "e",
        "tabnext": "next-tab",
        "tabn": "next-tab",
        "tabprevious": "previous-tab",
        "tabp": "previous-tab",
        "tabclose": "q",
        "close": "q",
        "tabc": "q",
        "qall": "qa",
        "wqall": "wqa",
        "xa": "wqa",
        "xall": "wqa",
        "wa": "save-all",
        "wall": "save-all",
        "up": "w",
        "update": "w",
        "noh": "deselect",
        "nohlsearch": "deselect",
        "ls": "tabs",
        "buffers": "tabs",
        "bn": "next-tab",
        "bnext": "next-tab",
        "bp": "previous-tab",
        "bprevious": "previous-tab",
        "bd": "q",
        "bdelete": "q",
        "colo": "theme",
        "colorscheme": "theme",
        "sav": "w",
        "saveas": "w",
        "se": "set",
    }
)
"""Other names of ex commands and commands, as vim has them."""


def execute(context: Context, text: str, folder: Path | None = None) -> None:
    """Runs one line. Reports a line that is no command. Raises TuinbError if the command does. `folder`: see ExLine."""
    if names_cells(text) and not context.editor.is_open:
        from tuinb.commands import cell_ranges

        cell_ranges.run(context, text)
        return
    line = parse(text, folder)
    if line is None:
        if text.strip(" \t:"):
            context.dialogs.notify(f"'{text.strip()}' is not a command.", "error")
        return
    if not line.name[0].isalpha():
        if context.editor.is_open:
            edit.to_line(context, sys.maxsize if line.name == "$" else int(line.name))
        else:
            order = context.session.notebook.order
            selection.go_to(context, len(order) if line.name == "$" else int(line.name))
        return
    name = line.name.lower().replace("_", "-")
    name = ALIASES.get(name, name)
    ex = EX.get(name)
    # More words than one are a name of a menu before they are a command with an argument.
    if line.argument and (found := named(f"{line.name} {line.argument}")) is not None:
        _execute_found(context, found)
    elif ex is not None:
        context.system.run_later(ex.function(context, line))
    elif name not in COMMANDS:
        _execute_elsewhere(context, line, name)
    elif line.argument or line.force:
        context.dialogs.notify(f"'{name}' takes no argument.", "error")
    else:
        COMMANDS[name](context)


def _execute_elsewhere(context: Context, line: ExLine, name: str) -> None:
    """Runs what has a name in other programs, or says what there is instead."""
    found = name if name in ABSENT else named(name)
    if found is None:
        context.dialogs.notify(f"No command '{line.name}'.{_suggestion(name)}", "error")
    elif line.argument or line.force:
        context.dialogs.notify(f"'{name}' takes no argument.", "error")
    else:
        _execute_found(context, found)


def _execute_found(context: Context, name: str) -> None:
    if name in ABSENT:
        context.dialogs.notify(f"{ABSENT[name]}.")
    else:
        execute(context, name)


def _suggestion(name: str) -> str:
    import difflib

    near = difflib.get_close_matches(name, [*EX, *COMMANDS], 1)
    return f" Did you mean '{near[0]}'?" if near else ""
