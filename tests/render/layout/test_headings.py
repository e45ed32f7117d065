"""Headings: their level shows in weight and colour, and in `#` where there are no colours."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.render.support import STYLES, context, text_of
from tuinb.capabilities import Capabilities, Colors
from tuinb.render.block import Span, plain
from tuinb.render.layout.headings import heading_style, without_rule
from tuinb.render.registry import render_bundle

if TYPE_CHECKING:
    from tuinb.render.block import Block

SOURCES = {
    "text/markdown": "# One\n\n## Two\n\n- # In a list",
    "text/html": "<h1>One</h1><h2>Two</h2><ul><li><h1>In a list</h1></ul>",
}


def rendered(mime: str, colors: Colors) -> Block:
    return render_bundle({mime: SOURCES[mime]}, replace(context(24), capabilities=Capabilities(colors)))


def test_each_of_the_first_four_levels_has_a_look_of_its_own() -> None:
    looks = [heading_style(STYLES, level) for level in range(1, 7)]
    assert looks[0] == looks[1], "the rule tells them apart"
    assert len({*looks[1:4]}) == 3
    assert all(look.bold for look in looks)


@pytest.mark.parametrize("mime", SOURCES)
def test_only_the_first_level_has_a_rule(mime: str) -> None:
    rows = [row.rstrip() for row in text_of(rendered(mime, Colors.ANSI16)) if row.strip()]
    assert rows == ["One ────────────────────", "Two", "• In a list ────────────"]


@pytest.mark.parametrize("mime", SOURCES)
def test_without_colours_a_heading_has_the_signs_of_markdown(mime: str) -> None:
    rows = [row.rstrip() for row in text_of(rendered(mime, Colors.NONE)) if row.strip()]
    assert rows == ["# One", "## Two", "• # In a list"]


def test_a_heading_in_a_table_does_not_widen_it() -> None:
    block = render_bundle({"text/html": "<table><tr><td><h1>a</h1></td><td>b</td></tr></table>"}, context(40))
    assert text_of(block)[0].rstrip() == "a  b"


def test_the_rule_is_no_text_to_copy() -> None:
    rows = [plain(without_rule(rendered("text/markdown", Colors.TRUE).line(row))) for row in (0, 2)]
    assert rows == ["One", "Two"]
    rule = (Span("─" * 9),)
    assert without_rule(rule) == rule, "that of a table"
