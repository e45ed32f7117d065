"""Finds the line of a source that sets a name. Which cell does, the other modules know; here it is found by the text."""

from __future__ import annotations

import re
from functools import lru_cache


def line_of(source: str, name: str) -> int | None:
    """Returns the line, from 0, that defines a name, else the first one that sets or imports it. None without one."""
    definition, binding = _patterns(name)
    found = definition.search(source) or binding.search(source)
    return None if found is None else source.count("\n", 0, found.end())


@lru_cache(maxsize=64)
def _patterns(name: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Returns what defines a function or a class, and what sets a name in other ways, in the languages of notebooks."""
    word = rf"(?<![\w.]){re.escape(name)}(?!\w)"
    definition = rf"^[ \t]*(?:async[ \t]+)?(?:def|class|function|struct|macro)[ \t]+{word}"
    ways = (
        rf"{word}(?:[ \t]*,[^\n=()]*)?(?:[ \t]*:[^\n=]+)?[ \t]*(?:[-+*/@%&|^]|//|\*\*|<<|>>)?=(?!=)",
        rf"{word}[ \t]*<<?-",
        rf"^[ \t]*(?:from[ \t][^\n]*[ \t])?import[ \t][^\n#]*{word}",
        rf"\bas[ \t]+{word}",
        rf"\b(?:async[ \t]+)?for[ \t][^\n]*?{word}[^\n]*?[ \t]in\b",
        rf"{word}[ \t]*:=",
        rf"\b(?:let|var|const|global)[ \t]+{word}",
    )
    return re.compile(definition, re.MULTILINE), re.compile("|".join(f"(?:{way})" for way in ways), re.MULTILINE)
