"""What tuinb makes outside of the notebook's folder is its user's alone, also with the umask 0.

No key is in a command line or a log.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import stat
import sys
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.environments import unpack
from tests.headless.support import notebook
from tests.terminal_emulator import CTRL_END, ENTER, Terminal
from tuinb import cli

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.kernel

NOBODY = 65534
RUN, SAVE, QUIT = "\x05", "\x13", "\x11"

LOOK = """
import os
found = [
    os.path.join(at, name) for root in {roots!r} for at, folders, files in os.walk(root) for name in folders + files
    if os.lstat(os.path.join(at, name)).st_mode & os.lstat(at).st_mode & 0o077
]
with open({seen!r}, "w") as file:
    file.write(repr(found))
"""
"""A cell that looks, while it runs, for what others can reach."""


class Home:
    """A home folder and a folder for temporary files, both open to everybody."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.temporary = Path(tempfile.mkdtemp(dir="/tmp", prefix="t-"))
        (path / "home").mkdir()
        (path / "work").mkdir()
        unset = ("XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR")
        self.environ = dict.fromkeys((*unset, "JUPYTER_DATA_DIR", "JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR"), "")
        # What IPython writes, with a mode of its own, is not tuinb's.
        self.environ |= {"HOME": str(path / "home"), "TMPDIR": str(self.temporary), "IPYTHONDIR": str(path / "ipython")}

    def files(self) -> list[Path]:
        """All that was made."""
        return [*(self.path / "home").rglob("*"), *self.temporary.rglob("*")]

    def open_ones(self) -> list[str]:
        """What another user could read, write or list. The kernel makes its sockets itself; their folder is private."""
        found = []
        for path in self.files():
            mode = path.lstat().st_mode
            if mode & 0o077 and not (stat.S_ISSOCK(mode) and not path.parent.stat().st_mode & 0o077):
                found.append(f"{path} {stat.filemode(mode)}")
        return found


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    before = os.umask(0)
    made = Home(tmp_path)
    try:
        yield made
    finally:
        os.umask(before)
        assert list(made.temporary.iterdir()) == [], "something was left behind in /tmp"
        made.temporary.rmdir()


@contextmanager
def another_user() -> Iterator[None]:
    """The block is run by another user, who may do what the file modes permit."""
    groups, group, user = os.getgroups(), os.getegid(), os.geteuid()
    os.setgroups([])
    os.setegid(NOBODY)
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(user)
        os.setegid(group)
        os.setgroups(groups)


def possible(path: Path) -> Iterator[str]:
    """Tries to open, list, fill, connect to and rename what is at a path. Yields what was possible."""
    for flags in (os.O_RDONLY, os.O_WRONLY):
        with suppress(OSError):
            os.close(os.open(path, flags | os.O_NONBLOCK))
            yield f"{path} opens with {flags}"
    with suppress(OSError):
        yield f"{path} lists {os.listdir(path)}"  # noqa: PTH208 - as os.open
    with suppress(OSError):
        (path / "planted").touch()
        yield f"{path} has another file"
    with suppress(OSError), socket.socket(socket.AF_UNIX) as client:
        client.connect(str(path))
        yield f"{path} listens"
    with suppress(OSError):
        path.rename(path.with_name("renamed"))
        yield f"{path} was renamed"


@pytest.fixture
def open_home() -> Iterator[Home]:
    """A home in a folder that all may enter, on a machine whose users have the umask 0."""
    if os.geteuid() != 0:
        pytest.skip("only root can try what another user may")
    folder = Path(tempfile.mkdtemp(dir="/tmp", prefix="t-"))
    folder.chmod(0o755)
    made, before = Home(folder), os.umask(0)
    made.temporary.chmod(0o1777)
    try:
        yield made
    finally:
        os.umask(before)
        shutil.rmtree(folder)
        shutil.rmtree(made.temporary)


def test_another_user_reaches_nothing(open_home: Home) -> None:
    control = open_home.temporary / "control"
    control.touch()
    path = notebook(open_home.path / "work" / "x.ipynb", "6 * 7")
    with Terminal([sys.executable, "-m", "tuinb", str(path)], env=open_home.environ, cwd=open_home.path) as terminal:
        terminal.wait_for(lambda: "idle" in terminal.status)
        terminal.send(ENTER)
        terminal.wait_for(lambda: "EDIT" in terminal.status)
        terminal.send(CTRL_END + " + 1" + RUN)
        terminal.wait_for("43")
        terminal.wait_for(lambda: any(file.suffix == ".journal" for file in open_home.files()))
        files = open_home.files()
        with another_user():
            found = [what for file in files for what in possible(file)]
    assert {"sessions", "open", "journals", "runtime"} <= {file.name for file in files if file.is_dir()}
    assert {".journal", ".json", ".log", ".lock", ".sock"} <= {file.suffix for file in files}
    assert found == [f"{control} opens with {flags}" for flags in (os.O_RDONLY, os.O_WRONLY)]


def test_all_that_a_screen_makes_is_private(home: Home) -> None:
    path = notebook(home.path / "work" / "x.ipynb", "6 * 7")
    command = [sys.executable, "-m", "tuinb", str(path)]
    with Terminal(command, rows=24, columns=80, env=home.environ, cwd=home.path) as terminal:
        terminal.wait_for(lambda: "idle" in terminal.status)
        terminal.send(ENTER)
        terminal.wait_for(lambda: "EDIT" in terminal.status)
        terminal.send(CTRL_END + " + 1")
        terminal.send(RUN)
        terminal.wait_for("43")
        terminal.wait_for(lambda: any(file.suffix == ".journal" for file in home.files()))
        connection_file = next(file for file in home.files() if file.match("kernel-*.json"))
        key = json.loads(connection_file.read_bytes())["key"]
        assert home.open_ones() == []
        assert not [process for process in terminal.family() if key in "\0".join(process.cmdline())]
        others = [file for file in home.files() if file.is_file() and file != connection_file]
        assert [file for file in others if key.encode() in file.read_bytes()] == []
        terminal.send(SAVE)
        terminal.wait_for(lambda: any(file.name == "nbsignatures.db" for file in home.files()))
        terminal.send(QUIT)
        assert terminal.exit_code() == 0
    assert home.open_ones() == []
    assert key not in path.read_text()
    assert {"notebook_secret", "nbsignatures.db"} <= {file.name for file in home.files()}


@pytest.mark.parametrize("words", [["run", "--in-place"], ["verify"]], ids=" ".join)
def test_all_that_a_command_makes_is_private(words: list[str], home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in home.environ.items():
        monkeypatch.setenv(name, value)
    seen = home.path / "work" / "seen"
    roots = (str(home.temporary), str(home.path / "home"))
    path = notebook(home.path / "work" / "x.ipynb", LOOK.format(roots=roots, seen=str(seen)))
    assert cli.main([*words, str(path)]) == 0
    assert seen.read_text() == "[]"
    assert home.open_ones() == []


def test_what_is_trusted_is_private(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in home.environ.items():
        monkeypatch.setenv(name, value)
    unpack(home.path / "work")
    assert cli.main(["trust", str(home.path / "work")]) == 0
    assert home.open_ones() == []
    assert [file.parent.name for file in home.files() if file.is_file()] == ["trusted"]
