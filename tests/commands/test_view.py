"""Commands on the view."""

from __future__ import annotations

from typing import TYPE_CHECKING
from unittest.mock import ANY

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
        ("scroll-to-top", ("put_at_edge", -1)),
        ("scroll-to-bottom", ("put_at_edge", 1)),
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


def test_soft_wrap(desk: Callable[[str], Desk]) -> None:
    it = desk("a*")
    it.run("toggle-soft-wrap")
    assert not it.view.soft_wrap
    it.run("toggle-soft-wrap")
    assert it.view.soft_wrap


def test_line_numbers(desk: Callable[[str], Desk]) -> None:
    it = desk("a*")
    before = it.view.line_numbers
    it.run("toggle-line-numbers")
    assert it.view.line_numbers is not before
    it.press("g n")
    assert it.view.line_numbers is before


def test_relative_numbers_are_shown_and_hidden(desk: Callable[[str], Desk]) -> None:
    it = desk("a*")
    it.run("toggle-relative-numbers")
    assert (it.view.line_numbers, it.view.relative_numbers) == (True, True)
    it.run("toggle-relative-numbers")
    assert (it.view.line_numbers, it.view.relative_numbers) == (True, False)


def test_closing_brackets_is_switched(desk: Callable[[str], Desk]) -> None:
    it = desk("a*")
    it.run("toggle-auto-close")
    it.run("toggle-auto-close")
    assert it.view.auto_close
    assert it.said() == ["Brackets and quotes do not close themselves.", "Brackets and quotes close themselves."]


def test_choosing_a_theme(desk: Callable[[str], Desk]) -> None:
    it = desk("a*")
    it.run("choose-theme", 1)
    moved = [("set_theme", "light"), ("moved", ""), ("moved", "broken.toml: not valid TOML (correct that line)")]
    assert it.host.log[1:] == [*moved, ("set_theme", "dark"), ("set_theme", "light"), ("notify", ANY, "information")]
    assert 'write theme = "light" into ' in it.said()[0]
    assert it.host.theme == "light"


def test_a_theme_that_was_only_looked_at(desk: Callable[[str], Desk]) -> None:
    it = desk("a*")
    it.run("choose-theme", None)
    assert ("set_theme", "light") in it.host.log
    assert it.host.theme == "dark"
    assert it.said() == []


@pytest.mark.parametrize(
    ("name", "action"),
    [("indent", "indent"), ("dedent", "dedent"), ("inspect", "inspect"), ("copy-text", "copy"), ("complete", "complete")],
)
def test_editor_commands_of_the_palette(desk: Callable[[str], Desk], name: str, action: str) -> None:
    it = desk("a*")
    it.run(name)
    assert it.said() == ["No cell is being edited. Enter edits one."]
    it.press("enter")
    it.run(name)
    assert it.host.open_editor.performed == [action]
