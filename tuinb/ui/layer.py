"""The Protocol of layers that handle keys: dialogs, the kernel's prompt, the completion list, the notebook.

`Typed` is what a user types: a key or a paste.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Protocol, TypeAlias

from textual import events

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Typed: TypeAlias = events.Key | events.Paste


def copy_typed(event: Typed) -> Typed:
    """Returns an event as it came from the terminal, which can be posted again."""
    return events.Paste(event.text) if isinstance(event, events.Paste) else event.copy()


def packed(typed: Iterable[Typed], most: int) -> list[object]:
    """Returns keys and pastes as JSON: the first ones, with at most so many characters."""
    found: list[object] = []
    for event in typed:
        most -= len(event.text if isinstance(event, events.Paste) else event.key)
        if most < 0:
            break
        found.append({"paste": event.text} if isinstance(event, events.Paste) else [event.key, event.character])
    return found


def unpacked(given: object) -> Iterator[Typed]:
    """Returns what was packed."""
    for one in given if isinstance(given, list) else ():
        match one:
            case {"paste": str(text)}:
                yield events.Paste(text)
            case [str(key), str() | None as character]:
                yield events.Key(key, character)


class Taken(Enum):
    """Result of offering a key to a layer."""

    HERE = "handled"
    FOCUSED = "left to the widget that has the focus"
    BELOW = "left to the next layer"


class Layer(Protocol):
    """A layer of the screen. A key is offered to the layers from the top down."""

    def offer_key(self, key: str, event: events.Key) -> Taken:
        """Handles a key or leaves it to others. `key` is the normalised name of `event`."""
        ...
