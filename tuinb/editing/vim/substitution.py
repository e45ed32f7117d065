"""`:s`: what it replaces, its flags, and the questions of the flag `c`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tuinb.editing.buffer import Place
from tuinb.editing.vim import keys, pattern
from tuinb.editing.vim.state import CHANGE_SECONDS, Confirmation, Failed, Mode, Substitution

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tuinb.editing.vim.state import Match, Vim

_FLAGS = re.compile(r"(&?[cegiInp#l]*)\s*(\d*)\s*$")


def cut(text: str, sign: str) -> tuple[str, int]:
    """Returns the text before a delimiter that is not escaped, and 1 if there is one, else 0."""
    at = 0
    while at < len(text):
        if text[at] == "\\":
            at += 1
        elif text[at] == sign:
            return text[:at], 1
        at += 1
    return text, 0


def read(vim: Vim, argument: str, *, last_search: bool = False) -> tuple[Substitution, int | None, str]:
    """Reads what follows `:s`. Returns the substitution, the count, and what follows a `|`.

    Without a pattern it is the last substitution; with `last_search`, by the pattern that was searched last.
    """
    last = vim.shared.substitution
    text, template, flags_text = _parts(vim, argument.lstrip(" \t"))
    flags_text, _, more = flags_text.partition("|")
    match = _FLAGS.match(flags_text.strip())
    if match is None:
        raise Failed(f"'{flags_text.strip()}' are no flags of :s.")
    flags = match[1]
    if flags.startswith("&"):
        flags = (last.flags if last else "") + flags[1:]
    if last_search:
        text = last_pattern(vim)
    return Substitution(text, template, flags), int(match[2]) if match[2] else None, more


def _parts(vim: Vim, argument: str) -> tuple[str, str, str]:
    """Returns the pattern, the replacement and the flags; without a pattern, those of the last substitution."""
    last, sign = vim.shared.substitution, argument[:1]
    if not sign or sign.isalnum() or sign in '\\"|&':
        if last is None:
            raise Failed("Nothing was substituted before.")
        return last.pattern, last.replacement, argument
    text, closed = cut(argument[1:], sign)
    rest = argument[1 + len(text) + closed :]
    template, closed = cut(rest, sign)
    flags = rest[len(template) + closed :]
    if sign != "/":
        text = text.replace("\\" + sign, sign)
    template = template.replace("\\" + sign, sign)
    if last is not None:
        template = re.sub(r"(\\.)|~", lambda match: match[1] or last.replacement, template)
    return text or last_pattern(vim), template, flags


def last_pattern(vim: Vim) -> str:
    """Returns the pattern that was searched last. Raises Failed if there is none."""
    if vim.shared.search is None:
        raise Failed("There is no pattern to search again.")
    return vim.shared.search.pattern


def substitute(vim: Vim, rows: range, wanted: Substitution) -> int:
    """Replaces matches in rows. With the flag `c`, asks for each of them. Returns how many there are."""
    text, template, flags = wanted
    if "i" in flags or "I" in flags:
        text += r"\c" if "i" in flags else r"\C"
    regex = pattern.translate(text, vim.options)
    with vim.limit(wanted.pattern, CHANGE_SECONDS):
        found = _matches(vim, rows, regex, every=("g" in flags) != vim.options.gdefault)
    if not found:
        if "e" in flags:
            return 0
        raise Failed(f"Not found: {text}")
    if "n" in flags:
        lines = len({vim.text.place(match.start).row for match in found})
        vim.host.notify(f"{len(found)} match{'es' if len(found) > 1 else ''} in {lines} line{'s' if lines > 1 else ''}.")
        return len(found)
    if "c" in flags:
        if vim.global_rows is not None:
            raise Failed("The flag c of :s can't ask within :g.")
        vim.confirmation = Confirmation(found, template)
        vim.mode = Mode.CONFIRM
        _ask(vim)
        return len(found)
    vim.cursor = Place(vim.text.place(found[0].start).row, 0)  # where undo puts it
    last_row, lines = _replace(vim, found, template)
    vim.marks["["], vim.marks["]"] = Place(rows.start, 0), Place(last_row, 0)
    vim.move(vim.nonblank(last_row))
    _tell(vim, len(found), lines)
    return len(found)


def _matches(vim: Vim, rows: range, regex: re.Pattern[str], *, every: bool) -> list[Match]:
    """Returns the matches in rows: one a row, or all."""
    source = vim.text.text + "\n"
    first, end = vim.text.start(rows.start), vim.text.start(rows.stop - 1) + len(vim.lines[rows.stop - 1])
    found: list[Match] = []
    position = at = first
    here_row = -1
    while at <= end:
        match = pattern.first_match(regex, source, at)
        if match is None or match.start > end:
            break
        row = vim.text.place(match.start).row
        if row == here_row and not every:
            at = vim.text.start(row) + len(vim.lines[row]) + 1
            continue
        if match.start == match.end and row == here_row and (match.start == position or source[match.start] == "\n"):
            # Nothing is matched right behind a match, or behind the last character after one.
            at = match.start + 1
            continue
        here_row = row
        found.append(match)
        position = match.end
        at = match.end if match.end > match.start else match.start + 1
    return found


def _replace(vim: Vim, found: Sequence[Match], template: str, shift: int = 0) -> tuple[int, int]:
    """Replaces matches as one change. Returns the last row with a replacement, and the number of lines that had a match.

    `shift` is how far the text behind earlier replacements has moved.
    """
    source = vim.text.text + "\n"
    lines = len({vim.text.place(match.start + shift).row for match in found})
    out: list[str] = []
    position = first = found[0].start + shift
    for match in found:
        out += [source[position : match.start + shift], pattern.replacement(template, match.groups)]
        position = match.end + shift
    last_row = vim.text.place(first).row + sum(part.count("\n") for part in out)
    stop = min(position, len(source) - 1)
    vim.replace(vim.text.place(first), vim.text.place(stop), "".join(out))
    return min(last_row, vim.last_row), lines


def _tell(vim: Vim, done: int, lines: int) -> None:
    if done > 2 or lines > 2:
        vim.host.notify(f"{done} substitution{'s' if done > 1 else ''} in {lines} line{'s' if lines > 1 else ''}.")


# ---- the questions of the flag `c`


def question(confirmation: Confirmation) -> str:
    """Returns the question about a match."""
    new = pattern.replacement(confirmation.template, confirmation.matches[confirmation.index].groups)
    return f"Replace with {new.replace(chr(10), '↵')}? (y)es (n)o (a)ll (l)ast (q)uit "


def _ask(vim: Vim) -> None:
    confirmation = vim.confirmation
    assert confirmation is not None
    start = confirmation.matches[confirmation.index].start + confirmation.shift
    vim.move(vim.text.place(start))


def answer(vim: Vim, key: str) -> None:
    """Takes a key that answers: y replaces, n does not, a replaces all that follow, l this one as the last, q ends."""
    confirmation = vim.confirmation
    assert confirmation is not None
    rest = confirmation.matches[confirmation.index :]
    if key in ("q", keys.ESCAPE, "\x03"):
        _end(vim)
    elif key in ("y", "l"):
        _replace_one(vim, confirmation)
        if key == "l" or len(rest) == 1:
            _end(vim)
        else:
            confirmation.index += 1
            _ask(vim)
    elif key == "n" and len(rest) > 1:
        confirmation.index += 1
        _ask(vim)
    elif key == "n":
        _end(vim)
    elif key == "a":
        row, lines = _replace(vim, rest, confirmation.template, confirmation.shift)
        confirmation.done += len(rest)
        confirmation.lines += lines
        vim.move(vim.nonblank(row))
        _end(vim)
    elif key in ("\x05", "\x19"):
        vim.host.run("scroll-down" if key == "\x05" else "scroll-up")


def _replace_one(vim: Vim, confirmation: Confirmation) -> None:
    match = confirmation.matches[confirmation.index]
    before, start = len(vim.text.text), match.start + confirmation.shift
    row = vim.text.place(start).row
    _replace(vim, [match], confirmation.template, confirmation.shift)
    confirmation.shift += len(vim.text.text) - before
    confirmation.done += 1
    confirmation.lines += row != confirmation.last_row
    confirmation.last_row = row
    vim.move(vim.clamped(vim.text.place(start)))


def _end(vim: Vim) -> None:
    confirmation, vim.confirmation = vim.confirmation, None
    assert confirmation is not None
    vim.mode = Mode.NORMAL
    vim.cursor = vim.clamped(vim.cursor)
    _tell(vim, confirmation.done, confirmation.lines)
