"""`tuinb sessions` and `tuinb attach`, on real sessions."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.daemon.conftest import is_running, soon, status
from tests.support import write_notebook
from tuinb import __version__, cli
from tuinb.daemon import registry
from tuinb.daemon.commands import sessions
from tuinb.daemon.places import Place
from tuinb.render.safe import width
from tuinb.session.recovery import shown_time

if TYPE_CHECKING:
    from pathlib import Path

    from tests.daemon.conftest import Attach
    from tests.terminal_emulator import Terminal

QUIT, RUN = "\x11", "\x05"


def listed(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    assert cli.main(["sessions", "--json"]) == 0
    found: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
    return found


def begun(attach: Attach, path: Path, *arguments: str) -> Terminal:
    """Begins a session and waits until it is listed."""
    terminal = attach(path, *arguments)
    terminal.wait_for("x = 1")
    terminal.wait_for(lambda: any(entry.notebook == str(path) for entry in registry.read().entries))
    return terminal


def test_no_session_is_no_error(sockets: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert listed(capsys) == []
    assert cli.main(["sessions"]) == 0
    assert "No session is running" in capsys.readouterr().out
    assert cli.main(["sessions", "end", "--all"]) == 0
    assert cli.main(["sessions", "end", "x.ipynb"]) == 1
    assert "there is none; `tuinb FILE` begins one" in capsys.readouterr().err
    for words in (["end"], ["interrupt", "--all", "x"], ["list", "x"], ["end", "--json", "x"]):
        assert cli.main(["sessions", *words]) == 2


@pytest.mark.parametrize(
    ("columns", "header", "last"),
    [
        (None, "notebook  since  terminals  kernel  state  memory", "idle"),
        (120, "notebook  since  terminals  kernel  state  memory", "idle"),
        (100, "notebook  since  terminals  kernel  state", "(memory: in a wider terminal, or by --json)"),
        (80, "notebook  kernel  state", "(memory, terminals, since: in a wider terminal, or by --json)"),
        (50, "notebook  state", "(memory, terminals, since, kernel: in a wider terminal, or by --json)"),
    ],
)
def test_a_list_fits_the_terminal(columns: int | None, header: str, last: str) -> None:
    path = "~/work/projects/climate/分析/notebook.ipynb"
    row = (path, "today 10:00", "1", "Python 3 (ipykernel)", "idle", "100 MB + 120 MB")
    lines = sessions._table([sessions._HEADERS, row], columns)
    assert lines[0].split() == header.split()
    assert lines[-1].endswith(last) or last in lines[-1]
    assert columns is None or all(width(line) <= columns for line in lines[:2])
    assert "notebook.ipynb" in lines[1]


@pytest.mark.kernel
def test_a_session_is_listed_from_its_begin_to_its_end(
    attach: Attach, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_notebook(tmp_path / "x.ipynb", "x = 1", "import time; print('be' 'gun', flush=True); time.sleep(1000)")
    began = time.time()
    terminal = begun(attach, path)
    terminal.wait_for(lambda: "idle" in terminal.status)
    kernel = terminal.kernels()[0].pid
    terminal.wait_for(lambda: registry.read().entries[0].kernel_pid == kernel)
    (found,) = listed(capsys)
    assert (found["notebook"], found["answers"], found["terminals"]) == (str(path), True, 1)
    assert (found["kernel"]["state"], found["kernel"]["pid"], found["queue"]) == ("idle", kernel, 0)
    assert (found["host"], found["prompt"], found["modified"]) == (socket.gethostname(), False, False)
    assert began <= found["since"] <= time.time()
    assert found["memory"]["session"] > 1_000_000
    assert found["memory"]["kernel"] > 1_000_000
    terminal.send("G" + RUN)
    terminal.wait_for("begun")
    assert cli.main(["sessions"]) == 0
    out = capsys.readouterr().out
    assert "busy, 1 cell to run, unsaved" in out
    assert f" {shown_time(found['since'])} " in out
    assert cli.main(["sessions", "interrupt", "x.ipynb"]) == 0
    assert "interrupted" in capsys.readouterr().out
    terminal.wait_for("KeyboardInterrupt")
    assert cli.main(["sessions", "detach", str(path)]) == 0
    assert "detached 1 terminal\n" in capsys.readouterr().out
    assert terminal.exit_code() == 0
    pid = status(path)["pid"]
    assert cli.main(["sessions", "end", "x.ip"]) == 0
    out = capsys.readouterr().out
    assert f"{path}: ended\n" in out
    assert f"the unsaved changes of {path} are kept" in out
    assert not is_running(kernel)
    soon(lambda: not is_running(pid))
    assert listed(capsys) == []


@pytest.mark.kernel
def test_an_open_prompt_is_listed(attach: Attach, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_notebook(tmp_path / "x.ipynb", "x = 1; input('who? ')")
    terminal = begun(attach, path)
    terminal.wait_for(lambda: "idle" in terminal.status)
    terminal.send(RUN)
    terminal.wait_for(lambda: "INPUT" in terminal.status)
    (found,) = listed(capsys)
    assert found["prompt"] is True
    assert cli.main(["sessions"]) == 0
    assert "busy, waits for input, 1 cell to run" in capsys.readouterr().out


def test_a_stopped_session_is_said_so(
    attach: Attach, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "ANSWERS_WITHIN", 2.0)
    path, other = write_notebook(tmp_path / "x.ipynb", "x = 1"), write_notebook(tmp_path / "y.ipynb", "x = 1")
    begun(attach, path, "--no-kernel")
    begun(attach, other, "--no-kernel")
    pid = status(path)["pid"]
    os.kill(pid, signal.SIGSTOP)
    try:
        assert cli.main(["sessions"]) == 1
        out = capsys.readouterr().out
        assert f"{path}: it does not answer (it is stopped: `kill -CONT {pid}` lets it go on; `kill -9 {pid}` ends it)" in out
        assert f"{other}: " not in out
        assert cli.main(["sessions", "interrupt", "x.ipynb"]) == 1
        assert "it does not answer" in capsys.readouterr().err
        assert cli.main(["sessions", "end", "--all"]) == 1
    finally:
        os.kill(pid, signal.SIGCONT)
    soon(lambda: [entry.notebook for entry in registry.read().entries] == [str(path)])
    assert cli.main(["sessions", "end", "--all"]) == 0


def test_a_session_that_can_not_be_asked_is_ended_by_a_signal(
    attach: Attach, tmp_path: Path, capsys: pytest.CaptureFixture[str], sockets: Path
) -> None:
    path = write_notebook(tmp_path / "x.ipynb", "x = 1")
    terminal = begun(attach, path)
    terminal.wait_for(lambda: "idle" in terminal.status)
    pid, kernel = status(path)["pid"], terminal.kernels()[0].pid
    Place.of(path).address.unlink()
    assert cli.main(["sessions"]) == 1
    assert f"(`kill {pid}` ends it and keeps unsaved changes" in capsys.readouterr().out
    assert cli.main(["sessions", "end", "x.ipynb"]) == 0
    assert "ended by a signal, which keeps unsaved changes" in capsys.readouterr().out
    assert not is_running(pid)
    assert not is_running(kernel)
    assert not any(sockets.iterdir())


def test_a_session_of_another_version_is_listed_and_ended(
    attach: Attach, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The package is upgraded while the session runs."""
    path = write_notebook(tmp_path / "x.ipynb", "x = 1")
    terminal = begun(attach, path, "--no-kernel")
    pid = status(path)["pid"]
    newer = tmp_path / "newer"
    newer.mkdir()
    (newer / "sitecustomize.py").write_text("import tuinb\ntuinb.__version__ = '9.9'\n")
    environ = {"PYTHONPATH": os.pathsep.join([str(newer), *filter(None, [os.environ.get("PYTHONPATH")])])}
    upgraded = attach(path, columns=250, env=environ)
    assert upgraded.exit_code() == 1
    assert upgraded.shows(f"the session was begun by tuinb {__version__}, and this is tuinb 9.9: attach with that version")
    terminal.send("b")
    terminal.wait_for("2/2")
    entry = next(registry.folder().iterdir())
    entry.write_text(json.dumps({name: value for name, value in json.loads(entry.read_text()).items() if name != "source"}))
    assert attach("sessions", env=environ, columns=250).exit_code() == 0
    end = attach("sessions", "end", "x.ipynb", env=environ)
    assert end.exit_code() == 0
    assert end.shows("ended")
    assert terminal.exit_code() == 128 + signal.SIGTERM
    soon(lambda: not is_running(pid))


def test_a_terminal_is_not_given_to_a_stopped_session(attach: Attach, tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "x.ipynb", "x = 1")
    first = begun(attach, path, "--no-kernel")
    pid = status(path)["pid"]
    os.kill(pid, signal.SIGSTOP)
    try:
        second, third = attach(path, columns=150), attach("attach", "x.ipynb", columns=150)
        for terminal in (second, third):
            assert terminal.exit_code() == 1
            assert terminal.shows("its session does not answer")
            assert terminal.shows("`tuinb sessions`")
        seen = len(second.raw)
    finally:
        os.kill(pid, signal.SIGCONT)
    soon(lambda: status(path)["terminals"] == 1)
    first.send("b")
    first.wait_for("2/2")
    second.pump(0.2)
    assert len(second.raw) == seen


OTHER_VERSION = """
import signal, sys
from dataclasses import replace
from pathlib import Path
from tuinb.daemon import frames, registry
from tuinb.daemon.places import Place
from tuinb.render.safe import width

notebook, answer, at_end = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
place = Place.of(notebook)
with place.locked():
    listener = place.listen()
if at_end == "ignores":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
if answer == "none":
    place.address.unlink()
entry = registry.Entry.of("other", notebook, place, 1.0, (None, ""))
registry.write(replace(entry, version="0.0.9"))
print("ready", flush=True)
while True:
    peer, _ = listener.accept()
    frames.receive(peer)
    frames.send(peer, {"t": "refused", "say": "this session does not know the request"})
    peer.close()
"""


@pytest.mark.parametrize("answer", ["refused", "none"])
@pytest.mark.parametrize("at_end", ["ends", "ignores"])
def test_a_session_of_another_version_that_knows_no_request_is_ended_or_it_is_said_how(
    sockets: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    answer: str,
    at_end: str,
) -> None:
    monkeypatch.setattr(sessions, "ENDS_WITHIN", 10.0 if at_end == "ends" else 0.2)
    path = tmp_path / "x.ipynb"
    command = [sys.executable, "-c", OTHER_VERSION, str(path), answer, at_end]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "ready\n"
        ended = cli.main(["sessions", "end", "x.ipynb"])
        printed = capsys.readouterr()
        if at_end == "ends":
            assert ended == 0
            assert f"{path}: ended by a signal, which keeps unsaved changes" in printed.out
            assert registry.read().entries == []
        else:
            assert ended == 1
            assert (
                f"(`kill {other.pid}` ends it and keeps unsaved changes; `kill -9 {other.pid}` if it does not)" in printed.err
            )
            assert is_running(other.pid)
        other.kill()


def test_a_killed_session_is_no_longer_listed(attach: Attach, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_notebook(tmp_path / "x.ipynb", "x = 1")
    begun(attach, path, "--no-kernel")
    pid = status(path)["pid"]
    os.kill(pid, signal.SIGKILL)
    soon(lambda: not is_running(pid))
    assert listed(capsys) == []


def test_a_dead_socket_and_a_foreign_host(attach: Attach, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_notebook(tmp_path / "x.ipynb", "x = 1")
    begun(attach, path, "--no-kernel")
    (entry,) = registry.read().entries
    registry.write(replace(entry, id="1", notebook="/dead.ipynb", socket=str(tmp_path / "none.sock")))
    registry.write(replace(entry, id="2", notebook="/a b.ipynb", host="node7", boot="another"))
    assert cli.main(["sessions"]) == 1
    out = capsys.readouterr().out
    assert "On node7: ssh node7 -t tuinb attach '/a b.ipynb'" in out
    assert "/dead.ipynb: it does not listen" in out or "/dead.ipynb: other users can use" in out
    assert cli.main(["sessions", "end", "/a b.ipynb"]) == 1
    assert "it runs on node7; `ssh node7 -t tuinb attach '/a b.ipynb'` reaches it" in capsys.readouterr().err


def test_attaching(attach: Attach, tmp_path: Path) -> None:
    nothing = attach("attach", columns=150)
    assert nothing.exit_code() == 1
    assert nothing.shows("no session is running on this host")
    begun(attach, write_notebook(tmp_path / "first.ipynb", "x = 1", "first = 1"), "--no-kernel")
    begun(attach, write_notebook(tmp_path / "second.ipynb", "x = 1", "second = 1"), "--no-kernel")
    latest = attach("attach")
    latest.wait_for("second = 1")
    named = attach("attach", "first", "--graphics", "none")
    named.wait_for("first = 1")
    for name, problem in (("third", "no session is called so"), (".ipynb", "2 sessions are called so")):
        wrong = attach("attach", name, columns=250)
        assert wrong.exit_code() == 1
        assert wrong.shows(problem)
        assert wrong.shows("second.ipynb")


def test_attaching_needs_a_terminal(sockets: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["attach"]) == 1
    assert "must be a terminal" in capsys.readouterr().err


def test_a_renamed_notebook_is_listed_under_its_new_name(attach: Attach, tmp_path: Path) -> None:
    terminal = begun(attach, write_notebook(tmp_path / "x.ipynb", "x = 1"), "--no-kernel")
    terminal.send(":w other.ipynb\r")
    terminal.wait_for("Saved other.ipynb")
    terminal.wait_for(lambda: [entry.notebook for entry in registry.read().entries] == [str(tmp_path / "other.ipynb")])
    assert status(tmp_path / "other.ipynb")["terminals"] == 1
