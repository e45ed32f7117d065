"""One cell's outputs: merging of streams, the pending clear, display ids, and states to go back to.

Invariants: a list of outputs only grows, and is replaced where something must go, so a state is a reference to a list and
a length, made in constant time; streams only grow in place, and going back makes a copy of what was. An output that a
display id updates stays the same object. Display ids are the session's own: nbformat has no place for them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tuinb.mime import joined
from tuinb.notebook.changes import OutputData
from tuinb.notebook.streams.text import StreamMark, StreamText

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tuinb.notebook.changes import CellId, Json

_NOTHING: Final[Mapping[str, Json]] = {}


class Output:
    """One output. Whoever caches something made from it uses the object itself and `revision` as the key."""

    __slots__ = ("_raw", "_revision", "_stream", "_stream_at_load", "cell", "display_id")

    def __init__(self, raw: Mapping[str, Json], cell: CellId, *, display_id: str | None = None, loaded: bool = False) -> None:
        self._raw = raw
        self._stream: StreamText | None = None
        self._stream_at_load = 0 if loaded else -1
        """The stream's revision while the output is as it was loaded; -1 where it never was."""
        self._revision = 0
        self.cell = cell
        self.display_id = display_id

    @property
    def type(self) -> str:
        """`stream`, `display_data`, `execute_result`, `error`, or what an unknown one says of itself."""
        found = self._raw.get("output_type")
        return found if isinstance(found, str) else ""

    @property
    def revision(self) -> int:
        """Goes up whenever the content changes."""
        return self._revision + (self._stream.revision if self._stream is not None else 0)

    @property
    def stream(self) -> StreamText | None:
        """The text of a stream, None for any other output."""
        if self._stream is None and self.type == "stream":
            self._stream = StreamText(joined(self._raw.get("text")))
            # Reading the text for the first time is no change of the content.
            self._revision -= self._stream.revision
            if self._stream_at_load >= 0:
                self._stream_at_load = self._stream.revision
        return self._stream

    @property
    def name(self) -> str:
        """`stdout` or `stderr` for a stream, else an empty string."""
        found = self._raw.get("name")
        return found if isinstance(found, str) and self.type == "stream" else ""

    @property
    def data(self) -> Mapping[str, Json]:
        """The MIME bundle; empty where there is none."""
        found = self._raw.get("data")
        return found if isinstance(found, Mapping) else _NOTHING

    @property
    def metadata(self) -> Mapping[str, Json]:
        found = self._raw.get("metadata")
        return found if isinstance(found, Mapping) else _NOTHING

    @property
    def raw(self) -> Mapping[str, Json]:
        """The nbformat 4 output as it came; a stream's text is in `stream`."""
        return self._raw

    @property
    def original(self) -> Mapping[str, Json] | None:
        """The very mapping that it was loaded from while it is unchanged, else None."""
        if self._stream_at_load < 0 or (self._stream is not None and self._stream.revision != self._stream_at_load):
            return None
        return self._raw

    def to_json(self) -> dict[str, Json]:
        """The output as nbformat 4 has it, a stream's text in one string."""
        if self.original is not None or (stream := self.stream) is None:
            return dict(self._raw)
        return {**self._raw, "text": stream.text()}

    def plain(self) -> OutputData:
        """The output as a plain value. It shares the mapping that it was loaded from as long as it is unchanged."""
        original = self.original
        return OutputData(self.to_json() if original is None else original, self.display_id)

    def update(self, raw: Mapping[str, Json], loaded_at: int = -1) -> tuple[Mapping[str, Json], int]:
        """Replaces the content; the result, given to another call, brings the former back. For the owner only."""
        before = (self._raw, self._stream_at_load)
        self._raw, self._stream_at_load = raw, loaded_at
        self._revision += 1
        return before

    def mark(self) -> OutputMark:
        return OutputMark(self, self._stream.mark() if self._stream is not None else None)

    def at(self, mark: OutputMark) -> Output:
        """This output as it was at the mark: itself, or a copy where its stream has grown since."""
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


@dataclass(frozen=True, slots=True, eq=False)
class OutputMark:
    """What one output held at a moment."""

    output: Output
    stream: StreamMark | None


@dataclass(frozen=True, slots=True, eq=False)
class OutputsState:
    """What a cell's outputs were at a moment: the first `count` of `items`, the last of them as `last` remembers it."""

    cell: CellId
    items: list[Output]
    count: int
    last: OutputMark | None
    pending: bool
    successor: list[Output]
    """The list that took the place of `items`, or `items`."""
    kept: int
    """How many of the successor's the change itself put there: what stands behind them arrived later."""


@dataclass(frozen=True, slots=True, eq=False)
class DisplayState:
    """What one output was before an update_display_data reached it."""

    output: Output
    raw: Mapping[str, Json]
    loaded_at: int

    @property
    def cell(self) -> CellId:
        return self.output.cell


class Displays:
    """Which outputs of the whole notebook have which display id."""

    __slots__ = ("_by_id",)

    def __init__(self) -> None:
        self._by_id: dict[str, list[Output]] = {}

    def find(self, display_id: str) -> list[Output]:
        """The outputs with this display id; not to be changed."""
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
        """New data for every output with this display id; each with what `Output.update` takes to go back."""
        found = self.find(display_id)
        return [(output, output.update({**output.raw, "data": data, "metadata": metadata})) for output in found]


class Outputs:
    """A cell's outputs in order. Only the notebook changes them; each change gives the state to go back to."""

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
        """Whether the next output takes the place of all that are here."""
        return self._pending

    def to_json(self) -> tuple[dict[str, Json], ...]:
        return tuple(output.to_json() for output in self._items)

    def data(self) -> tuple[OutputData, ...]:
        """The outputs as plain values, with their display ids."""
        return tuple(output.plain() for output in self._items)

    # ---- states

    def snapshot(self) -> OutputsState:
        """The state now, in constant time."""
        return self._state(self._items, len(self._items))

    def follows(self, state: OutputsState) -> bool:
        """Whether nothing but arriving outputs happened since the change that `state` takes back."""
        return self._items is state.items or self._items is state.successor

    def restore(self, state: OutputsState) -> OutputsState:
        """Goes back to a state. What arrived since behind a change that replaced all outputs is kept, at the end."""
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
        """Takes an update of one output back."""
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
        """Leaves nothing, for a cell that is no code any more. An empty list stays, so that states that name it follow."""
        return self._replace([] if self._items else self._items)


def _loaded(outputs: Iterable[OutputData], cell: CellId) -> list[Output]:
    return [Output(one.raw, cell, display_id=one.display_id, loaded=True) for one in outputs]
