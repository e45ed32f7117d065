"""The question about the environment of the notebook's folder."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.environments import unpack
from tests.support import write_notebook
from tests.ui.harness import running
from tuinb.errors import KernelSpecError
from tuinb.kernel.connection import scripted as k
from tuinb.kernel.launch import environments
from tuinb.session.opening import KernelWanted, LocalKernels
from tuinb.session.state import KernelState
from tuinb.session.target import Arguments

if TYPE_CHECKING:
    from pathlib import Path

    from tuinb.kernel.launch.kernelspecs import KernelSpec

QUESTION = "Trust the Python environment of this folder?"


class Folder:
    """An unpacked archive, and the interpreters of the kernels that were started for it."""

    def __init__(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.path = path
        self.marker = unpack(path)
        self.notebook = write_notebook(path / "x.ipynb", "1 + 1")
        self.kernels = LocalKernels(KernelWanted(path, "python3"))
        self.interpreters: list[str] = []
        monkeypatch.setattr("tuinb.kernel.connection.connection.connect", self._connect)

    def _connect(self, spec: KernelSpec, _cwd: Path, **_: object) -> k.ScriptedKernel:
        self.interpreters.append(spec.interpreter)
        return k.ScriptedKernel({"1 + 1": [k.result("two!")]})

    @property
    def own(self) -> str:
        return str(self.path / ".venv/bin/python")

    @property
    def trusted(self) -> bool:
        return environments.remembered(os.environ) != []


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    (tmp_path / "archive").mkdir()
    return Folder(tmp_path / "archive", monkeypatch)


async def test_until_it_is_answered_there_is_no_kernel(folder: Folder) -> None:
    async with running(folder.notebook, kernels=folder.kernels, size=(100, 24)) as t:
        await t.shows(QUESTION)
        await t.shows("Python 3.11, owned by you; its bin/python is a program of its own.")
        assert "▸ 2 Choose another kernel" in t.text()
        assert t.session.kernel.state is KernelState.NONE
        assert (folder.interpreters, folder.trusted) == ([], False)


async def test_yes_is_remembered(folder: Folder) -> None:
    async with running(folder.notebook, kernels=folder.kernels) as t:
        await t.shows(QUESTION)
        await t.press("1")
        await t.until(lambda: t.session.kernel.state is KernelState.IDLE)
        assert (folder.interpreters, folder.trusted) == ([folder.own], True)
    async with running(folder.notebook, kernels=LocalKernels(KernelWanted(folder.path))) as t:
        await t.until(lambda: t.session.kernel.state is KernelState.IDLE)
        assert QUESTION not in t.text()
        assert folder.interpreters == [folder.own] * 2


@pytest.mark.parametrize("key", ["enter", "escape", "2"])
async def test_no_shows_the_kernels_and_runs_none(key: str, folder: Folder) -> None:
    async with running(folder.notebook, kernels=folder.kernels) as t:
        await t.shows(QUESTION)
        await t.press(key)
        await t.shows("Kernel of this notebook")
        await t.press("escape")
        assert t.session.kernel.state is KernelState.NONE
        assert (folder.interpreters, folder.trusted) == ([], False)


async def test_after_no_every_kernel_passes_the_environment_over(folder: Folder) -> None:
    async with running(folder.notebook, kernels=folder.kernels) as t:
        await t.shows(QUESTION)
        await t.press("enter")
        await t.shows("Kernel of this notebook")
        await t.press("escape", "shift+enter")
        await t.shows("two!")
        assert len(folder.interpreters) == 1
        assert folder.own not in folder.interpreters
        assert QUESTION not in t.text()


async def test_each_start_on_it_asks(folder: Folder) -> None:
    async with running(folder.notebook, kernels=folder.kernels) as t:
        await t.shows(QUESTION)
        await t.press("ctrl+c")
        await t.shows("Kernel of this notebook")
        await t.press("escape")
        folder.kernels.wanted = KernelWanted(folder.path)
        await t.press("shift+enter")
        await t.shows(QUESTION)
        await t.press("1")
        await t.until(lambda: folder.interpreters == [folder.own])


async def test_one_that_others_can_write_to_is_not_asked_about(folder: Folder) -> None:
    (folder.path / ".venv").chmod(0o777)
    async with running(folder.notebook, kernels=folder.kernels, size=(100, 24)) as t:
        await t.shows("everybody can write to")
        assert QUESTION not in t.text()


async def test_an_answer_that_can_not_be_remembered(folder: Folder, tmp_path: Path) -> None:
    (tmp_path / "state").touch()
    async with running(folder.notebook, kernels=folder.kernels, size=(100, 24)) as t:
        await t.shows(QUESTION)
        await t.press("1")
        await t.shows("remembered that you trust it")
        assert folder.interpreters == []


async def test_the_command_without_a_question(folder: Folder) -> None:
    folder.kernels.wanted = KernelWanted(folder.path, consent=environments.Consent.DENIED)
    async with running(folder.notebook, kernels=folder.kernels) as t:
        await t.until(lambda: t.session.kernel.state is KernelState.IDLE)
        await t.press("colon")
        await t.type("trust-environment\n")
        await t.shows("No environment waits for your answer.")


def test_an_early_problem_is_told_apart(folder: Folder) -> None:
    from tuinb.session import opening

    kernels = opening.prepare(Arguments(str(folder.notebook))).kernels
    assert kernels is not None
    assert isinstance(kernels.problem, KernelSpecError)
    assert kernels.launched is None
    assert not folder.marker.exists()
