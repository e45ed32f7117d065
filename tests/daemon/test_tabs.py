"""Several notebooks on one terminal: going from tab to tab, opening, closing, and what goes wrong on the way."""

from __future__ import annotations

import json
import os
import signal
import termios
from typing import TYPE_CHECKING

import psutil
import pytest

from tests.daemon.conftest import is_running, soon, status
from tests.support import write_notebook
from tests.terminal_emulator import DOWN, ENTER, ESCAPE, TAB
from tuinb import cli
from tuinb.daemon.places import Place

if TYPE_CHECKING:
    from pathlib import Path

    from tests.daemon.conftest import Attach
    from tests.terminal_emulator import Terminal

QUIT, SUSPEND, PICK, NEXT, PREVIOUS = "\x11", "\x1a", "\x0f", "\x1b[6;5~", "\x1b[5;5~"
ENTERS, LEAVES = b"\x1b[?1049h", b"\x1b[?1049l"


@pytest.fixture
def names(tmp_path: Path) -> list[Path]:
    return [write_notebook(tmp_path / f"{name}.ipynb", f"in_{name} = 1", f"{name}_2 = 2") for name in ("one", "two", "three")]


def ready(terminal: Terminal, name: str, *, tabs: str | None = None) -> None:
    """Waits until a notebook is shown, and takes keys, under a line with these tabs."""
    terminal.wait_for(lambda: f" {name}.ipynb" in terminal.status and "help" in terminal.status)
    if tabs is not None:
        terminal.wait_for(lambda: tabs_of(terminal) == tabs)


def tabs_of(terminal: Terminal) -> str:
    return terminal.text.partition("\n")[0].strip()


def is_gone(notebook: Path) -> bool:
    """Whether no session of a notebook takes connections. A killed process may do so until its last thread has ended."""
    daemon = Place.of(notebook).connect()
    if daemon is not None:
        daemon.close()
    return daemon is None


def end(terminal: Terminal) -> None:
    terminal.send("Q")
    assert terminal.exit_code() == 0


def test_a_terminal_goes_from_tab_to_tab_and_each_is_as_it_was_left(attach: Attach, names: list[Path]) -> None:
    terminal = attach("--no-kernel", *names)
    ready(terminal, "one", tabs="1 one  2 two  3 three")
    assert status(names[1]) == {}, "a tab's session begins when it is shown"
    terminal.send("jx")
    terminal.wait_for(lambda: "1/1" in terminal.status and tabs_of(terminal) == "1 one [+]  2 two  3 three")
    terminal.send("gt")
    ready(terminal, "two", tabs="1 one [+]  2 two  3 three")
    assert terminal.shows("in_two")
    terminal.send("j" + NEXT)
    ready(terminal, "three")
    terminal.send("gT")
    ready(terminal, "two")
    assert "2/2" in terminal.status
    terminal.send(":tab 1" + ENTER)
    ready(terminal, "one")
    assert "1/1" in terminal.status
    terminal.send(PREVIOUS)
    ready(terminal, "three")
    assert terminal.raw.count(ENTERS) == 1, "the alternate screen is entered once, so that nothing flickers"
    assert LEAVES not in terminal.raw
    end(terminal)
    assert terminal.raw.count(LEAVES) == 1
    assert [status(path)["terminals"] for path in names] == [0, 0, 0]


def test_what_is_typed_after_a_change_of_tabs_is_for_the_other_one(attach: Attach, names: list[Path]) -> None:
    terminal = attach("--no-kernel", *names[:2])
    ready(terminal, "one")
    terminal.send("gt")
    ready(terminal, "two")
    for name, cells in (("one", 4), ("two", 4), ("one", 6), ("two", 6)):
        terminal.send("gtb")
        terminal.pump(0.02)
        terminal.send("b")
        ready(terminal, name)
        terminal.wait_for(f"/{cells}")
    terminal.send(NEXT + "\x1b[200~in = 2\r\x1b[201~" + "\r2" + NEXT)
    terminal.wait_for(lambda: " one.ipynb" in terminal.status and "EDIT" in terminal.status)
    terminal.wait_for(lambda: " two.ipynb" in terminal.status)
    terminal.send("gT" + ESCAPE)
    ready(terminal, "one", tabs="1 one [+]  2 two [+]")
    assert terminal.shows("2"), "an open editor gets its keys"


def test_the_terminal_is_given_back_as_it_was_found(attach: Attach, names: list[Path]) -> None:
    terminal = attach("--no-kernel", *names[:2])
    ready(terminal, "one")
    before = termios.tcgetattr(terminal.descriptor)
    terminal.send("gt")
    ready(terminal, "two")
    assert not termios.tcgetattr(terminal.descriptor)[3] & termios.ICANON
    terminal.send(SUSPEND)
    soon(lambda: terminal.pump(0.01) == 0 and psutil.Process(terminal.pid).status() == psutil.STATUS_STOPPED)
    assert termios.tcgetattr(terminal.descriptor)[3] & termios.ICANON
    os.kill(terminal.pid, signal.SIGCONT)
    terminal.wait_for(lambda: not termios.tcgetattr(terminal.descriptor)[3] & termios.ICANON)
    ready(terminal, "two", tabs="1 one  2 two")
    assert termios.tcgetattr(terminal.descriptor) == before
    terminal.resize(12, 60)
    ready(terminal, "two", tabs="1 one  2 two")
    terminal.send("gt")
    ready(terminal, "one", tabs="1 one  2 two")
    assert len(terminal.text.splitlines()) == 12
    terminal.kill(signal.SIGHUP)
    assert terminal.exit_code() == 128 + signal.SIGHUP
    assert terminal.raw.count(LEAVES) == 2, "once for the shell, and at the end"
    assert [status(path)["terminals"] for path in names[:2]] == [0, 0]
    assert termios.tcgetattr(terminal.descriptor)[3] & termios.ICANON
    assert terminal.screen.cursor.hidden is False


def test_a_notebook_opens_in_a_tab_and_the_last_one_that_is_closed_ends_tuinb(attach: Attach, names: list[Path]) -> None:
    terminal = attach("--no-kernel", names[0])
    ready(terminal, "one")
    assert "1 one" not in tabs_of(terminal), "one notebook needs no line of tabs"
    pids = [status(names[0])["pid"]]
    terminal.send(":e tw" + TAB)
    terminal.wait_for(lambda: terminal.shows(" e two.ipynb "))
    terminal.send(ENTER)
    ready(terminal, "two", tabs="1 one  2 two")
    pids.append(status(names[1])["pid"])
    terminal.send(":e two.ipynb" + ENTER + "x")
    terminal.wait_for(lambda: tabs_of(terminal) == "1 one  2 two [+]")
    terminal.send(QUIT)
    terminal.wait_for("two.ipynb has unsaved changes.")
    terminal.send(ESCAPE)
    terminal.wait_for(lambda: not terminal.shows("two.ipynb has unsaved changes."))
    terminal.send(":tabclose" + ENTER)
    terminal.wait_for("two.ipynb has unsaved changes.")
    terminal.send(ENTER)  # saves
    ready(terminal, "one")
    soon(lambda: not is_running(pids[1]))
    assert len(json.loads(names[1].read_text())["cells"]) == 1
    terminal.send(QUIT)
    assert terminal.exit_code() == 0
    soon(lambda: not is_running(pids[0]))


def test_all_tabs_are_left_and_those_ask_that_have_to(attach: Attach, names: list[Path]) -> None:
    terminal = attach("--no-kernel", *names)
    ready(terminal, "one")
    terminal.send("gt")
    ready(terminal, "two")
    terminal.send("x")
    terminal.wait_for("[+]")
    terminal.send("gt")
    ready(terminal, "three")
    terminal.send(":qa" + ENTER)
    terminal.wait_for("two.ipynb has unsaved changes.")
    soon(lambda: not Place.of(names[2]).address.exists())
    terminal.send(ESCAPE)
    terminal.wait_for(lambda: not terminal.shows("two.ipynb has unsaved changes."))
    ready(terminal, "two")
    terminal.send(":qa" + ENTER)
    terminal.wait_for("two.ipynb has unsaved changes.")
    terminal.send(DOWN + ENTER)  # discards
    assert terminal.exit_code() == 0
    assert [status(path) for path in names] == [{}, {}, {}]
    assert len(json.loads(names[1].read_text())["cells"]) == 2


def change_two(terminal: Terminal) -> None:
    """Changes the first and the third of three notebooks, and shows the second."""
    ready(terminal, "one")
    for name in ("one", "three"):
        terminal.send("x")
        terminal.wait_for("[+]")
        terminal.send("gT")
        ready(terminal, "three" if name == "one" else "two")
    terminal.wait_for(lambda: tabs_of(terminal) == "1 one [+]  2 two  3 three [+]")


@pytest.mark.parametrize(("line", "cells"), [(":wqa", [1, 2, 1]), (":qa!", [2, 2, 2])])
def test_all_tabs_are_left_saved_or_without_their_changes(
    attach: Attach, names: list[Path], line: str, cells: list[int]
) -> None:
    terminal = attach("--no-kernel", *names)
    change_two(terminal)
    terminal.send(line + ENTER)
    assert terminal.exit_code() == 0
    assert [len(json.loads(path.read_text())["cells"]) for path in names] == cells
    assert [status(path) for path in names] == [{}, {}, {}]


def test_all_tabs_are_saved_and_what_was_not_is_said(attach: Attach, names: list[Path]) -> None:
    terminal = attach("--no-kernel", *names, columns=200)
    change_two(terminal)
    names[2].write_text(names[2].read_text().replace("in_three", "by_others"))
    terminal.send(":wa" + ENTER)
    terminal.wait_for("three was not saved: ")
    terminal.wait_for("Saved one, too.")
    assert [len(json.loads(path.read_text())["cells"]) for path in names] == [1, 2, 2]
    terminal.wait_for(lambda: tabs_of(terminal) == "1 one  2 two  3 three [+]")
    end(terminal)


def test_what_can_not_be_opened_is_said_and_nothing_else_happens(attach: Attach, names: list[Path], tmp_path: Path) -> None:
    (tmp_path / "bad.ipynb").write_text("{")
    terminal = attach("--no-kernel", names[0], tmp_path / "bad.ipynb", columns=200)
    ready(terminal, "one", tabs="1 one  2 bad")
    for line in ("gt", ":e nothere.txt" + ENTER, ":e bad.ipynb" + ENTER):
        terminal.send(line)
        terminal.wait_for("there is no such file" if "nothere" in line else "it is cut off at line 1")
        terminal.send(ESCAPE)
        terminal.wait_for(lambda: not terminal.shows("it is cut off") and not terminal.shows("no such file"))
    assert tabs_of(terminal) == "1 one  2 bad"
    terminal.send("x")
    terminal.wait_for("[+]")
    assert LEAVES not in terminal.raw


def test_another_session_that_stands_still_is_not_waited_for_and_a_killed_one_begins_anew(
    attach: Attach, names: list[Path]
) -> None:
    terminal = attach("--no-kernel", *names[:2])
    ready(terminal, "one")
    terminal.send("x")
    terminal.wait_for("[+]")
    terminal.send("gt")
    ready(terminal, "two", tabs="1 one [+]  2 two")
    pid = status(names[0])["pid"]
    os.kill(pid, signal.SIGSTOP)
    try:
        terminal.send("gtx")
        terminal.wait_for("1 key was typed for the other tab, and dropped.")
        assert "[+]" not in terminal.status
        terminal.send("x")  # the screen that is left goes on until the other one is there
        terminal.wait_for(lambda: "[+]" in terminal.status)
        terminal.wait_for("its session does not answer", within=30)
    finally:
        os.kill(pid, signal.SIGCONT)
    os.kill(pid, signal.SIGKILL)
    soon(lambda: is_gone(names[0]))
    terminal.wait_for(lambda: tabs_of(terminal) == "1 one  2 two [+]")
    terminal.send("gt")
    terminal.wait_for("tuinb ended without saving one.ipynb.")
    assert " one.ipynb" in terminal.status


def test_a_session_that_is_killed_while_it_is_shown_leaves_the_terminal_to_the_next_tab(
    attach: Attach, names: list[Path]
) -> None:
    terminal = attach("--no-kernel", *names[:2])
    ready(terminal, "one")
    terminal.send("gt")
    ready(terminal, "two")
    os.kill(status(names[1])["pid"], signal.SIGKILL)
    terminal.wait_for("two.ipynb: the session ended unexpectedly; the next start offers unsaved")
    assert " one.ipynb" in terminal.status
    terminal.send(QUIT)
    ready(terminal, "two")
    terminal.send(QUIT)
    assert terminal.exit_code() == 0


def test_sessions_that_are_ended_elsewhere_do_not_begin_anew(attach: Attach, names: list[Path]) -> None:
    """Symptom: the terminal went to another tab, whose session had just been ended, too, and began one."""
    terminal = attach("--no-kernel", *names[:2])
    ready(terminal, "one")
    terminal.send("gt")
    ready(terminal, "two")
    assert cli.main(["sessions", "end", "--all"]) == 0
    assert terminal.exit_code() != 0
    assert all(map(is_gone, names))


@pytest.mark.kernel
def test_a_tab_that_works_says_so_elsewhere_and_nothing_is_sent_while_nothing_changes(
    attach: Attach, tmp_path: Path, names: list[Path]
) -> None:
    work = write_notebook(
        tmp_path / "work.ipynb", "import os, time\nwhile not os.path.exists('go'): time.sleep(0.02)", "input()"
    )
    terminal = attach(work)
    terminal.wait_for(lambda: "idle" in terminal.status)
    terminal.send(":run-all" + ENTER)
    terminal.wait_for("[*]")
    terminal.send(":e one.ipynb" + ENTER)
    ready(terminal, "one", tabs="1 work [+] ⟳  2 one")
    terminal.wait_for(lambda: "idle" in terminal.status)
    terminal.pump(0.3)
    before = len(terminal.raw)
    terminal.pump(1.0)
    assert len(terminal.raw) == before
    (tmp_path / "go").touch()
    terminal.wait_for(lambda: tabs_of(terminal) == "1 work [+] ?  2 one")
    terminal.send("gt")
    terminal.wait_for(lambda: "INPUT" in terminal.status)
    terminal.send("x" + ENTER)
    terminal.wait_for(lambda: tabs_of(terminal) == "1 work [+]  2 one")


def test_without_a_file_the_recent_notebooks_are_offered_in_place_of_a_new_one(
    attach: Attach, names: list[Path], tmp_path: Path
) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    before = attach("--no-kernel", names[0])
    ready(before, "one")
    before.send("j")
    before.wait_for("2/2")
    before.send(QUIT)
    assert before.exit_code() == 0
    terminal = attach("--no-kernel", cwd=folder)
    terminal.wait_for(lambda: "OPEN" in terminal.status and terminal.shows("one.ipynb"))
    terminal.send("one")
    terminal.wait_for(lambda: terminal.shows("▸"))
    terminal.send(ENTER)
    ready(terminal, "one")
    assert "2/2" in terminal.status, "where its user was when it was left"
    assert "Untitled" not in tabs_of(terminal)
    soon(lambda: not Place.of(folder / "Untitled.ipynb").address.exists())


def test_the_picker_opens_a_notebook_and_a_killed_command_leaves_a_usable_terminal(attach: Attach, names: list[Path]) -> None:
    terminal = attach("--no-kernel", names[0])
    ready(terminal, "one")
    terminal.send(PICK)
    terminal.wait_for("three.ipynb")
    terminal.send("thr")
    terminal.wait_for(lambda: not terminal.shows("  two.ipynb"))
    terminal.send(ENTER)
    ready(terminal, "three", tabs="1 one  2 three")
    terminal.kill(signal.SIGKILL)
    soon(lambda: terminal.pump(0.01) >= 0 and LEAVES in terminal.raw)
    soon(lambda: [status(path)["terminals"] for path in (names[0], names[2])] == [0, 0])


def test_a_command_that_is_killed_between_two_tabs_leaves_a_usable_terminal(attach: Attach, names: list[Path]) -> None:
    terminal = attach("--no-kernel", *names[:2])
    ready(terminal, "one")
    terminal.send("gt")
    ready(terminal, "two")
    terminal.send("gT")
    painted = b""
    while b"\x1b[>4m" not in painted:  # the end of the screen, which asks the terminal, that does not answer here
        painted += os.read(terminal.descriptor, 1 << 16)
    terminal.kill(signal.SIGKILL)
    soon(lambda: terminal.pump(0.01) >= 0 and LEAVES in terminal.raw)
    soon(lambda: bool(termios.tcgetattr(terminal.descriptor)[3] & termios.ICANON))


def test_cells_are_pasted_in_the_notebook_of_another_terminal(attach: Attach, names: list[Path]) -> None:
    terminal = attach("--no-kernel", names[0])
    other = attach("--no-kernel", names[2])
    ready(terminal, "one")
    ready(other, "three")
    terminal.send("x")
    terminal.wait_for("[+]")
    other.send("v")
    other.wait_for(lambda: other.shows("in_one = 1") and "2/3" in other.status)


def test_registers_go_along_to_other_tabs_and_stay_in_their_own(attach: Attach, names: list[Path], tmp_path: Path) -> None:
    (tmp_path / "tuinb").mkdir()
    (tmp_path / "tuinb" / "config.toml").write_text('[keys]\nset = "vim"\n', encoding="utf-8")
    terminal = attach("--no-kernel", *names[:2], env={"XDG_CONFIG_HOME": str(tmp_path)})
    ready(terminal, "one")
    terminal.send(ENTER)
    terminal.wait_for(lambda: "NORMAL" in terminal.status)
    terminal.send('"ayyqbxq')
    terminal.wait_for("n_one = 1")
    terminal.send(f"{ESCAPE}gt")
    ready(terminal, "two")
    terminal.send(f'{ENTER}"ap')
    terminal.wait_for("in_one = 1")
    terminal.send("@b")
    terminal.wait_for(lambda: terminal.shows("n_one = 1") and not terminal.shows("in_one = 1"))
    terminal.send(f"yw{ESCAPE}gT")
    ready(terminal, "one")
    terminal.send(f"{ENTER}P")
    terminal.wait_for("n_one n_one = 1")
    terminal.send(f":qa!{ENTER}")
    assert terminal.exit_code() == 0
