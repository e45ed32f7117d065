"""`tuinb do` and `tuinb show --live`: a session that is driven from outside, with a real kernel."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.daemon.conftest import soon, status
from tests.support import ROOT, write_notebook
from tests.terminal_emulator import ENTER
from tuinb import __version__, cli
from tuinb.daemon.commands import running

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.daemon.conftest import Attach
    from tests.terminal_emulator import Terminal

    Tuinb = Callable[..., tuple[int, str, str]]

LONG = "import time\nfor i in range(1000):\n    print('line', i, flush=True); time.sleep(.1)"


@pytest.fixture
def tuinb(capfd: pytest.CaptureFixture[str]) -> Tuinb:
    """Runs a command in this process. Returns its exit code and what it printed on stdout and stderr."""

    def run(*words: str | Path) -> tuple[int, str, str]:
        code = cli.main(list(map(str, words)))
        return code, *capfd.readouterr()

    return run


def begun(attach: Attach, path: Path, *arguments: str) -> Terminal:
    terminal = attach(path, *arguments)
    terminal.wait_for(lambda: "no kernel" in terminal.status or "idle" in terminal.status)
    return terminal


@pytest.mark.kernel
def test_commands_on_a_running_session(attach: Attach, tmp_path: Path, tuinb: Tuinb, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sub").mkdir()
    monkeypatch.chdir(tmp_path / "sub")
    path = write_notebook(tmp_path / "x.ipynb", "x = 6", "print(x * 7)", "1 / 0", "y = 2")
    terminal = begun(attach, path)
    assert tuinb("do", path, "run-cell", "1-2", "--wait") == (0, "42\n", "")
    terminal.wait_for("42")
    code, out, err = tuinb("do", path, "run-all", "--wait")
    assert (code, "42" in out, "ZeroDivisionError" in out) == (1, True, True)
    assert "cell 3: ZeroDivisionError: division by zero" in err
    assert "cell 4 was not run" in err
    assert tuinb("do", path, "save") == (0, "", "")
    assert json.loads(path.read_text())["cells"][1]["outputs"][0]["text"] == ["42\n"]
    code, out, err = tuinb("do", path, "restart")
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert "it asks: Restart the kernel? Its variables will be lost. (--yes answers 'Restart')" in err
    assert tuinb("do", path, "restart", "--yes") == (0, "", "")
    assert tuinb("do", path, "exec", "--code", "x", "--wait", "--silent")[0] == 1
    code, out, err = tuinb("do", path, "show-kernel")
    assert (code, "State: idle" in out) == (0, True)
    for words, problem in (
        (["nonsense"], "No command 'nonsense'"),
        (["run-all", "3"], "takes no argument"),
        (["run-cell", "9"], "names no cell"),
        (["run-cell"], "Which cell?"),
        (["find"], "it needs a terminal"),
        (["save-as"], "it asks: Save as:"),
        (["open-viewer"], "No command"),
    ):
        code, out, err = tuinb("do", path, *words)
        assert (code, problem in err) == (1, True), (words, err)
    assert tuinb("do", path, "w", "copy.ipynb")[0] == 0
    assert "copy.ipynb" in tuinb("sessions")[1]
    assert (tmp_path / "sub" / "copy.ipynb").exists()


@pytest.mark.kernel
def test_code_is_run_as_a_new_cell_or_apart(
    attach: Attach, tmp_path: Path, tuinb: Tuinb, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_notebook(tmp_path / "x.ipynb", "x = 6")
    terminal = begun(attach, path)
    assert tuinb("do", path, "exec", "--code", "z = 6; print('ab'); z * 7", "--wait", "--silent") == (0, "ab\n42\n", "")
    assert status(path)["modified"] is False
    assert not terminal.shows("z * 7")
    code, out, err = tuinb("do", path, "exec", "--code", "1/0", "--wait", "--silent")
    assert (code, "ZeroDivisionError" in out) == (1, True)
    assert "the code: ZeroDivisionError: division by zero" in err
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"z = z + 1\nz\n")))
    assert tuinb("do", path, "exec", "--code", "-", "--wait") == (0, "7\n", "")
    terminal.wait_for("z = z + 1")
    assert tuinb("do", path, "exec", "--code", "z") == (0, "cell 3 is queued\n", "")
    terminal.wait_for("/3")
    assert status(path)["modified"]
    code, out, err = tuinb("do", path, "exec", "--code", " ")
    assert (code, "no code" in err) == (1, True)


@pytest.mark.kernel
def test_waiting_says_that_the_kernel_waits_for_input(attach: Attach, tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "x.ipynb", "name = input('Your name? ')\nprint('hello ' + name)")
    terminal = begun(attach, path)
    with subprocess.Popen(
        [sys.executable, "-m", "tuinb", "do", path, "run-cell", "1", "--wait"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    ) as waiting:
        assert waiting.stderr is not None
        assert "waits for input (Your name?)" in waiting.stderr.readline()
        terminal.wait_for(lambda: "input" in terminal.status.lower())
        terminal.send("\x07")  # goes to the prompt, which may be elsewhere
        terminal.wait_for(lambda: "INPUT" in terminal.status)
        terminal.send("Ada" + ENTER)
        out, _ = waiting.communicate(timeout=30)
    assert "hello Ada" in out
    assert waiting.returncode == 0


@pytest.mark.kernel
def test_the_live_notebook_and_what_happens(attach: Attach, tmp_path: Path, tuinb: Tuinb) -> None:
    path = write_notebook(tmp_path / "x.ipynb", "x = 6", "print('long' * 200_000)")
    terminal = begun(attach, path)
    events: list[dict[str, Any]] = []
    with subprocess.Popen(
        [sys.executable, "-m", "tuinb", "do", "x.ipynb", "watch", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
    ) as watching:
        assert watching.stdout is not None
        soon(lambda: bool(tuinb("do", path, "exec", "--code", "print('seen')")[1]) and select(watching.stdout, 0.5))
        while "seen" not in json.dumps(events):
            events.append(json.loads(watching.stdout.readline()))
        tuinb("do", path, "run-cell", "2", "--wait")
        while not any(len(json.dumps(event)) > 800_000 for event in events):
            events.append(json.loads(watching.stdout.readline()))
        assert {"Transaction", "CellsChanged", "KernelChanged"} <= {event["type"] for event in events}
        code, out, _ = tuinb("show", "--live", path)
        assert (code, "print('seen')" in out, out.count("longlong") > 1000) == (0, True, True)
        assert "seen" not in path.read_text()
        assert "seen" not in tuinb("show", path)[1]
        assert tuinb("sessions", "end", "x.ipynb")[0] == 0
        terminal.exit_code()
        # `communicate` would leave out what `readline` has read ahead.
        assert watching.stderr is not None
        rest, err = watching.stdout.read(), watching.stderr.read()
        watching.wait(30)
        assert all(json.loads(line)["type"] for line in rest.splitlines())
        assert "the session has ended" in err
        assert watching.returncode == 0


def select(stream: Any, seconds: float) -> bool:  # noqa: ANN401
    import select

    return bool(select.select([stream], [], [], seconds)[0])


def test_a_screen_can_serve(attach: Attach, tmp_path: Path, tuinb: Tuinb) -> None:
    path = write_notebook(tmp_path / "x.ipynb", "x = 1", "y = 2")
    terminal = begun(attach, path, "--no-kernel")
    soon(lambda: tuinb("do", path, "2", "--screen") == (0, "", ""))  # once its start is complete
    terminal.wait_for("2/2")
    assert tuinb("do", path, "help", "--screen") == (0, "", "")
    terminal.wait_for(lambda: not terminal.shows("y = 2"))
    tuinb("sessions", "detach", path)
    terminal.exit_code()
    code, _, err = tuinb("do", path, "help", "--screen")
    assert (code, "no terminal shows the notebook" in err) == (1, True)
    assert tuinb("do", path, "delete-cells") == (0, "", "")
    assert "y = 2" not in tuinb("show", "--live", path)[1]


def test_without_a_kernel_nothing_runs(attach: Attach, tmp_path: Path, tuinb: Tuinb) -> None:
    path = write_notebook(tmp_path / "x.ipynb", "x = 1")
    begun(attach, path, "--no-kernel")
    for words in (["exec", "--code", "1"], ["exec", "--code", "1", "--silent", "--wait"], ["exec", "--code", "1", "--wait"]):
        code, out, err = tuinb("do", path, *words)
        assert (code, out, "opened without a kernel" in err) == (1, "", True)
    code, _, err = tuinb("do", path, "run-all")
    assert "opened without a kernel" in err


def test_no_session_is_said_how_to_begin_one(sockets: Path, tmp_path: Path, tuinb: Tuinb) -> None:
    path = write_notebook(tmp_path / "x.ipynb", "x = 1")
    for words in (["do", path, "save"], ["show", "--live", path]):
        code, out, err = tuinb(*words)
        assert (code in (1, 2), out) == (True, "")
        assert "no session of it is running (`tuinb FILE` begins one, `tuinb run --detach FILE`" in err
    assert "no session is called so" in tuinb("do", tmp_path / "none.ipynb", "save")[2]


@pytest.mark.parametrize(
    "words",
    [
        ["exec"],
        ["exec", "--code", "1", "more"],
        ["exec", "--code", "1", "--yes"],
        ["watch", "--wait"],
        ["watch", "more"],
        ["save", "--code", "1"],
        ["save", "--silent"],
        ["save", "--screen", "--wait"],
    ],
)
def test_options_that_do_not_go_together(words: list[str], tuinb: Tuinb) -> None:
    code, out, err = tuinb("do", "x.ipynb", *words)
    assert (code, out, err.count("\n")) == (2, "", 1)


def test_a_stopped_session_and_another_version(
    attach: Attach, tmp_path: Path, tuinb: Tuinb, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_notebook(tmp_path / "x.ipynb", "x = 1")
    begun(attach, path, "--no-kernel")
    monkeypatch.setattr(running, "__version__", "9.9")
    code, _, err = tuinb("do", path, "save")
    assert (code, f"the session was begun by tuinb {__version__}, and this is tuinb 9.9" in err) == (1, True)
    monkeypatch.setattr(running, "STARTS_WITHIN", 0.5)
    pid = status(path)["pid"]
    os.kill(pid, signal.SIGSTOP)
    try:
        code, _, err = tuinb("do", path, "save")
        assert (code, "it does not answer" in err) == (1, True)
    finally:
        os.kill(pid, signal.SIGCONT)
