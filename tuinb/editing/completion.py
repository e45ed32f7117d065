"""What a list of completions shows: which candidates go on with what is typed, in which order, and names of a text as a source.

An answer is kept while one types on: candidates are narrowed by all that is typed from the start of the completed text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tuinb.late_pattern import late_pattern
from tuinb.record import Record

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

_NAME = late_pattern(r"[^\W\d]\w+")
_WORD_START = late_pattern(r"(?<![^\W_])[^\W_]|(?<=[a-z0-9])[A-Z]")
"""Letters that begin a word of a name: `dF` in `data_Frame` and `dataFrame`."""


class Candidate(Record):
    """A text that may be inserted."""

    text: str
    kind: str = ""
    """What it names, such as `function`. Empty if that is not known."""
    signature: str = ""
    """Its parameters, such as `(x, y=1)`. Empty if it has none or they are not known."""


class Offer(Record):
    """Candidates for a place in a text."""

    text: str
    """The text in which they were asked for."""
    cursor: int
    start: int
    """Offset of what a candidate replaces."""
    end: int
    """Offset behind it, in `text`."""
    candidates: tuple[Candidate, ...]
    note: str = ""
    """Where they come from, if not from the kernel."""

    def typed(self, text: str, cursor: int) -> str | None:
        """Returns what is completed at the cursor of a text. Returns None if the offer was for another place."""
        asked = self.text[self.start : self.cursor]
        if cursor < self.start or text[: self.start] != self.text[: self.start] or not _same_end(text, cursor, self):
            return None
        typed = text[self.start : cursor]
        if not typed and asked:
            return None
        added = typed.removeprefix(asked) if typed.startswith(asked) else typed
        return typed if not added or asked.startswith(typed) or re.fullmatch(r"[\w.]+", added) else None


def _same_end(text: str, cursor: int, offer: Offer) -> bool:
    rest = len(offer.text) - offer.cursor
    return len(text) - cursor == rest and text.endswith(offer.text[offer.cursor :])


def word_start(text: str, cursor: int) -> int:
    """Returns the offset at which the name before the cursor begins."""
    at = cursor
    while at and (text[at - 1].isalnum() or text[at - 1] == "_"):
        at -= 1
    return at


def narrowed(candidates: Iterable[Candidate], typed: str, recent: Collection[str] = ()) -> list[Candidate]:
    """Returns the candidates that go on with what is typed, the best first: its start, its words, its letters in order.

    Among these, `recent` texts come first, and private names, unless one is asked for, last.
    """
    letters = re.compile(".*?".join(map(re.escape, typed)), re.IGNORECASE | re.DOTALL)
    lower, private = typed.lower(), _last(typed).startswith("_")
    found: list[tuple[int, bool, bool, Candidate]] = []
    for candidate in candidates:
        text = candidate.text
        if text.startswith(typed):
            rank = 0
        elif text.lower().startswith(lower):
            rank = 1
        elif letters.search(text):
            initials = "".join(_WORD_START.findall(text)).lower()
            rank = 2 if initials.startswith(lower) else 3
        else:
            continue
        found.append((rank, text not in recent, not private and _last(text).startswith("_"), candidate))
    found.sort(key=lambda each: each[:3])
    return [each[3] for each in found]


def _last(text: str) -> str:
    return text.rpartition(".")[2]


def names_in(sources: Iterable[str], typed: str, least: int = 3) -> tuple[Candidate, ...]:
    """Returns the names in sources that begin with `typed`, apart from itself, and have at least three letters."""
    lower = typed.lower()
    found: dict[str, None] = {}
    for source in sources:
        if lower in source.lower():
            found.update(dict.fromkeys(_NAME.findall(source)))
    return tuple(
        Candidate(name) for name in sorted(found) if name != typed and len(name) >= least and name.lower().startswith(lower)
    )


def call_around(text: str, cursor: int, brackets: Sequence[int]) -> tuple[int, int] | None:
    """Returns the offset of the bracket of the call that the cursor is in, and the number of the argument, from 0.

    `brackets` are the open ones at the cursor. Returns None if the innermost round one does not follow a name.
    """
    for place, opener in enumerate(reversed(brackets)):
        if text[opener] != "(":
            continue
        if not opener or not (text[opener - 1].isalnum() or text[opener - 1] in "_)]"):
            return None
        inner = len(brackets) - place
        end = brackets[inner] if inner < len(brackets) else cursor
        return opener, _commas(text[opener + 1 : end])
    return None


def _commas(text: str) -> int:
    """Returns the number of commas that are not within brackets or quotes."""
    depth = count = 0
    quote = ""
    for character in text:
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
        elif character in "([{":
            depth += 1
        elif character in ")]}":
            depth -= 1
        elif character == "," and not depth:
            count += 1
    return count
