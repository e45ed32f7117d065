"""The sets of keys by name, as `[keys] set` in config.toml chooses one."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from tuinb.commands.keymap.emacs import EMACS_KEYS
from tuinb.commands.keymap.jupyter import DEFAULT_KEYS
from tuinb.commands.keymap.vim import VIM_KEYS
from tuinb.commands.keymap.vscode import VSCODE_KEYS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tuinb.commands.keymap.keymap import Table

SETS: Mapping[str, Table] = MappingProxyType(
    {"jupyter": DEFAULT_KEYS, "vim": VIM_KEYS, "emacs": EMACS_KEYS, "vscode": VSCODE_KEYS}
)
"""Name → mode → keys → command. config.KEY_SETS has the same names."""
