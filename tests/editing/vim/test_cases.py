"""The engine against what real vim made of the hand-picked cases."""

from __future__ import annotations

import pytest

from tests.editing.vim.cases import Picked, read, read_dropped, written
from tests.editing.vim.player import play

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
