"""Markdown as text of a width."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pygments.token import Keyword

from tests.render.support import STYLES, check, context, text_of
from tuinb.render.markdown.blocks import links
from tuinb.render.registry import render_markdown


def shown(source: str, columns: int = 40) -> list[str]:
    return [row.rstrip() for row in text_of(render_markdown(source, context(columns)))]


@pytest.mark.parametrize(
    ("source", "rows"),
    [
        ("one two three four", ["one two three", "four"]),
        ("abcdefghijklmnopqrstu v", ["abcdefghijklmn", "opqrstu v"]),
        ("一二三四五六七八", ["一二三四五六七", "八"]),
        ("a\nb  \nc\\\nd<br>e", ["a b", "c", "d", "e"]),
        ("a  b\t c  *d*\n `e  f`", ["a b c d e  f"]),
        ("# One\n\ntext", ["One ──────────", "", "text"]),
        ("Sub\n---", ["Sub"]),
        ("### a long heading text", ["a long heading", "text"]),
        ("# a heading of", ["a heading of"]),
        ("- a\n- b\n  - c", ["• a", "• b", "  ◦ c"]),
        ("- a\n\n- b", ["• a", "", "• b"]),
        ("9. a\n10. b", ["9. a", "10. b"]),
        ("1) a\n   b b b b b b b b", ["1) a b b b b b", "   b b b"]),
        ("- [ ] a\n- [x] b", ["☐ a", "☑ b"]),
        ("- ", ["•"]),
        ("> q\n>\n> > r", ["▎ q", "▎", "▎ ▎ r"]),
        ("***", ["──────────────"]),
        ("<div>\nx", ["x"]),
        ("a <b>c</b> H<sub>2</sub>O x<sup>n</sup>", ["a c H₂O xⁿ"]),
        ("<div>\n\n*a*\n\n</div>\n\nb", ["a", "", "b"]),
        ("a <i>*b</i>* </u> <!-- c --><br/>d", ["a b", "d"]),
        ("![alt text](a.png)", ["[image: alt", "text]"]),
        ("![](x/fig.png)", ["[image:", "fig.png]"]),
        ("[t](#here) x", ["t x"]),
        ("<http://a.b>", ["http://a.b"]),
        ("[t](http://a)", ["t (http://a)"]),
        ("$a_1*b*c_2$", ["a₁ * b * c₂"]),
        ("\\(a^2\\) \\\\(b\\\\)", ["a² b"]),
        ("x $\\no$ y", ["x $\\no$ y"]),
        ("US$ and AU$", ["US$ and AU$"]),
        ("it is $5 or $6", ["it is $5 or $6"]),
        ("$x^2$ equals 4", ["x² equals 4"]),
        ("$a$$b$, 5$c", ["ab, 5$c"]),
        ("$9, `$HOME` $y$", ["$9, $HOME y"]),
        ("$5 *a* b, $6 c", ["$5 a b, $6 c"]),
        ("$6 or $x$", ["$6 or x"]),
        ("for $10 in\n$$\na\n$$", ["for $10 in", "  a"]),
        ("$\\$5$ and $a$", ["$5 and a"]),
        ("$$\na\n$$", ["  a"]),
        ("a $$x$$ b", ["a", "  x", "b"]),
        ("\\[\n\\frac12\n\\]", ["  1", "  ─", "  2"]),
        ("\\begin{align}\na&=b\\\\\n&=c\n\\end{align}\nd", ["  a = b", "    = c", "", "d"]),
        ("x\n\\\\[y\\\\]", ["x", "", "  y"]),
        ("$$\\no$$", ["$$\\no$$"]),
        ("\\[ x", ["[ x"]),
        ("> [!TIP]\n> a\n>\n> b", ["▎ Tip", "▎ a", "▎", "▎ b"]),
        ("T\n: d\n: e", ["T", "  d", "  e"]),
        ("a[^x]\n\n[^x]: b", ["a[x]", "", "──────────────", "[x] b"]),
        ("---\na: 1\n---\nb", [" a: 1", "", "b"]),
        ("~x~ www.a.b", ["x www.a.b"]),
        ("\\$5 \\*", ["$5 *"]),
        ("&amp; &#x202e;", ["& ⟨U+202E⟩"]),
        ("a\x1b]0;x\x07b", ["a␛]0;x␇b"]),
        ("    code", [" code"]),
        ("", []),
        ("<!-- -->", []),
    ],
)
def test_shows(source: str, rows: list[str]) -> None:
    assert shown(source, 14) == rows


def test_tables_are_aligned_and_fitted() -> None:
    source = "| a | n |\n|:--|--:|\n| x | 1 |\n| some longer text | 100 |"
    assert shown(source) == [
        "a                │   n",
        "─────────────────┼────",
        "x                │   1",
        "some longer text │ 100",
    ]
    assert shown(source, 14) == [
        "a        │   n",
        "─────────┼────",
        "x        │   1",
        "some     │ 100",
        "longer   │",
        "text     │",
    ]


def test_a_table_that_can_not_fit_becomes_rows() -> None:
    assert shown("|a|b|c|d|\n|-|-|-|-|\n|1|2|3|4|", 12) == ["a | b | c |", "d", "1 | 2 | 3 |", "4"]


def test_images_that_came_with_the_cell_say_their_size() -> None:
    png = "iVBORw0KGgoAAAANSUhEUgAAAoAAAAHg"
    size = "image/png 640\N{MULTIPLICATION SIGN}480, 24 B"
    for source, attachments, row in (
        ("![a plot](attachment:my%20plot.png)", {"my plot.png": {"image/png": png}}, f"[image: a plot, {size}]"),
        ("![](attachment:p.png)", {"p.png": {"image/png": png}}, f"[image: p.png, {size}]"),
        (f"![](data:image/png;base64,{png})", None, f"[image: {size}]"),
        ("![](attachment:p.png)", {"p.png": {"image/png": 3}}, "[image: p.png]"),
        ("![](attachment:p.png)", {"p.png": {}}, "[image: p.png]"),
        ("![](attachment:p.png)", 3, "[image: p.png]"),
    ):
        assert text_of(render_markdown(source, context(80), attachments)) == [row]


def test_long_images_in_addresses_do_not_make_a_source_too_long() -> None:
    source = f"# Title\n\n![plot](data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAoAAAAHg{'A' * 100_000})\n\n- a"
    rows = shown(source, 80)
    assert rows[0] == "Title ".ljust(80, "─")
    assert rows[2].startswith("[image: plot, image/png 640")
    assert rows[-1] == "• a"


def test_the_bar_of_an_alert_is_not_underlined_where_links_are() -> None:
    block = render_markdown("> [!NOTE]\n> a", context())
    spans = [span for i in range(block.height) for span in block.line(i)]
    assert STYLES.role("link").underline
    assert not any(span.style.underline for span in spans if span.style)


def test_links_are_listed_in_order() -> None:
    source = "[*a* b](x.ipynb) <http://c.d> ![i](p.png) [![j](q.png)](#e) www.f.g [h][k]\n\n- [l\nm](mailto:n@o.p)\n\n[k]: /r"
    assert links(source) == [
        ("a b", "x.ipynb"),
        ("http://c.d", "http://c.d"),
        ("j", "#e"),
        ("www.f.g", "http://www.f.g"),
        ("h", "/r"),
        ("l m", "mailto:n@o.p"),
    ]
    assert links("[" * 5_000) == []


@pytest.mark.parametrize(
    ("address", "target"),
    [
        ("https://a.b/c", "https://a.b/c"),
        ("file:///a/b", "file:///a/b"),
        ("http://a/\u00e9", "http://a/%C3%A9"),
        ("other.ipynb", None),
        ("mailto:a@b.c", None),
        ("http://a/" + "b" * 3_000, None),
    ],
)
def test_a_terminal_is_told_where_a_link_goes(address: str, target: str | None) -> None:
    span = render_markdown(f"[t](<{address}>)", context(200)).line(0)[0]
    assert span.text == "t"
    assert span.style is not None
    assert span.style.link == target


def test_styles() -> None:
    line = render_markdown("**b** *e* ~~s~~ `c` [l](u) ***x***", context(80)).line(0)
    by_text = {span.text: span.style for span in line}
    assert by_text["b"] is not None
    assert by_text["b"].bold
    assert by_text["e"] is not None
    assert by_text["e"].italic
    assert by_text["s"] is not None
    assert by_text["s"].strike
    assert by_text["c"] == STYLES.role("inline_code")
    assert by_text["l"] == STYLES.role("link")
    assert by_text[" (u)"] == STYLES.role("muted")
    assert by_text["x"] is not None
    assert by_text["x"].bold
    assert by_text["x"].italic


def test_html_among_words_has_styles_that_end_with_it() -> None:
    line = render_markdown("<b>b</b> *e <u>u* n</u> p", context(80)).line(0)
    by_text = {span.text.strip(): span.style for span in line}
    assert str(by_text["b"]) == "bold"
    assert str(by_text["e"]) == "italic"
    assert by_text["n"] is not None
    assert by_text["n"].underline
    assert not by_text["n"].italic
    assert by_text["p"] is None


def test_a_fence_is_highlighted_on_the_codes_background() -> None:
    block = render_markdown("```python\nreturn 1\n```", context(20))
    line = block.line(0)
    assert text_of(block) == [" return 1" + " " * 11]
    assert {span.text: span.style for span in line}["return"] == STYLES.role("code_background") + STYLES.token(Keyword)
    assert all(span.style and span.style.bgcolor == STYLES.role("code_background").bgcolor for span in line)


@pytest.mark.parametrize("info", ["", "{python}", "nonsense", "{.x}", "python title=1", "\x1b", "{"])
def test_any_info_of_a_fence(info: str) -> None:
    assert shown(f"```{info}\nx\n```") == [" x"]


def test_a_long_address_is_cut() -> None:
    rows = shown(f"[t](http://{'a' * 500})", 200)
    assert rows[0].endswith("…)")
    assert len(rows[0]) < 80


@pytest.mark.parametrize(
    "source",
    [
        "> " * 500 + "x",
        "- " * 500 + "x",
        "[" * 5_000,
        "*" * 5_000,
        "![" * 2_000 + "](" * 2_000,
        "|" * 999 + "\n" + "|-" * 500,
        "`" * 3_000,
        "$" * 3_000,
        "<" * 3_000,
        "x" * 400_000,
        "\\begin{align}\n" * 2_000,
        "\\(" * 5_000,
        "\\[\n" * 2_000,
        "$$\n" * 4_000,
        "\n" * 20_000,
        "[^1]: [^1]\n\n" * 500,
        "a@b." * 3_000,
        "http:" * 10_000,
        "<b>" * 3_000 + "x" + "</b>" * 3_000,
        "<div>\n\n" * 2_000,
    ],
)
def test_hostile_sources(source: str) -> None:
    check(render_markdown(source, context(30)), 30)


MARKS = "# |- |1. |> |```|\n|\n\n|  |\t|*|**|_|~~|`|[|](u)|![|a|word |漢|<b>|&#0;|$|\\|---\n|[ ] |\u0301|\u202e|\x1b|<!--|<http://x.y>"
PIECES = st.sampled_from([*MARKS.split("|"), "|", "|-|-|\n", "👩\u200d👩"])


@settings(max_examples=50)
@given(st.lists(PIECES, max_size=40).map("".join), st.integers(1, 60))
def test_any_source_can_be_shown(source: str, columns: int) -> None:
    check(render_markdown(source, context(columns)), columns)


@given(st.text(st.characters(codec=None)), st.integers(1, 40))
def test_any_text_can_be_shown(source: str, columns: int) -> None:
    check(render_markdown(source, context(columns)), columns)
