"""How runs end that are not let go on: signals, readers that leave, streams that are closed, disks that are full.

In each case a notebook is left that can be read, no kernel stays behind, and the exit code says what happened.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from tests.headless.support import code, content, notebook
from tests.support import ROOT, wait_for

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.kernel

WAITS = "import os; print(os.getpid(), flush=True)\nimport time; time.sleep(60)"


def start(*words: str | Path, folder: Path, preexec: Callable[[], None] | None = None, **more: str) -> subprocess.Popen[bytes]:
    """The program, to be interfered with; its words go through pipes. `more` goes into its environment."""
    environ = os.environ | {"PYTHONPATH": str(ROOT), "JUPYTER_RUNTIME_DIR": str(folder / "runtime")} | more
    command = [sys.executable, "-m", "tuinb", *map(str, words)]
    return subprocess.Popen(
        command,
        cwd=folder,
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=preexec,
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
async def test_a_signal_saves_and_ends_the_kernel(number: signal.Signals, tmp_path: Path) -> None:
    path = notebook(tmp_path / "x.ipynb", "'done'", WAITS)
    with start("run", "--in-place", "--stream", path, folder=tmp_path) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"'done'\n"
        kernel = int(process.stdout.readline())
        process.send_signal(number)
        process.communicate()
    assert process.returncode == 128 + number
    first, second = content(path)["cells"]
    assert first["outputs"][0]["data"] == {"text/plain": ["'done'"]}
    assert second["outputs"][0]["text"] == [f"{kernel}\n"]
    await wait_for(lambda: not psutil.pid_exists(kernel))
    assert list((tmp_path / "runtime").iterdir()) == []


@pytest.mark.parametrize(("number", "ended"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
async def test_a_signal_while_the_kernel_starts(number: signal.Signals, ended: int, tmp_path: Path) -> None:
    spec = tmp_path / "data" / "kernels" / "slow"
    spec.mkdir(parents=True)
    argv = [sys.executable, "-c", "import time; time.sleep(60)", "{connection_file}"]
    (spec / "kernel.json").write_text(json.dumps({"argv": argv, "display_name": "Slow", "language": "none"}))
    path = notebook(tmp_path / "x.ipynb", "1")
    before = path.read_bytes()

    words: list[str | Path] = ["run", "--in-place", "--kernel", "slow", path]
    with start(*words, folder=tmp_path, JUPYTER_PATH=str(tmp_path / "data")) as process:
        children: list[psutil.Process] = []

        def started() -> bool:
            children[:] = psutil.Process(process.pid).children()
            return bool(children)

        await wait_for(started)
        process.send_signal(number)
        _, said = process.communicate()
    assert process.returncode == ended, said
    assert b"Traceback" not in said
    assert path.read_bytes() == before
    await wait_for(lambda: not children[0].is_running())
    assert list((tmp_path / "runtime").iterdir()) == []


def test_a_kernel_that_ends_at_once_says_why(tmp_path: Path) -> None:
    spec = tmp_path / "data" / "kernels" / "broken"
    spec.mkdir(parents=True)
    argv = [sys.executable, "-c", "import nosuch", "{connection_file}"]
    (spec / "kernel.json").write_text(json.dumps({"argv": argv, "display_name": "Broken", "language": "none"}))
    path = notebook(tmp_path / "x.ipynb", "1")
    with start("run", "--kernel", "broken", path, folder=tmp_path, JUPYTER_PATH=str(tmp_path / "data")) as process:
        out, said = process.communicate()
    lines = said.decode().splitlines()
    assert (process.returncode, out) == (3, b"")
    assert lines[0] == f"tuinb: {path}: the kernel did not start: broken: exited with code 1"
    assert lines[-1] == "  ModuleNotFoundError: No module named 'nosuch'"
    assert list((tmp_path / "runtime").iterdir()) == []


def test_a_reader_that_leaves_ends_a_run_that_is_for_nobody_else(tmp_path: Path) -> None:
    path = notebook(tmp_path / "x.ipynb", "for i in range(100_000): print(i, flush=True)", WAITS)
    with start("run", "--stream", path, folder=tmp_path) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"0\n"
        process.stdout.close()
        assert process.stderr is not None
        said = process.stderr.read()
    assert process.returncode == 130
    assert b"Traceback" not in said
    assert b"Broken" not in said


def test_a_reader_that_leaves_does_not_end_one_that_is_saved(tmp_path: Path) -> None:
    path = notebook(tmp_path / "x.ipynb", "for i in range(2_000): print(i, flush=True)", "'end'")
    with start("run", "--in-place", "--stream", path, folder=tmp_path) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"0\n"
        process.stdout.close()
        assert process.stderr is not None
        assert b"Traceback" not in process.stderr.read()
    assert process.returncode == 0
    assert content(path)["cells"][1]["outputs"][0]["data"] == {"text/plain": ["'end'"]}


def test_nobody_who_reads_the_progress_ends_nothing(tmp_path: Path) -> None:
    path = notebook(tmp_path / "x.ipynb", "'first'", "'second'", "1 / 0")
    with start("run", "--in-place", path, folder=tmp_path) as process:
        assert process.stderr is not None
        process.stderr.close()
        process.communicate()
    assert process.returncode == 1
    assert [cell["execution_count"] for cell in content(path)["cells"]] == [1, 2, 3]


@pytest.mark.parametrize("words", [["run", "x.ipynb"], ["verify", "x.ipynb"], ["show", "x.ipynb"], ["strip"], ["show", "-"]])
def test_streams_that_are_closed(words: list[str], tmp_path: Path) -> None:
    notebook(tmp_path / "x.ipynb", "1")

    def close() -> None:
        for number in range(3):
            os.close(number)

    with start(*words, folder=tmp_path, preexec=close) as process:
        process.communicate()
    assert process.returncode == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
@pytest.mark.parametrize(
    "words",
    [
        ["run", "x.ipynb"],
        ["run", "x.ipynb", "--json"],
        ["run", "x.ipynb", "--in-place"],
        ["verify", "x.ipynb"],
        ["show", "x.ipynb"],
        ["strip"],
        ["strip", "--check", "x.ipynb"],
        ["convert", "x.ipynb", "--to", "py", "-o", "-"],
        ["kernels"],
        ["completion", "bash"],
    ],
)
def test_a_stdout_that_is_full(words: list[str], tmp_path: Path) -> None:
    path = notebook(tmp_path / "x.ipynb", code("1", count=7))
    command = [sys.executable, "-m", "tuinb", *words]
    with Path("/dev/full").open("wb") as full, path.open("rb") as given:
        environ = os.environ | {"PYTHONPATH": str(ROOT)}
        done = subprocess.run(command, cwd=tmp_path, env=environ, stdin=given, stdout=full, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 2
    said = done.stderr.decode().splitlines()
    assert [line for line in said if not line.startswith("cell ")] == [
        "tuinb: standard output: it can't be written: No space left on device"
    ]
    assert content(path)["cells"][0]["execution_count"] == (1 if "--in-place" in words else 7)


def test_a_disk_that_is_full_leaves_the_file_as_it_was_last_saved(tmp_path: Path) -> None:
    path = notebook(tmp_path / "x.ipynb", "print('x' * 400_000)", "2")
    before = path.read_bytes()
    counted = before.replace(b'"execution_count": null', b'"execution_count": 1', 1)

    def small() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    with start("run", "--in-place", "--quiet", path, folder=tmp_path, preexec=small) as process:
        _, said = process.communicate()
    assert process.returncode == 2
    assert said.startswith(f"tuinb: {path}: ".encode())
    assert path.read_bytes() in (before, counted), "a slow machine saves that the cell runs before it prints"


def test_the_output_may_be_a_link_to_the_input(tmp_path: Path) -> None:
    path = notebook(tmp_path / "x.ipynb", "1")
    (tmp_path / "link.ipynb").symlink_to("x.ipynb")
    with start("run", path, "-o", "link.ipynb", folder=tmp_path) as process:
        process.communicate()
    assert process.returncode == 0
    assert (tmp_path / "link.ipynb").is_symlink()
    assert content(path)["cells"][0]["execution_count"] == 1
