"""The names that a star import of a module of Python's own library sets.

Such a module is imported here to see them. No other module is: importing one runs its code, and which one the kernel would find
is not known. A file beside a notebook that has the name of a library module is not imported either.
"""

from __future__ import annotations

import sys
import sysconfig
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from typing import Final

_HAVE_EFFECTS: Final = frozenset({"__main__", "antigravity", "idlelib", "lib2to3", "test", "this", "turtledemo"})
"""Modules that do something when they are imported, or whose parts do."""


@lru_cache(maxsize=64)
def star_names(module: str) -> frozenset[str] | None:
    """Returns the names that `from module import *` sets. Returns None if they are not known."""
    top = module.partition(".")[0]
    if top not in sys.stdlib_module_names or top in _HAVE_EFFECTS or not _is_of_library(top):
        return None
    try:
        found = import_module(module)
    except ImportError:
        return None
    return frozenset(getattr(found, "__all__", None) or (name for name in vars(found) if not name.startswith("_")))


def _is_of_library(top: str) -> bool:
    """Returns whether Python would take the module from its own library."""
    try:
        spec = find_spec(top)
    except ValueError:  # it is in sys.modules, and does not say where it is from
        return False
    if spec is None or spec.origin is None:
        return False
    folders = (sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib"))
    return spec.origin in {"built-in", "frozen"} or spec.origin.startswith(tuple(f"{folder}/" for folder in folders))
