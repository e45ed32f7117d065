"""Commands that find text, the line that failed, the next failed cell, and links."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from tuinb.analysis.failing_line import failed, failing_line
from tuinb.commands import jumps
from tuinb.commands.command import Group, command
from tuinb.commands.file import local_folder
from tuinb.commands.tabs import open_notebook
from tuinb.errors import NotebookFileError, TuinbError, is_remote, shown
from tuinb.files.names import IPYNB
from tuinb.jobs import shared
from tuinb.kernel.execution.runs import RunState

if TYPE_CHECKING:
    from tuinb.commands.context import Context
    from tuinb.notebook.changes import CellId


@command(Group.VIEW)
def find(context: Context) -> None:
    """Find text in sources and outputs; re: before it makes it a regular expression."""
    context.viewport.find()


@command(Group.VIEW)
def find_backward(context: Context) -> None:
    """Find text before the cursor, or above."""
    context.viewport.find(backward=True)


@command(Group.VIEW)
def replace(context: Context) -> None:
    """Find text in sources and replace it, one by one or all."""
    context.viewport.find(replaces=True)


@command(Group.VIEW)
def find_next(context: Context) -> None:
    """Go to the next match."""
    context.viewport.find_again(1)


@command(Group.VIEW)
def find_previous(context: Context) -> None:
    """Go to the previous match."""
    context.viewport.find_again(-1)


@command(Group.OUTPUTS)
def go_to_failing_line(context: Context) -> None:
    """Edit the line where the cell failed."""
    cell = context.view.active
    if cell is None or cell not in context.session.notebook or not _failed(context, cell):
        context.dialogs.notify("This cell did not fail.", "error", hint="{next-failed-cell} goes to the next failed cell.")
        return
    line = failing_line(context.session.notebook[cell])
    if line is None:
        raise TuinbError("The traceback names no line of this cell.")
    jumps.remember(context)
    context.editor.edit_at(cell, line)


def _failed(context: Context, cell: CellId) -> bool:
    return failed(context.session.notebook[cell]) or context.session.run_of(cell).state is RunState.ERROR


@command(Group.OUTPUTS)
def next_failed_cell(context: Context) -> None:
    """Go to the next failed cell."""
    notebook, active = context.session.notebook, context.view.active
    start = notebook.index(active) + 1 if active is not None and active in notebook else 0
    order = [*notebook.order[start:], *notebook.order[:start]]
    found = next((cell for cell in order if _failed(context, cell)), None)
    if found is None:
        context.dialogs.notify("No cell failed.")
        return
    jumps.remember(context)
    context.view.activate(found)
    if found == active:
        context.dialogs.notify("No other cell failed.")
    elif notebook.index(found) < start:
        context.dialogs.notify("Continued from the top.")


def _notebook_of(context: Context, url: str) -> Path | None:
    """Returns the notebook beside this one that a link leads to. None for other links, and where there are no tabs."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    name = unquote(parts.path)
    is_file = parts.scheme in ("", "file") and parts.netloc in ("", "localhost")
    if context.system.tabs is None or not is_file or not name.endswith(IPYNB) or "\0" in name:
        return None
    return Path(os.path.normpath(context.session.path.parent / name))


async def _open_notebook(context: Context, path: Path) -> None:
    """Opens the notebook of a link in a tab. One that does not exist is not made: the link may be wrong."""
    if not is_remote(path) and not await shared().run(path.is_file):
        raise NotebookFileError("there is no such file", where=shown(path), hint="`:e FILE` makes a new notebook")
    open_notebook(context, path)


@command(Group.OUTPUTS)
async def follow_link(context: Context) -> None:
    """Open a link of the cell, a notebook in a tab, or copy it if no program can open it."""
    cell = context.view.active
    links = list(context.outputs.links_of(cell)) if cell is not None and cell in context.session.notebook else []
    if not links:
        context.dialogs.notify("This cell has no links.", hint=":toggle-line-numbers shows line numbers.")
        return
    options = [f"{link.text}  {link.url}" if link.text not in ("", link.url) else link.url for link in links]
    choice = await context.dialogs.choose("Open which link?", options)
    if choice is None:
        return
    if (path := _notebook_of(context, links[choice].url)) is not None:
        await _open_notebook(context, path)
        return
    why = await context.system.open_link(links[choice].url, local_folder(context))
    if why:
        context.system.copy(links[choice].url)
        context.dialogs.notify(f"{why} The link was copied.", "warning")
