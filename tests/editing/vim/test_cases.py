"""The engine against what real vim made of the hand-picked cases."""

from __future__ import annotations

import pytest

from tests.editing.vim.cases import Picked, read, written
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
