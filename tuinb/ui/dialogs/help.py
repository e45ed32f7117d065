"""The help page and the palette's entries, generated from the commands and the keymap."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuinb.commands.command import Group
from tuinb.commands.ex_line import EX
from tuinb.commands.keymap.elsewhere import ABSENT, MENUS
from tuinb.commands.keymap.listing import VIM_MODE, vim_tables
from tuinb.commands.registry import COMMANDS
from tuinb.ui.dialogs.prompts import Entry
from tuinb.workspace.view_state import Mode

if TYPE_CHECKING:
    from tuinb.commands.keymap.keymap import Keymap

_TITLES = {
    Group.RUN: "Running",
    Group.CELLS: "Cells",
    Group.EDIT: "Inside a cell",
    Group.CURSOR: "The cursor in a cell",
    Group.OUTPUTS: "Outputs",
    Group.VIEW: "View",
    Group.KERNEL: "Kernel",
    Group.DEBUG: "Debugger",
    Group.FILE: "File",
    Group.KEYS: "Counts and keyboard macros",
    Group.HELP: "Help",
}

_MODES = "in command mode keys act on cells; {enter} edits the active cell, {leave} returns to command mode."
_VIM = ("vim", "Enter edits the active cell in normal mode, i in insert mode; Esc in normal mode returns to the cells.")


def entries(keymap: Keymap) -> list[Entry]:
    """Returns the entries of the palette: every command with its keys, and what else other programs have in their menus."""
    docs = {command.name: command.doc for command in COMMANDS.values()}
    docs |= {name: EX[name].doc if name in EX else ABSENT[name] for name in MENUS if name not in docs}
    return [Entry(name, doc, "  ".join(keymap.describe(name)), MENUS.get(name, ())) for name, doc in docs.items()]


def help_text(keymap: Keymap) -> str:
    """Returns the help page: all keys and commands by group."""
    bold, plain = "\x1b[1m", "\x1b[22m"
    has_vim = VIM_MODE in keymap.modes

    def key(command: str) -> str:
        return " or ".join(keymap.describe(command)[:2]) or f":{command}"

    modes = _MODES.format(enter=key("enter-edit-mode"), leave=key("leave-edit-mode"))
    title, modes = _VIM if has_vim else ("Two modes", modes)
    lines = [
        f"{bold}{title}{plain}: {modes}",
        "If you wait after the first key of several, those that may follow are shown.",
        f"/ finds text on this page. {key('describe-key')} tells what a key does.",
        f"The palette ({key('palette')}) has every command.",
    ]
    for group, heading in _TITLES.items():
        rows = [(c, keymap.describe(c.name)) for c in COMMANDS.values() if c.group is group]
        lines += ["", f"{bold}{heading}{plain}"]
        lines += [f"  {'  '.join(keys):<28} {c.doc}" if keys else f"  {':' + c.name:<28} {c.doc}" for c, keys in rows]
    lines += ["", f"{bold}Palette and command line{plain}"]
    lines += [f"  {ex.usage:<28} {ex.doc}" for ex in EX.values()]
    palette = keymap.usual_key("palette", VIM_MODE if has_vim else Mode.EDIT)
    in_editor = f" ({palette})" if palette else ""
    lines += [
        f"  {':12':<28} Select cell 12; in edit mode{in_editor}, go to line 12",
        f"  {':$':<28} Select the last cell, or line",
        f"  {':2,5d':<28} Cut cells 2 to 5; y copies, m moves, t duplicates, j merges, put pastes, run-cell runs them",
        f"  {':%s/old/new/g':<28} Replace in all cells; :g/old/d cuts the cells that match a pattern",
    ]
    if has_vim:
        for table in vim_tables():
            lines += ["", f"{bold}{table.title}{plain}", *(f"  {keys:<28} {doc}" for keys, doc in table.rows)]
    lines += [
        "",
        f"{bold}The mouse{plain}: a click selects a cell, sets the cursor, expands outputs, chooses in lists;",
        "a drag copies text.",
    ]
    return "\n".join(lines)
