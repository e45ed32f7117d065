"""Regular expressions that are compiled when they are first used.

A module that is imported before the first paint has most of its patterns for later: for keys, for outputs of a kind. Compiling
them all took a tenth of the start.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from re import compile as late_pattern
else:

    class late_pattern:  # noqa: N801 - stands for re.compile
        """A pattern with the methods of a compiled one. Each is looked up once."""

        def __init__(self, pattern: str, flags: int = 0) -> None:
            self._arguments = pattern, flags

        def __getattr__(self, name: str) -> object:
            value = getattr(re.compile(*self._arguments), name)
            setattr(self, name, value)
            return value


__all__ = ["late_pattern"]
