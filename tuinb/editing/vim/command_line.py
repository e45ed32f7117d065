"""Editing the line after `:`, `/` or `?`: `f(line)` for each key that types no character."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuinb.editing.vim import keys, literals

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tuinb.editing.vim.state import CommandLine


def insert(line: CommandLine, text: str) -> None:
    """Inserts text at the cursor."""
    line.text = line.text[: line.at] + text + line.text[line.at :]
    line.at += len(text)


def _cut(line: CommandLine, start: int) -> None:
    line.text = line.text[:start] + line.text[line.at :]
    line.at = start


def delete_left(line: CommandLine) -> None:
    """Delete the character before the cursor."""
    _cut(line, max(0, line.at - 1))


def delete_right(line: CommandLine) -> None:
    """Delete the character at the cursor."""
    line.text = line.text[: line.at] + line.text[line.at + 1 :]


def delete_word(line: CommandLine) -> None:
    """Delete the word before the cursor."""
    kept = line.text[: line.at].rstrip()
    letters = len(kept)
    while letters and (kept[letters - 1].isalnum() or kept[letters - 1] == "_"):
        letters -= 1
    _cut(line, min(letters, max(0, len(kept) - 1)))


def delete_all(line: CommandLine) -> None:
    """Delete all before the cursor."""
    _cut(line, 0)


def left(line: CommandLine) -> None:
    """Left."""
    line.at = max(0, line.at - 1)


def right(line: CommandLine) -> None:
    """Right."""
    line.at = min(len(line.text), line.at + 1)


def home(line: CommandLine) -> None:
    """To the start."""
    line.at = 0


def end(line: CommandLine) -> None:
    """To the end."""
    line.at = len(line.text)


KEYS = {
    keys.BACKSPACE: delete_left,
    "\x7f": delete_left,
    keys.DELETE: delete_right,
    "\x17": delete_word,
    "\x15": delete_all,
    keys.LEFT: left,
    keys.RIGHT: right,
    keys.HOME: home,
    "\x02": home,
    keys.END: end,
    "\x05": end,
}
_HISTORY = {keys.UP: -1, "\x10": -1, keys.DOWN: 1, "\x0e": 1}
_QUOTING = ("\x12", *literals.PREFIXES)


def press(line: CommandLine, key: str, history: Sequence[str]) -> None:
    """Handles a key. `history` has the lines that were entered, each with its sign."""
    if key in KEYS:
        KEYS[key](line)
    elif key in _HISTORY:
        _walk_history(line, _HISTORY[key], history)
    elif key in _QUOTING:
        line.quoting = key
    elif keys.is_text(key) or key == keys.TAB:
        insert(line, key)


def _walk_history(line: CommandLine, step: int, history: Sequence[str]) -> None:
    """Shows an earlier or a later line that begins as the one that was being written."""
    searches = line.sign in "/?"
    own = [text[1:] for text in history if (text[0] in "/?") == searches]
    index = len(own) if line.history is None else line.history
    if line.history is None:
        line.draft = line.text
    while 0 <= index + step <= len(own):
        index += step
        if index == len(own) or own[index].startswith(line.draft):
            line.history = index
            line.text = line.draft if index == len(own) else own[index]
            line.at = len(line.text)
            return
