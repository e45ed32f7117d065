"""The engine against what real vim made of the hand-picked cases."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.editing.vim.cases import Picked, read, read_dropped, written
from tests.editing.vim.player import play
from tuinb.editing.vim import grammar, keys, tables
from tuinb.editing.vim.machine import Machine
from tuinb.editing.vim.operators import Command
from tuinb.editing.vim.state import Mode

if TYPE_CHECKING:
    from tuinb.editing.vim.grammar import Grammar, Incomplete, Invalid

PICKED = read()
GROUPS = tuple(dict.fromkeys(one.group for one in PICKED))


@pytest.mark.parametrize("group", GROUPS)
def test_cases(group: str) -> None:
    differ = [
        (one, found)
        for one in PICKED
        if one.group == group and (found := written(play(one.case, indents=one.is_own))) != one.after
    ]
    assert not differ, "\n".join(f"{one.before} {one.keys}\n  vim   {one.after}\n  ours  {found}" for one, found in differ)


def test_the_cases_are_many_and_none_is_twice() -> None:
    cases: list[Picked] = [one._replace(group="", after="") for one in PICKED]
    assert len(set(cases)) == len(cases) > 850


@pytest.mark.parametrize(("dropped", "reason"), read_dropped())
def test_dropped_cases_differ_for_a_reason(dropped: Picked, reason: str) -> None:
    """One that does what vim does belongs into cases.txt."""
    assert reason
    assert written(play(dropped.case)) != dropped.after


ELSEWHERE = {*tables.SURROUNDINGS, "H", "M", "L", "ga", "\x07", "!"}
"""Keys that need what is around the text. Other modules have their tests."""


def test_each_key_of_vim_is_in_a_case(monkeypatch: pytest.MonkeyPatch) -> None:
    """A new key needs a case."""
    used: set[tuple[str, str]] = set()
    feed = Machine.feed

    def parse(typed: str, line: str | None, of: Grammar) -> Command | Incomplete | Invalid:
        found = grammar.parse(typed, line, of)
        if isinstance(found, Command):
            mode = "object" if found.name in of.objects else "visual" if of.selects else "normal"
            used.update((("operator", found.operator), (mode, found.name)))
        return found

    def fed(machine: Machine, key: str) -> None:
        if machine.vim.mode in (Mode.INSERT, Mode.REPLACE):
            used.add(("insert", key))
        feed(machine, key)

    monkeypatch.setattr("tuinb.editing.vim.machine.parse", parse)
    monkeypatch.setattr(Machine, "feed", fed)
    for one in PICKED:
        play(one.case, indents=one.is_own)
    in_cases = {
        "operator": tables.OPERATORS,
        "normal": {**tables.MOTIONS, **tables.NORMAL},
        "object": tables.OBJECTS,
        "visual": tables.VISUAL,
        "insert": tables.INSERT,
    }
    missing = [
        (mode, keys.label(key))
        for mode, table in in_cases.items()
        for key in table
        if not {key, (mode, key)} & (ELSEWHERE | used)
    ]
    assert missing == []
