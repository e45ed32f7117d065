"""Real servers, where they are installed: what they are told, and that their answers are understood."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.lsp.support import Served
from tuinb.config import LanguageServerSettings
from tuinb.lsp import servers
from tuinb.notebook.changes import CellId, SpliceSource

if TYPE_CHECKING:
    from pathlib import Path

SOURCES = (
    "import os\nimport json, sys\nfrom math import pi",
    "%time json.dumps(1)\n!ls\nthing = 1",
    "def work(value):\n    return thing + value",
    "s = '😀'; print(thing)",
    "%%bash\nls -l",
    "x  =  thing",
)
C0, C1, C2, C3, C5 = (CellId(f"c{number}") for number in (0, 1, 2, 3, 5))


def start(name: str, folder: Path) -> Served:
    """Starts a server on a notebook of a folder without settings."""
    if not servers.find(name, os.environ, ""):
        pytest.skip(f"{name} is not installed")
    it = Served(SOURCES, folder / "a.ipynb")
    it.servers.use({"python": [LanguageServerSettings([name], {}, format=True)]}, os.environ)
    return it


@pytest.mark.parametrize("name", ["ty", "pylsp", "basedpyright-langserver", "jedi-language-server"])
async def test_a_name_over_cells(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tuinb.session.languages._SHORT", 60.0)
    it = start(name, tmp_path)
    assert await it.servers.client("renameProvider", seconds=60) is not None
    offset = SOURCES[2].index("thing")
    assert [place.cell for place in await it.servers.references(C2, offset)] == [C1, C2, C3, C5]
    (definition, *_) = await it.servers.definition(C2, offset)
    assert (definition.cell, definition.offset) == (C1, SOURCES[1].index("thing"))
    await it.servers.check_rename(C2, offset)
    for change in await it.servers.rename(C2, offset, "other"):
        it.splice(change.cell, change.at, change.removed, change.inserted)
    assert it.sources() == [source.replace("thing", "other") for source in SOURCES]
    await it.session.shut_down()


async def test_ruff(tmp_path: Path) -> None:
    it = start("ruff", tmp_path)
    assert await it.servers.client("codeActionProvider", seconds=60) is not None
    (ordered,) = await it.servers.of_kind("source.organizeImports", "sorts")
    assert ordered.inserted.startswith("import json\nimport os\nimport sys\n")
    removed = await it.servers.of_kind("source.fixAll", "fixes")
    assert [(change.cell, change.removed[:9]) for change in removed] == [(C0, "import os")]
    titles = [action.title for action in await it.servers.actions(C0, 0, 3)]
    assert any("Remove unused import" in title for title in titles)
    assert await it.servers.format(C5) == [SpliceSource(C5, 0, "x  =  thing", "x = thing")]
    await it.session.shut_down()
