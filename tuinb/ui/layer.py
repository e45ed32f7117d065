"""The Protocol of layers that handle keys: dialogs, the kernel's prompt, the completion list, the notebook.

`Typed` is what a user types: a key or a paste.
"""

from __future__ import annotations

from enum import Enum
from typing import Protocol, TypeAlias

from textual import events

Typed: TypeAlias = events.Key | events.Paste


def copy_typed(event: Typed) -> Typed:
    """Returns an event as it came from the terminal, which can be posted again."""
    return events.Paste(event.text) if isinstance(event, events.Paste) else event.copy()


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
