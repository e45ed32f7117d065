"""Counts before commands."""

from __future__ import annotations

import pytest

from tuinb.commands.keymap import counts
from tuinb.commands.keymap.counts import Count, counted
from tuinb.commands.registry import COMMANDS


@pytest.mark.parametrize(
    ("written", "value"),
    [
        (("",), 4),
        (("", ""), 16),
        (("", "1", "2"), 12),
        (("3",), 3),
        (("-",), -1),
        (("-", "2"), -2),
        (("", "-", "3"), -3),
        (("", "0"), 0),
        (tuple("9" * 30), counts.MOST),
        (("",) * 50, counts.MOST),
    ],
)
def test_values(written: tuple[str, ...], value: int) -> None:
    count = Count()
    for text in written:
        count = count.then(text)
    assert count.value == value


def test_what_goes_on_with_a_count() -> None:
    assert [text for text in ("1", "-", "x", "٣", "", None, "12") if Count(fours=1).takes(text)] == ["1", "-"]
    assert [text for text in ("1", "-") if Count("1").takes(text)] == ["1"]
    assert str(Count("-1")) == "-1"
    assert str(Count(fours=2)) == "16"


@pytest.mark.parametrize(
    ("name", "count", "runs"),
    [
        ("cursor-left", None, ("cursor-left", 1)),
        ("cursor-left", Count("3"), ("cursor-left", 3)),
        ("cursor-left", Count("-3"), ("cursor-right", 3)),
        ("kill-word", Count("-"), ("kill-word-left", 1)),
        ("delete-right", Count("0"), ("delete-right", 0)),
        ("upper-word", Count("-3"), ("upper-word", 0)),
        ("save", Count("3"), ("save", 1)),
        ("set-mark", Count("", 1), ("pop-mark", 1)),
        ("set-mark", None, ("set-mark", 1)),
    ],
)
def test_what_a_count_runs(name: str, count: Count | None, runs: tuple[str, int]) -> None:
    command, times = counted(COMMANDS[name], count)
    assert (command.name, times) == runs


def test_opposites_are_commands_that_repeat() -> None:
    assert all(COMMANDS[name].repeats for name in counts._OPPOSITES)
