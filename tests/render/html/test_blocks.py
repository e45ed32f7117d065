"""HTML as text: output of real libraries (samples/), single elements, and hostile markup."""

from __future__ import annotations

import base64
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.render.support import STYLES, check, context, text_of
from tuinb.render.block import Span, is_wide
from tuinb.render.html import blocks, tree
from tuinb.render.html.styles import script_text
from tuinb.render.images.gallery import Gallery
from tuinb.render.registry import render_bundle

SAMPLES = sorted((Path(__file__).parent / "samples").glob("*.html"))


def shown(markup: str, columns: int = 40) -> list[str]:
    block = blocks.block(markup, context(columns))
    return [row.rstrip() for row in text_of(block)] if block else []


def spans(markup: str) -> dict[str, Span]:
    block = blocks.block(markup, context())
    assert block is not None
    return {span.text.strip(): span for i in range(block.height) for span in block.line(i)}


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_what_libraries_make(path: Path) -> None:
    assert shown(path.read_text(), 72) == path.with_suffix(".txt").read_text().splitlines()


@pytest.mark.parametrize("columns", [1, 2, 5, 9, 17, 33])
@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_samples_keep_to_any_width(path: Path, columns: int) -> None:
    if block := blocks.block(path.read_text(), context(columns)):
        check(block, columns)


@pytest.mark.parametrize(
    ("markup", "rows"),
    [
        ("plain", ["plain"]),
        ("a  b\n\tc <b> d</b> e", ["a b c d e"]),
        ("<p>a<p>b", ["a", "", "b"]),
        ("<div>a<div>b</div>c</div>", ["a", "b", "c"]),
        ("a<br>b<br/><br>c", ["a", "b", "", "c"]),
        ("a&nbsp;b &lt;x&gt; &eacute; &#x202e;", ["a\xa0b <x> é ⟨U+202E⟩"]),
        ("a\x1b]0;x\x07b\0", ["a␛]0;x␇b�"]),
        ("<h1>One</h1>t<h3>Three</h3>", ["One " + "─" * 36, "", "t", "", "Three"]),
        ("<ul><li>a<ul><li>b<ul><li>c</ul></ul><li>d</ul>", ["• a", "  ◦ b", "    ▪ c", "• d"]),
        ("<ol start=9><li>a<li>b<li value=3>c</ol>", ["9. a", "10. b", "3. c"]),
        ("<ol start=x><li></ol><ul>text</ul>", ["1."]),
        ("<dl><dt>a<dd>b</dl>", ["a", "  b"]),
        ("<blockquote>a<blockquote>b</blockquote></blockquote>", ["▎ a", "▎", "▎ ▎ b"]),
        ("<pre>\n a\n\n\tb  c\n</pre>", [" a", "", "        b  c"]),
        ("<pre>a<br>b</pre>", ["a", "b"]),
        ('<div style="white-space: pre">a  b</div>', ["a  b"]),
        ("<details><summary>S</summary>t</details>", ["▾ S", "  t"]),
        ("<details>t</details>", ["▾ Details", "  t"]),
        ("<p>x<sup>2</sup> y<sub>ij</sub> z<sup>th</sup> w<sub>q</sub>", ["x² yᵢⱼ z^(th) w_q"]),
        ("x <math><mfrac><mn>1</mn> <mn>2</mn></mfrac></math> y", ["x 1/2 y"]),
        ("<math><semantics><msup><mi>x</mi><mn>2</mn></msup><annotation>x^2</annotation></semantics></math>", ["x²"]),
        ("<math><mfrac><mn>1</mn></mfrac></math> <math><maction><mi>a\u202e</mi></maction></math>", ["1 a⟨U+202E⟩"]),
        ("<q>a</q><wbr>b" + "<wbr>c" * 196, ["“a”b" + "c" * 36, *["c" * 40] * 4]),
        ("<picture><source srcset=x><img alt=a></picture>b", ["[image: a]b"]),
        ("<img alt='a cat'><img src=x/y.png?z><img alt='' src=b.png><img>", ["[image: a cat][image: y.png][image: ?]"]),
        ("<img src='data:image/png;base64,AAAA'>", ["[image: image/png]"]),
        ("<svg width=400 height=300></svg>", ["[image: SVG, 400×300]"]),
        ("<svg><title>T</title><text>no</text></svg>", ["[image: T]"]),
        ("<iframe src='javascript:x'></iframe>", ["[frame]"]),
        ("<video><source src='https://a.b/c.mp4'></video>", ["[video: https://a.b/c.mp4]"]),
        ("<input type=hidden value=x><input type=radio checked><input type=radio>", ["◉○"]),
        ("<input placeholder=p><input type=password value=abc><textarea>t</textarea>", ["[p][•••][t]"]),
        ("<select><optgroup><option>a<option selected>b</optgroup></select>", ["[b]"]),
        ("<select></select><button></button>x", ["[]x"]),
        ("<progress></progress>", ["[…]"]),
        ("<meter value=50 min=0 max=100></meter>", ["━━━━━━━━━━╌╌╌╌╌╌╌╌╌╌"]),
        ("<meter value=nan></meter><progress value=1 max=-1></progress>", ["[…]╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌"]),
        ("<b hidden>a</b><i style='display: none'>b</i>c", ["c"]),
        ("<style>a{}</style><script>b</script><template>c</template><title>d</title>e", ["e"]),
        ("<noscript>n</noscript>", ["n"]),
        ("<figure>f<figcaption>c</figcaption></figure>", ["f", "c"]),
        ("a<hr>b", ["a", "─" * 40, "b"]),
        ("</p></b>x", ["x"]),
        ("<td>only", ["only"]),
    ],
)
def test_elements(markup: str, rows: list[str]) -> None:
    assert shown(markup) == rows


@pytest.mark.parametrize(
    "markup", ["", " \n", "<!-- x -->", "<script>x</script>", "<style>x</style><div></div>", "<svg></svg>"]
)
def test_what_shows_nothing_leaves_the_next_type(markup: str) -> None:
    assert blocks.block(markup, context()) is None
    assert text_of(render_bundle({"text/html": markup, "text/plain": "plain"}, context())) == ["plain"]


MATHML = st.recursive(
    st.sampled_from(
        ["<mi>x</mi>", "<mo>(</mo>", "<mn>1</mn>", "<mspace>", "<mtext>a b</mtext>", "t", "<none>", "<mo>\u222b</mo>"]
    ),
    lambda inner: st.builds(
        lambda name, parts: f"<{name}>{''.join(parts)}</{name}>",
        st.sampled_from(
            ["mrow", "mfrac", "msqrt", "mroot", "msup", "msubsup", "munderover", "mtable", "mtr", "mtd", "mo", "menclose"]
        ),
        st.lists(inner, max_size=4),
    ),
)


@given(MATHML, st.integers(1, 40))
def test_any_mathml_can_be_shown(markup: str, columns: int) -> None:
    if block := blocks.block(f"a<math>{markup}</math>", context(columns)):
        check(block, columns)


def test_the_type_of_a_bundle() -> None:
    assert text_of(render_bundle({"text/html": ["<b>é", "</b>"], "text/plain": "x"}, context())) == ["é"]
    assert text_of(render_bundle({"text/html": 3, "text/plain": "x"}, context())) == ["x"]


# ---- tables

ONE = "<table><tr><th>n<th>word<tr><td>1<td>a<tr><td>22<td>b</table>"


def test_numbers_are_on_the_right_and_so_are_their_headers() -> None:
    assert shown(ONE) == [" n  word", "────────", " 1  a", "22  b"]
    assert shown("<table><tr><th>a<tr><td>1,000.5<tr><td>-3 %<tr><td>NaN<tr><td>...</table>") == [
        "      a",
        "───────",
        "1,000.5",
        "   -3 %",
        "    NaN",
        "    ...",
    ]


def test_a_cells_own_alignment() -> None:
    assert shown("<table><tr><td>wide word<tr><td align=right>r<tr><td style='text-align: center'>c</table>") == [
        "wide word",
        "        r",
        "    c",
    ]


def test_spans() -> None:
    markup = "<table><tr><td rowspan=2>a<td colspan=2>b<tr><td>c<td>d<tr><td colspan=x>e<td rowspan=0>f<td>g</table>"
    assert shown(markup) == ["a  b", "   c  d", "e  f  g"]


def test_what_spans_columns_may_widen_them() -> None:
    assert shown("<table><tr><td colspan=2>a long one<tr><td>b<td>c</table>") == ["a long one", "b  c"]


def test_sections_caption_and_hidden_rows() -> None:
    markup = (
        "<table><caption>C</caption><tfoot><tr><td>foot</tfoot><thead><tr><th>H<tr><td>t</thead>"
        "<tbody hidden><tr><td>x</tbody><tr hidden><td>y<tr><td>b<td hidden>z</table>"
    )
    assert shown(markup) == ["C", "H", "t", "────", "b", "foot"]


def test_an_empty_table_is_nothing() -> None:
    assert shown("<table></table><table><tr></table><table><tr><td> <tr><td>&nbsp;</table>x") == ["x"]


def test_cells_hold_blocks() -> None:
    assert shown("<table><tr><td><p>a<p>b<td><ul><li>c</ul><td>x<br>y<td><hr></table>") == ["a  • c  x  ───", "        y", "b"]


def test_tables_in_tables_in_tables_end() -> None:
    assert shown("<table><tr><td>" * 8 + "x") == ["x"]


def test_columns_of_words_give_way() -> None:
    markup = "<table><tr><td>123456789012345<td>" + "some words " * 5 + "</table>"
    assert shown(markup) == [
        "123456789012345  some words some words",
        "                 some words some words",
        "                 some words",
    ]


WIDE = "<table><tr><th><th>{}</table>".format("<th>".join(f"head{i}" for i in range(9))).replace(
    "</table>", "".join(f"<tr><th>i{r}" + "".join(f"<td>{r}000{c}.5" for c in range(9)) for r in range(2)) + "</table>"
)


def window(markup: str, columns: int, start: int) -> list[str]:
    block = blocks.block(markup, context(columns))
    assert block is not None
    assert is_wide(block)
    return ["".join(span.text for span in block.window(i, start)) for i in range(block.height)]


def test_a_wide_table_is_scrolled_by_whole_columns_beside_its_index() -> None:
    assert window(WIDE, 32, 0) == [
        "      head0    head1    head2  ▸",
        "─────────────────────────── +6 ▸",
        "i0  00000.5  00001.5  00002.5  ▸",
        "i1  10000.5  10001.5  10002.5  ▸",
    ]
    assert window(WIDE, 32, 5) == [
        "  ◂   head1    head2    head3  ▸",
        "─────────────────────────── +5 ▸",
        "i0◂ 00001.5  00002.5  00003.5  ▸",
        "i1◂ 10001.5  10002.5  10003.5  ▸",
    ]
    block = blocks.block(WIDE, context(32))
    assert block is not None
    assert is_wide(block)
    assert window(WIDE, 32, block.columns - 32)[3] == "i1◂ 10006.5  10007.5  10008.5"
    assert window(WIDE, 32, 10_000)[3] == "i1◂ 10008.5"
    assert text_of(block) == window(WIDE, 32, 0)


def test_a_wide_table_without_an_index_has_a_margin_for_its_mark() -> None:
    markup = "<table><tr>" + "".join(f"<td>1000{i}" for i in range(9)) + "</table>"
    assert window(markup, 20, 0) == ["10000  10001       ▸"]
    assert window(markup, 20, 7) == ["◂ 10001  10002     ▸"]


def test_words_are_cut_at_the_edge_and_a_column_wider_than_all_is_shown() -> None:
    words = "words " * 20
    markup = f"<table><tr><td>100000<td>{words}<td>{words}</table>"
    assert window(markup, 24, 0)[0] == "100000  words words w… ▸"
    assert window(markup, 12, 8)[0] == "◂ words w… ▸"


def test_what_is_around_a_wide_table_stays() -> None:
    rows = window(f"<p>before</p><ul><li>{WIDE}</ul>", 34, 5)
    assert rows[0] == "before"
    assert rows[2] == "•   ◂   head1    head2    head3  ▸"


def test_the_heads_of_groups_say_how_far_they_reach() -> None:
    markup = "<table><thead><tr><th><th colspan=3>A<tr><th>i<th>a<th>b<th>c</thead><tr><th>x<td>1<td>2<td>3</table>"
    assert shown(markup) == ["   A ─────", "i  a  b  c", "──────────", "x  1  2  3"]


# ---- styles


def test_styles() -> None:
    found = spans(
        "<b>b</b> <em>i</em> <del>s</del> <u>u</u> <code>c</code> <mark>m</mark> <a href='https://x.y/é'>l</a> "
        "<a href='#here'>h</a> <a href='javascript:x'>j</a> <span style='font-weight: bold; font-style: italic; "
        "text-decoration: underline line-through'>all</span>"
    )
    styles = {text: span.style for text, span in found.items() if span.style}
    assert styles["b"].bold
    assert styles["i"].italic
    assert styles["s"].strike
    assert styles["u"].underline
    assert styles["c"] == STYLES.role("inline_code")
    assert styles["m"].reverse
    assert styles["l"].link == "https://x.y/%C3%A9"
    assert "h" not in styles
    assert "j" not in styles
    assert (styles["all"].bold, styles["all"].italic, styles["all"].underline, styles["all"].strike) == (True,) * 4


@pytest.mark.parametrize(
    ("style", "color", "background"),
    [
        ("color: #ff8800", "#ff8800", None),
        ("color: #f80", "#ff8800", None),
        ("color: rgb(255, 136, 0)", "#ff8800", None),
        ("color: orange !important", "#ffa500", None),
        ("background-color: #ffff00", "#000000", "#ffff00"),
        ("color: black; background: black", "#ffffff", "#000000"),
        ("color: rgba(1,2,3,0)", None, None),
        ("color: rgb(1,2)", None, None),
        ("color: rgb(999,0,0)", None, None),
        ("color: rgb(00012345,0,0)", None, None),
        ("color: #12", None, None),
        ("color: nonsense", None, None),
        ("color", None, None),
    ],
)
def test_colours(style: str, color: str | None, background: str | None) -> None:
    made = spans(f"<span style='{style}'>x</span>")["x"].style
    assert (made and made.color and made.color.name) == color
    assert (made and made.bgcolor and made.bgcolor.name) == background


def test_a_colour_that_can_not_be_read_is_lifted() -> None:
    made = spans("<font color=navy>x</font>")["x"].style
    assert made is not None
    assert made.color is not None
    assert made.color.name != "#000080"


def test_headers_are_bold_and_types_are_muted() -> None:
    found = spans("<table><thead><tr><th>a<tr><td>i64</thead><tr><td>1</table>")
    assert found["a"].style is not None
    assert found["a"].style.bold
    assert found["i64"].style == STYLES.role("muted")
    assert found["1"].style is None


# ---- single tags, for Markdown


def test_a_tag_by_itself() -> None:
    bold, link = blocks.tag("<b>", STYLES), blocks.tag("<a href='https://x.y'>", STYLES)
    assert bold is not None
    assert bold.style is not None
    assert (bold.name, bold.closing, bold.style.bold, bold.text) == ("b", False, True, "")
    assert blocks.tag("</B >", STYLES) == blocks.Tag("b", closing=True, style=None, text="")
    assert blocks.tag("<br/>", STYLES) == blocks.Tag("br", closing=False, style=None, text="\n")
    assert blocks.tag("<img alt=x>", STYLES) == blocks.Tag("img", closing=False, style=None, text="[image: x]")
    assert blocks.tag("<sup>", STYLES) == blocks.Tag("sup", closing=False, style=None, text="")
    assert link is not None
    assert link.style is not None
    assert link.style.link == "https://x.y"
    assert blocks.tag("<!-- x -->", STYLES) is None
    assert (script_text("12", "sup"), script_text("x+y", "sup"), script_text("k", "sub")) == ("¹²", "^(x+y)", "_k")


# ---- limits


@pytest.mark.parametrize(
    ("markup", "note"),
    [
        ("<table>" + "<tr><td>1<td>2" * 20_000, "the HTML is too long to be shown in full"),
        ("<pre>" + "x" * 500_000, "the HTML is too long to be shown in full"),
        ("x" + "<div>" * 100_000, "the rest is nested too deeply to be shown"),
        ("x<script>" + "y" * 2_000_000, "the HTML is too long to be shown in full"),
    ],
)
def test_says_that_there_is_more(markup: str, note: str) -> None:
    block = blocks.block(markup, context(80))
    assert block is not None
    assert note in text_of(block)[-1]


HOSTILE = {
    "divs": "<div>" * 50_000,
    "lists": "x" + "<ul><li>" * 50_000,
    "quotes": "<blockquote>" * 99 + "word " * 500,
    "details": "<details>x" * 50_000,
    "font": "<font>" * 50_000 + "</p>" * 50_000,
    "adoption": "<b><i><a>" * 30_000 + "x",
    "tables": "<table><tr><td>" * 30_000 + "x",
    "attributes": "<a " + " ".join(f"x{i}=1" for i in range(50_000)) + ">x",
    "entities": "&amp" * 50_000,
    "colspan": "<table>" + "<tr><td colspan=99999>x" * 5_000,
    "rowspan": "<table><tr>" + "<td rowspan=60000>x" * 900 + "<tr><td>y" * 5_000,
    "cells": "<table><tr>" + "<td>x" * 20_000,
    "lines": "<pre>x" + "\n" * 100_000,
    "comment": "x<!--" * 9_000,
    "tag": "x<" * 30_000,
    "surrogates": "x\ud800" * 99,
    "styles": f"<b style='{'color:red;' * 50_000}'>x",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_markup(name: str) -> None:
    if block := blocks.block(HOSTILE[name], context(30)):
        assert block.height < 150_000
        for i in (*range(min(block.height, 50)), block.height - 1):
            check_row = "".join(span.text for span in block.line(i))
            assert len(check_row) <= 30


NAMES = [
    "table",
    "tr",
    "td",
    "th",
    "thead",
    "tfoot",
    "caption",
    "ul",
    "ol",
    "li",
    "p",
    "div",
    "pre",
    "b",
    "a",
    "br",
    "hr",
    "h2",
    "details",
    "summary",
    "sup",
    "img",
    "input",
    "select",
    "option",
]
TAGS = st.sampled_from([f"<{name}>" for name in NAMES] + [f"</{name}>" for name in NAMES])
WORDS = st.sampled_from(
    [
        "x",
        " ",
        "\n",
        "a word",
        "12",
        "漢字",
        "&amp;",
        "\u202e",
        "\x1b[2J",
        "\u0301",
        "<td colspan=3>",
        "<td rowspan=2>",
        "<!--",
        "-->",
    ]
)


@settings(max_examples=75)
@given(st.lists(TAGS | WORDS, max_size=40).map("".join), st.integers(1, 60))
def test_any_markup_can_be_shown(markup: str, columns: int) -> None:
    if block := blocks.block(markup, context(columns)):
        check(block, columns)
        if is_wide(block):
            for start in (1, 7, block.columns):
                for i in range(block.height):
                    assert sum(map(len, (span.text for span in block.window(i, start)))) <= columns


@given(st.text(st.characters(codec=None)), st.integers(1, 40))
def test_any_text_can_be_shown(markup: str, columns: int) -> None:
    if block := blocks.block(markup, context(columns)):
        check(block, columns)


def test_links_are_listed_in_order() -> None:
    markup = "<p><a href=' x.csv'>the <b>first</b></a><a name=n>no</a></p><a hidden href=h>h</a><ul><li><a href='#e'></a></ul>"
    assert tree.links(markup) == [("the first", "x.csv"), ("#e", "#e")]


# ---- pictures


def test_images_whose_data_is_in_the_markup_are_pictures() -> None:
    buffer = BytesIO()
    Image.new("RGB", (80, 40), (200, 30, 30)).save(buffer, "PNG")
    source = f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"
    seen = replace(context(30), pictures=Gallery(synchronous=True))
    block = blocks.block(f"before<ul><li>a<img src='{source}'></ul><img src='https://x.y/z.png'>", seen)
    assert block is not None
    rows = text_of(block)
    assert (rows[0], rows[2], rows[-1]) == ("before", "• a", "[image: z.png]")
    pictured = [span for i in range(block.height) for span in block.line(i) if span.image]
    assert [span.image.row for span in pictured if span.image] == list(range(len(pictured)))
    assert block.line(3)[0].text == "  "
    in_cell = blocks.block(f"<table><tr><td>x<img alt=dot src='{source}'></table>", seen)
    assert in_cell is not None
    assert text_of(in_cell) == ["x[image: dot]"]


@pytest.mark.parametrize("source", ["data:image/png,x", "data:text/html;base64,AAAA", "data:image/png", "data:,", "x.png"])
def test_images_that_are_words(source: str) -> None:
    seen = replace(context(40), pictures=Gallery(synchronous=True))
    block = blocks.block(f"<img alt=words src='{source}'>", seen)
    assert block is not None
    assert text_of(block) == ["[image: words]"]


@pytest.mark.parametrize("encoded", ["base64", "percent"])
def test_drawings_in_the_markup(encoded: str) -> None:
    drawing = "<svg xmlns='http://www.w3.org/2000/svg' width='60' height='40'><rect width='60' height='40'/></svg>"
    data = ";base64," + base64.b64encode(drawing.encode()).decode() if encoded == "base64" else "," + quote(drawing)
    seen = replace(context(40), pictures=Gallery(synchronous=True))
    block = blocks.block(f'<img src="data:image/svg+xml{data}">', seen)
    assert block is not None
    assert any(span.image for span in block.line(0)) or "image/svg+xml" in text_of(block)[0]
