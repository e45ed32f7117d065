"""Kernelspecs on disk, and the choice of an interpreter."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import shut
from tuinb.errors import KernelSpecError
from tuinb.kernel.launch import environments, interpreters
from tuinb.kernel.launch.kernelspecs import choose, data_folder, find_all, runtime_folder, spec_folders

IPYKERNEL = ["python", "-m", "ipykernel_launcher", "-f", "{connection_file}"]


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """An environment whose kernelspecs are those that a test writes, and what stands at the system's places."""
    return {"HOME": str(tmp_path / "home"), "JUPYTER_PATH": str(tmp_path / "jupyter"), "PATH": "/usr/bin:/bin"}


def write_spec(root: Path, name: str, **entries: object) -> Path:
    folder = root / "kernels" / name
    folder.mkdir(parents=True)
    (folder / "kernel.json").write_text(json.dumps({"argv": IPYKERNEL, "display_name": name, "language": "python"} | entries))
    return folder


def trust(prefix: Path, environ: dict[str, str]) -> None:
    environments.remember(environments.Identity.of(prefix), environ)


def make_environment(prefix: Path, *, ipykernel: bool = True) -> Path:
    """A folder that looks like a virtual environment, and its interpreter."""
    (prefix / "bin").mkdir(parents=True)
    (prefix / "bin" / "python").symlink_to(sys.executable)
    (prefix / "pyvenv.cfg").write_text("home = /usr/bin\n")
    packages = prefix / "lib" / "python3.12" / "site-packages"
    packages.mkdir(parents=True)
    if ipykernel:
        (packages / "ipykernel").mkdir()
    return prefix / "bin" / "python"


# ---- finding


def test_a_broken_kernelspec_hides_no_other(tmp_path: Path, environ: dict[str, str]) -> None:
    root = tmp_path / "jupyter"
    write_spec(root, "good", argv=["good", "{connection_file}"], language="good", env={"A": "1"}, interrupt_mode="message")
    for name, text in {
        "nojson": "{",
        "list": "[]",
        "noargv": "{}",
        "argv": '{"argv": "x"}',
        "latin": '{"argv": ["é"]}',
        "deep": '{"a":' * 9000,
    }.items():
        (root / "kernels" / name).mkdir()
        (root / "kernels" / name / "kernel.json").write_bytes(text.encode("latin-1"))
    (root / "kernels" / "bad name").mkdir()
    (root / "kernels" / "file").write_text("")
    (root / "kernels" / "dangling").mkdir()
    (root / "kernels" / "dangling" / "kernel.json").symlink_to("nowhere")
    found = find_all(environ)
    assert found["good"].env == {"A": "1"}
    assert found["good"].interrupt_mode == "message"
    assert found["good"].resource_dir == str(root / "kernels" / "good")
    assert not {"nojson", "list", "noargv", "argv", "latin", "deep", "bad name", "dangling"} & set(found)


def test_the_first_folder_wins_and_names_are_lower_case(tmp_path: Path, environ: dict[str, str]) -> None:
    write_spec(tmp_path / "jupyter", "Mine", display_name="first")
    write_spec(tmp_path / "home/.local/share/jupyter", "mine", display_name="second")
    write_spec(tmp_path / "home/.local/share/jupyter", "other")
    assert find_all(environ)["mine"].display_name == "first"
    assert "other" in find_all(environ)


def test_a_broken_one_gives_way_to_a_good_one_of_its_name(tmp_path: Path, environ: dict[str, str]) -> None:
    write_spec(tmp_path / "jupyter", "mine", argv=[])
    write_spec(tmp_path / "home/.local/share/jupyter", "mine", display_name="second")
    assert find_all(environ)["mine"].display_name == "second"


def test_folders_are_those_of_jupyter() -> None:
    """jupyter_core's own list is a part of ours, in its order."""
    from jupyter_core.paths import jupyter_path, jupyter_runtime_dir

    ours = [str(folder) for folder in spec_folders(os.environ)]
    theirs = [path for path in jupyter_path("kernels") if path in ours]
    assert {str(Path(sys.prefix) / "share/jupyter/kernels"), "/usr/share/jupyter/kernels"} <= set(theirs)
    assert [path for path in ours if path in theirs] == theirs
    assert str(runtime_folder(os.environ)) == jupyter_runtime_dir()


SETTINGS = [
    {},
    {"JUPYTER_PREFER_ENV_PATH": "0"},
    {"JUPYTER_PREFER_ENV_PATH": "yes", "JUPYTER_PATH": "{home}/p:{home}/q"},
    {"JUPYTER_DATA_DIR": "{home}/data", "JUPYTER_PREFER_ENV_PATH": "off"},
    {"XDG_DATA_HOME": "{home}/xdg", "JUPYTER_RUNTIME_DIR": "{home}/run"},
    {"IPYTHONDIR": "{home}/ipython"},
]


@pytest.fixture(params=SETTINGS, ids=lambda settings: " ".join(settings))
def as_jupyter_has_it(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment says where things are, in each of the ways that jupyter_core knows."""
    for name in (*(name for each in SETTINGS for name in each), "VIRTUAL_ENV", "CONDA_PREFIX"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    for name, value in request.param.items():
        monkeypatch.setenv(name, value.format(home=tmp_path))


@pytest.mark.usefixtures("as_jupyter_has_it")
def test_folders_are_those_of_jupyter_whatever_the_environment_says() -> None:
    from jupyter_client.kernelspec import KernelSpecManager
    from jupyter_core.paths import jupyter_data_dir, jupyter_runtime_dir

    assert str(data_folder(os.environ)) == jupyter_data_dir()
    assert str(runtime_folder(os.environ)) == jupyter_runtime_dir()
    ours, theirs = [str(folder) for folder in spec_folders(os.environ)], list(dict.fromkeys(KernelSpecManager().kernel_dirs))
    assert [folder for folder in ours if folder in theirs] == theirs


@pytest.mark.usefixtures("as_jupyter_has_it")
def test_kernelspecs_are_those_of_jupyter_with_the_same_precedence(tmp_path: Path) -> None:
    from jupyter_client.kernelspec import KernelSpecManager

    theirs = KernelSpecManager(ensure_native_kernel=False)
    for number, folder in enumerate(theirs.kernel_dirs):
        if str(tmp_path) in folder:
            write_spec(Path(folder).parent, "Shared", argv=["prog", str(number)], metadata={"number": number}, env={"A": "1"})
            write_spec(Path(folder).parent, f"of-{number}", interrupt_mode="message")
    ours = find_all(os.environ)
    assert {name: ours[name].resource_dir for name in theirs.find_kernel_specs()} == theirs.find_kernel_specs()
    assert len([name for name in ours if name.startswith("of-")]) >= 2
    for name, found in theirs.get_all_specs().items():
        mine, their = ours[name], found["spec"]
        assert (list(mine.argv), mine.display_name, mine.language) == (their["argv"], their["display_name"], their["language"])
        assert (mine.env, mine.interrupt_mode, mine.metadata) == (their["env"], their["interrupt_mode"], their["metadata"])


def test_places_that_the_environment_names(tmp_path: Path) -> None:
    assert runtime_folder({"JUPYTER_RUNTIME_DIR": "/r"}) == Path("/r")
    assert runtime_folder({"JUPYTER_DATA_DIR": "/d"}) == Path("/d/runtime")
    folders = spec_folders({"HOME": "/h", "JUPYTER_PATH": "/p:/q", "VIRTUAL_ENV": "/v", "JUPYTER_PREFER_ENV_PATH": "0"})
    assert folders[:4] == (
        Path("/p/kernels"),
        Path("/q/kernels"),
        Path("/h/.local/share/jupyter/kernels"),
        Path("/v/share/jupyter/kernels"),
    )


# ---- choosing a kernelspec


def test_a_missing_name_is_an_error_that_lists_what_there_is(tmp_path: Path, environ: dict[str, str]) -> None:
    write_spec(tmp_path / "jupyter", "ir", language="R", argv=["R"])
    with pytest.raises(KernelSpecError) as caught:
        choose("nosuch", notebook_dir=tmp_path, environ=environ)
    assert "nosuch" in caught.value.what
    assert "ir" in caught.value.hint
    assert str(tmp_path / "jupyter" / "kernels") in caught.value.hint


def test_a_broken_name_says_what_is_wrong_with_it(tmp_path: Path, environ: dict[str, str]) -> None:
    write_spec(tmp_path / "jupyter", "broken-one", language="R", argv=[])
    with pytest.raises(KernelSpecError, match=r"kernel\.json.*argv"):
        choose("broken-one", notebook_dir=tmp_path, environ=environ)


def test_a_missing_name_falls_back_by_language(tmp_path: Path, environ: dict[str, str]) -> None:
    write_spec(tmp_path / "jupyter", "ir", language="R", argv=["R", "--slave"])
    spec = choose("ir-4.1", language="r", notebook_dir=tmp_path, environ=environ)
    assert spec.name == "ir"
    assert "ir-4.1 is not installed" in spec.why
    python = choose("my-old-venv", language="python", notebook_dir=tmp_path, environ=environ)
    assert python.name == "python3"
    assert "my-old-venv is not installed" in python.why
    with pytest.raises(KernelSpecError, match="no kernelspec 'x'"):
        choose("x", language="cobol", notebook_dir=tmp_path, environ=environ)
    with pytest.raises(KernelSpecError, match="no kernel for cobol"):
        choose(None, language="cobol", notebook_dir=tmp_path, environ=environ)


def test_python_needs_no_kernelspec(tmp_path: Path, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "empty"))
    spec = choose(None, notebook_dir=tmp_path, environ=environ)
    assert spec.argv == (sys.executable, *IPYKERNEL[1:])
    assert spec.interpreter == sys.executable
    assert "runs tuinb" in spec.why


# ---- choosing an interpreter


def test_active_environment_before_the_notebooks(tmp_path: Path, environ: dict[str, str]) -> None:
    active, conda = make_environment(tmp_path / "active"), make_environment(tmp_path / "conda")
    beside = make_environment(tmp_path / "project" / ".venv")
    trust(tmp_path / "project" / ".venv", environ)
    project = tmp_path / "project"
    (project / "deep" / "er").mkdir(parents=True)
    both = environ | {"VIRTUAL_ENV": str(tmp_path / "active"), "CONDA_PREFIX": str(tmp_path / "conda")}
    assert choose("python3", notebook_dir=project, environ=both).argv == (str(active), *IPYKERNEL[1:])
    assert choose(
        "python3", notebook_dir=project, environ=environ | {"CONDA_PREFIX": str(tmp_path / "conda")}
    ).interpreter == str(conda)
    spec = choose("python3", notebook_dir=project, environ=environ)
    assert (spec.interpreter, spec.why) == (str(beside), ".venv beside the notebook")
    above = choose(None, notebook_dir=project / "deep" / "er", environ=environ)
    assert (above.interpreter, above.why) == (str(beside), f".venv in {project}")


def test_an_environment_without_ipykernel_is_passed_over_and_named(tmp_path: Path, environ: dict[str, str]) -> None:
    make_environment(tmp_path / "active", ipykernel=False)
    beside = make_environment(tmp_path / "venv")
    trust(tmp_path / "venv", environ)
    spec = choose("python3", notebook_dir=tmp_path, environ=environ | {"VIRTUAL_ENV": str(tmp_path / "active")})
    assert spec.interpreter == str(beside)
    assert f"{tmp_path / 'active'} has no ipykernel" in spec.why


def test_an_environment_of_somebody_else_is_not_run(
    tmp_path: Path, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    make_environment(tmp_path / ".venv")
    os.chown(tmp_path / ".venv", 12345, -1) if os.geteuid() == 0 else monkeypatch.setattr(os, "geteuid", lambda: 12345)
    spec = choose("python3", notebook_dir=tmp_path, environ=environ)
    assert spec.interpreter == sys.executable
    assert spec.notices == (f"{tmp_path / '.venv'} belongs to another user and is not used",)


def test_a_kernelspecs_own_interpreter_where_nothing_is_nearer(tmp_path: Path, environ: dict[str, str]) -> None:
    own = make_environment(tmp_path / "own")
    write_spec(tmp_path / "jupyter", "python3", argv=[str(own), *IPYKERNEL[1:]])
    assert choose("python3", notebook_dir=tmp_path, environ=environ).interpreter == str(own)
    beside = make_environment(tmp_path / ".venv")
    trust(tmp_path / ".venv", environ)
    assert choose("python3", notebook_dir=tmp_path, environ=environ).interpreter == str(beside)


def test_a_kernelspec_with_a_name_of_its_own_keeps_its_interpreter(tmp_path: Path, environ: dict[str, str]) -> None:
    own = make_environment(tmp_path / "own")
    make_environment(tmp_path / ".venv")
    write_spec(tmp_path / "jupyter", "mine", argv=[str(own), *IPYKERNEL[1:]])
    spec = choose("mine", notebook_dir=tmp_path, environ=environ)
    assert (spec.interpreter, spec.why) == (str(own), "as the kernelspec says")
    assert not spec.other_interpreter


def test_a_bare_python_means_the_environment_that_the_kernelspec_lies_in(tmp_path: Path, environ: dict[str, str]) -> None:
    lies_in = make_environment(tmp_path / "conda")
    write_spec(tmp_path / "conda/share/jupyter", "bash", language="bash", argv=["python", "-m", "bash_kernel", "-f", "{x}"])
    write_spec(tmp_path / "conda/share/jupyter", "named")
    environ |= {"CONDA_PREFIX": str(tmp_path / "conda")}
    assert choose("bash", notebook_dir=tmp_path, environ=environ).argv[:3] == (str(lies_in), "-m", "bash_kernel")
    named = choose("named", notebook_dir=tmp_path, environ=environ)
    assert (named.interpreter, named.other_interpreter) == (str(lies_in), False)


def test_python_asked_for(tmp_path: Path, environ: dict[str, str]) -> None:
    asked = make_environment(tmp_path / "asked")
    make_environment(tmp_path / ".venv")
    for way in (asked, tmp_path / "asked"):
        spec = choose("python3", python=str(way), notebook_dir=tmp_path, environ=environ)
        assert spec.argv == (str(asked), *IPYKERNEL[1:])
        assert spec.other_interpreter
    by_name = choose(None, python="python", notebook_dir=tmp_path, environ=environ | {"PATH": str(tmp_path / "asked/bin")})
    assert by_name.interpreter == str(asked)
    write_spec(tmp_path / "jupyter", "ir", language="R", argv=["R"])
    assert "--python" in choose("ir", python=str(asked), notebook_dir=tmp_path, environ=environ).why


def test_python_asked_for_that_is_none(tmp_path: Path, environ: dict[str, str]) -> None:
    with pytest.raises(KernelSpecError, match="no such Python"):
        choose("python3", python="nosuchpython", notebook_dir=tmp_path, environ=environ)
    with pytest.raises(KernelSpecError, match="no such Python"):
        choose("python3", python=str(tmp_path), notebook_dir=tmp_path, environ=environ)
    bare = make_environment(tmp_path / "bare", ipykernel=False)
    bare.unlink()
    bare.write_text("#!/bin/sh\nexit 1\n")
    bare.chmod(0o755)
    with pytest.raises(KernelSpecError, match="has no ipykernel"):
        choose("python3", python=str(bare), notebook_dir=tmp_path, environ=environ)


def test_environments_that_may_not_be_looked_into(
    tmp_path: Path, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    make_environment(tmp_path / ".venv")
    write_spec(tmp_path / "jupyter", "python3")
    shut(tmp_path / ".venv", monkeypatch)
    assert choose("python3", notebook_dir=tmp_path, environ=environ).why == "the one that runs tuinb"
    with pytest.raises(KernelSpecError, match="there is no such Python"):
        choose("python3", python=str(tmp_path / ".venv" / "bin"), notebook_dir=tmp_path, environ=environ)


def test_a_python_whose_packages_lie_elsewhere_is_asked(tmp_path: Path, environ: dict[str, str]) -> None:
    wrapper = tmp_path / "bin" / "mypython"
    wrapper.parent.mkdir()
    wrapper.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    wrapper.chmod(0o755)
    assert choose(None, python=str(wrapper), notebook_dir=tmp_path, environ=environ).interpreter == str(wrapper)


def test_ipykernel_is_seen_in_what_an_environment_builds_upon(tmp_path: Path) -> None:
    make_environment(tmp_path / "base")
    make_environment(tmp_path / "top", ipykernel=False)
    assert not interpreters.has_ipykernel(tmp_path / "top")
    (tmp_path / "top/pyvenv.cfg").write_text(f"home = {tmp_path / 'base/bin'}\ninclude-system-site-packages = true\n")
    assert interpreters.has_ipykernel(tmp_path / "top")
    assert interpreters.has_ipykernel(Path(sys.prefix))


def test_no_python_has_it(tmp_path: Path, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    make_environment(tmp_path / ".venv", ipykernel=False)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(KernelSpecError) as caught:
        choose(None, notebook_dir=tmp_path, environ=environ)
    assert f"{tmp_path / '.venv'} has no ipykernel" in caught.value.what
    assert "pip install ipykernel" in caught.value.hint


def test_other_programs_are_looked_for_on_the_path(tmp_path: Path, environ: dict[str, str]) -> None:
    program = tmp_path / "bin" / "mykernel"
    program.parent.mkdir()
    program.write_text("")
    program.chmod(0o755)
    write_spec(tmp_path / "jupyter", "mine", language="mine", argv=["mykernel", "{connection_file}"])
    spec = choose("mine", notebook_dir=tmp_path, environ=environ | {"PATH": f"/nowhere:{tmp_path / 'bin'}"})
    assert (spec.argv[0], spec.interpreter) == ("mykernel", str(program))


def test_neither_finding_nor_launching_imports_the_client_library() -> None:
    code = (
        "import sys, pathlib, tuinb.kernel.launch.spawn; from tuinb.kernel.launch.kernelspecs import choose;"
        "choose(None, notebook_dir=pathlib.Path.cwd());"
        "print([m for m in ('jupyter_client', 'jupyter_core', 'zmq', 'asyncio', 'textual') if m in sys.modules])"
    )
    asked = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert asked.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "name", ["JUPYTER_PATH", "JUPYTER_DATA_DIR", "XDG_DATA_HOME", "IPYTHONDIR", "VIRTUAL_ENV", "CONDA_PREFIX"]
)
@pytest.mark.parametrize("value", [".", "", "share:.", "evil"])
def test_no_kernelspec_is_found_relative_to_the_working_folder(
    name: str, value: str, tmp_path: Path, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    beside = tmp_path / "folder"
    for root in (beside, beside / "share", beside / "jupyter", beside / "share/jupyter", beside / "evil/share/jupyter"):
        write_spec(root, "evil", argv=["evil"])
    monkeypatch.chdir(beside)
    assert "evil" not in find_all(environ | {name: value})
