"""Another program writes the notebook while the real program shows it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.support import write_notebook
from tests.terminal_emulator import CTRL_END, ENTER, ESCAPE
from tuinb.files import load

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.conftest import Start

pytestmark = pytest.mark.kernel

SAVE = "\x13"


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def checkout(path: Path, *sources: str) -> None:
    """Writes the notebook as git does: the old file is removed, and a new one written in parts."""
    text = write_notebook(path.with_suffix(".new"), *sources).read_bytes()
    path.unlink()
    with path.open("wb", buffering=0) as file:
        for start in range(0, len(text), 100):
            file.write(text[start : start + 100])
        os.fsync(file)


def test_a_change_on_disk_is_shown_and_undone(start: Start, tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "nb.ipynb", "first = 1", "second = 2")
    terminal = start(path, "--no-kernel")
    terminal.wait_for(lambda: "COMMAND" in terminal.status)
    checkout(path, "first = 100", "second = 2", "third = 3")
    terminal.wait_for("Reloaded: 2 cells changed on disk by another program. z undoes it.")
    terminal.wait_for("first = 100")
    assert terminal.shows("third = 3")
    assert "[+]" not in terminal.status
    terminal.send("z")
    terminal.wait_for(lambda: "[+]" in terminal.status and not terminal.shows("third = 3"))


def test_a_conflict_is_resolved_side_by_side_and_saved(start: Start, tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "nb.ipynb", "first = 1", "second = 2")
    terminal = start(path, "--no-kernel")
    terminal.wait_for(lambda: "COMMAND" in terminal.status)
    terminal.send(ENTER)
    terminal.wait_for(lambda: "EDIT" in terminal.status)
    terminal.send(CTRL_END + " # mine")
    terminal.wait_for("first = 1 # mine")
    checkout(path, "first = 100", "second = 22")
    terminal.wait_for("1 conflict with unsaved changes")
    assert not terminal.shows("second = 22")
    terminal.send(ESCAPE)
    terminal.wait_for(lambda: "COMMAND" in terminal.status)
    terminal.send(SAVE)
    terminal.wait_for("another program changed it since it was read")
    terminal.send("2")
    terminal.wait_for("Conflict 1 of 1: cell 1: its source")
    terminal.wait_for(lambda: terminal.shows("first = 1 # mine") and terminal.shows("┃ first = 100"))
    terminal.send("b")
    terminal.wait_for(lambda: "[+]" not in terminal.status and "COMMAND" in terminal.status)
    assert [cell.source for cell in load.load(path).notebook] == ["first = 1 # mine\nfirst = 100", "second = 22"]
