"""Tables of each library: what is shown, sorted, filtered, searched, counted and copied is the same in all of them."""

from __future__ import annotations

from datetime import datetime
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.kernel.inspection.support import LIBRARIES, ROWS, Opened, Shell, load, table_in
from tuinb.kernel.inspection.agent import views
from tuinb.kernel.inspection.agent.tables import is_table
from tuinb.kernel.inspection.agent.views import Views

if TYPE_CHECKING:
    from collections.abc import Callable

each_library = pytest.mark.parametrize("library", LIBRARIES)
NUMBER, COUNT, TEXT, DAY = range(4)


def counts_of(texts: list[str]) -> list[int]:
    return [int(text) for text in texts]


@each_library
def test_a_window_has_only_the_rows_and_columns_asked_for(library: str) -> None:
    it = Opened(table_in(library, ROWS))
    assert (it.answer["rows"], it.answer["width"], it.answer["levels"], it.answer["index"]) == (5, 4, 1, [])
    found = it.window((1, 3), (1, 3))
    assert [head[0] for head in found["header"]] == [["count"], ["text"]]
    assert [head[2] for head in found["header"]] == [True, False]
    assert found["cells"] == [["1", "3"], ["Lima", "oslo"]]
    assert found["labels"] == [["1", "2"]]
    assert it.window((4, 90), (0, 1))["cells"] == [["2.5"]]
    assert it.window((0, 1), (3, 9))["cells"][0][0].startswith("2024-01-03")
    assert it.window((9, 12), (0, 1))["cells"] == [[]]


@each_library
def test_nulls_are_marked(library: str) -> None:
    it = Opened(table_in(library, ROWS))
    number = it.column(NUMBER)[1]
    assert number in ("\0NaN", "\0None")
    if library != "numpy":
        assert it.column(TEXT)[3].startswith("\0")


@each_library
def test_sorting_is_stable_and_nulls_come_last(library: str) -> None:
    it = Opened(table_in(library, ROWS))
    it.arrange("", (NUMBER, False))
    assert counts_of(it.column(COUNT)) == [3, 3, 1, 2, 1]
    assert it.window()["labels"] == [["2", "0", "4", "3", "1"]]
    it.arrange("", (NUMBER, True))
    # polars counts NaN as the largest number; here it is a null.
    assert it.window()["labels"] == [["3", "0", "4", "2", "1"]]
    it.arrange("", (COUNT, True), (DAY, False))
    assert it.window()["labels"] == [["2", "0", "3", "1", "4"]]
    it.arrange()
    assert it.window()["labels"] == [["0", "1", "2", "3", "4"]]


CONDITIONS: dict[str, list[int]] = {
    "count == 3": [0, 2],
    "count != 3 and number > 0": [3, 4],
    "1 < count <= 3": [0, 2, 3],
    "count in (1, 2)": [1, 3, 4],
    "count not in (1, 2)": [0, 2],
    "3 == count": [0, 2],
    "2 > count": [1, 4],
    '"slo" in text': [0, 2],
    'text == "Lima"': [1],
    'text.startswith("O")': [0],
    'text.endswith("n") or (count == 2)': [3, 4],
    "number is None": [1],
    "number is not None and not count == 3": [3, 4],
    "number == None": [1],
    'day > "2024-01-03"': [3, 4],
    'day >= "2024-01-05 12:00"': [3],
    "(count > 2) & (number < 0) | (count == 2)": [2, 3],
    "`count` > 2": [0, 2],
    "count > 99": [],
}


@each_library
@pytest.mark.parametrize("condition", CONDITIONS)
def test_conditions(library: str, condition: str) -> None:
    it = Opened(table_in(library, ROWS))
    answer = it.arrange(condition)
    assert answer == {"count": len(CONDITIONS[condition]), "all": len(CONDITIONS[condition]), "top": False}
    assert counts_of(it.window()["labels"][0]) == CONDITIONS[condition]
    it.arrange(condition, (DAY, True))
    days = sorted(CONDITIONS[condition], key=lambda row: ROWS[row]["day"], reverse=True)
    assert counts_of(it.window()["labels"][0]) == days


@each_library
def test_a_wrong_condition_changes_nothing(library: str) -> None:
    it = Opened(table_in(library, ROWS))
    it.arrange("count == 3")
    for condition, problem in {
        "cuont > 3": "there is no column cuont",
        "num > 3": "there is no column num. Did you mean number?",
        "1 +": "not a condition. Examples: price > 3",
        "count + 1": "`count + 1` is no condition",
        "count > number": "`number` is no number, text, True or False. Text goes between quotes",
        "count > [1]": "`[1]` is no number",
        "3 in count": "`3` is no text",
        "count is 3": "`is` compares with None only",
        "f(3) > 3": "`f(3)` is no column",
        "count.contains(3)": "`3` is no text",
        '"a" in count': "only text is searched for text" if library != "dicts" else "",
    }.items():
        answer = it.arrange(condition)
        if problem:
            assert answer["problem"].startswith(problem), condition
            assert len(it.column(COUNT)) == 2
    assert not it.arrange('count > "a"').get("count")
    assert not it.arrange('day > "soon"').get("count")


@given(
    library=st.sampled_from([name for name in LIBRARIES if name == "dicts" or find_spec(name)]),
    rows=st.lists(
        st.fixed_dictionaries(
            {
                "number": st.none() | st.floats(-9, 9, allow_nan=False).map(lambda one: round(one, 1)),
                "count": st.integers(0, 4),
                "text": st.sampled_from(["a", "b", "ab", "c"]),
                "day": st.datetimes(datetime(2000, 1, 1), datetime(2000, 1, 4)),
            }
        ),
        min_size=1,
        max_size=12,
    ),
    condition=st.sampled_from(["", "count > 1", '"a" in text and count < 4', "number is None or count == 0", "not number > 0"]),
    keys=st.lists(st.tuples(st.integers(0, 3), st.booleans()), max_size=2, unique_by=lambda key: key[0]),
)
def test_the_copied_code_gives_the_rows_that_are_shown(
    library: str, rows: list[dict[str, Any]], condition: str, keys: list[tuple[int, bool]]
) -> None:
    it = Opened(table_in(library, rows))
    it.arrange(condition, *keys)
    found = it.run_code()
    if it.column(0):
        assert Opened(found).window()["cells"] == it.window()["cells"]
    else:
        assert len(found) == 0


@each_library
def test_search_goes_cell_by_cell(library: str) -> None:
    it = Opened(table_in(library, ROWS))

    def search(text: str, *start: int, backwards: bool = False, deadline: float = 1e12) -> dict[str, Any]:
        return it.views.search(it.shell, it.token, text, list(start), backwards, deadline)

    assert search("OSLO", 0, 0) == {"row": 0, "column": TEXT}
    assert search("oslo", 0, 3) == {"row": 2, "column": TEXT}
    assert search("oslo", 4, 0, backwards=True) == {"row": 2, "column": TEXT}
    assert search("oslo", 2, 1, backwards=True) == {"row": 0, "column": TEXT}
    assert search("2.5", 0, 1) == {"row": 4, "column": NUMBER}
    assert search("7", 0, 0) == {"row": 3, "column": NUMBER}
    assert search("2", 0, 0, backwards=True) == {"none": True}
    assert search("nothing", 0, 0) == {"none": True}
    it.arrange("", (COUNT, False))
    assert search("Oslo", 0, 0) == {"row": 3, "column": TEXT}


def test_a_search_says_where_it_goes_on() -> None:
    it = Opened([{"text": "a"}] * 1000)
    assert it.views.search(it.shell, it.token, "b", [0, 0], False, 0.0) == {"until": 200}
    assert it.views.search(it.shell, it.token, "b", [999, 0], True, 0.0) == {"until": 799}


@each_library
def test_statistics(library: str) -> None:
    it = Opened(table_in(library, ROWS))
    numbers = it.views.statistics(it.shell, it.token, NUMBER, False)
    assert (numbers["rows"], numbers["of"], numbers["nulls"], numbers["distinct"]) == (5, 5, 1, 3)
    assert (numbers["figures"]["min"], numbers["figures"]["max"], numbers["figures"]["mean"]) == ("-1", "7", "2.75")
    assert numbers["histogram"][:2] == ["-1", "7"]
    assert sum(numbers["histogram"][2]) == 4
    texts = it.views.statistics(it.shell, it.token, TEXT, False)
    assert texts["nulls"] == (0 if library == "numpy" else 1)
    days = it.views.statistics(it.shell, it.token, DAY, False)
    assert days["figures"]["min"].startswith("2024-01-01")
    assert sum(days["histogram"][2]) == 5
    exact = it.views.statistics(it.shell, it.token, NUMBER, True)
    assert exact["figures"]["max"] == "7"
    assert exact["nulls"] == 1


@each_library
def test_whole_cells_are_copied(library: str) -> None:
    it = Opened(table_in(library, ROWS))
    found = it.views.cells(it.shell, it.token, [0, 2], [0, 2], 1000)
    assert found == {"rows": [["2.5", "3"], ["", "1"]], "labels": [], "header": [["number"], ["count"]], "next": 2}
    assert it.views.cells(it.shell, it.token, [0, 5], [0, 4], 1)["next"] == 5


@each_library
def test_one_cell_and_columns(library: str) -> None:
    it = Opened(table_in(library, ROWS))
    assert it.views.cell(it.shell, it.token, 0, COUNT) == {"lines": ["3"]}
    assert it.views.cell(it.shell, it.token, 99, COUNT) == {"lines": []}
    assert it.views.columns(it.shell, it.token, "T", 9) == {"columns": [[1, "count"], [2, "text"]], "left": 0}
    assert it.views.columns(it.shell, it.token, "", 1) == {"columns": [[0, "number"]], "left": 3}


OPERATIONS: dict[str, Callable[[Opened], dict[str, Any]]] = {
    "window": lambda it: it.window(),
    "cells": lambda it: it.views.cells(it.shell, it.token, [0, 1], [0, 1], 9),
    "cell": lambda it: it.views.cell(it.shell, it.token, 0, 0),
    "columns": lambda it: it.views.columns(it.shell, it.token, "", 9),
    "arrange": lambda it: it.arrange(),
    "code": lambda it: it.views.code(it.shell, it.token),
    "search": lambda it: it.views.search(it.shell, it.token, "a", [0, 0], False, 1e12),
    "statistics": lambda it: it.views.statistics(it.shell, it.token, 0, False),
}


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_table_that_changed_or_is_gone(operation: str) -> None:
    do = OPERATIONS[operation]
    it = Opened([dict(row) for row in ROWS])
    rows = it.shell.user_ns["table"]
    rows.append({"number": 1.0})
    assert do(it) == {"changed": "table has 6 × 4 now"}
    it.shell.user_ns["table"] = list(rows)
    assert do(it) == {"changed": "table was set again"}
    it.shell.user_ns["table"] = 3
    assert do(it) == {"changed": "table was set again"}
    del it.shell.user_ns["table"]
    assert do(it) == {"gone": True}
    it.views.close(it.token)
    assert do(it) == {"gone": True}


def test_a_view_keeps_no_table_alive() -> None:
    import gc
    import weakref

    numpy = load("numpy")
    it = Opened(numpy.zeros((3, 3)))
    it.arrange("", (0, True))
    known = weakref.ref(it.shell.user_ns.pop("table"))
    gc.collect()
    assert known() is None


def test_outputs_are_tables_too() -> None:
    shell = Shell(rows=ROWS)
    shell.user_ns["_oh"] = {3: ROWS, 4: [dict(ROWS[0])], 5: "text"}
    views = Views()
    assert views.open(shell, "Out[3]")["source"] == "rows"
    assert views.open(shell, "Out[4]")["source"] == "Out[4]"
    assert views.open(shell, "Out[5]") == {"problem": "Out[5] is no table: str"}
    assert views.open(shell, "Out[6]") == {"gone": True}
    assert views.open(shell, "Out[x]") == {"gone": True}
    assert views.open(shell, "nothing") == {"gone": True}


def test_what_is_no_table() -> None:
    assert not any(map(is_table, (3, "text", [], [1, 2], [{"a": 1}, 2], {"a": [1]}, None)))
    numpy = load("numpy")
    assert not is_table(numpy.array(3))


# ---- shapes of single libraries


def test_dicts_of_other_keys_and_other_types() -> None:
    it = Opened([{"a": 1, 3: "x"}, {"a": "b", "late": None}, {"a": 2.5}])
    assert [head[0] for head in it.window()["header"]] == [["a"], ["3"], ["late"]]
    assert [head[1] for head in it.window()["header"]] == ["float | int | str", "str", "None"]
    it.arrange("", (0, False))
    assert it.column(0) == ["2.5", "1", "b"]
    assert it.arrange("a > 1") == {"count": 1, "all": 1, "top": False}
    odd = Opened([{"a": object()}, {"a": 1}])
    assert odd.column(0) == ["<object>", "1"]
    assert odd.arrange("", (0, False))["problem"] == "it holds object objects, and sorting would run their code"
    assert odd.arrange("a == 1")["problem"] == "it holds object objects, and comparing would run their code"


def test_arrays_of_any_dimension() -> None:
    numpy = load("numpy")
    line = Opened(numpy.array([3, 1, 2], dtype="int8"))
    line.arrange("value > 1", (0, True))
    assert line.column(0) == ["3", "2"]
    assert line.run_code().tolist() == [3, 2]
    cube = Opened(numpy.arange(24.0).reshape(2, 3, 4))
    assert (cube.answer["rows"], cube.answer["width"], cube.answer["index"]) == (6, 4, ["[0]", "[1]"])
    assert cube.window((4, 6), (1, 2)) == {
        "cells": [["17.0", "21.0"]],
        "labels": [["1", "1"], ["1", "2"]],
        "header": [[["1"], "float64", True]],
        "count": 6,
    }
    flat = Opened(numpy.zeros((0, 3)))
    assert flat.window()["cells"] == [[], [], []]
    assert Opened(numpy.zeros((3, 0))).window()["cells"] == []
    mixed = Opened(numpy.array([[1, "a"], [None, "b"]], dtype=object))
    mixed.arrange("", (0, False))
    assert mixed.column(1) == ["a", "b"]
    assert mixed.arrange('"b" in `1`')["count"] == 1
    assert mixed.arrange("`0` is None")["count"] == 1


def test_frames_of_pandas() -> None:
    pandas = load("pandas")
    frame = pandas.DataFrame({"a": [2, 1], "b": ["x", "y"]}, index=pandas.Index(["r", "s"], name="key"))
    it = Opened(frame)
    assert it.answer["index"] == ["key"]
    assert it.window()["labels"] == [["r", "s"]]
    assert it.views.cells(it.shell, it.token, [0, 2], [0, 1], 99)["labels"] == [["r"], ["s"]]
    double = pandas.DataFrame([[2, 1], [1, 2]], columns=["a", "a"])
    it = Opened(double)
    it.arrange("", (1, True))
    assert it.column(0) == ["1", "2"]
    assert it.run_code().to_numpy().tolist() == [[1, 2], [2, 1]]
    it.arrange("a > 1")
    assert it.run_code().to_numpy().tolist() == [[2, 1]]
    levels = pandas.MultiIndex.from_tuples([("x", 1), ("x", 2)], names=["one", None])
    it = Opened(pandas.DataFrame([[1, 2], [3, 4]], columns=levels, index=levels))
    assert (it.answer["levels"], it.answer["index"]) == (2, ["one", ""])
    assert it.window()["header"][1][0] == ["x", "2"]
    assert it.window()["labels"] == [["x", "x"], ["1", "2"]]
    it.arrange("`x / 1` > 1", (1, True))
    assert it.run_code().to_numpy().tolist() == [[3, 4]]
    assert Opened(pandas.DataFrame()).window()["cells"] == []
    wide = Opened(pandas.DataFrame([range(10_000)]))
    assert wide.window((0, 1), (9_998, 10_000))["cells"] == [["9998"], ["9999"]]


def test_other_columns_of_pandas() -> None:
    pandas = load("pandas")
    frame = pandas.DataFrame(
        {
            "kind": pandas.Categorical(["low", "high", "low"], ["low", "high"], ordered=True),
            "maybe": pandas.array([1, None, 3], dtype="Int64"),
            "flag": [True, False, True],
            "span": pandas.to_timedelta(["1h", "2h", None]),
            "list": [[1], {"a": 1}, object()],
        }
    )
    it = Opened(frame)
    assert it.window((0, 2))["cells"] == [
        ["low", "high"],
        ["1", "\0<NA>"],
        ["True", "False"],
        ["0 days 01:00:00", "0 days 02:00:00"],
        ["[1]", "{'a': 1}"],
    ]
    it.arrange("", (0, True))
    assert it.column(0) == ["high", "low", "low"]
    it.arrange("maybe > 1 or not flag", (1, True))
    assert it.column(1) == ["3", "\0<NA>"]
    assert it.arrange('kind == "low"')["count"] == 2
    assert it.arrange("", (4, False))["problem"].startswith("it holds ")
    assert it.views.statistics(it.shell, it.token, 1, True)["figures"]["max"] == "3"
    it.arrange()
    assert it.views.statistics(it.shell, it.token, 0, False)["top"] == [["low", 2], ["high", 1]]
    series = Opened(frame["maybe"])
    series.arrange("maybe > 1")
    assert series.run_code().tolist() == [3]
    index = Opened(pandas.Index([3, 1], name="key"))
    index.arrange("key > 1", (0, False))
    assert index.run_code().to_numpy().tolist() == [[3]]

    hostile = property(lambda self: 1 / 0)
    frame = type("Frame", (pandas.DataFrame,), {"shape": hostile, "iloc": hostile})({"a": [1]})
    assert Opened(frame).column(0) == ["1"]


def test_series_and_batches() -> None:
    polars = load("polars")
    series = Opened(polars.Series("s", [2, 1]))
    series.arrange("s > 1")
    assert series.run_code().to_series().to_list() == [2]
    category = Opened(
        polars.DataFrame({"c": ["a", "b"], "o": [object(), object()]}, schema={"c": polars.Categorical, "o": polars.Object})
    )
    assert category.arrange('c == "a"')["count"] == 1
    assert category.arrange("", (1, False))["problem"] == "it holds Python objects, and sorting would run their code"
    arrow = load("pyarrow")
    batch = Opened(arrow.record_batch({"a": [1, 2], "c": arrow.array(["x", "y"]).dictionary_encode()}))
    batch.arrange('c == "y"', (1, True))
    assert batch.column(0) == ["2"]


def test_a_large_table_is_sorted_at_its_top_first(monkeypatch: pytest.MonkeyPatch) -> None:
    numpy = load("numpy")
    monkeypatch.setattr(views, "_MANY", 2000)
    monkeypatch.setattr(views, "SAMPLE", 100)
    values = numpy.arange(2500, dtype="float32")
    values[7] = numpy.nan
    it = Opened(values)
    assert it.arrange("", (0, True), patient=False) == {"count": 1000, "all": 2500, "top": True}
    assert it.window((0, 2))["cells"] == [["2499.0", "2498.0"]]
    assert it.arrange("", (0, False), patient=False)["top"]
    assert it.window((6, 9))["cells"] == [["6.0", "8.0", "9.0"]]
    assert it.arrange("value > 5", (0, False), patient=False) == {"slow": 2493}
    assert it.window((0, 1))["cells"] == [["0.0"]]
    assert it.arrange("", (0, True), patient=True) == {"count": 2500, "all": 2500, "top": False}
    assert it.window((2499, 2500))["cells"] == [["\0nan"]]
    assert it.views.statistics(it.shell, it.token, 0, False)["of"] == 100
    assert it.views.statistics(it.shell, it.token, 0, True)["of"] == 2500
    dates = Opened(numpy.zeros(2500, dtype="M8[s]"))
    assert dates.arrange("", (0, True), patient=False) == {"slow": 2500}
    assert "for numbers only" in dates.views.statistics(dates.shell, dates.token, 0, True)["problem"]
