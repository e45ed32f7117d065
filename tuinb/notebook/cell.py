"""One cell of a notebook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tuinb.notebook.changes import (
    ABSENT,
    Absent,
    CellData,
    CellId,
    Json,
    OutputData,
    SetAttachments,
    SetMetadata,
)
from tuinb.notebook.outputs import Displays, Outputs

ATTACHMENTS = "attachments"
"""The key of a cell that holds its attachments."""
NO_OUTPUTS = frozenset({"markdown", "raw"})
"""Kinds of cells that have no outputs and no count in the notebook format. A file may give them some all the same."""


class Cell:
    """One cell. Only the notebook changes it."""

    __slots__ = (
        "_displays",
        "_outputs",
        "_saved",
        "above",
        "bare",
        "execution_count",
        "first_source",
        "id",
        "kind",
        "raw",
        "revision",
        "source",
    )

    def __init__(self, data: CellData, displays: Displays, saved: Sequence[Mapping[str, Json]] = ()) -> None:
        self.id = data.id
        self.kind = data.kind
        self.source = data.source
        self.first_source = data.source
        """The source that it was made with. Outputs that it was made with belong to this source."""
        self.raw: Mapping[str, Json] = data.raw
        """All keys of the cell except cell_type, source, outputs and execution_count."""
        self.execution_count = data.execution_count
        self.revision = 0
        """Counts changes of anything in the cell."""
        self.above: CellId | None = None
        """The cell above it when it was deleted."""
        self.bare = False
        """Whether it was made without a metadata key, and a change added one."""
        self._displays = displays
        self._saved = saved
        """nbformat 4 outputs from a file, until the first read wraps them: most cells of a large file are never read."""
        self._outputs = Outputs(data.id, displays, data.outputs) if data.outputs else None

    @property
    def outputs(self) -> Outputs:
        """Its outputs. Empty for markdown and raw cells, even if outputs arrived late."""
        if self.kind in NO_OUTPUTS:
            return Outputs(self.id, self._displays)
        return self.arrived

    @property
    def arrived(self) -> Outputs:
        """The outputs that it has in the file or from runs, whatever its kind is now."""
        if self._outputs is None:
            self._outputs = Outputs(self.id, self._displays, map(OutputData, self._saved))
            self._saved = ()
        return self._outputs

    @property
    def metadata(self) -> Mapping[str, Json]:
        found = self.raw.get("metadata")
        return found if isinstance(found, Mapping) else {}

    @property
    def tags(self) -> tuple[str, ...]:
        found = self.metadata.get("tags")
        return tuple(tag for tag in found if isinstance(tag, str)) if isinstance(found, list) else ()

    @property
    def may_raise(self) -> bool:
        """Whether cells below it run even if it fails, by the tag that nbclient and JupyterLab know."""
        return "raises-exception" in self.tags

    @property
    def skipped(self) -> bool:
        """Whether runs without a screen leave it out, by the tag that nbclient knows."""
        return "skip-execution" in self.tags

    def set_metadata(self, change: SetMetadata) -> None:
        """Sets or removes a key of the metadata. Only the notebook calls it."""
        metadata = with_key(self.metadata, change.key, change.value, change.position)
        if "metadata" not in self.raw:
            self.bare = True
            self.raw = {"metadata": {}, **self.raw}  # always there, so that it comes back to its place
        if self.bare and not metadata:
            self.bare = False
            self.raw = {key: value for key, value in self.raw.items() if key != "metadata"}
        else:
            self.raw = {**self.raw, "metadata": metadata}

    def set_attachments(self, change: SetAttachments) -> None:
        """Sets or removes the attachments. Only the notebook calls it."""
        value = ABSENT if change.attachments is None else change.attachments
        self.raw = with_key(self.raw, ATTACHMENTS, value, change.position)

    def data(self) -> CellData:
        """Returns the cell as a plain value."""
        outputs: tuple[OutputData, ...] = ()
        if self.kind not in NO_OUTPUTS:
            outputs = self.outputs.data() if self._outputs is not None else tuple(map(OutputData, self._saved))
        return CellData(self.id, self.kind, self.source, self.raw, outputs, self.execution_count)


def with_key(keys: Mapping[str, Json], key: str, value: Json | Absent, position: int | None = None) -> dict[str, Json]:
    """Returns the keys with a value set, or without it.

    An existing key keeps its place. A new one goes to `position`, or last.
    """
    if value is ABSENT:
        return {name: old for name, old in keys.items() if name != key}
    if key in keys or position is None:
        return {**keys, key: value}
    items = list(keys.items())
    items.insert(position, (key, value))
    return dict(items)
