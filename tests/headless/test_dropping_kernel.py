"""A real kernel that drops the cells behind an error, also those that are sent only after the reply: every cell is run."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.headless import dropping_kernel
from tests.headless.support import code, content, notebook, tuinb
from tests.support import wait_for
from tuinb.files import load
from tuinb.session.opening import KernelWanted, LocalKernels, open_session
from tuinb.session.state import KernelState

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.kernel


@pytest.fixture(autouse=True)
def _installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "kernels" / "dropping"
    folder.mkdir(parents=True)
    argv = [sys.executable, dropping_kernel.__file__, "-f", "{connection_file}"]
    (folder / "kernel.json").write_text(json.dumps({"argv": argv, "display_name": "dropping", "language": "python"}))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))


def saved(folder: Path, *tags: str) -> Path:
    spec = {"name": "dropping", "language": "python", "display_name": "dropping"}
    cells = ("print(1)", code("1/0", *tags), code("None.x", *tags), "print(2)", "3")
    return notebook(folder / "x.ipynb", *cells, kernelspec=spec)


def outputs(cell: dict[str, Any]) -> list[str]:
    return [output.get("ename") or "".join(output.get("text") or output["data"]["text/plain"]) for output in cell["outputs"]]


@pytest.mark.parametrize(("options", "tags"), [(["--allow-errors"], []), ([], ["raises-exception"])])
def test_every_cell_is_run(options: list[str], tags: list[str], tmp_path: Path) -> None:
    done = tuinb("run", "-q", "--in-place", *options, path := saved(tmp_path, *tags), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    cells = content(path)["cells"]
    assert [outputs(cell) for cell in cells] == [["1\n"], ["ZeroDivisionError"], ["AttributeError"], ["2\n"], ["3"]]
    assert [cell["execution_count"] for cell in cells] == [1, 2, 3, 4, 5]


def test_a_run_that_may_not_fail_stops(tmp_path: Path) -> None:
    done = tuinb("run", "--in-place", path := saved(tmp_path), cwd=tmp_path)
    assert done.returncode == 1
    assert [bool(cell["outputs"]) for cell in content(path)["cells"]] == [True, True, False, False, False]


async def test_a_session_runs_what_follows_an_error_that_is_expected(tmp_path: Path) -> None:
    loaded = load.load(saved(tmp_path, "raises-exception"))
    session = open_session(loaded, LocalKernels(KernelWanted.of(loaded.notebook, tmp_path)))
    await session.start_kernel()
    assert session.kernel.state in (KernelState.IDLE, KernelState.BUSY), session.kernel.detail
    try:
        order = loaded.notebook.order
        session.run(order)
        await wait_for(lambda: str(session.run_of(order[-1]).state) == "ok", within=60)
        assert [str(session.run_of(cell).state) for cell in order] == ["ok", "error", "error", "ok", "ok"]
        # A user who runs the next cell at once after an error gets it, too.
        session.run(order[1:2])
        await wait_for(lambda: str(session.run_of(order[1]).state) == "error", within=60)
        session.run(order[3:4])
        await wait_for(lambda: str(session.run_of(order[3]).state) == "ok", within=60)
    finally:
        await session.shut_down()
