"""`tuinb kernels`: what is there, what a notebook gets and why, and whether it starts."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest

from tests.headless.support import notebook, tuinb

if TYPE_CHECKING:
    from pathlib import Path


def spec(folder: Path, name: str, **content: object) -> None:
    where = folder / "kernels" / name
    where.mkdir(parents=True)
    (where / "kernel.json").write_text(json.dumps(content))


def test_kernels_are_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    spec(tmp_path, "own", argv=["/bin/false", "{connection_file}"], display_name="Own\x1b", language="own")
    spec(tmp_path, "broken", argv="none")
    path = notebook(tmp_path / "x.ipynb", "1", kernelspec={"name": "own", "language": "own"})
    done = tuinb("kernels", path, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, b"")
    told = done.stdout.decode()
    assert told.startswith(f"{path}: own (Own␛)\n  /bin/false: as the kernelspec says\n")
    assert "broken" in told
    assert "`argv` is not a list of strings" in told
    found = json.loads(tuinb("kernels", path, "--json", cwd=tmp_path).stdout)
    assert found["choice"] == {"name": "own", "interpreter": "/bin/false", "why": "as the kernelspec says"}
    assert {"own", "broken", "python3"} <= {kernel["name"] for kernel in found["kernels"]}
    assert tuinb("kernels", path, "--kernel", "none", cwd=tmp_path).returncode == 3
    assert tuinb("kernels", tmp_path / "no.ipynb", cwd=tmp_path).returncode == 2


@pytest.mark.kernel
def test_kernels_are_tried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    spec(tmp_path, "own", argv=["/bin/false", "{connection_file}"], display_name="Own", language="own")
    done = tuinb("kernels", "--check", "--json", cwd=tmp_path)
    assert done.returncode == 3
    found = {kernel["name"]: kernel for kernel in json.loads(done.stdout)["kernels"]}
    assert found["python3"]["seconds"] > 0
    assert "exited with code 1" in found["own"]["problem"]


def test_an_environment_beside_the_notebook_is_named(tmp_path: Path) -> None:
    for name in ("bin", "lib/python3.11/site-packages/ipykernel"):
        (tmp_path / ".venv" / name).mkdir(parents=True)
    (tmp_path / ".venv" / "pyvenv.cfg").touch()
    (tmp_path / ".venv" / "bin" / "python").symlink_to(sys.executable)
    told = tuinb("kernels", cwd=tmp_path).stdout.decode()
    assert f"{tmp_path}/.venv/bin/python: .venv beside the notebook" in told
    assert f"  {tmp_path}/.venv  .venv beside the notebook, with ipykernel" in told
