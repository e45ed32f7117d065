"""What tests of a set of keys share: which bindings their cases contain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuinb.commands.keymap.key_names import to_sequence
from tuinb.commands.keymap.sets import SETS

if TYPE_CHECKING:
    from collections.abc import Iterable


def bindings_in(key_set: str, mode: str, keys: str) -> set[str]:
    """The bindings of a mode that these keys contain."""
    pressed = to_sequence(keys)
    bound = {to_sequence(binding): binding for binding in SETS[key_set][mode]}
    pieces = [pressed[start:end] for start in range(len(pressed)) for end in range(start + 1, len(pressed) + 1)]
    return {bound[piece] for piece in pieces if piece in bound}


def untried(key_set: str, cases: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    """The bindings of each mode that no case (before, keys) contains, besides those that do the same in both modes."""
    tried: dict[str, set[str]] = {"command": set(), "edit": set()}
    for before, keys in cases:
        mode = "edit" if "^" in before else "command"
        tried[mode] |= bindings_in(key_set, mode, keys)
    tables = SETS[key_set]
    in_both = {keys for keys, _ in tables["command"].items() & tables["edit"].items()}
    tried_once = in_both & (tried["command"] | tried["edit"])
    return {mode: set(table) - tried[mode] - tried_once for mode, table in tables.items()}
