"""Sessions that outlive their terminals, with the real program and a real kernel."""

from __future__ import annotations

import json
import os
import signal
import socket
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.daemon.conftest import is_running, soon, status
from tests.support import ROOT, write_notebook
from tests.terminal_emulator import CTRL_END, DOWN, ENTER, ESCAPE, Terminal
from tuinb.daemon.places import Place

if TYPE_CHECKING:
    from tests.daemon.conftest import Attach

pytestmark = pytest.mark.kernel

NOBODY = 65534
RUN, SAVE, QUIT, UNDO = "\x05", "\x13", "\x11", "z"
COUNT = "import time\nfor i in range(1000):\n    print('line', i, flush=True); time.sleep(.1)"


def idle(terminal: Terminal) -> None:
    terminal.wait_for(lambda: "idle" in terminal.status)


def left_the_screen(terminal: Terminal) -> bool:
    return bytes(terminal.raw).rstrip().endswith(b"\x1b[?1004l") or b"\x1b[?1049l" in terminal.raw[-400:]


def open_files(pid: int) -> list[str]:
    """Returns what a process has open. It may close a descriptor meanwhile, as that of the request for its status."""
    names = []
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):
            names.append(str(entry.readlink()))
    return names


def test_a_session_ends_with_its_only_terminal_if_nothing_is_at_work(attach: Attach, tmp_path: Path, sockets: Path) -> None:
    path = write_notebook(tmp_path / "x.ipynb", "x = 1")
    terminal = attach(path)
    idle(terminal)
    seen = status(path)
    kernels = [kernel.pid for kernel in terminal.kernels()]
    assert seen["notebook"] == str(path)
    assert seen["kernel"]["state"] == "idle"
    assert (seen["terminals"], seen["queue"], seen["prompt"], seen["modified"]) == (1, 0, False, False)
    assert len(kernels) == 1
    terminal.send(QUIT)
    assert terminal.exit_code() == 0
    assert left_the_screen(terminal)
    assert not any(sockets.iterdir())
    assert not any(map(is_running, kernels))
    soon(lambda: not is_running(seen["pid"]))


def test_a_killed_command_leaves_the_run_alone_and_another_comes_back(attach: Attach, tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "x.ipynb", COUNT, "y = 2", "z = 3")
    first = attach(path)
    idle(first)
    first.send(RUN)
    first.wait_for("line 3")
    pid = status(path)["pid"]
    first.kill(signal.SIGKILL)
    first.exit_code()
    soon(lambda: first.pump(0.01) >= 0 and left_the_screen(first))
    soon(lambda: status(path)["terminals"] == 0)
    second = attach(path, rows=40)
    second.wait_for("line 12")
    assert second.shows("line 0 ")
    assert status(path)["pid"] == pid
    second.send(QUIT)
    second.wait_for("Detach")
    second.send(ENTER)
    assert second.exit_code() == 0
    assert status(path)["queue"] == 1


def test_the_terminal_goes_away_and_the_view_is_as_it_was_left(attach: Attach, tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "x.ipynb", *(f"cell_{number} = {number}" for number in range(60)))
    first = attach(path)
    idle(first)
    first.send("G" + ENTER)
    first.wait_for(lambda: "EDIT" in first.status)
    first.send(CTRL_END + ENTER + "precious = 1" + "\x1b[D" * 4)
    first.wait_for("precious = 1")
    pid = status(path)["pid"]
    first.hang_up()
    second = attach(path)
    second.wait_for(lambda: "EDIT" in second.status and second.shows("precious = 1"))
    assert status(path)["pid"] == pid
    second.send("not_")
    second.wait_for("preciousnot_ = 1")
    second.send(ESCAPE)
    second.wait_for(lambda: "COMMAND" in second.status)
    second.send("Q")
    assert second.exit_code() == 0
    assert status(path)["modified"]


def test_what_was_done_before_a_drop_is_undone_after_it(attach: Attach, tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "x.ipynb", "x = 1", "y = 2")
    first = attach(path, "--no-kernel")
    first.wait_for(lambda: "COMMAND" in first.status and "1/2" in first.status)
    first.send(ENTER + CTRL_END + "23")
    first.wait_for("x = 123")
    first.send(ESCAPE)
    first.wait_for(lambda: "COMMAND" in first.status)
    first.send("jdd")
    first.wait_for(lambda: "1/1" in first.status)
    first.hang_up()
    second = attach(path)
    second.wait_for(lambda: second.shows("x = 123") and "1/1" in second.status)
    second.send(UNDO)
    second.wait_for("y = 2")
    assert second.shows("x = 123")
    second.send(UNDO)
    second.wait_for(lambda: second.shows("x = 1 ") and not second.shows("x = 12"))
    assert not status(path)["modified"]


def test_what_happened_meanwhile_is_said(attach: Attach, tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "x.ipynb", "import time; time.sleep(1)", "1 / 0")
    first = attach(path)
    idle(first)
    first.send(":run-all" + ENTER)
    first.wait_for("[*]")
    first.send("Q")
    assert first.exit_code() == 0
    soon(lambda: status(path)["queue"] == 0)
    second = attach(path)
    second.wait_for("While no terminal was attached: 2 cells ended, 1 failed; the last one")


def test_quitting_while_a_cell_runs_asks(attach: Attach, tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "x.ipynb", COUNT)
    terminal = attach(path)
    idle(terminal)
    pid, kernels = status(path)["pid"], [kernel.pid for kernel in terminal.kernels()]
    terminal.send(RUN)
    terminal.wait_for("line 2")
    terminal.send(QUIT)
    terminal.wait_for("A cell is still running.")
    terminal.send("3")
    terminal.wait_for(lambda: not terminal.shows("A cell is still running."))
    terminal.send(QUIT)
    terminal.wait_for("A cell is still running.")
    terminal.send(DOWN + ENTER)
    terminal.wait_for("unsaved changes")
    terminal.send(ENTER)
    assert terminal.exit_code() == 0
    assert not status(path)
    assert not any(map(is_running, kernels))
    soon(lambda: not is_running(pid))
    assert "line 2" in json.dumps(json.loads(path.read_text())["cells"][0]["outputs"])


def test_a_prompt_is_answered_after_a_drop(attach: Attach, tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "x.ipynb", "name = input('Your name? ')\nprint('hello ' + name)")
    first = attach(path)
    idle(first)
    first.send(RUN)
    first.wait_for(lambda: "INPUT" in first.status)
    first.hang_up()
    assert status(path)["prompt"]
    second = attach(path)
    second.wait_for(lambda: "INPUT" in second.status)
    second.send(ESCAPE)
    second.wait_for(lambda: "COMMAND" in second.status)
    second.send(QUIT)
    second.wait_for("The kernel waits for input.")
    second.send(ENTER)
    assert second.exit_code() == 0
    third = attach(path)
    third.wait_for(lambda: "INPUT" in third.status)
    third.send("Ada" + ENTER)
    third.wait_for("hello Ada")


WAITS = "import os, time\nwhile not os.path.exists('go'): time.sleep(0.02)\n"
ASKS_LATE = WAITS + "name = input('Your name? ')\nprint('hello ' + name)"


def test_an_answer_goes_on_after_a_drop_in_it(attach: Attach, tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "x.ipynb", ASKS_LATE, *(f"cell_{number} = {number}" for number in range(30)))
    first = attach(path)
    idle(first)
    first.send(RUN)
    first.wait_for("[*]")
    first.send("G" + ENTER)
    first.wait_for(lambda: "EDIT" in first.status)
    (tmp_path / "go").touch()
    first.wait_for("^G goes to its prompt")
    first.send("\x07Ad")
    first.wait_for("Your name? Ad")
    first.hang_up()
    second = attach(path)
    second.wait_for(lambda: "INPUT" in second.status and second.shows("Your name? Ad"))
    second.send("a" + ENTER)
    second.wait_for("hello Ada")
    assert "EDIT" in second.status
    assert "31/31" in second.status


@pytest.mark.parametrize("edits", [True, False])
@pytest.mark.parametrize("at", ["first paint", "start"])
def test_one_key_goes_to_a_prompt_that_opened_meanwhile(attach: Attach, tmp_path: Path, edits: bool, at: str) -> None:
    path = write_notebook(tmp_path / "x.ipynb", ASKS_LATE, "y = 2")
    source = path.read_text()
    first = attach(path)
    idle(first)
    first.send(RUN)
    first.wait_for("[*]")
    if edits:
        first.send(ENTER)
        first.wait_for(lambda: "EDIT" in first.status)
    first.hang_up()
    (tmp_path / "go").touch()
    soon(lambda: bool(status(path)["prompt"]))
    second = attach(path)
    second.wait_for("y = 2")
    if at == "start":
        second.wait_for(lambda: "INPUT" in second.status)
    second.send("\x07Ada" + ENTER)
    second.wait_for("hello Ada")
    second.send(ESCAPE + "s")
    second.wait_for("Saved x.ipynb")
    assert [cell["source"] for cell in json.loads(path.read_text())["cells"]] == [
        cell["source"] for cell in json.loads(source)["cells"]
    ]


def test_a_prompt_that_opened_meanwhile_gets_no_key_that_was_typed_before_it_was_seen(attach: Attach, tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "x.ipynb", ASKS_LATE, "y = 2")
    first = attach(path)
    idle(first)
    first.send(RUN)
    first.wait_for("[*]")
    first.hang_up()
    (tmp_path / "go").touch()
    soon(lambda: bool(status(path)["prompt"]))
    second = attach(path)
    second.send("b")
    second.wait_for("2/3")
    assert "COMMAND" in second.status
    assert second.shows("Your name?")


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM, signal.SIGINT, signal.SIGQUIT])
def test_a_signal_to_the_command_detaches(attach: Attach, tmp_path: Path, number: signal.Signals) -> None:
    path = write_notebook(tmp_path / "x.ipynb", "x = 1")
    terminal = attach(path, "--no-kernel")
    terminal.wait_for("x = 1")
    terminal.kill(number)
    assert terminal.exit_code() == 128 + number
    assert left_the_screen(terminal)
    assert status(path)["terminals"] == 0


def test_a_notebook_saved_under_another_name_is_found_by_it(attach: Attach, tmp_path: Path, sockets: Path) -> None:
    path, other = write_notebook(tmp_path / "x.ipynb", "x = 1"), tmp_path / "other.ipynb"
    terminal = attach(path, "--no-kernel")
    terminal.wait_for("x = 1")
    terminal.send(":w other.ipynb" + ENTER)
    terminal.wait_for("Saved other.ipynb")
    assert status(other)["notebook"] == str(other)
    assert not status(path)
    terminal.send(QUIT)
    assert terminal.exit_code() == 0
    assert not any(sockets.iterdir())


def test_an_error_of_the_file_is_the_commands_own(attach: Attach, tmp_path: Path, sockets: Path) -> None:
    (tmp_path / "x.ipynb").write_text("no notebook")
    terminal = attach("x.ipynb")
    assert terminal.exit_code() == 1
    assert terminal.shows("tuinb: ")
    assert not any(sockets.iterdir())


def test_without_a_session_there_is_one_process(attach: Attach, tmp_path: Path, sockets: Path) -> None:
    path = write_notebook(tmp_path / "x.ipynb", "x = 1")
    terminal = attach(path, "--no-kernel", "--no-session")
    terminal.wait_for("x = 1")
    assert not status(path)
    terminal.send("Q")
    terminal.wait_for("opened without a session")
    terminal.send(QUIT)
    assert terminal.exit_code() == 0


def test_the_setting_turns_sessions_off(attach: Attach, tmp_path: Path) -> None:
    (tmp_path / "tuinb").mkdir()
    (tmp_path / "tuinb" / "config.toml").write_text("session = false\n")
    path = write_notebook(tmp_path / "x.ipynb", "x = 1")
    terminal = attach(path, "--no-kernel", env={"XDG_CONFIG_HOME": str(tmp_path)})
    terminal.wait_for("x = 1")
    assert not status(path)


def test_a_planted_folder_is_refused(attach: Attach, tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "x.ipynb", "x = 1")
    Place.of(path).folder.mkdir()
    Place.of(path).folder.chmod(0o777)
    terminal = attach(path, columns=200)
    assert terminal.exit_code() == 1
    assert terminal.shows("other users can use the folder")
    assert terminal.shows("--no-session")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files to another user")
@pytest.mark.parametrize(
    ("planted", "problem"),
    [
        ("folder", "belongs to another user"),
        ("link to a folder", "it is not a folder"),
        ("socket", "it is not a socket of yours"),
        ("link to a socket", "it is not a socket of yours"),
    ],
)
def test_what_another_user_planted_is_refused(
    attach: Attach, tmp_path: Path, sockets: Path, planted: str, problem: str
) -> None:
    path = write_notebook(tmp_path / "x.ipynb", "x = 1")
    place, theirs = Place.of(path), sockets / "theirs"
    theirs.mkdir(mode=0o777)
    with socket.socket(socket.AF_UNIX) as listener:
        if planted == "folder":
            theirs.chmod(0o700)
            theirs.rename(place.folder)
        elif planted == "link to a folder":
            place.folder.symlink_to(theirs)
        else:
            place.folder.mkdir(mode=0o700)
            where = place.address if planted == "socket" else theirs / "socket"
            listener.bind(str(where))
            listener.listen()
            os.chown(where, NOBODY, NOBODY)
        if planted == "folder":
            os.chown(place.folder, NOBODY, NOBODY)
        elif planted == "link to a folder":
            os.chown(place.folder, NOBODY, NOBODY, follow_symlinks=False)
        elif planted == "link to a socket":
            place.address.symlink_to(theirs / "socket")
            os.chown(place.address, NOBODY, NOBODY, follow_symlinks=False)
        terminal = attach(path, columns=250)
        assert terminal.exit_code() == 1
        assert terminal.shows(problem)
        assert terminal.shows("--no-session")
        assert not terminal.kernels()
        if listener.getsockname():
            listener.setblocking(False)
            with pytest.raises(BlockingIOError):
                listener.accept()
    if theirs.exists():
        assert {entry.name for entry in theirs.iterdir()} <= {"socket"}


def test_the_daemon_holds_no_descriptor_of_the_command(attach: Attach, tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "x.ipynb", "x = 1")
    terminal = attach(path, "--no-kernel")
    terminal.wait_for("x = 1")
    terminal.send("Q")
    terminal.exit_code()
    assert not [name for name in open_files(status(path)["pid"]) if name.startswith(("/dev/pt", "/dev/tty"))]


def test_a_peer_that_talks_nonsense_does_not_disturb(attach: Attach, tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "x.ipynb", "x = 1")
    terminal = attach(path, "--no-kernel")
    terminal.wait_for("x = 1")
    for data in (b"", b"\0\0\0\2[]", b"\xff\xff\xff\xff", b'\0\0\0\x0b{"t":"new"}', b'\0\0\0\x0d{"t":"hello"}'):
        daemon = Place.of(path).connect()
        assert isinstance(daemon, socket.socket)
        with daemon:
            daemon.sendall(data)
    assert status(path)["terminals"] == 1
    terminal.send("b")
    terminal.wait_for("2/2")


@pytest.mark.parametrize("keys", ["\x1b[13;2u", ENTER + "\x1b[13;5u"])
def test_a_prompt_is_answered_at_once_after_a_drop(attach: Attach, tmp_path: Path, keys: str) -> None:
    path = write_notebook(tmp_path / "x.ipynb", "name = input('Your name? ')\nprint('hello ' + name)")
    first = attach(path)
    idle(first)
    first.send(keys)
    first.wait_for(lambda: "INPUT" in first.status)
    first.settle()  # a busy session answers the hang-up later than pexpect waits
    first.hang_up()
    second = attach(path)
    second.wait_for(lambda: "INPUT" in second.status)
    second.settle()
    assert "INPUT" in second.status
    second.send("Ada" + ENTER)
    second.wait_for("hello Ada")


def test_an_editor_keeps_the_keys_from_the_prompt_of_another_cell(attach: Attach, tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "x.ipynb", "print('hello ' + input('Your name? '))", "y = 2")
    first = attach(path)
    idle(first)
    first.send("\x05")
    first.wait_for(lambda: "INPUT" in first.status)
    first.send(ESCAPE)
    first.wait_for(lambda: "COMMAND" in first.status)
    first.send("j" + ENTER)
    first.wait_for(lambda: "EDIT" in first.status)
    first.send(CTRL_END + " + 3")
    first.wait_for("y = 2 + 3")
    first.hang_up()
    second = attach(path)
    second.wait_for(lambda: "EDIT" in second.status and second.shows("^G goes to its prompt"))
    second.send(" + 4")
    second.wait_for("y = 2 + 3 + 4")
    second.send("\x07")
    second.wait_for(lambda: "INPUT" in second.status)
    second.send("Ada" + ENTER)
    second.wait_for("hello Ada")


BROKEN = """
import os
from tuinb.ui.pane import NotebookPane

tick = NotebookPane.tick


def broken(self):
    answer = "the secret" + " answer"
    if os.path.exists(os.environ["BREAK"]):
        raise RuntimeError("no more")
    tick(self)


NotebookPane.tick = broken
"""


def test_an_error_that_ends_a_screen_leaves_the_session_and_what_is_unsaved(
    attach: Attach, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_notebook(tmp_path / "x.ipynb", "x = 1")
    (tmp_path / "patched").mkdir()
    (tmp_path / "patched" / "sitecustomize.py").write_text(BROKEN)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path / "patched"), str(ROOT)]))
    monkeypatch.setenv("BREAK", str(tmp_path / "break"))
    terminal = attach(path, "--no-kernel", columns=140)
    terminal.wait_for("x = 1")
    terminal.send(ENTER)
    terminal.wait_for("EDIT")
    terminal.send("kept")
    terminal.wait_for("keptx = 1")
    (tmp_path / "break").touch()
    assert terminal.exit_code() == 1
    assert terminal.shows("RuntimeError: no more")
    assert terminal.shows("An internal error ended this screen. The session goes on, with what is unsaved: `tuinb attach`")
    assert "secret answer" not in terminal.raw.decode()
    assert status(path)["modified"]
    (tmp_path / "break").unlink()
    again = attach(path)
    again.wait_for("keptx = 1")
