"""A kernel that tuinb did not start: it is used, signalled if it is still the same process, and never ended."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tuinb.errors import KernelStartError
from tuinb.kernel.launch.connection_files import ConnectionFile, Running
from tuinb.kernel.launch.existing import ExistingProcess, spec_of

if TYPE_CHECKING:
    from collections.abc import Iterator

SLEEPS = "import time\nprint('ready', flush=True)\ntime.sleep(60)"


def file(**info: object) -> ConnectionFile:
    return ConnectionFile(Path("/run/kernel-7.json"), {"transport": "ipc", **info}, local=True)


def test_its_kernelspec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    folder = tmp_path / "kernels" / "mine"
    folder.mkdir(parents=True)
    (folder / "kernel.json").write_text('{"argv": ["mine"], "display_name": "Mine", "language": "m"}')
    assert spec_of(file(kernel_name="mine")).display_name == "Mine"
    unknown = spec_of(file(kernel_name="no-such"))
    assert (unknown.name, unknown.display_name, unknown.argv) == ("no-such", "no-such", ())
    assert (spec_of(file()).name, spec_of(file()).display_name) == ("", "kernel 7")


@pytest.fixture
def process() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen([sys.executable, "-c", SLEEPS], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process
        process.kill()


async def test_it_is_used_once_and_goes_on(process: subprocess.Popen[bytes]) -> None:
    kernel = ExistingProcess(Running(file(key="k"), process.pid))
    assert (await kernel.start(lambda _reason: None))["key"] == "k"
    with pytest.raises(KernelStartError, match="tuinb did not start it, and can't start it again"):
        await kernel.start(lambda _reason: None)
    await kernel.end(lambda: None, restart=False)
    kernel.discard()
    assert process.poll() is None
    assert (kernel.owned, kernel.pid, kernel.folder, kernel.adopted, kernel.local) == (False, None, None, True, True)
    assert kernel.connection_file == Path("/run/kernel-7.json")
    assert (kernel.log_tail(), await kernel.log()) == ("", "The program that started this kernel has its log.")
    kernel.interrupt()
    assert process.wait(10) == -signal.SIGINT or process.returncode == 1
    kernel.interrupt()  # another process may have the number by now


def test_a_process_that_is_not_known_gets_no_signal() -> None:
    kernel = ExistingProcess(Running(file()))
    assert not kernel.can_interrupt
    kernel.interrupt()
