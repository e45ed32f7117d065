"""What a source does with the names of the notebook, as data. names.py reads it from the source."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tuinb.record import Record

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Body:
    """What the code of a function, or of the methods of a class, does with the names of the notebook when it is called."""

    uses: Mapping[str, int] = field(default_factory=dict)
    """Names, each with its first line in the cell, from 1."""
    sets: frozenset[str] = frozenset()
    """Names that it declares global and sets."""
    changes: frozenset[str] = frozenset()
    draws: frozenset[str] = frozenset()
    """Objects or modules that it draws random numbers from."""
    mutates: bool = False
    """Whether it changes an argument, or the object that it is a method of."""
    evaluates: bool = False
    """Whether it evaluates text: names in strings that are passed to it may be used."""
    outside: bool = False
    """Whether it may reach what is outside the kernel: files, the network, the clock."""
    is_class: bool = False


class Definition(Record):
    """A value that follows from a text and from other names, so that setting it again sets the same value."""

    text: str
    """The statement, or what stands for it. Equal texts with equal names have equal values."""
    names: tuple[str, ...] = ()
    module: str = ""
    """The package, if the value is a module."""
    outside: bool = False
    """Whether the value may reach what is outside the kernel, when it is used."""


@dataclass(frozen=True, slots=True)
class Effects:
    """What a source does with the names of the notebook. All names are global ones; a name may be in several fields."""

    uses: Mapping[str, int] = field(default_factory=dict)
    """Names that it reads before it sets them, each with its first line, from 1."""
    may_use: frozenset[str] = frozenset()
    """Names that it reads after it has perhaps set them, and names in text that may be evaluated."""
    sets: Mapping[str, Definition | None] = field(default_factory=dict)
    may_set: frozenset[str] = frozenset()
    changes: frozenset[str] = frozenset()
    """Names of objects that it changes in place."""
    may_change: frozenset[str] = frozenset()
    draws: frozenset[str] = frozenset()
    seeds: frozenset[str] = frozenset()
    """Objects or modules whose random generator it sets anew."""
    deletes: frozenset[str] = frozenset()
    passing: frozenset[str] = frozenset()
    """Names that it sets and deletes again, as `except … as name` does."""
    bodies: Mapping[str, Body] = field(default_factory=dict)
    """The functions and classes that it defines."""
    carried: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """For names that it sets: names whose functions the new value may call."""
    made_by: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """For names that it sets: what is called for the value. If that is a class, the value has its methods."""
    shares: Mapping[str, str] = field(default_factory=dict)
    """For names that it sets to the object of another name, or to a view of it: that other name."""
    adds: frozenset[str] = frozenset()
    """Names that it changes by `x += …` alone, which makes a new object if it is a number or a text."""
    calls: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Names that it calls, or whose methods it calls, with the names in the arguments."""
    texts: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Names that it calls, with the texts that it passes."""
    later: Mapping[str, int] = field(default_factory=dict)
    """Names that the code of any function in it uses, each with its first line."""
    annotations: Mapping[str, int] = field(default_factory=dict)
    """Names that only annotations use."""
    postpones_annotations: bool = False
    """Whether annotations are not evaluated from this cell on."""
    stars: frozenset[str] = frozenset()
    """The modules of its star imports."""
    outside: bool = False
    """Whether it may reach what is outside the kernel, so that running it again may give something else."""
    anything: bool = False
    """Whether it may set, use or change any name."""
    mentions: frozenset[str] | None = None
    """If it can't be parsed: the words in it, if it sets no other names. None for all other sources."""
    unparsable: bool = False
    expects_missing: bool = False
    """Whether it mentions NameError: it expects that a name may be missing."""

    @property
    def has_star(self) -> bool:
        """Whether it has a star import."""
        return bool(self.stars)
