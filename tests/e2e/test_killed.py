"""The real program is killed with SIGKILL while its user types and cells run. The next start restores it."""

from __future__ import annotations

import random
import re
import signal
import sys
import time
from typing import TYPE_CHECKING

import pytest

from tests.support import write_notebook
from tests.terminal_emulator import CTRL_END, DOWN, ENTER, Terminal
from tuinb.files import load
from tuinb.files.journal import folder
from tuinb.files.journal.recovered import recover

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.conftest import Start
    from tuinb.notebook.document import Notebook

pytestmark = pytest.mark.kernel

RUN, SAVE, QUIT = "\x05", "\x13", "\x11"
MOST_LOST = 1.0
"""Seconds before the kill of which work may be lost."""
LATE = 2.0
"""Seconds that keys and outputs may take to reach the program while the machine has other work."""
TRIES = 3


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def edit(terminal: Terminal) -> None:
    terminal.send(ENTER)
    terminal.wait_for(lambda: "EDIT" in terminal.status)
    terminal.send(CTRL_END)


def left(path: Path) -> Notebook:
    """What is left of the notebook, in its journal or else in its file."""
    found = folder.leftovers(path)
    try:
        journals = [recovered for one in found if (recovered := recover(one.read())) is not None]
        assert not [one.problem for one in journals if one.problem]
        return journals[0].restored.notebook if journals else load.load(path).notebook
    finally:
        for one in found:
            one.release()


def test_what_was_typed_and_printed_is_restored(start: Start, tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "killed.ipynb", "print('al' + 'pha')", "b = 2")
    before = path.read_bytes()
    terminal = start(path, "--no-session")
    terminal.wait_for(lambda: "idle" in terminal.status)
    terminal.send(RUN)
    terminal.wait_for("alpha")
    terminal.send(DOWN)
    edit(terminal)
    terminal.send("; precious = 1")
    terminal.wait_for("precious")
    time.sleep(MOST_LOST)
    terminal.kill(signal.SIGKILL)
    terminal.exit_code()
    assert path.read_bytes() == before

    again = start(path, "--no-session")
    again.wait_for("Unsaved changes of")
    again.wait_for("2 cells")
    again.send("3")
    again.wait_for("+b = 2; precious = 1")
    assert again.shows("+alpha")
    again.send("q")
    again.wait_for("Restore them")
    again.send(ENTER)
    again.wait_for("2 cells restored")
    assert again.shows("alpha")
    again.wait_for(lambda: "[+]" in again.status)
    again.send("z")
    again.wait_for(lambda: not again.shows("precious"))
    again.send("Z")
    again.wait_for("precious")
    again.send(SAVE)
    again.wait_for("Saved")
    again.send(QUIT)
    assert again.exit_code() == 0
    assert b"precious" in path.read_bytes()
    assert list(folder.journals().glob("*")) == []


@pytest.mark.parametrize("number", range(TRIES))
def test_a_kill_at_any_time_loses_no_more_than_the_last_second(number: int, start: Start, tmp_path: Path) -> None:
    seed = random.randrange(1 << 32)
    chance = random.Random(seed)
    sys.stdout.write(f"seed {seed}\n")  # pytest shows it if the test fails
    source = "import time\nfor number in range(10**6):\n    print(number, time.time(), flush=True); time.sleep(.01)"
    path = write_notebook(tmp_path / "killed.ipynb", source, "")
    terminal = start(path, "--no-session")
    terminal.wait_for(lambda: "idle" in terminal.status)
    terminal.send(RUN)
    terminal.wait_for("[*]")
    terminal.send("G" + ENTER)
    terminal.wait_for(lambda: "EDIT" in terminal.status)
    typed: list[float] = []
    end = time.time() + chance.uniform(1.0, 4.0)
    while time.time() < end:
        terminal.send("x")
        typed.append(time.time())
        terminal.pump(chance.uniform(0.001, 0.05))
        if chance.random() < 0.01:
            terminal.send(SAVE)
    killed = time.time()
    terminal.kill(signal.SIGKILL)
    terminal.exit_code()
    running, edited = left(path)
    assert edited.source == "x" * len(edited.source)
    assert len(edited.source) >= sum(then < killed - MOST_LOST - LATE for then in typed), f"seed {seed}"
    lines = "".join(output.stream.text() for output in running.outputs if output.stream is not None).splitlines()
    assert [int(line.split()[0]) for line in lines if re.fullmatch(r"\d+ \S+", line)] == list(range(len(lines)))
    sys.stdout.write(f"lost: {len(typed) - len(edited.source)} keys, {killed - float(lines[-1].split()[1]):.2f} s of output\n")
    assert float(lines[-1].split()[1]) >= killed - MOST_LOST - LATE, f"seed {seed}"
