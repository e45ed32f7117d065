"""A notebook as a script for an editor, and back."""

from __future__ import annotations

from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuinb.notebook.changes import CellData, CellId, OutputData
from tuinb.notebook.difference import Content
from tuinb.notebook.script import Script

OUTPUT = OutputData({"output_type": "stream", "name": "stdout", "text": "out"})
HEAD = "# Each line of # %% begins a cell. Those with a number are moved, changed or deleted.\n\n"


def notebook(*cells: tuple[str, str]) -> Content:
    made = [
        CellData(CellId(f"c{at}"), kind, source, outputs=(OUTPUT,) * (kind == "code"))
        for at, (kind, source) in enumerate(cells)
    ]
    return Content({cell.id: cell for cell in made}, {})


def read(text: str, base: Content, comment: str = "#") -> list[tuple[str, str, str]]:
    ids = count(1)
    found = Script(comment).read(text, base, lambda kind, source: CellData(CellId(f"new{next(ids)}"), kind, source))
    return [(cell.id, cell.kind, cell.source) for cell in found.cells.values()]


TWO = notebook(("code", "a = 1"), ("markdown", "# Title\n\ntext"))
SCRIPT = f"{HEAD}# %% 1\na = 1\n\n# %% [markdown] 2\n# # Title\n#\n# text\n"


def test_how_it_is_written() -> None:
    assert Script("#").written(TWO) == SCRIPT
    assert Script("//").written(notebook(("code", "x"))).endswith("// %% 1\nx\n")


LINES = st.sampled_from(["", "a", " ", "# %%", "# %% 1", "# # %% [raw] 2", "# %% title", "#", "# b", "%%bash", "//", "\ud800"])
SOURCES = st.lists(LINES, max_size=5).map("\n".join)
KINDS = st.sampled_from(["code", "markdown", "raw", "odd"])


@given(st.lists(st.tuples(KINDS, SOURCES), max_size=5), st.sampled_from(["#", "//", "%"]))
def test_what_nobody_edited_is_the_same(cells: list[tuple[str, str]], comment: str) -> None:
    base, script = notebook(*cells), Script(comment)
    assert script.read(script.written(base), base, lambda kind, source: pytest.fail("a new cell")) == base


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("a = 1", "a = 2", [("c0", "code", "a = 2"), ("c1", "markdown", "# Title\n\ntext")]),
        ("# text", "#text\nbare", [("c0", "code", "a = 1"), ("c1", "markdown", "# Title\n\ntext\nbare")]),
        ("# %% 1\na = 1\n\n", "", [("c1", "markdown", "# Title\n\ntext")]),
        ("# %% 1\n", "", [("new1", "code", "\na = 1"), ("c1", "markdown", "# Title\n\ntext")]),
        ("a = 1", "a = 1\n# %%\nb", [("c0", "code", "a = 1"), ("new1", "code", "b"), ("c1", "markdown", "# Title\n\ntext")]),
        (
            "a = 1",
            "a = 1\n# %% [raw]\n# b",
            [("c0", "code", "a = 1"), ("new1", "raw", "b"), ("c1", "markdown", "# Title\n\ntext")],
        ),
        ("[markdown] 2", "1", [("c0", "code", "a = 1"), ("new1", "code", "# # Title\n#\n# text")]),
        ("[markdown] 2", "2", [("c0", "code", "a = 1"), ("c1", "code", "# # Title\n#\n# text")]),
        ("%% [markdown] 2", "%% [markdown] 7", [("c0", "code", "a = 1"), ("new1", "markdown", "# Title\n\ntext")]),
        ("a = 1", "# %% a title", [("c0", "code", "# %% a title"), ("c1", "markdown", "# Title\n\ntext")]),
        (SCRIPT, "", []),
        (SCRIPT, "# %% [markdown] 2\n# x\n# %% 1\n", [("c1", "markdown", "x"), ("c0", "code", "")]),
        (SCRIPT, "only text", [("new1", "code", "only text")]),
    ],
)
def test_edits(old: str, new: str, expected: list[tuple[str, str, str]]) -> None:
    assert old in SCRIPT
    assert read(SCRIPT.replace(old, new, 1), TWO) == expected


def test_an_unknown_kind_stays_until_the_marker_names_another() -> None:
    base = notebook(("odd", "x"))
    assert read(Script("#").written(base), base) == [("c0", "odd", "x")]
    assert read("# %% [markdown] 1\n# x\n", base) == [("c0", "markdown", "x")]
