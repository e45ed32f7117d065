"""Registers: named, numbered, small delete, black hole, and the clipboard, which belongs to the surroundings."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable


class Kind(StrEnum):
    """How text in a register is put."""

    CHARACTERS = "v"
    LINES = "V"
    BLOCK = "\x16"


class Held(NamedTuple):
    """The content of a register."""

    text: str
    """Lines are joined by `\\n`. Whole lines have none at the end."""
    kind: Kind = Kind.CHARACTERS
    width: int = 0
    """Columns of a block."""

    @property
    def shown(self) -> str:
        """The text with the line end of whole lines."""
        return f"{self.text}\n" if self.kind is Kind.LINES else self.text


class Registers:
    """The registers that keys write: `a`–`z`, `0`–`9`, `-`. `"` is the one that was written last."""

    def __init__(self) -> None:
        self._held: dict[str, Held] = {}
        self._last = "0"

    def get(self, name: str) -> Held | None:
        """Returns the content of a register, or None if it is empty."""
        return self._held.get(self._last if name == '"' else name.lower())

    def set(self, name: str, held: Held) -> None:
        """Writes a register. An upper-case letter appends to it. `_` forgets the text."""
        if name == "_":
            return
        if name.isupper() and (old := self._held.get(name.lower())) is not None:
            held = _appended(old, held)
        self._held[name.lower()] = held
        self._last = name.lower()

    def yank(self, name: str, held: Held) -> None:
        """Notes text that was copied. Without a name, register 0 gets it."""
        self.set(name or "0", held)

    def delete(self, name: str, held: Held, *, small: bool) -> None:
        """Notes deleted text: less than a line (`small`) in register `-`, else in 1, whose text moves on to 2, and so on."""
        if name == "_":
            return
        if name:
            self.set(name, held)
        if not small:
            for number in range(9, 1, -1):
                if (moved := self._held.get(str(number - 1))) is not None:
                    self._held[str(number)] = moved
            self._held["1"] = held
            if not name:
                self._last = "1"
        elif not name:
            self.set("-", held)

    def to_json(self, fits: Callable[[str], bool]) -> dict[str, object]:
        """Returns the registers as JSON, without those whose text does not fit."""
        held = {name: [*held] for name, held in self._held.items() if fits(held.text)}
        return {"last": self._last, "held": held}

    def take_json(self, given: object) -> None:
        """Takes what `to_json` of others gave, in place of what is here. What it does not know is left out."""
        match given:
            case {"last": str(last), "held": {**held}}:
                self._last = last
                self._held = {str(name): found for name, written in held.items() if (found := _read(written)) is not None}

    def names(self) -> list[str]:
        """Returns the names of the registers that have text."""
        return sorted(self._held)


def _appended(old: Held, new: Held) -> Held:
    if new.kind is Kind.LINES or old.kind is Kind.LINES:
        return Held(f"{old.text}\n{new.text}", Kind.LINES)
    return Held(old.text + new.text, old.kind, max(old.width, new.width))


def _read(written: object) -> Held | None:
    match written:
        case [str(text), "v" | "V" | "\x16" as kind, int(width)]:
            return Held(text, Kind(kind), width)
    return None
