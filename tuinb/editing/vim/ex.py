"""Ex commands on the text: ranges, `:s`, `:g`, `:d`, `:m`, `:t`, `:sort`, `:set` and others. The surroundings get the rest."""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from tuinb.editing.buffer import Buffer, Place, difference
from tuinb.editing.vim import keys, operators, pattern, programs, search, substitution
from tuinb.editing.vim import marks as mark_motions
from tuinb.editing.vim.addresses import Addresses, next_of
from tuinb.editing.vim.ex_line import Line
from tuinb.editing.vim.operators import Command, Region
from tuinb.editing.vim.registers import Held, Kind
from tuinb.editing.vim.state import CHANGE_SECONDS, Failed, HostOfCopy, Rows, Search, TooSlow
from tuinb.editing.vim.substitution import cut, last_pattern
from tuinb.editing.vim.walk import first_nonblank, screen_column

if TYPE_CHECKING:
    from collections.abc import Callable

    from tuinb.editing.vim.state import Vim


class ExCommand(NamedTuple):
    """An ex command."""

    function: Callable[[Vim, Line], None]
    usage: str

    @property
    def doc(self) -> str:
        """A line for the help."""
        return (self.function.__doc__ or "").partition("\n")[0].removesuffix(".")


_NAME = re.compile(r"[A-Za-z]{2,}(?:-\w+)+|[A-Za-z]+|[&~><!]?")
"""A name; with hyphens, it is one of the surroundings."""
_WRITE = re.compile(r"w|wr|wri|writ|write")
_TAKE_ALL = ("substitute", "&", "~", "global", "vglobal", "normal", "sort", "!", "read", "write")
"""Commands whose argument may have a `|`."""
_KEEP_BLANKS = ("substitute", "global", "vglobal", "normal")
"""Commands whose argument may begin or end with blanks that matter."""


def command_of(name: str) -> ExCommand | None:
    """Returns the command of a name, or of the letters that stand for it."""
    return COMMANDS["write" if _WRITE.fullmatch(name) else _NAMES[name]] if name in _NAMES or _WRITE.fullmatch(name) else None


def execute(vim: Vim, text: str) -> None:
    """Runs a line. Raises Failed with the reason."""
    text = text.lstrip(" \t:")
    if not text or text.startswith('"'):
        return
    reader = Addresses(_TextRows(vim), text)
    rows, given = reader.range()
    rest = text[reader.at :].lstrip(" \t")
    match = _NAME.match(rest)
    name = match[0] if match else ""
    if len(name) == 2 and name[0] == "k":  # `:ka` sets mark a
        name = "k"
    argument = rest[len(name) :]
    if _WRITE.fullmatch(name) and (rows is not None or re.match(r"\s+!", argument)):
        _run_own(vim, "write", argument, rows, given)
    elif name in _NAMES:
        _run_own(vim, _NAMES[name], argument, rows, given)
    elif rest:
        if rows is not None and name:
            raise Failed(f"'{name}' takes no range.")
        if not name or not vim.host.run("ex", text):
            raise Failed(f"'{name or rest}' is not a command.")
    elif rows is not None:
        vim.set_jump()
        vim.move(vim.nonblank(max(0, min(rows[1], vim.last_row))))


def _run_own(vim: Vim, name: str, argument: str, rows: tuple[int, int] | None, given: int) -> None:
    force = argument.startswith("!")
    argument = argument[1:] if force else argument
    more = ""
    if name not in _TAKE_ALL:
        argument, _, more = argument.partition("|")
    if name not in _KEEP_BLANKS:
        argument = argument.strip(" \t")
    COMMANDS[name].function(vim, Line(None if rows is None else (min(rows), max(rows)), name, force, argument, given))
    if more:
        execute(vim, more)


# ---- ranges


class _TextRows:
    """The rows of a text, as addresses name them."""

    def __init__(self, vim: Vim) -> None:
        self._vim = vim

    @property
    def here(self) -> int:
        """The row of the cursor."""
        return self._vim.cursor.row

    @property
    def last(self) -> int:
        """The last row."""
        return self._vim.last_row

    def marked(self, name: str) -> int:
        """Returns the row of a mark. Raises Failed if it is not set."""
        return mark_motions.marked(self._vim, name).row

    def find(self, text: str, here: int, *, forward: bool, searches: bool = True) -> int:
        """Returns the next row with a match, which `n` searches again if `searches`. Raises Failed without one."""
        text = text or last_pattern(self._vim)
        if searches:
            _search_for(self._vim, text)
        return _row_of(self._vim, text, here, forward=forward)

    def go_on_from(self, row: int) -> None:
        """Makes a row the one that what follows counts from."""
        self._vim.cursor = self._vim.clamped(Place(row, self._vim.cursor.column))


def _row_of(vim: Vim, text: str, here: int, *, forward: bool) -> int:
    regex = pattern.translate(text, vim.options)
    with vim.limit(text):
        rows = [vim.text.place(start).row for start, _ in search.all_matches(regex, vim.text.text)]
    return next_of(rows, here, text, forward=forward)


def _search_for(vim: Vim, text: str) -> None:
    """Makes a pattern the one that `n` searches, in the direction of the last search."""
    vim.shared.search = Search(text, vim.shared.search is None or vim.shared.search.forward)


def substitute(vim: Vim, line: Line) -> None:
    """Replace matches; flags: g all of a line, c asks, i ignores case, I heeds it, n counts, e is no error, & as last time."""
    _substitute(vim, line)


def ampersand(vim: Vim, line: Line) -> None:
    """Repeat the last substitution."""
    _substitute(vim, line)


def tilde(vim: Vim, line: Line) -> None:
    """Repeat the last substitution with the pattern that was searched last."""
    _substitute(vim, line, last_search=True)


def _substitute(vim: Vim, line: Line, *, last_search: bool = False) -> None:
    wanted, count, more = substitution.read(vim, line.argument, last_search=last_search)
    rows = line.range(vim)
    if count is not None:
        rows = range(rows.stop - 1, min(rows.stop - 1 + count, vim.last_row + 1))
    vim.shared.substitution = wanted
    _search_for(vim, wanted.pattern)
    vim.shared.highlights = True
    substitution.substitute(vim, rows, wanted)
    if more:
        execute(vim, more)


# ---- on lines


def _counted(vim: Vim, line: Line) -> tuple[range, str]:
    """Returns the rows and the register of `[range] d [register] [count]`."""
    match = re.fullmatch(r'\s*(["a-zA-Z_+*-]?)\s*(\d*)\s*', line.argument)
    if match is None:
        raise Failed(f"'{line.argument}' is no register and no number of lines.")
    rows = line.range(vim)
    if match[2]:
        rows = range(rows.stop - 1, min(rows.stop - 1 + int(match[2]), vim.last_row + 1))
    return rows, match[1]


def _lines(rows: range) -> Region:
    return Region(Kind.LINES, Place(rows.start, 0), Place(rows.stop - 1, 0))


def delete(vim: Vim, line: Line) -> None:
    """Delete lines."""
    rows, register = _counted(vim, line)
    vim.cursor = vim.nonblank(rows.start)
    operators.delete(vim, _lines(rows), Command("d", register=register))


def yank(vim: Vim, line: Line) -> None:
    """Copy lines."""
    rows, register = _counted(vim, line)
    vim.yank(register, operators.held_of(vim, _lines(rows)))


def _target(vim: Vim, line: Line) -> int:
    reader = Addresses(_TextRows(vim), line.argument)
    row = reader.address()
    if row is None or line.argument[reader.at :].strip():
        raise Failed(f"'{line.argument}' is no line." if line.argument else "After which line?")
    if not -1 <= row <= vim.last_row:
        raise Failed("The line is not in this cell.")
    return row


def move(vim: Vim, line: Line) -> None:
    """Move lines below another one."""
    rows, target = line.range(vim), _target(vim, line)
    if rows.start <= target < rows.stop - 1:
        raise Failed("Lines can't be moved into themselves.")
    if target in (rows.start - 1, rows.stop - 1):
        vim.move(vim.nonblank(rows.stop - 1))
        return
    moved = list(vim.lines[rows.start : rows.stop])
    if target < rows.start:
        first, last = target + 1, rows.stop - 1
        new = [*moved, *vim.lines[target + 1 : rows.start]]
        end = target + len(moved)
    else:
        first, last = rows.start, target
        new = [*vim.lines[rows.stop : target + 1], *moved]
        end = target
    vim.replace(Place(first, 0), Place(last, len(vim.lines[last])), "\n".join(new))
    vim.move(vim.nonblank(end))


def copy(vim: Vim, line: Line) -> None:
    """Copy lines below another one."""
    rows, target = line.range(vim), _target(vim, line)
    text = "\n".join(vim.lines[rows.start : rows.stop])
    if target < 0:
        vim.replace(Place(0, 0), Place(0, 0), text + "\n")
    else:
        end = Place(target, len(vim.lines[target]))
        vim.replace(end, end, "\n" + text)
    vim.move(vim.nonblank(target + len(rows)))


def join(vim: Vim, line: Line) -> None:
    """Join lines; with ! as they are."""
    rows, _ = _counted(vim, line)
    if line.argument.strip().isdigit():
        rows = range(rows.start, min(rows.stop, vim.last_row + 1))
    elif line.given < 2:
        rows = range(rows.start, rows.start + 2)
    if len(rows) < 2:
        rows = range(rows.start, rows.start + 2)
    if rows.stop - 1 > vim.last_row:
        raise Failed
    operators.join(vim, rows.start, len(rows), spaced=not line.force)
    vim.move(vim.nonblank(vim.cursor.row))


def _shift(vim: Vim, line: Line, step: int) -> None:
    more = len(line.argument) - len(line.argument.lstrip("<>"))
    rows, _ = _counted(vim, Line(line.rows, line.name, line.force, line.argument.lstrip("<>"), line.given))
    vim.cursor = vim.nonblank(rows.start)
    operators.shift(vim, rows, step * (more + 1))
    vim.move(vim.nonblank(rows.stop - 1))


def indent(vim: Vim, line: Line) -> None:
    """Indent lines."""
    _shift(vim, line, 1)


def dedent(vim: Vim, line: Line) -> None:
    """Dedent lines."""
    _shift(vim, line, -1)


def put(vim: Vim, line: Line) -> None:
    """Put a register as lines below; with ! above."""
    held = vim.held(line.argument.strip()[:1])
    rows = line.rows or (vim.cursor.row, vim.cursor.row)
    before = line.force or rows[1] < 0
    vim.cursor = Place(max(0, min(rows[1], vim.last_row)), 0)
    lines = Held(held.text, Kind.LINES)
    operators.put(vim, lines, 1, before=before)
    vim.move(vim.nonblank(vim.marks["]"].row))


def normal(vim: Vim, line: Line) -> None:
    """Type keys in normal mode, in each line of the range."""
    typed = line.argument.lstrip(" ")
    if not typed:
        raise Failed("Which keys?")
    rows = line.range(vim) if line.rows is not None else None
    for row in rows or (vim.cursor.row,):
        if rows is not None:
            vim.move(Place(min(row, vim.last_row), 0))
        vim.play(typed)
        while vim.pending or vim.insertion is not None or vim.line is not None:  # one Escape more would leave the cell
            vim.play(keys.ESCAPE)


def _global(vim: Vim, line: Line, *, inverted: bool) -> None:
    if vim.global_rows is not None:
        raise Failed(":g can't run itself.")
    argument = line.argument.lstrip(" \t")
    delimiter = argument[:1]
    if not delimiter or delimiter.isalnum() or delimiter in '\\"|':
        raise Failed(":g needs a pattern, as in :g/pattern/d.")
    text, closed = cut(argument[1:], delimiter)
    command = argument[1 + len(text) + closed :] or "p"
    text = text or last_pattern(vim)
    _search_for(vim, text)
    regex = pattern.translate(text, vim.options)
    rows = line.range(vim) if line.rows is not None else range(vim.last_row + 1)
    with vim.limit(text, CHANGE_SECONDS):
        hits = _rows_with_matches(vim, regex, rows)
    chosen = [row for row in rows if (row in hits) != inverted]
    if not chosen:
        raise Failed(f"Not found: {text}")
    if command.strip() in ("p", ""):
        vim.host.notify(f"{len(chosen)} line{'s' if len(chosen) > 1 else ''}.")
        vim.move(vim.nonblank(chosen[-1]))
        return
    _on_each(vim, chosen, command)


def _rows_with_matches(vim: Vim, regex: re.Pattern[str], rows: range) -> set[int]:
    """Returns the rows in which a match begins."""
    hits: set[int] = set()
    text, row = vim.text.text, rows.start
    while row < rows.stop and (match := pattern.first_match(regex, text, vim.text.start(row))) is not None:
        row = vim.text.place(match.start).row
        hits.add(row)
        row += 1
    return hits & set(rows)


def _on_each(vim: Vim, rows: list[int], command: str) -> None:
    """Runs an ex command in each of the rows. The surroundings see one change."""
    text, host = vim.text, vim.host
    old = text.text
    scratch = vim.text = Buffer(old)
    vim.host = HostOfCopy(host)
    step, vim.step = vim.step, None
    pending = vim.global_rows = Rows(rows)
    failure: Failed | None = None
    done = 0
    try:
        while (row := pending.pop()) is not None:
            vim.move(Place(min(row, vim.last_row), 0))
            try:
                execute(vim, command)
                done += 1
            except TooSlow:
                raise
            except Failed as error:
                failure = error
    finally:
        vim.text, vim.host, vim.step, vim.global_rows = text, host, step or vim.step, None
        if scratch.text != old:
            text.splice(*difference(old, scratch.text))
        vim.cursor = vim.clamped(vim.cursor)
    if failure is not None and not done:
        raise failure


def global_(vim: Vim, line: Line) -> None:
    """Run a command in all lines that match; with ! in the others."""
    _global(vim, line, inverted=line.force)


def vglobal(vim: Vim, line: Line) -> None:
    """Run a command in all lines that do not match."""
    _global(vim, line, inverted=True)


def sort(vim: Vim, line: Line) -> None:
    """Sort lines; flags: n by number, i ignoring case, u once each, r by the match of /pattern/; ! backwards."""
    flags, regex = _sort_flags(vim, line.argument)
    rows = line.range(vim) if line.rows is not None else range(vim.last_row + 1)

    def key(one: str) -> tuple[float, str]:
        if regex is not None and (match := pattern.first_match(regex, one)) is not None:
            one = one[match.start : match.end] if "r" in flags else one[match.end :]
        elif regex is not None and "r" in flags:
            one = ""
        if "n" in flags:
            number = re.search(r"-?\d+", one)
            return (float(number[0]) if number else float("-inf"), "")
        return (0.0, one.lower() if "i" in flags else one)

    with vim.limit(line.argument, CHANGE_SECONDS):
        new = sorted(vim.lines[rows.start : rows.stop], key=key, reverse=line.force)
        if "u" in flags:
            new = [next(group) for _, group in groupby(new, key)]
    vim.replace(Place(rows.start, 0), Place(rows.stop - 1, len(vim.lines[rows.stop - 1])), "\n".join(new))
    vim.move(Place(rows.start, 0))


def retab(vim: Vim, line: Line) -> None:
    """Replace tabs by blanks, with noexpandtab by tabs of another width; with ! also where only blanks are."""
    if line.argument and not re.fullmatch(r"[1-9]\d?", line.argument):
        raise Failed(f"'{line.argument}' is no width of a tab.")
    tab = vim.options.tabstop
    width = int(line.argument or tab)
    rows = line.range(vim) if line.rows is not None else range(vim.last_row + 1)

    def blanks(match: re.Match[str]) -> str:
        if "\t" not in match[0] and not (line.force and len(match[0]) > 1):
            return match[0]
        start, end = (screen_column(match.string, at, tab) for at in match.span())
        if vim.options.expandtab:
            return " " * (end - start)
        first = (start // width + 1) * width
        tabs = (end - first) // width + 1 if end >= first else 0
        return "\t" * tabs + " " * (end - (first + (tabs - 1) * width) if tabs else end - start)

    new = [re.sub(r"[ \t]+", blanks, text) for text in vim.lines[rows.start : rows.stop]]
    if new != list(vim.lines[rows.start : rows.stop]):
        wanted = vim.wanted
        vim.replace(Place(rows.start, 0), Place(rows.stop - 1, len(vim.lines[rows.stop - 1])), "\n".join(new))
        vim.move(vim.at_column(vim.cursor.row, wanted), wanted)


def _sort_flags(vim: Vim, argument: str) -> tuple[str, re.Pattern[str] | None]:
    flags, regex = "", None
    while argument:
        character, argument = argument[0], argument[1:]
        if character in "niur ":
            flags += character
        elif character.isalnum():
            raise Failed(f"'{character}{argument}' is no flag of :sort.")
        else:
            text, closed = cut(argument, character)
            regex = pattern.translate(text, vim.options) if text else None
            argument = argument[len(text) + closed :]
    return flags, regex


# ---- marks, registers, options


def mark(vim: Vim, line: Line) -> None:
    """Set a mark."""
    name = line.argument[:1]
    if not (name.isascii() and name.isalpha()):
        raise Failed("A mark is a letter.")
    row = line.range(vim).stop - 1
    mark_motions.set_mark(vim, name, Place(row, first_nonblank(vim.lines[row]) if line.rows else vim.cursor.column))


def delete_marks(vim: Vim, line: Line) -> None:
    """Remove marks; with ! all lower-case letters."""
    for name in {*vim.marks, *line.argument}:
        if name in line.argument or (line.force and name.islower()):
            mark_motions.remove(vim, name)


def marks(vim: Vim, line: Line) -> None:
    """Show the marks."""
    shown = [f"{name}  line {place.row + 1}, column {place.column + 1}" for name, place in sorted(vim.marks.items())]
    shown += vim.host.marks_elsewhere()
    if not vim.host.run("page", "\n".join(["Marks", *shown])):
        vim.host.notify("; ".join(shown))


def registers(vim: Vim, line: Line) -> None:
    """Show the registers."""
    shown = []
    for name in vim.shared.registers.names():
        held = vim.shared.registers.get(name)
        if held is not None:
            shown.append(f'"{name}  {held.shown[:200].encode("unicode_escape").decode()}')
    if not vim.host.run("page", "\n".join(["Registers", *shown])):
        vim.host.notify("; ".join(shown))


def no_highlights(vim: Vim, line: Line) -> None:
    """Stop marking matches."""
    vim.shared.highlights = False


_BOOLEAN = {
    "ignorecase": "ignorecase", "ic": "ignorecase", "smartcase": "smartcase", "scs": "smartcase", "wrapscan": "wrapscan",
    "ws": "wrapscan", "gdefault": "gdefault", "gd": "gdefault", "expandtab": "expandtab", "et": "expandtab",
    "autoindent": "autoindent", "ai": "autoindent", "hlsearch": "hlsearch", "hls": "hlsearch",
}  # fmt: skip
_NUMBER = {"shiftwidth": "shiftwidth", "sw": "shiftwidth"}


def set_option(vim: Vim, line: Line) -> None:
    """Set options: ignorecase, smartcase, wrapscan, gdefault, hlsearch, expandtab, autoindent, shiftwidth, number, wrap."""
    if line.argument in ("", "all"):
        shown = [name if getattr(vim.options, name) else f"no{name}" for name in dict.fromkeys(_BOOLEAN.values())]
        shown += [f"{name}={getattr(vim.options, name)}" for name in dict.fromkeys(_NUMBER.values())]
        vim.host.notify("  ".join(shown))
        return
    for word in line.argument.split():
        match = re.fullmatch(r"(no|inv)?([a-z]+)([!?])?(?:[=:](.*))?", word)
        if match is None:
            raise Failed(f"'{word}' is no option.")
        prefix, name, sign, value = match.groups()
        if name in _BOOLEAN and value is None:
            option = _BOOLEAN[name]
            now = getattr(vim.options, option)
            if sign == "?":
                vim.host.notify(option if now else f"no{option}")
            else:
                setattr(vim.options, option, not now if prefix == "inv" or sign == "!" else prefix != "no")
        elif name in _NUMBER and (sign == "?" or (value or "").isdigit()):
            if sign == "?":
                vim.host.notify(f"{_NUMBER[name]}={getattr(vim.options, _NUMBER[name])}")
            else:
                setattr(vim.options, _NUMBER[name], max(1, min(int(value or "1"), 99)))
        elif not vim.host.run("set", word):
            known = ", ".join(dict.fromkeys([*_BOOLEAN.values(), *_NUMBER.values(), "number", "relativenumber"]))
            raise Failed(f"'{word}' is no option here. There are {known} and wrap.")


def undo(vim: Vim, line: Line) -> None:
    """Undo."""
    vim.play("u")


def redo(vim: Vim, line: Line) -> None:
    """Redo."""
    vim.play("\x12")


def earlier(vim: Vim, line: Line) -> None:
    """Undo several steps."""
    vim.play(f"{_steps(line)}u")


def later(vim: Vim, line: Line) -> None:
    """Redo several steps."""
    vim.play(f"{_steps(line)}\x12")


def _steps(line: Line) -> int:
    if not line.argument:
        return 1
    if not re.fullmatch(r"[1-9]\d{0,5}", line.argument):
        raise Failed(f"'{line.argument}' is no number of steps.")
    return int(line.argument)


COMMANDS = {
    "substitute": ExCommand(substitute, ":[range]s/pattern/text/[flags]"),
    "&": ExCommand(ampersand, ":[range]&[&][flags]"),
    "~": ExCommand(tilde, ":[range]~[&][flags]"),
    "global": ExCommand(global_, ":[range]g/pattern/command"),
    "vglobal": ExCommand(vglobal, ":[range]v/pattern/command"),
    "normal": ExCommand(normal, ":[range]normal keys"),
    "delete": ExCommand(delete, ":[range]d [register] [count]"),
    "yank": ExCommand(yank, ":[range]y [register] [count]"),
    "put": ExCommand(put, ":[line]put[!] [register]"),
    "move": ExCommand(move, ":[range]m LINE"),
    "copy": ExCommand(copy, ":[range]t LINE"),
    "join": ExCommand(join, ":[range]j[!]"),
    ">": ExCommand(indent, ":[range]>"),
    "<": ExCommand(dedent, ":[range]<"),
    "sort": ExCommand(sort, ":[range]sort[!] [flags] [/pattern/]"),
    "retab": ExCommand(retab, ":[range]retab[!] [WIDTH]"),
    "mark": ExCommand(mark, ":[line]mark LETTER"),
    "delmarks": ExCommand(delete_marks, ":delmarks[!] [LETTERS]"),
    "marks": ExCommand(marks, ":marks"),
    "registers": ExCommand(registers, ":registers"),
    "nohlsearch": ExCommand(no_highlights, ":noh"),
    "set": ExCommand(set_option, ":set [no]OPTION"),
    "undo": ExCommand(undo, ":undo"),
    "redo": ExCommand(redo, ":redo"),
    "earlier": ExCommand(earlier, ":earlier [N]"),
    "later": ExCommand(later, ":later [N]"),
    "!": ExCommand(programs.filter_lines, ":[range]!PROGRAM"),
    "read": ExCommand(programs.read, ":[line]r FILE or !PROGRAM"),
    "write": ExCommand(programs.write, ":[range]w[!] FILE or !PROGRAM"),
}
"""The ex commands by their full names."""

_SHORTEST = {
    "substitute": 1, "global": 1, "vglobal": 1, "normal": 4, "delete": 1, "yank": 1, "put": 2, "move": 1, "copy": 2, "join": 1,
    "sort": 3, "mark": 2, "delmarks": 4, "registers": 3, "nohlsearch": 3, "set": 2, "undo": 1, "redo": 3, "marks": 5,
    "earlier": 2, "later": 3, "read": 1, "retab": 3,
}  # fmt: skip
_NAMES = {name[:size]: name for name, least in _SHORTEST.items() for size in range(least, len(name) + 1)}
_NAMES |= {"t": "copy", "k": "mark", "&": "&", ">": ">", "<": "<", "display": "registers", "di": "registers"}
_NAMES |= {"~": "~", "!": "!"}
