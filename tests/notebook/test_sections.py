"""Sections, their folds, and hidden sources."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tuinb.notebook import sections
from tuinb.notebook.changes import CellData, CellId, ClientId, Transaction
from tuinb.notebook.document import Notebook

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tuinb.notebook.changes import Change


def book(*sources: str, metadata: dict[int, dict[str, object]] | None = None) -> Notebook:
    """A notebook with cells a, b, c …; those that begin with `#` or a word are Markdown, those with `=` code."""
    cells = []
    for number, source in enumerate(sources):
        kind = "code" if "=" in source else "markdown"
        raw = {"metadata": (metadata or {}).get(number, {})}
        cells.append(CellData(CellId("abcdefgh"[number]), kind, source, raw))
    return Notebook(cells)


def apply(notebook: Notebook, changes: Sequence[Change]) -> None:
    notebook.apply(Transaction(tuple(changes), ClientId("x")))


@pytest.mark.parametrize(
    ("source", "level"),
    [
        ("# A", 1),
        ("\n\n### A ###\ntext", 3),
        ("######", 6),
        ("####### A", 0),
        ("#A", 0),
        ("text\n# A", 0),
        ("# = code", 0),
        ("", 0),
    ],
)
def test_levels(source: str, level: int) -> None:
    assert sections.level_of(book(source)[CellId("a")]) == level


def test_headings_are_those_outside_of_fences() -> None:
    found = sections.headings(book("# A\n```\n# no\n~~~\n```\n## B #", "x = 1  # no", "text", "#"))
    assert [(each.cell, each.level, each.title, each.line) for each in found] == [
        ("a", 1, "A", 0),
        ("a", 2, "B", 5),
        ("d", 1, "", 0),
    ]


SOURCES = ("x = 0", "# A", "x = 1", "## B", "x = 2", "# C", "x = 3")


def test_a_section_ends_at_a_heading_of_its_level_or_above() -> None:
    notebook = book(*SOURCES)
    assert sections.section(notebook, CellId("b")) == ("c", "d", "e")
    assert sections.section(notebook, CellId("d")) == ("e",)
    assert sections.section(notebook, CellId("f")) == ("g",)


def test_the_heading_over_a_cell() -> None:
    notebook = book(*SOURCES)
    assert [sections.heading_over(notebook, cell) for cell in notebook.order] == [None, None, "b", "b", "d", None, "f"]


@pytest.mark.parametrize("key", ["heading_collapsed", "jp-MarkdownHeadingCollapsed"])
def test_folds_of_jupyter_are_read(key: str) -> None:
    assert sections.hidden(book(*SOURCES, metadata={1: {key: True}}), {}) == {"c", "d", "e"}
    assert sections.hidden(book(*SOURCES, metadata={3: {key: True}, 5: {key: True}}), {}) == {"e", "g"}
    assert sections.hidden(book(*SOURCES, metadata={0: {key: True}, 1: {key: "yes"}}), {}) == frozenset()


def test_a_screen_may_fold_otherwise() -> None:
    notebook = book(*SOURCES, metadata={1: {"heading_collapsed": True}})
    assert sections.hidden(notebook, {CellId("b"): False, CellId("f"): True}) == {"g"}


def test_folding_writes_what_others_read_and_unfolding_takes_it_away() -> None:
    notebook = book(*SOURCES)
    heading = notebook[CellId("b")]
    apply(notebook, sections.folding(heading, folded=True))
    assert heading.metadata == {"heading_collapsed": True, "jp-MarkdownHeadingCollapsed": True}
    assert sections.folding(heading, folded=True) == ()
    apply(notebook, sections.folding(heading, folded=False))
    assert heading.metadata == {}
    assert sections.folding(heading, folded=False) == ()


def test_sources_are_hidden_as_jupyterlab_does() -> None:
    notebook = book("x = 1", metadata={0: {"jupyter": {"outputs_hidden": True}}})
    cell = notebook[CellId("a")]
    apply(notebook, sections.hiding_source(cell, hides=True))
    assert cell.metadata["jupyter"] == {"outputs_hidden": True, "source_hidden": True}
    assert sections.source_hidden(cell)
    assert sections.hiding_source(cell, hides=True) == ()
    apply(notebook, sections.hiding_source(cell, hides=False))
    assert cell.metadata["jupyter"] == {"outputs_hidden": True}
    alone = book("x = 1", metadata={0: {"jupyter": {"source_hidden": True}}})
    apply(alone, sections.hiding_source(alone[CellId("a")], hides=False))
    assert alone[CellId("a")].metadata == {}
