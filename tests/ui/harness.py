"""A screen over a scripted kernel, driven as a person would: keys in, rows of text out."""

from __future__ import annotations

import os
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from tests.kernel.inspection.support import evaluator
from tests.support import wait_for
from tuinb import themes
from tuinb.capabilities import Capabilities
from tuinb.commands.keymap.keymap import Keymap
from tuinb.commands.keymap.sets import SETS, own_keys
from tuinb.config import Config
from tuinb.files import load
from tuinb.kernel.connection.scripted import ScriptedKernel
from tuinb.notebook.changes import CellId
from tuinb.session.session import Session
from tuinb.terminal.terminal import Terminal
from tuinb.ui.app import TuinbApp
from tuinb.ui.startup import Opening, after_first_paint
from tuinb.ui.theme import ThemeChoice, ThemePair

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence
    from pathlib import Path

    from textual.pilot import Pilot
    from textual.strip import Strip

    from tests.kernel.inspection.support import Shell
    from tuinb.session.opening import LocalKernels


class Driver:
    """One running app."""

    def __init__(self, app: TuinbApp, pilot: Pilot[Any], session: Session, kernel: ScriptedKernel) -> None:
        self.app = app
        self.pilot = pilot
        self.session = session
        self.kernel = kernel

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def type(self, text: str) -> None:
        names = {" ": "space", "\n": "enter", "(": "left_parenthesis", ")": "right_parenthesis", "=": "equals_sign"}
        await self.press(*(names.get(char, char) for char in text))

    def strips(self) -> list[Strip]:
        """Returns the rows of the screen as Textual paints them."""
        width, height = self.app.size
        return [strip.crop(0, width) for strip in self.app.screen._compositor.render_strips()[:height]]

    def rows(self) -> list[str]:
        """What is on the screen, row by row, without what pads them."""
        return [strip.text.rstrip() for strip in self.strips()]

    def text(self) -> str:
        return "\n".join(self.rows())

    async def shows(self, text: str) -> None:
        """Waits until the screen shows a text."""
        try:
            await wait_for(lambda: text in self.text())
        except AssertionError:
            raise AssertionError(f"{text!r} is not on the screen:\n{self.text()}") from None

    async def until(self, condition: Callable[[], bool]) -> None:
        await wait_for(condition)

    def sources(self) -> list[str]:
        return [cell.source for cell in self.session.notebook]

    def cell(self, index: int) -> CellId:
        return CellId(self.session.notebook.order[index])


@asynccontextmanager
async def running(
    path: Path,
    script: Mapping[str, Sequence[Any]] | None = None,
    *,
    size: tuple[int, int] = (80, 24),
    config: Config | None = None,
    theme: str = "dark",
    automatic: ThemePair | None = None,
    completions: Sequence[str] = (),
    clock: Callable[[], float] = time.monotonic,
    kernels: LocalKernels | None = None,
    kernel: ScriptedKernel | None = None,
    shell: Shell | None = None,
) -> AsyncIterator[Driver]:
    """Opens the notebook at `path` on a kernel that plays `script`. `clock` measures how long runs take.

    `shell` has the variables that the kernel is asked for, also while it is busy.

    `kernel` is one that is set up otherwise. `kernels` makes the connections, instead of one to that kernel.
    """
    loaded = load.load(path)
    if shell is not None:
        kernel = ScriptedKernel(script or {}, evaluate=evaluator(shell), features=["kernel subshells"])
        kernel.implementation = "ipython"
    kernel = kernel or ScriptedKernel(script or {}, completions=completions)
    answer = kernels.answer if kernels is not None else None
    session = Session(loaded.notebook, kernels=kernels or (lambda name: kernel), answer=answer, store=loaded.file, clock=clock)
    # What is installed here must not change what tests show.
    config = config or Config(lint=False)
    app = TuinbApp(
        session,
        config,
        lambda: Keymap.from_tables(SETS[config.key_set], own_keys(config)),
        ThemeChoice(themes.load(theme), automatic),
        Terminal(-1, -1, dict(os.environ)),
        Capabilities(),
        lambda app: after_first_paint(
            app, Opening(starts_kernel=True, environment_untrusted=kernels is not None, offers_unsaved=True)
        ),
    )
    async with app.run_test(size=size) as pilot:
        await wait_for(lambda: app.pane.editor.ready)
        await pilot.pause()
        yield Driver(app, pilot, session, kernel)
    await session.shut_down()
