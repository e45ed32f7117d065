"""Opens notebooks. The result is a notebook, a read-only view of its readable part, or an error.

Files of format 4 are read with json's scanner alone. nbformat is imported only for older formats, because its import takes
longer than reading 20,000 cells. Deviations from the format that can be kept (unknown keys, kinds and minor versions,
missing or duplicate ids) are kept and can be edited. Content that can't be represented makes the notebook read-only, so
that it can't be lost.
"""

from __future__ import annotations

import gc
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from tuinb import errors
from tuinb.errors import NotebookFileError, NotebookFormatError
from tuinb.files import names, text_notebook
from tuinb.files.ipynb import damage
from tuinb.files.ipynb.damage import BOM
from tuinb.files.ipynb.read_cells import ReadCells, read_cells
from tuinb.files.ipynb.scan import NotebookScan, scan_bytes, scan_notebook, space_end
from tuinb.files.ipynb.source_map import SourceMap, source_map_of
from tuinb.files.notebook_file import NotebookFile, Saved
from tuinb.files.storage import DISK, storage_of
from tuinb.notebook.changes import CellData, CellId, ClientId, InsertCell, Step, Transaction
from tuinb.notebook.document import Notebook
from tuinb.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tuinb.files.storage import FileState, Storage
    from tuinb.notebook.changes import Change, Json

__all__ = ["Loaded", "NotebookFile", "Saved", "load", "new", "parse"]

_FORMAT = 4
_MINOR = 5


class Loaded(Record):
    notebook: Notebook
    file: NotebookFile
    notices: tuple[str, ...] = ()
    """Information for the user that is not an error."""
    read_only: str = ""
    """Why it can't be edited or saved, or an empty string."""
    changes: tuple[Change, ...] = ()
    """Changes that a session applies at its beginning, as unsaved ones."""
    label: str = ""
    """What undo calls them."""


def new(path: Path, kernelspec: Mapping[str, Json] | None = None, storage: Storage = DISK) -> Loaded:
    """Returns a notebook with one empty cell. The file is created by the first save. Raises NotebookFileError if jupytext
    is missing.
    """
    text_notebook.require_jupytext(path)
    metadata = {"kernelspec": dict(kernelspec)} if kernelspec else {}
    notebook = Notebook((), metadata, nbformat=_FORMAT, nbformat_minor=_MINOR)
    first = InsertCell(notebook.fresh(CellData(CellId(""), "code", "", {"metadata": {}})), None)
    notebook.apply(Transaction((first,), ClientId("new"), Step.OUTPUT))
    return Loaded(notebook, NotebookFile(path, storage=storage))


def load(path: Path, storage: Storage | None = None) -> Loaded:
    """Reads a notebook, also one of a server. Raises TuinbError if its server can't be used.

    Raises NotebookFileError if it can't be read, and NotebookFormatError if it can't be shown.
    """
    storage = storage or storage_of(path)
    try:
        data, state = storage.read(path)
    except FileNotFoundError as error:
        hint = names.offer(path, "check the name")
        raise NotebookFileError(names.missing(path), where=errors.shown(path), hint=hint) from error
    return _loaded(path, data, state, storage)


def parse(path: Path, data: bytes, state: FileState | None = None) -> Loaded:
    """Returns a notebook from bytes. `path` is its name. `state` is None if they did not come from the disk, as of a pipe.

    Raises NotebookFormatError.
    """
    return _loaded(path, data, state)


def _loaded(path: Path, data: bytes, state: FileState | None, storage: Storage = DISK) -> Loaded:
    text = text_notebook.is_text(path)
    with _gc_paused():
        opened = _open(path, text_notebook.to_ipynb(data, path) if text else data)
    if text:
        opened = replace(opened, notices=(*opened.notices, text_notebook.NO_OUTPUTS))
    file = NotebookFile(path, opened.source_map, data=data, state=state, read_only=opened.read_only, storage=storage)
    return Loaded(opened.notebook, file, opened.notices, opened.read_only)


@contextmanager
def _gc_paused() -> Iterator[None]:
    """Disables the garbage collector, which would traverse many thousand new values and free none."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class _Opened(Record):
    notebook: Notebook
    source_map: SourceMap
    notices: tuple[str, ...] = ()
    read_only: str = ""


def _open(path: Path, data: bytes) -> _Opened:
    if not data[:4096].strip() and not data.strip():
        notebook = new(path).notebook
        return _Opened(notebook, SourceMap(), ("the file is empty: a new notebook",))
    bom = BOM if data.startswith(BOM) else b""
    raw = data[len(bom) :] if bom else data
    scan, undecodable = _scan(raw, len(bom), path)
    if scan.error is not None:
        return _damaged(path, scan, undecodable)
    if scan.text[space_end(scan.text, 0)] != "{":
        raise NotebookFormatError(
            "it is JSON, but not a notebook: a notebook is an object with a list of cells", where=errors.shown(path),
            hint="check the name; to look at the file as it is, use a text editor",
        )  # fmt: skip
    version = _version(scan)
    if isinstance(version, int) and version < _FORMAT:
        return _upgraded(path, scan, data, version, undecodable)
    if scan.cells is None:
        raise NotebookFormatError(
            "it has no list of cells", where=errors.shown(path), hint="check that it is a notebook, not another JSON file"
        )
    return _format_4(scan, bom, version, undecodable)


def _scan(raw: bytes, before: int, path: Path) -> tuple[NotebookScan, str]:
    """Returns the scan, and why the file can't be written back, or an empty string. `before` is the number of bytes before
    `raw`.
    """
    if not damage.is_wide(raw):
        try:
            scan = scan_bytes(raw)
        except UnicodeDecodeError:
            pass
        else:
            if scan.error is None:
                return scan, ""
    # Problems are reported, and the rest is shown, in characters instead of bytes.
    text, undecodable = damage.decode(raw, before, path)
    return scan_notebook(text), undecodable


def _version(scan: NotebookScan) -> int | None:
    version = scan.top.get("nbformat")
    if isinstance(version, int) and not isinstance(version, bool):
        return version
    return 3 if "worksheets" in scan.top and scan.cells is None else None


def _format_4(scan: NotebookScan, bom: bytes, version: int | None, undecodable: str) -> _Opened:
    read = read_cells(scan)
    metadata = scan.top.get("metadata", {})
    reasons = [undecodable, *read.problems]
    if version is None:
        reasons.insert(0, "its notebook format is unknown (nbformat is missing or not a number)")
    elif version > _FORMAT:
        reasons.insert(0, f"it is in notebook format {version}, but this program supports formats up to {_FORMAT}")
    if not isinstance(metadata, dict):
        reasons.append("the notebook's metadata is not an object")
        metadata = {}
    notebook = _notebook(scan, read, metadata, version)
    read_only = "; ".join(reason for reason in reasons if reason)
    notices = ("it starts with a byte order mark, which saving keeps; other Jupyter programs may refuse it",) if bom else ()
    if read_only:
        return _Opened(notebook, SourceMap(), notices, read_only)
    order = list(notebook.order)
    source_map = replace(
        source_map_of(scan, lists=read.lists, metadata=metadata),
        bom=bom,
        order=order,
        revisions=dict.fromkeys(order, notebook.at(0).revision if order else 0),
        outputs=read.outputs,
        revision=notebook.revision,
    )
    return _Opened(notebook, source_map, notices)


def _notebook(scan: NotebookScan, read: ReadCells, metadata: Mapping[str, Json], version: int | None) -> Notebook:
    minor = scan.top.get("nbformat_minor", 0)
    extra = {key: value for key, value in scan.top.items() if key not in {"metadata", "nbformat", "nbformat_minor", "cells"}}
    return Notebook(
        read.cells,
        metadata,
        nbformat=version or _FORMAT,
        nbformat_minor=minor if isinstance(minor, int) and not isinstance(minor, bool) else 0,
        extra=extra,
        saved_outputs=read.outputs,
    )


def _damaged(path: Path, scan: NotebookScan, undecodable: str) -> _Opened:
    """Returns the cells before the error, and the text after them."""
    reason = damage.reason(scan)
    if not scan.cells:
        next_step = damage.hint(path, reason)
        if not names.is_notebook_name(path) and not reason.conflict:
            next_step = names.offer(path, "the name of a notebook ends in .ipynb: this may be another kind of file")
        raise NotebookFormatError(reason.what, where=errors.shown(path), hint=next_step)
    read = read_cells(scan, rest=scan.text[scan.stopped_at : scan.stopped_at + damage.REST])
    metadata = scan.top.get("metadata", {})
    notebook = _notebook(scan, read, metadata if isinstance(metadata, dict) else {}, None)
    reasons = [reason.what, undecodable, *read.problems]
    text = "; ".join(part for part in reasons if part)
    return _Opened(notebook, SourceMap(), (), f"{text} ({damage.hint(path, reason)})")


def _upgraded(path: Path, old: NotebookScan, data: bytes, version: int, undecodable: str) -> _Opened:
    from tuinb.files.ipynb.upgrade import upgrade

    top = upgrade(old.text if old.raw is None else old.raw.decode(), version, path)
    scan = NotebookScan("", top=top, cells=top.pop("cells"))
    read = read_cells(scan)
    notebook = _notebook(scan, read, top.get("metadata", {}), _FORMAT)
    notice = f"upgraded from format {version}; saving a change writes format {_FORMAT}"
    read_only = "; ".join(reason for reason in (undecodable, *read.problems) if reason)
    return _Opened(notebook, SourceMap(data, revision=notebook.revision), (notice,), read_only)
