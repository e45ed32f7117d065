"""`tuinb verify`: what is said of each cell, the exit code, and that the file stays as it is."""

from __future__ import annotations

import base64
import io
import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from tests.headless.support import code, notebook, tuinb
from tuinb.capabilities import Colors
from tuinb.headless import ansi_lines
from tuinb.headless.run.job import Options, run_all
from tuinb.headless.verify import command
from tuinb.headless.verify.verdicts import Verified, Verifier, pattern
from tuinb.kernel.connection.scripted import ScriptedKernel, die, display, error, hang, result, stream

if TYPE_CHECKING:
    from pathlib import Path

    from tuinb.headless.run.job import Job, Outcome
    from tuinb.kernel.connection.port import KernelConnection
    from tuinb.kernel.connection.scripted import Script

PYTHON = {"language_info": {"name": "python"}}
FAILS = [error("NameError", "name 'x' is not defined", ["Cell In[3], line 1"])]
SCRIPT = {"a = 1": [stream("one\n")], "b": [result("2")], "bad": FAILS, "quiet": []}


def said(*lines: str) -> list[dict[str, Any]]:
    return [{"output_type": "stream", "name": "stdout", "text": list(lines)}]


async def verified(path: Path, script: Script, *ignored: str, **options: Any) -> Verified:  # noqa: ANN401
    def make(_name: str | None) -> KernelConnection:
        return ScriptedKernel(script)

    verifier = Verifier([pattern(text) for text in ignored])
    job = verifier.job(path, Options(allow_errors=True, **options), make)
    report = command._Report(verifier, [job], quiet=True, as_json=False)
    (outcome,) = await run_all([job], 1, report)
    found = verifier.judge(job, outcome)
    assert report.worst == found.exit
    report.close()
    return found


async def verdicts(path: Path, script: Script = SCRIPT, *ignored: str, **options: Any) -> list[str]:  # noqa: ANN401
    return [str(cell.verdict) for cell in (await verified(path, script, *ignored, **options)).cells]


async def test_each_verdict(tmp_path: Path) -> None:
    cells: list[dict[str, Any] | str] = [
        code("a = 1", outputs=said("one\n"), count=4),
        code("b", outputs=said("2\n"), count=2),
        code("bad", count=3),
        code("a = 1"),
        "  \n",
        code("quiet", count=9),
    ]
    path = notebook(tmp_path / "x.ipynb", *cells, **PYTHON)
    before = path.read_bytes()
    found = await verified(path, SCRIPT)
    assert [cell.verdict for cell in found.cells] == ["same", "different", "new error", "nothing saved", "same"]
    assert found.exit == 1
    assert found.notes == ["when it was saved, cell 2 (count 2) had been run before cell 1 (count 4)"]
    assert path.read_bytes() == before
    lines = list(command.as_text(found))
    assert f"{path}, cell 2: different" in lines
    assert (
        f"{path}, cell 3, line 1: new error: NameError: name 'x' is not defined, which only a deleted cell can have defined"
        in lines
    )
    assert lines[-1].startswith(f"{path}: does not reproduce: 2 same, 1 different, 1 new error, 1 nothing saved, in ")
    assert f"{path}, cell 2 uses `b` (line 1), which only a deleted cell can have defined" in lines


async def test_a_name_that_a_cell_above_was_to_define(tmp_path: Path) -> None:
    path = notebook(tmp_path / "x.ipynb", code("x = 1/0", count=1), code("bad", count=2), **PYTHON)
    found = await verified(path, {"x = 1/0": [error("ZeroDivisionError", "no")], "bad": FAILS})
    assert [cell.hint for cell in found.cells] == ["", "which cell 1 was to define"]


@pytest.mark.parametrize(
    ("saved", "verdict"),
    [
        ("  | ExceptionGroup: g (2 sub-exceptions)\n", "same"),
        ("  | ExceptionGroup: other (1 sub-exception)\n", "different"),
        ("a warning\n", "new error"),
        ("", "new error"),
    ],
)
async def test_an_error_that_only_stderr_shows(saved: str, verdict: str, tmp_path: Path) -> None:
    failing = [
        stream("  | ExceptionGroup: g (2 sub-exceptions)\n", "stderr"),
        error("ExceptionGroup", "g (2 sub-exceptions)", published=False),
    ]
    outputs = [{"output_type": "stream", "name": "stderr", "text": [saved]}] if saved else []
    path = notebook(tmp_path / "x.ipynb", code("fails", outputs=outputs, count=1))
    found = await verified(path, {"fails": failing})
    assert [str(cell.verdict) for cell in found.cells] == [verdict]
    assert found.exit == (0 if verdict == "same" else 1)


async def test_what_reproduces(tmp_path: Path) -> None:
    saved_error = [{"output_type": "error", "ename": "NameError", "evalue": "name 'x' is not defined", "traceback": []}]
    path = notebook(
        tmp_path / "x.ipynb", code("a = 1", outputs=said("one\n"), count=1), code("bad", outputs=saved_error, count=2)
    )
    found = await verified(path, SCRIPT)
    assert ([cell.verdict for cell in found.cells], found.exit) == (["same", "same"], 0)
    assert list(command.as_text(found, quiet=True)) == []


@pytest.mark.parametrize(
    ("source", "tag", "verdict"),
    [
        ("a = 1", "verify-skip", "left out"),
        ("a = 1", "nbval-ignore-output", "left out"),
        ("a = 1", "NBVAL_IGNORE_OUTPUT", "left out"),
        ("bad", "verify-skip", "new error"),
        ("bad", "raises-exception", "different"),
        ("bad", "nbval-raises-exception", "different"),
        ("bad", "skip-execution", "left out"),
    ],
)
async def test_tags(tmp_path: Path, source: str, tag: str, verdict: str) -> None:
    path = notebook(tmp_path / "x.ipynb", code(source, tag, outputs=said("old\n"), count=1))
    assert await verdicts(path) == [verdict]


async def test_a_cell_that_nbval_leaves_out_is_not_run(tmp_path: Path) -> None:
    path = notebook(tmp_path / "x.ipynb", code("# NBVAL_SKIP\nbad"), code("bad", "nbval-skip"), code("a = 1", count=1))
    assert await verdicts(path) == ["different"]


async def test_patterns_in_the_metadata(tmp_path: Path) -> None:
    own: dict[str, Any] = {"ignore": [r"o\w+"]}
    path = notebook(tmp_path / "x.ipynb", code("a = 1", outputs=said("oh\n"), count=1, tuinb=own))
    assert await verdicts(path) == ["same"]
    path = notebook(tmp_path / "y.ipynb", code("a = 1", outputs=said("oh\n"), count=1), tuinb=own)
    assert await verdicts(path) == ["same"]
    path = notebook(tmp_path / "z.ipynb", code("a = 1", outputs=said("oh\n"), count=1))
    assert await verdicts(path, SCRIPT, r"o\w+") == ["same"]


async def test_a_pattern_that_is_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = notebook(tmp_path / "x.ipynb", code("a = 1", count=1), tuinb={"ignore": ["("]})
    verifier = Verifier()
    job = verifier.job(path, Options(allow_errors=True), lambda _: ScriptedKernel(SCRIPT))
    report = command._Report(verifier, [job], quiet=True, as_json=False)
    await run_all([job], 1, report)
    assert report.worst == 2
    assert "is no regular expression" in capsys.readouterr().err


@pytest.mark.parametrize(("script", "code_", "status"), [([hang()], 1, "timeout"), ([die("gone")], 3, "dead kernel")])
async def test_a_run_that_does_not_end_well(tmp_path: Path, script: list[Any], code_: int, status: str) -> None:
    path = notebook(tmp_path / "x.ipynb", code("ends", count=1), code("a = 1", count=2))
    found = await verified(path, {"ends": script} | SCRIPT, timeout=0.01)
    assert found.exit == code_
    assert [cell.verdict for cell in found.cells] == ["not finished"]
    first, *_, last = command.as_text(found)
    assert first == f"{path}, cell 1: not finished: {status}"
    assert last.startswith(f"{path}: does not reproduce: 1 not finished, 1 not reached, in ")


async def test_json(tmp_path: Path) -> None:
    path = notebook(tmp_path / "x.ipynb", code("b", outputs=said("2\n"), count=1), code("b = 1", count=2), **PYTHON)
    found = command.as_json(await verified(path, {"b": [stream("3\n")], "b = 1": []}))
    assert (found["reproduces"], found["exit"]) == (False, 1)
    assert found["names"] == [{"cell": 1, "line": 1, "name": "b", "defined_in": [2]}]
    first, second = json.loads(json.dumps(found))["cells"]
    assert first["differences"] == [{"what": "stdout", "diff": "--- saved\n+++ now\n@@ -1 +1 @@\n-2\n+3"}]
    assert (second["verdict"], second["differences"]) == ("same", [])


def drawing(size: tuple[int, int], color: str = "red") -> str:
    Image.new("RGB", size, color).save(out := io.BytesIO(), "PNG")
    return base64.b64encode(out.getvalue()).decode()


def numbered(*outputs: list[Any]) -> list[dict[str, Any]]:
    """Returns a script for each run: the n-th one shows the n-th output."""
    return [{"varies": one, "a = 1": [stream("one\n")]} for one in outputs]


@pytest.mark.parametrize(
    ("saved", "runs", "verdict"),
    [
        ("1\n", ["2\n", "3\n"], "varies"),
        ("1\n", ["2\n", "2\n"], "changed"),
        ("1\n", ["1\n", "2\n"], "same"),
        ("loss of a: 1\n", ["loss of b: 2\n", "loss of b: 3\n"], "changed"),
        ("a b\n", ["b a\n", "a c\n"], "varies"),
        ("  9.5 %\n", [" 10.5 %\n", " 11.5 %\n"], "varies"),
        ("[0.25,\n 0.75]\n", ["[0.5, 1.0]\n", "[0.5, 0.9]\n"], "varies"),
        ("1\n", ["2\n", None], "varies"),
        ("1\n", [None, None], "new error"),
    ],
)
async def test_twice(saved: str, runs: list[str | None], verdict: str, tmp_path: Path) -> None:
    path = notebook(tmp_path / "x.ipynb", code("varies", outputs=said(saved), count=1))
    outputs = [[error("E", "e")] if text is None else [stream(text)] for text in runs]
    found, lines, worst = await twice(path, numbered(*outputs))
    assert found == [verdict]
    assert worst == (0 if verdict in {"varies", "same"} else 1)
    assert (f"{path}: differs between two new runs: cell 1" in lines) == (verdict == "varies")


async def twice(path: Path, scripts: list[dict[str, Any]]) -> tuple[list[str], list[str], int]:
    """Returns the verdicts, the printed lines and the exit code of `--twice`."""
    verifier, kernels = Verifier(), iter(scripts)
    options = Options(allow_errors=True, timeout=5)

    def make(_name: str | None) -> KernelConnection:
        return ScriptedKernel(next(kernels))

    jobs = [verifier.job(path, options, make)]
    report = command._Report(verifier, jobs, quiet=False, as_json=False, twice=True)
    concluded: list[Verified] = []
    judge = verifier.judge

    def judged(job: Job, outcome: Outcome, again: Outcome | None = None) -> Verified:
        concluded.append(judge(job, outcome, again))
        return concluded[-1]

    verifier.judge = judged  # type: ignore[method-assign]
    await run_all(jobs, 1, report)
    again = report.begin_again(options)
    for job in again:
        job.make = make
    await run_all(again, 1, report) if again else None
    report.finish()
    report.close()
    found = concluded[-1]
    return [str(cell.verdict) for cell in found.cells], list(command.as_text(found)), report.worst


async def test_a_second_run_that_does_not_come_to_the_cell(tmp_path: Path) -> None:
    path = notebook(tmp_path / "x.ipynb", code("varies", outputs=said("1\n"), count=1))
    found, _, worst = await twice(path, numbered([stream("2\n")], [die("gone")]))
    assert (found, worst) == (["not finished"], 1)


async def test_a_second_run_that_never_begins(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = notebook(tmp_path / "x.ipynb", code("a = 1", outputs=said("2\n"), count=1))
    verifier = Verifier()
    job = verifier.job(path, Options(allow_errors=True), lambda _: ScriptedKernel(SCRIPT))
    report = command._Report(verifier, [job], quiet=True, as_json=False, twice=True)
    await run_all([job], 1, report)
    assert capsys.readouterr().out == ""
    report.begin_again(job.options)
    report.finish()
    assert capsys.readouterr().out.startswith(f"{path}, cell 1: different\n")


async def test_what_was_passed_over_is_counted(tmp_path: Path) -> None:
    old, new = "Wall time: 1 s\n", [stream("Wall time: 2 s\n")]
    path = notebook(tmp_path / "x.ipynb", code("t", outputs=said(old), count=1), code("t", outputs=said(old), count=2))
    found = await verified(path, {"t": new})
    line = list(command.as_text(found))[-1]
    assert line.startswith(f"{path}: reproduces: 2 same but for 2 times, in ")
    cells = json.loads(json.dumps(command.as_json(found)))["cells"]
    assert [cell["passed_over"] for cell in cells] == [{"time": 1}] * 2


async def test_the_time_of_the_run(tmp_path: Path) -> None:
    now = datetime.now().isoformat(" ")
    path = notebook(tmp_path / "x.ipynb", code("now", outputs=said("2024-01-02 03:04:05.6\n"), count=1))
    assert await verdicts(path, {"now": [stream(f"{now}\n")]}) == ["same"]
    assert await verdicts(path, {"now": [stream("2024-01-02 03:04:07.6\n")]}) == ["different"]


async def test_both_pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    picture = {"image/png": drawing((4, 2)), "text/plain": "<Figure>"}
    saved = [{"output_type": "display_data", "metadata": {}, "data": {**picture, "image/png": drawing((4, 2), "blue")}}]
    path = notebook(tmp_path / "x.ipynb", code("plot", outputs=saved, count=1))
    found = await verified(path, {"plot": [display(picture)]})
    assert "  image differs (4×2, 100 % of the pixels)" in list(command.as_text(found))
    monkeypatch.setattr(ansi_lines, "colors_for", lambda _: Colors.TRUE)
    lines = list(command.as_text(found))
    assert [line for line in lines if line.endswith((" was:", " is now:"))] == ["  was:", "  is now:"]
    assert "\x1b[" in lines[lines.index("  was:") + 1]


async def test_a_long_diff_is_cut(tmp_path: Path) -> None:
    path = notebook(tmp_path / "x.ipynb", code("many", outputs=said(*(f"{n}\n" for n in range(100))), count=1))
    lines = list(command.as_text(await verified(path, {"many": [stream("x\n")]})))
    assert "  … 62 more lines (--json has all)" in lines


@pytest.mark.parametrize("words", [["--ignore", "(", "x.ipynb"], ["no.ipynb"]])
def test_usage(words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    notebook(tmp_path / "x.ipynb", "1")
    monkeypatch.chdir(tmp_path)
    assert command.main(words) == 2
    assert capsys.readouterr().err.startswith("tuinb: ")


@pytest.mark.kernel
def test_the_command(tmp_path: Path) -> None:
    first = notebook(tmp_path / "a.ipynb", code("print(id(3) * 0)", outputs=said("0\n"), count=1), code("undefined", count=2))
    second = notebook(tmp_path / "b.ipynb", code("object()\nprint('é')", outputs=said("é\n"), count=1))
    done = tuinb("verify", first, second, "-j", "2", cwd=tmp_path)
    assert done.returncode == 1
    assert b"a.ipynb: does not reproduce: 1 same, 1 new error, in " in done.stdout
    assert b"b.ipynb: reproduces: 1 same, in " in done.stdout
    assert tuinb("verify", second, "--quiet", cwd=tmp_path).stdout == b""
    missing = tuinb("verify", second, "--kernel", "none", "--json", cwd=tmp_path)
    assert (missing.returncode, json.loads(missing.stdout)["reproduces"]) == (3, False)


@pytest.mark.kernel
@pytest.mark.parametrize(
    "source",
    ["raise ExceptionGroup('g', [ValueError('a'), TypeError('b')])", "%nosuchmagic", "raise ValueError('\\ud800')"],
)
def test_an_error_that_is_not_published_reproduces(source: str, tmp_path: Path) -> None:
    path = notebook(tmp_path / "x.ipynb", source)
    assert tuinb("run", "-q", "--allow-errors", "--in-place", path, cwd=tmp_path).returncode == 0
    assert tuinb("verify", "-q", path, cwd=tmp_path).returncode == 0
