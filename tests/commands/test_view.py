"""Commands on the view."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.commands.conftest import Desk


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("scroll-line-up", ("scroll", -1, 0)),
        ("scroll-line-down", ("scroll", 1, 0)),
        ("page-up", ("visible_page", -1)),
        ("page-down", ("visible_page", 1)),
        ("centre", ("centre",)),
        ("redraw", ("redraw",)),
        ("suspend", ("suspend",)),
        ("show-help", ("help",)),
        ("palette", ("palette", "")),
    ],
)
def test_what_the_host_is_asked(desk: Callable[[str], Desk], name: str, asked: tuple[object, ...]) -> None:
    it = desk("a*")
    it.run(name)
    assert it.host.log == [asked]


def test_line_numbers(desk: Callable[[str], Desk]) -> None:
    it = desk("a*")
    before = it.view.line_numbers
    it.run("toggle-line-numbers")
    assert it.view.line_numbers is not before
    it.run("toggle-line-numbers")
    assert it.view.line_numbers is before


def test_choosing_a_theme(desk: Callable[[str], Desk]) -> None:
    it = desk("a*")
    it.run("choose-theme", 1)
    it.run("choose-theme", None)
    assert it.host.log[1:] == [("set_theme", "light"), ("choose", "Theme", ["dark", "light"])]


@pytest.mark.parametrize(
    ("name", "action"),
    [("indent", "indent"), ("dedent", "dedent"), ("inspect", "inspect"), ("copy-text", "copy"), ("complete", "complete")],
)
def test_editor_commands_of_the_palette(desk: Callable[[str], Desk], name: str, action: str) -> None:
    it = desk("a*")
    it.run(name)
    assert it.said() == ["No cell is being edited: press Enter to edit one."]
    it.press("enter")
    it.run(name)
    assert it.host.open_editor.performed == [action]
