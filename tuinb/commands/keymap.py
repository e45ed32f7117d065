"""From keys to commands: for each mode a trie over sequences of keys, filled from data.

It knows no screen and no clock: whoever feeds it keys says when they came. A sequence (`d d`) stays open for `timeout` seconds.
A key that breaks one off starts anew, so that `d j` moves down; the keys given up come back as `unmatched`, for an editor to
insert them. Invariant, held by `from_tables`: no binding is the start of another, so that a binding acts at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from tuinb.commands.registry import COMMANDS
from tuinb.errors import ConfigError

if TYPE_CHECKING:
    from tuinb.commands.command import Command

Sequence: TypeAlias = tuple[str, ...]
Table: TypeAlias = Mapping[str, Mapping[str, str]]
"""Mode → keys as written (`d d`) → command's name."""

MODES = ("command", "edit")
SEQUENCE_SECONDS = 1.0
"""How long a sequence waits for its next key, so that a slow line can send it."""

_PUNCTUATION: Mapping[str, str] = {
    "!": "exclamation_mark",
    '"': "quotation_mark",
    "#": "number_sign",
    "$": "dollar_sign",
    "%": "percent_sign",
    "&": "ampersand",
    "'": "apostrophe",
    "(": "left_parenthesis",
    ")": "right_parenthesis",
    "*": "asterisk",
    "+": "plus",
    ",": "comma",
    "-": "minus",
    ".": "full_stop",
    "/": "slash",
    ":": "colon",
    ";": "semicolon",
    "<": "less_than_sign",
    "=": "equals_sign",
    ">": "greater_than_sign",
    "?": "question_mark",
    "@": "at",
    "[": "left_square_bracket",
    "\\": "backslash",
    "]": "right_square_bracket",
    "^": "circumflex_accent",
    "_": "underscore",
    "`": "grave_accent",
    "{": "left_curly_bracket",
    "|": "vertical_line",
    "}": "right_curly_bracket",
    "~": "tilde",
}
"""Textual's names for the characters that it names, which stand behind a modifier: `ctrl+backslash`."""

_CHARACTERS = {name: character for character, name in _PUNCTUATION.items()}
_MODIFIERS = ("alt", "ctrl", "hyper", "meta", "shift", "super")
_NAMED = frozenset(("enter", "escape", "tab", "backspace", "delete", "insert", "home", "end", "pageup", "pagedown")) | {
    *("up", "down", "left", "right", "space"),
    *(f"f{number}" for number in range(1, 25)),
}
_LABELS = {"pageup": "PageUp", "pagedown": "PageDown", "escape": "Esc"}


def key_name(key: str) -> str:
    """The name under which keymaps know a key, from what a person may write for it: `ctrl+R` is `ctrl+r`, `shift+g` is `G`.

    Raises ValueError for a name that no key has.
    """
    if len(key) == 1:
        return key
    *modifiers, base = [*key[:-1].split("+"), key[-1]] if key.endswith("+") else key.split("+")
    modifiers = [modifier.lower() for modifier in modifiers if modifier]
    if any(modifier not in _MODIFIERS for modifier in modifiers):
        raise ValueError(key)
    if modifiers == ["shift"] and len(base) == 1 and base.isalpha():
        return base.upper()
    base = _base_name(base, bare=not modifiers)
    if modifiers == ["ctrl"] and base == "at":
        return "ctrl+space"  # both are the byte NUL
    return "+".join([*sorted(set(modifiers)), base])  # in the order in which Textual has them


def _base_name(base: str, *, bare: bool) -> str:
    if len(base) == 1 and base.isprintable():
        return _PUNCTUATION.get(base, base.lower()) if not bare else base
    name = base.lower()
    if name in _CHARACTERS:
        return _CHARACTERS[name] if bare else name
    if name in _NAMED:
        return name
    raise ValueError(base)


def to_sequence(keys: str) -> Sequence:
    """`d d` → ("d", "d"). Raises ConfigError for a key that there is not."""
    parts = keys.split()
    if not parts:
        raise ConfigError("a binding has no key", hint="write keys as in `d d` or `ctrl+r`")
    sequence = []
    for part in parts:
        try:
            sequence.append(key_name(part))
        except ValueError:
            hint = "names are as in `ctrl+r`, `shift+enter`, `pageup`, `f9`, `G`"
            raise ConfigError(f"there is no key '{part}'", where=f"keys '{keys}'", hint=hint) from None
    return tuple(sequence)


def label(sequence: Sequence) -> str:
    """A sequence as the help shows it: `dd`, `Shift+M`, `Ctrl+\\`."""
    parts = [_label(key) for key in sequence]
    return ("" if all(len(part) == 1 for part in parts) else " ").join(parts)


def _label(key: str) -> str:
    if len(key) == 1:
        return f"Shift+{key}" if key.isalpha() and key.isupper() else key
    *modifiers, base = key.split("+")
    base = _CHARACTERS.get(base, base) if modifiers else base
    shown = _LABELS.get(base) or (base.upper() if len(base) == 1 else base[0].upper() + base[1:])
    return "+".join([*(modifier.capitalize() for modifier in modifiers), shown])


@dataclass(frozen=True, slots=True)
class Match:
    command: Command
    unmatched: Sequence = ()
    """Keys that came before and belong to no binding."""


@dataclass(frozen=True, slots=True)
class Pending:
    """The keys so far are the start of a binding."""

    keys: Sequence
    unmatched: Sequence = ()


@dataclass(frozen=True, slots=True)
class NoMatch:
    """Keys that belong to no binding."""

    keys: Sequence


Result: TypeAlias = Match | Pending | NoMatch


@dataclass(slots=True)
class _Node:
    command: str = ""
    """What a binding that ends here runs; a node has either this or branches."""
    branches: dict[str, _Node] = field(default_factory=dict)

    def bindings(self, start: Sequence = ()) -> Iterator[tuple[Sequence, str]]:
        if self.command:
            yield start, self.command
        for key, node in self.branches.items():
            yield from node.bindings((*start, key))


class Keymap:
    """The bindings of all modes, and the sequence that is being typed."""

    def __init__(self, roots: Mapping[str, _Node], timeout: float) -> None:
        self._roots = roots
        self.timeout = timeout
        self._mode = ""
        self._pending: Sequence = ()
        self._last = 0.0

    @classmethod
    def from_tables(cls, default: Table, overrides: Table | None = None, *, timeout: float = SEQUENCE_SECONDS) -> Keymap:
        """A keymap of the default table with the user's over it, where an empty command's name removes a binding.

        Raises ConfigError for an unknown mode, command or key, and for a binding that is the start of another.
        """
        roots = {}
        for mode in MODES:
            bindings = _read(mode, default.get(mode, {}))
            for sequence, name in _read(mode, (overrides or {}).get(mode, {})).items():
                bindings[sequence] = name
            roots[mode] = _trie(mode, {sequence: name for sequence, name in bindings.items() if name})
        for mode in {*default, *(overrides or {})}.difference(MODES):
            raise ConfigError(f"there is no mode '{mode}'", where="keys", hint=f"the modes are {' and '.join(MODES)}")
        return cls(roots, timeout)

    @property
    def pending(self) -> Sequence:
        """The keys of the sequence that is being typed."""
        return self._pending

    @property
    def deadline(self) -> float | None:
        """When `expire` will give the open sequence up, by the caller's clock."""
        return self._last + self.timeout if self._pending else None

    def feed(self, mode: str, key: str, now: float) -> Result:
        """Takes one key, as `key_name` names it, that came at `now` (seconds)."""
        unmatched: Sequence = ()
        if self._pending and (mode != self._mode or now >= self._last + self.timeout):
            unmatched, self._pending = self._pending, ()
        self._mode, self._last = mode, now
        keys = (*self._pending, key)
        while keys:
            node = self._node(mode, keys)
            if node is not None:
                self._pending = () if node.command else keys
                return Match(COMMANDS[node.command], unmatched) if node.command else Pending(keys, unmatched)
            unmatched, keys = (*unmatched, keys[0]), keys[1:]
        self._pending = ()
        return NoMatch(unmatched)

    def expire(self, now: float) -> NoMatch | None:
        """Gives up a sequence whose time is over, with the keys that it had; None where none is."""
        if not self._pending or now < self._last + self.timeout:
            return None
        keys, self._pending = self._pending, ()
        return NoMatch(keys)

    def reset(self) -> None:
        """Forgets an open sequence, as for a click."""
        self._pending = ()

    def _node(self, mode: str, keys: Sequence) -> _Node | None:
        node: _Node | None = self._roots[mode]
        for key in keys:
            node = node.branches.get(key) if node is not None else None
        return node

    def bindings(self, mode: str) -> dict[Sequence, str]:
        """Every binding of a mode."""
        return dict(self._roots[mode].bindings())

    def describe(self, command: str, mode: str | None = None) -> tuple[str, ...]:
        """The keys of a command as the help shows them, in one mode or in all."""
        modes = MODES if mode is None else (mode,)
        found = (label(keys) for each in modes for keys, name in self._roots[each].bindings() if name == command)
        return tuple(dict.fromkeys(found))


def _read(mode: str, table: Mapping[str, str]) -> dict[Sequence, str]:
    bindings = {}
    for keys, name in table.items():
        where = f"keys '{keys}' in {mode} mode"
        if name and name not in COMMANDS:
            raise ConfigError(f"there is no command '{name}'", where=where, hint="the help lists the commands")
        if name and mode not in COMMANDS[name].modes:
            raise ConfigError(f"'{name}' can't be used in {mode} mode", where=where)
        bindings[to_sequence(keys)] = name
    return bindings


def _trie(mode: str, bindings: Mapping[Sequence, str]) -> _Node:
    for sequence in bindings:
        for length in range(1, len(sequence)):
            start = sequence[:length]
            if start in bindings:
                what = f"'{' '.join(start)}' is bound, and is the start of '{' '.join(sequence)}' too"
                raise ConfigError(what, where=f"keys in {mode} mode", hint="remove one of them, by giving it an empty command")
    root = _Node()
    for sequence, name in bindings.items():
        node = root
        for key in sequence:
            node = node.branches.setdefault(key, _Node())
        node.command = name
    return root
