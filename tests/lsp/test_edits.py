"""Edits of servers: all of them or none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tuinb.errors import LanguageServerError
from tuinb.lsp.documents import CellDocuments, Documents, OneDocument
from tuinb.lsp.edits import splices
from tuinb.notebook.changes import CellId, SpliceSource

if TYPE_CHECKING:
    from collections.abc import Sequence

A, B = CellId("a"), CellId("b")
SOURCES = {A: "😀x = 1\n%time x", B: "print(x)\nx"}


def documents(*, whole: bool = False, encoding: str = "utf-16") -> Documents:
    made: Documents = (
        OneDocument("file:///n.py", "python", encoding, masks=True)
        if whole
        else CellDocuments("file:///n.ipynb", "python", encoding, masks=True)
    )
    made.sync(SOURCES.items())
    return made


def edit(start: Sequence[int], end: Sequence[int], text: object = "new") -> dict[str, Any]:
    start, end = ({"line": line, "character": character} for line, character in (start, end))  # type: ignore[assignment]
    return {"range": {"start": start, "end": end}, "newText": text}


def test_edits_of_several_cells_are_made_from_the_end() -> None:
    it = documents()
    changes = {it.uri(A): [edit((0, 2), (0, 3))], it.uri(B): [edit((0, 6), (0, 7)), edit((1, 0), (1, 1))]}
    assert splices({"changes": changes}, it, SOURCES) == [
        SpliceSource(A, 1, "x", "new"),
        SpliceSource(B, 9, "x", "new"),
        SpliceSource(B, 6, "x", "new"),
    ]


def test_one_document() -> None:
    it = documents(whole=True)
    found = splices({"changes": {"file:///n.py": [edit((0, 2), (0, 3)), edit((2, 6), (2, 7))]}}, it, SOURCES)
    assert found == [SpliceSource(A, 1, "x", "new"), SpliceSource(B, 6, "x", "new")]


def test_a_range_to_the_next_cell_ends_with_the_cell() -> None:
    it = documents(whole=True)
    it.sync({A: "a\nb", B: "c"}.items())
    found = splices({"changes": {"file:///n.py": [edit((1, 0), (2, 0), "d\r\n")]}}, it, {A: "a\nb", B: "c"})
    assert found == [SpliceSource(A, 2, "b", "d")]


def test_the_whole_of_a_cell() -> None:
    it = documents()
    assert splices({"changes": {it.uri(B): [edit((0, 0), (2, 0), "y")]}}, it, SOURCES) == [SpliceSource(B, 0, SOURCES[B], "y")]


def test_nothing() -> None:
    assert splices(None, documents(), SOURCES) == []
    assert splices({}, documents(), SOURCES) == []
    it = documents()
    assert splices({"changes": {it.uri(B): [edit((1, 0), (1, 1), "x")]}}, it, SOURCES) == []


def refusals() -> list[tuple[str, Any]]:
    uri = documents().uri(B)
    one = edit((0, 0), (0, 1))
    listed = {"textDocument": {"uri": uri, "version": 1}, "edits": [one]}
    return [
        ("no edit", 3),
        ("no edit", {"changes": [3]}),
        ("no edit", {"changes": {uri: 3}}),
        ("no edit", {"changes": {uri: [3]}}),
        ("no edit", {"changes": {uri: [edit((0, 0), (0, 1), 3)]}}),
        ("no edit", {"changes": {uri: [edit((0, 1), (0, 0))]}}),
        ("no edit", {"changes": {uri: [{"newText": "x", "range": {"start": {}, "end": {}}}]}}),
        ("no edit", {"documentChanges": [3]}),
        ("also make, rename or delete", {"documentChanges": [listed, {"kind": "create", "uri": "file:///x"}]}),
        ("would also change x.py", {"documentChanges": [listed, {"textDocument": {"uri": "file:///x.py"}, "edits": []}]}),
        ("edited meanwhile", {"documentChanges": [{**listed, "textDocument": {"uri": uri, "version": 7}}]}),
        ("outside of the cells", {"changes": {uri: [edit((0, 0), (7, 0))]}}),
        ("overlap", {"changes": {uri: [edit((0, 0), (0, 3)), edit((0, 2), (0, 4))]}}),
        ("no plain code", {"changes": {documents().uri(A): [edit((1, 0), (1, 1))]}}),
        ("no plain code", {"changes": {documents().uri(A): [edit((0, 0), (2, 0))]}}),
    ]


@pytest.mark.parametrize(("why", "wanted"), refusals())
def test_refused(why: str, wanted: object) -> None:
    with pytest.raises(LanguageServerError, match=why):
        splices(wanted, documents(), SOURCES)


def test_what_was_edited_since_is_refused() -> None:
    it = documents()
    changes = {"changes": {it.uri(B): [edit((0, 0), (0, 1))]}}
    with pytest.raises(LanguageServerError, match="edited meanwhile"):
        splices(changes, it, {**SOURCES, B: "other"})
    with pytest.raises(LanguageServerError, match="edited meanwhile"):
        splices(changes, it, {A: SOURCES[A]})


def whole(text: str, end: Sequence[int] = (4, 0)) -> dict[str, Any]:
    """The edit that puts a text in the place of the whole document."""
    return {"changes": {"file:///n.py": [edit((0, 0), end, text)]}}


@pytest.mark.parametrize(("text", "end"), [("😀y = 1\n0\nprint(y)\nx\n", (4, 0)), ("😀y = 1\n0\nprint(y)\nx", (3, 1))])
def test_a_server_may_send_all_lines(text: str, end: Sequence[int]) -> None:
    assert splices(whole(text, end), documents(whole=True), SOURCES) == [
        SpliceSource(A, 0, "😀x = 1", "😀y = 1"),
        SpliceSource(B, 0, "print(x)", "print(y)"),
    ]


def test_cells_are_not_joined() -> None:
    with pytest.raises(LanguageServerError, match="join or split cells"):
        splices(whole("one line"), documents(whole=True), SOURCES)
    with pytest.raises(LanguageServerError, match="no plain code"):
        splices(whole("😀x = 1\n1\nprint(x)\nx\n"), documents(whole=True), SOURCES)
