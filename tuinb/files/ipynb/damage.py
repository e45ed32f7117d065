"""Explains what is wrong with a file that is not JSON in UTF-8: the problem, its place and the next step."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tuinb.errors import NotebookFormatError, shown
from tuinb.late_pattern import late_pattern
from tuinb.record import Record

if TYPE_CHECKING:
    from pathlib import Path

    from tuinb.files.ipynb.scan import NotebookScan

BOM = b"\xef\xbb\xbf"
REST = 100_000
"""Maximum length, in characters, of the unreadable rest that is shown."""
_MARKERS = late_pattern(r"^<{7}(?: |\r?$)", re.MULTILINE)
_WIDE = {b"\xff\xfe\x00\x00": "utf-32", b"\x00\x00\xfe\xff": "utf-32", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


class Reason(Record):
    what: str
    conflict: bool = False


def is_wide(raw: bytes) -> bool:
    """Whether the bytes start with a byte order mark of UTF-16 or UTF-32."""
    return raw.startswith(tuple(_WIDE))


def decode(raw: bytes, before: int, path: Path) -> tuple[str, str]:
    """Returns the text, and why it must not be written back, or an empty string. `before` is the number of bytes before
    `raw` in the file.
    """
    for mark, encoding in _WIDE.items():
        if raw.startswith(mark):
            return _decode_wide(raw, encoding, path), f"it is in {encoding.upper()}, but notebooks must be in UTF-8"
    try:
        return raw.decode(), ""
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        why = f"byte {error.start + before} (line {line}) is not UTF-8; such bytes are shown as \N{REPLACEMENT CHARACTER}"
        return raw.decode(errors="replace"), why


def _decode_wide(data: bytes, encoding: str, path: Path) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise NotebookFormatError(
            f"it starts as {encoding.upper()}, but is not valid at byte {error.start}",
            where=shown(path),
            hint="restore it from a copy",
        ) from error


def reason(scan: NotebookScan) -> Reason:
    """Returns why the scan stopped."""
    found = _MARKERS.search(scan.text)
    if found:
        line = scan.text.count("\n", 0, found.start()) + 1
        return Reason(f"it has the conflict markers of a merge, the first at line {line}", conflict=True)
    error = scan.error
    if error is None:
        raise TypeError("there is no error to explain")
    if error.pos >= len(scan.text.rstrip()) or error.msg.startswith("Unterminated string"):
        return Reason(f"it is cut off at line {scan.text.count(chr(10)) + 1}")
    return Reason(f"it is not JSON: line {error.lineno}, column {error.colno}: {error.msg}")


def hint(path: Path, why: Reason) -> str:
    """Returns the next step for the user. Names a checkpoint of Jupyter if there is one."""
    if why.conflict:
        return "`tuinb merge FILE -o FILE` merges both sides by cells; `git checkout --ours` or `--theirs` takes one"
    checkpoint = path.parent / ".ipynb_checkpoints" / f"{path.stem}-checkpoint{path.suffix}"
    try:
        there = checkpoint.is_file()
    except OSError:
        there = False
    if there:
        return f"repair it with a text editor, or use Jupyter's checkpoint {shown(checkpoint)}"
    return "repair it with a text editor, or restore it from a copy"
