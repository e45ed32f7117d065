"""The names of notebooks: which names are one's, and which notebooks of a folder have a similar name."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from tuinb.errors import shown
from tuinb.files.text_notebook import is_text

if TYPE_CHECKING:
    from pathlib import Path

IPYNB = ".ipynb"
_SIMILAR = 0.75
"""The least ratio of difflib for a similar name."""


def is_notebook_name(path: Path) -> bool:
    """Returns whether the name is that of a notebook: one that ends in .ipynb, or a script or document for jupytext."""
    return path.suffix.lower() == IPYNB or is_text(path)


def similar(path: Path) -> str:
    """Returns the name of a notebook in the folder that may be meant, or an empty string.

    First comes the name with .ipynb, or with .ipynb as its ending, then one that begins so, then one with a typing error.
    Names that differ only in a number, such as those of chapters, are not similar.
    """
    try:
        with os.scandir(path.parent) as entries:
            found = sorted(entry.name for entry in entries if entry.name.lower().endswith(IPYNB) and entry.name != path.name)
    except OSError:
        return ""
    stem = path.stem if path.suffix.lower() == IPYNB else path.name
    exact = [name for name in (f"{path.name}{IPYNB}", f"{path.stem}{IPYNB}", path.stem) if name in found]
    begun = [name for name in found if name.startswith(path.name)]
    if exact or begun:
        return (exact or begun)[0]
    from difflib import get_close_matches

    stems = {name[: -len(IPYNB)]: name for name in found}
    near = [near for near in get_close_matches(stem, stems, 3, _SIMILAR) if _unnumbered(near) != _unnumbered(stem)]
    return stems[near[0]] if near else ""


def target(path: Path) -> str:
    """Returns where a symbolic link leads, for a message. Returns an empty string for other names."""
    try:
        return shown(path.readlink())
    except OSError:
        return ""


def missing(path: Path) -> str:
    """Returns what is wrong with the name of a file that does not exist."""
    to = target(path)
    return f"it is a link to {to}, which does not exist" if to else "there is no such file"


def offer(path: Path, otherwise: str) -> str:
    """Returns a question with the name of a similar notebook, or `otherwise`."""
    near = similar(path)
    return f"did you mean {shown(near)}?" if near else otherwise


def _unnumbered(name: str) -> str:
    return re.sub(r"\d+", "", name)
