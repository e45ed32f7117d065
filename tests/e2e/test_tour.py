"""`tuinb --tour`, and the line that names it at the first start."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support import write_notebook

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.conftest import Start


def test_the_tour_leaves_nothing_behind(start: Start, tmp_path: Path) -> None:
    folders = {name: tmp_path / name for name in ("HOME", "TMPDIR", "XDG_STATE_HOME", "JUPYTER_DATA_DIR", "IPYTHONDIR")}
    for folder in folders.values():
        folder.mkdir()
    terminal = start("--tour", "--no-kernel", env={name: str(folder) for name, folder in folders.items()})
    terminal.wait_for("Tour, step 1 of 13")
    terminal.send("j")
    terminal.wait_for("Tour, step 2 of 13")
    terminal.send("cb\x13")
    terminal.wait_for("Saved")
    terminal.send("\x11")
    assert terminal.exit_code() == 0
    assert [path for folder in folders.values() for path in folder.rglob("*") if path.is_file()] == []


def test_the_tour_takes_no_file(start: Start) -> None:
    terminal = start("--tour", "a.ipynb")
    terminal.wait_for("--tour has a notebook of its own")


@pytest.mark.parametrize(
    ("settings", "then"), [("", "For vim, Emacs, VS Code keys"), ('[keys]\nset = "vim"\n', "minutes). ? shows all keys.")]
)
def test_the_first_start_names_the_tour_and_the_sets_of_keys(start: Start, tmp_path: Path, settings: str, then: str) -> None:
    folder = tmp_path / "config" / "tuinb"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text(settings)
    path = write_notebook(tmp_path / "a.ipynb", "x")
    env = {"XDG_STATE_HOME": str(tmp_path / "state"), "XDG_CONFIG_HOME": str(tmp_path / "config")}
    terminal = start(path, "--no-kernel", "--no-session", env=env)
    terminal.wait_for("First time? :tour")
    terminal.wait_for(then)
    terminal.send("\x11")
    assert terminal.exit_code() == 0


def test_the_first_start_names_the_tour_once(start: Start, tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "a.ipynb", "x")
    env = {"XDG_STATE_HOME": str(tmp_path / "state")}
    terminal = start(path, "--no-kernel", "--no-session", env=env)
    terminal.wait_for("First time? :tour")
    terminal.send("\x11")
    assert terminal.exit_code() == 0
    terminal = start(path, "--no-kernel", "--no-session", env=env)
    terminal.wait_for("COMMAND")
    terminal.send("jb")
    terminal.wait_for("2/2")
    assert "First time" not in terminal.text
