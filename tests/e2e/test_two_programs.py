"""Two programs on one notebook, without a session that they share."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from tests.support import write_notebook
from tests.terminal_emulator import CTRL_END, ENTER, ESCAPE

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.conftest import Start

pytestmark = pytest.mark.kernel

SAVE, QUIT = "\x13", "\x11"


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def test_the_second_looks_on_until_it_takes_over(start: Start, tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "a.ipynb", "alpha = 1")
    first = start(path, "--no-session")
    first.wait_for(lambda: "idle" in first.status)
    second = start(path, "--no-session", columns=120)
    second.wait_for("is open in tuinb (process")
    assert str(first.pid) in second.text
    second.send(ENTER)
    second.wait_for(lambda: "[read-only]" in second.status)
    second.send("dd")
    second.wait_for("can't be edited")
    assert second.shows("alpha")

    first.send(ENTER)
    first.wait_for(lambda: "EDIT" in first.status)
    first.send(CTRL_END + "; saved = 2" + SAVE)
    first.wait_for("Saved")
    second.wait_for("saved = 2")
    first.send("; unsaved = 3")
    first.wait_for("unsaved = 3")

    second.send(":take-over" + ENTER)
    second.wait_for("Unsaved changes of")
    first.wait_for("took it over")
    first.wait_for(lambda: "[read-only]" in first.status)
    first.send("late")
    second.send("2")
    second.wait_for("unsaved = 3")
    second.send(SAVE)
    second.wait_for("Saved")
    assert b"unsaved = 3" in path.read_bytes()
    assert not first.shows("3late")
    first.send(ESCAPE + QUIT)
    assert first.exit_code() == 0
    second.send(QUIT)
    assert second.exit_code() == 0


def test_a_stopped_owner_is_passed_over_after_a_question(start: Start, tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "a.ipynb", "alpha = 1")
    first = start(path, "--no-session")
    first.wait_for(lambda: "idle" in first.status)
    first.kill(signal.SIGSTOP)
    second = start(path, "--no-session", columns=120)
    second.wait_for("is open in tuinb (process")
    second.send("2")
    second.wait_for("does not answer")
    second.send("1")
    second.wait_for("edited here now")
    first.kill(signal.SIGCONT)
    first.wait_for("took it over")


def test_what_a_killed_owner_left_asks_nothing(start: Start, tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "a.ipynb", "alpha = 1")
    first = start(path, "--no-session")
    first.wait_for(lambda: "idle" in first.status)
    first.kill(signal.SIGKILL)
    first.exit_code()
    second = start(path, "--no-session")
    second.wait_for(lambda: "idle" in second.status)
    assert not second.shows("is open in")
    assert "[read-only]" not in second.status
    second.send(QUIT)
    assert second.exit_code() == 0
