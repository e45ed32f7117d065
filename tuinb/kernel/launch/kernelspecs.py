"""Finds kernelspecs, and chooses the kernelspec and the interpreter for a notebook.

Does not import jupyter_client, which takes 120 ms. Searches the folders in Jupyter's order (docs.jupyter.org, "Common
Directories and File Locations"). The folders of the active environment are added, because tuinb may be installed elsewhere.
A kernel.json that can't be read never hides another one.
"""

from __future__ import annotations

import json
import os
import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tuinb.errors import KernelSpecError
from tuinb.kernel.launch.environments import Consent
from tuinb.kernel.launch.interpreters import Interpreter, choose_interpreter, in_environment
from tuinb.late_pattern import late_pattern
from tuinb.record import Record, field

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_NAME = late_pattern(r"[a-z0-9._-]+", re.IGNORECASE)
LOCAL_PROVISIONER = "local-provisioner"
"""jupyter_client's name of the provisioner that runs argv on this machine. tuinb does that itself."""
_IPYKERNEL_ARGV = ("python", "-m", "ipykernel_launcher", "-f", "{connection_file}")


class KernelSpec(Record):
    """The content of a kernel.json, and how tuinb runs that kernel."""

    name: str
    display_name: str
    language: str
    argv: tuple[str, ...]
    """The command line, with placeholders such as `{connection_file}`."""
    env: Mapping[str, str] = field(default_factory=dict)
    interrupt_mode: str = "signal"
    resource_dir: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict)
    provisioner: str = ""
    """Name of the provisioner (a plug-in of jupyter_client) that runs the kernel. Empty if argv is run on this machine."""
    interpreter: str = ""
    """The program that runs the kernel, as a path if it was found."""
    why: str = ""
    """Why this interpreter or kernelspec was chosen, for the user."""
    notices: tuple[str, ...] = ()
    """The parts of `why` that a user may not expect. They are shown at the start."""
    of_folder: bool = False
    """Whether the interpreter belongs to an environment of the notebook's folder, or of one above it."""
    other_interpreter: bool = False
    """Whether the interpreter is not the kernelspec's own one. What the metadata says of the kernel may not hold then."""

    @property
    def is_ipykernel(self) -> bool:
        """Whether the kernel is ipykernel, which every environment with that package can run."""
        return any(word in {"ipykernel", "ipykernel_launcher"} for word in self.argv[1:3])


# ---- folders


def data_folder(environ: Mapping[str, str]) -> Path:
    """Returns Jupyter's data folder of the user."""
    if own := _absolute(environ.get("JUPYTER_DATA_DIR")):
        return Path(own)
    home = Path(environ.get("HOME") or Path.home())
    if sys.platform == "darwin":
        return home / "Library" / "Jupyter"
    return Path(_absolute(environ.get("XDG_DATA_HOME")) or home / ".local" / "share") / "jupyter"


def _absolute(folder: str | None) -> str | None:
    """Returns the folder if its path is absolute. What is relative to the working folder may have come with the notebook."""
    return folder if folder is not None and folder.startswith("/") else None


def runtime_folder(environ: Mapping[str, str]) -> Path:
    """Returns Jupyter's folder for connection files."""
    own = _absolute(environ.get("JUPYTER_RUNTIME_DIR"))
    return Path(own) if own else data_folder(environ) / "runtime"


def spec_folders(environ: Mapping[str, str]) -> tuple[Path, ...]:
    """Returns the folders that contain kernelspecs, in order of precedence. Ignores relative paths in the environment."""
    home = Path(environ.get("HOME") or Path.home())
    prefixes = filter(None, (_absolute(environ.get(name)) for name in ("VIRTUAL_ENV", "CONDA_PREFIX")))
    active = [Path(prefix) / "share" / "jupyter" for prefix in prefixes]
    environment = [*active, Path(sys.prefix) / "share" / "jupyter"]
    user = [data_folder(environ)]
    roots = [Path(entry) for entry in environ.get("JUPYTER_PATH", "").split(os.pathsep) if _absolute(entry)]
    roots += environment + user if _environment_first(environ) else user + environment
    roots += [home / ".local" / "share" / "jupyter", Path("/usr/local/share/jupyter"), Path("/usr/share/jupyter")]
    folders = [root / "kernels" for root in roots]
    folders.append(Path(_absolute(environ.get("IPYTHONDIR")) or home / ".ipython") / "kernels")
    return tuple(dict.fromkeys(folders))


def _environment_first(environ: Mapping[str, str]) -> bool:
    choice = environ.get("JUPYTER_PREFER_ENV_PATH")
    if choice is not None:
        return choice.lower() not in {"no", "n", "false", "off", "0", "0.0"}
    return sys.prefix != sys.base_prefix or "VIRTUAL_ENV" in environ


# ---- search


def find_all(environ: Mapping[str, str] | None = None) -> dict[str, KernelSpec]:
    """Returns every kernelspec that can be read, by name, with argv as in its kernel.json."""
    good, _ = _scan(os.environ if environ is None else environ)
    return good


def find_broken(environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """Returns name → problem for each kernelspec that can't be read, unless a good one has the same name."""
    good, broken = _scan(os.environ if environ is None else environ)
    return {name: reason for name, reason in broken.items() if name not in good}


def choose(
    name: str | None,
    *,
    language: str | None = None,
    python: str | None = None,
    notebook_dir: Path,
    environ: Mapping[str, str] | None = None,
    consent: Consent = Consent.NEEDED,
) -> KernelSpec:
    """Returns the kernelspec to run, with its interpreter in `argv`.

    `name` is from the user or from the notebook's metadata. If it is not installed, another kernelspec with the same `language`
    is returned, and its `why` explains that. `python` is the value of --python: an interpreter, or the folder of an
    environment. `consent` is what the user said of environments of the folder. Raises KernelSpecError if no kernelspec fits;
    its hint lists the installed ones. Raises UntrustedEnvironmentError if the folder's environment fits and is not trusted.
    """
    environ = os.environ if environ is None else environ
    good, broken = _scan(environ)
    spec = _named(name, language, good, broken, environ)
    return _with_interpreter(spec, python, notebook_dir, environ, consent)


def _scan(environ: Mapping[str, str]) -> tuple[dict[str, KernelSpec], dict[str, str]]:
    """Returns the kernelspecs that can be read, and the problems of the others, both by name."""
    good: dict[str, KernelSpec] = {}
    broken: dict[str, str] = {}
    for name, file in _files(environ):
        if name in good:
            continue
        try:
            good[name] = _read(name, file)
        except (OSError, ValueError, RecursionError) as error:
            broken.setdefault(name, f"{file}: {error}")
    return good, broken


def _files(environ: Mapping[str, str]) -> Iterator[tuple[str, Path]]:
    for folder in spec_folders(environ):
        try:
            entries = sorted(folder.iterdir())
        except OSError:
            continue
        for entry in entries:
            file = entry / "kernel.json"
            if _NAME.fullmatch(entry.name) and os.path.lexists(file):
                yield entry.name.lower(), file


def _read(name: str, file: Path) -> KernelSpec:
    """Reads a kernel.json. Raises OSError, RecursionError, or ValueError with the problem."""
    found = json.loads(file.read_bytes().decode("utf-8-sig"))
    if not isinstance(found, dict):
        raise ValueError("not a JSON object")
    env, metadata = found.get("env"), found.get("metadata")
    provisioner = _provisioner(metadata)
    argv = found.get("argv", [] if provisioner else None)
    if not isinstance(argv, list) or not (argv or provisioner) or not all(isinstance(word, str) for word in argv):
        raise ValueError("`argv` is not a list of strings")
    return KernelSpec(
        name=name,
        display_name=str(found.get("display_name") or name),
        language=str(found.get("language") or ""),
        argv=tuple(argv),
        env={str(key): str(value) for key, value in env.items()} if isinstance(env, dict) else {},
        interrupt_mode=str(found.get("interrupt_mode") or "signal"),
        resource_dir=str(file.parent),
        metadata=metadata if isinstance(metadata, dict) else {},
        provisioner=provisioner,
    )


def _provisioner(metadata: object) -> str:
    """Returns the name in `metadata.kernel_provisioner`, empty for the local one. Raises ValueError if it can't be read."""
    stanza = metadata.get("kernel_provisioner") if isinstance(metadata, dict) else None
    if stanza is None:
        return ""
    if not isinstance(stanza, dict) or not isinstance(stanza.get("config", {}), dict):
        raise ValueError("`metadata.kernel_provisioner` is not an object with a `provisioner_name` and a `config`")
    name = stanza.get("provisioner_name", LOCAL_PROVISIONER)
    if not isinstance(name, str) or not name:
        raise ValueError("`metadata.kernel_provisioner.provisioner_name` is not a name")
    return "" if name == LOCAL_PROVISIONER else name


def _named(
    name: str | None,
    language: str | None,
    good: Mapping[str, KernelSpec],
    broken: Mapping[str, str],
    environ: Mapping[str, str],
) -> KernelSpec:
    wanted = (name or "").lower()
    if wanted in good:
        return good[wanted]
    if wanted == "python3" or (not wanted and (language or "python").lower() == "python"):
        return good.get("python3") or KernelSpec("python3", "Python 3 (ipykernel)", "python", _IPYKERNEL_ARGV)
    if language:
        spec = _of_language(language, good)
        if spec is not None:
            if not name:
                return replace(spec, why=f"for {language}")
            why = f"{name} is not installed: {spec.name}, of the same language, takes its place"
            return replace(spec, why=why, notices=(why,))
    if wanted in broken:
        raise KernelSpecError(f"its kernelspec can't be used: {broken[wanted]}", where=name or "")
    raise KernelSpecError(
        f"there is no kernelspec {name!r}" if name else f"there is no kernel for {language}",
        hint=f"there are: {', '.join(sorted(good)) or 'none'}; searched: {', '.join(map(str, spec_folders(environ)))}",
    )


def _of_language(language: str, good: Mapping[str, KernelSpec]) -> KernelSpec | None:
    wanted = language.lower()
    if wanted == "python":
        return good.get("python3") or KernelSpec("python3", "Python 3 (ipykernel)", "python", _IPYKERNEL_ARGV)
    return next((good[name] for name in sorted(good) if good[name].language.lower() == wanted), None)


# ---- interpreters


def _with_interpreter(
    spec: KernelSpec, python: str | None, notebook_dir: Path, environ: Mapping[str, str], consent: Consent
) -> KernelSpec:
    if spec.provisioner:
        return _with_provisioner(spec, python)
    program = spec.argv[0]
    bare = re.fullmatch(r"python[0-9.]*", program) is not None
    plain = spec.is_ipykernel and (bare or spec.name in {"python", "python2", "python3"})
    if spec.is_ipykernel and (python or (plain and not _of_an_environment(spec, bare))):
        chosen = choose_interpreter(program, python, notebook_dir, environ, consent)
    elif bare:
        chosen = in_environment(Path(spec.resource_dir)) or Interpreter(sys.executable, "the one that runs tuinb")
    else:
        chosen = Interpreter(find_program(program, environ), "as the kernelspec says")
    ignored = (f"--python {python} is for IPython kernels only",) if python and not spec.is_ipykernel else ()
    why = "; ".join(filter(None, (spec.why, chosen.why, *ignored)))
    return replace(
        spec,
        argv=(chosen.program if spec.is_ipykernel or bare else program, *spec.argv[1:]),
        interpreter=chosen.program,
        why=why,
        notices=(*spec.notices, *chosen.passed_over, *ignored),
        of_folder=chosen.of_folder,
        other_interpreter=spec.is_ipykernel and not _is_own(spec, bare, chosen.program),
    )


def _with_provisioner(spec: KernelSpec, python: str | None) -> KernelSpec:
    """Explains the choice. Does not change argv, because its program is on the machine where the provisioner runs it."""
    ignored = (f"--python {python} is for kernels of this machine only",) if python else ()
    why = "; ".join(filter(None, (spec.why, f"run by the kernel provisioner {spec.provisioner}", *ignored)))
    return replace(spec, why=why, notices=(*spec.notices, *ignored))


def _of_an_environment(spec: KernelSpec, bare: bool) -> bool:
    """Returns whether the kernelspec means the environment that contains it.

    Such a kernelspec has a bare `python` (`bare`) in argv, and a name other than Jupyter's default ones.
    """
    return bare and spec.name not in {"python", "python2", "python3"} and in_environment(Path(spec.resource_dir)) is not None


def _is_own(spec: KernelSpec, bare: bool, program: str) -> bool:
    """Returns whether `program` is the interpreter that Jupyter would run for the kernelspec."""
    found = (in_environment(Path(spec.resource_dir)) or Interpreter(sys.executable, "")).program if bare else spec.argv[0]
    # Links in different folders are different environments.
    return Path(found).parent == Path(program).parent and os.path.realpath(found) == os.path.realpath(program)


def find_program(program: str, environ: Mapping[str, str]) -> str:
    """Returns the path of a program on PATH, or `program` as it is if it is a path or not found. Ignores relative folders."""
    if os.sep in program:
        return program
    for folder in filter(_absolute, os.get_exec_path(dict(environ))):
        candidate = Path(folder, program)
        if os.access(candidate, os.X_OK) and candidate.is_file():
            return str(candidate)
    return program
