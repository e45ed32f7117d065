"""What is known against the results of a cell, and the words for it."""

from __future__ import annotations

from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from tuinb.analysis.history.values import GENERATOR
from tuinb.analysis.names import STAR
from tuinb.record import Record

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tuinb.notebook.changes import CellId


class Why(Enum):
    """Why a cell no longer follows."""

    STALE = "stale"
    """A cell that gave a name is stale."""
    EDITED = "edited"
    """A cell that gives a name was edited, and not run since."""
    SET_AGAIN = "set again"
    CHANGED_AGAIN = "changed again"
    UNSET = "unset"
    """No cell above sets the name any more: it was run again with another source, or one between deletes the name."""
    UNCHANGED = "unchanged"
    """A cell above that changed the value was run again with another source, and no longer does."""
    BELOW = "below"
    """The value comes from a cell below."""
    DELETED = "deleted"
    """The value comes from a cell that is deleted."""
    OUTSIDE = "outside"
    """The value comes from code that is no cell: of `tuinb do exec --silent`, or of another client of the kernel."""
    OWN = "own"
    """The cell ran on its own result."""
    KEPT = "kept"
    """A cached function, set in the cell, keeps results of what it used before that was set again."""
    NOT_RUN = "not run"
    """The cell that sets it did not run on this kernel."""


_WORDS: Final[Mapping[Why, str]] = MappingProxyType(
    {
        Why.STALE: "cell {cell} is stale ({name})",
        Why.EDITED: "cell {cell} was edited ({name})",
        Why.SET_AGAIN: "{name} set again in cell {cell}",
        Why.CHANGED_AGAIN: "{name} changed again in cell {cell}",
        Why.UNSET: "{name} {is_} no longer set above",
        Why.UNCHANGED: "{name} {is_} no longer changed in cell {cell}",
        Why.BELOW: "{name} {comes} from cell {cell}, below",
        Why.DELETED: "{name} {comes} from a deleted cell",
        Why.OUTSIDE: "{name} {comes} from code that is no cell",
        Why.OWN: "ran on its own result: {name}",
        Why.KEPT: "{name} keeps results in its cache; run cell {cell}",
        Why.NOT_RUN: "{name}: cell {cell} has not run",
    }
)


class Reason(Record):
    """Why a cell no longer follows from those above."""

    why: Why
    name: str
    cell: CellId | None = None
    """The other cell."""
    is_missing: bool = False
    """Whether the cell uses the name as the page is now, and no cell above gives it."""

    def describe(self, number: Callable[[CellId], int]) -> str:
        """Returns a few words. `number` returns the number of a cell of the page, from 1."""
        is_random = self.name.startswith(GENERATOR)
        name = "random numbers" if is_random else "a star import" if self.name == STAR else self.name
        verbs = {"comes": "come" if is_random else "comes", "is_": "are" if is_random else "is"}
        cell = "" if self.cell is None else str(number(self.cell))
        return _WORDS[self.why].format(name=name, cell=cell, **verbs)


class Judgement(Record):
    """What is known against a cell."""

    reasons: tuple[Reason, ...] = ()
    """Found by names. The cell is stale if there are any."""
    perhaps: str = ""
    """A name that may have changed since. Empty if there is none, or if the cell is stale."""

    @property
    def fails(self) -> Reason | None:
        """Returns the reason why it may fail on a fresh kernel: a name that no cell above sets."""
        return next((reason for reason in self.reasons if reason.is_missing), None)

    @property
    def is_from_elsewhere(self) -> bool:
        """Whether a name came from no cell above. One above may set it, too."""
        return any(reason.why in {Why.DELETED, Why.BELOW, Why.OUTSIDE} for reason in self.reasons)


NOTHING_KNOWN: Final = Judgement()
