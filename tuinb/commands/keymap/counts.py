"""The count that is written before a command, as Emacs has it: `C-u 1 2`, `M-5`, `C-u C-u`, `M--`."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from tuinb.commands.registry import COMMANDS
from tuinb.record import Record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tuinb.commands.command import Command

MOST = 10_000
"""The largest count."""

_PAIRS = (
    ("cursor-left", "cursor-right"),
    ("cursor-up", "cursor-down"),
    ("cursor-previous-word", "cursor-next-word"),
    ("cursor-word-left", "cursor-word-right"),
    ("cursor-page-up", "cursor-page-down"),
    ("cursor-previous-paragraph", "cursor-next-paragraph"),
    ("cursor-previous-expression", "cursor-next-expression"),
    ("cursor-sentence-start", "cursor-sentence-end"),
    ("cursor-definition-start", "cursor-definition-end"),
    ("delete-left", "delete-right"),
    ("kill-word-left", "kill-word"),
    ("select-previous", "select-next"),
    ("move-line-up", "move-line-down"),
    ("undo-typing", "redo-typing"),
)
_OPPOSITES: Mapping[str, str] = MappingProxyType({**dict(_PAIRS), **{after: before for before, after in _PAIRS}})
"""Command → the one that goes the other way."""

_WITH_COUNT: Mapping[str, str] = MappingProxyType({"set-mark": "pop-mark"})
"""Command → the one that it is after a count, whatever the number."""


class Count(Record):
    """A count that is being written."""

    digits: str = ""
    """What was written; `-` alone is -1."""
    fours: int = 0
    """How many times it was begun: each is four times as many, until digits follow."""

    def then(self, text: str) -> Count:
        """Returns the count after a digit, a `-`, or nothing, which begins it."""
        if not text:
            return Count(self.digits, self.fours + 1)
        if text == "-":
            return Count("" if self.digits == "-" else "-", self.fours)
        return Count((self.digits + text)[-12:], self.fours)

    def takes(self, character: str | None) -> bool:
        """Whether a character goes on with it: a digit, or a `-` before any."""
        is_digit = character is not None and len(character) == 1 and character in "0123456789"
        return is_digit or (character == "-" and not self.digits)

    @property
    def value(self) -> int:
        """The number, at most MOST."""
        number = int(self.digits) if self.digits.lstrip("-") else -1 if self.digits else 4 ** min(self.fours, 10)
        return max(-MOST, min(number, MOST))

    def __str__(self) -> str:
        """What was written, for the status line."""
        return self.digits or str(self.value)


def counted(command: Command, count: Count | None) -> tuple[Command, int]:
    """Returns the command that a count stands for, and how often it runs. Commands that do not repeat run once."""
    if count is None:
        return command, 1
    command = COMMANDS[_WITH_COUNT.get(command.name, command.name)]
    number = count.value
    if number < 0 and command.name in _OPPOSITES:
        command, number = COMMANDS[_OPPOSITES[command.name]], -number
    return command, max(0, number) if command.repeats else 1
