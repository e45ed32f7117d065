"""Sessions on systems that end all processes of a login, with programs in place of systemd's."""

from __future__ import annotations

import os
import pwd
import subprocess
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

import psutil
import pytest

from tests.daemon.conftest import soon, status
from tests.support import write_notebook
from tests.terminal_emulator import Terminal
from tuinb.daemon import logout

if TYPE_CHECKING:
    from pathlib import Path

LINGER = "Your last logout ends this session, unless you run `loginctl enable-linger` once."
IN_LOGIN = "0::/user.slice/user-1000.slice/session-3.scope\n"
USER = pwd.getpwuid(os.geteuid()).pw_name
PROGRAM = """
import sys
from pathlib import Path
from tuinb.daemon import logout
logout.CGROUPS = Path(sys.argv.pop(1))
from tuinb.cli import main
sys.exit(main(sys.argv[1:]))
"""


class Systemd:
    """`busctl` and `loginctl`, as scripts that note how they were called."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "bin"
        self.folder.mkdir()
        self.cgroups = folder / "cgroups"
        self.answer()

    def answer(
        self, kills: str = "true", spared: str = "as 0", only: str = "as 0", lingers: str = "no", move: str = 'echo "o /job/1"'
    ) -> None:
        """Sets what is answered. `move` is the shell command in place of moving processes."""
        self.cgroups.write_text(IN_LOGIN)
        properties = f"printf '%s\\n' 'b {kills}' '{spared}' '{only}'"
        self._script("busctl", f"case $1 in get-property) {properties};; *) {move};; esac")
        self._script("loginctl", f"echo Linger={lingers}")

    def _script(self, name: str, text: str) -> None:
        path = self.folder / name
        path.write_text(f"#!/bin/sh\necho {name} $* >> {self.folder}/calls\n{text}\n")
        path.chmod(0o755)

    @property
    def moves(self) -> list[str]:
        """How processes were moved."""
        return [call for call in self._calls if "StartTransientUnit" in call]

    def is_over(self, daemon: psutil.Process) -> bool:
        """Whether the last question was asked, and the daemon has its answer."""
        with suppress(psutil.Error):  # it ends at this moment
            asks = any(child.name() == "loginctl" for child in daemon.children())
            return not asks and any(call.startswith("loginctl") for call in self._calls)
        return False

    @property
    def _calls(self) -> list[str]:
        calls = self.folder / "calls"
        return calls.read_text().splitlines() if calls.exists() else []


@pytest.fixture
def systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Systemd:
    made = Systemd(tmp_path)
    monkeypatch.setenv("PATH", f"{made.folder}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(logout, "CGROUPS", made.cgroups)
    return made


def test_processes_are_moved_and_the_missing_linger_is_said(systemd: Systemd) -> None:
    assert logout.leave_login([12, 34]) == LINGER
    assert logout.warning() == LINGER
    [move] = systemd.moves
    assert move == (
        "busctl --user call org.freedesktop.systemd1 /org/freedesktop/systemd1 org.freedesktop.systemd1.Manager "
        f"StartTransientUnit ssa(sv)a(sa(sv)) tuinb-{os.getpid()}.scope fail "
        "2 Description s tuinb session PIDs au 2 12 34 0"
    )
    systemd.answer(lingers="yes")
    assert logout.leave_login([12]) == ""
    assert logout.warning() == ""
    assert len(systemd.moves) == 2


def test_why_they_can_not_be_moved_is_said(systemd: Systemd) -> None:
    systemd.answer(move="echo Failed to connect to bus: No such file. >&2; exit 1")
    assert logout.leave_login([12]) == (
        "Logging out ends this session (KillUserProcesses=yes), as it can't be moved out of the login: "
        "Failed to connect to bus: No such file."
    )


@pytest.mark.parametrize(
    ("kills", "spared", "only"),
    [("false", "as 0", "as 0"), ("true", f'as 2 "other" "{USER}"', "as 0"), ("true", "as 0", 'as 1 "other"'), ("", "", "")],
)
def test_what_logging_out_spares_is_not_moved(systemd: Systemd, kills: str, spared: str, only: str) -> None:
    systemd.answer(kills, spared, only)
    assert logout.leave_login([12]) == logout.warning() == ""
    assert systemd.moves == []


def test_without_a_login_or_systemd_nothing_is_done(systemd: Systemd, monkeypatch: pytest.MonkeyPatch) -> None:
    systemd.cgroups.write_text("0::/user.slice/user-1000.slice/user@1000.service/app.slice/tuinb-7.scope\n")
    assert logout.leave_login([12]) == logout.warning() == ""
    systemd.cgroups.write_text(IN_LOGIN)
    monkeypatch.setenv("PATH", "/nowhere")
    assert logout.leave_login([12]) == logout.warning() == ""
    assert systemd.moves == []


@pytest.mark.kernel
def test_who_detaches_is_told_once(systemd: Systemd, tmp_path: Path, sockets: Path) -> None:
    path = write_notebook(tmp_path / "x.ipynb", "x = 1")
    command = [sys.executable, "-c", PROGRAM, str(systemd.cgroups), str(path)]
    with Terminal(command, columns=120) as first:
        first.wait_for(lambda: "idle" in first.status)
        daemon = psutil.Process(status(path)["pid"])
        soon(lambda: systemd.is_over(daemon))
        seen = status(path)
        first.send("Q")
        assert first.exit_code() == 0
        assert b"Detached" in first.raw
        assert LINGER.encode() in first.raw
        with Terminal(command, columns=120) as second:
            second.wait_for("x = 1")
            second.send("Q")
            assert second.exit_code() == 0
            assert b"Detached" in second.raw
            assert LINGER.encode() not in second.raw
        assert systemd.moves[0].endswith(f" PIDs au 2 {seen['pid']} {seen['kernel']['pid']} 0")
        assert len(systemd.moves) == 1


@pytest.mark.kernel
def test_a_detached_run_says_it(systemd: Systemd, tmp_path: Path, sockets: Path) -> None:
    path = write_notebook(tmp_path / "x.ipynb", "1")
    command = [sys.executable, "-c", PROGRAM, str(systemd.cgroups), "run", "--detach", "--wait", str(path), "--in-place"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert f"tuinb: {LINGER}" in done.stderr
