"""SGR sequences become styles; all other escape sequences are removed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.render.support import STYLES
from tuinb import themes
from tuinb.render import ansi, contrast
from tuinb.render.block import plain
from tuinb.render.safe import clean
from tuinb.render.styles import ThemeStyles

ANSI_STYLES = ThemeStyles(themes.load("ansi"))
PIECES = st.sampled_from(
    [
        "\x1b",
        "\x9b",
        "[",
        "]",
        "0",
        "1",
        "31",
        "38",
        ";",
        ":",
        "m",
        "H",
        "8",
        "8;;http://x",
        "P",
        "\\",
        "\x07",
        "\x9c",
        "a",
        "é",
        "漢",
        "\u202e",
        "\t",
        "\u0301",
    ]
)


def styled(text: str) -> list[tuple[str, str]]:
    line, _ = ansi.spans(text, ansi.PLAIN, ANSI_STYLES)
    return [(span.text, str(span.style or "")) for span in line]


@pytest.mark.parametrize(
    ("codes", "style"),
    [
        ("31", "red"),
        ("94", "bright_blue"),
        ("41", "on red"),
        ("107", "on bright_white"),
        ("1;3;4;7;9;2", "bold dim italic underline reverse strike"),
        ("38;5;208", "color(208)"),
        ("38:5:208", "color(208)"),
        ("48;5;3", "on yellow"),
        ("38;2;1;2;3", "#010203"),
        ("38:2::1:2:3", "#010203"),
        ("38:2:1:2:3", "#010203"),
        ("48;2;255;0;16;1", "bold on #ff0010"),
        ("4:3", "underline"),
        ("4;4:0", ""),
        ("1;22", ""),
        ("31;39", ""),
        ("41;49", ""),
        ("31;1;0", ""),
        ("31;1;", ""),
        ("5;6;8", ""),
        ("38;5;256", ""),
        ("38;2;1;2;300", ""),
        ("38", ""),
        ("31;38;5", ""),
        ("1" * 40 + ";31", "red"),
        ("٣", ""),
        ("4:5;31", "underline red"),
        ("4:0", ""),
        ("21", "underline"),
        ("1;3;4;7;9;2;22;23;24;27;29", ""),
        ("58;2;255;0;0;31", "red"),
        ("58:2::255:0:0;4", "underline"),
        ("58;5;1;31", "red"),
        ("38;2;1;2;3;39", ""),
        ("48:5:9;49", ""),
        ("53;31", "red"),
    ],
)
def test_sgr(codes: str, style: str) -> None:
    assert styled(f"\x1b[{codes}mx")[-1][1] == style


@pytest.mark.parametrize(
    "text",
    [
        "a\x1b[2Jb",
        "a\x1b[?1049hb",
        "a\x1b[>cb",
        "a\x1b]0;title\x07b",
        "a\x1b]52;c;aGk=\x1b\\b",
        "a\x9d52;c;aGk=\x9cb",
        "a\x1bPq#0\x1b\\b",
        "a\x1b_Gf=32;AAAA\x1b\\b",
        "a\x9b31mb",
        "a\x1b(Bb",
        "a\x1bcb",
        "a\x1b7b",
        "a\x85b",
        "a\x1b[31mb\x1b[",
        "a\x1b]8;;http://x.y\x1b\\b\x1b]8;;\x1b\\",
        "ab\x1b",
    ],
)
def test_every_other_sequence_goes(text: str) -> None:
    assert plain(ansi.spans(text, ansi.PLAIN, STYLES)[0]) == "ab"
    assert ansi.strip(text) == "ab"


def test_an_unterminated_string_loses_its_introducer_only() -> None:
    assert plain(ansi.spans("a\x1b]0;rest of the line", ansi.PLAIN, STYLES)[0]) == "a0;rest of the line"


LINK = "\x1b]8;{};{}{}"


@pytest.mark.parametrize("end", ["\x07", "\x1b\\", "\x9c"])
@pytest.mark.parametrize("parameters", ["", "id=1", "id=a:b=c"])
def test_links_are_kept(parameters: str, end: str) -> None:
    text = "a" + LINK.format(parameters, "https://x.y/z?a;b", end) + "b\x1b[31mc\x1b[0md" + LINK.format("", "", end) + "e"
    line, state = ansi.spans(text, ansi.PLAIN, STYLES)
    assert [(span.text, span.style.link if span.style else None) for span in line] == [
        ("a", None),
        ("b", "https://x.y/z?a;b"),
        ("c", "https://x.y/z?a;b"),
        ("d", "https://x.y/z?a;b"),
        ("e", None),
    ]
    assert state == ansi.PLAIN


@pytest.mark.parametrize(
    ("address", "target"),
    [
        ("http://a/\u202e\u00e9 \u200b", "http://a/%E2%80%AE%C3%A9%20%E2%80%8B"),
        ("FILE:///a", "FILE:///a"),
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("ssh://a", None),
        ("/etc/passwd", None),
        ("http://" + "a" * 2_000, None),
        ("http://" + "\u6f22" * 500, None),
        ("http://\ud800", "http://%3F"),
    ],
)
def test_only_some_links_are_kept_and_they_are_clean(address: str, target: str | None) -> None:
    line, _ = ansi.spans(LINK.format("", address, "\x07") + "x", ansi.PLAIN, STYLES)
    assert plain(line) == "x"
    assert (line[0].style.link if line[0].style else None) == target


def test_the_state_carries_over_lines() -> None:
    _, state = ansi.spans("\x1b[1;31mred", ansi.PLAIN, STYLES)
    line, after = ansi.spans("still\x1b[0m not", state, ANSI_STYLES)
    assert [(span.text, str(span.style or "")) for span in line] == [("still", "bold red"), (" not", "")]
    assert after == ansi.PLAIN
    assert ansi.state_after("\x1b[1;31mred\nmore") == state


def test_the_theme_names_the_sixteen_colours() -> None:
    line, _ = ansi.spans("\x1b[31mx", ansi.PLAIN, STYLES)
    assert str(line[0].style) == themes.load("dark").ansi_colors["red"]
    assert styled("\x1b[31mx") == [("x", "red")]


@pytest.mark.parametrize("name", ["dark", "light"])
def test_text_stays_readable_on_the_themes_background(name: str) -> None:
    styles = ThemeStyles(themes.load(name))
    page, text = styles.role("background").bgcolor, styles.role("foreground").color
    assert page is not None
    assert text is not None
    for codes in (*(f"38;5;{n}" for n in range(256)), *(str(n) for n in range(30, 38))):
        style = ansi.spans(f"\x1b[{codes}mx", ansi.PLAIN, styles)[0][0].style
        assert style is not None
        assert style.color is not None
        assert contrast.ratio(style.color, page) >= 3
    for fore in ("", *(f"{n};" for n in range(30, 38))):
        for back in (*range(40, 48), *range(100, 108)):
            style = ansi.spans(f"\x1b[{fore}{back}mx", ansi.PLAIN, styles)[0][0].style
            assert style is not None
            assert style.bgcolor is not None
            assert contrast.ratio(style.color or text, style.bgcolor) >= 4.5


def test_words_in_any_colour_can_be_seen() -> None:
    page = STYLES.role("background").bgcolor
    assert page is not None
    style = ansi.spans("\x1b[38;2;0;0;40mwords", ansi.PLAIN, STYLES)[0][0].style
    assert style is not None
    assert style.color is not None
    assert contrast.ratio(style.color, page) >= 3


def test_pictures_made_of_text_keep_their_colours() -> None:
    for codes, color in (("38;2;1;1;1", "#010101"), ("38;5;16", "color(16)"), ("38;5;16;48;5;17", "color(16) on color(17)")):
        assert str(ansi.spans(f"\x1b[{codes}m▀", ansi.PLAIN, STYLES)[0][0].style) == color


def test_tabs_count_from_the_start_of_the_line() -> None:
    assert plain(ansi.spans("ab\x1b[1m\tc", ansi.PLAIN, STYLES)[0]) == "ab      c"


@given(st.lists(st.one_of(PIECES, st.text(st.characters(codec=None), max_size=4))).map("".join))
def test_no_escape_survives_and_stripping_agrees(text: str) -> None:
    line, state = ansi.spans(text, ansi.PLAIN, STYLES)
    assert not set(plain(line)) & set("\x1b\x9b\x9d\x07\u202e\t")
    assert state == ansi.state_after(text)
    assert all(span.text for span in line)
    assert all(clean(span.text) == span.text for span in line)
    for span in line:
        link = span.style.link if span.style else None
        assert not link or (link.isascii() and link.isprintable() and " " not in link)
