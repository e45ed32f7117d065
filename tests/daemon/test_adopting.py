"""The kernel of a session that was killed: the next session takes it over, or `tuinb sessions` ends it."""

from __future__ import annotations

import json
import os
import signal
from typing import TYPE_CHECKING

import pytest

from tests.daemon.conftest import is_running, soon, status
from tests.support import write_notebook
from tests.terminal_emulator import ENTER, ESCAPE, Terminal
from tuinb import cli, private_folder
from tuinb.daemon import registry

if TYPE_CHECKING:
    from pathlib import Path

    from tests.daemon.conftest import Attach
    from tuinb.daemon.registry import Entry

pytestmark = pytest.mark.kernel

RUN, QUIT = "\x05", "\x11"
LOOP = "import time\nx = 41\nfor i in range(10_000):\n    print('line', i, flush=True); time.sleep(.05)"


@pytest.fixture(autouse=True)
def runtime(tmp_path: Path, sockets: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Returns the folder of connection files."""
    folder = tmp_path / "runtime"
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(folder))
    return folder


def killed(attach: Attach, path: Path) -> Entry:
    """Kills a session in mid-run. Returns its entry."""
    terminal = attach(path)
    terminal.wait_for(lambda: "idle" in terminal.status)
    terminal.send(RUN)
    terminal.wait_for("line 30")  # the journal is behind by a quarter of a second
    soon(lambda: any(entry.kernel_folder for entry in registry.read().entries))
    pid = status(path)["pid"]
    os.kill(pid, signal.SIGKILL)
    assert terminal.exit_code() == 1
    soon(lambda: not is_running(pid))
    (entry,) = registry.read().entries
    assert entry.left_kernel
    return entry


def reopened(attach: Attach, path: Path, *options: str, notice: str = "") -> Terminal:
    """Opens the notebook again, restores unsaved changes, and waits for a notice."""
    terminal = attach(path, *options, rows=40, columns=240)
    terminal.wait_for("Restore them")
    terminal.send("2")
    terminal.wait_for(lambda: not terminal.shows("Restore them") and terminal.shows(notice))
    # A kill before the old journal is gone leaves two, and the next start asks about each.
    journals = private_folder.state_folder(os.environ) / "journals"
    soon(lambda: len([*journals.glob("*.journal")]) == 1)
    return terminal


def nothing_left(sockets: Path, runtime: Path) -> bool:
    return not any(sockets.iterdir()) and not any(runtime.iterdir()) and not registry.read().entries


def run_line(terminal: Terminal, code: str) -> None:
    """Runs code in a new cell at the end."""
    terminal.send("Gb" + ENTER)
    terminal.wait_for(lambda: "EDIT" in terminal.status)
    terminal.send(code + ESCAPE)
    terminal.wait_for(lambda: "COMMAND" in terminal.status)
    terminal.send(RUN)


def test_a_kernel_is_taken_over_in_mid_run(attach: Attach, tmp_path: Path, sockets: Path, runtime: Path) -> None:
    path = write_notebook(tmp_path / "x.ipynb", LOOP)
    entry = killed(attach, path)
    terminal = reopened(attach, path, notice="What its cells printed since then is missing.")
    assert terminal.shows(f"Reconnected to the kernel (process {entry.kernel_pid}) of the session that began ")
    terminal.wait_for(lambda: "busy" in terminal.status)
    assert status(path)["kernel"]["pid"] == entry.kernel_pid
    soon(lambda: [(each.id != entry.id, each.kernel_pid) for each in registry.read().entries] == [(True, entry.kernel_pid)])
    terminal.send(":interrupt" + ENTER)
    terminal.wait_for(lambda: "idle" in terminal.status)
    run_line(terminal, "print('x is', x + 1)")
    terminal.wait_for("x is 42")
    run_line(terminal, "import time; time.sleep(1000)")
    terminal.wait_for(lambda: "busy" in terminal.status)
    terminal.send(":interrupt" + ENTER)
    terminal.wait_for("KeyboardInterrupt")
    terminal.wait_for(lambda: "idle" in terminal.status)
    terminal.send(":restart" + ENTER)
    terminal.wait_for("Restart the kernel?")
    terminal.send("1")
    soon(lambda: terminal.pump(0.01) >= 0 and status(path)["kernel"]["pid"] not in (None, entry.kernel_pid))
    terminal.wait_for(lambda: "idle" in terminal.status)
    assert not is_running(entry.kernel_pid)
    run_line(terminal, "print('x' in dir())")
    terminal.wait_for("False")
    kernel = status(path)["kernel"]["pid"]
    assert cli.main(["sessions", "end", str(path)]) == 0
    terminal.exit_code()
    assert not is_running(kernel)
    soon(lambda: nothing_left(sockets, runtime))


def test_the_death_and_the_end_of_an_adopted_kernel(attach: Attach, tmp_path: Path, sockets: Path, runtime: Path) -> None:
    path = write_notebook(tmp_path / "x.ipynb", LOOP)
    entry = killed(attach, path)
    terminal = reopened(attach, path)
    terminal.wait_for(lambda: "busy" in terminal.status)
    os.kill(status(path)["pid"], signal.SIGKILL)  # and once more
    terminal.exit_code()
    terminal = reopened(attach, path)
    terminal.wait_for(lambda: "busy" in terminal.status)
    assert status(path)["kernel"]["pid"] == entry.kernel_pid
    terminal.send(QUIT)
    terminal.wait_for("A cell is still running.")
    terminal.send(ESCAPE)
    os.kill(entry.kernel_pid, signal.SIGKILL)
    terminal.wait_for(lambda: "dead" in terminal.status)
    assert cli.main(["sessions", "end", str(path)]) == 0
    terminal.exit_code()
    soon(lambda: nothing_left(sockets, runtime))


def test_ending_a_session_ends_its_adopted_kernel(attach: Attach, tmp_path: Path, sockets: Path, runtime: Path) -> None:
    path = write_notebook(tmp_path / "x.ipynb", LOOP)
    entry = killed(attach, path)
    terminal = reopened(attach, path)
    terminal.wait_for(lambda: "busy" in terminal.status)
    assert cli.main(["sessions", "end", str(path)]) == 0
    terminal.exit_code()
    assert not is_running(entry.kernel_pid)
    soon(lambda: nothing_left(sockets, runtime))


def test_a_kernel_that_died_as_well_is_replaced(attach: Attach, tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "x.ipynb", LOOP)
    entry = killed(attach, path)
    os.kill(entry.kernel_pid, signal.SIGKILL)
    soon(lambda: not is_running(entry.kernel_pid))
    terminal = reopened(attach, path)
    terminal.wait_for(lambda: "idle" in terminal.status)
    assert not terminal.shows("Reconnected")
    assert status(path)["kernel"]["pid"] != entry.kernel_pid


def test_a_left_kernel_is_listed_and_ended(
    attach: Attach, tmp_path: Path, sockets: Path, runtime: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_notebook(tmp_path / "x.ipynb", LOOP)
    entry = killed(attach, path)
    assert cli.main(["sessions"]) == 1
    out = capsys.readouterr().out
    assert "kernel without a session" in out
    assert f"`tuinb {path}` takes it over, `tuinb sessions end {entry.id}` ends it" in out
    assert cli.main(["sessions", "end", "x.ipynb"]) == 0
    assert not is_running(entry.kernel_pid)
    assert nothing_left(sockets, runtime)


@pytest.mark.parametrize(
    ("option", "why"),
    [("--no-kernel", "this session has no kernel of this machine"), ("--kernel=other", "another kernel was asked for")],
)
def test_another_kernel_leaves_it_alone(
    attach: Attach, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, option: str, why: str
) -> None:
    path = write_notebook(tmp_path / "x.ipynb", LOOP)
    other = tmp_path / "jupyter" / "kernels" / "other"
    other.mkdir(parents=True)
    (other / "kernel.json").write_text(json.dumps({"argv": ["sleep", "60"], "display_name": "Other", "language": "python"}))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    entry = killed(attach, path)
    reopened(attach, path, option, notice=f"still runs ({why}). `tuinb sessions end {entry.id}` ends it.")
    assert is_running(entry.kernel_pid)
    assert cli.main(["sessions", "end", entry.id]) == 0
    assert not is_running(entry.kernel_pid)
    assert status(path)["terminals"] == 1
