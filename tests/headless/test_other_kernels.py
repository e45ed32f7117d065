"""Kernels that are not this environment's IPython, for real: run with parameters, fail, input, time out, interrupt, restart.

The extra `test` brings bash_kernel and, where there are wheels, xeus-python; their kernelspecs are made here. The others are
tested where a kernelspec of their name is found (JUPYTER_PATH adds folders); `ipykernel6` is one on `ipykernel<7`, which can't
stand beside the ipykernel of this environment.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass, replace
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import pytest

from tests.headless.support import code, content, notebook, tuinb
from tests.support import JUPYTER_FOLDERS, wait_for
from tuinb.files import load
from tuinb.kernel.launch.kernelspecs import find_all
from tuinb.session.events import PromptOpened
from tuinb.session.opening import KernelWanted, LocalKernels, open_session
from tuinb.session.state import KernelState

if TYPE_CHECKING:
    from pathlib import Path

    from tuinb.session.session import Session

pytestmark = pytest.mark.kernel


@dataclass(frozen=True)
class Words:
    """How a kernel's language says it."""

    says: str
    """Prints `begun`."""
    fails: str
    sleeps: str
    """Prints `begun`, then sleeps for a minute."""
    sets: str
    knows: str
    """Fails unless `sets` was run."""
    asks: str | None = None
    """Prints what it is answered."""
    shows: str | None = None
    """Prints the parameters a, b and the second of l."""
    stays: bool = False
    """Whether nothing but a restart ends a cell."""
    limit: int = 2
    """Seconds for a cell, the first of which may take longer to begin."""


PYTHON = Words(
    "print('begun')",
    "1/0",
    "print('begun', flush=True)\nimport time; time.sleep(60)",
    "x = 1",
    "x",
    "print(input('?'))",
    "print(a, b, l[1])",
)
KERNELS = {
    "bash": Words(
        "echo begun", "nosuchcommand", "echo begun; sleep 60", "x=1", '[ "$x" = 1 ]', None, 'echo "$a $b ${l[1]}"', limit=4,
    ),
    "ir": Words(
        "cat('begun\\n')", "stop('no')", "cat('begun\\n'); flush.console(); Sys.sleep(60)", "x <- 1", "x", "cat(readline('?'))",
        "cat(a, b, l[[2]])",
    ),
    "xpython": replace(PYTHON, stays=True),
    "ipykernel6": PYTHON,
}  # fmt: skip
INSTALL = {
    "bash": "bash_kernel (the extra `test` has it)",
    "ir": "R's IRkernel, and `IRkernel::installspec()`",
    "xpython": "xeus-python (the extra `test` has it for Linux on x86-64)",
    "ipykernel6": "a kernelspec of this name on an environment with ipykernel<7, in a folder of JUPYTER_PATH",
}
MODULES = {"bash": "bash_kernel", "xpython": "xpython_launcher"}
"""Kernels of this environment's packages → the module to run."""
"""Read before tests are kept from the person's own environment."""


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for JUPYTER_PATH with kernelspecs for what is installed here."""
    root = tmp_path_factory.mktemp("jupyter")
    for name, module in MODULES.items():
        if find_spec(module) is not None:
            folder = root / "kernels" / name
            folder.mkdir(parents=True)
            argv = [sys.executable, "-m", module, "-f", "{connection_file}"]
            spec = {"argv": argv, "display_name": name, "language": {"bash": "bash"}.get(name, "python")}
            (folder / "kernel.json").write_text(json.dumps(spec))
    return root


@pytest.fixture(params=KERNELS)
def name(request: pytest.FixtureRequest, installed: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    found = str(request.param)
    monkeypatch.setenv("JUPYTER_PATH", os.pathsep.join(filter(None, (str(installed), JUPYTER_FOLDERS))))
    if found not in find_all():
        pytest.skip(f"there is no kernelspec {found!r}: it needs {INSTALL[found]}")
    return found


def saved(tmp_path: Path, name: str, *cells: dict[str, Any] | str) -> Path:
    language = {"ir": "R", "bash": "bash"}.get(name, "python")
    return notebook(tmp_path / "x.ipynb", *cells, kernelspec={"name": name, "language": language, "display_name": name})


def printed(cell: dict[str, Any]) -> str:
    return "".join("".join(output["text"]) for output in cell["outputs"] if output["output_type"] == "stream")


def test_it_runs_with_parameters_and_fails(name: str, tmp_path: Path) -> None:
    words = KERNELS[name]
    assert words.shows is not None
    (tmp_path / "p.json").write_text(json.dumps({"l": ["p", "q r"]}))
    given = ["-p", "a", "3.5", "-p", "b", 'it\'s "q" \\ $x', "--params", "p.json"]
    fails = code(words.fails, "raises-exception")
    path = saved(tmp_path, name, words.says, words.sets, words.knows, fails, words.shows, words.fails)
    done = tuinb("run", "--in-place", path, *given, cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    cells = content(path)["cells"]
    assert cells[0]["metadata"]["tags"] == ["injected-parameters"]
    assert printed(cells[1]) == "begun\n"
    assert printed(cells[5]).rstrip("\n") == '3.5 it\'s "q" \\ $x q r'
    assert [cell["execution_count"] is not None for cell in cells] == [True] * 7
    assert b"x.ipynb, cell 7" in done.stderr


def test_a_limit_of_time(name: str, tmp_path: Path) -> None:
    words = KERNELS[name]
    path = saved(tmp_path, name, words.sleeps, words.says)
    done = tuinb("run", "--in-place", "--timeout", str(words.limit), path, cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    assert b"x.ipynb, cell 1" in done.stderr
    assert b"it took too long and was interrupted" in done.stderr
    assert printed(content(path)["cells"][1]) == ""


async def opened(path: Path) -> Session:
    loaded = load.load(path)
    session = open_session(loaded, LocalKernels(KernelWanted.of(loaded.notebook, path.parent)))
    await session.start_kernel()
    assert session.kernel.state in (KernelState.IDLE, KernelState.BUSY), session.kernel.detail
    return session


async def test_input_interrupt_and_restart(name: str, tmp_path: Path) -> None:
    words = KERNELS[name]
    path = saved(tmp_path, name, words.sleeps, words.sets, words.knows, words.asks or words.says)
    session = await opened(path)
    prompts: list[object] = []
    session.listen(lambda news: prompts.append(news) if isinstance(news, PromptOpened) else None)
    sleeps, sets, knows, asks = session.notebook.order

    def ended(cell: Any) -> bool:  # noqa: ANN401
        return str(session.run_of(cell).state) not in {"queued", "running", "never"}

    try:
        session.run([sleeps])
        await wait_for(lambda: len(session.notebook[sleeps].outputs) > 0, within=60)
        if not words.stays:
            session.interrupt()
            await wait_for(lambda: ended(sleeps), within=60)
        else:
            await session.restart()
        session.run([sets, knows])
        await wait_for(lambda: ended(knows), within=60)
        assert str(session.run_of(knows).state) == "ok"
        await session.restart()
        session.run([knows])
        await wait_for(lambda: ended(knows), within=60)
        assert str(session.run_of(knows).state) == "error"
        if words.asks is not None:
            session.run([asks])
            await wait_for(lambda: bool(prompts), within=60)
            session.answer("to you")
            await wait_for(lambda: ended(asks), within=60)
            assert str(session.notebook[asks].outputs.to_json()[-1]["text"]).rstrip("\n").endswith("to you")
    finally:
        await session.shut_down()
