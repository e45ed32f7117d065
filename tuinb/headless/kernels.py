"""`tuinb kernels`: what notebooks can run on here, and which of it a notebook would get, and why.

Without a notebook, the answer is for a new one in the current folder. `--check` starts each kernel, asks it who it is, and
ends it again.
"""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tuinb import config
from tuinb.errors import KernelError, TuinbError
from tuinb.headless.arguments import Exit, add_kernel_options, exit_code, given_path, parser
from tuinb.headless.console import complain, tell
from tuinb.kernel.launch.interpreters import environments, has_ipykernel
from tuinb.kernel.launch.kernelspecs import KernelSpec, choose, find_all, find_broken

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence


@dataclass(slots=True)
class Listed:
    """A kernelspec, as it would run for the notebook."""

    name: str
    spec: KernelSpec | None = None
    problem: str = ""
    """Why it can't be used, or did not start."""
    seconds: float | None = None
    """How long it took to start, where that was tried."""

    def as_json(self) -> dict[str, object]:
        """For --json."""
        spec = self.spec
        found: dict[str, object] = {"name": self.name, "problem": self.problem or None, "seconds": self.seconds}
        if spec is not None:
            found |= {"display_name": spec.display_name, "language": spec.language, "why": spec.why}
            found |= {"interpreter": spec.interpreter, "folder": spec.resource_dir or None}
        return found


@dataclass(frozen=True, slots=True)
class Survey:
    """All that is known."""

    asked: str
    """The notebook, or the folder, that it is for."""
    choice: KernelSpec | None
    problem: KernelError | None
    """Why there is no choice."""
    kernels: Sequence[Listed]
    environments: Sequence[tuple[Path, str, bool]] = field(default_factory=list)
    """The folder, why it is looked at, and whether it has ipykernel."""


def main(argv: Sequence[str]) -> int:
    """Runs the command and returns its exit code."""
    parsed = arguments().parse_args(argv)
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
    """The command's parser."""
    options = parser(
        "kernels",
        "Say what notebooks can run on here, and which kernel a notebook (or a new one in this folder) would get, and why. "
        "Exit: 0; 2 the file can't be read; 3 there is no kernel for it, or --check found one that does not start.",
        "tuinb kernels",
        "tuinb kernels analysis.ipynb",
        "tuinb kernels --check --json",
    )
    options.add_argument("file", nargs="?", metavar="FILE", help="a notebook")
    add_kernel_options(options)
    options.add_argument("--check", action="store_true", help="start each kernel, and see whether it answers")
    options.add_argument("--json", action="store_true", help="a JSON object")
    return options


def _survey(parsed: argparse.Namespace) -> Survey:
    language, named, folder = None, None, given_path(os.curdir)
    asked = str(folder)
    if parsed.file is not None:
        from tuinb.files import load
        from tuinb.start import kernel_name

        path = given_path(parsed.file)
        notebook = load.load(path).notebook
        named, folder, asked = kernel_name(notebook), path.parent, str(path)
        language = None if parsed.kernel else notebook.language
    name = parsed.kernel or named or config.load().kernel
    choice, problem = None, None
    try:
        choice = choose(name, language=language, python=parsed.python, notebook_dir=folder)
    except KernelError as error:
        problem = error
    names = find_all().keys() | ({choice.name} if choice is not None else set())
    kernels = [_listed(name, parsed.python, folder) for name in sorted(names)]
    kernels += [Listed(name, problem=reason) for name, reason in sorted(find_broken().items())]
    found: dict[Path, str] = {}
    for prefix, why in environments(folder, os.environ):
        found.setdefault(prefix, why)
    known = [(prefix, why, has_ipykernel(prefix)) for prefix, why in found.items()]
    return Survey(asked, choice, problem, kernels, known)


def _listed(name: str, python: str | None, folder: Path) -> Listed:
    try:
        return Listed(name, choose(name, python=python, notebook_dir=folder))
    except KernelError as error:
        return Listed(name, problem=str(error))


async def _check(kernels: Sequence[Listed]) -> None:
    from tuinb.kernel.connection.local import LocalKernel

    for found in kernels:
        if found.spec is None:
            continue
        kernel = LocalKernel(found.spec, Path.cwd())
        started = time.monotonic()
        try:
            await kernel.start(lambda _events: None)
            found.seconds = round(time.monotonic() - started, 3)
        except KernelError as error:
            what = error.what if error.where == found.name else str(error)
            found.problem = ": ".join((what, *error.stderr.splitlines()[-1:]))
        finally:
            await kernel.close()


# ---- words


def _as_text(survey: Survey) -> list[str]:
    from tuinb.render.safe import clean

    lines = []
    if survey.choice is not None:
        choice = survey.choice
        lines += [f"{survey.asked}: {choice.name} ({choice.display_name})", f"  {choice.interpreter}: {choice.why}", ""]
    lines.append("Kernelspecs")
    width = max((len(found.name) for found in survey.kernels), default=0)
    for found in survey.kernels:
        started = "" if found.seconds is None else f", started in {found.seconds:.2f} s"
        said = "" if found.spec is None else f"{found.spec.display_name}, {found.spec.language}{started}"
        said = f"{said}: {found.problem}" if said and found.problem else said or found.problem
        lines.append(f"  {found.name:<{width}}  {said}")
        if found.spec is not None:
            lines.append(f"  {'':<{width}}  {found.spec.interpreter} ({found.spec.why})")
    if not survey.kernels:
        lines.append("  none")
    if survey.environments:
        lines += ["", "Python environments"]
    for prefix, why, usable in survey.environments:
        lines.append(f"  {prefix}  {why}, {'with' if usable else 'without'} ipykernel")
    return [clean(line) for line in lines]


def _as_json(survey: Survey) -> dict[str, object]:
    choice = survey.choice
    chosen = None if choice is None else {"name": choice.name, "interpreter": choice.interpreter, "why": choice.why}
    return {
        "for": survey.asked,
        "choice": chosen,
        "problem": None if survey.problem is None else str(survey.problem),
        "kernels": [found.as_json() for found in survey.kernels],
        "environments": [
            {"folder": str(prefix), "why": why, "ipykernel": usable} for prefix, why, usable in survey.environments
        ],
    }
