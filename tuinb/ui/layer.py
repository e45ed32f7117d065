"""The Protocol of layers that handle keys: dialogs, the kernel's prompt, the completion list, the notebook."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from textual import events


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
