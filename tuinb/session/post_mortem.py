"""Looks at the error that ended a cell: its calls and their variables are still in the kernel, until the next error.

They are read by silent requests, as the kernel's other variables are; ipykernel's debugger can only look at what still runs. So
nothing can be stepped through, and no variable of a call be set.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuinb.errors import InspectionError
from tuinb.session.call_stack import CallStack
from tuinb.session.state import Frame, Variable

if TYPE_CHECKING:
    from tuinb.notebook.changes import CellId
    from tuinb.session.inspector import Inspector
    from tuinb.session.port import SessionPort
    from tuinb.session.state import Reference


async def last_error(session: SessionPort) -> CallStack:
    """Returns the calls of the kernel's last error. Raises InspectionError if there are none."""
    answer = await session.inspector.ask("calls")
    cells = {
        cell.execution_count: cell.id
        for cell in session.notebook
        if cell.execution_count is not None and session.run_of(cell.id).current
    }
    frames = [
        Frame(place, name, cell := cells.get(count), line - 1 + _blank_lines(session, cell), path)
        for place, (name, path, line, count) in enumerate(answer["frames"])
    ]
    if not frames:
        raise InspectionError("no cell has ended with an error in this kernel")
    source = _Ended(session.inspector, answer["token"])
    return CallStack(answer["error"], frames, source, is_over=True)


def _blank_lines(session: SessionPort, cell: CellId | None) -> int:
    """Returns the number of blank lines that a cell's source began with when it ran. IPython does not count them."""
    source = session.run_of(cell).code or "" if cell is not None else ""
    return source[: len(source) - len(source.lstrip())].count("\n")


class _Ended:
    """Implements Frames for the error that `token` stands for. References are places, from the call inwards."""

    def __init__(self, inspector: Inspector, token: str) -> None:
        self._inspector = inspector
        self._token = token

    async def scopes(self, frame: Frame) -> tuple[Variable, ...]:
        """See Frames. Raises InspectionError."""
        return await self.parts((frame.id,))

    async def parts(self, reference: Reference) -> tuple[Variable, ...]:
        """See Frames. Raises InspectionError."""
        if not isinstance(reference, tuple):
            return ()
        answer = await self._inspector.ask("parts", token=self._token, places=list(reference))
        return tuple(
            Variable(name, value, of_type, (*reference, place) if has_parts else 0)
            for place, (name, value, of_type, has_parts) in enumerate(answer["parts"])
        )

    async def evaluate(self, expression: str, frame: Frame) -> tuple[str, bool]:
        """See Frames. Raises InspectionError."""
        answer = await self._inspector.ask("evaluate", token=self._token, frame=frame.id, expression=expression)
        return ("\n".join(answer["lines"]), True) if "lines" in answer else (answer["failed"], False)
