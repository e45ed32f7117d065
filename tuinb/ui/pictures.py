"""Joins the maker of pictures (render.images) with the sender (terminal.graphics)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuinb.render import block
from tuinb.render.images import kitty

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tuinb.render.images.gallery import Gallery
    from tuinb.terminal.pictures import Picture


class SentPictures:
    """The gallery as the terminal sees it."""

    def __init__(self, gallery: Gallery) -> None:
        self._gallery = gallery

    def payload(self, picture: Picture) -> str | None:
        return self._gallery.payload(block.Picture(*picture))

    def transmission(self, picture: Picture, image_id: int) -> Sequence[str] | None:
        payload = self.payload(picture)
        return None if payload is None else kitty.transmit(payload, image_id, block.Picture(*picture))

    def deletion(self, image_id: int) -> str:
        return kitty.delete(image_id)

    def sent(self, picture: Picture, image_id: int) -> None:
        self._gallery.sent(block.Picture(*picture), image_id)

    def forget(self, picture: Picture) -> None:
        self._gallery.forget(block.Picture(*picture))
