"""The real program on a notebook of a real server is killed with SIGKILL. The next start restores what was not saved there."""

from __future__ import annotations

import json
import signal
from typing import TYPE_CHECKING

import pytest

from tests.daemon.conftest import attach, sockets, soon
from tests.server.support import TOKEN
from tests.server.test_commands import NOTEBOOK
from tests.terminal_emulator import CTRL_END, ENTER
from tuinb.files.journal import folder
from tuinb.files.journal.recovered import recover

if TYPE_CHECKING:
    from pathlib import Path

    from tests.daemon.conftest import Attach
    from tests.server.support import JupyterServer

__all__ = ["attach", "sockets"]
pytestmark = [pytest.mark.server, pytest.mark.kernel]
SAVE, QUIT = "\x13", "\x11"


def journalled() -> list[str]:
    """Returns the sources of the cells in all journals."""
    read = (recover(journal.read_bytes()) for journal in folder.journals().glob(f"*{folder.SUFFIX}"))
    return [cell.source for found in read if found is not None for cell in found.restored.notebook]


def test_what_was_typed_and_not_saved_on_the_server_is_restored(
    attach: Attach, sockets: Path, tmp_path: Path, jupyter: JupyterServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    file, url = jupyter.folder / "killed.ipynb", jupyter.url("killed.ipynb")
    file.write_text(json.dumps(NOTEBOOK, indent=1))
    before = file.read_bytes()
    first = attach(url, "--no-session")
    first.wait_for(lambda: "idle" in first.status)
    first.send(ENTER)
    first.wait_for(lambda: "EDIT" in first.status)
    first.send(CTRL_END + "; precious = 1")
    first.wait_for("precious")
    soon(lambda: "; precious = 1" in "".join(journalled()))
    first.kill(signal.SIGKILL)
    first.exit_code()
    assert file.read_bytes() == before
    (journal,) = folder.journals().iterdir()
    assert TOKEN.encode() not in journal.read_bytes()

    again = attach(url, "--no-session")
    again.wait_for("Unsaved changes of")
    again.send("2")  # restore them
    again.wait_for("1 cell restored")
    again.wait_for("precious")
    again.send(SAVE)
    again.wait_for("Saved killed.ipynb")
    assert b"precious" in file.read_bytes()
    again.send(QUIT)
    assert again.exit_code() == 0
    assert not list(folder.journals().iterdir())
