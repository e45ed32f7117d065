"""Takes the tokens of URLs out of the command line, where error messages repeat words and every user lists processes (`ps`)."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tuinb.errors import UsageError
from tuinb.server import known
from tuinb.server.address import is_url, parse

if TYPE_CHECKING:
    from collections.abc import Sequence

_STAT: Final = Path("/proc/self/stat")
_TOKEN: Final = re.compile(r"(?<=[?&])token=([^&#]*)&?")
_ARG_START, _ARG_END = 45, 46
"""Fields behind the name of the program. They are the addresses of the arguments in memory."""


def take_tokens(words: Sequence[str]) -> list[str]:
    """Returns the arguments without tokens, which are remembered for their servers. Hides them from lists of processes, too."""
    return [_without_token(word) if is_url(word) and _TOKEN.search(word) else word for word in words]


def _without_token(url: str) -> str:
    with suppress(UsageError):  # whoever reads the URL says so
        known.remember(parse(url))
    for token in _TOKEN.findall(url):
        if token:
            _hide(token.encode())
    return _TOKEN.sub("", url).rstrip("?&")


def _hide(secret: bytes) -> None:
    """Overwrites a text where the system reads the arguments from. Only Linux has a way to that."""
    with suppress(OSError, ValueError, IndexError):
        fields = _STAT.read_text().rpartition(")")[2].split()
        start, end = int(fields[_ARG_START]), int(fields[_ARG_END])
        import ctypes

        memory = (ctypes.c_char * (end - start)).from_address(start)
        at = memory.raw.find(secret)
        while at >= 0:
            ctypes.memset(start + at, ord("x"), len(secret))
            at = memory.raw.find(secret)
