"""A table of the kernel as one screen looks at it: the cells in view are fetched in blocks, and the latest blocks are kept.

The kernel is asked for what is in view, then for the page ahead. Nothing else is read. After each run what is in view is read
again. If the table was set again or is gone, what was read stays, and `notice` says so.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from tuinb.errors import InspectionError, NotNowError
from tuinb.kernel.inspection.requests import SECONDS
from tuinb.record import Record
from tuinb.session.events import CellsChanged, KernelChanged
from tuinb.session.state import KernelState

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from tuinb.notebook.changes import Applied
    from tuinb.session.events import SessionEvent
    from tuinb.session.port import SessionPort

ROWS = 64
"""Rows of a block."""
COLUMNS = 8
"""Columns of a block."""
_BLOCKS = 96
"""Blocks that are kept: some megabytes."""
_PATIENT = 120.0
"""Seconds that the kernel may sort if the user waits for it."""
_AFTER = 0.1
"""Seconds from an event until the cells in view are read again."""


class Key(NamedTuple):
    """A column that rows are sorted by."""

    column: int
    descending: bool


class Head(Record):
    """The head of a column."""

    labels: tuple[str, ...]
    """One for each level of the header."""
    type: str
    is_number: bool


class _Block(Record):
    cells: tuple[tuple[str, ...], ...]
    """Texts by column. Those of cells without a value begin with a NUL."""
    labels: tuple[tuple[str, ...], ...]
    """Labels of the rows, by level."""


class Area(NamedTuple):
    """The cells in view: rows and columns from the first to before the last."""

    first: int
    last: int
    left: int
    right: int


class TableView:
    """One table. `changed` is called when something new can be shown; who shows the table sets it."""

    def __init__(self, session: SessionPort, opened: Mapping[str, Any]) -> None:
        self._session = session
        self._token: str = opened["token"]
        self.source: str = opened["source"]
        """The name of the variable, or `Out[n]`."""
        self.type: str = opened["type"]
        self.rows: int = opened["rows"]
        """Rows in view: fewer than `total` with a condition."""
        self.total: int = opened["rows"]
        self.width: int = opened["width"]
        self.levels: int = opened["levels"]
        self.index: tuple[str, ...] = tuple(opened["index"])
        """Names of the row labels. Empty if rows are only numbered."""
        self.keys: tuple[Key, ...] = ()
        self.condition = ""
        self.sorted_top = 0
        """The number of rows that are shown of a table that is too large to be sorted as a whole at once. 0 for all."""
        self.notice = ""
        """What happened to the table, for the user. Empty for nothing."""
        self.changed: Callable[[], None] = lambda: None
        self._blocks: OrderedDict[tuple[int, int], _Block] = OrderedDict()
        self._heads: dict[int, Head] = {}
        self._wanted: Area | None = None
        self._direction = 1
        self._fetching: asyncio.Task[None] | None = None
        self._is_old = False
        """Whether code has run since the blocks were read."""
        self._timer: asyncio.TimerHandle | None = None
        self._generation = 0
        """Changes when rows are arranged anew: what was asked before is no answer any more."""
        self._stop_listening = session.listen(self._on_event)

    async def close(self) -> None:
        """Stops reading, and has the kernel forget the view."""
        self._stop_listening()
        if self._timer is not None:
            self._timer.cancel()
        if self._fetching is not None:
            self._fetching.cancel()
        if self._session.kernel.has_process:
            # A kernel that can't answer keeps some numbers, but no table.
            with suppress(InspectionError):
                await self._session.inspector.ask("close", token=self._token)

    # ---- cells

    def cell(self, row: int, column: int) -> str | None:
        """Returns the text of a cell. None if it is not read yet."""
        block = self._blocks.get((row // ROWS, column // COLUMNS))
        if block is None or column % COLUMNS >= len(block.cells):
            return None
        values = block.cells[column % COLUMNS]
        return values[row % ROWS] if row % ROWS < len(values) else None

    def labels(self, row: int, column: int) -> tuple[str, ...] | None:
        """Returns the labels of a row, from the block that holds a column. None if they are not read yet."""
        block = self._blocks.get((row // ROWS, column // COLUMNS))
        if block is None or any(row % ROWS >= len(level) for level in block.labels):
            return None
        return tuple(level[row % ROWS] for level in block.labels)

    def head(self, column: int) -> Head | None:
        """Returns the head of a column. None if it is not read yet."""
        return self._heads.get(column)

    def need(self, area: Area) -> None:
        """Has the cells of an area read, and then those of the page ahead."""
        if self._wanted is not None and area.first != self._wanted.first:
            self._direction = 1 if area.first > self._wanted.first else -1
        self._wanted = area
        if self._fetching is None:
            self._fetch_next()

    @property
    def is_reading(self) -> bool:
        """Whether the kernel is asked for cells."""
        return self._fetching is not None

    def _fetch_next(self) -> None:
        if self._wanted is None or self.notice:
            return
        missing = self._missing(self._wanted)
        if missing is None:
            ahead = (self._wanted.last - self._wanted.first) * self._direction
            first, last = max(0, self._wanted.first + ahead), min(self.rows, self._wanted.last + ahead)
            missing = self._missing(Area(first, last, self._wanted.left, self._wanted.right)) if first < last else None
        if missing is not None or self._is_old:
            self._fetching = asyncio.get_running_loop().create_task(self._fetch(missing or _aligned(self._wanted)))

    def _missing(self, area: Area) -> Area | None:
        """Returns the area of blocks to read, or None if all are there."""
        blocks = [
            (row, column)
            for row in range(area.first // ROWS, -(-area.last // ROWS))
            for column in range(area.left // COLUMNS, -(-area.right // COLUMNS))
            if (row, column) not in self._blocks
        ]
        if not blocks:
            return None
        rows, columns = [row for row, _ in blocks], [column for _, column in blocks]
        return Area(min(rows) * ROWS, (max(rows) + 1) * ROWS, min(columns) * COLUMNS, (max(columns) + 1) * COLUMNS)

    async def _fetch(self, area: Area) -> None:
        generation, was_old, is_read = self._generation, self._is_old, False
        if was_old and self._wanted is not None:
            area = _aligned(self._wanted)
        self._is_old = False
        try:
            answer = await self._ask("window", rows=[area.first, area.last], columns=[area.left, area.right])
            is_read = True
        except NotNowError:
            self._is_old = True  # an event follows when it can answer
        except InspectionError as error:
            self.notice = str(error)
        finally:
            self._fetching = None
        if is_read and generation == self._generation:
            if was_old:
                self._blocks.clear()
            self._store(area, answer)
        if is_read:
            self._fetch_next()
        self.changed()

    def _store(self, area: Area, answer: Mapping[str, Any]) -> None:
        for at, (labels, kind, is_number) in enumerate(answer["header"]):
            self._heads[area.left + at] = Head(tuple(labels), kind, is_number)
        cells: Sequence[Sequence[str]] = answer["cells"]
        for row in range(0, area.last - area.first, ROWS):
            labels = tuple(tuple(level[row : row + ROWS]) for level in answer["labels"])
            for column in range(0, area.right - area.left, COLUMNS):
                part = tuple(tuple(values[row : row + ROWS]) for values in cells[column : column + COLUMNS])
                key = ((area.first + row) // ROWS, (area.left + column) // COLUMNS)
                self._blocks[key] = _Block(part, labels)
                self._blocks.move_to_end(key)
        while len(self._blocks) > _BLOCKS:
            self._blocks.popitem(last=False)

    async def _ask(self, operation: str, seconds: float | None = None, **arguments: object) -> Mapping[str, Any]:
        """Asks about the table. Raises InspectionError, also if it was set again or is gone."""
        limit = SECONDS if seconds is None else seconds
        answer = await self._session.inspector.ask(operation, limit, token=self._token, **arguments)
        if "gone" in answer:
            raise InspectionError(f"{self.source} is gone")
        if "changed" in answer:
            raise InspectionError(str(answer["changed"]))
        return answer

    # ---- what runs meanwhile

    def _on_event(self, event: Applied | SessionEvent) -> None:
        if isinstance(event, KernelChanged | CellsChanged) and self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_AFTER, self._read_again)

    def _read_again(self) -> None:
        self._timer = None
        if self._session.kernel.state in (KernelState.NONE, KernelState.DEAD):
            self.notice = f"the kernel has ended, and {self.source} with it"
            self.changed()
            return
        self._is_old = True
        if self._fetching is None:
            self._fetch_next()

    # ---- what a user does

    async def arrange(self, keys: Sequence[Key], condition: str, *, patient: bool = False) -> int | None:
        """Sorts and filters. Returns the number of rows if there are so many that the user has to agree first, else None.

        Raises InspectionError, and changes nothing then.
        """
        limit = _PATIENT if patient else None
        wanted = [list(key) for key in keys]
        answer = await self._ask("arrange", limit, keys=wanted, condition=condition, patient=patient)
        if "slow" in answer:
            return int(answer["slow"])
        self._generation += 1
        self.keys, self.condition = tuple(keys), condition
        self.rows = answer["count"]
        self.sorted_top = answer["all"] if answer["top"] else 0
        self._blocks.clear()
        return None

    async def search(self, text: str, row: int, column: int, *, backwards: bool) -> tuple[int, int] | int | None:
        """Returns the place of the next cell that contains a text, or the row from which to go on. None if there is none."""
        answer = await self._ask("search", text=text, start=[row, column], backwards=backwards)
        if "row" in answer:
            return answer["row"], answer["column"]
        return int(answer["until"]) if "until" in answer else None

    async def statistics(self, column: int, *, every: bool) -> Mapping[str, Any]:
        """Returns facts about a column: of a sample if there are many rows, unless of `every` one. Raises InspectionError."""
        return await self._ask("statistics", _PATIENT if every else None, column=column, every=every)

    async def lines_of(self, row: int, column: int) -> list[str]:
        """Returns one cell as lines of text. Raises InspectionError."""
        return list((await self._ask("cell", row=row, column=column))["lines"])

    async def code(self) -> str:
        """Returns the code that gives the rows as they are shown. Raises InspectionError."""
        return str((await self._ask("code"))["code"])

    async def columns(self, part: str, most: int) -> tuple[list[tuple[int, str]], int]:
        """Returns at most `most` columns whose names contain `part`, with their positions, and how many more there are."""
        answer = await self._ask("columns", part=part, most=most)
        return [(at, name) for at, name in answer["columns"]], answer["left"]

    async def whole_rows(self, area: Area) -> tuple[Mapping[str, Any], int]:
        """Returns rows with their whole cells, and the number of the row that follows them: an answer has at most 1 MB."""
        answer = await self._ask("cells", rows=[area.first, area.last], columns=[area.left, area.right])
        return answer, int(answer["next"])


async def open_table(session: SessionPort, source: str) -> TableView:
    """Opens the table that a name, or `Out[n]`, stands for. Raises InspectionError."""
    answer = await session.inspector.ask("open", source=source)
    if "token" not in answer:
        raise InspectionError(f"{source} is gone: run the cell that sets it")
    return TableView(session, answer)


def _aligned(area: Area) -> Area:
    return Area(
        area.first // ROWS * ROWS,
        -(-area.last // ROWS) * ROWS,
        area.left // COLUMNS * COLUMNS,
        -(-area.right // COLUMNS) * COLUMNS,
    )
