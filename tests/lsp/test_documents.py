"""What a server is told is what the notebook has, whatever happens to its cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.lsp import fake_server
from tuinb.lsp.documents import FULL, INCREMENTAL, CellDocuments, Documents, Found, OneDocument, file_uri, is_masked, sent
from tuinb.lsp.edits import offset_of
from tuinb.lsp.positions import ENCODINGS, Position
from tuinb.notebook.changes import CellId

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

A, B, C = CellId("a"), CellId("b"), CellId("c")


@pytest.fixture(autouse=True)
def _silent(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(fake_server, "publish", lambda: None)
    yield
    fake_server.documents.clear()


def cells(encoding: str = "utf-16") -> CellDocuments:
    return CellDocuments("file:///n.ipynb", "python", encoding, masks=True)


def one(encoding: str = "utf-16", kind: int = INCREMENTAL) -> OneDocument:
    return OneDocument("file:///n.ipynb.py", "python", encoding, masks=True, kind=kind)


ONE_SOURCE = st.tuples(st.sampled_from("abcde"), st.text(alphabet="aé😀\n\r\ud800%!= ", max_size=12))
SOURCES = st.lists(ONE_SOURCE, max_size=5, unique_by=lambda pair: pair[0])


@given(st.lists(SOURCES, min_size=1, max_size=6), st.sampled_from(ENCODINGS), st.sampled_from(["cells", "one", "full"]))
@settings(max_examples=150, deadline=None)
def test_a_server_has_what_the_notebook_has(states: list[list[tuple[str, str]]], encoding: str, way: str) -> None:
    fake_server.documents.clear()
    fake_server.ENCODING = encoding
    documents: Documents = cells(encoding) if way == "cells" else one(encoding, FULL if way == "full" else INCREMENTAL)
    for state in states:
        for method, params in documents.sync((CellId(name), source) for name, source in state):
            fake_server.take(method, params)
        texts = [fake_server.documents[uri][1] for uri in fake_server.order]
        expected = [sent(source, masks=True).text for _, source in state]
        assert texts == (expected if way == "cells" else ["\n".join(expected)])
        assert documents.sync((CellId(name), source) for name, source in state) == []
        for name, source in state:
            check_places(documents, CellId(name), source)


def check_places(documents: Documents, cell: CellId, source: str) -> None:
    """Each offset in a row that is not masked is found again."""
    text = documents.cells[cell]
    for offset in range(len(source) + 1):
        place = documents.to_server(cell, offset)
        there = Position(place["position"]["line"], place["position"]["character"])
        found = documents.find(place["textDocument"]["uri"], there)
        assert found is not None
        assert found.cell == cell
        if not is_masked(text, found.row):
            assert offset_of(documents, found) == offset


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("a = 1", "a = 1"),
        ("%time x\n  !ls\ny = %pwd\nlen?\nz", "0\n  0\n0\n0\nz"),
        ("%%bash\nls\necho", "\n\n"),
        ("%%time\na = 1", "0\na = 1"),
        ("%%", ""),
        ("a % b != c", "a % b != c"),
        ("a\rb\ud800\u2028", "a b�\u2028"),
    ],
)
def test_magics_are_masked_row_by_row(source: str, text: str) -> None:
    assert sent(source, masks=True).text == text
    assert sent(source, masks=False).text.count("\n") == source.count("\n")


def test_a_moved_cell_is_another_document_and_keeps_its_text() -> None:
    documents = cells()
    documents.sync([(A, "a"), (B, "b"), (C, "c")])
    old = documents.uri(A)
    documents.sync([(B, "b"), (A, "a"), (C, "c")])
    assert documents.uri(A) != old
    assert not documents.has(old)
    assert documents.find(old, Position(0, 0)) is None


def test_changes_are_small() -> None:
    documents = cells()
    documents.sync([(A, "x" * 1000), (B, "b")])
    ((_, params),) = documents.sync([(A, "x" * 500 + "y" + "x" * 500), (B, "b")])
    (change,) = params["change"]["cells"]["textContent"]
    assert change["changes"] == [
        {"range": {"start": {"line": 0, "character": 500}, "end": {"line": 0, "character": 500}}, "text": "y"}
    ]


def test_versions() -> None:
    documents = cells()
    documents.sync([(A, "a")])
    documents.sync([(A, "ab")])
    uri = documents.uri(A)
    assert documents.has(uri, 2)
    assert not documents.has(uri, 1)
    assert [documents.cells_of(uri), documents.cells_of("other")] == [(A,), ()]


@pytest.mark.parametrize("make", [cells, one])
def test_places_outside(make: Callable[[], Documents]) -> None:
    documents = make()
    documents.sync([(A, "ab\nc")])
    uri = documents.uri(A)
    assert documents.find(uri, Position(1, 99)) == Found(A, 1, 1)
    assert documents.find(uri, Position(2, 0)) == Found(A, 1, 1)
    assert documents.find(uri, Position(2, 1)) is None
    assert documents.find(uri, Position(9, 0)) is None
    assert documents.find("file:///other", Position(0, 0)) is None


def test_the_end() -> None:
    for documents in (cells(), one()):
        documents.sync([(A, "a")])
        ((method, _),) = documents.close()
        assert method.endswith("didClose")
        assert documents.cells == {}


def test_uris() -> None:
    assert file_uri("/a b/ü#.ipynb") == "file:///a%20b/%C3%BC%23.ipynb"
