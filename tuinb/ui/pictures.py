"""Pictures between what makes them (render.images) and what sends them (terminal.graphics)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from tuinb import jobs
from tuinb.render import block
from tuinb.render.images import kitty
from tuinb.render.images.gallery import Gallery

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tuinb.terminal.pictures import Picture
    from tuinb.ui.app import TuinbApp


class Sent:
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


def start(app: TuinbApp) -> None:
    """From now on images are pictures; the terminal is asked how well it can show them."""
    app.gallery = Gallery(jobs.shared(), partial(_changed, app))
    app.send_pictures(Sent(app.gallery))
    app.ask_terminal()


def show_anew(app: TuinbApp) -> None:
    """The terminal can do other things than was thought: what depends on that is rendered again."""
    if app.gallery is not None:
        app.gallery.forget_all()
        app.send_pictures(Sent(app.gallery))
    app.view.render_anew()
    app.place_overlays()


def _changed(app: TuinbApp, picture: block.Picture) -> None:
    """A picture looks different now."""
    cells = app.view.forget_picture(picture)
    if cells:
        app.bridge.touch(cells)
    if app.host.dialog is not None:
        app.host.dialog.refresh()
