"""Terminals on sessions of a folder of the test's own. What a test leaves running ends with it."""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from tests.terminal_emulator import Terminal
from tuinb.daemon import asking
from tuinb.daemon.places import Place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping


@pytest.fixture
def sockets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Returns a folder that is TMPDIR for the test and for what it starts. Sessions are listed in a folder of the test."""
    folder = Path(tempfile.mkdtemp(prefix="td-", dir="/tmp"))
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


class Attach(Protocol):
    """Starts `tuinb` with arguments on a new terminal, in the folder `cwd`. `version` and `kitty`: see Terminal."""

    def __call__(
        self,
        *arguments: str | Path,
        rows: int = 24,
        columns: int = 80,
        env: Mapping[str, str] | None = None,
        version: str = "emulator(1)",
        kitty: bool = False,
        cwd: Path | None = None,
    ) -> Terminal: ...


@pytest.fixture
def attach(tmp_path: Path, sockets: Path) -> Iterator[Attach]:
    """Starts `tuinb` in the test's folder. Terminals and their sessions end with the test."""
    with ExitStack() as terminals:

        def begin(
            *arguments: str | Path,
            rows: int = 24,
            columns: int = 80,
            env: Mapping[str, str] | None = None,
            version: str = "emulator(1)",
            kitty: bool = False,
            cwd: Path | None = None,
        ) -> Terminal:
            command = [sys.executable, "-m", "tuinb", *map(str, arguments)]
            folder = cwd or tmp_path
            terminal = Terminal(command, rows=rows, columns=columns, env=env, cwd=folder, version=version, kitty=kitty)
            return terminals.enter_context(terminal)

        yield begin


def status(notebook: Path) -> dict[str, Any]:
    """Returns what the session of a notebook says of itself; empty if none runs."""
    daemon = Place.of(notebook).connect()
    if daemon is None:
        return {}
    with daemon:
        return asking.ask(daemon, "status")


def is_running(pid: int) -> bool:
    """Whether a process is alive; one that ended and was not waited for is not."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def soon(condition: Callable[[], bool], *, within: float = 20.0) -> None:
    """Returns as soon as the condition holds. Fails the test if it does not within `within` seconds."""
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, f"did not happen within {within:g} s"
        time.sleep(0.01)
