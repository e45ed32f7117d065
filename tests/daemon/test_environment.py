"""What a session takes over from the terminal that attached last: its display, its connection, its SSH agent, its folder."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.daemon.conftest import soon, status
from tests.support import write_notebook
from tests.terminal_emulator import ENTER
from tuinb.daemon import environment
from tuinb.daemon.places import Place

if TYPE_CHECKING:
    from tests.daemon.conftest import Attach

RUN = "\x05"
SHOW = """\
import os
print('agent', os.readlink(os.environ['SSH_AUTH_SOCK']))
print('display', os.environ.get('DISPLAY'))"""


@pytest.fixture(autouse=True)
def own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Gives what is changed back at the end of the test."""
    for name in (environment.AGENT, *environment.FOLLOWING):
        monkeypatch.setenv(name, "before")


def test_it_is_that_of_the_terminal(tmp_path: Path) -> None:
    link = tmp_path / "x.agent"
    environment.follow({"DISPLAY": ":1", "XAUTHORITY": "a\0b", "SSH_TTY": "", "MINE": "1", "SSH_AUTH_SOCK": "/one"}, link)
    following = {name: os.environ[name] for name in environment.FOLLOWING if name in os.environ}
    assert following == {"DISPLAY": ":1"}
    assert "MINE" not in os.environ
    assert os.environ["SSH_AUTH_SOCK"] == str(link)
    assert link.readlink() == Path("/one")
    environment.follow({"SSH_CONNECTION": "there", "SSH_AUTH_SOCK": "/two"}, link)
    assert os.environ["SSH_CONNECTION"] == "there"
    assert "DISPLAY" not in os.environ
    assert link.readlink() == Path("/two")


@pytest.mark.parametrize("value", ["", "relative", "/a\0b"])
def test_a_terminal_without_an_agent_leaves_the_link(tmp_path: Path, value: str) -> None:
    link = tmp_path / "x.agent"
    environment.follow({"SSH_AUTH_SOCK": value}, link)
    assert not link.is_symlink()
    assert os.environ["SSH_AUTH_SOCK"] == str(link)
    environment.follow({"SSH_AUTH_SOCK": "/one"}, link)
    environment.follow({"SSH_AUTH_SOCK": value}, link)
    assert link.readlink() == Path("/one")


def test_a_terminal_in_a_session_does_not_lead_to_itself(tmp_path: Path) -> None:
    link, other = tmp_path / "x.agent", tmp_path / "y.agent"
    environment.follow({"SSH_AUTH_SOCK": "/one"}, link)
    environment.follow({"SSH_AUTH_SOCK": str(link)}, link)
    environment.follow({"SSH_AUTH_SOCK": str(link)}, other)
    assert link.readlink() == other.readlink() == Path("/one")


def test_what_was_planted_is_replaced_and_not_followed(tmp_path: Path) -> None:
    victim, link = tmp_path / "victim", tmp_path / "x.agent"
    victim.write_text("precious")
    link.symlink_to(victim)
    (tmp_path / "x.agent.tmp").symlink_to(victim)
    environment.follow({"SSH_AUTH_SOCK": "/one"}, link)
    assert link.readlink() == Path("/one")
    assert victim.read_text() == "precious"


@pytest.mark.kernel
def test_a_kernel_reaches_the_agent_of_the_terminal_that_attached_last(attach: Attach, tmp_path: Path, sockets: Path) -> None:
    path = write_notebook(tmp_path / "x.ipynb", SHOW)
    one = attach(path, env={"SSH_AUTH_SOCK": "/agent/one", "DISPLAY": ":1"})
    one.wait_for(lambda: "idle" in one.status)
    one.send(RUN)
    one.wait_for("agent /agent/one")
    one.wait_for("display :1")
    one.send("Q")
    assert one.exit_code() == 0
    two = attach(path, env={"SSH_AUTH_SOCK": "/agent/two", "DISPLAY": ":2"})
    two.wait_for("agent /agent/one")
    two.wait_for(lambda: "idle" in two.status)
    two.send(RUN)
    two.wait_for("agent /agent/two")
    two.wait_for("display :1")  # a kernel that runs keeps its environment
    two.send(":restart-and-run-all" + ENTER)
    two.wait_for("Restart the kernel and run all cells?")
    two.send("1")
    two.wait_for("display :2")
    assert Place.of(path).agent.is_symlink()
    two.send(":wq" + ENTER)
    assert two.exit_code() == 0
    soon(lambda: not any(sockets.iterdir()))


@pytest.mark.kernel
def test_a_path_is_relative_to_the_folder_of_the_terminal(attach: Attach, tmp_path: Path) -> None:
    path, elsewhere = write_notebook(tmp_path / "x.ipynb", "x = 1"), tmp_path / "elsewhere"
    elsewhere.mkdir()
    one = attach(path, "--no-kernel")
    one.wait_for("x = 1")
    two = attach(path, cwd=elsewhere)
    two.wait_for("2 terminals")
    two.send(":w copy.ipynb" + ENTER)
    two.wait_for("Saved copy.ipynb")
    assert (elsewhere / "copy.ipynb").exists()
    assert status(elsewhere / "copy.ipynb")["terminals"] == 2
    one.send(":w back.ipynb" + ENTER)
    one.wait_for("Saved back.ipynb")
    assert (tmp_path / "back.ipynb").exists()
