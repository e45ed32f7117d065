"""The commands without a screen on notebooks of a real server. No token is said or written."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.server.support import TOKEN
from tuinb import cli

if TYPE_CHECKING:
    from pathlib import Path

    from tests.server.support import JupyterServer

pytestmark = [pytest.mark.server, pytest.mark.kernel]
SOURCES = ["import os\nprint(os.path.basename(os.getcwd()))", "x = 6 * 7\nx"]
CELLS: list[dict[str, object]] = [
    {"cell_type": "code", "execution_count": None, "id": f"c{at}", "metadata": {}, "outputs": [], "source": source}
    for at, source in enumerate(SOURCES)
]
NOTEBOOK = {
    "cells": CELLS,
    "metadata": {},
    "nbformat": 4,
    "nbformat_minor": 5,
}


@pytest.fixture
def there(jupyter: JupyterServer) -> Path:
    path = jupyter.folder / "reports" / "run.ipynb"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(NOTEBOOK, indent=1))
    return path


def told(capfd: pytest.CaptureFixture[str], *words: str, code: int = 0) -> str:
    assert cli.main([*words]) == code
    found = capfd.readouterr()
    assert TOKEN not in found.out + found.err
    return found.out + found.err


def test_run_show_diff_and_strip(
    there: Path, jupyter: JupyterServer, capfd: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, before = jupyter.url("reports/run.ipynb"), there.read_text()
    kernels = jupyter.server.request("GET", "api/kernels")
    assert "run.ipynb: 2 cells in" in told(capfd, "run", "--in-place", url)
    assert there.read_text().count("reports\\n") == 1
    assert "'42'" in str(json.loads(there.read_text())["cells"][1]["outputs"])
    assert jupyter.server.request("GET", "api/kernels") == kernels
    assert "[2] x = 6 * 7" in told(capfd, "show", url)
    (tmp_path / "before.ipynb").write_text(before)
    assert "42" in told(capfd, "diff", str(tmp_path / "before.ipynb"), url, code=1)
    monkeypatch.setenv("JUPYTER_TOKEN", TOKEN)
    assert told(capfd, "strip", url) == ""
    stripped = json.loads(there.read_text())
    assert stripped["cells"] == NOTEBOOK["cells"]
    told(capfd, "run", "--server", jupyter.base, "reports/run.ipynb", "-o", str(tmp_path / "done.ipynb"))
    assert "'42'" in str(json.loads((tmp_path / "done.ipynb").read_text()))
    assert json.loads(there.read_text()) == stripped
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and TOKEN.encode() in path.read_bytes()]


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("run", "{url}", "--python", "x"), "--python, --trust-env and --cwd are for kernels of this machine"),
        (("run", "{url}", "--kernel", "none"), "there is no kernel 'none' on the server"),
        (("run", "{none}"), "lab/tree/none.ipynb: there is no such file"),
        (("run", "{url}", "{none}", "-o", "{none}"), "several notebooks are not saved as one"),
        (("run", "{url}", "{url}"), "it is named twice"),
    ],
)
def test_what_can_not_be_run(
    words: tuple[str, ...], what: str, there: Path, jupyter: JupyterServer, capfd: pytest.CaptureFixture[str]
) -> None:
    filled = [word.format(url=jupyter.url("reports/run.ipynb"), none=jupyter.url("none.ipynb")) for word in words]
    assert cli.main(filled) in (2, 3)
    said = capfd.readouterr()
    assert what in said.err
    assert TOKEN not in said.out + said.err
