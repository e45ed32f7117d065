"""Tracebacks: in the theme's colours, the error first, the frames of libraries folded where the context says so."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pygments.token import Keyword

from tests.render.support import STYLES, check, context, text_of
from tuinb.render.ansi import strip
from tuinb.render.block import FoldingBlock, plain
from tuinb.render.layout.wrapped import TextBlock
from tuinb.render.traceback import render_error

if TYPE_CHECKING:
    from tuinb.render.block import Span
    from tuinb.render.context import RenderContext

RED, RESET = "\x1b[31m", "\x1b[39m"
HEADER = f"{RED}KeyError{RESET}                                  Traceback (most recent call last)"
OWN = "Cell In[1], line 1\n\x1b[32m----> 1\x1b[39m \x1b[38;5;28;01mreturn\x1b[39;00m \x1b[30;43mx['k']\x1b[39;49m\n"
LIBRARY = "File /v/lib/python3.11/site-packages/pandas/a.py:3, in get(key)\n      2 try:\n----> 3     raise KeyError\n"
END = f"{RED}KeyError{RESET}: 'k'"
FRAMES = [f"{RED}{'-' * 75}{RESET}", HEADER, OWN, LIBRARY, LIBRARY, END]
FOLDED = replace(context(60), folds_frames=True, keys={"toggle-output": "o"})


def error(*parts: str, name: str = "KeyError", value: str = "'k'") -> dict[str, Any]:
    return {"output_type": "error", "ename": name, "evalue": value, "traceback": [*parts]}


def folding(where: RenderContext = FOLDED) -> FoldingBlock:
    block = render_error(error(*FRAMES), where)
    assert isinstance(block, FoldingBlock)
    return block


def test_the_error_stands_first_and_frames_of_libraries_are_folded() -> None:
    block = folding()
    assert text_of(block) == [
        "KeyError: 'k'",
        "Cell In[1], line 1",
        "----> 1 return x['k']",
        "",
        "▸ 2 frames in pandas (o opens)",
        "",
        "KeyError: 'k'",
    ]
    assert [block.node(row) for row in range(block.height)] == [None] * 4 + ["/2"] + [None] * 2
    assert block.pointer(5) == "/2"


def test_no_empty_rows_follow_an_error_of_syntax() -> None:
    block = render_error(
        error("  Cell In[9], line 2\n    x = (\n        ^\nSyntaxError: bad\n", name="SyntaxError", value="bad"), FOLDED
    )
    assert text_of(block)[-1] == "SyntaxError: bad"


def test_a_node_opens_its_frames() -> None:
    rows = text_of(folding(replace(FOLDED, toggled=frozenset(["/2"]))))
    assert rows[4] == "▾ 2 frames in pandas"
    assert rows.count("----> 3     raise KeyError") == 2


def test_elsewhere_all_lines_are_there() -> None:
    rows = text_of(render_error(error(*FRAMES), context(100)))
    assert rows[0] == "KeyError: 'k'"
    assert rows[1:] == strip("\n".join(FRAMES[2:])).split("\n")


def test_a_chain_keeps_its_headers() -> None:
    between = "\nThe above exception was the direct cause of the following exception:\n"
    rows = text_of(render_error(error(*FRAMES, between, *FRAMES), context(50)))
    header = "KeyError" + "Traceback (most recent call last)".rjust(42)
    assert rows.count(header) == 2
    assert between.strip() in "".join(rows)
    narrow = text_of(render_error(error(*FRAMES, between, *FRAMES), context(30)))
    assert narrow[1:3] == ["KeyError  Traceback (most rece", "nt call last)"]


def test_a_rule_of_the_message_stays() -> None:
    rows = text_of(render_error(error(*FRAMES, "-" * 75), context(80)))
    assert rows.count("-" * 75) == 1


def test_frames_of_libraries_stay_if_there_are_no_others() -> None:
    block = render_error(error(HEADER, LIBRARY, END), FOLDED)
    assert text_of(block)[1].startswith("File /v/lib/python3.11")


def test_the_colours_are_the_themes() -> None:
    styles: dict[str, Span] = {span.text: span for row in range(folding().height) for span in folding().line(row)}
    assert styles["return"].style == STYLES.token(Keyword)
    assert styles["----> 1 "].style == STYLES.role("error")
    running = styles["x"].style
    assert running is not None
    assert running.underline, "the part that was running"


@pytest.mark.parametrize(
    "output",
    [
        {"ename": "Error", "evalue": "why", "traceback": ["\x1b[31mError\x1b[0m: why", "at foo (a.js:3)"]},
        error(*FRAMES, "x" * 200_000),
    ],
)
def test_other_tracebacks_are_shown_as_they_came(output: dict[str, Any]) -> None:
    block = render_error(output, context(80))
    assert isinstance(block, TextBlock)
    assert plain(block.line(0)) in (f"{output['ename']}: why", "-" * 75)


@given(
    st.lists(st.sampled_from([*FRAMES, "", "    [... skipping similar frames: f (3 times)]", "\t\x00漢", "\x1b[3"]), max_size=8)
)
def test_nothing_is_lost_and_every_row_fits(parts: list[str]) -> None:
    for columns in (9, 40):
        block = render_error(error(*parts), replace(context(columns), folds_frames=False))
        check(block, columns)
        shown = "".join(text_of(block)).replace(" ", "")
        for text in ("Cell In[1], line 1", "raise KeyError", "skipping similar frames"):
            count = strip("\n".join(parts)).count(text)
            assert shown.count(text.replace(" ", "")) >= count
