"""`tuinb kernels`: what is there, what a notebook gets and why, and whether it starts."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest

from tests.headless.support import notebook
from tests.kernel.support import KEY, runtime_folder
from tuinb.headless.kernels import main
from tuinb.headless.trust import main as trust

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with kernelspecs of its own."""
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    spec(tmp_path, "own", argv=["/bin/false", "{connection_file}"], display_name="Own\x1b", language="own")
    return tmp_path


def spec(folder: Path, name: str, **content: object) -> None:
    where = folder / "kernels" / name
    where.mkdir(parents=True)
    (where / "kernel.json").write_text(json.dumps(content))


def test_kernels_are_listed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec(folder, "broken", argv="none")
    path = notebook(folder / "x.ipynb", "1", kernelspec={"name": "own", "language": "own"})
    assert main([str(path)]) == 0
    told = capsys.readouterr()
    assert told.err == ""
    assert told.out.startswith(f"{path}: own (Own␛)\n  /bin/false: as the kernelspec says\n")
    assert "broken" in told.out
    assert "`argv` is not a list of strings" in told.out
    assert main([str(path), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["choice"] == {"name": "own", "interpreter": "/bin/false", "why": "as the kernelspec says"}
    assert {"own", "broken", "python3"} <= {kernel["name"] for kernel in found["kernels"]}


def test_what_can_not_be_had(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--kernel", "none"]) == 3
    told = capsys.readouterr()
    assert "Kernelspecs\n" in told.out
    assert "there is no kernelspec 'none'" in told.err
    assert main(["--python", "/nowhere"]) == 3
    assert "there is no such Python" in capsys.readouterr().out
    assert main([str(folder / "no.ipynb")]) == 2
    assert "there is no such file" in capsys.readouterr().err


@pytest.mark.kernel
def test_kernels_are_tried(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert folder.is_dir()
    assert main(["--check", "--json"]) == 3
    found = {kernel["name"]: kernel for kernel in json.loads(capsys.readouterr().out)["kernels"]}
    assert found["python3"]["seconds"] > 0
    assert "exited with code 1" in found["own"]["problem"]


def test_an_environment_beside_the_notebook_is_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("bin", "lib/python3.11/site-packages/ipykernel"):
        (folder / ".venv" / name).mkdir(parents=True)
    (folder / ".venv" / "pyvenv.cfg").touch()
    (folder / ".venv" / "bin" / "python").symlink_to(sys.executable)
    assert main([]) == 3
    told = capsys.readouterr()
    assert f"{folder}/.venv/bin/python: .venv beside the notebook" not in told.out
    assert f"  {folder}/.venv  .venv beside the notebook, with ipykernel, not trusted" in told.out
    assert f"`tuinb trust {folder}` trusts it" in told.err
    assert main(["--trust-env"]) == 0
    assert f"{folder}/.venv/bin/python: .venv beside the notebook" in capsys.readouterr().out
    assert trust([str(folder)]) == 0
    assert main([]) == 0
    assert f"  {folder}/.venv  .venv beside the notebook, with ipykernel, trusted" in capsys.readouterr().out
    assert main(["--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)["environments"]
    assert (found["folder"], found["ipykernel"], found["trusted"]) == (f"{folder}/.venv", True, True)


def test_those_that_run(folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    with runtime_folder() as runtime:
        monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(runtime.path))
        assert main(["--running"]) == 0
        assert capsys.readouterr().out == "No kernel of yours runs.\n"
        monkeypatch.setattr("tuinb.kernel.connection.survey.WITHIN", 0.05)
        spec(folder, "mine", argv=["mine"], language="Mine")
        runtime.kernel("7", kernel_name="Mine", jupyter_session="a\x1b.ipynb", key="")
        assert main(["--running"]) == 0
        head, row, warning = capsys.readouterr().out.splitlines()
        assert head.split() == ["name", "kernel", "language", "state", "process", "notebook"]
        assert [*row.split()[:3], row.split()[-1]] == ["7", "Mine", "Mine", "a␛.ipynb"]
        assert "no answer" in row
        assert warning.startswith("The messages of this kernel are not signed")
        runtime.kernel("8", "tcp", kernel_name="gone")
        assert main(["--running", "--json"]) == 0
        out = capsys.readouterr().out
        assert KEY not in out
        found = json.loads(out)["kernels"]
        assert [(each["name"], each["kernel_name"], each["language"], each["activity"]) for each in found] == [
            ("7", "Mine", "Mine", "no answer"),
            ("8", "gone", "", "no answer"),
        ]
        with pytest.raises(SystemExit):
            main(["--running", "--check"])
