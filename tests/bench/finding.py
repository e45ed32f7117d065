"""Finding and replacing in very many cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.bench import notebooks
from tests.bench.figures import LETTERS, Row, Setting, front_end
from tests.terminal_emulator import TAB

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.terminal_emulator import Terminal

_CELLS = 20_000
_LAST = f"{_CELLS - 3}th"
"""In the outputs of one of the last cells."""
_EVERYWHERE, _REPLACED = "step_1", 8_889
"""A text, and the number of cells that have it."""
_BAR = 4
"""Rows of the bar and the status line."""


def _spent(terminal: Terminal) -> float:
    return 1000 * front_end(terminal)[1]


def _above_the_bar(terminal: Terminal) -> str:
    return "\n".join(terminal.text.split("\n")[:-_BAR])


def find(setting: Setting) -> Iterator[Row]:
    notebook = notebooks.many(setting.folder / "find.ipynb", _CELLS)
    with setting.program(notebook, "--no-session", "--no-kernel") as terminal:
        terminal.wait_for(notebooks.SEEN)
        terminal.settle(3)
        terminal.send("/")
        terminal.settle(1)
        before = _spent(terminal)
        terminal.send(_LAST)
        waited = terminal.wait_for(lambda: _LAST in _above_the_bar(terminal), within=60)
        detail = f"{waited:.2f} s"
        spent = _spent(terminal) - before
        yield Row(f"find near the end of {_CELLS:,} cells, processor time", spent, "ms", 150, 110, detail)
        terminal.send(f"\x15{_EVERYWHERE}")
        terminal.wait_for(f"of {_REPLACED:,}", within=60)
        terminal.send(TAB)
        terminal.settle(1)
        before = _spent(terminal)
        terminal.send("\x1ba")
        waits = list(_typed_until(terminal, f"in {_REPLACED:,} cells"))
        yield Row(f"replace in {_REPLACED:,} cells, processor time", _spent(terminal) - before, "ms", 500, 250)
        yield Row("worst key meanwhile", 1000 * max(waits), "ms", 30, 16, f"{len(waits)} keys")


def _typed_until(terminal: Terminal, text: str) -> Iterator[float]:
    """Seconds that each key took to the screen, until a text is there."""
    typed = ""
    while not terminal.shows(text):
        typed += LETTERS[len(typed) % len(LETTERS)]
        terminal.send(typed[-1])
        echo = f"→ {typed}"
        yield terminal.wait_for(lambda echo=echo: terminal.shows(echo) or terminal.shows(text))  # type: ignore[misc]


FIGURES: dict[str, Callable[[Setting], Iterator[Row]]] = {"find": find}
