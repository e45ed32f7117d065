"""Real notebooks: each opens or reports why not, saves without changes, and an edit changes only its own lines."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.files.support import line_changes, rendered, splice
from tests.support import CORPUS, NOTEBOOKS
from tuinb.errors import NotebookFormatError
from tuinb.files.load import load

if TYPE_CHECKING:
    from pathlib import Path

FILES = [*sorted(CORPUS.rglob("*.ipynb")), *sorted(NOTEBOOKS.glob("*.ipynb"))]
UNREADABLE = {
    "test3_no_metadata.ipynb": "missing a key: metadata",
    "test3_no_worksheets.ipynb": "missing an expected key: worksheets",
    "test3_worksheet_with_no_cells.ipynb": "missing an expected key: cells",
}
pytestmark = pytest.mark.skipif(not CORPUS.exists(), reason="the corpus is not beside the repository")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_opens_or_says_why_not_and_saves_byte_for_byte(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / path.name
    copy.write_bytes(path.read_bytes())
    if path.name in UNREADABLE:
        with pytest.raises(NotebookFormatError, match=UNREADABLE[path.name]):
            load(copy)
        return
    loaded = load(copy)
    if loaded.read_only:
        assert path.name == "invalid.ipynb"
        assert "cell 1 is broken: it has no source" in loaded.read_only
        return
    loaded.file.save_now(loaded.notebook)
    assert copy.read_bytes() == path.read_bytes()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_an_edit_changes_the_lines_of_its_cell_alone(path: Path) -> None:
    if path.name in UNREADABLE or load(path).read_only or load(path).notices:
        pytest.skip("not a notebook of format 4 that can be edited")
    before = path.read_text(encoding="utf-8")
    loaded = load(path)
    # Edits accumulate in the file, and each changes one more line.
    places = [place for place, cell in enumerate(loaded.notebook) if cell.source]
    for count, place in enumerate(places[:: max(1, len(places) // 8)], 1):
        source = loaded.notebook.at(place).source
        line = source.count("\n") // 2
        at = sum(len(text) for text in source.splitlines(keepends=True)[:line])
        splice(loaded, place, at, "", 'é "x" \\ ')
        after = rendered(loaded).decode()
        assert len(line_changes(before, after)) == count
        assert json.loads(after)["cells"][place] != json.loads(before)["cells"][place]
