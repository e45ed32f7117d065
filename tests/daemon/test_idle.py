"""Sessions that nobody uses end by themselves, with the real program and a real kernel."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from tests.daemon.conftest import is_running, soon, status
from tests.support import write_notebook
from tests.terminal_emulator import ENTER, ESCAPE
from tuinb.daemon import registry

if TYPE_CHECKING:
    from pathlib import Path

    from tests.daemon.conftest import Attach

pytestmark = pytest.mark.kernel


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """Settings with which a session ends after a second."""
    (tmp_path / "settings" / "tuinb").mkdir(parents=True)
    (tmp_path / "settings" / "tuinb" / "config.toml").write_text('session_idle = "1s"\n')
    return {"XDG_CONFIG_HOME": str(tmp_path / "settings")}


def test_an_unused_session_ends_with_its_kernel_and_the_next_start_says_so(
    attach: Attach, tmp_path: Path, sockets: Path, environ: dict[str, str]
) -> None:
    path = write_notebook(tmp_path / "x.ipynb", "x = 1")
    first = attach(path, env=environ)
    first.wait_for(lambda: "idle" in first.status)
    seen, kernels = status(path), [kernel.pid for kernel in first.kernels()]
    assert len(kernels) == 1
    first.watch(2.5)
    assert status(path)["pid"] == seen["pid"], "an attached terminal uses it"
    first.send(ENTER)
    first.wait_for(lambda: "EDIT" in first.status)
    first.send("\x1b[H# precious " + ESCAPE)
    first.wait_for(lambda: "COMMAND" in first.status)
    first.send("Q")
    assert first.exit_code() == 0
    soon(lambda: not is_running(seen["pid"]))
    assert not any(map(is_running, kernels))
    assert not any(sockets.iterdir())
    assert not registry.read().entries
    second = attach(path, columns=160, env=environ)
    second.wait_for("Unsaved changes of")
    second.send("2")
    second.wait_for("ended by itself")
    second.wait_for("# precious")


THREAD = """import os, threading, time
threading.Thread(target=lambda: print('hello', input('who? '))).start()
while not os.path.exists('go'): time.sleep(.02)"""


def test_an_open_prompt_of_a_thread_keeps_the_session(attach: Attach, tmp_path: Path, environ: dict[str, str]) -> None:
    path = write_notebook(tmp_path / "x.ipynb", THREAD)
    terminal = attach(path, env=environ)
    terminal.wait_for(lambda: "idle" in terminal.status)
    pid = status(path)["pid"]
    terminal.send("\x05")
    soon(lambda: bool(status(path)["prompt"]))
    (tmp_path / "go").touch()
    soon(lambda: status(path)["queue"] == 0)
    terminal.hang_up()
    soon(lambda: status(path)["terminals"] == 0)
    began = time.monotonic()
    soon(lambda: time.monotonic() - began > 2.5)  # asking for its status uses it
    assert is_running(pid)
    again = attach(path, env=environ)
    again.wait_for(lambda: "INPUT" in again.status)
    again.send("Ada" + ENTER)
    again.wait_for("hello Ada")


def test_a_cell_that_runs_keeps_the_session(attach: Attach, tmp_path: Path, environ: dict[str, str]) -> None:
    path = write_notebook(tmp_path / "x.ipynb", "import time; time.sleep(4)")
    terminal = attach(path, env=environ)
    terminal.wait_for(lambda: "idle" in terminal.status)
    pid = status(path)["pid"]
    terminal.send(":run-all" + ENTER)
    terminal.wait_for("[*]")
    began = time.monotonic()
    terminal.send("Q")
    assert terminal.exit_code() == 0
    soon(lambda: not is_running(pid))
    assert time.monotonic() - began > 3.0
