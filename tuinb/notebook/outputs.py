"""The outputs of one cell: merged streams, the pending clear, display ids, and states that undo restores.

Invariants: a list of outputs only grows; to remove an output, the list is replaced. So a state is a reference to a list and a
length, made in constant time. Streams only grow in place; restoring an earlier state copies what they held. An output that a
display id updates stays the same object. nbformat has no place for display ids.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from tuinb.mime import joined
from tuinb.notebook.changes import OutputData
from tuinb.notebook.streams.text import StreamMark, StreamText
from tuinb.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tuinb.notebook.changes import CellId, Json

_NOTHING: Final[Mapping[str, Json]] = {}


class Output:
    """One output. Caches of values derived from it use the object itself and `revision` as the key."""

    __slots__ = ("_raw", "_revision", "_stream", "_stream_at_load", "cell", "display_id")

    def __init__(self, raw: Mapping[str, Json], cell: CellId, *, display_id: str | None = None, loaded: bool = False) -> None:
        self._raw = raw
        self._stream: StreamText | None = None
        self._stream_at_load = 0 if loaded else -1
        """The stream's revision while the output is as it was loaded; -1 if it was not loaded, or changed."""
        self._revision = 0
        self.cell = cell
        self.display_id = display_id

    @property
    def type(self) -> str:
        """`stream`, `display_data`, `execute_result`, `error`, or the output_type of an unknown output."""
        found = self._raw.get("output_type")
        return found if isinstance(found, str) else ""

    @property
    def revision(self) -> int:
        """A number that grows when the content changes."""
        return self._revision + (self._stream.revision if self._stream is not None else 0)

    @property
    def stream(self) -> StreamText | None:
        """The text of a stream. None for any other output."""
        if self._stream is None and self.type == "stream":
            self._stream = StreamText(joined(self._raw.get("text")))
            # Reading the text for the first time is no change of the content.
            self._revision -= self._stream.revision
            if self._stream_at_load >= 0:
                self._stream_at_load = self._stream.revision
        return self._stream

    @property
    def name(self) -> str:
        """`stdout` or `stderr` for a stream, else empty."""
        found = self._raw.get("name")
        return found if isinstance(found, str) and self.type == "stream" else ""

    @property
    def data(self) -> Mapping[str, Json]:
        """The MIME bundle. Empty if there is none."""
        found = self._raw.get("data")
        return found if isinstance(found, Mapping) else _NOTHING

    @property
    def metadata(self) -> Mapping[str, Json]:
        found = self._raw.get("metadata")
        return found if isinstance(found, Mapping) else _NOTHING

    @property
    def raw(self) -> Mapping[str, Json]:
        """The nbformat 4 output as it was made. The current text of a stream is in `stream`."""
        return self._raw

    @property
    def original(self) -> Mapping[str, Json] | None:
        """The mapping that it was loaded from while it is unchanged, else None."""
        if self._stream_at_load < 0 or (self._stream is not None and self._stream.revision != self._stream_at_load):
            return None
        return self._raw

    def to_json(self) -> dict[str, Json]:
        """Returns the nbformat 4 output. The text of a stream that changed is one string."""
        if self.original is not None or (stream := self.stream) is None:
            return dict(self._raw)
        return {**self._raw, "text": stream.text()}

    def plain(self) -> OutputData:
        """Returns the output as a plain value. It shares the mapping that it was loaded from while it is unchanged."""
        original = self.original
        return OutputData(self.to_json() if original is None else original, self.display_id)

    def update(self, raw: Mapping[str, Json], loaded_at: int = -1) -> tuple[Mapping[str, Json], int]:
        """Replaces the content. Returns the arguments of the call that restores it. Only the owner calls it."""
        before = (self._raw, self._stream_at_load)
        self._raw, self._stream_at_load = raw, loaded_at
        self._revision += 1
        return before

    def mark(self) -> OutputMark:
        return OutputMark(self, self._stream.mark() if self._stream is not None else None)

    def at(self, mark: OutputMark) -> Output:
        """Returns this output as it was at the mark: itself, or a copy if its stream has grown since."""
        stream = self._stream
        if stream is None or (mark.stream is not None and mark.stream.revision == stream.revision):
            return self
        other = Output(self._raw, self.cell)
        if mark.stream is None:
            other._stream_at_load = 0 if self._stream_at_load >= 0 else -1
            return other
        other._stream = StreamText()
        other._stream.truncate(mark.stream)
        if mark.stream.revision == self._stream_at_load:
            other._stream_at_load = other._stream.revision
        return other


class OutputMark(Record, eq=False):
    """The content of one output at a moment."""

    output: Output
    stream: StreamMark | None


class OutputsState(Record, eq=False):
    """The outputs of a cell at a moment: the first `count` of `items`, the last of them with the content of `last`."""

    cell: CellId
    items: list[Output]
    count: int
    last: OutputMark | None
    pending: bool
    successor: list[Output]
    """The list that replaced `items`, or `items`."""
    kept: int
    """Number of outputs that the change put into the successor. Those after them arrived later."""


class DisplayState(Record, eq=False):
    """The content of one output before an update_display_data."""

    output: Output
    raw: Mapping[str, Json]
    loaded_at: int

    @property
    def cell(self) -> CellId:
        return self.output.cell


class Displays:
    """The outputs of a notebook by display id."""

    __slots__ = ("_by_id",)

    def __init__(self) -> None:
        self._by_id: dict[str, list[Output]] = {}

    def find(self, display_id: str) -> list[Output]:
        """Returns the outputs with this display id. Callers must not change the list."""
        return self._by_id.get(display_id, [])

    def add(self, outputs: Iterable[Output]) -> None:
        for output in outputs:
            if output.display_id is not None:
                self._by_id.setdefault(output.display_id, []).append(output)

    def discard(self, outputs: Iterable[Output]) -> None:
        gone = {output for output in outputs if output.display_id is not None}
        for display_id in {output.display_id for output in gone if output.display_id is not None}:
            left = [output for output in self.find(display_id) if output not in gone]
            if left:
                self._by_id[display_id] = left
            else:
                self._by_id.pop(display_id, None)

    def update(
        self, display_id: str, data: Mapping[str, Json], metadata: Mapping[str, Json]
    ) -> list[tuple[Output, tuple[Mapping[str, Json], int]]]:
        """Replaces the data of each output with this display id. Returns each with the arguments of `update` that undo it."""
        found = self.find(display_id)
        return [(output, output.update({**output.raw, "data": data, "metadata": metadata})) for output in found]


class Outputs:
    """The outputs of a cell, in order. Only the notebook changes them. Each change returns the state before it."""

    __slots__ = ("_cell", "_displays", "_items", "_pending", "revision")

    def __init__(self, cell: CellId, displays: Displays, loaded: Iterable[OutputData] = ()) -> None:
        self._cell = cell
        self._displays = displays
        self._items = _loaded(loaded, cell)
        displays.add(self._items)
        self._pending = False
        self.revision = 0

    def __len__(self) -> int:
        return len(self._items)

    def __getitem__(self, index: int) -> Output:
        return self._items[index]

    def __iter__(self) -> Iterator[Output]:
        return iter(self._items)

    @property
    def pending_clear(self) -> bool:
        """Whether the next output replaces all current ones."""
        return self._pending

    def to_json(self) -> tuple[dict[str, Json], ...]:
        return tuple(output.to_json() for output in self._items)

    def data(self) -> tuple[OutputData, ...]:
        """Returns the outputs as plain values, with their display ids."""
        return tuple(output.plain() for output in self._items)

    # ---- states

    def snapshot(self) -> OutputsState:
        """Returns the current state, in constant time."""
        return self._state(self._items, len(self._items))

    def follows(self, state: OutputsState) -> bool:
        """Returns whether only new outputs arrived since the change that restoring `state` undoes."""
        return self._items is state.items or self._items is state.successor

    def restore(self, state: OutputsState) -> OutputsState:
        """Restores a state. Outputs that arrived after a change that replaced all outputs are kept, at the end."""
        extra: list[Output] = []
        if self._items is state.successor and state.successor is not state.items:
            extra = self._items[state.kept :]
        items = state.items
        if state.count < len(items):
            items = [*items[: state.count], *extra]
        else:
            items += extra
        if state.last is not None and (output := items[state.count - 1].at(state.last)) is not items[state.count - 1]:
            items = items[:]
            items[state.count - 1] = output
        return self._replace(items, pending=state.pending)

    def restore_display(self, state: DisplayState) -> DisplayState:
        """Undoes an update of one output."""
        self.revision += 1
        return DisplayState(state.output, *state.output.update(state.raw, state.loaded_at))

    def _state(self, successor: list[Output], kept: int) -> OutputsState:
        items = self._items
        last = items[-1].mark() if items and items[-1].type == "stream" else None
        return OutputsState(self._cell, items, len(items), last, self._pending, successor, kept)

    def _replace(self, items: list[Output], *, pending: bool = False) -> OutputsState:
        state = self._state(items, len(items))
        if items is not self._items:
            self._displays.discard(self._items)
            self._displays.add(items)
            self._items = items
        self._pending = pending
        self.revision += 1
        return state

    # ---- changes

    def append(self, raw: Mapping[str, Json], display_id: str | None) -> OutputsState:
        output = Output(raw, self._cell, display_id=display_id)
        if self._pending:
            return self._replace([output])
        state = self.snapshot()
        self._items.append(output)
        self._displays.add((output,))
        self.revision += 1
        return state

    def append_stream(self, name: str, text: str) -> OutputsState:
        last = self._items[-1] if self._items and not self._pending else None
        if last is None or last.name != name or last.stream is None:
            return self.append({"name": name, "output_type": "stream", "text": text}, None)
        state = self.snapshot()
        last.stream.append(text)
        self.revision += 1
        return state

    def clear(self, *, wait: bool) -> OutputsState:
        if not wait:
            return self._replace([])
        state = self.snapshot()
        self._pending = True
        self.revision += 1
        return state

    def set(self, outputs: Iterable[OutputData]) -> OutputsState:
        return self._replace(_loaded(outputs, self._cell))

    def drop(self) -> OutputsState:
        """Removes all outputs of a cell that is no longer code. An empty list stays, so that states of it still follow."""
        return self._replace([] if self._items else self._items)


def _loaded(outputs: Iterable[OutputData], cell: CellId) -> list[Output]:
    return [Output(one.raw, cell, display_id=one.display_id, loaded=True) for one in outputs]
