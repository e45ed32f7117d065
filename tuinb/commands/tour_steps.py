"""What the tour teaches, as data: each step says what to do, in the keys of the user's set, and sees when it is done.

The keys in the texts are looked up in the keymap when the tour begins, so that they are those that work. A step is done by what
it leads to, whatever led there; where that can't be seen, by the command that ran.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from tuinb.commands.keymap import key_texts
from tuinb.record import Record
from tuinb.workspace.view_state import Mode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tuinb.commands.keymap.keymap import Keymap
    from tuinb.notebook.changes import CellId


class Scene(NamedTuple):
    """What the tour sees at one moment."""

    mode: Mode
    active: CellId | None
    sources: Mapping[CellId, str]
    """Sources in the order of the cells."""
    submitted: int
    """Cells that were sent to the kernel so far, or would have been if there was one."""
    undone: int
    """Steps that were undone so far."""
    pattern: str
    """What was searched last."""
    has_dialog: bool
    line_numbers: bool
    modified: bool


Check: TypeAlias = Callable[[Scene, Scene, frozenset[str]], bool]
"""Whether a step is done, from the scene when it began, the scene now, and the commands that ran since."""


class Step(Record):
    """One step of the tour."""

    title: str
    text: str
    """What to do. `{save}` stands for the keys of a command, `{delete-cells|cut-cells}` for those of the first that has any."""
    done: Check
    mode: Mode = Mode.COMMAND
    """The mode in which the keys are pressed, in sets that have both."""
    modal: bool = False
    """Whether it is about the two modes, which sets that always edit don't have."""


def _ran(*names: str) -> Check:
    return lambda before, now, ran: not now.has_dialog and not ran.isdisjoint(names)


def _moved(before: Scene, now: Scene, ran: frozenset[str]) -> bool:
    return before.active != now.active


def _edits(before: Scene, now: Scene, ran: frozenset[str]) -> bool:
    return now.mode is Mode.EDIT


def _typed(before: Scene, now: Scene, ran: frozenset[str]) -> bool:
    return any(now.sources[cell] != source for cell, source in before.sources.items() if cell in now.sources)


def _left(before: Scene, now: Scene, ran: frozenset[str]) -> bool:
    return now.mode is Mode.COMMAND


def _submitted(before: Scene, now: Scene, ran: frozenset[str]) -> bool:
    return now.submitted > before.submitted


def _added(before: Scene, now: Scene, ran: frozenset[str]) -> bool:
    return len(now.sources) > len(before.sources)


def _reordered(before: Scene, now: Scene, ran: frozenset[str]) -> bool:
    return list(before.sources) != list(now.sources) and set(before.sources) == set(now.sources)


def _deleted(before: Scene, now: Scene, ran: frozenset[str]) -> bool:
    return len(now.sources) < len(before.sources)


def _undone(before: Scene, now: Scene, ran: frozenset[str]) -> bool:
    return now.undone > before.undone


def _found(before: Scene, now: Scene, ran: frozenset[str]) -> bool:
    return now.pattern.lower().startswith("pri") and not now.has_dialog


def _numbered(before: Scene, now: Scene, ran: frozenset[str]) -> bool:
    return now.line_numbers != before.line_numbers


def _saved(before: Scene, now: Scene, ran: frozenset[str]) -> bool:
    return not now.modified and (before.modified or "save" in ran)


STEPS = (
    Step("Go to another cell", "{select-next} goes to the cell below, {select-previous} to the one above.", _moved),
    Step("Edit a cell", "Go to a cell of code, and press {enter-edit-mode} to edit it.", _edits, modal=True),
    Step("Type", "Change something in the cell: write a name, a sum, anything.", _typed, Mode.EDIT),
    Step("Leave the cell", "{leave-edit-mode} ends editing. Keys act on cells again.", _left, Mode.EDIT, modal=True),
    Step(
        "Run a cell",
        "{run-and-advance} runs the cell and goes on. {run-in-place} runs it and stays.",
        _submitted,
    ),
    Step("Add a cell", "{insert-below|open-cell-below} adds a cell below.", _added),
    Step("Move it", "{move-up} moves the cell up, {move-down} moves it down.", _reordered),
    Step("Delete a cell", "{delete-cells|cut-cells} deletes the cell.", _deleted),
    Step("Undo", "{undo|undo-typing} brings it back, with its output. Every change can be undone.", _undone),
    Step("Find", "{find} finds text: write pri, and stop at a match. The last line names the keys.", _found),
    Step(
        "Run any command by its name",
        "{palette} opens the palette. Write line-numbers, and press Enter.",
        _numbered,
    ),
    Step("Help", "{show-help} shows all keys. Leave it with q.", _ran("show-help")),
    Step("Save", "{save} saves the notebook. This one is deleted at the end of the tour.", _saved),
)

END = "{quit} leaves; `tuinb NAME.ipynb` begins a notebook of yours. {show-help} has more."
"""What is shown after the last step."""

_OF_VIM = MappingProxyType(
    {"leave-edit-mode": "Esc, twice from insert mode,", "undo-typing": "u", "enter-edit-mode": "Enter, then i to insert,"}
)
"""What is no binding of the keymap with vim's keys: command → its keys in the text."""
_MOST = 2
"""Keys of one command that are named."""


class Told(NamedTuple):
    """A step with the user's keys."""

    title: str
    text: str
    done: Check


def told(keymap: Keymap, *, always_edits: bool) -> list[Told]:
    """Returns the steps for a keymap. `always_edits` is whether its set has no command mode but on request."""
    steps = [step for step in STEPS if not (step.modal and always_edits)]
    return [Told(step.title, in_keys(step.text, keymap, Mode.EDIT if always_edits else step.mode), step.done) for step in steps]


def in_keys(text: str, keymap: Keymap, mode: Mode) -> str:
    """Returns a text with keys in place of commands."""
    is_vim = Mode.EDIT not in keymap.modes
    return key_texts.in_keys(text, keymap, mode, most=_MOST, others=_OF_VIM if is_vim else {})


NAME = "tour.ipynb"

_CELLS = (
    (
        "markdown",
        "# A tour of five minutes\n\nThe lines at the top say what to do, in the keys of your set, and see when you have "
        "done it. Take your time, and try other things as well: this notebook is deleted when you leave.\n\n"
        "`:skip-step` passes over a step.",
    ),
    ("code", "prices = [3, 4, 5]\nprint(sum(prices))"),
    ("markdown", "## Cells of code\n\nA cell that ran shows what it printed below, and its value."),
    ("code", "mean = sum(prices) / len(prices)\nmean"),
    ("code", 'for price in prices:\n    print("*" * price)'),
)


def practice() -> str:
    """Returns the notebook to practise with, as the text of its file."""
    cells: list[dict[str, object]] = [
        {"cell_type": kind, "id": f"tour-{number}", "metadata": {}, "source": source.splitlines(keepends=True)}
        | ({"execution_count": None, "outputs": []} if kind == "code" else {})
        for number, (kind, source) in enumerate(_CELLS)
    ]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    content = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(content, indent=1) + "\n"
