"""The hints of the status line: the keys that are of use here, as data. The keys are those of the user's set.

A hint stands for `{command}` and a word or two. One whose command has no key in the present mode is left out.
"""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

from tuinb.kernel.execution.runs import RunState
from tuinb.notebook import sections
from tuinb.session.state import KernelState
from tuinb.workspace.view_state import Mode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tuinb.session.port import SessionPort
    from tuinb.workspace.view_state import ViewState

KeyOf: TypeAlias = Callable[[str], str]
"""Returns the key of a command in the present mode, empty if it has none."""
_Hints: TypeAlias = tuple[tuple[str, ...], ...]
"""Hints of one context, from the longest to the shortest row of them."""

FIRST_KEYS: Mapping[str, str] = MappingProxyType(
    {
        "enter-edit-mode": "Enter",
        "leave-edit-mode": "Esc",
        "run-and-advance": "Ctrl+R",
        "complete-or-indent": "Tab",
        "show-help": "?",
        "interrupt": "Ctrl+C",
        "restart": "00",
        "go-to-prompt": "Ctrl+G",
        "toggle-output": "o",
        "look-at-output": "l",
        "page-output": "|",
        "insert-below": "b",
        "paste-below": "v",
        "toggle-source": "Shift+H",
        "scroll-output-left": "<",
        "scroll-output-right": ">",
    }
)
"""Keys until the keymap is loaded, after the first paint."""
IN_CELLS = (
    "toggle-output",
    "look-at-output",
    "page-output",
    "insert-below",
    "paste-below",
    "toggle-source",
    "enter-edit-mode",
    "scroll-output-left",
    "scroll-output-right",
)
"""Commands whose keys are named among the cells."""

_HELP = "{show-help} help"
_CELLS: _Hints = (("{enter-edit-mode} edits", "{run-and-advance} runs", _HELP), (_HELP,))
_EDITED: _Hints = (
    ("{leave-edit-mode} leaves", "{run-and-advance} runs", "{complete-or-indent} completes"),
    ("{leave-edit-mode} leaves",),
)
_KEPT_EDITED: _Hints = (("{run-and-advance} runs", "{palette} commands", _HELP), ("{palette} commands",), (_HELP,))
_MARKING: _Hints = (("{kill-region} cuts", "{copy-region} copies", "{cancel} cancels"), ("{cancel} cancels",))
_PROMPT: _Hints = (("{go-to-prompt} answers", _HELP), (_HELP,))
_DEAD: _Hints = (("{restart} restarts the kernel", _HELP), ("{restart} restarts",), (_HELP,))
_BUSY: _Hints = (("{interrupt} interrupts", _HELP), ("{interrupt} interrupts",), (_HELP,))
_SEVERAL: _Hints = (
    ("{run-in-place} runs", "{merge-cells} merges", "{cut-cells} cuts", "{deselect} selects one"),
    ("{merge-cells} merges", "{deselect} selects one"),
    ("{deselect} selects one",),
)
_FAILED: _Hints = (
    ("{go-to-failing-line} edits the line", "{next-failed-cell} goes to the next", _HELP),
    ("{go-to-failing-line} edits the line",),
    (_HELP,),
)
_FOLDED: _Hints = (("{unfold-section} unfolds", "{enter-edit-mode} edits", _HELP), ("{unfold-section} unfolds",), (_HELP,))


def hints_of(session: SessionPort, state: ViewState, key_of: KeyOf, *, marking: bool = False) -> tuple[str, ...]:
    """Returns what is of use now, longest first. `marking` is whether text is being selected from a mark."""
    rows = (_row(row, key_of) for row in _here(session, state, marking=marking))
    return tuple(sorted(dict.fromkeys(filter(None, rows)), key=len, reverse=True))


def _here(session: SessionPort, state: ViewState, *, marking: bool) -> _Hints:
    kernel = session.kernel.state
    if state.mode is Mode.EDIT:
        busy = kernel is KernelState.BUSY and state.keeps_editing
        return _BUSY if busy else _MARKING if marking else _KEPT_EDITED if state.keeps_editing else _EDITED
    if session.prompt is not None:
        return _PROMPT
    if kernel in (KernelState.DEAD, KernelState.BUSY):
        return _DEAD if kernel is KernelState.DEAD else _BUSY
    return _of_cell(session, state)


def _of_cell(session: SessionPort, state: ViewState) -> _Hints:
    """Returns the hints for the cell, or for the cells that are selected."""
    notebook, active = session.notebook, state.active
    if active is None or active not in notebook:
        return _CELLS
    if state.anchor is not None:
        return _SEVERAL
    cell = notebook[active]
    was_cleared = cell.execution_count is None and not len(cell.outputs)
    if session.run_of(active).state is RunState.ERROR and not was_cleared:
        return _FAILED
    return _FOLDED if sections.is_folded(cell, state.folds) else _CELLS


def _row(parts: tuple[str, ...], key_of: KeyOf) -> str:
    """Returns hints with keys, without those that have none."""
    found = []
    for part in parts:
        command, _, words = part[1:].partition("} ")
        if key := key_of(command):
            found.append(f"{short(key)} {words}")
    return "  ".join(found)


def prompt_key(key_of: KeyOf) -> str:
    """Returns the key that goes to the kernel's prompt, as hints have it. Empty if there is none."""
    return short(key_of("go-to-prompt") or key_of("go-to-prompt-or-line"))


def short(label: str) -> str:
    """Returns the label of keys as hints have it: `^R` for `Ctrl+R`."""
    keys = label.split(" ")
    return " ".join(f"^{key[-1]}" if key[:-1] == "Ctrl+" else key for key in keys)
