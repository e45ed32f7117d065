"""Compares the outputs of a run of all cells with those before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuinb.kernel.execution.runs import RunState
from tuinb.mime import joined

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tuinb.commands.context import Context
    from tuinb.notebook.changes import Applied, CellId, OutputData
    from tuinb.session.events import SessionEvent

_NAMED = 8
"""Number of cells that the message names."""
_LONGEST_NAME = 60
"""Characters of the name of an error."""


def compare_at_end(context: Context, before: Mapping[CellId, Sequence[OutputData]]) -> None:
    """Says, once no cell runs or waits, which outputs are not as they were `before`. Does nothing if no cell runs."""
    if not context.session.queue():
        return

    def on_event(_event: Applied | SessionEvent) -> None:
        if not context.session.queue():
            stop()
            _report(context, before)

    stop = context.session.listen(on_event)


def _report(context: Context, before: Mapping[CellId, Sequence[OutputData]]) -> None:
    session = context.session
    notebook = session.notebook
    runs = {cell: session.run_of(cell) for cell in before if cell in notebook}
    ended = [cell for cell, run in runs.items() if run.current and run.state in {RunState.OK, RunState.ERROR}]
    had = [cell for cell in ended if before[cell]]
    differ = [cell for cell in had if _shown(before[cell]) != _shown(notebook[cell].data().outputs)]
    failed = next((cell for cell in ended if runs[cell].state is RunState.ERROR), None)
    parts: list[str] = []
    if failed is not None:
        number = notebook.index(failed) + 1
        parts.append(f"Cell {number} failed: {runs[failed].error_name[:_LONGEST_NAME]}. :{number} goes there.")
    if differ:
        places = [str(notebook.index(cell) + 1) for cell in differ]
        more = f" and {len(places) - _NAMED} more" if len(places) > _NAMED else ""
        cells = f"cell{'s' * (len(places) > 1)} {', '.join(places[:_NAMED])}{more}"
        parts.append(f"{len(differ)} of {len(had)} outputs differ from before: {cells}. Undo brings the old ones back.")
    elif had:
        parts.append(f"The outputs of {len(had)} cell{'s' * (len(had) > 1)} are the same as before.")
    if parts:
        context.dialogs.notify(" ".join(parts), "error" if failed is not None else "information")


def _shown(outputs: Sequence[OutputData]) -> list[tuple[object, ...]]:
    """Returns what outputs show, without counts, metadata and tracebacks. Pieces of a stream are joined."""
    found: list[tuple[object, ...]] = []
    for output in outputs:
        raw = output.raw
        match raw.get("output_type"):
            case "stream":
                kind, text = ("stream", raw.get("name")), joined(raw.get("text"))
                if found and found[-1][:2] == kind:
                    text = f"{found.pop()[2]}{text}"
                found.append((*kind, text))
            case "error":
                found.append(("error", raw.get("ename"), raw.get("evalue")))
            case _:
                data = raw.get("data")
                found.append(
                    ("data", {mime: joined(value) for mime, value in data.items()} if isinstance(data, dict) else data)
                )
    return found
