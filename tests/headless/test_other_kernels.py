"""Kernels that are not this environment's IPython, for real: run, fail, input, time out, interrupt, restart, parameters.

Each is tested where a kernelspec of its name is found (JUPYTER_PATH adds folders); `ipykernel6` is one on `ipykernel<7`.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.headless.support import code, content, notebook, tuinb
from tests.support import wait_for
from tuinb.files import ipynb
from tuinb.kernel.specs import find_all
from tuinb.opening import LocalKernels, open_session
from tuinb.session_notices import PromptOpened
from tuinb.session_port import KernelState

if TYPE_CHECKING:
    from pathlib import Path

    from tuinb.session import Session

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
    "bash": Words("echo begun", "nosuchcommand", "echo begun; sleep 60", "x=1", '[ "$x" = 1 ]', None, 'echo "$a $b ${l[1]}"'),
    "ir": Words(
        "cat('begun\\n')", "stop('no')", "cat('begun\\n'); flush.console(); Sys.sleep(60)", "x <- 1", "x", "cat(readline('?'))",
        "cat(a, b, l[[2]])",
    ),
    "xpython": replace(PYTHON, stays=True),
    "ipykernel6": PYTHON,
}  # fmt: skip
INSTALL = {
    "bash": "bash_kernel, and `python -m bash_kernel.install`",
    "ir": "R's IRkernel, and `IRkernel::installspec()`",
    "xpython": "xeus-python",
    "ipykernel6": "a kernelspec of this name on an environment with ipykernel<7",
}


FOLDERS = os.environ.get("JUPYTER_PATH", "")
"""Read before tests are kept from the person's own environment."""


@pytest.fixture(params=KERNELS)
def name(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    found = str(request.param)
    monkeypatch.setenv("JUPYTER_PATH", FOLDERS)
    if found not in find_all():
        pytest.skip(f"there is no kernelspec {found!r}: it needs {INSTALL[found]}")
    return found


def saved(tmp_path: Path, name: str, *cells: dict[str, Any] | str) -> Path:
    language = {"ir": "R", "bash": "bash"}.get(name, "python")
    return notebook(tmp_path / "x.ipynb", *cells, kernelspec={"name": name, "language": language, "display_name": name})


def printed(cell: dict[str, Any]) -> str:
    return "".join("".join(output["text"]) for output in cell["outputs"] if output["output_type"] == "stream")


def test_it_runs_and_fails(name: str, tmp_path: Path) -> None:
    words = KERNELS[name]
    path = saved(
        tmp_path, name, words.says, words.sets, words.knows, code(words.fails, "raises-exception"), words.says, words.fails
    )
    done = tuinb("run", "--in-place", path, cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    cells = content(path)["cells"]
    assert printed(cells[0]) == printed(cells[4]) == "begun\n"
    assert [cell["execution_count"] is not None for cell in cells] == [True] * 6


def test_a_limit_of_time(name: str, tmp_path: Path) -> None:
    path = saved(tmp_path, name, KERNELS[name].says, KERNELS[name].sleeps, KERNELS[name].says)
    done = tuinb("run", "--in-place", "--timeout", "3", path, cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    assert b"cell 2" in done.stderr
    assert [printed(cell).strip() for cell in content(path)["cells"]] == ["begun", "begun", ""]


def test_parameters(name: str, tmp_path: Path) -> None:
    shows = KERNELS[name].shows
    assert shows is not None
    (tmp_path / "p.json").write_text(json.dumps({"l": ["p", "q r"]}))
    path = saved(tmp_path, name, shows)
    done = tuinb("run", path, "-p", "a", "3.5", "-p", "b", 'it\'s "q" \\ $x', "--params", "p.json", cwd=tmp_path)
    assert done.stdout.splitlines()[0] == b'3.5 it\'s "q" \\ $x q r', done.stderr


async def opened(path: Path) -> Session:
    loaded = ipynb.load(path)
    session = open_session(loaded, LocalKernels(loaded.notebook, path.parent))
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
        await session.close()
