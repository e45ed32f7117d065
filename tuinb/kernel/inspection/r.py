"""Asks an R kernel about its names and data frames, by code that publishes one answer (agent/inspect.R).

IRkernel evaluates no user expressions and shows nothing of a silent request. So the code is run as one that is not stored: it
stays out of the history, the count does not move, and what it publishes is not shown. Nothing of it remains in R, so that each
question brings all it needs: where a table is found, its condition as R code, and the columns that rows are sorted by.
"""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache, partial
from itertools import count
from typing import TYPE_CHECKING, Any, TypeAlias

from tuinb.kernel.inspection.agent.conditions import ConditionError, parse, to_code
from tuinb.kernel.inspection.agent.views import SAMPLE, of_values
from tuinb.kernel.inspection.requests import CHARACTERS, MIME, agent_file
from tuinb.record import Record

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from tuinb.kernel.inspection.agent.conditions import Tree

Ask: TypeAlias = "Callable[[str, Mapping[str, Any]], Awaitable[Mapping[str, Any]]]"
_NULL = "\0"
_WORDS = ("&", "|", "!({})")


@cache
def _agent() -> str:
    lines = (line for line in agent_file("inspect.R").splitlines() if not line.lstrip().startswith("#"))
    return "\n".join(line for line in lines if line.strip())


def question(operation: str, seconds: float, arguments: Mapping[str, Any]) -> str:
    """Returns R code that publishes the answer."""
    asked = f"answer({_literal(operation)}, {seconds:g}, {_literal(dict(arguments))})"
    written = f'jsonlite::toJSON({asked}, auto_unbox = TRUE, digits = NA, null = "null", na = "null")'
    publish = f"IRdisplay::publish_mimebundle(list({_literal(MIME)} = as.character({written})))"
    code = f"base::local({{\n{_agent()}\n{publish}\n}}, base::new.env(parent = base::baseenv()))"
    return f"base::invisible({code})"


def found(data: Mapping[str, Any]) -> dict[str, Any] | None:
    """Returns the answer in what was published. None if there is none."""
    text = data.get(MIME)
    if isinstance(text, str):
        try:
            text = json.loads(text)
        except ValueError:
            return None
    return text if isinstance(text, dict) else None


def _literal(value: object) -> str:
    """Returns a value as R code."""
    match value:
        case bool():
            return "TRUE" if value else "FALSE"
        case int() | float():
            return repr(value)
        case str():
            return json.dumps(value, ensure_ascii=False).replace("\\/", "/").replace("\0", "")
        case dict():
            return f"list({', '.join(f'{key} = {_literal(item)}' for key, item in value.items())})"
        case list() | tuple():
            return f"list({', '.join(map(_literal, value))})"
        case _:
            raise TypeError(value)


class View(Record):
    """A table that is looked at, and how it is arranged."""

    source: str
    shape: tuple[int, int]
    names: tuple[str, ...]
    is_frame: bool
    """Whether it is a data frame. Else it is a matrix."""
    count: int
    """Rows in view."""
    keys: tuple[tuple[int, bool], ...] = ()
    """Columns that rows are sorted by, and whether downwards."""
    condition: Any = None
    """The tree of a condition. None for all rows."""


class Questions:
    """Gives the answers that the agent of a Python kernel has, by questions to R. Keeps the views of tables."""

    def __init__(self) -> None:
        self._views: dict[str, View] = {}
        self._tokens = count(1)

    async def answer(self, ask: Ask, operation: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        """Returns the answer to an operation. `ask` sends a question. A refusal is `problem`, as the kernel's own is."""
        if operation == "names":
            return await ask("names", {"part": arguments["part"], "characters": CHARACTERS})
        if operation == "inspect":
            return await ask("inspect", arguments)
        if operation in ("calls", "parts", "evaluate"):
            return {"problem": "the calls of an error are shown for Python only"}
        if operation == "open":
            return await self._open(ask, arguments["source"])
        token = arguments["token"]
        view = self._views.get(token)
        if operation == "close" or view is None:
            self._views.pop(token, None)
            return {"gone": True} if view is None else {}
        table = Table(ask, view)
        method: Callable[..., Awaitable[Mapping[str, Any]]] = getattr(table, operation)
        answer = await method(**{key: value for key, value in arguments.items() if key != "token"})
        self._views[token] = table.view
        return answer

    async def _open(self, ask: Ask, source: str) -> Mapping[str, Any]:
        if source.startswith("Out["):
            return {"gone": True}  # R keeps no results
        opened = await ask("open", {"source": source})
        if "rows" not in opened:
            return opened
        token, shape = f"r{next(self._tokens)}", (opened["rows"], opened["width"])
        self._views[token] = View(source, shape, tuple(opened["names"]), opened["frame"], opened["rows"])
        return {**opened, "token": token, "source": source, "levels": 1}


class Table:
    """One table, by one view: the operations that agent/views.py has. `view` is another one after `arrange`."""

    def __init__(self, ask: Ask, view: View) -> None:
        self._ask = ask
        self.view = view

    # ---- reading

    async def _read(self, rows: Sequence[int], columns: Sequence[int], **options: bool) -> Mapping[str, Any]:
        asked = {**self._place(), "rows": list(rows), "columns": list(columns), **options}
        return await self._ask("window", asked)

    def _place(self) -> dict[str, Any]:
        view = self.view
        keys = [[column + 1, descending] for column, descending in view.keys]
        return {"source": view.source, "shape": list(view.shape), "mask": _mask(view.condition), "keys": keys}

    async def window(self, rows: list[int], columns: list[int]) -> Mapping[str, Any]:
        """Returns the texts of rows and columns."""
        answer = await self._read(rows, columns)
        if "cells" not in answer:
            return answer
        cells = [[f"{_NULL}NA" if text is None else text for text in column] for column in answer["cells"]]
        return {**answer, "cells": cells}

    async def cells(self, rows: list[int], columns: list[int]) -> Mapping[str, Any]:
        """Returns whole cells for copying: fewer rows if there are many columns."""
        most = max(1, CHARACTERS // (40 * max(1, columns[1] - columns[0])))
        last = min(rows[1], self.view.count, rows[0] + most)
        answer = await self._read([rows[0], last], columns, whole=True)
        if "cells" not in answer:
            return answer
        texts = [["" if text is None else text for text in column] for column in answer["cells"]]
        return {
            "rows": [list(row) for row in zip(*texts, strict=True)],
            "labels": [list(row) for row in zip(*answer["labels"], strict=True)],
            "header": [one[0] for one in answer["header"]],
            "next": last,
        }

    async def cell(self, row: int, column: int) -> Mapping[str, Any]:
        """Returns one cell as lines."""
        answer = await self._read([row, row + 1], [column, column + 1], whole=True)
        if "cells" not in answer:
            return answer
        return {"lines": [line for found in answer["cells"] for text in found for line in (text or "NA").split("\n")]}

    async def columns(self, part: str, most: int) -> Mapping[str, Any]:
        """Returns the positions and names of columns that contain `part`."""
        places = [[at, name] for at, name in enumerate(self.view.names) if part.lower() in name.lower()]
        return {"columns": places[:most], "left": max(0, len(places) - most)}

    async def search(self, text: str, start: list[int], *, backwards: bool) -> Mapping[str, Any]:
        """Returns the next cell that contains a text."""
        return await self._ask("search", {**self._place(), "wanted": text, "start": start, "backwards": backwards})

    async def statistics(self, column: int, *, every: bool) -> Mapping[str, Any]:
        """Returns facts about a column: of a sample of rows, or of all if `every`."""
        step = 1 if every else max(1, self.view.count // SAMPLE)
        answer = await self._read([0, self.view.count, step], [column, column + 1], whole=True, numbers=True)
        if "cells" not in answer:
            return answer
        values, head = answer["cells"][0], answer["header"][0]
        known = {"name": head[0][0], "type": head[1], "rows": self.view.count, "of": len(values)}
        return {**known, **of_values([float(one) if type(one) is int else one for one in values])}

    # ---- arranging

    async def arrange(self, keys: list[list[Any]], condition: str, *, patient: bool) -> Mapping[str, Any]:
        """Sorts and filters. R does so again for each window: `patient` makes no difference."""
        del patient
        before = self.view
        try:
            tree = parse(condition, self._position) if condition else None
        except ConditionError as error:
            return {"problem": str(error)}
        wanted = tuple((int(column), bool(descending)) for column, descending in keys)
        self.view = replace(before, keys=wanted, condition=tree)
        answer = await self._read([0, 0], [0, 0])
        if "count" not in answer:
            self.view = before
            return answer
        self.view = replace(self.view, count=answer["count"])
        return {"count": self.view.count, "all": self.view.count, "top": False}

    def _position(self, name: str) -> int:
        if name in self.view.names:
            return self.view.names.index(name)
        raise ConditionError(f"there is no column {name}")

    async def code(self) -> Mapping[str, Any]:
        """Returns the code that gives the rows as they are shown."""
        view, lines, shown = self.view, [], self.view.source
        if view.condition is not None:
            lines.append(f"rows <- {shown}[which({_condition(view.condition, partial(self._column, shown))}), ]")
            shown = "rows"
        if view.keys:
            by = ", ".join(self._column(shown, at) for at, _ in view.keys)
            down = ", ".join("TRUE" if descending else "FALSE" for _, descending in view.keys)
            shown = f'{shown}[order({by}, decreasing = c({down}), method = "radix"), ]'
        return {"code": "\n".join([*lines, shown])}

    def _column(self, table: str, at: int) -> str:
        return f"{table}[[{_literal(self.view.names[at])}]]" if self.view.is_frame else f"{table}[, {at + 1}]"


def _mask(tree: Tree | None) -> str:
    return _condition(tree, lambda at: f"of({at + 1})") if tree is not None else ""


def _condition(tree: Tree, column: Callable[[int], str]) -> str:
    """Returns a condition as R code. `column` is called with positions."""
    return to_code(tree, lambda leaf: _leaf(leaf, column(leaf[1])), _WORDS)


def _leaf(leaf: Tree, column: str) -> str:
    """Returns one comparison as R code."""
    match leaf[0]:
        case "null":
            return f"is.na({column})"
        case "has":
            return f"grepl({_literal(leaf[2])}, {column}, fixed = TRUE)"
        case "starts" | "ends":
            return f"{leaf[0]}With(as.character({column}), {_literal(leaf[2])})"
        case "in":
            return f"{column} %in% c({', '.join(map(_literal, leaf[2]))})"
        case sign:
            return f"{column} {sign} {_literal(leaf[2])}"
