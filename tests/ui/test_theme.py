"""Themes on the screen: which one it starts with, the preview while one is chosen, and files that can't be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from rich.color import Color

from tests.support import write_notebook
from tests.ui.harness import Driver, running
from tuinb import themes
from tuinb.capabilities import Colors
from tuinb.config import Config
from tuinb.ui import theme as theming
from tuinb.ui.dialogs.base import Chooser
from tuinb.ui.dialogs.prompts import LineInput, Palette

if TYPE_CHECKING:
    from pathlib import Path

BROKEN = 'extends = "dark"\n[interface]\nforegruond = "#ffffff"\n'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's folder of themes."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    folder = tmp_path / "tuinb" / "themes"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    return write_notebook(tmp_path / "x.ipynb", "x = 1")


def page(t: Driver) -> Color | None:
    """The background that the notebook is painted on."""
    return t.app.pane.view.painter.base.bgcolor


def background(name: str) -> Color:
    return Color.parse(themes.load(name).interface["background"])


def status_background(name: str) -> Color:
    return Color.parse(themes.load(name).interface["status_background"])


async def choosing(t: Driver) -> None:
    await t.press("colon")
    await t.type("choose-theme")
    await t.press("enter")
    await t.shows("Theme (arrows preview")


async def test_moving_in_the_list_shows_the_theme_and_escape_goes_back(notebook: Path) -> None:
    async with running(notebook, theme="dark") as t:
        await choosing(t)
        await t.press("down")
        assert page(t) == background("light")
        [status] = t.app.status.render_lines(t.app.status.size.region)
        assert [part.style.bgcolor for part in status if part.style and part.text == " 1/1 "] == [status_background("light")]
        strip = t.app.query_one(Chooser).render_line(0)
        assert strip._segments[0].style is not None
        assert strip._segments[0].style.bgcolor == Color.parse(themes.load("light").interface["background"])
        await t.press("down")
        assert page(t) == background("high-contrast")
        await t.press("escape")
        assert page(t) == background("dark")
        assert "config.toml" not in t.text()


async def test_enter_keeps_the_theme_says_how_to_keep_it_for_good_and_writes_nothing(notebook: Path, folder: Path) -> None:
    async with running(notebook, theme="dark", size=(100, 24)) as t:
        await choosing(t)
        await t.press("down", "enter")
        await t.shows('write theme = "light"')
        assert page(t) == background("light")
        assert list(folder.parent.iterdir()) == [folder]


async def test_a_theme_that_is_broken_is_explained_in_the_list_and_the_screen_stays(notebook: Path, folder: Path) -> None:
    (folder / "aaa.toml").write_text(BROKEN)
    async with running(notebook, theme="solarized-light") as t:
        await choosing(t)
        await t.press("down")
        await t.shows("unknown key interface.foregruond")
        assert page(t) == background("solarized-light")
        await t.press("enter")
        await t.shows("did you mean foreground")
        assert page(t) == background("solarized-light")


async def test_an_open_line_takes_over_the_theme(notebook: Path) -> None:
    async with running(notebook, theme="dark") as t:
        await t.press("colon")
        t.app.screen_theme.choose("light")
        await t.pilot.pause()
        shown = t.app.query_one(LineInput).styles.background
        assert shown.hex.lower() == themes.load("light").interface["background"]
        border = t.app.query_one(Palette).styles.border_top[1]
        assert border.hex.lower() == themes.load("light").interface["rule"]


@pytest.mark.parametrize(
    ("automatic", "shown"), [(theming.ThemePair("dark", "solarized-light"), "solarized-light"), (None, "dark")]
)
async def test_the_background_of_the_terminal_decides_where_nobody_chose(
    notebook: Path, automatic: theming.ThemePair | None, shown: str
) -> None:
    async with running(notebook, theme="dark", automatic=automatic) as t:
        t.app.background_known(light=False)
        assert t.app.screen_theme.name == "dark"
        t.app.background_known(light=True)
        await t.pilot.pause()
        assert page(t) == background(shown)


async def test_a_theme_chosen_before_the_terminal_answers_stays(notebook: Path) -> None:
    async with running(notebook, theme="dark", automatic=theming.ThemePair("dark", "light")) as t:
        t.app.system.set_theme("nord")
        t.app.background_known(light=True)
        assert t.app.screen_theme.name == "nord"


async def test_a_broken_theme_for_light_terminals_is_said(notebook: Path, folder: Path) -> None:
    (folder / "mine.toml").write_text(BROKEN)
    async with running(notebook, theme="dark", automatic=theming.ThemePair("dark", "mine")) as t:
        t.app.background_known(light=True)
        await t.shows("unknown key interface.foregruond")
        assert t.app.screen_theme.name == "dark"


@pytest.mark.parametrize(
    ("colorfgbg", "light"),
    [("15;0", False), ("0;15", True), ("0;7", True), ("0;default;15", True), ("12;8", False), ("11;default", None), ("", None)],
)
def test_what_the_environment_says_of_the_background(colorfgbg: str, light: bool | None) -> None:
    assert theming.light_background({"COLORFGBG": colorfgbg}) is light


LIGHT = {"COLORFGBG": "0;15"}


@pytest.mark.parametrize(
    ("asked", "config", "colors", "environ", "theme", "automatic"),
    [
        (None, Config(), Colors.TRUE, {}, "dark", ("dark", "light")),
        ("auto", Config(), Colors.ANSI256, LIGHT, "light", ("dark", "light")),
        (None, Config(theme_dark="nord"), Colors.TRUE, {}, "nord", ("nord", "light")),
        (None, Config(theme_light="solarized-light"), Colors.TRUE, LIGHT, "solarized-light", ("dark", "solarized-light")),
        (None, Config(theme_dark="nord"), Colors.ANSI16, {}, "ansi", ("ansi", "ansi-light")),
        (None, Config(), Colors.ANSI16, LIGHT, "ansi-light", ("ansi", "ansi-light")),
        ("gruvbox", Config(), Colors.ANSI16, LIGHT, "gruvbox", None),
    ],
)
def test_what_a_screen_starts_with(
    asked: str | None, config: Config, colors: Colors, environ: dict[str, str], theme: str, automatic: tuple[str, str] | None
) -> None:
    choice = theming.initial_theme(asked, config, colors, environ)
    assert (choice.theme.name, choice.automatic, choice.problem) == (theme, automatic, "")


@pytest.mark.parametrize("name", ["mine", "dark", "no-such-theme"])
def test_a_theme_that_cannot_be_read_does_not_stop_the_start(folder: Path, name: str) -> None:
    if name != "no-such-theme":
        (folder / f"{name}.toml").write_text(BROKEN)
    choice = theming.initial_theme(name, Config(), Colors.TRUE, {})
    assert choice.theme == themes.builtin("dark")
    assert name in choice.problem
    assert theming.initial_theme(name, Config(), Colors.ANSI16, LIGHT).theme == themes.builtin("ansi-light")


async def test_themes_change_live(two: Path) -> None:
    async with running(two) as t:
        before = t.app.pane.view.painter.base
        t.app.screen_theme.choose("light")
        await t.pilot.pause()
        assert t.app.pane.view.painter.base != before
        t.app.screen_theme.choose("ansi")
        await t.pilot.pause()
        assert "1 + 1" in t.text()
