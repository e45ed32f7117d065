"""Keys in texts: `{save}` stands for the key of a command, `{undo|undo-typing}` for that of the first that has one."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING

from tuinb.commands.registry import COMMANDS
from tuinb.workspace.view_state import Mode

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tuinb.commands.keymap.keymap import Keymap

_PLACEHOLDER = re.compile(r"\{([\w|-]+)\}")
_NONE: Mapping[str, str] = MappingProxyType({})
_OF_VIM: Mapping[str, str] = MappingProxyType({"undo-typing": "u", "interrupt": "Ctrl+C", "leave-edit-mode": "Esc"})
"""What is no binding of the keymap with vim's keys: command → its key in the text."""


def in_keys(text: str, keymap: Keymap, mode: str, *, most: int = 1, others: Mapping[str, str] = _NONE) -> str:
    """Returns a text with keys in place of commands, at most `most` of each.

    `others` are keys that no keymap has, by command. A command without a key in this mode is named by the key that leaves the
    mode and the one on cells, and one without any by its line for the palette, such as `:restart`.
    """
    known = {**(_OF_VIM if Mode.EDIT not in keymap.modes and mode != Mode.COMMAND else {}), **others}
    return _PLACEHOLDER.sub(lambda match: _key(match[1].split("|"), keymap, mode, most, known), text)


def _key(names: Sequence[str], keymap: Keymap, mode: str, most: int, known: Mapping[str, str]) -> str:
    for name in names:
        assert name in COMMANDS, name
        if name in known:
            return known[name]
        if found := keymap.usual_keys(name, mode):
            return " or ".join(found[:most])
    leave = known.get("leave-edit-mode") or keymap.usual_key("leave-edit-mode", mode)
    on_cells = next(filter(None, (keymap.usual_key(name, Mode.COMMAND) for name in names)), "")
    return f"{leave}, then {on_cells}" if on_cells and leave else f":{names[0]}"
