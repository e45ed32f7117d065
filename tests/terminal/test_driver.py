"""The driver and the diffed app on a pseudo-terminal, with pyte as the screen."""

from __future__ import annotations

import os
import re
import signal
import sys
import termios
from pathlib import Path
from typing import TYPE_CHECKING

import pexpect
import pyte
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

APP = Path(__file__).with_name("app_on_a_terminal.py")
PRIVATE = re.compile(r"\x1b\[[<>=?][0-9;]*[a-z]|\x1b\[\?[0-9;]*\$p")
CLEAR = "\x1b[H\x1b[2J"
WIDTH, HEIGHT = 60, 12


class Session:
    """The app in a terminal that answers what is asked."""

    def __init__(self, meta: int = 0) -> None:
        """`meta` is what it answers when it is asked whether it sends Esc before a key with Alt: 0 for an unknown mode."""
        self.meta = meta
        environ = {**os.environ, "TERM": "xterm-256color", "LANG": "C.UTF-8", "PYTHONPATH": str(APP.parents[2])}
        self.child = pexpect.spawn(
            sys.executable, [str(APP)], dimensions=(HEIGHT, WIDTH), env=environ, encoding="utf-8", timeout=20
        )
        self.screen = pyte.Screen(WIDTH, HEIGHT)
        self.stream = pyte.Stream(self.screen)
        self.all = ""
        self.answers = True

    def pump(self) -> None:
        data = self.child.read_nonblocking(65536, timeout=20)
        self.all += data
        if self.answers:
            self.child.send("\x1b[?62;22c" * data.count("\x1b[c") + "\x1b[?2026;2$y" * data.count("?2026$p"))
            self.child.send(f"\x1b[?1036;{self.meta}$y" * data.count("?1036$p"))
        self.stream.feed(PRIVATE.sub("", data))

    def until(self, holds: Callable[[], bool]) -> None:
        while not holds():
            self.pump()

    def shows(self, text: str) -> None:
        self.until(lambda: text in "\n".join(self.screen.display).replace("語 ", "語"))

    def key(self, sent: str, name: str) -> None:
        self.child.send(sent)
        self.shows(f"key {name}.")


@pytest.fixture
def session() -> Iterator[Session]:
    made = Session()
    made.shows("hello")
    yield made
    made.child.close(force=True)


def is_cooked(fd: int) -> bool:
    """Whether the terminal is as a shell wants it."""
    inputs, outputs, _, local, *_ = termios.tcgetattr(fd)
    wanted = termios.ICANON | termios.ECHO | termios.ISIG
    return bool(inputs & termios.ICRNL and outputs & termios.OPOST) and local & wanted == wanted


def test_keys_pastes_and_sizes(session: Session) -> None:
    assert "語" in session.screen.display[0]
    session.key("\x1b\r", "alt+enter")
    session.key("\x1b[27;2;13~", "shift+enter")
    session.key("\x1b", "escape")
    session.key("\x1b[?1;2c\x1b]11;rgb:0000/0000/0000\x1b\\j", "j")
    session.child.send("\x1b[200~" + "x = 1\r" * 1000 + "\x1b[201~")
    session.shows("pasted 6000.")
    session.screen.resize(HEIGHT, 40)
    session.child.setwinsize(HEIGHT, 40)
    session.shows(f"size 40x{HEIGHT}.")


def test_a_key_costs_a_few_bytes_and_a_quiet_screen_none(session: Session) -> None:
    session.key("a", "a")
    before = len(session.all)
    session.key("b", "b")
    session.key("c", "c")
    assert len(session.all) - before < 60
    before = len(session.all)
    session.child.send("\x07")
    session.until(lambda: "\x07" in session.all[before:])


def test_the_mouse_reports_no_movement_and_extended_keys_are_asked_for(session: Session) -> None:
    assert "\x1b[?1002h" in session.all
    assert "\x1b[?1003h" not in session.all
    assert "\x1b[?1015h" not in session.all
    assert "\x1b[>4;1m" in session.all


def test_it_leaves_the_terminal_as_it_was() -> None:
    session = Session()
    session.shows("hello")
    assert not is_cooked(session.child.child_fd)
    session.child.send("\x11")
    with pytest.raises(pexpect.EOF):
        session.until(lambda: False)
    end = session.all[session.all.rindex("\x1b[r\x1b[m") :]
    for off in ("\x1b[>4m", "?1002l", "?1006l", "?2004l", "?7h", "?1049l", "?25h", "?1004l", "\x1b[<u"):
        assert off in end
    assert end.index("\x1b[c") < end.index("?1049l")
    assert is_cooked(session.child.child_fd)
    session.child.close()
    assert session.child.exitstatus == 0


@pytest.mark.parametrize(("answer", "is_off"), [(0, False), (1, False), (2, True), (3, False), (4, False)])
def test_escape_before_keys_with_alt_is_asked_for_where_it_is_off(answer: int, is_off: bool) -> None:
    session = Session(meta=answer)
    session.shows("hello")
    if is_off:
        session.until(lambda: "\x1b[?1036h" in session.all)
    session.key("x", "x")
    session.child.send("\x11")
    with pytest.raises(pexpect.EOF):
        session.until(lambda: False)
    assert ("\x1b[?1036h" in session.all, "\x1b[?1036l" in session.all) == (is_off, is_off)
    session.child.close()


def test_a_program_in_between_has_the_terminal_and_the_screen_comes_back(session: Session) -> None:
    session.child.send("\x14")
    session.until(lambda: "IN THE SHELL" in session.all)
    session.screen.reset()
    session.child.send("\r")
    session.shows("hello")
    session.key("x", "x")


def test_it_stops_and_goes_on(session: Session) -> None:
    session.child.send("\x1a")
    session.until(lambda: "?1049l" in session.all and session.all.endswith("?1004l"))
    assert session.child.pid is not None
    os.waitid(os.P_PID, session.child.pid, os.WSTOPPED | os.WNOWAIT)
    session.screen.reset()
    session.child.kill(signal.SIGCONT)
    session.shows("hello")
    session.key("x", "x")


def test_a_damaged_screen_is_painted_anew(session: Session) -> None:
    session.screen.reset()
    session.child.send("\x0c")
    session.shows("hello")


def test_a_window_change_of_the_same_size_sends_the_whole_screen(session: Session) -> None:
    session.key("a", "a")
    before = len(session.all)
    session.screen.reset()
    session.child.kill(signal.SIGWINCH)
    session.shows("hello")
    session.shows("key a.")
    assert session.all[before:].count(CLEAR) == 1


def test_another_size_is_painted_once(session: Session) -> None:
    for width in (50, 40):
        before = len(session.all)
        session.screen.resize(HEIGHT, width)
        session.child.setwinsize(HEIGHT, width)
        session.shows(f"size {width}x{HEIGHT}.")
        session.key("a", "a")
        session.key("b", "b")
        assert session.all[before:].count(CLEAR) == 1


def test_another_size_that_is_also_reported_in_band_is_painted_once(session: Session) -> None:
    session.child.send("\x1b[?2048;2$y")
    session.until(lambda: "\x1b[?2048h" in session.all)
    before = len(session.all)
    session.screen.resize(HEIGHT, 40)
    session.child.send(f"\x1b[48;{HEIGHT};40;{HEIGHT * 16};320t")
    session.child.setwinsize(HEIGHT, 40)
    session.shows(f"size 40x{HEIGHT}.")
    session.key("a", "a")
    session.key("b", "b")
    assert session.all[before:].count(CLEAR) == 1


def test_a_terminal_that_answers_nothing_is_served_all_the_same() -> None:
    session = Session()
    session.answers = False
    session.shows("hello")
    for name in ("a", "b"):
        session.child.send("\x0c")
        session.key(name, name)
    session.child.send("\x11")
    session.child.expect(pexpect.EOF)
    session.child.close()
    assert session.child.exitstatus == 0


def test_a_signal_from_outside_stops_it_too(session: Session) -> None:
    session.child.kill(signal.SIGTSTP)
    session.until(lambda: "?1049l" in session.all and session.all.endswith("?1004l"))
    assert session.child.pid is not None
    os.waitid(os.P_PID, session.child.pid, os.WSTOPPED | os.WNOWAIT)
    assert is_cooked(session.child.child_fd)
    session.screen.reset()
    session.child.kill(signal.SIGCONT)
    session.shows("hello")
    session.key("x", "x")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
def test_a_signal_that_ends_it_gives_the_terminal_back(session: Session, number: signal.Signals) -> None:
    session.child.kill(number)
    with pytest.raises(pexpect.EOF):
        session.until(lambda: False)
    assert "?1049l" in session.all
    session.child.close()
    assert session.child.exitstatus == 128 + number


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGQUIT])
def test_an_interrupt_is_for_the_program_in_between(session: Session, number: signal.Signals) -> None:
    session.child.send("\x14")
    session.until(lambda: "IN THE SHELL" in session.all)
    session.child.kill(number)
    session.screen.reset()
    session.child.send("\r")
    session.shows("hello")
    session.key("x", "x")


def test_in_the_background_it_waits_for_the_shell_to_bring_it_back() -> None:
    environ = {**os.environ, "TERM": "xterm-256color", "PS1": "$ ", "PYTHONPATH": str(APP.parents[2])}
    shell = pexpect.spawn("bash", ["--norc", "--noprofile", "-i"], env=environ, encoding="utf-8", timeout=20)
    shell.sendline(f"{sys.executable} {APP} & until jobs | grep -q Stopped; do sleep 0.1; done; echo wait''ing")
    shell.expect("waiting")
    assert shell.before is not None
    assert "?1049h" not in shell.before
    shell.sendline("fg")
    shell.expect("hello")
    shell.send("\x11")
    shell.expect_exact("?1004l")
    shell.expect_exact("$ ")
    shell.sendline("exit")
    shell.expect(pexpect.EOF)
    shell.close()
