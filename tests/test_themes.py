"""The themes that come with the program can be read, and wrong files are explained."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from rich.color import Color

from tests.support import shut
from tuinb import themes
from tuinb.capabilities import nearest_256
from tuinb.errors import ConfigError
from tuinb.render.styles import ThemeStyles

if TYPE_CHECKING:
    from pathlib import Path

CONTRAST, HIGH_CONTRAST = 4.5, 7.0
VISIBLE = 3.0
"""WCAG's minimum for what is no text, and what can be asked of colours that the terminal chooses."""
LEVELS = {0x00, 0x5F, 0x87, 0xAF, 0xD7, 0xFF}
PAGE = ("background", "selected_background")
CODE = ("background", "code_background", "current_line_background", "selected_background")
STATUS = ("status_background",)
STANDS_ON: dict[str, tuple[str, ...]] = {
    "foreground": (*CODE, *STATUS, "bracket_match"),
    "muted": (*CODE, *STATUS),
    "active": (*CODE, *STATUS),
    "editing": (*CODE, *STATUS),
    "prompt": PAGE,
    "running": (*PAGE, *STATUS),
    "error": (*PAGE, *STATUS),
    "warning": (*PAGE, *STATUS),
    "success": (*PAGE, *STATUS),
    "heading": PAGE,
    "link": PAGE,
    "inline_code": CODE,
    "stderr": PAGE,
    "status_foreground": STATUS,
    "background": ("cursor",),
}
"""Role of text → the roles of what may be behind it."""
NO_TEXT = {
    "code_background",
    "current_line_background",
    "selected_background",
    "status_background",
    "rule",
    "cursor",
    "bracket_match",
}
PALETTES = {
    "xterm": "000000 cd0000 00cd00 cdcd00 0000ee cd00cd 00cdcd e5e5e5 7f7f7f ff0000 00ff00 ffff00 5c5cff ff00ff 00ffff ffffff",
    "Linux": "000000 aa0000 00aa00 aa5500 0000aa aa00aa 00aaaa aaaaaa 555555 ff5555 55ff55 ffff55 5555ff ff55ff 55ffff ffffff",
    "Win": "0c0c0c c50f1f 13a10e c19c00 0037da 881798 3a96dd cccccc 767676 e74856 16c60c f9f1a5 3b78ff b4009e 61d6d6 f2f2f2",
    "Tango": "2e3436 cc0000 4e9a06 c4a000 3465a4 75507b 06989a d3d7cf 555753 ef2929 8ae234 fce94f 729fcf ad7fa8 34e2e2 eeeeec",
}
"""The sixteen colours of terminals, in the order of their numbers; text and background are white and black."""


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
    return [theme for theme in map(themes.load, themes.names()) if not theme.ansi]


def needed(theme: themes.Theme) -> float:
    return HIGH_CONTRAST if "high-contrast" in theme.name else CONTRAST


def test_every_role_is_text_or_what_text_stands_on() -> None:
    assert STANDS_ON.keys() | NO_TEXT == set(themes.INTERFACE_ROLES)


@pytest.mark.parametrize("theme", hex_themes(), ids=lambda theme: theme.name)
def test_text_has_contrast_on_whatever_it_stands_on(theme: themes.Theme) -> None:
    roles = {role: color_of(style) for role, style in theme.interface.items()}
    texts = [(role, roles[role], behind) for role, backs in STANDS_ON.items() for behind in backs]
    texts += [(name, color_of(style), behind) for name, style in theme.tokens.items() for behind in CODE]
    texts.append(("brackets", color_of(theme.tokens["Punctuation"]), "bracket_match"))
    low = [
        (name, color, behind, round(contrast(color, roles[behind]), 2))
        for name, color, behind in texts
        if contrast(color, roles[behind]) < needed(theme)
    ]
    assert not low


@pytest.mark.parametrize("theme", hex_themes(), ids=lambda theme: theme.name)
def test_colours_of_outputs_have_contrast(theme: themes.Theme) -> None:
    page = theme.interface["background"]
    assert set(theme.ansi_colors) == set(themes.ANSI_COLORS)
    # Black on a dark page is lifted when it is shown: see render/contrast.py.
    shown = {name: color for name, color in theme.ansi_colors.items() if name != "black" or not theme.dark}
    assert {name: color for name, color in shown.items() if contrast(color, page) < needed(theme)} == {}


@pytest.mark.parametrize("theme", hex_themes(), ids=lambda theme: theme.name)
def test_code_stays_readable_where_the_terminal_has_256_colours(theme: themes.Theme) -> None:
    def shown(style: str) -> str:
        return Color.from_ansi(nearest_256(*rgb(color_of(style)))).get_truecolor().hex

    backs = {shown(theme.interface[role]) for role in CODE}
    texts = {shown(style) for style in (*theme.tokens.values(), theme.interface["foreground"], theme.interface["error"])}
    assert min(contrast(text, back) for text in texts for back in backs) >= 3.5


@pytest.mark.parametrize("theme", hex_themes(), ids=lambda theme: theme.name)
def test_what_is_no_text_can_be_seen(theme: themes.Theme) -> None:
    roles = theme.interface
    page = roles["background"]
    assert contrast(roles["rule"], page) >= VISIBLE
    for role in ("selected_background", "code_background", "status_background"):
        assert roles[role] != page
    # A selection on the line of the cursor, and that line among others, can be told.
    assert len({roles[role] for role in CODE}) == len(CODE)
    assert theme.dark == (luminance(page) < 0.2)


@pytest.mark.parametrize("name", ["dark", "light", "high-contrast"])
def test_colours_are_of_the_palette_of_256(name: str) -> None:
    theme = themes.load(name)
    values = [*theme.interface.values(), *theme.tokens.values(), *theme.ansi_colors.values()]
    odd = []
    for color in {color_of(value) for value in values if "#" in value}:
        red, green, blue = rgb(color)
        grey = red == green == blue and (red - 8) % 10 == 0
        if not grey and not {red, green, blue} <= LEVELS:
            odd.append(color)
    assert not odd


@pytest.mark.parametrize("name", ["ansi", "ansi-light"])
def test_those_for_sixteen_colours_use_no_other(name: str) -> None:
    theme = themes.load(name)
    assert theme.ansi
    assert not any("#" in value for value in (*theme.interface.values(), *theme.tokens.values()))
    assert theme.interface["background"] == "default"


@pytest.mark.parametrize("palette", PALETTES.values(), ids=PALETTES)
@pytest.mark.parametrize("name", ["ansi", "ansi-light"])
def test_sixteen_colours_are_readable_in_the_palettes_of_terminals(name: str, palette: str) -> None:
    theme = themes.load(name)
    numbers = dict(zip(themes.ANSI_COLORS, palette.split(), strict=True))
    text, page = ("#ffffff", "#000000") if theme.dark else ("#000000", "#ffffff")

    def color(style: str, default: str) -> str:
        last = color_of(style)
        return default if last == "default" else "#" + numbers[last.removeprefix("ansi_")]

    texts = [
        *theme.tokens.values(),
        *(style for role, style in theme.interface.items() if role not in {"background", *NO_TEXT}),
    ]
    on_page = {color(style, text) for style in texts if style != theme.interface["status_foreground"]}
    on_status = {color(theme.interface[role], text) for role, backs in STANDS_ON.items() if backs[-1] in STATUS}
    status = color(theme.interface["status_background"], page)
    low = [(shown, page) for shown in on_page if contrast(shown, page) < VISIBLE]
    low += [(shown, status) for shown in on_status if contrast(shown, status) < VISIBLE]
    assert not low


@pytest.mark.parametrize("name", ["ansi", "ansi-light"])
def test_what_is_selected_is_reversed_where_no_colour_is_sure_to_be_readable(name: str) -> None:
    styles = ThemeStyles(themes.load(name))
    assert styles.role("selected_background").reverse
    assert styles.role("bracket_match").underline


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
    assert themes.names() == [*themes._BUILTIN, "ada"]


def test_a_folder_that_may_not_be_looked_into_has_none(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shut(folder.parent, monkeypatch)
    assert themes.names() == [*themes._BUILTIN]


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


def test_a_theme_that_does_not_set_the_line_of_the_cursor_has_no_other_colour_for_it(folder: Path) -> None:
    assert {themes.load(name).interface["current_line_background"] for name in ("ansi", "ansi-light")} == {"default"}
    (folder / "mine.toml").write_text('extends = "dark"\n[interface]\ncode_background = "#000000"\n')
    assert themes.load("mine").interface["current_line_background"] == "#000000"
    (folder / "other.toml").write_text('extends = "dark"\n[interface]\nlink = "#000000"\n')
    dark = themes.load("dark").interface
    assert themes.load("other").interface["current_line_background"] == dark["current_line_background"]


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
        ('dark = true\n[interface]\nforeground = "white"', "interface.foreground = 'white' is not valid"),
        ("dark = true\n[interface]\nforeground = 3", "interface.foreground = 3 is not valid"),
        ('dark = true\n[interface]\nforeground = ""', "interface.foreground = '' is not valid"),
        ('extends = "dark"\n[tokens]\nkeyword = "#ffffff"', "tokens.keyword is not the name of a token"),
        ('extends = "dark"\n[tokens]\nKeyword = "loud #ffffff"', "is any of bold, dim"),
        ('extends = "dark"\n[ansi]\nred = "bold #ffffff"', "ansi.red = 'bold #ffffff' is not valid"),
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
    with pytest.raises(ConfigError, match="there is no theme"):
        themes.load(name)
