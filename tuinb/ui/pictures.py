"""Adapts the gallery of pictures (render.images) to the module that sends them (terminal.graphics)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuinb.render import block
from tuinb.render.images import kitty

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tuinb.render.images.gallery import Gallery
    from tuinb.terminal.pictures import Picture


class SentPictures:
    """The gallery as terminal.graphics uses it. Pictures are plain tuples there."""

    def __init__(self, gallery: Gallery) -> None:
        self._gallery = gallery

    def payload(self, picture: Picture) -> str | None:
        """Returns the data that the terminal needs. None if it is not ready or never will be."""
        return self._gallery.payload(block.Picture(*picture))

    def transmission(self, picture: Picture, image_id: int) -> Sequence[str] | None:
        """Returns the sequences that send a picture to kitty. None if it is not ready or never will be."""
        payload = self.payload(picture)
        return None if payload is None else kitty.transmit(payload, image_id, block.Picture(*picture))

    def deletion(self, image_id: int) -> str:
        """Returns the sequence that deletes a picture from kitty."""
        return kitty.delete(image_id)

    def sent(self, picture: Picture, image_id: int) -> None:
        """Records that the terminal holds a picture."""
        self._gallery.sent(block.Picture(*picture), image_id)

    def forget(self, picture: Picture) -> None:
        """Records that the terminal no longer holds a picture."""
        self._gallery.forget(block.Picture(*picture))
