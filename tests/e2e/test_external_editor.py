"""The user's own editor on cells, while the kernel goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support import write_notebook
from tests.terminal_emulator import ENTER, ESCAPE
from tuinb.files import load

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.conftest import Start

RUN = "\x05"


def editor(folder: Path, text: str) -> str:
    """Returns a command that runs a shell script as the editor, with the file as $1."""
    path = folder / "editor"
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


@pytest.mark.kernel
@pytest.mark.parametrize("options", [(), ("--no-session",)], ids=["session", "no session"])
def test_cells_are_edited_while_one_runs(start: Start, tmp_path: Path, options: tuple[str, ...]) -> None:
    go = tmp_path / "go"
    waiting = f"import os, time\nwhile not os.path.exists({str(go)!r}): time.sleep(.01)\nprint('came mean' + 'while')"
    path = write_notebook(tmp_path / "a.ipynb", waiting, "two", "three")
    script = (
        f"printf '\\n\\nthe editor is here\\n'; read answer < /dev/tty; touch {go}; sleep 0.5; sed -i s/two/2/\\;s/three/3/ $1"
    )
    terminal = start(path, *options, env={"VISUAL": editor(tmp_path, script)})
    terminal.wait_for(lambda: "idle" in terminal.status)
    terminal.send(RUN)
    terminal.wait_for("[*]")
    terminal.send("E")
    terminal.wait_for("the editor is here")
    terminal.send(ENTER)
    terminal.wait_for("Edited 2 cells")
    terminal.wait_for("came meanwhile")
    terminal.send("j" + ENTER + "\x0f")  # in the cell, which is being edited
    terminal.wait_for("the editor is here")
    terminal.send(ENTER)
    terminal.wait_for(lambda: not terminal.shows("the editor is here"))
    terminal.wait_for("came meanwhile")
    terminal.send("x" + ESCAPE)
    terminal.send("s")
    terminal.wait_for("Saved")
    sources = [cell.source for cell in load.load(path).notebook]
    assert sorted(sources[1]) == ["2", "x"]
    assert sources[2] == "3"


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("echo lost >> $1; exit 3", "ended with exit code 3, so nothing was changed"),
        ("printf '\\377' > $1", "no UTF-8"),
        ("rm $1", "what the editor saved can't be read"),
    ],
)
def test_an_editor_that_fails_changes_nothing(start: Start, tmp_path: Path, script: str, said: str) -> None:
    terminal = start(
        write_notebook(tmp_path / "a.ipynb", "one"),
        "--no-kernel",
        columns=140,
        env={"EDITOR": editor(tmp_path, script), "VISUAL": ""},
    )
    terminal.wait_for("one")
    terminal.send("e")
    terminal.wait_for(said)
    terminal.wait_for("one")
    assert "[+]" not in terminal.status


def test_keys_typed_after_the_one_that_opens_the_editor_do_nothing_here(start: Start, tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    path = write_notebook(tmp_path / "a.ipynb", "one", "two")
    script = f"echo run >> {runs}; printf '\\n\\nthe editor is here\\n'; read answer < /dev/tty; sed -i s/one/1/ $1"
    terminal = start(path, "--no-kernel", env={"VISUAL": editor(tmp_path, script)})
    terminal.wait_for("two")
    terminal.send("edde")  # in one read, as a fast hand or a slow line gives them
    terminal.wait_for("the editor is here")
    terminal.send(ENTER)
    terminal.wait_for("3 keys were typed before the other program had the terminal")
    terminal.wait_for("two")
    terminal.send("s")
    terminal.wait_for("Saved")
    assert [cell.source for cell in load.load(path).notebook] == ["1", "two"]
    assert runs.read_text(encoding="utf-8").split() == ["run"]
