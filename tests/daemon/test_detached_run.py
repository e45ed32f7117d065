"""`tuinb run --detach`: runs in sessions that begin without a terminal, with a real kernel."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

from tests.daemon.conftest import is_running, soon, status
from tests.support import ROOT, write_notebook
from tests.terminal_emulator import Terminal
from tuinb import cli
from tuinb.daemon import registry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.daemon.conftest import Attach

SLOW = """import time, os
for i in range(600):
    if os.path.exists('go'): break
    print('line', i, flush=True); time.sleep(.1)"""


@pytest.fixture(autouse=True)
def ended(sockets: Path) -> Iterator[None]:
    """Ends what a test leaves running."""
    yield
    for entry in registry.read().entries:
        for pid in (entry.kernel_pid, entry.pid):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL) if pid else None


def tuinb(*words: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tuinb", *map(str, words)]
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, env=environ, timeout=120, check=False)


def outputs(path: Path) -> list[Any]:
    return [cell["outputs"] for cell in json.loads(path.read_text())["cells"]]


@pytest.mark.kernel
def test_a_run_goes_on_is_shown_and_ends(attach: Attach, tmp_path: Path, sockets: Path) -> None:
    path = write_notebook(tmp_path / "x.ipynb", "a = 1", SLOW, "a + 41")
    done = tuinb("run", "--detach", "x.ipynb", "-o", "done.ipynb", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "x.ipynb runs in a session: `tuinb x.ipynb` shows it, `tuinb sessions` lists it\n"
    soon(lambda: status(path)["run"]["done"] == 1)
    seen = status(path)
    assert seen["run"] == {"done": 1, "cells": 3, "exit": None}
    assert seen == status(tmp_path / "done.ipynb") | {"queue": seen["queue"], "modified": seen["modified"]}
    assert "busy, ran 1 of 3 cells" in tuinb("sessions", cwd=tmp_path).stdout
    for name in ("x.ipynb", "done.ipynb"):
        terminal = attach(name)
        terminal.wait_for("line 5")
        terminal.send("Q")
        assert terminal.exit_code() == 0
    again = tuinb("run", "--detach", "x.ipynb", "--in-place", cwd=tmp_path)
    assert (again.returncode, "a session of it is running" in again.stderr) == (2, True)
    clash = tuinb("run", "x.ipynb", "-o", "done.ipynb", cwd=tmp_path)
    assert (clash.returncode, "done.ipynb: tuinb (process" in clash.stderr) == (2, True)
    kernel = seen["kernel"]["pid"]
    (tmp_path / "go").touch()
    soon(lambda: not any(sockets.iterdir()))
    soon(lambda: not is_running(seen["pid"]))
    assert not is_running(kernel)
    assert registry.read().entries == []
    assert outputs(tmp_path / "done.ipynb")[2][0]["data"]["text/plain"] == ["42"]
    assert outputs(path) == [[], [], []]


@pytest.mark.kernel
def test_a_run_goes_on_after_its_terminal_hung_up(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "x.ipynb", SLOW, "41 + 1")
    line = f"{sys.executable} -m tuinb run --detach x.ipynb -o done.ipynb; echo and then; read answer"
    with Terminal(["/bin/sh", "-c", line], cwd=tmp_path) as shell:
        shell.wait_for("and then")
        soon(lambda: status(path)["kernel"]["pid"] is not None)
        seen = status(path)
        shell.hang_up()
        soon(lambda: shell.has_ended)
        for pid in (seen["pid"], seen["kernel"]["pid"]):
            assert is_running(pid)
        shown = status(path)
        assert (shown["pid"], shown["run"]["exit"]) == (seen["pid"], None)
        (tmp_path / "go").touch()
        soon(lambda: not is_running(seen["pid"]))
    assert outputs(tmp_path / "done.ipynb")[1][0]["data"]["text/plain"] == ["42"]


@pytest.mark.kernel
def test_waiting_gives_the_exit_code(tmp_path: Path) -> None:
    write_notebook(tmp_path / "x.ipynb", "print(alpha)", "input('name? ')", "1")
    done = tuinb("run", "--detach", "--wait", "x.ipynb", "--in-place", "-p", "alpha", "7", cwd=tmp_path)
    assert done.returncode == 1
    assert f"{tmp_path / 'x.ipynb'}, cell 3, line 1: StdinNotImplementedError" in done.stderr
    assert "x.ipynb: 3 cells in " in done.stdout
    assert outputs(tmp_path / "x.ipynb")[1][0]["text"] == ["7\n"]
    soon(lambda: registry.read().entries == [])
    write_notebook(tmp_path / "y.ipynb", "1")
    done = tuinb("run", "--detach", "--wait", "-q", "y.ipynb", "--in-place", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.kernel
def test_without_a_file_to_save_to_the_session_is_kept(attach: Attach, tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "x.ipynb", "a = 41", "a + 1")
    assert tuinb("run", "--detach", "x.ipynb", "--wait", cwd=tmp_path).returncode == 0
    assert status(path)["modified"]
    assert status(path)["run"]["exit"] == 0
    assert outputs(path) == [[], []]
    done = tuinb("do", "x.ipynb", "exec", "--code", "print(input('? ') + str(a))", cwd=tmp_path)
    assert done.returncode == 0
    terminal = attach(path)
    terminal.wait_for("42")
    soon(lambda: status(path)["prompt"])  # a user is there now
    assert tuinb("do", "x.ipynb", "interrupt", cwd=tmp_path).returncode == 0
    assert tuinb("do", "x.ipynb", "wait", cwd=tmp_path).returncode == 0


@pytest.mark.kernel
def test_a_run_is_interrupted_by_name_and_ended_with_what_it_has(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "x.ipynb", SLOW, "2")
    tuinb("run", "--detach", "x.ipynb", "-o", "done.ipynb", cwd=tmp_path)
    soon(lambda: status(path).get("queue") == 1)
    with subprocess.Popen(
        [sys.executable, "-m", "tuinb", "do", str(path), "wait"],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        cwd=ROOT,
        text=True,
    ) as waiting:
        soon(lambda: "line 3" in json.dumps(outputs(tmp_path / "done.ipynb")))
        assert tuinb("sessions", "interrupt", "x.ipynb", cwd=tmp_path).returncode == 0
        _, err = waiting.communicate(timeout=60)
    assert waiting.returncode == 1
    assert "cell 1, line" in err
    assert "KeyboardInterrupt" in err
    soon(lambda: registry.read().entries == [])
    tuinb("run", "--detach", "x.ipynb", "--in-place", cwd=tmp_path)
    soon(lambda: status(path).get("queue") == 1)
    tuinb("do", "x.ipynb", "exec", "--silent", "--code", "1", cwd=tmp_path)
    soon(lambda: "line 0" in str(tuinb("show", "--live", "x.ipynb", cwd=tmp_path).stdout))
    assert tuinb("sessions", "end", "x.ipynb", cwd=tmp_path).returncode == 0
    assert "line 0" in json.dumps(outputs(path))


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["x.ipynb", "y.ipynb"], "--detach runs one notebook"),
        (["x.ipynb", "-j", "2"], "--detach runs one notebook"),
        (["x.ipynb", "--stream"], "--stream prints what a run in a session leaves to the notebook"),
        (["x.ipynb", "--json"], "--json prints what a run in a session leaves to the notebook"),
        (["none.ipynb"], "there is no such file"),
        (["x.ipynb", "-o", "none/x.ipynb"], "there is no such folder"),
        (["x.ipynb", "--kernel", "none"], "none"),
    ],
)
def test_what_is_refused(
    tmp_path: Path, words: list[str], problem: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("x.ipynb", "y.ipynb"):
        write_notebook(tmp_path / name, "1")
    assert cli.main(["run", "--detach", *words]) in (2, 3)
    assert problem in capsys.readouterr().err
    assert registry.read().entries == []


@pytest.mark.parametrize("option", ["--wait", "--keep"])
def test_options_of_sessions_need_one(tmp_path: Path, option: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["run", option, str(write_notebook(tmp_path / "x.ipynb", "1"))]) == 2
    assert f"{option} is for runs in sessions (give --detach, too)" in capsys.readouterr().err
