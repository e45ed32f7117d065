"""The sets of keys by name, as `[keys] set` in config.toml chooses one."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from tuinb.commands.keymap.emacs import EMACS_KEYS
from tuinb.commands.keymap.jupyter import DEFAULT_KEYS
from tuinb.commands.keymap.vim import CTRL_O_CELLS, VIM_KEYS
from tuinb.commands.keymap.vscode import VSCODE_KEYS
from tuinb.config import config_file, home_relative

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tuinb.commands.keymap.keymap import Keymap, Table
    from tuinb.config import Config
    from tuinb.errors import ConfigError


def own_keys(config: Config) -> Table:
    """Returns the user's bindings, and those that other settings ask for."""
    own = config.keys or {}
    if config.key_set != "vim" or config.vim.ctrl_o != "cells":
        return own
    return {**own, "normal": {**CTRL_O_CELLS, **own.get("normal", {})}}


def user_keymap(config: Config) -> tuple[Keymap, list[str]]:
    """Returns the keymap with the user's keys, and the problems in them and in mappings. A wrong one is left out."""
    from tuinb.commands.keymap.keymap import Keymap
    from tuinb.commands.keymap.mappings import problems_of

    problems: list[ConfigError] = []
    keymap = Keymap.from_tables(SETS[config.key_set], own_keys(config), report=problems.append)
    problems += problems_of(config.vim)
    return keymap, [f"{_place_of(problem)}: {problem}" for problem in problems]


def _place_of(problem: ConfigError) -> str:
    """Returns where the settings have a binding with a problem."""
    from tuinb.commands.keymap.keymap import BindingError

    file, line = home_relative(config_file()), problem.line if isinstance(problem, BindingError) else 0
    return f"{file}, line {line}" if line else file


SETS: Mapping[str, Table] = MappingProxyType(
    {"jupyter": DEFAULT_KEYS, "vim": VIM_KEYS, "emacs": EMACS_KEYS, "vscode": VSCODE_KEYS}
)
"""Name → mode → keys → command. config.KEY_SETS has the same names."""
