"""The sets of keys by name, as `[keys] set` in config.toml chooses one."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from tuinb.commands.keymap.emacs import EMACS_KEYS
from tuinb.commands.keymap.jupyter import DEFAULT_KEYS
from tuinb.commands.keymap.vim import CTRL_O_CELLS, VIM_KEYS
from tuinb.commands.keymap.vscode import VSCODE_KEYS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tuinb.commands.keymap.keymap import Table
    from tuinb.config import Config


def own_keys(config: Config) -> Table:
    """Returns the user's bindings, and those that other settings ask for."""
    own = config.keys or {}
    if config.key_set != "vim" or config.vim.ctrl_o != "cells":
        return own
    return {**own, "normal": {**CTRL_O_CELLS, **own.get("normal", {})}}


SETS: Mapping[str, Table] = MappingProxyType(
    {"jupyter": DEFAULT_KEYS, "vim": VIM_KEYS, "emacs": EMACS_KEYS, "vscode": VSCODE_KEYS}
)
"""Name → mode → keys → command. config.KEY_SETS has the same names."""
