"""The keymap: for each mode of a set of keys a trie from sequences of keys to commands, filled from data.

Knows no screen and no clock: the caller passes the time of each key. A sequence (`d d`) stays open for `timeout` seconds. A key
that does not continue a sequence begins a new one, so that `d j` moves down. The keys of the abandoned sequence are returned as
`unmatched`, so that an editor can insert them. Invariant, checked by `from_tables`: no binding is a prefix of another, so that
each binding acts at its last key.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from tuinb.commands.keymap.key_names import label, name_of, to_sequence
from tuinb.commands.registry import COMMANDS
from tuinb.config import config_file, line_of, suggestion
from tuinb.errors import ConfigError
from tuinb.record import Record
from tuinb.workspace.view_state import Mode

if TYPE_CHECKING:
    from tuinb.commands.command import Command

Sequence: TypeAlias = tuple[str, ...]
Table: TypeAlias = Mapping[str, Mapping[str, str]]
"""Mode → keys as written (`d d`) → name of the command."""

_SENT_BY_SOME = re.compile(r"(Shift|Ctrl|Alt)\+Enter|Ctrl\+Shift\+.*|Super\+.*|F\d+")
"""Keys that not every terminal or keyboard sends, or that nobody guesses, as the help shows them."""
SEQUENCE_SECONDS = 1.0
"""Seconds that a sequence waits for its next key; a slow connection delays keys."""
_VIM_MODE = "normal"
"""A mode that the keymap has with vim's keys alone."""
_MENU_MODES = (_VIM_MODE, "visual")
"""Modes of vim's keys in which a bound Space is a menu. Keys after it must not act as vim's: `Space x` would delete."""


class BindingError(ConfigError):
    """A user's binding can't be used."""

    mode = keys = ""
    """The mode, and the keys as they are written."""

    @classmethod
    def of(cls, error: ConfigError, mode: str, keys: str) -> BindingError:
        """Returns an error with the binding that it is about."""
        found = cls(error.what, where=error.where, hint=error.hint)
        found.mode, found.keys = mode, keys
        return found

    @property
    def line(self) -> int:
        """The line of the settings that has the binding, from 1. 0 if it can't be found."""
        return line_of(config_file(), f"keys.{self.mode}", self.keys)


class Match(Record):
    """The keys complete a binding."""

    command: Command
    unmatched: Sequence = ()
    """Earlier keys that belong to no binding."""


class Pending(Record):
    """The keys so far are the prefix of a binding."""

    keys: Sequence
    unmatched: Sequence = ()


class NoMatch(Record):
    """Keys that belong to no binding."""

    keys: Sequence
    was_prefix: bool = False
    """Whether all but the last were the start of a binding, and types no text: such as `ctrl+x`."""


Result: TypeAlias = Match | Pending | NoMatch


@dataclass(slots=True)
class _Node:
    command: str = ""
    """Name of the command whose binding ends here. A node has either a command or branches."""
    branches: dict[str, _Node] = field(default_factory=dict)

    def bindings(self, start: Sequence = ()) -> Iterator[tuple[Sequence, str]]:
        """Yields the bindings at and below this node. `start` are the keys that lead to it."""
        if self.command:
            yield start, self.command
        for key, node in self.branches.items():
            yield from node.bindings((*start, key))


class Keymap:
    """The bindings of all modes, and the unfinished sequence."""

    def __init__(self, roots: Mapping[str, _Node], timeout: float) -> None:
        self._roots = roots
        self._usual: dict[tuple[str, str], tuple[str, ...]] = {}
        self.timeout = timeout
        self._mode = ""
        self._pending: Sequence = ()
        self._last = 0.0

    @classmethod
    def from_tables(
        cls,
        default: Table,
        overrides: Table | None = None,
        *,
        report: Callable[[ConfigError], object] | None = None,
        timeout: float = SEQUENCE_SECONDS,
    ) -> Keymap:
        """Builds a keymap from the default table and the user's overrides; an empty command name removes a binding.

        An unknown mode, command or key is an error, and so is a binding that is a prefix of another. Passes errors to
        `report` and leaves out the user's binding. Without `report` raises ConfigError for the first.
        """
        report = report or _raise
        overrides = overrides or {}
        for unknown in set(overrides).difference(default):
            hint = f"the modes of these keys are {', '.join(default)}"
            report(ConfigError(f"there is no mode '{unknown}'", where=f"keys.{unknown}", hint=hint))
        roots: dict[str, _Node] = {}
        for mode in default:
            own = _read(mode, overrides.get(mode, {}), report)
            bindings = {keys: name for keys, name in _read(mode, default.get(mode, {}), report).items() if keys not in own}
            for keys, name in own.items():
                if name:
                    try:
                        _check_prefixes(mode, keys, bindings)
                    except ConfigError as error:
                        report(BindingError.of(error, mode, _written(keys, overrides[mode])))
                    else:
                        bindings[keys] = name
            roots[mode] = _trie(bindings)
        return cls(roots, timeout)

    @property
    def modes(self) -> tuple[str, ...]:
        """The modes that have bindings."""
        return tuple(self._roots)

    @property
    def pending(self) -> Sequence:
        """Keys of the unfinished sequence."""
        return self._pending

    @property
    def deadline(self) -> float | None:
        """Time at which the unfinished sequence expires, on the caller's clock; None if there is none."""
        return self._last + self.timeout if self._pending else None

    def feed(self, mode: str, key: str, now: float) -> Result:
        """Processes one key, given by its name or its character. `now` is the time of the key in seconds."""
        key = name_of(key) if len(key) == 1 else key
        unmatched: Sequence = ()
        if self._pending and (mode != self._mode or now >= self._last + self.timeout):
            unmatched, self._pending = self._pending, ()
        self._mode, self._last = mode, now
        keys = (*self._pending, key)
        if self._pending and self._takes_next(mode) and self._node(mode, keys) is None:
            self._pending = ()
            return NoMatch((*unmatched, *keys), was_prefix=True)
        while keys:
            node = self._node(mode, keys)
            if node is not None:
                self._pending = () if node.command else keys
                if self._pending and _is_prefix(mode, keys[0]):
                    self.hold()
                return Match(COMMANDS[node.command], unmatched) if node.command else Pending(keys, unmatched)
            unmatched, keys = (*unmatched, keys[0]), keys[1:]
        self._pending = ()
        return NoMatch(unmatched)

    def _takes_next(self, mode: str) -> bool:
        """Whether the unfinished sequence takes the next key, also one that runs nothing there.

        On cells with vim's keys, each does, as in vim: `gx` must not cut cells as `x` does.
        """
        return _is_prefix(mode, self._pending[0]) or (mode == Mode.COMMAND and _VIM_MODE in self._roots)

    def expire(self, now: float) -> NoMatch | None:
        """Drops the unfinished sequence if it expired, and returns its keys. Returns None if none expired."""
        if not self._pending or now < self._last + self.timeout:
            return None
        keys, self._pending = self._pending, ()
        return NoMatch(keys)

    def reset(self) -> None:
        """Drops the unfinished sequence, as after a click."""
        self._pending = ()

    def hold(self) -> None:
        """Keeps the unfinished sequence open until the next key, while its next keys are shown."""
        self._last = math.inf

    @property
    def is_held(self) -> bool:
        """Whether the unfinished sequence stays open until the next key."""
        return math.isinf(self._last)

    def next_keys(self) -> list[tuple[str, str]]:
        """Returns the keys that continue the unfinished sequence, as the help shows them, and what each does."""
        node = self._node(self._mode, self._pending) if self._pending else None
        branches = node.branches.items() if node is not None else ()
        return [(label((key,)), COMMANDS[each.command].doc if each.command else "…") for key, each in branches]

    def _node(self, mode: str, keys: Sequence) -> _Node | None:
        node: _Node | None = self._roots[mode]
        for key in keys:
            node = node.branches.get(key) if node is not None else None
        return node

    def bindings(self, mode: str) -> dict[Sequence, str]:
        """Returns all bindings of a mode."""
        return dict(self._roots[mode].bindings())

    def shown_bindings(self, mode: str) -> dict[Sequence, str]:
        """Returns the bindings of a mode without those that type Alt as Escape: `escape x` beside `alt+x`."""
        found = self.bindings(mode)

        def is_twin(keys: Sequence) -> bool:
            return len(keys) > 1 and keys[0] == "escape" and found.get((f"alt+{keys[1]}", *keys[2:])) == found[keys]

        return {keys: name for keys, name in found.items() if not is_twin(keys)}

    def usual_keys(self, command: str, mode: str) -> tuple[str, ...]:
        """Returns the keys of a command in a mode that every terminal sends, as the help shows them; else all."""
        known = self._usual.get((command, mode))
        if known is None:
            found = self.describe(command, mode) if mode in self._roots else ()
            usual = tuple(keys for keys in found if not _SENT_BY_SOME.fullmatch(keys))
            known = self._usual[command, mode] = usual or found
        return known

    def usual_key(self, command: str, mode: str) -> str:
        """Returns the first of these keys, or an empty string."""
        return next(iter(self.usual_keys(command, mode)), "")

    def meanings(self, keys: Sequence) -> tuple[dict[str, str], bool]:
        """Returns by mode the command that these keys run, and whether more keys may follow in a mode."""
        nodes = {mode: node for mode in self._roots if (node := self._node(mode, keys)) is not None}
        commands = {mode: node.command for mode, node in nodes.items() if node.command}
        return commands, len(commands) < len(nodes)

    def describe(self, command: str, mode: str | None = None) -> tuple[str, ...]:
        """Returns the keys of a command as the help shows them, in one mode or in all."""
        modes = tuple(self._roots) if mode is None else (mode,)
        found = (label(keys) for each in modes for keys, name in self.shown_bindings(each).items() if name == command)
        return tuple(dict.fromkeys(found))


def _raise(error: ConfigError) -> None:
    raise error


def _read(mode: str, table: Mapping[str, str], report: Callable[[ConfigError], object]) -> dict[Sequence, str]:
    bindings = {}
    for keys, name in table.items():
        try:
            _check_command(mode, keys, name)
            bindings[to_sequence(keys)] = name
        except ConfigError as error:
            report(BindingError.of(error, mode, keys))
    return bindings


def _written(sequence: Sequence, table: Mapping[str, str]) -> str:
    """Returns a sequence of keys as a table has it."""
    return next((keys for keys in table if " ".join(sequence) in (keys, _named(keys))), "")


def _named(keys: str) -> str:
    try:
        return " ".join(to_sequence(keys))
    except ConfigError:
        return ""


def _is_prefix(mode: str, key: str) -> bool:
    """Whether a key that begins a sequence is none by itself and types no text: its sequence then ends with the next key."""
    return key == "escape" or key.startswith(("ctrl+", "alt+")) or (key == "space" and mode in _MENU_MODES)


def _check_command(mode: str, keys: str, name: str) -> None:
    """Raises ConfigError if a binding's command does not exist, or not in this mode."""
    where = f"keys '{keys}' in {mode} mode"
    if name and name not in COMMANDS:
        hint = suggestion(name, COMMANDS) or "the palette, `:` in command mode, lists the names of commands"
        raise ConfigError(f"there is no command '{name}'", where=where, hint=hint)
    if name and (Mode.COMMAND if mode == Mode.COMMAND else Mode.EDIT) not in COMMANDS[name].modes:
        hint = f"write it below [keys.{' or '.join(COMMANDS[name].modes)}]"
        raise ConfigError(f"'{name}' can't be used in {mode} mode", where=where, hint=hint)


def _check_prefixes(mode: str, keys: Sequence, bindings: Collection[Sequence]) -> None:
    """Raises ConfigError if `keys` is the start of one of the bindings, or starts with one."""
    for other in bindings:
        start, longer = sorted((keys, other), key=len)
        if start != longer and longer[: len(start)] == start:
            what = f"'{' '.join(start)}' is bound and is also the start of '{' '.join(longer)}'"
            raise ConfigError(what, where=f"keys in {mode} mode", hint="remove one of them with an empty command")


def _trie(bindings: Mapping[Sequence, str]) -> _Node:
    root = _Node()
    for sequence, name in bindings.items():
        node = root
        for key in sequence:
            node = node.branches.setdefault(key, _Node())
        node.command = name
    return root
