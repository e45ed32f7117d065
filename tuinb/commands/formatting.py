"""Commands that format code: by ruff, or by the program that the settings name for the language.

A formatter reads a text and writes another one. It runs beside the screen, and what it wrote is one step of undo. A cell that
was edited meanwhile is left as it is.
"""

from __future__ import annotations

import json
import re
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tuinb import text_filter
from tuinb.commands import cell_edits
from tuinb.commands.command import Group, command
from tuinb.editing.selection import Target
from tuinb.errors import LanguageServerError, TuinbError, is_remote
from tuinb.lsp.servers import find
from tuinb.notebook.alignment import matches
from tuinb.notebook.changes import SpliceSource

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tuinb.commands.context import Context
    from tuinb.editing.selection import Motion
    from tuinb.notebook.changes import CellId, Change
    from tuinb.session.languages import LanguageServers

_PLACE = re.compile(r"(?:error: )?.*?\.ipynb:1:(\d+):\d+: (.*)", re.DOTALL)
"""Where ruff could not go on: the cell, the line and the column."""
_SHOWN = 3
"""Number of problems that a message names."""


@command(Group.EDIT)
async def format_cells(context: Context) -> None:
    """Format the selected cells by ruff, or by the program of the settings."""
    await _format(context, cell_edits.selected(context))


@command(Group.EDIT)
async def format_all(context: Context) -> None:
    """Format all cells by ruff, or by the program of the settings."""
    await _format(context, context.session.notebook.order)


async def _format(context: Context, cells: Sequence[CellId]) -> None:
    notebook = context.session.notebook
    if context.session.read_only:
        raise TuinbError(f"Read-only: {context.session.read_only}")
    sources = {cell: notebook[cell].source for cell in cells if notebook[cell].kind == "code"}
    sources = {cell: source for cell, source in sources.items() if source.strip()}
    if not sources:
        context.dialogs.notify("There is no code to format.")
        return
    found, problems = await _formatted(context, sources)
    changed = {cell: text for cell, text in found.items() if text != sources[cell]}
    fitting = [cell for cell in changed if cell in notebook and notebook[cell].source == sources[cell]]
    keeps = _cursor_kept(context, changed, fitting)
    changes: list[Change] = [change for cell in fitting for change in _splices(cell, sources[cell], changed[cell])]
    cell_edits.apply(context, changes, "format")
    if keeps is not None and context.editor.is_open:
        context.editor.move(keeps)
    numbers = {cell: notebook.index(cell) + 1 for cell in problems if cell in notebook}
    said = [f"Cell {number}: {problems[cell]}." for cell, number in numbers.items()]
    if len(said) > _SHOWN:
        said[_SHOWN:] = [f"{len(said) - _SHOWN} more were not formatted."]
    if fitting:
        said.insert(0, f"Formatted {cell_edits.count(len(fitting))}.")
    if len(fitting) < len(changed):
        said.append(f"Left as it is, as it was edited meanwhile: {cell_edits.count(len(changed) - len(fitting))}.")
    if not said:
        said = ["Nothing to format: it is so already."]
    context.dialogs.notify(" ".join(said), "warning" if problems else "information")


async def _formatted(context: Context, sources: dict[CellId, str]) -> tuple[dict[CellId, str], dict[CellId, str]]:
    """Returns the formatted sources, and by cell why it was not formatted."""
    language = context.session.notebook.language.lower()
    if language not in context.formatters and _asks_server(context, language):
        from tuinb.commands.language import servers_of

        servers = servers_of(context)
        if await servers.formatter():
            return await _by_server(servers, sources)
    return await _Formatter(context).formatted(sources)


def _asks_server(context: Context, language: str) -> bool:
    """Returns whether the settings say that a language server formats."""
    configured = (context.language_servers or {}).get("python" if language == "ipython" else language, ())
    return any(server.format for server in configured)


async def _by_server(servers: LanguageServers, sources: dict[CellId, str]) -> tuple[dict[CellId, str], dict[CellId, str]]:
    found: dict[CellId, str] = {}
    problems: dict[CellId, str] = {}
    for cell, source in sources.items():
        if source.lstrip().startswith("%%"):
            continue  # It may be code of any language.
        try:
            changes = await servers.format(cell)
        except LanguageServerError as error:
            problems[cell] = str(error)
            continue
        found[cell] = source
        for change in changes:
            text = found[cell]
            found[cell] = f"{text[: change.at]}{change.inserted}{text[change.at + len(change.removed) :]}"
    return found, problems


class _Formatter:
    """The program for the language of a notebook. Raises TuinbError if there is none."""

    def __init__(self, context: Context) -> None:
        session = context.session
        self._environ = context.system.environ
        self._folder = folder_of(context)
        language = session.notebook.language.lower()
        self._argv = context.formatters.get(language)
        self._is_ruff = self._argv is None
        if self._argv is not None:
            return
        if language not in ("python", "ipython"):
            hint = f'write [format] and {language} = ["PROGRAM", "OPTION"] into config.toml'
            raise TuinbError(f"no program to format {language} is set", hint=hint)
        name = session.path.with_suffix(".ipynb").name
        self._argv = [find_ruff(context), "format", "--stdin-filename", name, "-"]

    async def formatted(self, sources: dict[CellId, str]) -> tuple[dict[CellId, str], dict[CellId, str]]:
        """Returns the formatted sources, and by cell why it was not formatted."""
        found: dict[CellId, str] = {}
        problems: dict[CellId, str] = {}
        if self._is_ruff:
            await self._together(list(sources), sources, found, problems)
            return found, problems
        for cell, source in sources.items():
            if source.lstrip().startswith("%%"):
                continue  # It may be code of any language.
            result = await self._run(f"{source}\n")
            text = result.out.replace("\r\n", "\n").rstrip("\n")
            if result.code:
                problems[cell] = self._why(result)
            elif not text.strip() or "\0" in text:
                problems[cell] = f"{self._name} wrote no code"
            else:
                found[cell] = text
        return found, problems

    async def _together(
        self, cells: list[CellId], sources: dict[CellId, str], found: dict[CellId, str], problems: dict[CellId, str]
    ) -> None:
        """Formats cells in one run. If that fails, each half of them, as ruff refuses them all for an error in one."""
        result = await self._run(notebook_of([sources[cell] for cell in cells]))
        texts = None if result.code else _sources(result.out)
        if texts is not None and len(texts) == len(cells):
            found.update(zip(cells, texts, strict=True))
        elif len(cells) == 1:
            problems[cells[0]] = self._why(result) if result.code else f"{self._name} wrote no notebook"
        else:
            middle = len(cells) // 2
            await self._together(cells[:middle], sources, found, problems)
            await self._together(cells[middle:], sources, found, problems)

    async def _run(self, text: str) -> text_filter.Filtered:
        assert self._argv is not None
        return await text_filter.run(self._argv, text, self._environ, self._folder)

    @property
    def _name(self) -> str:
        assert self._argv is not None
        return Path(self._argv[0]).name

    def _why(self, result: text_filter.Filtered) -> str:
        line = next((line.strip() for line in result.err.splitlines() if line.strip()), "")
        place = _PLACE.fullmatch(line)
        if place is not None:
            return f"{place[2]} in line {place[1]}"
        if ".ipynb:" in line:
            return line.rpartition(": ")[2]
        return f"{self._name}: {line}" if line else f"{self._name} ended with exit code {result.code}"


def folder_of(context: Context) -> Path | None:
    """Returns the folder of the notebook, if it is one of this machine."""
    folder = context.session.path.parent
    return None if is_remote(context.session.path) or not folder.is_dir() else folder


def find_ruff(context: Context) -> str:
    """Returns the path of ruff: on PATH, or in the environment of the kernel or of tuinb. Raises TuinbError without one."""
    kernel = context.session.kernel
    # What the kernel runs on is trusted.
    own = kernel.has_process and not kernel.server and not kernel.foreign
    found = find("ruff", context.system.environ, kernel.interpreter if own else "")
    if not found:
        hint = "`pip install ruff`, or set a program in [format] of config.toml"
        raise TuinbError("ruff, which formats Python, is not installed", hint=hint)
    return found


def notebook_of(sources: Sequence[str]) -> str:
    """Returns a notebook that has these cells, for ruff: it knows IPython's magics then."""
    cells: list[dict[str, object]] = [
        {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": source} for source in sources
    ]
    metadata = {"language_info": {"name": "python"}}
    return json.dumps({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 4})


def _sources(text: str) -> list[str] | None:
    """Returns the sources of a notebook, None if it is none."""
    try:
        cells: list[Any] = json.loads(text)["cells"]
        sources = [cell["source"] for cell in cells]
        return [source if isinstance(source, str) else "".join(source) for source in sources]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None


def _splices(cell: CellId, old: str, new: str) -> Iterator[SpliceSource]:
    """Yields the changes of lines, from the end, so that what is between them keeps its marks."""
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    starts = [0, *accumulate(len(line) for line in before)]
    found: list[SpliceSource] = []
    row = other_row = 0
    for kept, other in (*matches(before, after), (len(before), len(after))):
        removed, inserted = "".join(before[row:kept]), "".join(after[other_row:other])
        if removed != inserted:
            found.append(SpliceSource(cell, starts[row], removed, inserted))
        row, other_row = kept + 1, other + 1
    yield from reversed(found)


def _cursor_kept(context: Context, changed: dict[CellId, str], fitting: Sequence[CellId]) -> Motion | None:
    """Returns the motion that puts the cursor beside the character that it is beside now. Blanks are not counted."""
    cell = context.view.active
    if not context.editor.is_open or cell is None or cell not in fitting:
        return None
    before, text = context.session.notebook[cell].source[: context.editor.cursor], changed[cell]
    count = len("".join(before.split()))
    places = [at for at, character in enumerate(text) if not character.isspace()]
    if before[-1:].strip():
        offset = places[min(count, len(places)) - 1] + 1 if places else 0
    else:
        offset = places[count] if count < len(places) else len(text)
    return lambda _state, _selection: Target(offset)
