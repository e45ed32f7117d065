"""Commands that copy, save, open and page outputs."""

from __future__ import annotations

import asyncio
import os
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

from tuinb import mime as mime_types
from tuinb import pager
from tuinb.commands.command import Group, command
from tuinb.commands.file import NOT_SAVED, local_folder, path_of
from tuinb.commands.output_choice import Picked, cell_with_outputs, pick, with_type
from tuinb.errors import TuinbError
from tuinb.files import atomic

if TYPE_CHECKING:
    from pathlib import Path

    from tuinb.commands.context import Context


async def _content(context: Context, it: Picked) -> bytes:
    """Returns the content of an output as a file. Raises TuinbError."""
    if it.mime:
        if it.mime not in it.output.data:
            # The kernel may have changed the output while the user typed a file name.
            raise TuinbError(f"the output has changed and has no {it.mime} any more")
        return await asyncio.to_thread(mime_types.content_of, it.mime, it.output.data[it.mime])
    return (await context.outputs.text_of(it.output)).encode("utf-8", "surrogatepass")


def _name(context: Context, it: Picked) -> str:
    notebook, active = context.session.notebook, context.view.active
    number = notebook.index(active) + 1 if active is not None and active in notebook else 0
    return f"{context.session.path.stem}-cell-{number}{mime_types.ending(it.mime or 'text/plain')}"


@command(Group.OUTPUTS)
async def copy_output(context: Context) -> None:
    """Copy the whole text of an output."""
    chosen = await pick(context, "Copy which output?", every="all")
    texts = [await context.outputs.text_of(it.output, it.mime) for it in chosen]
    text = "\n".join(text.removesuffix("\n") for text in texts if text)
    if text:
        context.system.copy(text)
        context.dialogs.notify(f"Copied {len(text):,} characters.")
    elif chosen:
        context.dialogs.notify(
            f"{chosen[0].mime or 'This output'} has no text to copy.",
            hint="{save-output} saves it, {choose-output-type} chooses another type.",
        )


async def ask_where(context: Context, suggested: Path, question: str) -> Path | None:
    """Asks for a path, and before a file there is overwritten. Returns None if the user cancels. Raises TuinbError."""
    asked = question
    while text := await context.dialogs.ask(question, str(suggested)):
        path = path_of(text, context.system.folder)
        if await asyncio.to_thread(os.path.isdir, path):
            path /= suggested.name
        if not await asyncio.to_thread(os.path.isdir, path.parent):
            question, suggested = f"The folder {path.parent.name} does not exist. {asked}", path
            continue
        if not await asyncio.to_thread(os.path.lexists, path):
            return path
        if not await asyncio.to_thread(os.path.isfile, path):
            raise TuinbError("the path exists and is not a regular file", where=str(path), hint="save under another name")
        choice = await context.dialogs.choose(
            f"{path.name} already exists.", ["Cancel", "Save as another file", "Overwrite it"]
        )
        if choice == 2:
            return path
        if choice != 1:
            context.dialogs.notify(NOT_SAVED)
            return None
        suggested = path
    return None


async def save(context: Context, it: Picked) -> None:
    """Saves an output as the type that is shown, or as the type of the file name's suffix if the output has it.

    Raises TuinbError.
    """
    path = await ask_where(context, local_folder(context) / _name(context, it), "Save the output as:")
    if path is None:
        return
    types = [mime for mime in context.outputs.types_of(it.output, it.mime) if mime_types.ending(mime) == path.suffix.lower()]
    if types and it.mime not in types:
        it = Picked(it.output, types[0])
    data = await _content(context, it)
    await asyncio.to_thread(atomic.replace, path, data)
    context.dialogs.notify(f"Saved {it.mime or 'the text'}, {len(data):,} bytes, as {path}.")


@command(Group.OUTPUTS)
async def save_output(context: Context) -> None:
    """Save an output to a file."""
    for it in await pick(context, "Save which output?"):
        await save(context, it)


@command(Group.OUTPUTS)
async def open_output(context: Context) -> None:
    """Open an output in another program: HTML in the browser, images, sound and PDF in a viewer."""
    for it in await pick(context, "Open which output?"):
        page = it.mime == "text/html"
        if page or mime_types.is_media(it.mime):
            problem = await context.system.open_file(_name(context, it), await _content(context, it), page=page)
        elif not it.mime or mime_types.is_text(it.mime) or mime_types.is_json(it.mime):
            await _page(context, [it])
            return
        else:
            problem = f"tuinb opens no program for {it.mime}."
        if problem and await context.dialogs.confirm(problem, yes="Save it as a file", no="Cancel", refused=NOT_SAVED):
            await save(context, it)


async def _page(context: Context, chosen: list[Picked]) -> None:
    chunks = chain.from_iterable([context.outputs.pages_of(it.output, it.mime) for it in chosen])
    # less must not wrap the rows of a table that is wider than the screen.
    options = "RS" if context.outputs.columns_of(cell_with_outputs(context).id)[1] else "R"
    system = context.system
    code = await system.suspend_for(partial(pager.page, chunks, system.environ, options, system.spawn))
    if problem := pager.error_text(context.system.environ, code):
        context.dialogs.notify(problem, "warning")


@command(Group.OUTPUTS)
async def page_output(context: Context) -> None:
    """Show the outputs of the cell in $PAGER."""
    cell = cell_with_outputs(context)
    in_viewer = context.outputs.selected
    outputs = list(cell.outputs) if in_viewer is None else [cell.outputs[in_viewer]]
    await _page(context, [with_type(context, cell, output) for output in outputs])
