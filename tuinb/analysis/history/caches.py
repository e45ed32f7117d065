"""Follows what functions with a cache keep.

A function of `functools.cache` goes on giving results of what it used at an earlier call. Its cache is a value of its own,
below a name that no variable has: its version stands for what the function used when it was first called.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tuinb.analysis.history.values import body_of

if TYPE_CHECKING:
    from tuinb.analysis.history.values import Lookup

_SUFFIX: Final = "()"
"""What a name that stands for the cache of a function has behind the name of the function."""


def cache_of(function: str) -> str:
    """Returns the name that stands for the cache of a function."""
    return f"{function}{_SUFFIX}"


def function_of(cache: str) -> str:
    """Returns the function whose cache a name stands for. Empty if it stands for something else."""
    return cache.removesuffix(_SUFFIX) if cache.endswith(_SUFFIX) else ""


def inputs_of(function: str, get: Lookup) -> tuple[tuple[str, int], ...]:
    """Returns the names that a function uses, also through others, with their versions. Not those that it changes itself."""
    found: dict[str, int] = {}
    changed: set[str] = set()
    waiting = [function]
    while waiting:
        body = body_of(get(waiting.pop()))
        if body is None:
            continue
        changed |= body.sets | body.changes
        for name in body.uses:
            value = get(name)
            if value is not None and name not in found:
                found[name] = value.version
                waiting.append(name)
    return tuple(sorted((name, version) for name, version in found.items() if name not in changed))
