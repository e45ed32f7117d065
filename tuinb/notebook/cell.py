"""One cell of a notebook."""

from __future__ import annotations

from collections.abc import Mapping

from tuinb.notebook.changes import (
    ABSENT,
    CellData,
    CellId,
    Json,
    SetMetadata,
)
from tuinb.notebook.outputs import Displays, Outputs

_NO_OUTPUTS = frozenset({"markdown", "raw"})


class Cell:
    """One cell. The notebook owns and changes it; everybody else only reads."""

    __slots__ = (
        "_displays",
        "_loaded",
        "_outputs",
        "above",
        "bare",
        "execution_count",
        "id",
        "kind",
        "raw",
        "revision",
        "source",
        "source_revision",
    )

    def __init__(self, data: CellData, displays: Displays) -> None:
        self.id = data.id
        self.kind = data.kind
        self.source = data.source
        self.raw: Mapping[str, Json] = data.raw
        """Every key but cell_type, source, outputs and execution_count."""
        self.execution_count = data.execution_count
        self.source_revision = 0
        """Counts changes of the source."""
        self.revision = 0
        """Counts changes of anything in the cell."""
        self.above: CellId | None = None
        """For a deleted cell: the cell that it stood below."""
        self.bare = False
        """Whether it came without a metadata key, and got one by a change."""
        self._displays = displays
        self._loaded = data.outputs
        self._outputs: Outputs | None = None

    @property
    def outputs(self) -> Outputs:
        """Its outputs; none for markdown and raw cells, even where some arrived late."""
        if self.kind in _NO_OUTPUTS:
            return Outputs(self.id, self._displays)
        return self.arrived

    @property
    def arrived(self) -> Outputs:
        """What was computed for it, whatever its kind is now."""
        if self._outputs is None:
            self._outputs = Outputs(self.id, self._displays, self._loaded)
            self._loaded = ()
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
        """For the notebook only."""
        metadata = with_key(self.metadata, change)
        if "metadata" not in self.raw:
            self.bare = True
        if self.bare and not metadata:
            self.bare = False
            self.raw = {key: value for key, value in self.raw.items() if key != "metadata"}
        else:
            self.raw = {**self.raw, "metadata": metadata}

    def data(self) -> CellData:
        """The cell as a plain value."""
        outputs = self.outputs.to_json() if self._outputs is not None else self._loaded
        return CellData(self.id, self.kind, self.source, self.raw, outputs, self.execution_count)


def with_key(keys: Mapping[str, Json], change: SetMetadata) -> dict[str, Json]:
    """The keys after the change. A key that was there stays in its place; a new one goes to `position`, or last."""
    if change.value is ABSENT:
        return {key: value for key, value in keys.items() if key != change.key}
    if change.key in keys or change.position is None:
        return {**keys, change.key: change.value}
    items = list(keys.items())
    items.insert(change.position, (change.key, change.value))
    return dict(items)
