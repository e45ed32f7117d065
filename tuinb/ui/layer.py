"""The protocol of what can take a key: a dialog, the kernel's prompt, the completion list, the notebook."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from textual import events


class Taken(Enum):
    """What a layer did with a key that it was offered."""

    HERE = "handled"
    FOCUSED = "left to the widget that has the focus"
    BELOW = "left to the next layer"


class Layer(Protocol):
    """One of a stack of layers. A key is offered from the top down."""

    def offer_key(self, key: str, event: events.Key) -> Taken:
        """Takes a key or leaves it. `key` is the normalised name of `event`."""
        ...
