"""`tuinb trust`, and what `run`, `verify` and `kernels` do with an environment that came with the notebook."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest

from tests.environments import unpack
from tests.headless.support import notebook
from tuinb import cli
from tuinb.headless.trust import main

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An unpacked archive: a notebook and an environment."""
    folder = tmp_path / "an archive"
    folder.mkdir()
    notebook(folder / "x.ipynb", "print(1)")
    return folder


def test_trusting(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    marker = unpack(folder)
    assert main([str(folder)]) == 0
    assert capsys.readouterr().out.startswith(f"Trusted: {folder}/.venv: Python 3.11, owned by you")
    assert main([str(folder / ".venv")]) == 0
    capsys.readouterr()
    assert main(["--list"]) == 0
    assert capsys.readouterr().out == f"{folder}/.venv\n"
    (folder / ".venv").rename(folder / "old")
    assert main(["--list"]) == 0
    assert capsys.readouterr().out == f"{folder}/.venv (gone, or made anew)\n"
    assert main(["--remove", str(folder)]) == 0
    assert capsys.readouterr().out == f"No longer trusted: {folder}/.venv\n"
    assert main(["--list"]) == 0
    assert capsys.readouterr().out == ""
    assert not marker.exists()


def test_what_can_not_be_trusted(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(folder)]) == 2
    assert "there is no Python environment (.venv or venv) in this folder" in capsys.readouterr().err
    unpack(folder, name="venv")
    (folder / "deep").mkdir()
    assert main([str(folder / "deep")]) == 2
    assert f"there is one in {folder}" in capsys.readouterr().err
    assert main(["--remove", str(folder)]) == 2
    assert "no environment of this folder is trusted" in capsys.readouterr().err
    (folder / "venv").chmod(0o777)
    assert main([str(folder)]) != 0
    assert "everybody can write to" in capsys.readouterr().err
    (folder / "venv").chmod(0o755)
    state = folder.parent / "state"
    state.touch()
    assert main([str(folder)]) == 2
    assert "it can't be done" in capsys.readouterr().err


def test_one_of_another_user_is_not_trusted(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    unpack(folder)
    monkeypatch.setattr("tuinb.kernel.launch.environments.is_foreign", lambda _: True)
    assert main([str(folder)]) == 2
    assert "belongs to another user" in capsys.readouterr().err


@pytest.mark.parametrize("words", [[], ["--list", "x"], ["--list", "--remove"], ["--remove"]])
def test_wrong_words(words: list[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(words)
    assert left.value.code == 2


@pytest.mark.parametrize(
    "words",
    [["run"], ["run", "--json"], ["verify"], ["kernels"], ["kernels", "--check"], ["kernels", "--check", "--json"]],
    ids=" ".join,
)
@pytest.mark.parametrize("at", [".", ".."])
def test_nothing_of_an_archive_is_run(at: str, words: list[str], folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    marker = unpack(folder / at)
    assert cli.main([*words, str(folder / "x.ipynb")]) == 3
    told = capfd.readouterr().err
    assert "is not trusted" in told
    assert f"`tuinb trust '{(folder / at).resolve()}'` trusts it" in told or at == ".."
    assert "`tuinb trust " in told
    assert not marker.exists()


def test_what_needs_no_kernel_runs_nothing(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    marker = unpack(folder)
    for words in (["show"], ["strip", "--check"], ["convert", "--to", "py", "-o", str(folder / "x.py")], ["trust"]):
        path = folder if words == ["trust"] else folder / "x.ipynb"
        assert cli.main([*words, str(path)]) == 0
    assert cli.main(["completion", "kernels"]) == 0
    assert "python3" in capfd.readouterr().out
    assert not marker.exists()


@pytest.mark.kernel
@pytest.mark.parametrize("words", [["run"], ["verify"]])
def test_what_a_run_uses_is_said(words: list[str], folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    marker = unpack(folder, then=f'exec "{sys.executable}" "$@"')
    # verify finds that the output, which was never saved, is different.
    assert cli.main([*words, "--trust-env", str(folder / "x.ipynb")]) in {0, 1}
    assert f"runs on {folder}/.venv/bin/python (.venv beside the notebook)" in capfd.readouterr().err
    assert marker.exists()
    assert cli.main([*words, str(folder / "x.ipynb")]) == 3
    assert main([str(folder)]) == 0
    assert cli.main([*words, str(folder / "x.ipynb")]) in {0, 1}


def test_a_list_of_environments_says_which_are_trusted(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    unpack(folder)
    (folder / ".venv").chmod(0o777)
    assert cli.main(["kernels", "--json", str(folder / "x.ipynb")]) == 3
    (found,) = json.loads(capfd.readouterr().out)["environments"]
    assert not found["trusted"]
    assert cli.main(["kernels", str(folder / "x.ipynb")]) == 3
    assert "with ipykernel, not used, because others can write to it" in capfd.readouterr().out
