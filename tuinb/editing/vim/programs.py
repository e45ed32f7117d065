"""Programs and files: `!{motion}` and `:!` filter lines, `:r` puts a file or what a program writes, `:w` writes lines.

A program may take its time. It runs in the surroundings, and what it wrote is put into the text at its end, if the text is
then as it was.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tuinb.editing.buffer import Place
from tuinb.editing.vim import operators
from tuinb.editing.vim.registers import Held, Kind
from tuinb.editing.vim.state import CommandLine, Failed, Mode

if TYPE_CHECKING:
    from collections.abc import Callable

    from tuinb.editing.vim.ex_line import Line
    from tuinb.editing.vim.operators import Command, Region
    from tuinb.editing.vim.state import Vim

_LAST = re.compile(r"\\!|!")
"""The last program, and `!` itself."""


def filter_motion(vim: Vim, region: Region, command: Command) -> None:
    """Filter lines through a program, whose command line follows."""
    first, last = region.start.row, region.end.row
    if last == first:
        rows = "."
    elif last == vim.last_row:
        rows = ".,$"
    else:
        rows = f".,.+{last - first}"
    vim.cursor = Place(first, vim.cursor.column)
    motion = "!" if command.name == "_" else command.name + command.argument
    _open(vim, rows, (command.count, f"!{command.force}{motion}"))


def filter_selected(vim: Vim, command: Command) -> None:
    """Filter the selected lines through a program, whose command line follows."""
    _open(vim, "'<,'>")


def _open(vim: Vim, rows: str, repeated: tuple[int | None, str] | None = None) -> None:
    """Opens the command line for a program. `repeated`: see CommandLine."""
    vim.pending = ":"
    text = f"{rows}!"
    vim.line = CommandLine(":", text, len(text), repeated=repeated)
    vim.mode = Mode.COMMAND_LINE


def _start(vim: Vim, command: str, text: str, then: Callable[[str], None]) -> None:
    """Runs a program on a text, and `then` with what it wrote. `!` in the command is the last one, `\\!` is `!`."""
    if vim.depth > vim.repeating or vim.global_rows is not None:
        raise Failed("A macro, :g and :normal can't wait for a program. Run it on all lines at once, or repeat it with a dot.")
    last = vim.shared.program

    def expanded(match: re.Match[str]) -> str:
        if match[0] == "!" and not last:
            raise Failed("No program ran before.")
        return last if match[0] == "!" else "!"

    command = _LAST.sub(expanded, command.strip())
    if not command:
        raise Failed("Which program?")
    vim.shared.program = command
    if not vim.host.run_program(command, text, then):
        raise Failed("No program can be run here.")


def _unless_changed(vim: Vim, put: Callable[[str], None]) -> Callable[[str], None]:
    """Returns what puts the output of a program into the text, unless that is changed before."""
    before = vim.text.text

    def done(written: str) -> None:
        if vim.text.text != before:
            raise Failed("The text was changed meanwhile: what the program wrote is not in it.")
        put(written)

    return done


def _text_of(vim: Vim, rows: range) -> str:
    return "".join(f"{line}\n" for line in vim.lines[rows.start : rows.stop])


def _show(vim: Vim, command: str, written: str) -> None:
    """Shows what a program wrote that changes nothing."""
    lines = written.rstrip("\n").split("\n")
    if len(lines) == 1:
        vim.host.notify(lines[0] or f"{command.strip()} wrote nothing.")
    else:
        vim.host.run("page", "\n".join([command.strip(), *lines]))


def filter_lines(vim: Vim, line: Line) -> None:
    """Filter lines through a program; without a range show what it writes."""
    command = f"!{line.argument}" if line.force else line.argument
    if line.rows is None:
        _start(vim, command, "", lambda written: _show(vim, command, written))
        return
    rows = line.range(vim)

    def put(written: str) -> None:
        if written:
            end = Place(rows.stop - 1, len(vim.lines[rows.stop - 1]))
            vim.replace(Place(rows.start, 0), end, written.removesuffix("\n"))
            vim.move(vim.nonblank(rows.start))
        else:
            operators.delete_rows(vim, rows.start, rows.stop - 1)

    _start(vim, command, _text_of(vim, rows), _unless_changed(vim, put))


def read(vim: Vim, line: Line) -> None:
    """Put a file, or what a program writes, below a line."""
    row = vim.cursor.row if line.rows is None else line.rows[1]
    if not -1 <= row <= vim.last_row:
        raise Failed("The line is not in this cell.")

    def put(written: str, end: str = "]") -> None:
        """Puts text below the row. The cursor goes to its last line, as behind what a program wrote in vim."""
        if written:
            vim.cursor = Place(max(0, row), 0)
            operators.put(vim, Held(written.removesuffix("\n"), Kind.LINES), 1, before=row < 0)
            vim.move(vim.nonblank(vim.marks[end].row))

    argument = line.argument.strip()
    if line.force or argument.startswith("!"):
        _start(vim, argument if line.force else argument[1:], "", _unless_changed(vim, put))
    elif argument:
        put(vim.host.read_file(argument), "[")
    else:
        raise Failed("Which file?")


def write(vim: Vim, line: Line) -> None:
    """Write lines to a file, or to a program and show what that writes."""
    rows = line.range(vim) if line.rows is not None else range(vim.last_row + 1)
    text, argument = _text_of(vim, rows), line.argument.strip()
    if argument.startswith("!"):
        _start(vim, argument[1:], text, lambda written: _show(vim, argument[1:], written))
    elif argument.startswith(">>"):
        raise Failed("Nothing can be appended to a file. `:w !cat >> FILE` does it.")
    elif argument:
        vim.host.write_file(argument, text, overwrites=line.force)
    else:
        raise Failed("To which file? Without a range, :w saves the notebook.")
