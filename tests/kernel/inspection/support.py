"""A namespace as IPython has it, and the same table in each library that is installed here."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from datetime import datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from tuinb.kernel.inspection.agent.views import Views

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tuinb.kernel.protocol.requests import Evaluate

LIBRARIES = ("pandas", "polars", "pyarrow", "numpy", "dicts")


class Shell:
    """What is used of IPython's shell."""

    def __init__(self, **names: object) -> None:
        self.user_ns: dict[str, Any] = {"_oh": {}, **names}
        self.user_ns_hidden: dict[str, Any] = {}
        self.events = SimpleNamespace(callbacks={"post_execute": [print]})


def evaluator(shell: Shell) -> Callable[[Evaluate], Mapping[str, Any]]:
    """Returns what evaluates expressions as a kernel with this shell does. The agent runs in this process."""

    def evaluate(request: Evaluate) -> Mapping[str, Any]:
        known = sys.modules.get("IPython")
        sys.modules["IPython"] = SimpleNamespace(get_ipython=lambda: shell)  # type: ignore[assignment]
        try:
            if request.code:
                eval(request.code, {})
            value = eval(request.expression, {})
        finally:
            sys.modules.pop("IPython")
            if known is not None:
                sys.modules["IPython"] = known
        data = {"text/plain": "None"} if value is None else value._repr_mimebundle_()
        return {request.name: {"status": "ok", "data": data}}

    return evaluate


def load(library: str) -> Any:  # noqa: ANN401 - a module
    """Returns a library, or skips the test if it is not installed. None for dicts."""
    if library == "dicts":
        return None
    if importlib.util.find_spec(library) is None:
        pytest.skip(f"{library} is not installed")
    return importlib.import_module(library)


def table_in(library: str, rows: list[dict[str, Any]]) -> Any:  # noqa: ANN401 - a table
    """Returns rows with the columns `number` (float or None), `count` (int), `text` (or None) and `day` as a table."""
    module = load(library)
    names = ("number", "count", "text", "day")
    if module is None:
        return [{name: row[name] for name in names} for row in rows]
    columns: dict[str, list[Any]] = {name: [row[name] for row in rows] for name in names}
    if library == "pandas":
        numbers = module.Series(columns["number"], dtype="float64")
        days = module.Series(columns["day"], dtype="datetime64[us]")
        return module.DataFrame(
            {"number": numbers, "count": columns["count"], "text": module.Series(columns["text"], dtype=object), "day": days}
        )
    if library == "polars":
        kinds = {"number": module.Float64, "count": module.Int64, "text": module.String, "day": module.Datetime("us")}
        return module.DataFrame(columns, schema=kinds)
    if library == "pyarrow":
        kinds = {"number": "float64", "count": "int64", "text": "string", "day": module.timestamp("us")}
        return module.table({name: module.array(values, kinds[name]) for name, values in columns.items()})
    array = module.zeros(len(rows), dtype=[("number", "f8"), ("count", "i8"), ("text", "U8"), ("day", "M8[us]")])
    for at, row in enumerate(rows):
        text, number = row["text"] or "", float("nan") if row["number"] is None else row["number"]
        array[at] = (number, row["count"], text, row["day"])
    return array


ROWS: list[dict[str, Any]] = [
    {"number": 2.5, "count": 3, "text": "Oslo", "day": datetime(2024, 1, 3)},
    {"number": None, "count": 1, "text": "Lima", "day": datetime(2024, 1, 1)},
    {"number": -1.0, "count": 3, "text": "oslo", "day": datetime(2024, 1, 2)},
    {"number": 7.0, "count": 2, "text": None, "day": datetime(2024, 1, 5, 12)},
    {"number": 2.5, "count": 1, "text": "Bergen", "day": datetime(2024, 1, 4)},
]


class Opened:
    """A view of one table, and what it shows."""

    def __init__(self, value: object, source: str = "table") -> None:
        self.shell = Shell(**{source: value})
        self.views = Views()
        self.answer = self.views.open(self.shell, source)
        self.token: str = self.answer["token"]

    def arrange(self, condition: str = "", *keys: tuple[int, bool], patient: bool = True) -> dict[str, Any]:
        return self.views.arrange(self.shell, self.token, [list(key) for key in keys], condition, patient)

    def window(self, rows: tuple[int, int] = (0, 100), columns: tuple[int, int] = (0, 20)) -> dict[str, Any]:
        return self.views.window(self.shell, self.token, list(rows), list(columns))

    def column(self, column: int) -> list[str]:
        cells: list[str] = self.window(columns=(column, column + 1))["cells"][0]
        return cells

    def code(self) -> str:
        return str(self.views.code(self.shell, self.token)["code"])

    def run_code(self) -> Any:  # noqa: ANN401 - the table that the code gives
        """Returns what the copied code gives."""
        *lines, last = self.code().splitlines()
        namespace = dict(self.shell.user_ns)
        exec("\n".join(lines), namespace)
        return eval(last, namespace)
