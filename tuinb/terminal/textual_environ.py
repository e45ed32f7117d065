"""What Textual reads from the environment when it is imported."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import MutableMapping


def prepare_textual(environ: MutableMapping[str, str]) -> None:
    """Sets it in the process's environment: no animations, and no wait between frames. Call it before Textual is imported."""
    environ["TEXTUAL_ANIMATIONS"] = "none"
    environ["TEXTUAL_FPS"] = "120"
