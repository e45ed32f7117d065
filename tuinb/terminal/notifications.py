"""Calls a user who looks elsewhere: the bell, and the notification of the desktop where the terminal is known to show one.

OSC 9 and OSC 777 are no standard. A terminal that is not known for one of them gets the bell alone. Inside tmux the sequence is
wrapped for the terminal around it, which needs `allow-passthrough on`; tmux marks the window that rang in any case.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from tuinb.capabilities import Notifications
from tuinb.terminal.queries import passthrough

if TYPE_CHECKING:
    from tuinb.capabilities import Capabilities

BELL: Final = "\x07"
_TITLE: Final = "tuinb"
_LONGEST: Final = 120
"""Maximum characters of a text: desktops show two short lines."""
_CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


def calling(text: str, capabilities: Capabilities) -> str:
    """Returns what to send. `text` has to be free of what could disguise it (render.safe)."""
    text = _CONTROLS.sub(" ", text).encode("utf-8", "replace").decode()
    text = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
    match capabilities.notifications:
        case Notifications.OSC9:
            sequence = f"\x1b]9;{_TITLE}: {text}{BELL}"  # a number at its beginning would be another command
        case Notifications.OSC777:
            sequence = f"\x1b]777;notify;{_TITLE};{text.replace(';', ',')}{BELL}"
        case Notifications.NONE:
            return BELL
    return BELL + (passthrough(sequence) if capabilities.multiplexer == "tmux" else sequence)
