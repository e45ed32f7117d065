"""A day's work with the real program and a real kernel: open, edit, run, answer, interrupt, restart, save, reopen."""

from __future__ import annotations

import json
import signal
from typing import TYPE_CHECKING

import pytest

from tests.support import NOTEBOOKS, write_notebook
from tests.terminal_emulator import CTRL_END, DOWN, ENTER, ESCAPE, Terminal

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.conftest import Start

pytestmark = pytest.mark.kernel

RUN, RUN_AND_ADVANCE, SAVE, QUIT, CTRL_C, CTRL_D = "\x05", "\x12", "\x13", "\x11", "\x03", "\x04"


def idle(terminal: Terminal) -> None:
    """Waits until the kernel is there and has nothing to do."""
    terminal.wait_for(lambda: "idle" in terminal.status)


def edit(terminal: Terminal) -> None:
    terminal.send(ENTER)
    terminal.wait_for(lambda: "EDIT" in terminal.status)
    terminal.send(CTRL_END)


def leave_editor(terminal: Terminal) -> None:
    terminal.send(ESCAPE)
    terminal.wait_for(lambda: "COMMAND" in terminal.status)


def test_a_new_notebook_is_written_run_saved_and_opened_again(start: Start, tmp_path: Path) -> None:
    path = tmp_path / "new.ipynb"
    first = start(path)
    first.wait_for("new.ipynb")
    assert not path.exists()
    idle(first)
    edit(first)
    first.send("total = 40 + 2")
    first.send(ENTER + "print('sum', total)")
    first.wait_for("print('sum', total)")
    first.send(RUN)
    first.wait_for("sum 42")
    first.wait_for("[1]")
    leave_editor(first)
    first.send(SAVE)
    first.wait_for("Saved")
    first.send(QUIT)
    assert first.exit_code() == 0

    [cell, *_] = json.loads(path.read_text())["cells"]
    assert "".join(cell["source"]) == "total = 40 + 2\nprint('sum', total)"
    assert cell["execution_count"] == 1
    assert cell["outputs"] == [{"name": "stdout", "output_type": "stream", "text": ["sum 42\n"]}]

    again = start(path)
    again.wait_for("sum 42")
    assert again.shows("[1]")
    assert again.shows("total = 40 + 2")


def test_output_streams_in_while_the_cell_runs(start: Start, tmp_path: Path) -> None:
    go = tmp_path / "go"
    waiting = f"while not os.path.exists({str(go)!r}): time.sleep(.01)"
    source = f"import os, time\nprint('fir' + 'st', flush=True)\n{waiting}\nprint('la' + 'st')"
    terminal = start(write_notebook(tmp_path / "stream.ipynb", source))
    idle(terminal)
    terminal.send(RUN)
    terminal.wait_for("first")
    terminal.wait_for(lambda: "busy" in terminal.status and terminal.shows("[*]"))
    go.touch()
    terminal.wait_for("last")
    terminal.wait_for("[1]")
    idle(terminal)


def test_a_window_of_any_size_in_the_middle_of_a_flood(start: Start, tmp_path: Path) -> None:
    """Sizes down to one character, as a tiling window manager gives for a moment. The screen neither stalls nor fails."""
    path = write_notebook(tmp_path / "work.ipynb", "for i in range(10**9): print('line', i)")
    terminal = start(path, "--no-session")
    terminal.wait_for(lambda: "idle" in terminal.status)
    terminal.send(RUN)
    terminal.wait_for("line 2")
    for rows, columns in [(1, 1), (24, 80), (2, 3), (100, 1), (1, 200), (40, 120)] * 8:
        terminal.resize(rows, columns)
        terminal.watch(0.02)
    terminal.resize(24, 80)
    terminal.wait_for(lambda: "busy" in terminal.status)
    assert b"Traceback" not in terminal.raw
    terminal.send("ii")
    terminal.wait_for(lambda: "idle" in terminal.status)


def test_a_prompt_is_answered_and_the_queue_waits_behind_it(start: Start, tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "prompt.ipynb", "name = input('Your name? ')", "print('hello ' + name)")
    terminal = start(path)
    idle(terminal)
    terminal.send(RUN_AND_ADVANCE)
    terminal.wait_for(lambda: "INPUT" in terminal.status)
    terminal.wait_for(lambda: terminal.text.count("Your name? ") >= 2)
    terminal.send("Ada")
    terminal.send(ENTER)
    idle(terminal)
    terminal.send(RUN)
    terminal.wait_for("hello Ada")


def test_end_of_file_ends_a_prompt(start: Start, tmp_path: Path) -> None:
    terminal = start(write_notebook(tmp_path / "eof.ipynb", "input('more? ')"))
    idle(terminal)
    terminal.send(RUN)
    terminal.wait_for(lambda: "INPUT" in terminal.status)
    terminal.send(CTRL_D)
    idle(terminal)
    terminal.wait_for("[1]")


def test_a_password_is_not_shown(start: Start, tmp_path: Path) -> None:
    source = "from getpass import getpass\nsecret = getpass('Pass' + 'word: ')\nprint('length', len(secret), secret[::-1])"
    terminal = start(write_notebook(tmp_path / "getpass.ipynb", source))
    idle(terminal)
    terminal.send(RUN)
    terminal.wait_for(lambda: "INPUT" in terminal.status and terminal.shows("Password: "))
    terminal.send("hunter2x")
    terminal.send(ENTER)
    terminal.wait_for("length 8 x2retnuh")
    assert b"hunter2x" not in terminal.raw


def test_a_loop_is_interrupted_and_the_kernel_goes_on(start: Start, tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "loop.ipynb", "kept = 7\nprint('under' + 'way')\nwhile True: pass", "print('kept', kept)")
    terminal = start(path)
    idle(terminal)
    terminal.send(RUN_AND_ADVANCE)
    terminal.wait_for("underway")
    terminal.wait_for(lambda: "busy" in terminal.status and terminal.shows("[*]"))
    terminal.send(CTRL_C)
    terminal.wait_for("KeyboardInterrupt")
    idle(terminal)
    terminal.wait_for(lambda: not terminal.shows("[*]"))
    terminal.send(RUN)
    terminal.wait_for("kept 7")


def test_a_prompt_is_interrupted(start: Start, tmp_path: Path) -> None:
    terminal = start(write_notebook(tmp_path / "prompt.ipynb", "input('still there? ')", "print('al' + 'ive')"), rows=60)
    idle(terminal)
    terminal.send(RUN_AND_ADVANCE)
    terminal.wait_for(lambda: "INPUT" in terminal.status)
    terminal.send(CTRL_C)
    terminal.wait_for("KeyboardInterrupt")
    idle(terminal)
    terminal.wait_for(lambda: "COMMAND" in terminal.status)
    terminal.send(DOWN)
    terminal.send(RUN)
    terminal.wait_for("alive")


def test_a_prompt_of_a_thread_outlives_its_cell(start: Start, tmp_path: Path) -> None:
    asks = "import threading, time\ndef ask():\n    print('answer', input('thread? '))\n"
    begins = "t = threading.Thread(target=ask); t.start(); time.sleep(1)"
    terminal = start(write_notebook(tmp_path / "thread.ipynb", asks + begins, "print('still waiting:', t.is_alive())"))
    idle(terminal)
    terminal.send(RUN)
    terminal.wait_for(lambda: "INPUT" in terminal.status and terminal.shows("thread? "))
    terminal.wait_for("[1]")
    assert "INPUT" in terminal.status
    terminal.send(ESCAPE)
    terminal.wait_for(lambda: "COMMAND" in terminal.status)
    terminal.send("j" + RUN)
    terminal.wait_for("still waiting: True")
    terminal.send("k" + ENTER)
    terminal.wait_for(lambda: "INPUT" in terminal.status)
    terminal.send("here" + ENTER)
    terminal.wait_for("answer here")


def test_an_interrupt_of_a_cell_leaves_the_prompt_of_its_thread_open(start: Start, tmp_path: Path) -> None:
    asks = "import threading\ndef ask():\n    print('answer', input('thread? '))\n"
    begins = "t = threading.Thread(target=ask); t.start(); t.join()"
    terminal = start(write_notebook(tmp_path / "thread.ipynb", asks + begins, "print('alive', t.is_alive())"), rows=60)
    idle(terminal)
    terminal.send(RUN)
    terminal.wait_for(lambda: "INPUT" in terminal.status and terminal.shows("thread? "))
    terminal.send(CTRL_C)
    terminal.wait_for("KeyboardInterrupt")
    assert "INPUT" in terminal.status
    terminal.send("here" + ENTER)
    terminal.wait_for("answer here")
    terminal.wait_for(lambda: "COMMAND" in terminal.status)
    terminal.send("j" + RUN)
    terminal.wait_for("alive False")


def test_a_prompt_that_its_cell_gave_up_is_closed_by_an_answer(start: Start, tmp_path: Path) -> None:
    late = "class Late(BaseException): pass\ndef late(*_): raise Late('too ' + 'late')\n"
    alarm = f"import signal\n{late}signal.signal(signal.SIGALRM, late)\n"
    gives_up = "signal.setitimer(signal.ITIMER_REAL, 0.5)\ninput('quick? ')"
    terminal = start(write_notebook(tmp_path / "late.ipynb", alarm + gives_up, "print('got', input('name? '))"), rows=60)
    idle(terminal)
    terminal.send(RUN)
    terminal.wait_for("Late: too late")
    assert "INPUT" in terminal.status
    terminal.send("stale" + ENTER)
    terminal.wait_for(lambda: "COMMAND" in terminal.status)
    terminal.send("j" + RUN)
    terminal.wait_for("name? ")
    terminal.wait_for(lambda: "INPUT" in terminal.status)
    terminal.send("fresh" + ENTER)
    terminal.wait_for("got fresh")


def test_an_interrupt_that_the_cell_catches_closes_its_prompt(start: Start, tmp_path: Path) -> None:
    source = "try:\n    input('still there? ')\nexcept KeyboardInterrupt:\n    print('cau' + 'ght')"
    terminal = start(write_notebook(tmp_path / "caught.ipynb", source), rows=60)
    idle(terminal)
    terminal.send(RUN)
    terminal.wait_for(lambda: "INPUT" in terminal.status)
    terminal.send(CTRL_C)
    terminal.wait_for("caught")
    terminal.wait_for(lambda: "COMMAND" in terminal.status)


def test_a_restart_forgets_variables_and_keeps_outputs(start: Start, tmp_path: Path) -> None:
    terminal = start(write_notebook(tmp_path / "restart.ipynb", "kept = 'out' + 'put'\nprint(kept)", "print(kept)"))
    idle(terminal)
    before = terminal.kernels()[0].pid
    terminal.send(RUN_AND_ADVANCE)
    terminal.wait_for("output")
    idle(terminal)
    terminal.send("00")
    terminal.wait_for("Restart the kernel?")
    terminal.send("1")
    terminal.wait_for(lambda: [kernel.pid for kernel in terminal.kernels()] not in ([], [before]) and "idle" in terminal.status)
    terminal.wait_for("earlier kernel")
    terminal.wait_for("output")
    terminal.send("G")
    terminal.send(RUN)
    terminal.wait_for("NameError")


def test_a_killed_kernel_is_explained_and_started_again(start: Start, tmp_path: Path) -> None:
    terminal = start(write_notebook(tmp_path / "killed.ipynb", "while True: pass", "print('back a' + 'gain')"))
    idle(terminal)
    terminal.send(RUN_AND_ADVANCE)
    terminal.wait_for("[*]")
    [kernel] = terminal.kernels()
    kernel.kill()
    terminal.wait_for(lambda: "dead" in terminal.status and not terminal.shows("[*]"))
    terminal.wait_for("SIGKILL")
    terminal.send("00")
    idle(terminal)
    terminal.send(RUN)
    terminal.wait_for("back again")


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("exit()", "Cell 2 ended the kernel (exit or quit). 2 cells below were not run."),
        ("import os; os._exit(3)", "The kernel died while cell 2 ran: exited with code 3. 2 cells below were not run."),
    ],
)
def test_a_cell_that_ends_the_kernel_is_named(start: Start, tmp_path: Path, code: str, text: str) -> None:
    terminal = start(write_notebook(tmp_path / "exits.ipynb", "a = 1", code, "print(a)", "print(a)"), columns=100)
    idle(terminal)
    terminal.send(":run-all\r")
    terminal.wait_for(lambda: "dead" in terminal.status)
    terminal.wait_for(text)
    assert not terminal.shows("NOTE:")
    assert not terminal.shows("--existing")


def test_an_error_shows_its_traceback(start: Start, tmp_path: Path) -> None:
    terminal = start(write_notebook(tmp_path / "error.ipynb", "1 / 0", "print('never')"), rows=30)
    idle(terminal)
    terminal.send(RUN)
    terminal.wait_for("ZeroDivisionError: division by zero")


def test_leaving_with_unsaved_changes_asks(start: Start, tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "unsaved.ipynb", "x = 1")
    before = path.read_bytes()
    terminal = start(path)
    idle(terminal)
    edit(terminal)
    terminal.send("y = 2")
    terminal.wait_for("y = 2")
    terminal.send(QUIT)
    terminal.wait_for("unsaved changes")
    terminal.send(ESCAPE)
    terminal.wait_for(lambda: not terminal.shows("unsaved changes"))
    terminal.send(QUIT)
    terminal.wait_for("unsaved changes")
    terminal.send(DOWN)
    terminal.send(ENTER)
    assert terminal.exit_code() == 0
    assert path.read_bytes() == before


def test_a_file_that_changed_on_disk_is_not_overwritten_unasked(start: Start, tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "shared.ipynb", "x = 1")
    terminal = start(path)
    terminal.wait_for("x = 1")
    idle(terminal)
    write_notebook(path, "somebody = 'else'")
    theirs = path.read_bytes()
    terminal.send("b")
    terminal.send(SAVE)
    terminal.wait_for("another program changed it")
    terminal.send(ESCAPE)
    terminal.wait_for(lambda: not terminal.shows("another program changed it"))
    assert path.read_bytes() == theirs


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM])
def test_a_signal_ends_the_kernel_and_restores_the_terminal(start: Start, tmp_path: Path, number: signal.Signals) -> None:
    terminal = start(write_notebook(tmp_path / "signal.ipynb", "while True: pass"), "--no-session")
    idle(terminal)
    terminal.send(RUN)
    terminal.wait_for("[*]")
    kernels = terminal.kernels()
    terminal.kill(number)
    terminal.exit_code()
    assert b"\x1b[?1049l" in terminal.raw[terminal.raw.rindex(b"\x1b[?1049h") :]
    for kernel in kernels:
        kernel.wait(timeout=60)


def test_unsaved_work_survives_the_end_of_the_terminal(start: Start, tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "work.ipynb", "a = 1")
    before = path.read_bytes()
    terminal = start(path, "--no-kernel", "--no-session")
    terminal.wait_for("a = 1")
    terminal.send("b")
    terminal.send("\r")
    terminal.send("precious")
    terminal.wait_for("precious")
    terminal.kill(signal.SIGHUP)
    terminal.exit_code()
    assert path.read_bytes() == before
    assert b"the unsaved changes of" in terminal.raw
    again = start(path, "--no-kernel")
    again.wait_for("a = 1")
    again.send("m")  # before the question is on the screen: it must not make the cell Markdown
    again.wait_for("Unsaved changes of")
    again.send("2")
    again.wait_for("precious")
    again.send(SAVE)
    again.wait_for("Saved")
    assert b"precious" in path.read_bytes()
    assert b"markdown" not in path.read_bytes()


def test_no_kernel_outlives_a_tuinb_that_was_killed(start: Start, tmp_path: Path) -> None:
    terminal = start(write_notebook(tmp_path / "orphan.ipynb", "while True: pass"), "--no-session")
    idle(terminal)
    terminal.send(RUN)
    terminal.wait_for("[*]")
    kernels = terminal.kernels()
    assert len(kernels) == 1
    terminal.kill(signal.SIGKILL)
    for kernel in kernels:
        kernel.wait(timeout=60)


def test_saving_what_was_not_changed_changes_no_byte(start: Start, tmp_path: Path) -> None:
    path = tmp_path / "analysis.ipynb"
    path.write_bytes((NOTEBOOKS / "analysis.ipynb").read_bytes())
    terminal = start(path, "--no-kernel")
    terminal.wait_for("How long is the queue?")
    terminal.send("b")
    terminal.wait_for("2/13")
    terminal.send("z")
    terminal.wait_for("/12")
    terminal.send(SAVE)
    terminal.wait_for("Saved")
    assert path.read_bytes() == (NOTEBOOKS / "analysis.ipynb").read_bytes()
