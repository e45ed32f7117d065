"""Opening a notebook: its file, the kernel that it gets, and what happens before there is a screen."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.kernel.support import runtime_folder
from tests.support import NOTEBOOKS, write_notebook
from tuinb.config import Config
from tuinb.errors import KernelError, KernelSpecError, NotebookFileError
from tuinb.notebook.document import Notebook
from tuinb.session import opening
from tuinb.session.opening import KernelWanted, LocalKernels
from tuinb.session.target import Arguments, untitled

if TYPE_CHECKING:
    from tuinb.kernel.launch.kernelspecs import KernelSpec
    from tuinb.kernel.launch.spawn import Launched


def write_kernelspec(folder: Path, name: str, language: str = "l") -> None:
    """Installs a kernelspec below a folder of JUPYTER_PATH."""
    own = folder / "kernels" / name
    own.mkdir(parents=True)
    spec = {"argv": ["prog", "{connection_file}"], "display_name": name, "language": language}
    (own / "kernel.json").write_text(json.dumps(spec))


def processes(kernels: LocalKernels, *names: str | None) -> list[Launched | None]:
    """The processes that were started early and that connections to these kernelspecs use."""
    used: list[Launched | None] = []

    def connect(_spec: KernelSpec, _cwd: Path, *, launched: Launched | None = None, **_more: object) -> None:
        used.append(launched)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tuinb.kernel.connection.connection.connect", connect)
        for name in names:
            kernels(name)
    return used


def test_an_untitled_notebook_takes_the_first_free_name(tmp_path: Path) -> None:
    assert untitled(tmp_path).name == "Untitled.ipynb"
    (tmp_path / "Untitled.ipynb").touch()
    (tmp_path / "Untitled1.ipynb").symlink_to("nowhere")
    assert untitled(tmp_path).name == "Untitled2.ipynb"


def test_a_file_that_is_not_there_becomes_a_new_notebook(tmp_path: Path) -> None:
    options = opening.prepare(Arguments(str(tmp_path / "new.ipynb"), no_kernel=True))
    assert options.path == tmp_path / "new.ipynb"
    assert options.kernels is None
    assert not options.path.exists()


@pytest.mark.parametrize(("own", "told"), [(None, "71"), ("100", "100")])
def test_kernels_are_told_the_columns_of_outputs(
    own: str | None, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "get_terminal_size", lambda _: os.terminal_size((80, 24)))
    monkeypatch.setenv("JUPYTER_COLUMNS", own or "")
    if own is None:
        monkeypatch.delenv("JUPYTER_COLUMNS")
    opening.prepare(Arguments(str(tmp_path / "new.ipynb"), no_kernel=True))
    assert os.environ["JUPYTER_COLUMNS"] == told


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(NotebookFileError, match="there is no such folder"):
        opening.prepare(Arguments(str(tmp_path / "no" / "new.ipynb"), no_kernel=True))


def test_a_file_in_place_of_a_folder_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(NotebookFileError):
        opening.prepare(Arguments(str(tmp_path / "file" / "new.ipynb"), no_kernel=True))


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("mine", r"did you mean mine\.ipynb\?\)$"),
        ("Mine", r"did you mean mine\.ipynb\? To make a new notebook, name it Mine\.ipynb\)$"),
        ("mine.ipynb.txt", r"did you mean mine\.ipynb\?\)$"),
        ("new.ipynb.bak", r"\(to make a new notebook, name it new\.ipynb\)$"),
        (".ipynb", r"name it NAME\.ipynb"),
        ("link", r"it is a link to nowhere, which does not exist, and the name of a new notebook ends"),
        ("mine.", r"did you mean mine\.ipynb\?"),
        ("mine.csv", r"did you mean mine\.ipynb\?"),
        ("mime", r"did you mean mine\.ipynb\?"),
        ("data.csv", r"name it data\.csv\.ipynb"),
        ("empty.txt", r"the file is empty.*name it empty\.txt\.ipynb"),
    ],
)
def test_a_name_that_no_notebook_has_is_refused(name: str, hint: str, tmp_path: Path) -> None:
    write_notebook(tmp_path / "mine.ipynb", "1")
    (tmp_path / "empty.txt").touch()
    (tmp_path / "link").symlink_to("nowhere")
    before = sorted(tmp_path.iterdir())
    with pytest.raises(NotebookFileError, match=hint):
        opening.prepare(Arguments(str(tmp_path / name), no_kernel=True))
    assert sorted(tmp_path.iterdir()) == before


def test_a_notebook_of_any_name_is_opened(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "mine.json", "1")
    assert len(opening.prepare(Arguments(str(path), no_kernel=True)).loaded.notebook) == 1


@pytest.mark.parametrize(
    ("name", "notices"),
    [
        ("anlaysis.ipynb", ("This is a new notebook. Did you mean analysis.ipynb?",)),
        ("chapter2.ipynb", ()),
        ("other.ipynb", ()),
    ],
)
def test_a_new_notebook_with_a_name_like_another_one(name: str, notices: tuple[str, ...], tmp_path: Path) -> None:
    write_notebook(tmp_path / "analysis.ipynb", "1")
    write_notebook(tmp_path / "chapter1.ipynb", "1")
    assert opening.prepare(Arguments(str(tmp_path / name), no_kernel=True)).loaded.notices == notices


def test_a_link_to_a_file_that_does_not_exist_says_so(tmp_path: Path) -> None:
    (tmp_path / "link.ipynb").symlink_to("nowhere.ipynb")
    loaded = opening.prepare(Arguments(str(tmp_path / "link.ipynb"), no_kernel=True)).loaded
    assert loaded.notices == ("The name is a link to nowhere.ipynb, which does not exist. Saving creates it.",)


def test_a_kernel_that_is_not_there_is_no_reason_not_to_open(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "x.ipynb", "1")
    options = opening.prepare(Arguments(str(path), kernel="no-such-kernel"))
    assert options.kernels is not None
    assert options.kernels.launched is None
    assert "no-such-kernel" in str(options.kernels.problem)
    with pytest.raises(KernelSpecError, match="no-such-kernel"):
        options.kernels(None)


@pytest.mark.kernel
def test_the_process_that_was_started_early_is_used_once_and_can_be_abandoned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "processors", lambda: 2)
    kernels = opening.prepare(Arguments(str(NOTEBOOKS / "analysis.ipynb"))).kernels
    assert isinstance(kernels, opening.LocalKernels)
    assert kernels.problem is None
    assert kernels.wanted.name == "python3"
    kernels.spawn_early()
    launched = kernels.launched
    assert launched is not None
    assert launched.process.poll() is None
    assert processes(kernels, None, None) == [launched, None]
    kernels.abandon()
    assert launched.process.poll() is not None
    assert not launched.folder.exists()
    kernels.abandon()


@pytest.mark.kernel
def test_another_kernelspec_leaves_the_process_to_whoever_wants_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_kernelspec(tmp_path, "other")
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    kernels = LocalKernels(KernelWanted(tmp_path, "python3"))
    kernels.find()
    kernels.spawn()
    try:
        assert processes(kernels, "other", "python3") == [None, kernels.launched]
    finally:
        kernels.abandon()


def test_with_one_processor_the_kernel_is_started_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "processors", lambda: 1)
    kernels = opening.prepare(Arguments(str(NOTEBOOKS / "analysis.ipynb"))).kernels
    assert kernels is not None
    kernels.spawn_early()
    assert (kernels.launched, kernels.problem) == (None, None)


R_NOTEBOOK = Notebook((), {"kernelspec": {"name": "ir", "language": "R"}})


@pytest.mark.parametrize(
    ("notebook", "kernel", "configured", "name", "language"),
    [
        (R_NOTEBOOK, "mine", "set", "mine", None),
        (R_NOTEBOOK, None, "set", "ir", "R"),
        (Notebook(), None, "set", "set", "python"),
        (Notebook(), None, None, None, "python"),
        (None, None, "set", "set", None),
        (None, None, None, None, None),
    ],
)
def test_which_kernel_is_wanted(
    notebook: Notebook | None, kernel: str | None, configured: str | None, name: str | None, language: str | None
) -> None:
    wanted = KernelWanted.of(notebook, Path(), kernel=kernel, settings=Config(kernel=configured))
    assert (wanted.name, wanted.language) == (name, language)


def test_a_kernelspec_that_is_not_installed_gives_way_to_one_of_its_language_unless_the_user_chose_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_kernelspec(tmp_path, "other", language="esperanto")  # no machine has a kernel of it
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    notebook = Notebook((), {"kernelspec": {"name": "absent", "language": "esperanto"}})
    assert KernelWanted.of(notebook, tmp_path).find().name == "other"
    with pytest.raises(KernelSpecError, match="no kernelspec 'gone'"):
        KernelWanted.of(notebook, tmp_path, kernel="gone").find()


def test_a_kernelspec_of_another_language_than_the_language_info_has_no_substitute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_kernelspec(tmp_path, "python3", language="python")
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    spec = {"name": "julia-1.5", "display_name": "Julia 1.5.3", "language": "julia"}
    notebook = Notebook((), {"kernelspec": spec, "language_info": {"name": "python"}})
    with pytest.raises(KernelSpecError, match=r"no kernelspec 'julia-1\.5'"):
        KernelWanted.of(notebook, tmp_path).find()
    assert KernelWanted.of(notebook, tmp_path, kernel="python3").find().name == "python3"


@pytest.mark.parametrize(
    ("metadata", "name"),
    [({}, "mine"), ({"language_info": {"name": "l"}}, "mine"), ({"language_info": {"name": "esperanto"}}, "other")],
)
def test_the_default_kernel_serves_notebooks_of_its_language(
    metadata: dict[str, object], name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_kernelspec(tmp_path, "mine")
    write_kernelspec(tmp_path, "other", language="esperanto")
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    assert KernelWanted.of(Notebook((), metadata), tmp_path, settings=Config(kernel="mine")).find().name == name


def test_a_kernel_that_runs_already(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with runtime_folder() as runtime:
        monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(runtime.path))
        with pytest.raises(KernelError, match="no kernel of yours runs"):
            opening.prepare(Arguments(str(tmp_path / "new.ipynb"), existing="7"))
        runtime.kernel("7", kernel_name="python3", key="")
        options = opening.prepare(Arguments(str(tmp_path / "new.ipynb"), existing=""))
    assert options.kernel_notice.startswith("The messages of this kernel are not signed")
    assert options.loaded.notebook.metadata["kernelspec"]["name"] == "python3"
    kernels = options.kernels
    assert kernels is not None
    assert kernels.spec is None
    kernels.spawn_early()
    assert kernels.launched is None
    used: list[object] = []
    with monkeypatch.context() as patch:
        patch.setattr("tuinb.kernel.connection.connection.attach", lambda kernel: used.append(kernel.file.name))
        patch.setattr("tuinb.kernel.connection.connection.connect", lambda spec, *_, **__: used.append(spec.name))
        kernels(None)
        kernels("python3")
    assert used == ["7", "python3"]


@pytest.mark.parametrize(("answer", "connects"), [("y", True), ("", False), (EOFError(), False)])
def test_a_kernel_on_another_machine_is_asked_about(
    answer: str | Exception, connects: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    questions: list[str] = []

    def ask(question: str) -> str:
        questions.append(question)
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr("builtins.input", ask)
    with runtime_folder() as runtime:
        monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(runtime.path))
        runtime.write("far", ip="192.0.2.1")
        arguments = Arguments(str(tmp_path / "new.ipynb"), existing="far")
        if connects:
            options = opening.prepare(arguments)
            assert "kernelspec" not in options.loaded.notebook.metadata
        else:
            with pytest.raises(KernelError, match="it was not connected to"):
                opening.prepare(arguments)
    assert [question.partition(", not on")[0] for question in questions] == ["This kernel is at 192.0.2.1"]
