"""The whole text of an output, to copy, save and page. It comes from the output, not from the rows on the screen."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from tuinb import mime as mime_types
from tuinb.mime import joined
from tuinb.notebook.streams.text import StreamText
from tuinb.render.pager_text import for_clipboard, for_pager
from tuinb.render.registry import Choices, render_whole
from tuinb.ui.view.match_marks import row_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tuinb.notebook.changes import Json
    from tuinb.notebook.outputs import Output
    from tuinb.render.context import RenderContext

_RENDERED = frozenset(("text/html", "application/vnd.jupyter.widget-view+json"))
"""MIME types whose text is their rendering."""


async def text_of(output: Output, mime: str, context: RenderContext) -> str:
    """Returns the text of an output; of a MIME bundle, the text of type `mime`. Returns an empty string if it has no text.

    Runs expensive work in a thread.
    """
    if output.stream is not None:
        return await asyncio.to_thread(for_clipboard, output.stream.text())
    if output.type == "error":
        return for_clipboard(_traceback(output))
    if mime in _RENDERED:
        return _rendered(output, mime, context)
    return await asyncio.to_thread(partial(_of_bundle, output, mime))


def pages_of(output: Output, mime: str, context: RenderContext) -> Iterator[str]:
    """Returns the same text in chunks for a pager, in colour.

    Call it on the event loop; the result can be read in any thread. It does not include later output.
    """
    if output.stream is not None:
        snapshot = StreamText()
        snapshot.truncate(output.stream.mark())
        return _stream_pages(snapshot)
    if output.type == "error":
        return iter((for_pager(_traceback(output)), "\x1b[0m\n"))
    if mime in _RENDERED:
        return iter((_rendered(output, mime, context),))
    return _bundle_pages(output.data, mime)


def _stream_pages(stream: StreamText) -> Iterator[str]:
    for number in range(stream.piece_count):
        piece = stream.piece(number)
        lines = stream.lines(piece.first_line, piece.first_line + piece.line_count)
        yield for_pager("\n".join(lines)) + "\n"
    yield "\x1b[0m"


def _bundle_pages(data: Mapping[str, Json], mime: str) -> Iterator[str]:
    text = mime_types.text_of(mime, data.get(mime))
    yield for_pager(f"{mime}: no text" if text is None else text.removesuffix("\n")) + "\x1b[0m\n"


def _of_bundle(output: Output, mime: str) -> str:
    text = mime_types.text_of(mime, output.data.get(mime))
    return "" if text is None else for_clipboard(text)


def _traceback(output: Output) -> str:
    frames = output.raw.get("traceback")
    text = "\n".join(frame for frame in frames if isinstance(frame, str)) if isinstance(frames, list) else ""
    return text or f"{joined(output.raw.get('ename'))}: {joined(output.raw.get('evalue'))}"


def _rendered(output: Output, mime: str, context: RenderContext) -> str:
    block = render_whole(output, context, Choices(mime))
    return "".join(f"{row_text(block.line(row)).rstrip()}\n" for row in range(block.height))
