"""`tuinb kernels`: lists the kernels of this machine, and says which one a notebook would run on, and why.

Without a notebook the answer is for a new one in the current folder. `--check` starts each kernel, waits for its answer and
ends it. `--running` lists the kernels that run already instead (running_kernels.py).
"""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tuinb.errors import KernelError, TuinbError
from tuinb.headless.arguments import Exit, add_kernel_options, exit_code, given_path, parser
from tuinb.headless.console import complain, tell
from tuinb.kernel.launch import environments
from tuinb.kernel.launch.interpreters import has_ipykernel
from tuinb.kernel.launch.kernelspecs import KernelSpec, find_all, find_broken
from tuinb.record import Record
from tuinb.session.opening import KernelWanted

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from tuinb.kernel.launch.environments import Consent


@dataclass(slots=True)
class Listed:
    """A kernelspec with the interpreter that it would have for the notebook."""

    name: str
    spec: KernelSpec | None = None
    problem: str = ""
    """Why it can't be used or did not start."""
    seconds: float | None = None
    """The time that it took to start, with --check."""

    def as_json(self) -> dict[str, object]:
        """Returns the entry for --json."""
        spec = self.spec
        found: dict[str, object] = {"name": self.name, "problem": self.problem or None, "seconds": self.seconds}
        if spec is not None:
            found |= {"display_name": spec.display_name, "language": spec.language, "why": spec.why}
            found |= {"interpreter": spec.interpreter, "folder": spec.resource_dir or None}
        return found


class Searched(Record):
    """A Python environment that is searched for ipykernel."""

    folder: Path
    why: str
    ipykernel: bool
    standing: environments.Standing

    def as_text(self) -> str:
        """Returns its line."""
        return f"  {self.folder}  {self.why}, {'with' if self.ipykernel else 'without'} ipykernel, {self.standing}"

    def as_json(self) -> dict[str, object]:
        """Returns the entry for --json."""
        trusted = self.standing in {environments.Standing.NAMED, environments.Standing.TRUSTED}
        return {"folder": str(self.folder), "why": self.why, "ipykernel": self.ipykernel, "trusted": trusted}


class Survey(Record):
    """The result of the command."""

    target: str
    """The notebook or the folder to run in."""
    choice: KernelSpec | None
    problem: KernelError | None
    """Why there is no choice, if there is none."""
    kernels: Sequence[Listed]
    environments: Sequence[Searched] = ()


def main(argv: Sequence[str]) -> int:
    """Runs the command and returns its exit code."""
    options = arguments()
    parsed = options.parse_args(argv)
    if parsed.running:
        if parsed.file or parsed.kernel or parsed.python or parsed.trust_env or parsed.check:
            options.error("--running takes no notebook and no other option than --json")
        from tuinb.headless.running_kernels import list_running

        list_running(as_json=parsed.json)
        return Exit.OK
    try:
        survey = _survey(parsed)
    except TuinbError as error:
        complain(error)
        return exit_code(error)
    if parsed.check:
        import asyncio

        asyncio.run(_check(survey.kernels))
    tell(json.dumps(_as_json(survey), indent=1) if parsed.json else "\n".join(_as_text(survey)))
    if survey.problem is not None:
        complain(survey.problem)
    failed = survey.problem is not None or (parsed.check and any(found.problem for found in survey.kernels))
    return Exit.KERNEL if failed else Exit.OK


def arguments() -> argparse.ArgumentParser:
    """Returns the command's parser."""
    options = parser(
        "kernels",
        "Say what notebooks can run on here, and which kernel a notebook (or a new one in this folder) would get, and why. "
        "Exit: 0; 2 the file can't be read; 3 there is no kernel for it, or --check found one that does not start.",
        "tuinb kernels",
        "tuinb kernels analysis.ipynb",
        "tuinb kernels --check --json",
        "tuinb kernels --running",
    )
    options.add_argument("file", nargs="?", metavar="FILE", help="a notebook")
    add_kernel_options(options)
    options.add_argument("--check", action="store_true", help="start each kernel, and see whether it answers")
    options.add_argument("--running", action="store_true", help="list the kernels that run already, whoever started them")
    options.add_argument("--json", action="store_true", help="a JSON object")
    return options


def _survey(parsed: argparse.Namespace) -> Survey:
    notebook, folder = None, given_path(os.curdir)
    target = str(folder)
    if parsed.file is not None:
        from tuinb.files import load

        path = given_path(parsed.file)
        notebook, folder, target = load.load(path).notebook, path.parent, str(path)
    wanted = KernelWanted.of(notebook, folder, kernel=parsed.kernel, python=parsed.python, trust_env=parsed.trust_env)
    choice, problem = None, None
    try:
        choice = wanted.find()
    except KernelError as error:
        problem = error
    names = find_all().keys() | ({choice.name} if choice is not None else set())
    kernels = [_listed(name, parsed.python, folder, wanted.consent) for name in sorted(names)]
    kernels += [Listed(name, problem=reason) for name, reason in sorted(find_broken().items())]
    found: dict[Path, environments.Environment] = {}
    for environment in environments.find(folder, os.environ):
        found.setdefault(environment.prefix, environment)
    searched = [
        Searched(prefix, each.why, has_ipykernel(prefix), environments.standing(each, os.environ))
        for prefix, each in found.items()
    ]
    return Survey(target, choice, problem, kernels, searched)


def _listed(name: str, python: str | None, folder: Path, consent: Consent) -> Listed:
    try:
        return Listed(name, KernelWanted(folder, name, python=python, consent=consent).find())
    except KernelError as error:
        return Listed(name, problem=str(error))


async def _check(kernels: Sequence[Listed]) -> None:
    from tuinb.kernel.connection.connection import connect

    for found in kernels:
        if found.spec is None:
            continue
        kernel = connect(found.spec, Path.cwd())
        started = time.monotonic()
        try:
            await kernel.open(lambda _events: None)
            found.seconds = round(time.monotonic() - started, 3)
        except KernelError as error:
            what = error.what if error.where == found.name else str(error)
            found.problem = ": ".join((what, *error.stderr.splitlines()[-1:]))
        finally:
            await kernel.shut_down()


# ---- lines


def _as_text(survey: Survey) -> list[str]:
    from tuinb.render.safe import clean

    lines = []
    if survey.choice is not None:
        choice = survey.choice
        why = f"{choice.interpreter}: {choice.why}" if choice.interpreter else choice.why
        lines += [f"{survey.target}: {choice.name} ({choice.display_name})", f"  {why}", ""]
    lines.append("Kernelspecs")
    width = max((len(found.name) for found in survey.kernels), default=0)
    for found in survey.kernels:
        started = "" if found.seconds is None else f", started in {found.seconds:.2f} s"
        text = "" if found.spec is None else f"{found.spec.display_name}, {found.spec.language}{started}"
        text = f"{text}: {found.problem}" if text and found.problem else text or found.problem
        lines.append(f"  {found.name:<{width}}  {text}")
        if found.spec is not None:
            why = f"{found.spec.interpreter} ({found.spec.why})" if found.spec.interpreter else found.spec.why
            lines.append(f"  {'':<{width}}  {why}")
    if not survey.kernels:
        lines.append("  none")
    if survey.environments:
        lines += ["", "Python environments"]
    lines += [each.as_text() for each in survey.environments]
    return [clean(line) for line in lines]


def _as_json(survey: Survey) -> dict[str, object]:
    choice = survey.choice
    chosen = None if choice is None else {"name": choice.name, "interpreter": choice.interpreter, "why": choice.why}
    return {
        "for": survey.target,
        "choice": chosen,
        "problem": None if survey.problem is None else str(survey.problem),
        "kernels": [found.as_json() for found in survey.kernels],
        "environments": [each.as_json() for each in survey.environments],
    }
