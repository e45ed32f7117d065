"""What git calls: an external diff, a text of a notebook that git compares by lines, and a look for conflicts that are left.

All is written at the end: after an error nothing has been, and the command in git's configuration goes on without tuinb.
"""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from tuinb.errors import shown
from tuinb.files.unmerged import content_of
from tuinb.headless.ansi_lines import LineWriter, colors_for, styles_for
from tuinb.headless.arguments import Exit
from tuinb.headless.console import complain, tell
from tuinb.headless.diff.compare import Parts, compare
from tuinb.headless.diff.report import as_lines, as_text
from tuinb.headless.diff.versions import read
from tuinb.notebook.conflicts import find_marked

if TYPE_CHECKING:
    from collections.abc import Sequence

_ARGUMENTS = 7
"""Git calls an external diff with the path, and the file, the object and the mode of each side."""


def diff(words: Sequence[str]) -> int:
    """Prints the difference of two versions as git calls for it. Raises NotebookFileError."""
    if len(words) < _ARGUMENTS:
        tell(shown(f"* Unmerged path {' '.join(words)}"))
        return Exit.OK
    path, old, _, _, new = words[:5]
    names = [name if name == os.devnull else f"{side}/{path}" for name, side in ((old, "a"), (new, "b"))]
    found = compare(content_of(read(old)), content_of(read(new)), Parts())
    colors = colors_for(sys.stdout, "always" if _is_colored() else "never")
    write, styles = LineWriter(colors), styles_for()
    lines = [write(line) for line in as_lines(found, (names[0], names[1]), styles)]
    if found.is_same:
        lines = ["   only counts, ids, times or metadata differ (git diff --no-ext-diff --no-textconv shows them)"]
    tell(f"diff --git a/{shown(path)} b/{shown(path)}", *lines)
    return Exit.OK


def _is_colored() -> bool:
    """Whether git would colour its own diff."""
    shown = sys.stdout.isatty() or os.environ.get("GIT_PAGER_IN_USE") == "true"
    done = subprocess.run(["git", "config", "--get-colorbool", "color.diff", "true"], stdout=subprocess.PIPE, check=False)
    return shown and done.stdout.strip() == b"true"


def textconv(words: Sequence[str]) -> int:
    """Prints a notebook as a text to compare: without counts and ids. Raises NotebookFileError."""
    loaded = read(words[0])
    tell(*as_text(content_of(loaded)))
    return Exit.OK


def resolved(words: Sequence[str]) -> int:
    """Returns whether a notebook has no conflicts of a merge, as an exit code. Raises NotebookFileError."""
    [name] = words
    count = sum(1 for _ in find_marked(content_of(read(name))))
    if not count:
        return Exit.OK
    left = f"{count} conflict{'s' * (count > 1)} left"
    complain(f"{shown(name)}: {left} (:resolve them, then `git add`; `git mergetool` begins again)")
    return Exit.FAILED
