"""What is said of any value, and that no code of its class runs for it."""

from __future__ import annotations

import datetime
import decimal
import enum
import pathlib
from collections import OrderedDict, namedtuple
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.kernel.inspection.support import Shell, load
from tuinb.kernel.inspection.agent import namespace
from tuinb.kernel.inspection.agent.values import kind_of, length_of, lines_of, short, size_of, type_text

Point = namedtuple("Point", "x y")


@dataclass
class Model:
    name: str
    parts: list[int]


class Hidden:
    __slots__ = ("a",)


class Color(enum.Enum):
    RED = 1


class Text(str):
    __slots__ = ()

    def __str__(self) -> str:
        raise AssertionError


class Number(int):
    __repr__ = Text.__str__


def function(a: int, *rest: int, key: int = 3, **more: int) -> None:
    """Does nothing."""


UTC = datetime.UTC


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (3, "3"),
        (True, "True"),
        (None, "None"),
        (2.5, "2.5"),
        (1j, "1j"),
        ("a\nb", "'a\\nb'"),
        ("x" * 100, "'" + "x" * 58 + "…"),
        (b"ab", "b'ab'"),
        (bytearray(b"ab"), "b'ab'"),
        (10**200, "about 10^200"),
        (-(10**200), "-about 10^200"),
        ("\ud800", "'\\ud800'"),
        ([], "[]"),
        ([1, [2, [3, [4]]]], "[1, [2, […]]]"),
        ((1, "a"), "(1, 'a')"),
        ({"a": {"b": 1}}, "{'a': {'b': 1}}"),
        ({1}, "{1}"),
        (frozenset([1]), "{1}"),
        (list(range(100)), "[0, 1, 2, 3, 4, 5, 6, 7, …]"),
        (range(3), "range(0, 3)"),
        (Point(1, 2), "Point(1, 2)"),
        (OrderedDict(a=1), "OrderedDict('a': 1)"),
        (Model("m", [1]), "Model(name='m', parts=[1])"),
        (Hidden(), "<Hidden>"),
        (object(), "<object>"),
        (Text("abc"), "Text('abc')"),
        (Number(3), "Number(3)"),
        (function, "(a, *rest, key, **more)"),
        ([].append, "(…)"),
        (Model, "<class Model>"),
        (enum, "<module enum>"),
        (decimal.Decimal("1.5"), "1.5"),
        (pathlib.PurePosixPath("/a"), "/a"),
        (datetime.date(2024, 1, 2), "2024-01-02"),
        (datetime.datetime(2024, 1, 2, tzinfo=UTC), "2024-01-02 00:00:00+00:00"),
        (datetime.timedelta(days=1), "1 day, 0:00:00"),
    ],
    ids=lambda _value: "",  # pytest would write the values
)
def test_short_values(value: object, expected: str) -> None:
    assert short(value) == expected


def test_a_foreign_time_zone_is_not_asked() -> None:
    class Zone(datetime.tzinfo):
        dst = tzname = None  # type: ignore[assignment]

        def utcoffset(self, _dt: datetime.datetime | None) -> datetime.timedelta:
            raise AssertionError

    assert short(datetime.datetime(2024, 1, 2, tzinfo=Zone())) == "2024-01-02 00:00:00 <Zone>"


anything = st.recursive(
    st.none() | st.integers() | st.text() | st.floats() | st.binary() | st.dates(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | st.tuples(inner),
)


@given(anything)
def test_any_value_is_short_and_can_be_encoded(value: object) -> None:
    assert len(short(value)) <= 60
    short(value).encode()
    lines = lines_of(value, 50)
    assert 1 <= len(lines) <= 51
    "\n".join(lines).encode()
    type_text(value)
    assert (length_of(value) is not None) == isinstance(value, list | dict | tuple | str | bytes)
    assert size_of(value) is None or size_of(value) > 0  # type: ignore[operator] # None is before


def test_trees() -> None:
    ring: dict[str, Any] = {"a": [1, "x" * 70]}
    ring["self"] = ring
    assert lines_of(ring, 50) == [
        "dict of 2",
        "  'a': list of 2",
        "    0: 1",
        "    1: text of 70 characters",
        "      " + "x" * 70,
        "  'self': <the same dict again>",
    ]
    assert lines_of({3}, 9) == ["set of 1", "  -: 3"]
    assert lines_of(Model("m", []), 9) == ["Model", "  name: 'm'", "  parts: []"]
    assert lines_of(list(range(100)), 3) == ["list of 100", "  0: 0", "  1: 1", "  …"]


def test_kinds() -> None:
    assert [kind_of(value) for value in (enum, Model, function, len, 3, Color.RED)] == [
        "module", "class", "function", "function", "data", "data",
    ]  # fmt: skip


def test_values_of_libraries() -> None:
    numpy, pandas = load("numpy"), load("pandas")
    frame = pandas.DataFrame({"a": [1, 2], "b": ["x", "y"]})
    shell = Shell(
        frame=frame, line=frame["a"], array=numpy.zeros((2, 3)), none=numpy.zeros(0), one=numpy.float32(0.1), missing=pandas.NA
    )
    shell.user_ns |= {
        "scalar": numpy.array(3),
        "when": pandas.Timestamp("2024-01-01"),
        "text": numpy.str_("a"),
        "_hidden": 1,
    }
    shell.user_ns[3] = 4  # type: ignore[index] # user code can do that
    found = {row[0]: row[2:] for row in namespace.list_names(shell, "", 10**6, 1e12)["names"]}
    assert found["frame"] == ["DataFrame", [2, 2], None, found["frame"][3], "a, b", True]
    assert found["line"][:3] + found["line"][4:] == ["Series int64", [2], None, "[1, 2]", True]
    assert found["array"] == ["ndarray float64", [2, 3], None, 48, "[[0.0, 0.0, 0.0, …]]", True]
    assert found["none"][4] == "[]"
    assert found["scalar"][1:] == [[], None, 8, "3", False]
    assert [found[name][4] for name in ("one", "missing", "when", "text")] == ["0.1", "<NA>", "2024-01-01 00:00:00", "'a'"]
    assert set(found) == {"frame", "line", "array", "none", "one", "missing", "scalar", "when", "text"}


def test_values_of_polars_and_arrow() -> None:
    polars, arrow = load("polars"), load("pyarrow")
    frame = polars.DataFrame({"a": [1, 2]})
    shell = Shell(frame=frame, line=frame["a"], table=arrow.table({"a": [1]}), array=arrow.array([1]))
    found = {row[0]: row[2:] for row in namespace.list_names(shell, "", 10**6, 1e12)["names"]}
    assert found["frame"] == ["DataFrame", [2, 1], None, 16, "a", True]
    assert found["line"] == ["Series Int64", [2], None, 16, "[1, 2]", True]
    assert found["table"] == ["Table", [1, 1], None, 8, "a", True]
    assert found["array"][1] == [1]


def test_names_are_those_of_who() -> None:
    shell = Shell(mine=1, theirs=2, _under=3)
    shell.user_ns_hidden = {"theirs": shell.user_ns["theirs"]}
    assert [row[0] for row in namespace.list_names(shell, "", 10**6, 1e12)["names"]] == ["mine"]
    assert namespace.list_names(shell, "x", 10**6, 1e12) == {"names": [], "left": 0}
    assert namespace.list_names(shell, "", 10**6, 0.0) == {"names": [], "left": 1}


def test_a_value_that_can_not_be_read_costs_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_value: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(namespace, "shape_of", fail)
    assert namespace.describe("a", object())[2:] == ["object", None, None, None, "<can't be read: RuntimeError>", False]


def test_inspecting() -> None:
    shell = Shell(function=function, cls=Model, module=enum, number=3, plain=len)
    assert namespace.inspect(shell, "function")["lines"][:3] == ["function(a, *rest, key, **more)", "", "Does nothing."]
    assert "line" in namespace.inspect(shell, "function")["lines"][-1]
    assert namespace.inspect(shell, "cls")["lines"][0] == "cls: <class Model>"
    assert namespace.inspect(shell, "module")["lines"][-1].endswith("enum.py")
    assert namespace.inspect(shell, "number")["lines"] == ["number: int", "", "3"]
    assert namespace.inspect(shell, "plain")["lines"] == ["plain(…)"]
    assert namespace.inspect(shell, "nothing") == {"gone": True}
