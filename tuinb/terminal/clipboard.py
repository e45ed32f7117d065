"""Copies text to the terminal's clipboard by OSC 52, which works over any number of hops.

Inside tmux the sequence is sent twice: plain, which tmux takes with `set-clipboard on`, and wrapped for the terminal around
tmux, which needs `allow-passthrough on`. One of the two options is enough. GNU screen passes on short strings only.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tuinb.capabilities import Capabilities

LIMIT: Final = 100_000
"""The most bytes of base64 that terminals take (about 75 kB of text)."""
_SCREEN_CHUNK: Final = 240


def osc52(text: str, capabilities: Capabilities) -> str | None:
    """Returns the sequence that copies `text`. Returns None if it is too long or the terminal has no clipboard."""
    encoded = base64.b64encode(text.encode("utf-8", "replace")).decode("ascii")
    if not capabilities.clipboard or len(encoded) > LIMIT:
        return None
    plain = f"\x1b]52;c;{encoded}\x07"
    if capabilities.multiplexer == "tmux":
        return plain + "\x1bPtmux;" + plain.replace("\x1b", "\x1b\x1b") + "\x1b\\"
    if capabilities.multiplexer == "screen":
        chunks = (plain[start : start + _SCREEN_CHUNK] for start in range(0, len(plain), _SCREEN_CHUNK))
        return "".join(f"\x1bP{chunk}\x1b\\" for chunk in chunks)
    return plain


async def to_tmux(text: str, environ: Mapping[str, str]) -> bool:
    """Puts text into the buffer of the tmux that the environment names, and on the clipboard of the terminal around it.

    Returns whether tmux took it.
    """
    import asyncio
    from asyncio.subprocess import DEVNULL, PIPE

    for options in (("-w",), ()):  # -w is of tmux 3.2
        try:
            tmux = await asyncio.create_subprocess_exec(
                "tmux", "load-buffer", *options, "-", stdin=PIPE, stdout=DEVNULL, stderr=DEVNULL, env=environ
            )
        except OSError:
            return False
        await tmux.communicate(text.encode("utf-8", "replace"))
        if tmux.returncode == 0:
            return True
    return False
