"""The themes that come with the program can be read, and wrong files are explained."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tuinb import themes
from tuinb.errors import ConfigError
from tuinb.render.styles import ThemeStyles

if TYPE_CHECKING:
    from pathlib import Path

CONTRAST = 4.5
LEVELS = {0x00, 0x5F, 0x87, 0xAF, 0xD7, 0xFF}
NO_TEXT = {"background", "code_background", "selected_background", "status_background", "rule", "cursor", "bracket_match"}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's folder of themes."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    folder = tmp_path / "tuinb" / "themes"
    folder.mkdir(parents=True)
    return folder


def rgb(color: str) -> tuple[int, int, int]:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def contrast(a: str, b: str) -> float:
    """WCAG 2's contrast ratio."""
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def luminance(color: str) -> float:
    red, green, blue = ((v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4) for v in (c / 255 for c in rgb(color)))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def color_of(style: str) -> str:
    return style.split()[-1]


def hex_themes() -> list[themes.Theme]:
    return [theme for theme in map(themes.load, ("dark", "light")) if not theme.ansi]


@pytest.mark.parametrize("theme", hex_themes(), ids=lambda theme: theme.name)
def test_text_has_contrast(theme: themes.Theme) -> None:
    roles = theme.interface
    backgrounds = (roles["background"], roles["code_background"])
    low = [
        (name, color, background, round(contrast(color, background), 2))
        for background in backgrounds
        for name, color in [
            *((name, color_of(style)) for name, style in theme.tokens.items()),
            *((role, roles[role]) for role in ("foreground", "inline_code")),
        ]
        if contrast(color, background) < CONTRAST
    ]
    on_page = [roles[role] for role in themes.INTERFACE_ROLES if role not in NO_TEXT]
    on_page += [color for name, color in theme.ansi_colors.items() if name != "black"]
    low += [("", color, roles["background"], 0) for color in on_page if contrast(color, roles["background"]) < CONTRAST]
    for text, background in (
        ("foreground", "selected_background"),
        ("foreground", "bracket_match"),
        ("status_foreground", "status_background"),
        ("background", "cursor"),
    ):
        assert contrast(roles[text], roles[background]) >= CONTRAST, (text, background)
    assert not low


@pytest.mark.parametrize("theme", hex_themes(), ids=lambda theme: theme.name)
def test_colours_are_of_the_palette_of_256(theme: themes.Theme) -> None:
    values = [*theme.interface.values(), *theme.tokens.values(), *theme.ansi_colors.values()]
    odd = []
    for color in {color_of(value) for value in values if "#" in value}:
        red, green, blue = rgb(color)
        grey = red == green == blue and (red - 8) % 10 == 0
        if not grey and not {red, green, blue} <= LEVELS:
            odd.append(color)
    assert not odd


def test_the_one_for_sixteen_colours_uses_no_other() -> None:
    theme = themes.load("ansi")
    assert theme.ansi
    assert not any("#" in value for value in (*theme.interface.values(), *theme.tokens.values()))
    assert theme.interface["background"] == "default"


@pytest.mark.parametrize("name", themes.names())
def test_every_role_and_token_makes_a_style(name: str) -> None:
    from pygments.token import STANDARD_TYPES

    theme = themes.load(name)
    styles = ThemeStyles(theme)
    for role in themes.INTERFACE_ROLES:
        style = styles.role(role)
        assert (style.bgcolor is not None) == (
            role.endswith("background") or role in ("cursor", "bracket_match", "inline_code")
        )
    known = {str(token).removeprefix("Token.") for token in STANDARD_TYPES}
    assert set(theme.tokens) <= known
    for token in STANDARD_TYPES:
        styles.token(token)


def test_a_token_has_its_parents_style() -> None:
    from pygments.token import Name, Number, Text

    styles = ThemeStyles(themes.load("dark"))
    assert styles.token(Number.Integer.Long) == styles.token(Number)
    assert styles.token(Name) is None
    assert styles.token(Text) is None


def test_names_begin_with_the_projects_own(folder: Path) -> None:
    (folder / "ada.toml").write_text('extends = "dark"')
    assert themes.names() == ["dark", "light", "ansi", "ada"]


def test_finds_the_themes_of_a_wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    package = tmp_path / "site-packages" / "tuinb"
    (package / "builtin_themes").mkdir(parents=True)
    (package / "builtin_themes" / "dark.toml").write_text('extends = "ada"')
    (folder / "ada.toml").write_text('extends = "dark"')
    monkeypatch.setattr(themes, "__file__", str(package / "themes.py"))
    assert themes.names() == ["dark", "ada"]


def test_a_users_theme_extends_another(folder: Path) -> None:
    (folder / "ada.toml").write_text('extends = "light"\n[interface]\nactive = "#ff0000"\n[tokens]\nComment = "bold"\n')
    theme = themes.load("ada")
    assert theme.name == "ada"
    assert not theme.dark
    assert theme.interface["active"] == "#ff0000"
    assert theme.interface["background"] == "#ffffff"
    assert theme.tokens["Comment"] == "bold"


def test_a_users_theme_goes_before_the_projects_and_may_extend_it(folder: Path) -> None:
    (folder / "dark.toml").write_text('extends = "dark"\n[interface]\nactive = "#ff0000"\n')
    theme = themes.load("dark")
    assert theme.interface["active"] == "#ff0000"
    assert theme.interface["editing"] == "#87d787"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("dark = tru", "not valid TOML"),
        ('dark = "yes"', "dark = 'yes' does not fit"),
        ("colours = 3", "unknown key 'colours'"),
        ("dark = true", "interface lacks background, foreground"),
        ("dark = true\ninterface = 3", "interface is not a table"),
        ('dark = true\n[interface]\nforegruond = "#ffffff"', "did you mean foreground"),
        ('dark = true\n[interface]\nforeground = "white"', "interface.foreground = 'white' is no colour"),
        ("dark = true\n[interface]\nforeground = 3", "interface.foreground = 3 is no colour"),
        ('dark = true\n[interface]\nforeground = ""', "interface.foreground = '' is no colour"),
        ('extends = "dark"\n[tokens]\nkeyword = "#ffffff"', "tokens.keyword is no name of a token"),
        ('extends = "dark"\n[tokens]\nKeyword = "loud #ffffff"', "is any of bold, dim"),
        ('extends = "dark"\n[ansi]\nred = "bold #ffffff"', "ansi.red = 'bold #ffffff' is no colour"),
        ('extends = "drak"', "did you mean dark"),
        ('extends = "bad"', "'bad' extends itself"),
        ("extends = 3", "extends = 3 does not fit"),
    ],
)
def test_a_wrong_file_is_explained(folder: Path, text: str, said: str) -> None:
    (folder / "bad.toml").write_text(text)
    with pytest.raises(ConfigError) as error:
        themes.load("bad")
    assert said in str(error.value)
    assert "bad" in str(error.value)


def test_themes_in_a_circle(folder: Path) -> None:
    (folder / "a.toml").write_text('extends = "b"')
    (folder / "b.toml").write_text('extends = "a"')
    with pytest.raises(ConfigError, match="'a' extends itself"):
        themes.load("a")


@pytest.mark.parametrize("name", ["drak", "../dark", "nothing-like-it"])
def test_a_theme_that_is_not_there(folder: Path, name: str) -> None:
    with pytest.raises(ConfigError, match="no theme is called"):
        themes.load(name)
