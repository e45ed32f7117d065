"""The fork that makes the daemon: who reads the notebook, and what an error or an end at that moment leaves."""

from __future__ import annotations

import pickle
import signal
import sys
from typing import TYPE_CHECKING

import pytest

from tests.daemon.conftest import soon
from tests.support import write_notebook
from tests.terminal_emulator import Terminal
from tuinb.daemon import start
from tuinb.errors import KernelStartError, NotebookFileError, TuinbError, UsageError
from tuinb.session import opening
from tuinb.session.target import Arguments, Target

if TYPE_CHECKING:
    from pathlib import Path


SAYS_ITS_MODULES = """
import sys
from tuinb import cli
from tuinb.daemon import client

def attend(tabs, begin, **more):
    begin(tabs.current, lambda: None, True).close()
    print(*sys.modules)
    return 3

client.attend = attend
sys.exit(cli.main(sys.argv[1:]))
"""

READS_FOR_EVER = """
import pathlib, sys, time
from tuinb import cli
from tuinb.session import opening

def prepare(*arguments):
    pathlib.Path(sys.argv[2]).touch()
    time.sleep(600)

opening.prepare = prepare
sys.exit(cli.main(sys.argv[1:2]))
"""


def test_the_command_has_nothing_of_the_notebook_in_memory_while_it_waits(sockets: Path, tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "x.ipynb", "x = 1")
    with Terminal([sys.executable, "-c", SAYS_ITS_MODULES, str(path)], cwd=tmp_path) as terminal:
        assert terminal.exit_code() == 3
        modules = set(terminal.raw.decode().split())
    assert "tuinb.daemon.start" in modules
    assert {
        name for name in modules if name.startswith(("tuinb.session.opening", "tuinb.notebook.document", "tuinb.ui"))
    } == set()


@pytest.mark.parametrize(
    "question",
    [Arguments("x.ipynb", existing=""), Arguments("x.ipynb", server="http://host/"), Arguments("http://host/lab/tree/x.ipynb")],
)
def test_what_may_ask_a_question_is_read_before_the_fork(monkeypatch: pytest.MonkeyPatch, question: Arguments) -> None:
    read: list[Arguments] = []
    monkeypatch.setattr(opening, "prepare", lambda arguments, target: read.append(arguments))
    start._reader(question, Target.of(question))
    assert read == [question]
    other = Arguments("x.ipynb")
    reader = start._reader(other, Target.of(other))
    assert read == [question]
    reader()
    assert read == [question, other]


def test_an_end_while_the_notebook_is_read_leaves_nothing(sockets: Path, tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "x.ipynb", "x = 1")
    reads = tmp_path / "reads"
    with Terminal([sys.executable, "-c", READS_FOR_EVER, str(path), str(reads)], cwd=tmp_path) as terminal:
        soon(reads.exists)
        soon(lambda: len(terminal.family()) == 2)  # the child that forked the daemon has ended
        terminal.kill(signal.SIGINT)
        assert terminal.exit_code() == 130
        soon(lambda: not terminal.family())
    assert not any(sockets.iterdir())


@pytest.mark.parametrize(
    "error",
    [
        NotebookFileError("no such file", where="x.ipynb", hint="check the name"),
        UsageError("a wrong word"),
        KernelStartError("it ended", where="python3", stderr="its last words"),
    ],
)
def test_an_error_comes_to_the_command_whole(error: TuinbError) -> None:
    restored = start._error(pickle.dumps(error))
    assert (type(restored), str(restored), vars(restored)) == (type(error), str(error), vars(error))


def test_a_daemon_that_ends_without_a_word_is_an_error() -> None:
    assert "ended before it began" in str(start._error(b""))
