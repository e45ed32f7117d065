"""The names that other programs have in their menus."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tuinb.commands import ex_line
from tuinb.commands.ex_line import EX
from tuinb.commands.keymap.elsewhere import ABSENT, MENUS
from tuinb.commands.registry import COMMANDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.commands.conftest import Desk


def test_each_name_of_a_menu_stands_for_one_thing_that_is_there() -> None:
    assert [name for name in MENUS if (name in COMMANDS) + (name in EX) + (name in ABSENT) != 1] == []
    assert set(ABSENT) <= set(MENUS)
    names = [name for others in MENUS.values() for name in others]
    assert [name for name, times in Counter(names).items() if times > 1] == []
    assert [name for name in names if name != name.lower() or name in COMMANDS] == []


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (":export", "In a shell: `tuinb convert FILE --to py` (or md); `jupyter nbconvert --to html FILE`."),
        (":export html", "In a shell: `tuinb convert FILE --to py` (or md); `jupyter nbconvert --to html FILE`."),
        (":search foo", "'search' takes no argument."),
        (":preferences", "`tuinb config --show` in a shell prints each setting, and the file to write it in."),
        (":insertbelow", "No command 'insertbelow'. Did you mean 'insert-below'?"),
    ],
)
def test_a_line_with_such_a_name_is_answered(desk: Callable[[str], Desk], line: str, said: str) -> None:
    it = desk("a*")
    ex_line.execute(it.context, line)
    assert it.said() == [said]


def test_a_line_with_such_a_name_runs_the_command(desk: Callable[[str], Desk]) -> None:
    it = desk("a*")
    ex_line.execute(it.context, ":insert cell below")
    ex_line.execute(it.context, ":Duplicate-Cell")
    assert len(it.notebook) == 3
