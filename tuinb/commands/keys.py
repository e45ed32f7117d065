"""Commands about the keys that are typed: counts and keyboard macros, as Emacs has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuinb.commands.command import Command, Group, command

if TYPE_CHECKING:
    from tuinb.commands.context import Context


@command(Group.KEYS)
def count(context: Context) -> None:
    """Begin the count of the next command: digits, or 4 without any; again, four times as many."""
    context.keys.count("")


def _counts(digit: str, doc: str) -> Command:
    name = f"count-{digit}" if digit != "-" else "count-negative"
    return Command(name, doc, Group.KEYS, count.modes, lambda context: context.keys.count(digit))


DIGITS = {digit: _counts(digit, f"Count {digit}, or write it behind the count that was begun") for digit in "0123456789"}
"""Digit → the command that counts it."""
count_negative = _counts("-", "Count backwards: the next command goes the other way")
(
    count_0, count_1, count_2, count_3, count_4, count_5, count_6, count_7, count_8, count_9
) = DIGITS.values()  # fmt: skip


@command(Group.KEYS)
def start_macro(context: Context) -> None:
    """Record the keys that follow as a keyboard macro."""
    context.keys.start_macro()


@command(Group.KEYS)
def end_macro(context: Context) -> None:
    """End recording the keyboard macro."""
    context.keys.end_macro()


@command(Group.KEYS)
def end_or_run_macro(context: Context) -> None:
    """End recording the keyboard macro; if none is recorded, type the last one again."""
    context.keys.end_or_run_macro()


@command(Group.KEYS)
def run_macro(context: Context) -> None:
    """Type the keyboard macro again; with a count, so many times."""
    context.keys.run_macro()
