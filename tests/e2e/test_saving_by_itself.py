"""What the settings have a session do with its file by itself: `autosave` and `checkpoints`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support import write_notebook
from tests.terminal_emulator import ENTER

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.conftest import Start
    from tests.terminal_emulator import Terminal

pytestmark = pytest.mark.kernel

SAVE = "\x13"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write_notebook(tmp_path / "x.ipynb", "x = 1")


def typed(start: Start, path: Path, settings: str) -> Terminal:
    """Starts the program with these settings, and types into the first cell."""
    folder = path.parent / "settings" / "tuinb"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text(settings)
    names = {"XDG_CONFIG_HOME": str(folder.parent), "XDG_STATE_HOME": str(path.parent / "state")}
    terminal = start(path, "--no-kernel", "--no-session", env=names)
    terminal.wait_for("x = 1")
    terminal.send(ENTER)
    terminal.wait_for("EDIT")
    terminal.send("typed; ")
    terminal.wait_for("typed; x = 1")
    return terminal


def test_autosave_saves_what_was_typed(start: Start, path: Path) -> None:
    terminal = typed(start, path, "autosave = 1\n")
    terminal.wait_for(lambda: "[+]" not in terminal.status)
    assert "typed; x = 1" in path.read_text()


def test_the_first_save_keeps_a_checkpoint(start: Start, path: Path) -> None:
    before = path.read_bytes()
    terminal = typed(start, path, "checkpoints = true\n")
    terminal.send(SAVE)
    terminal.wait_for(lambda: "[+]" not in terminal.status)
    assert "typed; x = 1" in path.read_text()
    assert (path.parent / ".ipynb_checkpoints" / "x-checkpoint.ipynb").read_bytes() == before
