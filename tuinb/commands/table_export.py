"""Copies rows of a table, and saves them to a file. They come from the kernel in parts of 1 MB at most."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tuinb.commands.file import local_folder
from tuinb.commands.output_export import ask_where
from tuinb.commands.table_formats import ENDINGS, FORMATS, header_of, rows_of
from tuinb.errors import InspectionError, TuinbError
from tuinb.files import atomic
from tuinb.session.table_view import Area

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tuinb.commands.context import Context
    from tuinb.session.table_view import TableView

_MOST_SAVED = 100_000_000
"""Characters of a file that is saved: more is for the kernel itself to write."""


async def cell_text(table: TableView, row: int, column: int) -> list[str]:
    """Returns the whole text of one cell, as lines. Raises InspectionError."""
    answer, _ = await table.whole_rows(Area(row, row + 1, column, column + 1))
    return [str(answer["rows"][0][0])] if answer["rows"] else []


async def copy(context: Context, table: TableView, area: Area) -> None:
    """Copies the cells of an area in a format that the user chooses. Raises InspectionError."""
    names = list(FORMATS)
    choice = await context.dialogs.choose("Copy the selection as", names)
    if choice is None:
        return
    answer, following = await table.whole_rows(area)
    rows = rows_of(answer)
    text = FORMATS[names[choice]](header_of(table.index, answer["header"]), rows)
    context.system.copy(text)
    if following < area.last:
        total = area.last - area.first
        context.dialogs.notify(
            f"Copied {len(rows):,} of {total:,} rows: the clipboard gets 1 MB. W saves all to a file.", "warning"
        )
    else:
        context.dialogs.notify(f"Copied {len(rows):,} rows as {names[choice]}, {len(text):,} characters.")


async def save(context: Context, table: TableView, area: Area) -> None:
    """Saves the cells of an area to a file, in the format of its ending. Raises TuinbError."""
    name = table.source if table.source.isidentifier() else "table"
    path = await ask_where(context, local_folder(context) / f"{name}.csv", "Save the rows as (.csv .tsv .md):")
    if path is None:
        return
    chosen = ENDINGS.get(path.suffix.lower())
    if chosen is None:
        raise TuinbError(f"no format is known for {path.suffix or 'a name without ending'}", hint="use .csv, .tsv or .md")
    chunks = [text async for text in _texts(table, area, chosen)]
    data = "".join(chunks).encode("utf-8", "replace")
    await asyncio.to_thread(atomic.replace, path, data)
    context.dialogs.notify(f"Saved {area.last - area.first:,} rows, {len(data):,} bytes, as {path}.")


async def _texts(table: TableView, area: Area, chosen: str) -> AsyncIterator[str]:
    write = FORMATS[chosen]
    first, written, header = area.first, 0, True
    while first < area.last or header:
        answer, following = await table.whole_rows(area._replace(first=first))
        text = write(header_of(table.index, answer["header"]) if header else None, rows_of(answer))
        written += len(text)
        if written > _MOST_SAVED:
            raise InspectionError("these rows have more than 100 MB as text: C copies code that the kernel can save them with")
        yield text
        header = False
        if following <= first:
            break
        first = following
