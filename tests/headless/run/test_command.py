"""`tuinb run` on scripted kernels: what is run, what is saved, what is said, and the exit code."""

from __future__ import annotations

import asyncio
import io
import json
import os
import sys
from itertools import count
from typing import TYPE_CHECKING

import nbformat
import pytest

from tests.headless.support import code, content, job, notebook, run
from tests.notebook.test_nesting import nested
from tests.support import shut, wait_for
from tuinb import cli
from tuinb.errors import KernelSpecError, NotebookFileError
from tuinb.files import load
from tuinb.files.claim import Claim
from tuinb.files.journal import folder
from tuinb.files.journal.recovered import recover
from tuinb.headless.arguments import Exit
from tuinb.headless.run import batch
from tuinb.headless.run import command as command
from tuinb.headless.run.autosave import Autosave
from tuinb.headless.run.job import Job, Options, Outcome, run_all
from tuinb.headless.run.report import Report, ReportOptions, as_json
from tuinb.kernel.connection.scripted import (
    ScriptedKernel,
    abort,
    die,
    display,
    error,
    gate,
    hang,
    next_input,
    payload,
    prompt,
    result,
    stream,
    update,
)
from tuinb.kernel.protocol import requests
from tuinb.notebook.changes import KERNEL, AppendStream, Step, Transaction
from tuinb.notebook.nesting import DEEPEST
from tuinb.session import access
from tuinb.session.opening import open_session

if TYPE_CHECKING:
    from pathlib import Path

    from tuinb.headless.run.results import CellResult
    from tuinb.kernel.connection.port import KernelConnection

FAILS = [error("ValueError", "no", ["\x1b[31mTraceback\x1b[0m", "Cell \x1b[32mIn[2]\x1b[0m, line 1", "ValueError: no"])]
SCRIPT = {"a": [stream("one\n"), result("1")], "bad": FAILS, "c": [stream("three\n")]}


def statuses(outcome: Outcome) -> list[tuple[int, str]]:
    return [(found.number, found.status) for found in outcome.cells]


# ---- which cells are run, and how it ends


async def test_all_cells_run_and_the_file_is_saved(tmp_path: Path) -> None:
    path = notebook(tmp_path / "in.ipynb", "a", {"cell_type": "markdown", "metadata": {}, "source": ["# b"]}, "c")
    before = path.read_bytes()
    outcome = await run(job(path, SCRIPT, tmp_path / "out.ipynb"))
    assert (outcome.exit, outcome.status, statuses(outcome)) == (Exit.OK, "ok", [(1, "ok"), (3, "ok")])
    saved = content(tmp_path / "out.ipynb")["cells"]
    assert [cell.get("execution_count") for cell in saved] == [1, None, 2]
    assert saved[0]["outputs"][0]["text"] == ["one\n"]
    assert path.read_bytes() == before


async def test_a_file_that_another_process_has_open_is_refused(tmp_path: Path) -> None:
    path, out = notebook(tmp_path / "x.ipynb", "a"), notebook(tmp_path / "out.ipynb", "old")
    other = Claim(out)
    assert other.take() is None
    refused = await run(job(path, SCRIPT, out))
    assert (refused.exit, refused.status) == (Exit.USAGE, "not run")
    assert f"out.ipynb: tuinb (process {os.getpid()} on" in str(refused.error)
    assert [cell["source"] for cell in content(out)["cells"]] == [["old"]]
    other.release()
    assert (await run(job(path, SCRIPT, out))).exit is Exit.OK
    assert other.take() is None, "the run still has it"
    other.release()


async def test_a_run_whose_file_is_taken_over_ends_and_keeps_what_it_computed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access, "_BEAT", 0.02)
    path = notebook(tmp_path / "x.ipynb", "begins", "c")
    opened = asyncio.Event()
    task = job(path, SCRIPT | {"begins": [stream("one\n"), gate(opened), stream("two\n")]}, path)
    running = asyncio.create_task(run(task))
    await wait_for(lambda: task.runner is not None and "one" in path.read_text())
    other = Claim(path)
    assert other.take() is not None
    other.ask()
    await wait_for(lambda: other.take() is None)
    opened.set()
    outcome = await running
    assert (outcome.status, outcome.saved) == ("not run", None)
    assert "it is read-only: tuinb (process" in str(outcome.error)
    (left,) = folder.leftovers(path)
    found = recover(left.read())
    assert found is not None
    assert [len(cell.outputs) for cell in found.restored.notebook] == [1, 0]
    left.discard()
    other.release()


async def test_an_error_ends_the_run(tmp_path: Path) -> None:
    kept = code("c", outputs=[{"name": "stdout", "output_type": "stream", "text": ["old\n"]}], count=9)
    path = notebook(tmp_path / "x.ipynb", "a", "bad", kept)
    outcome = await run(job(path, SCRIPT, path))
    assert (outcome.exit, outcome.status, statuses(outcome)) == (Exit.FAILED, "error", [(1, "ok"), (2, "error")])
    failure = outcome.cells[1].failure
    assert failure is not None
    assert (str(failure), failure.line) == ("ValueError: no", 1)
    cells = content(path)["cells"]
    assert cells[1]["outputs"][0]["ename"] == "ValueError"
    assert (cells[2]["execution_count"], cells[2]["outputs"][0]["text"]) == (9, ["old\n"])


async def test_an_error_without_a_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = notebook(tmp_path / "x.ipynb", "fails")
    await run(job(path, {"fails": [error("", "127", [])]}))
    assert capsys.readouterr().err == f"tuinb: {path}, cell 1: error: 127\n"


async def test_an_error_that_only_the_reply_names(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = notebook(tmp_path / "x.ipynb", "fails")
    outcome = await run(job(path, {"fails": [error("ExceptionGroup", "g (2 sub-exceptions)", published=False)]}))
    assert capsys.readouterr().err == f"tuinb: {path}, cell 1: ExceptionGroup: g (2 sub-exceptions)\n"
    told = as_json(outcome)["error"]
    assert isinstance(told, dict)
    assert (told["name"], told["value"]) == ("ExceptionGroup", "g (2 sub-exceptions)")


@pytest.mark.parametrize(
    ("name", "setter", "told"),
    [
        ("NameError", "x = 1", ", which only a later cell defined (cell 2)"),
        ("NameError", "y = 1", ", which only a deleted cell can have defined"),
        ("ValueError", "x = 1", ""),
    ],
)
async def test_a_name_that_a_cell_misses(
    name: str, setter: str, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = notebook(tmp_path / "a.ipynb", "x", setter)
    await run(job(path, {"x": [error(name, "name 'x' is not defined", [])]}))
    assert capsys.readouterr().err == f"tuinb: {path}, cell 1: {name}: name 'x' is not defined{told}\n"


async def test_the_line_is_the_innermost_one_in_the_cell(tmp_path: Path) -> None:
    source = "def f():\n    g()\nf()"
    frames = ["Cell In[1], line 3\n----> 3 f()", "Cell In[1], line 2, in f()\n----> 2     g()", "ValueError: no"]
    outcome = await run(job(notebook(tmp_path / "x.ipynb", source), {source: [error("ValueError", "no", frames)]}))
    failure = outcome.cells[0].failure
    assert failure is not None
    assert failure.line == 2


@pytest.mark.parametrize(("tag", "allow"), [("raises-exception", False), ("", True)])
async def test_an_error_that_is_allowed_does_not(
    tmp_path: Path, tag: str, allow: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    path = notebook(tmp_path / "x.ipynb", code("bad", *filter(None, [tag])), "c")
    kernel = ScriptedKernel(SCRIPT)
    outcome = await run(job(path, kernel, allow_errors=allow), ReportOptions())
    assert (outcome.exit, statuses(outcome)) == (Exit.OK, [(1, "allowed error"), (2, "ok")])
    assert " s (ValueError, continues): bad" in capsys.readouterr().err
    sent = [request for request in kernel.sent if isinstance(request, requests.Execute)]
    assert not sent[0].stop_on_error


async def test_the_name_of_an_allowed_error_is_foreign_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Symptom: the terminal obeyed escapes in it."""
    task = job(notebook(tmp_path / "x.ipynb", "bad"), {"bad": [error("\x1b]0;title\x07\n" + "x" * 500)]}, allow_errors=True)
    await run(task, ReportOptions())
    said = capsys.readouterr().err
    assert "\x1b" not in said
    assert "x, continues): bad" in said
    assert "x" * 100 not in said


async def test_tags_and_blank_cells_are_passed_over(tmp_path: Path) -> None:
    kept = code("bad", "skip-execution", outputs=[{"name": "stdout", "output_type": "stream", "text": ["old\n"]}], count=9)
    path = notebook(tmp_path / "x.ipynb", kept, "  \n", "c")
    outcome = await run(job(path, SCRIPT, path))
    assert statuses(outcome) == [(1, "skipped"), (2, "skipped"), (3, "ok")]
    assert content(path)["cells"][0]["outputs"][0]["text"] == ["old\n"]


async def test_a_part_of_the_cells(tmp_path: Path) -> None:
    path = notebook(tmp_path / "x.ipynb", "bad", "a", "c", "bad")
    assert statuses(await run(job(path, SCRIPT, first="2", last="cell-3"))) == [(2, "ok"), (3, "ok")]
    outcome = await run(job(path, SCRIPT, last="7"))
    assert outcome.exit is Exit.USAGE
    assert "no cell is called '7'" in str(outcome.error)


async def test_parameters_are_set_before_what_uses_them(tmp_path: Path) -> None:
    path = notebook(tmp_path / "x.ipynb", code("x = 1", "parameters"), "a", "c")
    outcome = await run(job(path, SCRIPT, tmp_path / "y.ipynb", parameters={"x": 2}, first="3"))
    assert statuses(outcome) == [(2, "ok"), (4, "ok")]
    injected = content(tmp_path / "y.ipynb")["cells"][1]
    assert (injected["metadata"], injected["source"]) == ({"tags": ["injected-parameters"]}, ["# Parameters\n", "x = 2\n"])


async def test_no_cells_need_no_kernel(tmp_path: Path) -> None:
    kernel = ScriptedKernel({})
    outcome = await run(job(notebook(tmp_path / "x.ipynb"), kernel, tmp_path / "y.ipynb"))
    assert (outcome.exit, kernel.starts, outcome.saved) == (Exit.OK, 0, tmp_path / "y.ipynb")
    assert (tmp_path / "y.ipynb").read_bytes() == (tmp_path / "x.ipynb").read_bytes()


async def test_nobody_is_there(tmp_path: Path) -> None:
    path = notebook(tmp_path / "x.ipynb", "load", "c")
    kernel = ScriptedKernel(SCRIPT | {"load": [next_input("loaded", replace=True)]})
    await run(job(path, kernel, path))
    assert not any(request.allow_stdin for request in kernel.sent if isinstance(request, requests.Execute))
    assert [cell["source"] for cell in content(path)["cells"]] == [["load"], ["c"]]


# ---- what goes wrong


async def test_a_kernel_that_dies(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = notebook(tmp_path / "in.ipynb", "last", "c")
    script = {"last": [stream("words\n"), die("killed by SIGKILL", "out of memory")]}
    outcome = await run(job(path, script, tmp_path / "x.ipynb"), ReportOptions())
    path, said = tmp_path / "x.ipynb", capsys.readouterr()
    assert said.out.endswith(f" s, dead kernel, saved as {path}\n")
    assert said.err.endswith("in.ipynb, cell 1: the kernel died: killed by SIGKILL\n  out of memory\n")
    assert (outcome.exit, outcome.status, statuses(outcome)) == (Exit.KERNEL, "dead kernel", [(1, "dead kernel")])
    assert as_json(outcome)["error"] == {
        "cell": 1,
        "status": "dead kernel",
        "message": f"{outcome.path}, cell 1: the kernel died: killed by SIGKILL",
        "stderr": "out of memory",
    }
    assert content(path)["cells"][0]["outputs"][0]["text"] == ["words\n"]


@pytest.mark.parametrize(("tag", "allow"), [("raises-exception", False), ("", True)])
async def test_a_kernel_that_drops_what_follows_an_error(tag: str, allow: bool, tmp_path: Path) -> None:
    times = count(1)
    kernel = ScriptedKernel({"bad": FAILS}, otherwise=lambda _: [abort()] if next(times) < 3 else [stream("ran\n")])
    path = notebook(tmp_path / "x.ipynb", code("bad", *filter(None, [tag])), "next", "last")
    outcome = await run(job(path, kernel, path, allow_errors=allow))
    assert (outcome.exit, statuses(outcome)) == (Exit.OK, [(1, "allowed error"), (2, "ok"), (3, "ok")])
    assert [request.code for request in kernel.sent if isinstance(request, requests.Execute)] == [
        *("bad", "next", "next", "next", "last")
    ]
    assert [cell["outputs"][0]["text"] for cell in content(path)["cells"][1:]] == [["ran\n"], ["ran\n"]]


EXITS = payload(source="ask_exit", keepkernel=False)


async def test_a_cell_that_exits_ends_the_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = notebook(tmp_path / "x.ipynb", "first", "exit()", code("no", "skip-execution"), "c")
    kernel = ScriptedKernel({"first": [], "exit()": [EXITS], "c": []})
    outcome = await run(job(path, kernel), ReportOptions())
    assert (outcome.exit, statuses(outcome)) == (Exit.KERNEL, [(1, "ok"), (2, "ok"), (3, "skipped")])
    assert capsys.readouterr().err.endswith(
        "x.ipynb: cell 2 ended the kernel (exit or quit): the cells below it were not run\n"
    )
    assert [request.code for request in kernel.sent if isinstance(request, requests.Execute)] == ["first", "exit()"]


async def test_a_last_cell_that_exits_has_run(tmp_path: Path) -> None:
    outcome = await run(job(notebook(tmp_path / "x.ipynb", "first", "exit()"), {"exit()": [EXITS]}))
    assert (outcome.exit, statuses(outcome)) == (Exit.OK, [(1, "ok"), (2, "ok")])


async def test_an_exit_that_keeps_the_kernel_does_not_end_the_run(tmp_path: Path) -> None:
    keeps = payload(source="ask_exit", keepkernel=True)
    outcome = await run(job(notebook(tmp_path / "x.ipynb", "exit(True)", "b"), {"exit(True)": [keeps]}))
    assert (outcome.exit, statuses(outcome)) == (Exit.OK, [(1, "ok"), (2, "ok")])


async def test_a_kernel_that_dies_between_two_cells_is_not_replaced(tmp_path: Path) -> None:
    kernel = ScriptedKernel({"b": [stream("on a fresh kernel\n")]})
    task = job(notebook(tmp_path / "x.ipynb", "a", "b"), kernel)

    class Killer(Report):
        def ended(self, job: Job, result: CellResult) -> None:
            super().ended(job, result)
            kernel.kill()

    outcome = await task.run(Killer(ReportOptions(quiet=True), 1, 1))
    assert (outcome.exit, statuses(outcome), kernel.starts) == (Exit.KERNEL, [(1, "ok")], 1)


async def test_a_long_message_is_cut(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = notebook(tmp_path / "x.ipynb", "fails")
    outcome = await run(job(path, {"fails": [error("ValueError", "é" * 1_000_000, [])]}))
    line = capsys.readouterr().err
    assert line == f"tuinb: {path}, cell 1: ValueError: {'é' * 287}…\n"
    told = as_json(outcome)["error"]
    assert isinstance(told, dict)
    assert len(told["value"]) == 1_000_000


async def test_a_kernel_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = notebook(tmp_path / "x.ipynb", "a")

    def make(_name: str | None) -> KernelConnection:
        raise KernelSpecError("there is no kernelspec 'none'")

    outcome = await run(Job(path, path, Options(), make))
    assert (outcome.exit, outcome.cells) == (Exit.KERNEL, [])
    assert capsys.readouterr().err == f"tuinb: {path}: there is no kernelspec 'none'\n"
    found = await run(Job(path, path, Options(kernel="none")))
    assert found.exit is Exit.KERNEL


async def test_a_notebook_that_is_none(tmp_path: Path) -> None:
    path = tmp_path / "x.ipynb"
    path.write_text('{"cells": [{"cell_type": "code", "source": "a"},')
    outcome = await run(job(path, SCRIPT, path))
    assert outcome.exit is Exit.USAGE
    assert outcome.saved is None
    assert "can't be run" in str(outcome.error)


async def test_a_limit_of_time_interrupts(tmp_path: Path) -> None:
    path = notebook(tmp_path / "x.ipynb", "loop", "c")
    outcome = await run(job(path, {"loop": [stream("x\n"), hang()]}, path, timeout=0.01))
    assert (outcome.exit, statuses(outcome)) == (Exit.FAILED, [(1, "timeout")])
    assert [output["output_type"] for output in content(path)["cells"][0]["outputs"]] == ["stream", "error"]


@pytest.mark.parametrize(("allow", "exit_"), [(False, Exit.FAILED), (True, Exit.OK)])
async def test_a_kernel_that_asks_all_the_same_fails_the_cell(tmp_path: Path, allow: bool, exit_: Exit) -> None:
    path = notebook(tmp_path / "x.ipynb", "ask", "c")
    outcome = await run(job(path, SCRIPT | {"ask": [stream("x\n"), prompt("name? ")]}, allow_errors=allow))
    assert outcome.exit is exit_
    assert outcome.cells[0].status == ("allowed error" if allow else "error")
    assert "nobody is there to give it" in str(outcome.cells[0].failure)
    assert len(outcome.cells) == 1 + allow


async def test_an_interrupt_saves_and_ends(tmp_path: Path) -> None:
    path = notebook(tmp_path / "x.ipynb", "a", "loop", "c")
    task = job(path, SCRIPT | {"loop": [stream("x\n"), hang()]}, path)
    running = asyncio.create_task(run(task))
    await wait_for(lambda: len(task.results) == 1)
    task.interrupt()
    outcome = await running
    assert (outcome.exit, statuses(outcome)) == (Exit.INTERRUPTED, [(1, "ok"), (2, "interrupted")])
    assert content(path)["cells"][1]["outputs"][-1]["ename"] == "KeyboardInterrupt"


async def test_a_second_one_waits_for_nothing(tmp_path: Path) -> None:
    path = notebook(tmp_path / "x.ipynb", "a", "loop")
    task = job(path, SCRIPT | {"loop": [stream("x\n"), hang(None)]}, path)
    running = asyncio.create_task(run(task))
    await wait_for(lambda: len(task.results) == 1)
    task.interrupt()
    task.kill()
    outcome = await running
    assert outcome.exit is Exit.INTERRUPTED
    assert outcome.cells[1].seconds > 0
    assert content(path)["cells"][1]["outputs"][0]["text"] == ["x\n"]


async def test_what_did_not_begin_does_not(tmp_path: Path) -> None:
    task = job(notebook(tmp_path / "x.ipynb", "a"), kernel := ScriptedKernel(SCRIPT))
    task.interrupt()
    assert (await run(task)).exit is Exit.INTERRUPTED
    assert kernel.starts == 0


async def test_several_at_a_time(tmp_path: Path) -> None:
    opened = asyncio.Event()
    first = job(notebook(tmp_path / "a.ipynb", "wait"), {"wait": [gate(opened)]})
    second = job(notebook(tmp_path / "b.ipynb", "bad"), SCRIPT)
    report = Report(ReportOptions(quiet=True), 2, 2)
    running = asyncio.create_task(run_all([first, second], 2, report))
    await wait_for(lambda: bool(second.results))
    opened.set()
    assert [outcome.exit for outcome in await running] == [Exit.OK, Exit.FAILED]


# ---- saving


async def test_it_is_saved_as_it_comes(tmp_path: Path) -> None:
    path = notebook(tmp_path / "x.ipynb", "a")
    loaded = load.load(path)
    session = open_session(loaded, None)
    autosave = Autosave(session, path, every=0.001)
    autosave.start()
    cell = loaded.notebook.order[0]
    session.apply(Transaction((AppendStream(cell, "stdout", "so far\n"),), KERNEL, Step.OUTPUT))
    await wait_for(lambda: "so far" in path.read_text())
    await autosave.finish()
    assert not session.modified
    assert loaded.file.trusted is None


async def test_what_could_not_be_kept_of_the_file_is_said_once(tmp_path: Path) -> None:
    path, target = notebook(tmp_path / "x.ipynb", "a"), tmp_path / "out.ipynb"
    target.write_text("old")
    (tmp_path / "link.ipynb").hardlink_to(target)
    session = open_session(load.load(path), None)
    autosave = Autosave(session, target)
    await autosave.finish()
    assert autosave.notices == ["other hard links to this file keep the old content"]
    assert content(target) == content(path)


async def test_what_somebody_else_wrote_stays_and_nothing_is_lost(tmp_path: Path) -> None:
    path = notebook(tmp_path / "x.ipynb", "a", "wait")
    opened = asyncio.Event()
    task = job(path, SCRIPT | {"wait": [gate(opened)]}, path)
    running = asyncio.create_task(run(task))
    await wait_for(lambda: len(task.results) == 1)
    path.write_text("theirs")
    opened.set()
    outcome = await running
    assert (outcome.exit, outcome.saved) == (Exit.USAGE, None)
    assert isinstance(outcome.error, NotebookFileError)
    assert "`tuinb recover " in str(outcome.error)
    assert path.read_text() == "theirs"
    assert cli.main(["recover", str(path), "-o", str(tmp_path / "kept.ipynb")]) == 0
    assert content(tmp_path / "kept.ipynb")["cells"][0]["execution_count"] == 1


# ---- what is said


@pytest.mark.parametrize(("source", "shown"), [("x" * 5_000, "x" * 100), ("\u65e5" * 5_000, "\u65e5" * 50)])
async def test_a_long_first_line_is_cut(source: str, shown: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = notebook(tmp_path / "x.ipynb", source)
    await run(job(path, {source: []}), ReportOptions())
    assert capsys.readouterr().err.endswith(f" s: {shown}\n")


async def test_outputs_go_to_stdout(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wide = "w" * 300
    shown = {"text/plain": "?", "image/png": "iVBORw0KGgo="}
    script = SCRIPT | {"b": [stream(f"{wide}\n\x1b]0;title\x07\n"), display(shown, "d"), update("d", {"text/plain": "new"})]}
    path = notebook(tmp_path / "x.ipynb", "a", "b", "bad")
    outcome = await run(job(path, script), ReportOptions(outputs=True))
    told = capsys.readouterr()
    lines = told.out.splitlines()
    assert lines[:3] == ["one", "1", wide]
    assert "\x1b" not in told.out + told.err
    assert lines[-1].startswith(f"{path}: 3 cells in ")
    assert lines[-1].endswith(" s, error")
    assert f"tuinb: {path}, cell 3, line 1: ValueError: no\n" in told.err
    assert "Traceback" in told.err
    assert "Traceback" not in told.out
    assert outcome.exit is Exit.FAILED


async def test_a_stream_is_printed_as_it_comes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    opened = asyncio.Event()
    path = notebook(tmp_path / "x.ipynb", "s", "c")
    script = SCRIPT | {"s": [stream("first\nsec"), gate(opened), stream("ond\n"), result("2")]}
    running = asyncio.create_task(run(job(path, script), ReportOptions(stream=True)))
    told = ""

    def heard() -> bool:
        nonlocal told
        told += capsys.readouterr().out
        return bool(told)

    await wait_for(heard)
    assert told == "first\n"
    opened.set()
    await running
    assert capsys.readouterr().out.splitlines()[:3] == ["second", "2", "three"]


async def test_quiet_says_what_is_wrong_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    await run(job(notebook(tmp_path / "x.ipynb", "a"), SCRIPT), ReportOptions(quiet=True))
    assert capsys.readouterr() == ("", "")
    await run(job(notebook(tmp_path / "x.ipynb", "bad"), SCRIPT), ReportOptions(quiet=True))
    told = capsys.readouterr()
    assert (told.out, "ValueError" in told.err) == ("", True)


async def test_json_is_for_programs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = notebook(tmp_path / "x.ipynb", "a", "bad")
    outcome = await run(job(path, SCRIPT, path), ReportOptions(json=True))
    found = json.loads(capsys.readouterr().out)
    assert found == json.loads(json.dumps(as_json(outcome)))
    assert (found["file"], found["status"], found["exit"], found["saved"]) == (str(path), "error", 1, str(path))
    assert [cell["status"] for cell in found["cells"]] == ["ok", "error"]
    assert found["error"]["name"] == "ValueError"
    assert found["error"]["line"] == 1


# ---- the command line


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["no.ipynb"], "no.ipynb: there is no such file"),
        (["x.ipynb", "./x.ipynb"], "it is named twice"),
        (["x.ipynb", "--params", "no.json"], "the parameters can't be read"),
        (["x.ipynb", "-o", "no/out.ipynb"], "there is no such folder"),
        (["x.ipynb", "-o", "data.csv"], "data.csv: it is another kind of file, and would be replaced"),
        (["x.ipynb", "y.ipynb", "-o", "out.ipynb"], "it is no folder"),
        (["x.ipynb", "sub/x.ipynb", "-o", "sub"], "two notebooks would be saved"),
        (["x.ipynb", "--cwd", "no"], "there is no such folder"),
        (["x.ipynb", "--stream", "--json"], "--stream prints outputs"),
        (["x.ipynb", "--stream", "-j", "2"], "leave out -j"),
        ([""], "a file's name is empty"),
        (["-"], "a notebook is not read from standard input"),
        (["x.ipynb", "-o", "-"], "a notebook is not saved to standard output"),
        (["x.ipynb", "--from", "1", "--to", "0"], "no cell is called '0'"),
        (["two.ipynb", "--from", "2", "--to", "1"], "--from 2 comes after --to 1"),
    ],
)
def test_a_command_line_that_does_not_work(
    words: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "sub").mkdir()
    for name in ("x.ipynb", "y.ipynb", "sub/x.ipynb"):
        notebook(tmp_path / name, "a")
    notebook(tmp_path / "two.ipynb", "a", "b")
    (tmp_path / "data.csv").write_text("a,b\n")
    monkeypatch.chdir(tmp_path)
    assert command.main(words) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert said in told.err
    assert told.err.count("\n") == 1


def test_a_folder_that_may_not_be_worked_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = notebook(tmp_path / "x.ipynb", "a")
    monkeypatch.setattr(os, "access", lambda *_args: False)
    assert command.main([str(path), "--cwd", str(tmp_path)]) == 2
    assert "no permission to work in this folder" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--cwd", "shut/sub"], "shut/sub: there is no such folder"),
        (["-o", "shut/out.ipynb"], "shut/out.ipynb: no permission to write it"),
    ],
)
def test_a_folder_that_may_not_be_looked_into(
    words: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    notebook(tmp_path / "x.ipynb", "a")
    (tmp_path / "shut").mkdir()
    monkeypatch.chdir(tmp_path)
    shut(tmp_path / "shut", monkeypatch)
    assert command.main(["x.ipynb", *words]) == 2
    assert said in capsys.readouterr().err


async def test_what_can_not_be_saved_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = notebook(tmp_path / "x.ipynb", "a")
    monkeypatch.setattr(os, "access", lambda *_args: False)
    outcome = await run(job(path, SCRIPT, path))
    assert (outcome.exit, outcome.status, list(outcome.cells)) == (Exit.USAGE, "not run", [])
    assert "write-protected" in str(outcome.error)


async def test_a_text_says_how_outputs_are_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "x.py"
    path.write_text("a\n")
    await run(job(path, SCRIPT))
    await run(job(path, SCRIPT, tmp_path / "x.ipynb"))
    assert capsys.readouterr().err == ""
    await run(job(tmp_path / "x.ipynb", SCRIPT, path))
    assert capsys.readouterr().err == (
        f"tuinb: {tmp_path / 'x.ipynb'}: a script or a document has no room for outputs; -o NAME.ipynb saves them\n"
    )


@pytest.mark.kernel
def test_another_kernel_than_the_notebooks_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = notebook(tmp_path / "x.ipynb", "1", kernelspec={"name": "gone", "language": "python", "display_name": "Gone"})
    assert command.main([str(path), "--quiet"]) == 0
    assert f"tuinb: {path}: gone is not installed: python3, of the same language, takes its place\n" in capsys.readouterr().err


@pytest.mark.kernel
def test_the_command_runs_several_and_takes_the_worst(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad = notebook(tmp_path / "good.ipynb", "print('fine')"), notebook(tmp_path / "bad.ipynb", "1/0")
    (tmp_path / "out").mkdir()
    monkeypatch.chdir(tmp_path)
    assert command.main([str(good), str(bad), "-o", "out", "-j", "2"]) == 1
    told = capsys.readouterr()
    assert f"{good}: 1 cell in " in told.out
    assert "bad.ipynb: cell 1 of 1, " in told.err
    assert content(tmp_path / "out" / "good.ipynb")["cells"][0]["outputs"][0]["text"] == ["fine\n"]
    assert content(tmp_path / "out" / "bad.ipynb")["cells"][0]["outputs"][0]["ename"] == "ZeroDivisionError"
    assert command.main([str(bad), str(good), "-j", "2"]) == 1
    assert "fine\n" in capsys.readouterr().out


async def test_progress_is_painted_over_on_a_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stderr", screen := Terminal())
    path = notebook(tmp_path / "x.ipynb", "a", "c  # \u4e2d" * 30)
    await run(job(path, SCRIPT), ReportOptions())
    assert "\r\x1b[Kx.ipynb [....................] cell 1 of 2 0:00 a" in screen.getvalue()
    assert screen.getvalue().endswith("\r\x1b[K")
    reader, writer = os.pipe()
    with os.fdopen(reader), os.fdopen(writer, "w") as pipe:
        monkeypatch.setattr(sys, "stdout", pipe)
        monkeypatch.setattr(sys, "stderr", screen := Terminal())
        await run(job(path, SCRIPT), ReportOptions(outputs=True))
    assert screen.getvalue().startswith("cell 1 of 2, ")
    assert "\r" not in screen.getvalue()


def test_a_value_may_begin_with_a_dash() -> None:
    words = ["-p", "rate", "-1e-5", "--parameter", "name", "-text", "--json", "-p", "n", "-3", "--", "x.ipynb", "-p", "a", "b"]
    parsed = batch.parse(command.arguments(), words)
    assert parsed.parameter == [["rate", "-1e-5"], ["name", "-text"], ["n", "-3"]]
    assert (parsed.files, parsed.json) == (["x.ipynb", "-p", "a", "b"], True)


@pytest.mark.parametrize(
    "words",
    [
        ["x", "-p", "a"],
        ["x", "-p", "a", "--json"],
        [],
        ["x", "--timeout", "0"],
        ["x", "-j", "none"],
        ["x", "-o", "y", "--in-place"],
    ],
)
def test_usage(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        command.main(words)
    assert left.value.code == 2
    assert "tuinb run: error:" in capsys.readouterr().err


# ---- outputs that are nested deeply


@pytest.mark.parametrize("levels", [390, 500, 960])
async def test_a_deep_output_keeps_nothing_else_from_being_saved(tmp_path: Path, levels: int) -> None:
    """Symptom: the run ended with 2 and wrote nothing."""
    deep = nested(levels)
    data = {"application/json": deep, "text/plain": "<JSON>"}
    path = notebook(tmp_path / "x.ipynb", "deep", "a", metadata={"x": 1})
    outcome = await run(job(path, SCRIPT | {"deep": [display(data), display({"application/json": deep})]}, path))
    assert outcome.exit is Exit.OK
    loaded = load.load(path)
    first, second = (output.data for output in loaded.notebook.at(0).outputs)
    assert first["text/plain"] == ["<JSON>"]
    assert nbformat.reads(path.read_text(encoding="utf-8"), 4).cells[1].outputs[0].text == "one\n"  # type: ignore[no-untyped-call]
    if levels < DEEPEST:
        assert first["application/json"] == second["application/json"] == deep
        assert outcome.saved == path
    else:
        assert "application/json" not in first
        assert "not saved" in second["text/plain"][0]


async def test_a_part_that_was_not_saved_is_told(tmp_path: Path) -> None:
    path = notebook(tmp_path / "x.ipynb", "a", "deep")
    task = job(path, SCRIPT | {"deep": [display({"application/json": nested(500)})]}, path)
    told: list[str] = []
    report = Report(ReportOptions(quiet=True), 1, 1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(report, "note", lambda _job, text: told.append(text))
        await task.run(report)
    report.close()
    assert told == ["an output of cell 2 is nested more than 400 levels deep: that part of it was not saved"]
