"""Mappings from keys to keys, as `[vim.map.MODE]` in config.toml has them. They are not recursive.

Pure: keys in, the keys that stand for them out. The caller has the clock. A key that may begin a longer mapping waits.
"""

from __future__ import annotations

import json
import re
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from tuinb.commands.keymap.key_names import character_of, key_name, label, name_of
from tuinb.config import VIM_MODES, config_file, line_of
from tuinb.errors import ConfigError
from tuinb.workspace.view_state import Mode

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tuinb.config import VimSettings

Sequence: TypeAlias = tuple[str, ...]

INSERT_SECONDS, SECONDS = 0.2, 1.0
"""Seconds between the keys of a mapping, in insert mode and in the others, unless the settings say otherwise."""
_VIM_NAMES: Mapping[str, str] = MappingProxyType(
    {"cr": "enter", "esc": "escape", "bs": "backspace", "del": "delete", "leader": "space", "lt": "<", "bar": "|"}
)
_MODIFIERS: Mapping[str, str] = MappingProxyType({"c": "ctrl", "s": "shift", "a": "alt", "m": "alt"})
_VIM_NAME = re.compile(r"<((?:[CSAMcsam]-)*)([A-Za-z][A-Za-z0-9]*|.)>")


class Key(NamedTuple):
    """A key by its name, and the character that it types."""

    name: str
    character: str | None


def keys_of(written: str) -> Sequence:
    """Returns the names of keys. A word that names a key is that key; the characters of another one are keys each: `g$`.

    Keys may also be written as in vim: `<Esc>`, `<C-w>`. Raises ConfigError for none, and for a name that no key has.
    """
    found: list[str] = []
    for word in written.split():
        named = {"esc": "escape"}.get(word.lower(), word)
        try:
            found.append(key_name(named))
        except ValueError:
            found += _keys_in(word)
    if not found:
        raise ConfigError("it has no key", hint='write keys as "Ctrl+W", "Space", or together as "g$"')
    return tuple(found)


def _keys_in(word: str) -> list[str]:
    if "+" in word[1:-1]:
        raise ConfigError(f"there is no key '{word}'", hint='examples of keys: "Esc", "Ctrl+W", "Space", "F9", "g$"')
    found, at = [], 0
    while at < len(word):
        match = _VIM_NAME.match(word, at)
        if match is None:
            found.append(name_of(word[at]))
            at += 1
            continue
        modifiers = [_MODIFIERS[letter.lower()] for letter in match[1].split("-") if letter]
        try:
            found.append(key_name("+".join([*modifiers, _VIM_NAMES.get(match[2].lower(), match[2])])))
        except ValueError:
            raise ConfigError(f"there is no key '{match[0]}'", hint='examples: "<Esc>", "<CR>", "<C-w>"') from None
        at = match.end()
    return found


class Mappings:
    """The mappings of all modes, and the keys that wait for more. `timeout` are seconds, None for the defaults."""

    def __init__(self, tables: Mapping[str, Mapping[Sequence, Sequence]], timeout: float | None = None) -> None:
        self._tables = tables
        self._timeout = timeout
        self._mode = ""
        self._pending: list[Key] = []

    @classmethod
    def of(cls, settings: VimSettings, report: Callable[[str, str, ConfigError], object] | None = None) -> Mappings:
        """Builds the mappings of the settings. A mistake is left out; its mode and its keys are passed to `report`."""
        tables: dict[str, dict[Sequence, Sequence]] = {mode: {} for mode in VIM_MODES}
        if settings.escape:
            tables["insert"][keys_of(" ".join(settings.escape))] = ("escape",)
        for mode, mappings in (settings.mappings or {}).items():
            for keys, target in mappings.items():
                try:
                    tables[mode][keys_of(keys)] = _target(mode, target)
                except ConfigError as error:
                    if report is not None:
                        report(mode, keys, error)
        return cls(tables, None if settings.timeout is None else settings.timeout / 1000)

    @property
    def rows(self) -> list[tuple[str, str]]:
        """The mappings as a list of keys shows them."""
        every = [(mode, keys, target) for mode, table in self._tables.items() for keys, target in table.items()]
        return [(label(keys), f"{label(target)} in {mode} mode") for mode, keys, target in every]

    @property
    def pending(self) -> bool:
        """Whether keys wait for more."""
        return bool(self._pending)

    @property
    def seconds(self) -> float:
        """Seconds that the next key may take."""
        return self._timeout or (INSERT_SECONDS if self._mode == "insert" else SECONDS)

    def feed(self, mode: str, key: Key) -> list[Key]:
        """Takes a key. Returns the keys that are to be handled now: none while it may begin a mapping."""
        found: list[Key] = []
        if self._pending and mode != self._mode:
            found = self.flush()
        self._mode = mode
        self._pending.append(key)
        return found + self._settled(wait=True)

    def flush(self) -> list[Key]:
        """Returns the keys that stand for those that wait, at the time limit, and before a paste."""
        return self._settled(wait=False)

    def _settled(self, *, wait: bool) -> list[Key]:
        table = self._tables.get(self._mode, {})
        found: list[Key] = []
        while self._pending:
            names = tuple(key.name for key in self._pending)
            if wait and any(len(keys) > len(names) and keys[: len(names)] == names for keys in table):
                break
            size = next((size for size in range(len(names), 0, -1) if names[:size] in table), 0)
            if size:
                found += [_typed(name) for name in table[names[:size]]]
            else:
                found.append(self._pending[0])
            del self._pending[: size or 1]
        return found


def problems_of(settings: VimSettings) -> list[ConfigError]:
    """Returns the mistakes in the mappings. Each names its line of the file."""
    found: list[ConfigError] = []

    def report(mode: str, keys: str, error: ConfigError) -> None:
        table = f"vim.map.{mode}"
        line = line_of(config_file(), table, keys)
        where = f"[{table}] {json.dumps(keys, ensure_ascii=False)}" + (f" in line {line}" if line else "")
        found.append(ConfigError(error.what, where=where, hint=error.hint))

    Mappings.of(settings, report)
    return found


def _typed(name: str) -> Key:
    return Key(name, " " if name == "space" else character_of(name) or None)


def _target(mode: str, written: str) -> Sequence:
    if not written:
        raise ConfigError("it has no target", hint='write the keys that it stands for, such as "," = "Space"')
    keys = keys_of(written)
    if mode == Mode.COMMAND and len(keys) > 1:
        hint = "on cells, a mapping stands for one key; [keys.command] binds keys to commands"
        raise ConfigError(f"'{written}' are several keys", hint=hint)
    return keys
