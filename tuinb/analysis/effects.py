"""What a source does with the names of the notebook, as data. names.py reads it from the source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tuinb.record import Record, field

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TypeAlias

    Slot: TypeAlias = int | str
    """Where a call gives an argument: its position, from 0, its keyword, REST, or SELF with or without `.` and a method."""
    Slots: TypeAlias = frozenset[Slot]
    Calls: TypeAlias = Mapping[str, frozenset[tuple[Slot, str]]]
    """Names that are called, or whose methods are, each with the names that are passed, and where."""

SELF: Final = "(self)"
"""The object whose method is called. Without the name of the method: of any of its methods."""
REST: Final = "*"
"""Any argument: of `*args` and `**more` in a call, and the parameters of these in a function."""


class Body(Record):
    """What the code of a function, or of the methods of a class, does with the names of the notebook when it is called."""

    uses: Mapping[str, int] = field(default_factory=dict)
    """Names, each with its first line in the cell, from 1."""
    sets: frozenset[str] = frozenset()
    """Names that it declares global and sets."""
    changes: frozenset[str] = frozenset()
    draws: frozenset[str] = frozenset()
    """Objects or modules that it draws random numbers from."""
    inert: frozenset[str] = frozenset()
    """Those of `uses` that it only mentions, as `f.__doc__` does: what their functions use does not matter."""
    mutates: Slots = frozenset()
    """The arguments that it changes."""
    defaults: Mapping[str, Slots] = field(default_factory=dict)
    """Names whose objects are the defaults of parameters that it may change, each with the slots of the parameter."""
    parameters: Mapping[str, Slots] = field(default_factory=dict)
    """The parameters that it passes on, each with its slots."""
    calls: Calls = field(default_factory=dict)
    """What it calls. The names that are passed are its parameters, else names of the notebook."""
    filled: Mapping[str, Slots] = field(default_factory=dict)
    """Names that are only called, each with the slots that every call gives."""
    yields: bool = False
    """Whether a call returns a generator, which is used up when it is read."""
    own_calls: frozenset[str] = frozenset()
    """The methods that it calls on the object that it is a method of, those of a base class with `super.` before them."""
    changes_around: bool = False
    """Whether it changes what belongs to the function around it: a counter, say."""
    keeps: bool = False
    """Whether a call returns a function that changes what belongs to this call."""
    evaluates: bool = False
    """Whether it evaluates text: names in strings that are passed to it may be used."""
    outside: bool = False
    """Whether it may reach what is outside the kernel: files, the network, the clock."""
    is_class: bool = False
    caches: bool = False
    """Whether the function keeps its results, by `functools.cache`: called again, it may give what it gave before."""


class Definition(Record):
    """A value that follows from a text and from other names, so that setting it again sets the same value."""

    text: str
    """The statement, or what stands for it. Equal texts with equal names have equal values."""
    names: tuple[str, ...] = ()
    module: str = ""
    """The package, if the value is a module."""
    outside: bool = False
    """Whether the value may reach what is outside the kernel, when it is used."""


class Effects(Record):
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
    clears: frozenset[str] = frozenset()
    """Cached functions whose cache it clears."""
    deletes: frozenset[str] = frozenset()
    passing: frozenset[str] = frozenset()
    """Names that it sets and deletes again, as `except … as name` does."""
    bodies: Mapping[str, Body] = field(default_factory=dict)
    """The functions and classes that it defines."""
    carried: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """For names that it sets: names whose functions the new value may call."""
    made_by: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """For names that it sets: what is called for the value. If that is a class, the value has its methods."""
    decorated_by: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """For functions that it defines: the functions that wrap them."""
    results: Mapping[str, str] = field(default_factory=dict)
    """For names that it sets to what a call returns: what is called."""
    iterators: frozenset[str] = frozenset()
    """Names that it sets to an iterator, which is used up when it is read."""
    shares: Mapping[str, str] = field(default_factory=dict)
    """For names that it sets to the object of another name, or to a view of it: that other name."""
    adds: frozenset[str] = frozenset()
    """Names that it changes by `x += …` alone, which makes a new object if it is a number or a text."""
    inert: frozenset[str] = frozenset()
    """Names that it only mentions, as in `f.__doc__`, `help(f)` and `g = f`: it does not call them."""
    calls: Calls = field(default_factory=dict)
    filled: Mapping[str, Slots] = field(default_factory=dict)
    """Names that are only called, each with the slots that every call gives."""
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
