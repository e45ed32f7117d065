"""A kernel's process and its files; any program serves as the kernel here."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from ipykernel.kernelapp import _ctrl_c_message

from tuinb.errors import KernelStartError
from tuinb.kernel.launch import spawn
from tuinb.kernel.launch.kernelspecs import KernelSpec
from tuinb.kernel.launch.spawn import Launched, connection_info, discard, exit_reason, launch, log_tail, relaunch, sweep

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FOREVER = "import time; time.sleep(600)"


def python_spec(code: str, *more: str, **fields: object) -> KernelSpec:
    """A kernelspec whose kernel is these lines of Python."""
    return KernelSpec("test", "Test", "test", (sys.executable, "-c", code, *more), **fields)  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A short TMPDIR, whose path leaves room for sockets, and a runtime folder of the test's own."""
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="t") as short:
        monkeypatch.setenv("TMPDIR", short)
        monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
        yield Path(short)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Launched]]:
    """`launch`, with an end to what it launched."""
    started: list[Launched] = []

    def begin(spec: KernelSpec) -> Launched:
        started.append(launch(spec, tmp_path))
        return started[-1]

    yield begin
    for launched in started:
        launched.process.kill()
        launched.process.wait()
        discard(launched)


def wait_for_end(pid: int) -> None:
    """Until no process has this id."""
    with suppress(ProcessLookupError):
        descriptor = os.pidfd_open(pid)
        try:
            assert select.select([descriptor], [], [], 10)[0], "it lives on"
        finally:
            os.close(descriptor)


def test_files_are_private_and_go_away(start: Callable[..., Launched], tmp_path: Path) -> None:
    launched = start(python_spec(FOREVER))
    assert launched.folder.stat().st_mode & 0o777 == 0o700
    assert launched.connection_file.parent == tmp_path / "runtime"
    assert launched.connection_file.match("kernel-*.json")
    for path in (launched.connection_file, launched.log_path):
        assert path.stat().st_mode & 0o777 == 0o600
    launched.process.kill()
    launched.process.wait()
    discard(launched)
    discard(launched)
    assert not any(path.exists() for path in (launched.folder, launched.connection_file, launched.log_path))


@pytest.mark.parametrize("argv", [("python", "-m", "ipykernel_launcher"), ("deno", "jupyter")])
def test_connection_info_is_what_jupyter_client_reads(argv: tuple[str, ...], tmp_path: Path) -> None:
    from jupyter_client.blocking.client import BlockingKernelClient
    from jupyter_client.manager import KernelManager

    info = connection_info(KernelSpec("k", "K", "x", argv), tmp_path)
    file = tmp_path / "kernel-1.json"
    file.write_text(json.dumps(info))
    for client in (BlockingKernelClient(connection_file=str(file)), KernelManager(connection_file=str(file))):
        client.load_connection_file()
        assert client.transport == info["transport"]
        assert client.session.key == str(info["key"]).encode()
        assert len({client.shell_port, client.iopub_port, client.stdin_port, client.control_port, client.hb_port}) == 5
        loaded = client.get_connection_info() | {"key": info["key"], "kernel_name": "k"}
        assert loaded == info


def test_environment_and_arguments(start: Callable[..., Launched], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEXTUAL_FPS", "7")
    monkeypatch.setenv("BASE", "/base")
    code = "import json, os, sys; print(json.dumps([dict(os.environ), sys.argv, os.getcwd(), sys.stdin.read()]))"
    spec = python_spec(
        code, "{connection_file}", "{resource_dir}", "{other}", env={"DERIVED": "${BASE}/x:$NONE"}, resource_dir="/resources"
    )
    launched = start(spec)
    launched.process.wait(20)
    environ, argv, cwd, stdin = json.loads(log_tail(launched))
    assert environ["DERIVED"] == "/base/x:$NONE"
    assert environ["JPY_PARENT_PID"] == str(os.getpid())
    assert not [name for name in environ if name.startswith("TEXTUAL")]
    assert argv[1:] == [str(launched.connection_file), "/resources", "{other}"]
    assert cwd == str(tmp_path)
    assert stdin == ""


def test_the_log_has_both_streams_and_its_tail_is_this_process_s(start: Callable[..., Launched]) -> None:
    launched = start(python_spec("import sys; print(*range(30), sep='\\n', flush=True); sys.exit('the end')"))
    assert launched.process.wait(20) == 1
    assert log_tail(launched, 3) == "28\n29\nthe end"
    launched.spec = python_spec("print('again')")
    relaunch(launched)
    assert launched.process.wait(20) == 0
    assert log_tail(launched) == "again"
    with launched.log_path.open("a") as log:
        log.write(f"{_ctrl_c_message}\nTo connect another client to this kernel, use:\n    --existing k.json\nlast words\n")
    assert log_tail(launched) == "again\nlast words"


def test_relaunch_keeps_connection_file_and_key(start: Callable[..., Launched]) -> None:
    launched = start(python_spec(FOREVER))
    before = launched.connection_file.read_text()
    (launched.folder / "kernel-1").touch()
    launched.process.kill()
    launched.process.wait()
    launched.connection_file.unlink()
    relaunch(launched)
    assert launched.connection_file.read_text() == before
    assert not (launched.folder / "kernel-1").exists()


@pytest.mark.parametrize(
    ("program", "message"),
    [("/no/such/program", "no such program"), ("nosuchprogram", "no such program"), ("/etc/passwd", "not be executed")],
)
def test_a_program_that_does_not_start(program: str, message: str, tmp_path: Path, folders: Path) -> None:
    with pytest.raises(KernelStartError, match=message) as caught:
        launch(KernelSpec("k", "K", "x", (program,)), tmp_path)
    assert program in str(caught.value)
    assert not any(folders.iterdir())
    assert not any((tmp_path / "runtime").iterdir())


def test_a_working_directory_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(KernelStartError, match="working directory"):
        launch(python_spec(FOREVER), tmp_path / "nowhere")


def test_a_runtime_folder_that_cant_be_made(start: Callable[..., Launched], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", "/proc/nowhere")
    launched = start(python_spec(FOREVER))
    assert launched.connection_file.parent == launched.folder


def test_a_long_temporary_folder_is_not_used(
    start: Callable[..., Launched], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path / ("long" * 25)))
    launched = start(KernelSpec("k", "K", "x", ("python", "-m", "this")))
    assert launched.folder.parent == Path("/tmp")
    assert len(f"{launched.info['ip']}-5") <= 107


def test_reasons() -> None:
    assert exit_reason(3) == "exited with code 3"
    assert exit_reason(-signal.SIGKILL) == "killed by SIGKILL (the system may have run out of memory)"
    assert exit_reason(-signal.SIGSEGV) == "killed by SIGSEGV"
    assert exit_reason(-63) in {"killed by signal 63", "killed by SIGRTMAX-1"}


# ---- who ends with whom

PARENT = """
import sys, pathlib
from tuinb.kernel.launch import spawn
from tuinb.kernel.launch.kernelspecs import KernelSpec
if "outlives" in sys.argv:  # as where the system knows no way to end it
    spawn.end_with_parent = lambda: None
spec = KernelSpec("k", "K", "x", (sys.executable, "-c", "import time; time.sleep(600)"))
launched = spawn.launch(spec, pathlib.Path.cwd())
print(launched.process.pid, launched.connection_file, flush=True)
sys.stdin.read()
"""


@contextmanager
def parent_of_kernel(*words: str) -> Iterator[tuple[subprocess.Popen[str], int, Path]]:
    """A process that launched a kernel, the kernel's id and its connection file."""
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        pid, file = parent.stdout.readline().split()
        try:
            yield parent, int(pid), Path(file)
        finally:
            parent.kill()
            with suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)


def test_no_orphan_and_no_files_after_kill_9_of_the_parent(folders: Path) -> None:
    with parent_of_kernel() as (parent, kernel, connection_file):
        sweep()
        assert connection_file.exists(), "both live"
        parent.kill()
        parent.wait()
        wait_for_end(kernel)
        assert connection_file.exists()
    sweep()
    assert not connection_file.exists()
    assert not any(folders.iterdir())


def test_a_kernel_that_outlives_its_parent_keeps_its_files(folders: Path) -> None:
    with parent_of_kernel("outlives") as (parent, kernel, connection_file):
        parent.kill()
        parent.wait()
        sweep()
        os.kill(kernel, 0)
        assert connection_file.exists()
    wait_for_end(kernel)
    sweep()
    assert not any(folders.iterdir())


def test_sweeping_touches_nothing_else(folders: Path) -> None:
    other = folders / "tuinb-0123456789ab"
    other.mkdir()
    (other / "precious").touch()
    (folders / "tuinb-notes").mkdir()
    precious = folders / "precious.json"
    precious.touch()
    listed = folders / "tuinb-ba9876543210"
    listed.mkdir()
    (listed / "lock").touch()
    (listed / "files").write_text(json.dumps([str(precious)]))
    sweep()
    assert (other / "precious").exists()
    assert precious.exists()
    assert not listed.exists()


# ---- the notebook's folder


def test_no_module_of_the_working_folder_is_the_kernel(start: Callable[..., Launched], tmp_path: Path) -> None:
    """Python's -m would import all of these from the working folder."""
    for name in ("ipykernel_launcher", "ipykernel", "contextlib", "runpy", "importlib"):
        (tmp_path / f"{name}.py").write_text("print('from the folder')\n")
    (tmp_path / "packages").mkdir()
    (tmp_path / "packages" / "mykernel.py").write_text("import sys, contextlib; print('the kernel', __name__, sys.argv[1:])\n")
    argv = (sys.executable, "-Xutf8", "-m", "mykernel", "-f", "x")
    launched = start(KernelSpec("test", "Test", "test", argv, {"PYTHONPATH": str(tmp_path / "packages")}))
    assert launched.process.wait(60) == 0
    assert log_tail(launched) == "the kernel __main__ ['-f', 'x']"


@pytest.mark.parametrize(
    ("argv", "command"),
    [
        (("/p/python", "-m", "k", "-f", "x"), True),
        (("/p/python3.12", "-Xfrozen_modules=off", "-m", "k"), True),
        (("/p/python", "kernel.py", "-m", "k"), False),
        (("/p/python", "-m"), False),
        (("/p/R", "-m", "k"), False),
        (("/p/python",), False),
    ],
)
def test_only_a_module_of_python_is_run_otherwise(argv: tuple[str, ...], command: bool, tmp_path: Path) -> None:
    filled = spawn._fill(KernelSpec("test", "Test", "test", argv), tmp_path)
    if command:
        at = argv.index("-m")
        assert (filled[:at], filled[at], filled[at + 2 :]) == (list(argv[:at]), "-c", list(argv[at + 2 :]))
        assert "'k'" in filled[at + 1]
    else:
        assert filled == list(argv)


@pytest.mark.parametrize("program", ["./kernel", "bin/kernel", "kernel"])
def test_no_program_of_the_working_folder_is_run(program: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in (tmp_path / "kernel", tmp_path / "bin" / "kernel"):
        path.parent.mkdir(exist_ok=True)
        path.write_text("#!/bin/sh\ntouch ran\n")
        path.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", f".:bin::{os.environ['PATH']}:")
    with pytest.raises(KernelStartError, match=r"relative to the notebook|no such program"):
        launch(KernelSpec("test", "Test", "test", (program,)), tmp_path)
    assert not (tmp_path / "ran").exists()


def test_empty_entries_of_pythonpath_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    for value, kept in ((":/a::/b:", "/a:/b"), ("", ""), (":", ""), ("/a", "/a")):
        monkeypatch.setenv("PYTHONPATH", value)
        assert spawn.own_environ()["PYTHONPATH"] == kept
    monkeypatch.delenv("PYTHONPATH")
    assert "PYTHONPATH" not in spawn.own_environ()
