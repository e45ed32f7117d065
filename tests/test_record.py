"""Records: immutable values, defined cheaply."""

from __future__ import annotations

import copy
import pickle
from dataclasses import MISSING, asdict, fields, is_dataclass, replace
from typing import Any, ClassVar
from unittest.mock import Mock

import pytest

from tuinb import record
from tuinb.record import Record, field


class Point(Record):
    """Two required fields and one with a default."""

    unit: ClassVar[str] = "cm"

    x: int
    y: int
    label: str = ""

    @property
    def size(self) -> int:
        """Returns the sum of both."""
        return self.x + self.y


class Place(Point):
    """A point with one more field."""

    height: int = 0


class Single(Record):
    """A record of one field."""

    values: list[int]


class Draft(Record, frozen=False):
    """A record that changes, with a field that is made anew."""

    title: str
    lines: list[str] = field(default_factory=list)


class Handle(Record, eq=False):
    """A record that is equal to itself alone."""

    number: int


class Nothing(Record):
    """A record without fields."""


class Nowhere(Record):
    """Another one."""


def test_fields_are_set_by_position_and_by_name() -> None:
    point = Point(1, y=2)
    assert (point.x, point.y, point.label, point.size, Point.unit) == (1, 2, "", 3, "cm")
    assert Place(1, 2, "top", 8).height == 8
    match point:
        case Point(x, y, label):
            assert (x, y, label) == (1, 2, "")


@pytest.mark.parametrize("arguments", [{}, {"x": 1}, {"x": 1, "y": 2, "z": 3}])
def test_missing_and_unknown_fields_are_refused(arguments: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match=r"Point\.__init__\(\)"):
        Point(**arguments)


def test_nothing_can_be_set_or_deleted() -> None:
    point: Any = Point(1, 2)
    with pytest.raises(AttributeError, match=r"Point\.x can't be changed"):
        point.x = 3
    with pytest.raises(AttributeError, match=r"Point\.other can't be changed"):
        point.other = 3
    with pytest.raises(AttributeError, match=r"Point\.y can't be deleted"):
        del point.y
    assert point == Point(1, 2)
    assert not hasattr(point, "__dict__")


def test_records_are_equal_if_their_types_and_fields_are() -> None:
    assert Point(1, 2) == Point(1, 2)
    assert Point(1, 2) != Point(1, 3)
    assert Point(1, 2) != Place(1, 2)
    assert Nothing() == Nothing() != Nowhere()
    assert Single([1]) == Single([1]) != Single([2])
    assert {Point(1, 2): "a", Nothing(): "b"}[Point(1, 2)] == "a"
    with pytest.raises(TypeError, match="unhashable"):
        hash(Single([1]))


def test_a_record_is_shown_as_what_makes_it() -> None:
    assert repr(Place(1, 2)) == "Place(x=1, y=2, label='', height=0)"
    assert repr(Nothing()) == "Nothing()"


def test_the_functions_of_dataclasses_take_records() -> None:
    assert replace(Place(1, 2), height=5) == Place(1, 2, "", 5)
    assert asdict(Place(1, 2)) == {"x": 1, "y": 2, "label": "", "height": 0}
    assert [(field.name, field.type, field.default) for field in fields(Point)] == [
        ("x", "int", MISSING),
        ("y", "int", MISSING),
        ("label", "str", ""),
    ]
    assert fields(Nothing) == ()
    assert is_dataclass(Nothing)


@pytest.mark.parametrize("record", [Place(1, 2, "a", 3), Nothing(), Single([1, 2])])
def test_records_are_copied_and_pickled(record: Record) -> None:
    assert copy.copy(record) == copy.deepcopy(record) == pickle.loads(pickle.dumps(record)) == record


def test_a_record_that_changes_has_fields_of_its_own() -> None:
    first, second = Draft("a"), Draft("a")
    first.lines.append("one")
    assert (first, second.lines) == (Draft("a", ["one"]), [])
    second.lines, second.title = ["two"], "b"
    assert second == Draft("b", ["two"])
    with pytest.raises(TypeError, match="unhashable"):
        hash(first)
    assert [entry.default_factory for entry in fields(Draft)] == [MISSING, list]


def test_a_record_that_changes_takes_no_other_attribute() -> None:
    draft: Any = Draft("a")
    with pytest.raises(AttributeError):
        draft.other = 3


def test_a_record_without_equality_is_equal_to_itself_alone() -> None:
    first, second = Handle(1), Handle(1)
    assert {first: "first", second: "second"} == {second: "second", first: "first"}
    assert first != second
    with pytest.raises(AttributeError, match=r"Handle\.number can't be changed"):
        first.number = 2  # type: ignore[misc]


def test_a_record_may_have_an_init_of_its_own() -> None:
    class Level(Record):
        height: int

    class Ground(Level):
        def __init__(self) -> None:
            super().__init__(0)

    assert (Ground().height, Ground(), Level(2).height) == (0, Ground(), 2)


def test_nothing_is_compiled_for_a_record_before_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    compile_init = Mock(wraps=record._init)
    monkeypatch.setattr(record, "_init", compile_init)

    class Late(Point):
        depth: int = 0

    assert Late.__match_args__ == ("x", "y", "label", "depth")
    assert compile_init.call_count == 0
    assert (Late(1, 2), Late(1, 2, depth=3).depth) == (Late(1, 2), 3)
    compile_init.assert_called_once_with(Late)
