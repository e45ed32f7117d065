"""The hand-picked cases of cases.txt: a text with `|` at the cursor, keys in vim's notation, and the text after them.

Lines are `before⇥keys⇥after`; `\\n` and `\\t` in them are a line end and a tab. A heading `== class` begins a class of cases.
The third part was written by `python -m tests.editing.vim.record`, which asks a real vim. Vim has none of the classes whose
name begins with `own`. dropped.txt has the cases in which the engine differs from vim, with the reason as a fourth part.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from tests.editing.vim.oracle import Answer, Case
from tuinb.editing.vim import keys

FILE = Path(__file__).with_name("cases.txt")
DROPPED = Path(__file__).with_name("dropped.txt")
_NAMES = {
    "esc": keys.ESCAPE, "cr": keys.ENTER, "bs": keys.BACKSPACE, "tab": keys.TAB, "lt": "<", "del": keys.DELETE, "up": keys.UP,
    "down": keys.DOWN, "left": keys.LEFT, "right": keys.RIGHT, "home": keys.HOME, "end": keys.END, "ins": keys.INSERT,
    "c-left": keys.WORD_LEFT, "c-right": keys.WORD_RIGHT,
}  # fmt: skip


class Picked(NamedTuple):
    """A case of the file."""

    group: str
    before: str
    keys: str
    after: str

    @property
    def is_own(self) -> bool:
        """Whether vim is not asked about it."""
        return self.group.startswith("own")

    @property
    def case(self) -> Case:
        """The case, with its keys as characters."""
        lines, row, column = text_of(self.before)
        return Case(lines, row, column, typed(self.keys))


def typed(written: str) -> str:
    """Returns keys in vim's notation as characters."""

    def key(match: re.Match[str]) -> str:
        name = match[1].lower()
        if name in _NAMES:
            return _NAMES[name]
        letter = name.removeprefix("c-")
        return chr(ord(letter.upper()) ^ 64) if name.startswith("c-") and len(letter) == 1 else match[0]

    return re.sub(r"<([^<>\s]+)>", key, written)


def text_of(written: str) -> tuple[tuple[str, ...], int, int]:
    """Returns the lines, the row and the column of a text with `|` at the cursor."""
    text = written.replace("\\n", "\n").replace("\\t", "\t").replace("\\f", "\f")
    before, _, after = text.partition("|")
    row = before.count("\n")
    return tuple((before + after).split("\n")), row, len(before.rpartition("\n")[2])


def written(answer: Answer) -> str:
    """Returns an answer as the file has it."""
    lines = list(answer.lines)
    line = lines[answer.row]
    lines[answer.row] = f"{line[: answer.column]}|{line[answer.column :]}"
    return "\n".join(lines).replace("\n", "\\n").replace("\t", "\\t").replace("\f", "\\f")


def read_dropped() -> list[tuple[Picked, str]]:
    """Returns the cases in which the engine differs from vim, each with the reason."""
    lines = [line.split("\t") for line in DROPPED.read_text(encoding="utf-8").splitlines()]
    return [(Picked("dropped", before, typed_keys, after), reason) for before, typed_keys, after, reason in lines]


def read() -> list[Picked]:
    """Returns the cases of the file."""
    found, group = [], ""
    for line in FILE.read_text(encoding="utf-8").splitlines():
        if line.startswith("== "):
            group = line[3:]
        elif line:
            before, typed_keys, *after = line.split("\t")
            found.append(Picked(group, before, typed_keys, after[0] if after else ""))
    return found
