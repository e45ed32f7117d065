"""What commands on outputs ask of the screen: types, texts, links, looking, finding, other programs (commands.context.Host)."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from textual.app import SuspendNotSupported

from tuinb.errors import TuinbError
from tuinb.render import registry
from tuinb.ui.view.cell_box import Part
from tuinb.workspace.view_state import Mode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tuinb.commands.context import Link
    from tuinb.notebook.changes import CellId
    from tuinb.notebook.outputs import Output
    from tuinb.ui.app import TuinbApp
    from tuinb.ui.outputs.viewer import Viewer
    from tuinb.ui.programs import Outside
    from tuinb.ui.search.controller import NotebookFinding

T = TypeVar("T")


class OutputHost:
    """Serves one app's commands on outputs."""

    def __init__(self, app: TuinbApp) -> None:
        self._app = app
        self._finding: NotebookFinding | None = None
        self._outside: Outside | None = None
        self._line_after: int | None = None
        """The line to edit when the viewer is gone."""
        self.viewer: Viewer | None = None
        """The outputs that fill the screen, where they do."""

    # ---- what outputs are

    @property
    def output_at_hand(self) -> int | None:
        return self.viewer.output if self.viewer is not None else None

    def types_of(self, output: Output, preferred: str = "") -> Sequence[str]:
        return registry.types_of(output.data, self._app.view.painter.context, preferred)

    async def text_of(self, output: Output, mime: str = "") -> str:
        from tuinb.ui.outputs import text as output_text

        return await output_text.text_of(output, mime, self._app.view.painter.context)

    def pages_of(self, output: Output, mime: str = "") -> Iterator[str]:
        from tuinb.ui.outputs import text as output_text

        return output_text.pages_of(output, mime, self._app.view.painter.context)

    def links_of(self, cell: CellId) -> Sequence[Link]:
        from tuinb.ui.outputs.links import links_in

        if self.viewer is not None and (here := self.viewer.links):
            return here
        return links_in(self._app.session.notebook[cell], self._app.view.box(cell))

    def folds(self, cell: CellId) -> bool:
        area = self._app.view.box(cell).area
        return area is not None and area.long

    def columns_of(self, cell: CellId) -> tuple[int, int]:
        if self.viewer is not None:
            return self.viewer.columns
        area = self._app.view.box(cell).area
        return self._app.view.painter.content, area.columns if area is not None else 0

    # ---- looking

    def look_at(self, cell: CellId) -> None:
        if self.viewer is None:
            self._app.host.run_later(self._look(cell))

    async def _look(self, cell: CellId) -> None:
        from tuinb.ui.outputs.viewer import Viewer

        self.viewer = Viewer(self._app, cell)
        try:
            await self._app.host.open_viewer(self.viewer)
        finally:
            self.viewer = None
        line, self._line_after = self._line_after, None
        if line is not None:
            self.edit_at(cell, line)

    def refresh_viewer(self) -> None:
        """What fills the screen, if anything does, may be another."""
        if self.viewer is not None and self.viewer.is_attached:
            self.viewer.refresh()

    def edit_at(self, cell: CellId, line: int) -> None:
        app, state = self._app, self._app.view_state
        if self.viewer is not None:
            # The editor needs the focus, which goes back to the notebook when the viewer is gone.
            self._line_after = line
            self.viewer.finish(None)
            return
        state.activate(cell)
        state.mode = Mode.EDIT
        app.sync()
        if app.editing is not None and app.editing.cell == cell:
            text = app.session.notebook[cell].source.split("\n")[line]
            app.editing.widget.move_cursor((line, len(text) - len(text.lstrip())))
            app.editing.follow_cursor()

    # ---- finding

    def find(self) -> None:
        if self.viewer is not None:
            self._app.host.run_later(self.viewer.find())
            return
        self._app.host.run_later(self._notebook_finding().ask())

    def find_again(self, direction: int) -> None:
        self._notebook_finding().again(direction)

    def _notebook_finding(self) -> NotebookFinding:
        if self._finding is None:
            from tuinb.ui.search.controller import NotebookFinding

            self._finding = NotebookFinding(self._app)
        return self._finding

    # ---- other programs

    async def suspend_for(self, work: Callable[[], T]) -> T:
        """See the Protocol. Nothing is painted meanwhile; the kernel goes on. Ctrl+C is for whoever has the terminal."""
        app = self._app
        done: list[T] = []
        failed: list[BaseException] = []
        try:
            with app.suspend(), app.batch_update(), _interrupts_are_for_others():
                # Textual takes the terminal back only where nothing is raised in here.
                try:
                    done.append(await asyncio.to_thread(work))
                except BaseException as error:
                    failed.append(error)
        except SuspendNotSupported as error:
            raise TuinbError("this terminal can't be given to another program") from error
        app.redraw()
        if failed:
            raise failed[0]
        return done[0]

    def _programs(self) -> Outside:
        if self._outside is None:
            from tuinb.ui.programs import Outside

            self._outside = Outside(self.suspend_for, os.environ)
        return self._outside

    async def open_file(self, name: str, data: bytes, *, page: bool) -> str:
        programs = self._programs()
        try:
            path = await asyncio.to_thread(programs.keep, name, data)
        except OSError as error:
            raise TuinbError(f"it could not be written to be shown: {error.strerror}", where=str(error.filename)) from error
        return await (programs.browse(path.as_uri()) if page else programs.view(path))

    async def open_link(self, url: str) -> str:
        return await self._programs().follow(url, self._app.session.path.parent)


@contextmanager
def _interrupts_are_for_others() -> Iterator[None]:
    """A handler that does nothing, and not SIG_IGN, which the program that is started would inherit."""
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def flip(app: TuinbApp, cell: CellId, row: int) -> bool:
    """Folds or opens what a row of a cell's outputs stands for: a fold, or a node of a tree. Whether there was anything."""
    area = app.view.box(cell).area
    if area is None or row >= area.height:
        return False
    if area.place(row).output < 0:
        app.view_state.unfolded.add(cell)
    elif (node := area.node(row)) is not None:
        app.view_state.toggle_node(cell, *node)
    else:
        return False
    app.sync(reveal=False)
    app.view.reveal(cell, Part.OUTPUT, row)
    return True
