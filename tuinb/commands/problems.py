"""Commands that go to the problems that were found in code, and what finds them: ruff, or Python's parser without it."""

from __future__ import annotations

import asyncio
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tuinb import text_filter
from tuinb.analysis.problems import Problem, read_ruff, syntax_problem
from tuinb.commands import jumps
from tuinb.commands.command import Group, command
from tuinb.commands.formatting import find_ruff, folder_of, notebook_of
from tuinb.errors import TuinbError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tuinb.commands.context import Context
    from tuinb.notebook.changes import CellId

_RULES: Final = "E4,E7,E9,F"
"""What is found without settings of ruff: errors, and what pyflakes finds. ruff's own choice changes with its versions."""
_SETTINGS: Final = (".ruff.toml", "ruff.toml", "pyproject.toml")


@command(Group.EDIT)
def next_problem(context: Context) -> None:
    """Go to the next problem that was found in the code."""
    _go(context, 1)


@command(Group.EDIT)
def previous_problem(context: Context) -> None:
    """Go to the previous problem that was found in the code."""
    _go(context, -1)


def _go(context: Context, direction: int) -> None:
    notebook, view = context.session.notebook, context.view
    # (cell, line, column) of each, then what it is. There may be several at one place.
    found = [
        ((notebook.index(cell), problem.line, problem.column), problem)
        for cell, problems in view.problems.items()
        if cell in notebook
        for problem in problems
    ]
    found.sort(key=itemgetter(0))
    if not found:
        context.dialogs.notify("No problem was found in the code.")
        return
    here = _place(context)
    if direction > 0:
        place, problem = next((entry for entry in found if entry[0] > here), found[0])
    else:
        place, problem = next((entry for entry in reversed(found) if entry[0] < here), found[-1])
    cell = notebook.at(place[0])
    lines = cell.source.split("\n")[: problem.line + 1]
    jumps.remember(context)
    context.editor.edit_from(cell.id, min(sum(len(line) + 1 for line in lines[:-1]) + problem.column, len("\n".join(lines))))
    context.dialogs.notify(problem.text, "error" if problem.is_error else "warning")


def _place(context: Context) -> tuple[int, int, int]:
    """Returns the cell, the line and the column of the cursor. In command mode that is before the first line of the cell."""
    notebook, active = context.session.notebook, context.view.active
    if active is None or active not in notebook:
        return -1, 0, 0
    if not context.editor.is_open:
        return notebook.index(active), -1, 0
    before = notebook[active].source[: context.editor.cursor]
    return notebook.index(active), before.count("\n"), len(before.rpartition("\n")[2])


async def find_problems(context: Context, sources: Mapping[CellId, str]) -> dict[CellId, tuple[Problem, ...]]:
    """Returns the problems of cells of a notebook, read as one module. Python's parser finds them where ruff does not."""
    cells = list(sources)
    found: Sequence[Sequence[Problem]] | None = None
    if cells:
        try:
            argv = [find_ruff(context), "check", "--quiet", "--output-format", "json"]
            environ, folder = context.system.environ, folder_of(context)
            if not await asyncio.to_thread(_has_settings, folder or Path.cwd(), environ):
                argv += ["--select", _RULES]
            text = await asyncio.to_thread(notebook_of, list(sources.values()))
            name = context.session.path.with_suffix(".ipynb").name
            result = await text_filter.run([*argv, "--stdin-filename", name, "-"], text, environ, folder)
            found = await asyncio.to_thread(read_ruff, result.out, list(sources.values()))
        except TuinbError:
            found = None  # It is missing, or broken: what it would find is not asked for.
    if found is None:
        alone = await asyncio.to_thread(lambda: [syntax_problem(source) for source in sources.values()])
        found = [(problem,) if problem is not None else () for problem in alone]
    return {cell: tuple(problems) for cell, problems in zip(cells, found, strict=True) if problems}


def _has_settings(folder: Path, environ: Mapping[str, str]) -> bool:
    """Returns whether ruff finds settings for a file of the folder: there, above, or the user's own."""
    own = Path(environ.get("XDG_CONFIG_HOME") or Path(environ.get("HOME", "/")) / ".config") / "ruff"
    return any(_is_of_ruff(place / name) for place in (folder, *folder.parents, own) for name in _SETTINGS)


def _is_of_ruff(file: Path) -> bool:
    try:
        return (file.name != "pyproject.toml" and file.is_file()) or b"[tool.ruff" in file.read_bytes()
    except OSError:
        return False
