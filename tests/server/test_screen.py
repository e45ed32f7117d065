"""The real program on a notebook of a real server: it is opened, run, saved, left and come back to. Its token stays unseen."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import psutil
import pytest

from tests.daemon.conftest import attach, sockets, soon
from tests.server.support import TOKEN
from tests.server.test_commands import CELLS, NOTEBOOK

if TYPE_CHECKING:
    from pathlib import Path

    from tests.daemon.conftest import Attach
    from tests.server.support import JupyterServer

__all__ = ["attach", "sockets"]
pytestmark = [pytest.mark.server, pytest.mark.kernel]
RUN, SAVE, QUIT = "\x05", "\x13", "\x11"


def has_token(folder: Path) -> list[Path]:
    """Returns the files of a folder that have the token."""
    return [path for path in folder.rglob("*") if path.is_file() and TOKEN.encode() in path.read_bytes()]


def command_lines() -> list[str]:
    """What every user of the machine can list."""
    return [" ".join(process.info["cmdline"] or ()) for process in psutil.process_iter(["cmdline"])]


def test_a_session_on_a_server(
    attach: Attach, sockets: Path, tmp_path: Path, jupyter: JupyterServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    file = jupyter.folder / "screen.ipynb"
    pictures = {"cell_type": "markdown", "id": "m", "metadata": {}, "source": "![one](one%20.png)\n\n![none](none.png)"}
    file.write_text(json.dumps(NOTEBOOK | {"cells": [*CELLS, pictures]}, indent=1))
    (jupyter.folder / "one .png").write_bytes(b"no picture")
    url = jupyter.url("screen.ipynb")
    first = attach(url)
    first.wait_for(lambda: "idle" in first.status)
    first.wait_for(lambda: first.shows("one, one .png, image unreadable, 10 B") and first.shows("none, none.png: no such file"))
    first.send(f"j{RUN}")
    first.wait_for(lambda: first.shows("42"))
    first.send(SAVE)
    soon(lambda: '42"' in file.read_text().rpartition("x = 6 * 7")[0])  # the server writes into the file, which may be cut yet
    first.send("Q")
    assert first.exit_code() == 0
    second = attach(url.partition("?")[0])  # the session has what it needs
    second.wait_for(lambda: second.shows("42") and "idle" in second.status)
    theirs = json.loads(file.read_text())
    theirs["cells"][0]["source"] = "theirs = 1"
    file.write_text(json.dumps(theirs, indent=1))
    second.wait_for(lambda: second.shows("theirs = 1"))
    assert TOKEN not in bytes(first.raw + second.raw).decode("utf-8", "replace")
    ours = [line for line in command_lines() if "tuinb" in line and "App.port=" not in line]
    assert sum("screen.ipynb" in line for line in ours) > 1
    assert not [line for line in ours if TOKEN in line]
    second.send(QUIT)
    assert second.exit_code() == 0
    for folder in (sockets, tmp_path, jupyter.folder):
        assert has_token(folder) == []
    sessions = {each["path"] for each in jupyter.server.request("GET", "api/sessions")}
    assert "screen.ipynb" in sessions  # the kernel goes on
