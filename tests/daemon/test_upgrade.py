"""The package's files change under a session that runs."""

from __future__ import annotations

import json
import shutil
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.daemon.conftest import is_running, soon, status
from tests.support import ROOT, write_notebook
from tests.terminal_emulator import ENTER, ESCAPE

if TYPE_CHECKING:
    from tests.daemon.conftest import Attach

pytestmark = pytest.mark.kernel

SAVE = "\x13"


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """Returns a copy of the package."""
    shutil.copytree(ROOT / "themes", tmp_path / "installed" / "themes")
    return shutil.copytree(ROOT / "tuinb", tmp_path / "installed" / "tuinb")


def upgrade(package: Path) -> None:
    """Puts files that can't be imported in place of the package's."""
    for source in package.rglob("*.py"):
        source.unlink()
        source.write_text("raise RuntimeError('this is another version')\n")
    for cache in list(package.rglob("__pycache__")):
        shutil.rmtree(cache)


def keeps_package(pid: int, folder: Path) -> bool:
    """Whether a process has a file without a name in a folder of temporary files, and has written it to its end."""
    for link in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):
            target = str(link.readlink())
            if target.startswith(str(folder)) and target.endswith("(deleted)"):
                position = int(Path(f"/proc/{pid}/fdinfo/{link.name}").read_text().split()[1])
                # While it is written, its size grows just before the position does.
                return position + (1 << 20) < link.stat().st_size
    return False


def test_a_session_goes_on_with_the_version_that_began_it(attach: Attach, tmp_path: Path, sockets: Path, package: Path) -> None:
    path = write_notebook(tmp_path / "x.ipynb", "x = 1", "# Rendered *now*", "y = 2")
    terminal = attach(path, "--no-kernel", env={"PYTHONPATH": str(package.parent)})
    terminal.wait_for("y = 2")
    soon(lambda: bool(status(path)))
    pid = status(path)["pid"]
    soon(lambda: keeps_package(pid, sockets))
    upgrade(package)

    terminal.send(ENTER)
    terminal.wait_for("EDIT")
    terminal.send("typed = 3; ")
    terminal.wait_for("typed = 3")
    soon(lambda: any((tmp_path / "state" / "tuinb" / "journals").glob("*")))
    terminal.send(ESCAPE)
    terminal.wait_for("COMMAND")
    terminal.send("jm")
    terminal.wait_for("Rendered now ─")
    terminal.send("?")
    terminal.wait_for(lambda: "PAGE" in terminal.status or not terminal.shows("typed = 3"))
    terminal.send("q")
    terminal.wait_for("typed = 3")
    terminal.send(SAVE)
    soon(lambda: "typed = 3" in json.loads(path.read_text())["cells"][0]["source"][0])
    terminal.send("Q")
    assert terminal.exit_code() == 0

    again = attach(path)
    again.wait_for("typed = 3")
    assert status(path)["pid"] == pid
    again.send(":end" + ENTER)
    assert again.exit_code() == 0
    soon(lambda: not is_running(pid))
