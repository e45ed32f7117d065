"""What another program wrote to the file of a notebook, merged with the notebook. Nothing is applied here.

The base of the merge is the file as it was last read or saved. Its bytes are in memory anyway, because saving patches them.
They are parsed again only if the notebook has unsaved changes: without any, the notebook itself is the base.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tuinb.errors import NotebookFormatError, shown
from tuinb.files import load, text_notebook
from tuinb.notebook.changes import InsertCell, SetMetadata, UpdateDisplay
from tuinb.notebook.difference import Content, difference, same_cell, same_outputs
from tuinb.notebook.matching import renamed, with_ids
from tuinb.notebook.merge import Merge, merge
from tuinb.record import Record

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from pathlib import Path

    from tuinb.files.load import Loaded
    from tuinb.files.pairs import PairedText
    from tuinb.files.storage import FileState
    from tuinb.notebook.changes import CellData, CellId, Change
    from tuinb.notebook.document import Notebook


class Taken(Record):
    """A notebook at one instant."""

    content: Content
    revision: int
    revisions: Mapping[CellId, int]
    """The revision of each cell."""
    is_modified: bool
    running: frozenset[CellId]
    """Cells that run or wait. Their outputs stay as they are."""

    @classmethod
    def of(cls, notebook: Notebook, running: Sequence[CellId], *, is_modified: bool) -> Taken:
        """Returns the notebook as it is now."""
        revisions = {cell.id: cell.revision for cell in notebook}
        return cls(Content.of(notebook), notebook.revision, revisions, is_modified, frozenset(running))


class Known(Record):
    """The file as it was last read or saved."""

    path: Path
    data: bytes | None
    """None if there was none."""
    ipynb: bytes
    """The same in nbformat: a script, and a file with git's conflict markers, have other `data`."""
    order: Sequence[CellId]
    """The ids that its cells have in the notebook, if they are known."""
    is_pair: bool = False
    """Whether it is a text that the notebook is paired with: only its inputs count."""

    @property
    def is_text(self) -> bool:
        """Whether it is a script or a document, which has no outputs."""
        return text_notebook.is_text(self.path)


class Plan(Record):
    """How the notebook becomes a content."""

    changes: tuple[Change, ...]
    equal: frozenset[CellId]
    """Cells that are then as in the file."""
    same_outputs: frozenset[CellId]
    """Cells whose outputs are."""
    is_whole: bool
    """Whether the whole notebook is, if it has not changed since."""


class Incoming(Record):
    """A version of the file that another program wrote."""

    taken: Taken
    known: bytes | None
    """The bytes of the file that were known."""
    loaded: Loaded
    order: tuple[CellId, ...]
    """The ids that the cells of the file have in the notebook."""
    merge: Merge
    is_text: bool
    is_pair: bool = False
    """Whether it is a text that the notebook is paired with, and not its file."""
    with_texts: Content | None = None
    """The file with the inputs of texts that are newer, if they were read."""
    texts: Sequence[PairedText] = ()
    """The texts that it is paired with, as they were read then."""
    notices: tuple[str, ...] = ()
    """What the user should know of them."""

    @property
    def on_disk(self) -> Content:
        """What the file has, and its pair."""
        return self.with_texts or self.merge.theirs

    @property
    def name(self) -> str:
        """The name of the file, to show it."""
        return shown(self.loaded.file.path.name)

    def fits(self, changes: Sequence[Change], notebook: Notebook) -> bool:
        """Whether nothing has happened in the notebook since that the changes would overwrite."""
        taken = self.taken
        if taken.revision == notebook.revision:
            return True
        if [*taken.content.cells] != [*notebook.order]:
            return False
        return all(self._is_as_taken(change, notebook) for change in changes)

    def _is_as_taken(self, change: Change, notebook: Notebook) -> bool:
        if isinstance(change, SetMetadata) and change.cell is None:
            return notebook.metadata is self.taken.content.metadata
        if isinstance(change, InsertCell | UpdateDisplay) or change.cell is None or change.cell not in notebook:
            return True
        cell = change.cell
        if notebook[cell].revision == self.taken.revisions.get(cell):
            return True
        # What a running cell prints is not touched by these changes.
        return cell in self.taken.running and notebook[cell].source == self.taken.content.cells[cell].source

    def plan(self, content: Content) -> Plan:
        """Returns how the notebook becomes a content that was made of this. It compares all cells: call it in a thread."""
        equal: set[CellId] = set()
        outputs: set[CellId] = set()
        for cell in self.order:
            data, theirs = content.cells.get(cell), self.merge.theirs.cells.get(cell)
            if data is None or theirs is None or cell in self.taken.running:
                continue
            if self.is_text and (data.outputs or data.execution_count is not None):
                continue
            if same_outputs(data.outputs, theirs.outputs):
                outputs.add(cell)
            if same_cell(data, theirs):
                equal.add(cell)
        is_merged = content is self.merge.content
        changes = self.merge.difference.changes if is_merged else difference(self.taken.content, content).changes
        return Plan(changes, frozenset(equal), frozenset(outputs), self._is_whole(content))

    def unchanged(self, cells: Collection[CellId], notebook: Notebook) -> set[CellId]:
        """Returns those of some cells that have not changed in the notebook since it was taken."""
        return {cell for cell in cells if cell not in notebook or notebook[cell].revision == self.taken.revisions.get(cell)}

    def _is_whole(self, content: Content) -> bool:
        if self.is_text and not self.taken.is_modified:
            return True
        return not self._has_own_outputs(content) and not difference(content, self.merge.theirs).changes

    def _has_own_outputs(self, content: Content) -> bool:
        """Whether a cell that runs has other outputs than the file gives it. `merge.theirs` has those of the notebook."""
        names = dict(zip(self.loaded.notebook.order, self.order, strict=True))
        return any(
            not same_outputs(cell.data().outputs, content.cells[name].outputs)
            for cell in self.loaded.notebook
            if (name := names[cell.id]) in self.taken.running and name in content.cells
        )


def incoming(taken: Taken, known: Known, data: bytes, state: FileState) -> Incoming:
    """Merges bytes that another program wrote with a notebook. Raises NotebookFileError if they are no whole notebook."""
    if not data or data.isspace():
        raise NotebookFormatError("it is empty", where=shown(known.path))
    loaded = load.parse(known.path, data, state)
    if loaded.read_only:
        raise NotebookFormatError(loaded.read_only, where=shown(known.path))
    ours = taken.content
    base, theirs = content_of(taken, known), Content.of(loaded.notebook)
    base, theirs = (_renamed_text if known.is_text else renamed)(base, ours, theirs)
    order = tuple(theirs.cells)
    theirs = _with_our_outputs(theirs, ours, taken.running, is_text=known.is_text)
    if known.is_pair:
        theirs = replace(theirs, metadata=ours.metadata)
    return Incoming(taken, known.data, loaded, order, merge(base, ours, theirs), known.is_text, known.is_pair)


def _renamed_text(base: Content, ours: Content, theirs: Content) -> tuple[Content, Content]:
    """Returns base and theirs with the ids of ours. Text has no ids: those that jupytext gives are others each time."""
    first, second = renamed(_without_ids(base), ours, _without_ids(theirs))
    return with_ids(base, dict(zip(base.cells, first.cells, strict=True))), with_ids(
        theirs, dict(zip(theirs.cells, second.cells, strict=True))
    )


def _without_ids(content: Content) -> Content:
    cells = {cell: replace(data, raw={**data.raw, "id": None}) for cell, data in content.cells.items()}
    return replace(content, cells=cells)


def content_of(taken: Taken, known: Known) -> Content:
    """Returns the content of the file as it was last read or saved, with the ids of the notebook where they are known."""
    if not taken.is_modified and not known.is_text:
        return taken.content
    if known.data is None:
        return Content({}, {})
    base = Content.of(load.parse(known.path, known.data if known.is_text else known.ipynb).notebook)
    if len(known.order) != len(base.cells):
        return base
    return with_ids(base, dict(zip(base.cells, known.order, strict=True)))


def _with_our_outputs(theirs: Content, ours: Content, running: Collection[CellId], *, is_text: bool) -> Content:
    """Returns theirs with our outputs for cells that run, and for all cells if the file has no outputs."""
    kept = dict(_kept(theirs, ours, ours.cells if is_text else running))
    metadata = {**ours.metadata, **theirs.metadata} if is_text else theirs.metadata
    return replace(theirs, cells={**theirs.cells, **kept}, metadata=metadata)


def _kept(theirs: Content, ours: Content, cells: Collection[CellId]) -> Iterator[tuple[CellId, CellData]]:
    for cell in cells:
        mine, other = ours.cells.get(cell), theirs.cells.get(cell)
        if mine is not None and other is not None:
            yield cell, replace(other, outputs=mine.outputs, execution_count=mine.execution_count)
