"""Several terminals on one session, terminals that are lent or stopped, and the end of the daemon."""

from __future__ import annotations

import json
import os
import signal
import termios
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import psutil
import pytest

from tests.daemon.conftest import is_running, soon, status
from tests.e2e import test_pictures as picture
from tests.support import write_notebook
from tests.terminal_emulator import ENTER, ESCAPE
from tuinb import __version__
from tuinb.daemon import asking, frames
from tuinb.daemon.places import Place
from tuinb.errors import SessionError

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator
    from pathlib import Path

    from tests.daemon.conftest import Attach
    from tests.terminal_emulator import Terminal

pytestmark = pytest.mark.kernel

RUN, QUIT, SUSPEND = "\x05", "\x11", "\x1a"
LITTLE = 0.05
"""Seconds of processor time: a loop that never waits gets as much even beside twenty other programs."""
FLOOD = "for i in range(10**9): print('line', i)"
CONTINUE = "\x1b[15~"
OUTPUT = '"outputs": [{"name": "stdout", "output_type": "stream", "text": ["paged\\n"]}]'


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write_notebook(tmp_path / "x.ipynb", "print('hello ' + input('who? '))", "y = 2")


@pytest.fixture
def with_output(tmp_path: Path) -> Path:
    path = write_notebook(tmp_path / "output.ipynb", "1")
    path.write_text(path.read_text().replace('"outputs": []', OUTPUT))
    return path


def ready(terminal: Terminal, text: str = "y = 2") -> None:
    terminal.wait_for(lambda: "COMMAND" in terminal.status and "help" in terminal.status and terminal.shows(text))


def is_stopped(terminal: Terminal) -> bool:
    terminal.pump(0.01)
    return psutil.Process(terminal.pid).status() == psutil.STATUS_STOPPED


@contextmanager
def unread(terminal: Terminal) -> Iterator[None]:
    """The terminal takes nothing within the block: a program that writes to it waits."""
    device = os.open(os.readlink(f"/proc/{terminal.pid}/fd/1"), os.O_RDWR | os.O_NOCTTY)  # noqa: PTH115
    termios.tcflow(device, termios.TCOOFF)
    try:
        yield
    finally:
        termios.tcflow(device, termios.TCOON)
        os.close(device)


def rests(process: psutil.Process) -> bool:
    """Whether a process needs almost no processor time in a second. One in a busy loop needs more on any machine."""
    before = process.cpu_times()
    time.sleep(1.0)
    after = process.cpu_times()
    return after.user + after.system - before.user - before.system < LITTLE


def connected(path: Path) -> socket.socket:
    daemon = Place.of(path).connect()
    assert daemon is not None
    return daemon


def hello(**changes: object) -> frames.Message:
    return {"t": "hello", "v": frames.PROTOCOL, "version": __version__, "env": dict(os.environ), **changes}


def test_two_terminals_have_their_own_size_and_mode(attach: Attach, path: Path) -> None:
    one = attach(path, "--no-kernel")
    ready(one)
    one.send("j")  # answered only once the screen has started
    one.wait_for("2/2")
    one.send("k")
    one.wait_for("1/2")
    two = attach(path, rows=12, columns=60)
    two.wait_for(lambda: "2 terminals" in two.status)
    one.wait_for("Another terminal is attached; 2 show this notebook.")
    one.wait_for("2 terminals")
    assert status(path)["terminals"] == 2
    two.wait_for("y = 2")
    two.send("b" + ENTER)
    two.wait_for(lambda: "EDIT" in two.status)
    two.send("typed = 3")
    one.wait_for("typed = 3")
    assert "COMMAND" in one.status
    assert "1/3" in one.status
    assert "2/3" in two.status
    two.resize(20, 70)
    two.wait_for(lambda: "EDIT" in two.status)
    two.send(QUIT)
    assert two.exit_code() == 0
    one.wait_for("A terminal has left; this one stays.")
    assert "terminals" not in one.status
    assert one.shows("typed = 3")


def brightness(terminal: Terminal, text: str) -> int:
    """Returns the sum of red, green and blue of a text on the screen."""
    row, line = next((row, line) for row, line in enumerate(terminal.text.split("\n")) if text in line)
    colour = terminal.screen.buffer[row][line.index(text)].fg
    return sum(bytes.fromhex(colour))


def test_two_terminals_have_their_own_theme_and_graphics(attach: Attach, tmp_path: Path) -> None:
    path = picture.notebook(tmp_path)
    one = attach(path, "--no-kernel", "--theme", "dark", rows=40, columns=100, version="kitty(0.35.2)", kitty=True)
    one.wait_for(picture.PLACEHOLDER)
    two = attach(path, "--theme", "light", "--graphics", "none", rows=40, columns=100)
    two.wait_for(lambda: two.shows("words 2") and "2 terminals" in two.status)
    two.settle()
    assert picture.sent(two) == []
    assert not two.shows(picture.PLACEHOLDER)
    assert len(picture.sent(one)) == 1
    assert brightness(one, "words 2") > 3 * 128 > brightness(two, "words 2")
    three = attach(path, rows=40, columns=100, version="kitty(0.35.2)", kitty=True)
    three.wait_for(picture.PLACEHOLDER)
    assert brightness(three, "words 2") > 3 * 128


def test_a_prompt_is_answered_on_any_terminal(attach: Attach, path: Path) -> None:
    one = attach(path)
    one.wait_for(lambda: "idle" in one.status)
    two = attach(path)
    two.wait_for(lambda: "idle" in two.status)
    one.send(RUN)
    one.wait_for(lambda: "INPUT" in one.status)
    two.wait_for(lambda: "INPUT" in two.status)
    two.send("Ada" + ENTER)
    one.wait_for(lambda: one.shows("hello Ada") and "COMMAND" in one.status)
    two.wait_for(lambda: two.shows("hello Ada") and "COMMAND" in two.status)


def test_a_stopped_kernel_is_seen_on_every_terminal_and_after_a_drop(attach: Attach, tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "x.ipynb", "x = 1\nprint(x + 41)")

    def sees_stop(terminal: Terminal) -> None:
        terminal.wait_for(
            lambda: "stopped at cell 1, line 2" in terminal.status and terminal.shows("→print(x + 41)"), within=60
        )

    one = attach(path)
    one.wait_for(lambda: "idle" in one.status)
    one.send("B")
    one.wait_for("line")
    one.send("2" + ENTER)
    one.wait_for("●print(x + 41)")
    one.send(RUN)
    sees_stop(one)
    two = attach(path)
    sees_stop(two)
    for terminal in (one, two):
        terminal.hang_up()
    soon(lambda: status(path)["terminals"] == 0)
    three = attach(path)
    sees_stop(three)
    three.send(CONTINUE)
    three.wait_for(lambda: "idle" in three.status and three.shows("42"))


def test_other_terminals_are_detached_and_an_end_reaches_all(attach: Attach, path: Path) -> None:
    one = attach(path, "--no-kernel")
    ready(one)
    two = attach(path)
    two.wait_for("2 terminals")
    two.send(":detach-others" + ENTER)
    two.wait_for("Detached 1 other terminal.")
    assert one.exit_code() == 0
    assert b"Detached from another terminal." in one.raw
    three = attach(path)
    three.wait_for("2 terminals")
    two.send(":end" + ENTER)
    assert two.exit_code() == 0
    assert three.exit_code() == 0
    assert b"The session was ended on another terminal." in three.raw
    assert not status(path)


def test_a_new_notebook_is_shared_only_with_who_left_it(attach: Attach) -> None:
    one = attach("--no-kernel")
    one.wait_for("Untitled.ipynb")
    ready(one, "")
    two = attach("--no-kernel")
    two.wait_for("Untitled1.ipynb")
    one.send("b")
    one.wait_for("2/2")
    one.send("Q")
    assert one.exit_code() == 0
    three = attach("--no-kernel")
    three.wait_for("Untitled.ipynb")
    three.wait_for("2/2")


def test_the_command_stops_and_comes_back(attach: Attach, path: Path) -> None:
    terminal = attach(path, "--no-kernel")
    ready(terminal)
    pid = status(path)["pid"]
    terminal.send(SUSPEND)
    soon(lambda: is_stopped(terminal))
    soon(lambda: terminal.pump(0.01) >= 0 and b"\x1b[?1049l" in terminal.raw)
    assert termios.tcgetattr(terminal.descriptor)[3] & termios.ICANON
    assert psutil.Process(pid).status() != psutil.STATUS_STOPPED
    assert status(path)["terminals"] == 1
    seen = len(terminal.raw)
    terminal.kill(signal.SIGCONT)
    terminal.wait_for(lambda: b"\x1b[?1049h" in terminal.raw[seen:] and b"1/2" in terminal.raw[seen:])
    terminal.send("b")
    terminal.wait_for("2/3")
    terminal.kill(signal.SIGTSTP)
    soon(lambda: is_stopped(terminal))
    terminal.kill(signal.SIGCONT)
    ready(terminal)


def test_a_pager_has_the_terminal_and_its_environment(attach: Attach, with_output: Path, tmp_path: Path) -> None:
    one = attach(with_output, "--no-kernel", env={"PAGER": "false"})
    ready(one, "paged")
    pager = f"cat > {tmp_path}/paged; echo; echo; echo $MINE; read answer < /dev/tty; exit $answer"
    two = attach(with_output, env={"PAGER": pager, "MINE": "the second one"})
    two.wait_for("2 terminals")
    two.send("|")
    two.wait_for("the second one")
    one.send("b")
    one.wait_for("2/2")
    two.send("3\n")
    two.wait_for("exit code 3.")
    two.wait_for(lambda: "1/2" in two.status)
    assert "paged" in (tmp_path / "paged").read_text()


def test_a_page_is_opened_by_the_browser_of_the_terminal_that_asks(attach: Attach, tmp_path: Path) -> None:
    bundle = {"output_type": "display_data", "metadata": {}, "data": {"text/html": "<table><tr><td>one cell</td></tr></table>"}}
    path = write_notebook(tmp_path / "page.ipynb", "table")
    path.write_text(path.read_text().replace('"outputs": []', f'"outputs": [{json.dumps(bundle)}]'))
    environs = []
    for name in ("first", "second"):
        browser = tmp_path / name
        browser.write_text(f"#!/bin/sh\necho $MINE > {tmp_path}/opened\n")
        browser.chmod(0o755)
        environs.append({"BROWSER": str(browser), "MINE": f"that of the {name}"})
    one = attach(path, "--no-kernel", env=environs[0])
    ready(one, "one cell")
    two = attach(path, env=environs[1])
    two.wait_for("2 terminals")
    opened = tmp_path / "opened"
    for terminal, said in ((two, "that of the second\n"), (one, "that of the first\n")):
        terminal.send("w")
        terminal.wait_for(lambda said=said: opened.exists() and opened.read_text() == said)  # type: ignore[misc]


def test_an_interrupt_in_a_pager_is_the_pagers(attach: Attach, with_output: Path) -> None:
    pager = "trap 'echo; echo; echo got it; exit 0' INT; echo; echo; echo it runs; while true; do sleep 0.1; done"
    terminal = attach(with_output, "--no-kernel", env={"PAGER": pager})
    ready(terminal, "paged")
    terminal.send("|")
    terminal.wait_for("it runs")
    terminal.send("\x03")
    terminal.wait_for(lambda: b"got it" in terminal.raw)  # the notebook may be back before that was looked at
    ready(terminal, "paged")
    assert status(with_output)["terminals"] == 1


def test_a_terminal_that_goes_away_while_a_pager_runs_is_detached(attach: Attach, with_output: Path) -> None:
    terminal = attach(with_output, "--no-kernel", env={"PAGER": "echo; echo; echo it runs; sleep 600"})
    ready(terminal, "paged")
    terminal.send("|")
    terminal.wait_for("it runs")
    terminal.hang_up()
    soon(lambda: status(with_output)["terminals"] == 0)


def test_a_killed_daemon_gives_the_terminal_back(attach: Attach, path: Path) -> None:
    terminal = attach(path)
    terminal.wait_for(lambda: "idle" in terminal.status)
    [kernel] = terminal.kernels()
    os.kill(status(path)["pid"], signal.SIGKILL)
    assert terminal.exit_code() == 1
    assert b"tuinb: the session ended unexpectedly" in terminal.raw
    assert b"\x1b[?1049l" in terminal.raw[-400:]
    assert kernel.is_running()
    again = attach(path)
    again.wait_for(lambda: "idle" in again.status)


def test_sigterm_keeps_unsaved_changes(attach: Attach, path: Path, sockets: Path) -> None:
    terminal = attach(path)
    terminal.wait_for(lambda: "idle" in terminal.status)
    terminal.send("b" + ENTER)
    terminal.wait_for(lambda: "EDIT" in terminal.status)
    terminal.send("precious = 1")
    terminal.wait_for("precious = 1")
    pid = status(path)["pid"]
    os.kill(pid, signal.SIGTERM)
    assert terminal.exit_code() == 128 + signal.SIGTERM
    assert b"The session has ended." in terminal.raw
    assert b"the unsaved changes of" in terminal.raw
    soon(lambda: not is_running(pid))
    assert not any(sockets.iterdir())
    again = attach(path, "--no-kernel")
    again.wait_for("Restore them")


def test_another_version_or_no_terminal_is_refused(attach: Attach, path: Path) -> None:
    terminal = attach(path, "--no-kernel")
    ready(terminal)
    reader, writer = os.pipe()
    cases = [
        (hello(version="9.9"), (reader, writer), "this is tuinb 9.9: attach with that version"),
        (hello(v=frames.PROTOCOL + 1), (reader, writer), "attach with that version"),
        (hello(), (), "did not hand over a terminal"),
        (hello(), (reader, writer), "did not hand over a terminal"),
        (hello(env=[]), (terminal.descriptor, terminal.descriptor), "did not hand over its environment"),
    ]
    for message, descriptors, reason in cases:
        with connected(path) as daemon:
            frames.send(daemon, message, descriptors)
            [answer] = frames.Decoder().feed(frames.receive(daemon)[0])
        assert answer["t"] == "refused"
        assert reason in answer["say"]
    os.close(reader)
    os.close(writer)
    with connected(path) as daemon, pytest.raises(SessionError, match="does not know the request 'dance'"):
        asking.ask(daemon, "dance")
    assert status(path)["terminals"] == 1


def test_a_session_is_detached_and_ended_by_requests(attach: Attach, path: Path, sockets: Path) -> None:
    terminal = attach(path, "--no-kernel")
    ready(terminal)
    with connected(path) as daemon:
        assert asking.ask(daemon, "detach") == {"t": "answer", "what": "detach", "terminals": 1}
        assert terminal.exit_code() == 0
        assert b"Detached: the session goes on." in terminal.raw
        assert status(path)["terminals"] == 0
        asking.ask(daemon, "end")
    soon(lambda: not any(sockets.iterdir()))


def test_a_session_that_is_stopped_does_not_keep_its_terminals(attach: Attach, path: Path) -> None:
    terminal = attach(path, "--no-kernel")
    ready(terminal)
    pid = status(path)["pid"]
    os.kill(pid, signal.SIGSTOP)
    try:
        terminal.kill(signal.SIGTERM)
        assert terminal.exit_code(within=20.0) == 1
        assert b"the session does not answer; it may go on" in terminal.raw
        assert b"\x1b[?1049l" in terminal.raw[-400:]
        assert termios.tcgetattr(terminal.descriptor)[3] & termios.ICANON
    finally:
        os.kill(pid, signal.SIGCONT)
    soon(lambda: status(path)["terminals"] == 0)


def test_many_terminals_leave_nothing_behind(attach: Attach, path: Path) -> None:
    first = attach(path, "--no-kernel")
    ready(first)
    first.send("Q")
    first.exit_code()
    daemon = psutil.Process(status(path)["pid"])
    most = 0
    for number in range(6):
        terminal = attach(path)
        ready(terminal)
        terminal.send("Q")
        assert terminal.exit_code() == 0
        soon(lambda: status(path)["terminals"] == 0)
        if number == 1:
            most = daemon.num_fds()
    soon(lambda: daemon.num_fds() <= most)


def test_a_terminal_that_nobody_reads_holds_up_no_other(attach: Attach, tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "x.ipynb", FLOOD, "y = 2")
    stuck = attach(path, rows=60, columns=200)
    stuck.wait_for(lambda: "idle" in stuck.status)
    other = attach(path)
    other.wait_for("2 terminals")
    with unread(stuck):
        other.send(RUN)
        other.wait_for("line 2")
        for keys, shown in (("G", "2/2"), ("b", "3/3"), (ENTER, "EDIT"), ("typed = 3", "typed = 3")):
            other.send(keys)
            other.wait_for(shown)
        stuck.settle()
        assert "1/2" in stuck.status
    stuck.wait_for(lambda: "1/3" in stuck.status)
    other.send(ESCAPE)
    other.wait_for(lambda: "COMMAND" in other.status)
    other.send("ii")
    stuck.wait_for(lambda: "idle" in stuck.status)


@pytest.mark.parametrize("how", ["hung up", "killed", "stopped"])
def test_a_session_rests_once_its_terminal_is_lost(attach: Attach, tmp_path: Path, how: str) -> None:
    path = write_notebook(tmp_path / "x.ipynb", "import time; time.sleep(600)")
    terminal = attach(path)
    terminal.wait_for(lambda: "idle" in terminal.status)
    terminal.send(RUN)
    terminal.wait_for("[*]")
    daemon = psutil.Process(status(path)["pid"])
    if how == "killed":
        terminal.kill(signal.SIGKILL)
    elif how == "stopped":
        terminal.kill(signal.SIGSTOP)
    if how != "killed":
        terminal.hang_up()
    soon(lambda: status(path)["terminals"] == 0)
    soon(lambda: rests(daemon), within=60.0)
    assert status(path)["queue"] == 1
