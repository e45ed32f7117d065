"""Commands of the editor: they need an open one, and a line by its number is checked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tuinb.commands.ex_line import execute

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.commands.conftest import Desk


@pytest.mark.parametrize("name", ["cursor-left", "select-line", "delete-lines", "go-to-line"])
def test_without_an_open_editor_they_say_so(desk: Callable[[str], Desk], name: str) -> None:
    it = desk("a*")
    it.run(name)
    assert it.said() == ["No cell is being edited. Enter edits one."]
    assert it.host.open_editor.performed == []


@pytest.mark.parametrize(("answer", "line"), [("2", 1), (" 1 ", 0), ("0", 0), ("99", 2), (None, None)])
def test_going_to_a_line(desk: Callable[[str], Desk], answer: str | None, line: int | None) -> None:
    it = desk("a/b/c^")
    it.run("go-to-line", answer)
    went = [entry for entry in it.host.log if entry[0] == "edit_at"]
    assert went == ([] if line is None else [("edit_at", "c0", line)])
    assert it.said() == []


def test_what_is_no_line_number_is_refused(desk: Callable[[str], Desk]) -> None:
    it = desk("a^")
    it.run("go-to-line", "two")
    assert it.said() == ["'two' is not a line number."]


@pytest.mark.parametrize(("line", "went"), [(":2", 1), (":$", 2), ("7", 2)])
def test_a_number_on_the_command_line_is_a_line_while_a_cell_is_edited(
    desk: Callable[[str], Desk], line: str, went: int
) -> None:
    it = desk("a/b/c^|d")
    execute(it.context, line)
    assert it.host.log[-1] == ("edit_at", "c0", went)
    it.press("escape")
    execute(it.context, "2")
    assert it.view.active == "c1"
