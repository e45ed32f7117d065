"""Notebooks that are in one of jupytext's pairs, in commands without a screen: the newer file has the inputs."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.headless.support import code, content, job, notebook, run
from tuinb.files import pairs
from tuinb.files.journal import folder
from tuinb.files.journal.recovered import recover
from tuinb.headless import convert, show
from tuinb.headless.arguments import Exit
from tuinb.headless.paired import load_newer
from tuinb.headless.strip import command as strip
from tuinb.headless.verify.verdicts import Verifier
from tuinb.kernel.connection.scripted import ScriptedKernel, stream
from tuinb.notebook.changes import KERNEL, AppendStream, SetOutputs, Step, Transaction
from tuinb.session.opening import open_session

if TYPE_CHECKING:
    from pathlib import Path

    from tuinb.files.load import Loaded

PAIR = {"formats": "ipynb,py:percent"}
SAVED = {"name": "stdout", "output_type": "stream", "text": ["one\n"]}
NEWER = "The inputs are those of x.py, which is newer."
SCRIPT = {"a": [stream("one\n")], "b = 2": [stream("two\n")], "b = 3": [stream("three\n")]}


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A notebook whose script is newer, with another second cell."""
    path = notebook(tmp_path / "x.ipynb", code("a", outputs=[SAVED], count=1), code("b = 2"), jupytext=PAIR)
    path.with_suffix(".py").write_text("# %%\na\n\n# %%\nb = 3\n")
    age(path, 10)
    return path


def age(path: Path, seconds: float) -> None:
    """Makes the script younger than the notebook."""
    then = path.stat().st_mtime + seconds
    os.utime(path.with_suffix(".py"), (then, then))


def sources(loaded: Loaded) -> list[str]:
    return [cell.source for cell in loaded.notebook]


def is_older(path: Path) -> bool:
    """Whether the script is older than the notebook."""
    return path.with_suffix(".py").stat().st_mtime_ns < path.stat().st_mtime_ns


def script(path: Path) -> str:
    return path.with_suffix(".py").read_text().partition("# ---\n\n")[2]


async def test_the_newer_script_is_run_and_saved_with_the_notebook(path: Path) -> None:
    task = job(path, SCRIPT, path)
    assert (await run(task)).exit is Exit.OK
    assert task.notices == [NEWER]
    assert ["".join(cell["source"]) for cell in content(path)["cells"]] == ["a", "b = 3"]
    assert [cell["outputs"][0]["text"] for cell in content(path)["cells"]] == [["one\n"], ["three\n"]]
    assert script(path) == "# %%\na\n\n# %%\nb = 3\n"
    assert not is_older(path)


async def test_another_file_gets_no_script(path: Path) -> None:
    target = path.with_name("done.ipynb")
    before = path.with_suffix(".py").read_bytes()
    assert (await run(job(path, SCRIPT, target))).exit is Exit.OK
    assert "".join(content(target)["cells"][1]["source"]) == "b = 3"
    assert "".join(content(path)["cells"][1]["source"]) == "b = 2"
    assert path.with_suffix(".py").read_bytes() == before
    assert not target.with_suffix(".py").exists()


async def test_a_script_that_is_edited_during_the_run_stays_and_is_newer_afterwards(path: Path) -> None:
    def edit() -> None:
        path.with_suffix(".py").write_text("# %%\na\n\n# %%\nb = 4\n")

    task = job(path, ScriptedKernel(SCRIPT), path)
    task.open()
    edit()
    outcome = await run(task)
    assert (outcome.exit, outcome.saved) == (Exit.OK, path)
    assert task.notices[0] == NEWER
    assert "b = 4" in path.with_suffix(".py").read_text()
    loaded, notices = load_newer(path)
    assert (sources(loaded), notices) == (["a", "b = 4"], (NEWER,))


async def test_an_older_script_is_replaced_with_a_notice(path: Path) -> None:
    age(path, -10)
    task = job(path, SCRIPT, path)
    assert (await run(task)).exit is Exit.OK
    assert task.notices == ["x.py is older than the notebook and has other inputs: saving replaces them."]
    assert script(path) == "# %%\na\n\n# %%\nb = 2\n"


async def test_verify_compares_what_the_newer_script_gives(path: Path) -> None:
    verifier = Verifier([], exact=False)
    task = verifier.job(path, job(path, {}).options, lambda _name: ScriptedKernel(SCRIPT))
    before = content(path)
    outcome = await run(task)
    assert [result.cell.source for result in outcome.cells] == ["a", "b = 3"]
    assert [str(cell.verdict) for cell in verifier.judge(task, outcome).cells] == ["same", "nothing saved"]
    assert content(path) == before


def test_show_and_convert_have_the_newer_inputs(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert show.main([str(path)]) == 0
    told = capsys.readouterr()
    assert "b = 3" in told.out
    assert NEWER in told.err
    assert convert.main([str(path), "--to", "py", "--force"]) == 0
    assert "b = 3" in path.with_suffix(".py").read_text()
    assert NEWER in capsys.readouterr().err


def test_strip_leaves_the_newer_script_newer(path: Path) -> None:
    os.utime(path, (1, 1))
    os.utime(path.with_suffix(".py"), (2, 2))
    assert strip.main([str(path)]) == 0
    assert sources(load_newer(path)[0]) == ["a", "b = 3"]
    assert content(path)["cells"][0]["outputs"] == []


def test_without_jupytext_a_notice_says_so(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pairs, "is_available", lambda: False)
    loaded, notices = load_newer(path)
    assert sources(loaded) == ["a", "b = 2"]
    assert notices == ("x.py is paired with this notebook, and is not kept in step: pip install 'tuinb[text]'.",)
    path.with_suffix(".py").unlink()
    assert load_newer(path)[1] == ()


def test_a_script_that_can_not_be_read_is_named(path: Path) -> None:
    path.with_suffix(".py").write_bytes(b"\xff\xfe\xff")
    loaded, notices = load_newer(path)
    assert sources(loaded) == ["a", "b = 2"]
    assert len(notices) == 1
    assert "can't be read" in notices[0]


async def test_a_session_begins_with_the_file_and_restores_inputs_and_parameters(path: Path) -> None:
    task = job(path, SCRIPT, parameters={"p": 1})
    loaded = task.read()
    assert sources(loaded) == ["a", "b = 2"]
    session = open_session(loaded, None, journal=True)
    assert [cell.source for cell in session.notebook] == ["# Parameters\np = 1\n", "a", "b = 3"]
    assert (session.modified, set(task.cells)) == (True, set(session.notebook.order))
    first = session.notebook.at(1).id
    session.apply(Transaction((SetOutputs(first), AppendStream(first, "stdout", "of a\n")), KERNEL, Step.OUTPUT))
    await session.flush()
    found = recover(folder.latest(path) or b"")
    assert found is not None
    restored = found.restored.notebook
    assert [cell.source for cell in restored] == ["# Parameters\np = 1\n", "a", "b = 3"]
    assert [output.raw.get("text") for output in restored.at(1).data().outputs] == ["of a\n"]
    await session.shut_down(discard=True)
