"""Keys and menus of other programs, as data: what their users press or look for, and the command of tuinb that does it.

The keys here are looked up in the keymap, so that the list is right for each set and for the user's own bindings. The names of
menus are found in the palette.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from tuinb.commands.keymap.key_names import to_sequence

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tuinb.commands.keymap.keymap import Keymap
    from tuinb.workspace.view_state import Mode


class Habit(NamedTuple):
    """What a user of another program presses."""

    keys: str
    command: str
    """The command of tuinb that does the same."""


class Translated(NamedTuple):
    """A habit, and what does it here."""

    keys: str
    here: str
    """Keys of tuinb, or the command's name for the palette."""
    doc: str


def _habits(*pairs: tuple[str, str]) -> tuple[Habit, ...]:
    return tuple(Habit(keys, command) for keys, command in pairs)


_RUNNING = (
    ("Shift+Enter", "run-and-advance"),
    ("Ctrl+Enter", "run-in-place"),
    ("Alt+Enter", "run-and-insert-below"),
)
_MODES = (("Enter", "enter-edit-mode"), ("Esc", "leave-edit-mode"))
_CELLS = (
    ("A", "insert-above"),
    ("B", "insert-below"),
    ("D D", "delete-cells"),
    ("Z", "undo"),
    ("X", "cut-cells"),
    ("C", "copy-cells"),
    ("V", "paste-below"),
)
_KINDS = (("M", "make-markdown"), ("Y", "make-code"))
_NOTEBOOK = (
    *_RUNNING,
    *_MODES,
    *_CELLS,
    *_KINDS,
    ("Shift+Z", "redo"),
    ("R", "make-raw"),
    ("Shift+M", "merge-cells"),
    ("Ctrl+Shift+-", "split-cell"),
    ("Shift+J, Shift+Down", "extend-selection-down"),
    ("Shift+K, Shift+Up", "extend-selection-up"),
    ("I I", "interrupt"),
    ("0 0", "restart"),
    ("Ctrl+S", "save"),
    ("Tab", "complete-or-indent"),
    ("Shift+Tab", "inspect-or-dedent"),
    ("Ctrl+/", "toggle-comment"),
)

PROGRAMS: Mapping[str, tuple[Habit, ...]] = MappingProxyType(
    {
        "jupyterlab": _habits(
            *_NOTEBOOK,
            ("Ctrl+M", "leave-edit-mode"),
            ("Shift+L", "toggle-line-numbers"),
            ("Ctrl+Shift+C", "palette"),
            ("Ctrl+Shift+Up", "move-up"),
            ("Ctrl+Shift+Down", "move-down"),
            ("Ctrl+A", "select-all"),
            ("Shift+Home", "extend-selection-to-first"),
            ("Shift+End", "extend-selection-to-last"),
            ("Ctrl+D", "add-next-occurrence"),
            ("Ctrl+Shift+S", "save-as"),
            ("Ctrl+Shift+Q", "quit"),
            ("Ctrl+Shift+]", "next-tab"),
            ("Ctrl+Shift+[", "previous-tab"),
            ("Left", "fold-section"),
            ("Right", "unfold-section"),
            ("Ctrl+B (contents)", "contents-panel"),
            ("Ctrl+Shift+F", "open-file"),
            ("Ctrl+F", "find"),
            ("Ctrl+H", "replace"),
        ),
        "classic": _habits(
            *_NOTEBOOK,
            ("P", "palette"),
            ("F", "replace"),
            ("L", "toggle-line-numbers"),
            ("O", "toggle-output"),
            ("Shift+O", "look-at-output"),
            ("H", "show-help"),
            ("Space", "page-down"),
            ("Shift+Space", "page-up"),
            ("Shift+V", "paste-above"),
        ),
        "colab": _habits(
            *_RUNNING,
            ("Ctrl+F9", "run-all"),
            ("Ctrl+F8", "run-all-above"),
            ("Ctrl+F10", "run-all-below"),
            ("Ctrl+Shift+Enter", "run-selection"),
            ("Ctrl+M A", "insert-above"),
            ("Ctrl+M B", "insert-below"),
            ("Ctrl+M D", "delete-cells"),
            ("Ctrl+M Z", "undo"),
            ("Ctrl+M Y", "make-code"),
            ("Ctrl+M M", "make-markdown"),
            ("Ctrl+M J", "move-down"),
            ("Ctrl+M K", "move-up"),
            ("Ctrl+M N", "select-next"),
            ("Ctrl+M P", "select-previous"),
            ("Ctrl+M -", "split-cell"),
            ("Ctrl+M I", "interrupt"),
            ("Ctrl+M .", "restart"),
            ("Ctrl+M L", "toggle-line-numbers"),
            ("Ctrl+M O", "toggle-output"),
            ("Ctrl+M H", "show-help"),
            ("Ctrl+M S", "save"),
            ("Ctrl+Shift+P", "palette"),
            ("Ctrl+H", "replace"),
            ("Ctrl+Space", "complete"),
            ("Ctrl+/", "toggle-comment"),
        ),
        "euporie": _habits(
            ("Ctrl+Enter, Ctrl+E", "run-in-place"),
            ("Shift+Enter, Ctrl+R", "run-and-advance"),
            ("Alt+Enter", "run-and-insert-below"),
            *_CELLS,
            *_KINDS,
            ("R", "make-raw"),
            ("Shift+M", "merge-cells"),
            ("I I", "interrupt"),
            ("0 0", "restart"),
            ("E", "edit-externally"),
            ("Alt+C", "copy-output"),
            ("Left", "scroll-output-left"),
            ("Right", "scroll-output-right"),
            ("W", "toggle-output"),
            ("Tab", "operate-widgets"),
            ("[, {", "scroll-line-up"),
            ("], }", "scroll-line-down"),
            ("Ctrl+L", "redraw"),
            ("Home, Ctrl+Up", "select-first"),
            ("End, Ctrl+Down", "select-last"),
            ("Shift+Home", "extend-selection-to-first"),
            ("Shift+End", "extend-selection-to-last"),
            ("L", "toggle-line-numbers"),
            ("F", "format-cells"),
            ("Shift+F", "format-all"),
            ("Ctrl+\\", "split-cell"),
            ("Alt+Up", "move-line-up"),
            ("Alt+Down", "move-line-down"),
            ("Ctrl+A", "select-all"),
            ("Ctrl+A (text)", "select-all-text"),
            ("Ctrl+D", "duplicate-lines-down"),
            ("Alt+(, Alt+)", "go-to-bracket"),
            ("Ctrl+F, F3, F7", "find"),
            ("Ctrl+S", "save"),
            ("Alt+S", "save-as"),
            ("Ctrl+N, Ctrl+O", "open-file"),
            ("Ctrl+B", "contents-panel"),
            ("Ctrl+W", "quit"),
            ("Ctrl+PageDown", "next-tab"),
            ("Ctrl+PageUp", "previous-tab"),
            ("Ctrl+Q", "quit-all"),
        ),
        "vscode": _habits(
            *_RUNNING,
            *_MODES,
            *_CELLS,
            *_KINDS,
            ("L", "toggle-line-numbers"),
            ("O", "toggle-output"),
            ("F1, Ctrl+Shift+P", "palette"),
            ("Ctrl+F", "find"),
            ("Ctrl+H", "replace"),
            ("Ctrl+G", "go-to-line"),
            ("Ctrl+D", "add-next-occurrence"),
            ("Ctrl+Shift+L", "select-all-occurrences"),
            ("Ctrl+Alt+Up", "add-cursor-above"),
            ("Ctrl+Alt+Down", "add-cursor-below"),
            ("Ctrl+L", "select-line"),
            ("Ctrl+Shift+K", "delete-lines"),
            ("Alt+Up", "move-line-up"),
            ("Alt+Down", "move-line-down"),
            ("Shift+Alt+Up", "duplicate-lines-up"),
            ("Shift+Alt+Down", "duplicate-lines-down"),
            ("Ctrl+/", "toggle-comment"),
            ("Ctrl+Shift+\\", "go-to-bracket"),
            ("F12", "go-to-definition"),
            ("Shift+F12", "find-references"),
            ("F2", "rename-symbol"),
            ("F8, Alt+F8", "next-problem"),
            ("F9", "toggle-breakpoint"),
            ("F5", "debug-continue"),
            ("F10", "debug-next"),
            ("F11", "debug-step-in"),
            ("Shift+F11", "debug-step-out"),
            ("Shift+Alt+F", "format-cells"),
            ("Ctrl+Z", "undo-typing"),
            ("Ctrl+Y", "redo-typing"),
            ("Ctrl+U", "drop-cursor"),
            ("Ctrl+K Ctrl+D", "skip-occurrence"),
            ("Shift+Alt+I", "cursors-at-line-ends"),
            ("Ctrl+K Ctrl+C", "comment-lines"),
            ("Ctrl+K Ctrl+U", "uncomment-lines"),
            ("Shift+Alt+A", "toggle-comment"),
            ("Ctrl+], Tab", "indent-lines"),
            ("Ctrl+[, Shift+Tab", "inspect-or-dedent"),
            ("Ctrl+K Ctrl+X", "trim-lines"),
            ("Ctrl+K Ctrl+F", "format-cells"),
            ("Ctrl+Space", "complete"),
            ("Ctrl+Shift+Space, Ctrl+K Ctrl+I, Alt+F12", "inspect"),
            ("Ctrl+.", "code-actions"),
            ("Shift+Alt+O", "organize-imports"),
            ("F3", "find-next"),
            ("Shift+F3", "find-previous"),
            ("Ctrl+Shift+F", "find"),
            ("Ctrl+Shift+M", "next-problem"),
            ("Ctrl+Shift+D", "show-stop"),
            ("Ctrl+Shift+O, Ctrl+T", "contents"),
            ("Ctrl+B", "contents-panel"),
            ("Ctrl+P, Ctrl+Shift+E", "open-file"),
            ("Ctrl+Tab", "next-tab"),
            ("Ctrl+Shift+Tab", "previous-tab"),
            ("Alt+1", "tab-1"),
            ("Ctrl+W, Ctrl+F4", "quit"),
            ("Ctrl+K Ctrl+W", "quit-all"),
            ("Alt+Z", "toggle-soft-wrap"),
            ("Ctrl+K Ctrl+0", "fold-all-sections"),
            ("Ctrl+K Ctrl+J", "unfold-all-sections"),
            ("Ctrl+K Ctrl+T", "choose-theme"),
            ("Ctrl+,", "edit-settings"),
            ("Ctrl+K Ctrl+S", "show-help"),
            ("Ctrl+K M", "change-kind"),
            ("Ctrl+K S", "save"),
            ("Ctrl+Shift+S", "save-as"),
            ("Ctrl+S", "save"),
        ),
    }
)
"""Program → its keys. Those that are the same everywhere, such as arrows, are left out."""

NAMES: Mapping[str, str] = MappingProxyType(
    {
        "jupyterlab": "JupyterLab",
        "classic": "Jupyter Notebook",
        "colab": "Colab",
        "euporie": "euporie",
        "vscode": "VS Code",
    }
)
"""Program → its name in a sentence, in the order in which a key is looked up."""

MENUS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "run-and-advance": ("run selected cell", "run cell"),
        "run-in-place": ("run selected cell and do not advance",),
        "run-and-insert-below": ("run selected cell and insert below",),
        "run-all": ("run all cells",),
        "run-all-above": ("run all above selected cell",),
        "run-all-below": ("run selected cell and all below",),
        "run-selection": ("run selected text or current line in console",),
        "show-variables": ("variable inspector", "property inspector"),
        "insert-above": ("insert cell above",),
        "insert-below": ("insert cell", "insert cell below", "add cell"),
        "cut-cells": ("cut cell",),
        "copy-cells": ("copy cell",),
        "paste-below": ("paste cell below",),
        "paste-above": ("paste cell above",),
        "delete-cells": ("delete cell",),
        "duplicate-cells": ("duplicate cell",),
        "move-up": ("move cell up",),
        "move-down": ("move cell down",),
        "undo": ("undo cell operation",),
        "redo": ("redo cell operation",),
        "make-code": ("change to code cell type",),
        "make-markdown": ("change to markdown cell type",),
        "make-raw": ("change to raw cell type",),
        "change-kind": ("cell type", "change cell type"),
        **{f"heading-{level}": (f"change to heading {level}",) for level in range(1, 7)},
        "merge-cells": ("merge selected cells", "merge cell above", "merge cell below"),
        "clear-outputs": ("clear cell output", "clear outputs of selected cells"),
        "clear-all-outputs": ("clear outputs of all cells",),
        "toggle-output": ("collapse selected outputs", "expand selected outputs", "hide output", "show output"),
        "toggle-all-outputs": ("collapse all outputs", "expand all outputs"),
        "look-at-output": ("enable scrolling for outputs", "scroll outputs", "create new view for cell output"),
        "copy-output": ("copy output to clipboard",),
        "select-previous": ("select cell above",),
        "select-next": ("select cell below",),
        "extend-selection-up": ("extend selection above",),
        "extend-selection-down": ("extend selection below",),
        "extend-selection-to-first": ("extend selection to top",),
        "extend-selection-to-last": ("extend selection to bottom",),
        "select-all": ("select all cells",),
        "deselect": ("deselect all cells",),
        "leave-edit-mode": ("enter command mode",),
        "inspect": ("show contextual help",),
        "format-cells": ("format cell", "black"),
        "format-all": ("format notebook",),
        "find": ("search",),
        "replace": ("find and replace", "search and replace"),
        "fold-all-sections": ("collapse all headings",),
        "unfold-all-sections": ("expand all headings",),
        "toggle-section": ("toggle collapse notebook heading", "collapse heading", "expand heading"),
        "contents-panel": ("table of contents", "toc", "outline", "show left sidebar"),
        "toggle-source": ("hide code", "hide input", "show code", "collapse selected code", "expand selected code"),
        "toggle-soft-wrap": ("wrap words", "word wrap", "wrap lines"),
        "toggle-line-numbers": ("show line numbers",),
        "toggle-auto-close": ("auto close brackets",),
        "choose-theme": ("jupyterlab theme",),
        "suspend": ("terminal", "new terminal"),
        "show-help": ("keyboard shortcuts", "show keyboard shortcuts"),
        "palette": ("activate command palette", "command palette"),
        "interrupt": ("interrupt kernel",),
        "restart": ("restart kernel",),
        "restart-and-run-all": ("restart kernel and run all cells", "restart run all"),
        "restart-and-run-to-cell": ("restart kernel and run up to selected cell",),
        "restart-and-clear": ("restart kernel and clear outputs of all cells", "restart and clear output"),
        "shut-down-kernel": ("shutdown kernel",),
        "switch-kernel": ("change kernel", "select kernel"),
        "attach-kernel": ("reconnect to kernel", "connect to kernel"),
        "show-kernel-log": ("show log console",),
        "toggle-breakpoint": ("enable debugger",),
        "evaluate": ("evaluate code",),
        "save": ("save notebook",),
        "save-as": ("save notebook as", "rename", "rename notebook", "duplicate notebook", "download"),
        "quit": ("close", "close tab", "close and shut down notebook"),
        "quit-all": ("close all", "close all tabs"),
        "next-tab": ("activate next tab",),
        "previous-tab": ("activate previous tab",),
        "open-file": ("open from path", "file browser", "show file browser", "new launcher"),
        "restore-checkpoint": ("revert notebook to checkpoint",),
        "new": ("new notebook",),
        "e": ("reload notebook from disk", "reload", "revert"),
        "export": (
            "save and export notebook as",
            "export html",
            "export pdf",
            "export executable script",
            "download as",
            "convert",
            "print",
        ),
        "settings": ("settings editor", "preferences", "keyboard shortcuts editor"),
        "console": ("new console for notebook",),
        "render": ("render all markdown cells", "markdown preview", "preview"),
        "autosave": ("auto save documents",),
        "about": ("about jupyterlab", "version"),
    }
)
"""Command, ex command or name of ABSENT → its names in menus and palettes of JupyterLab and other programs, in lower case."""

ABSENT: Mapping[str, str] = MappingProxyType(
    {
        "export": "In a shell: `tuinb convert FILE --to py` (or md); `jupyter nbconvert --to html FILE`",
        "settings": "`tuinb config --show` in a shell prints each setting, and the file to write it in",
        "console": "In a shell: `jupyter console --existing` uses the kernel of this notebook",
        "render": "Markdown cells are shown rendered, but for the one that is edited",
        "autosave": "`autosave = 120` in config.toml saves the notebook 120 seconds after a change",
        "about": "`tuinb --version` in a shell prints the version",
    }
)
"""What other programs have a command for, and what there is instead."""

_WRITTEN = MappingProxyType({"Esc": "escape"})
"""Key as it is shown → as a binding has it, where the two differ."""

_MOST = 3
"""Keys of one command that are listed."""


def translated(program: str, keymap: Keymap) -> list[Translated]:
    """Returns the habits of a program's users with the keys of a keymap."""
    from tuinb.commands.registry import COMMANDS

    found = []
    for habit in PROGRAMS[program]:
        here = keymap.describe(habit.command)[:_MOST]
        found.append(Translated(habit.keys, "  ".join(here) or f":{habit.command}", COMMANDS[habit.command].doc))
    return found


def hint_for(keys: Sequence[str], mode: Mode, key_set: str = "") -> str:
    """Returns a sentence on what does here what keys do in another program, for `key_texts.in_keys`.

    A program whose set of keys is used comes first. Empty if no program has the keys for a command of the mode.
    """
    from tuinb.commands.registry import COMMANDS

    for program in sorted(NAMES, key=lambda program: program != key_set):
        for habit in PROGRAMS[program]:
            if tuple(keys) in sequences(habit.keys) and mode in COMMANDS[habit.command].modes:
                return f"{{{habit.command}}} does what it does in {NAMES[program]}."
    return ""


def named(text: str) -> str | None:
    """Returns the command, ex command or name of ABSENT that has a text as a name of a menu, or None."""
    text = " ".join(text.lower().replace("-", " ").split())
    return next((name for name, others in MENUS.items() if text in others), None)


def sequences(written: str) -> list[tuple[str, ...]]:
    """Parses the keys of a habit, such as `Shift+J, Shift+Down`. A letter stands for its key, whose name is in lower case."""
    return [
        to_sequence(
            " ".join(_WRITTEN.get(key, key.lower() if len(key) == 1 else key) for key in part.partition(" (")[0].split())
        )
        for part in written.split(", ")
    ]
