"""The error that ended a cell: its calls, their variables, and expressions in them. No code of the user's classes runs."""

from __future__ import annotations

import sys
import types
from typing import TYPE_CHECKING, Any

import pytest

from tests.kernel.inspection.support import Shell
from tuinb.kernel.inspection.agent import failure

if TYPE_CHECKING:
    from collections.abc import Iterator

INNER, MAIN = "/tmp/ipykernel_1/1.py", "/tmp/ipykernel_1/2.py"
DEFINED = """\
class Loud:
    def __init__(self):
        self.part = [1, 2]
    def __getattribute__(self, name): told.append(name); return object.__getattribute__(self, name)
    def __repr__(self): told.append("repr"); raise SystemExit
    def __len__(self): told.append("len"); return 1
    def __str__(self): told.append("str"); return "x"
class Odd(Exception):
    def __str__(self): told.append("str"); return "x"
def f(a, loud):
    b = {"k": [a, loud]}
    raise Odd(loud, "why")
"""
CALLED = "f(7, Loud())"


class Failed(Shell):
    """A shell whose cells 1 and 2 ran DEFINED and CALLED."""

    def __init__(self, state: Any = sys) -> None:  # noqa: ANN401 - what is used of the module sys
        super().__init__(told=[], mod=types)
        self.state = state
        self.compile = types.SimpleNamespace(format_code_name=self._named)
        exec(compile(DEFINED, INNER, "exec"), self.user_ns)
        self.fail(CALLED, MAIN)

    @staticmethod
    def _named(path: str) -> tuple[str, str] | None:
        return {INNER: ("Cell", "In[1]"), MAIN: ("Cell", "In[2]")}.get(path)

    def fail(self, code: str, path: str) -> None:
        try:
            exec(compile(code, path, "exec"), self.user_ns)
        except Exception as error:
            self.state.last_value, self.state.last_traceback = error, error.__traceback__
        self.user_ns["told"].clear()


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch) -> Iterator[Failed]:
    state = types.SimpleNamespace()  # pytest forgets the errors in sys when a test begins
    monkeypatch.setattr(failure, "sys", state)
    shell = Failed(state)
    names = dict(shell.user_ns)
    yield shell
    assert shell.user_ns["told"] == [], "code of the user's has run"
    assert shell.user_ns == names


def parts(shell: Shell, *places: int) -> list[list[Any]]:
    found: list[list[Any]] = failure.parts(shell, failure.frames(shell)["token"], list(places))["parts"]
    return found


def evaluated(shell: Shell, expression: str, frame: int = 0) -> dict[str, Any]:
    return failure.evaluate(shell, failure.frames(shell)["token"], frame, expression)


def test_the_calls_begin_at_the_cell(shell: Failed) -> None:
    answer = failure.frames(shell)
    assert answer["error"] == "Odd: Loud(part=[1, 2]), 'why'"
    assert answer["frames"] == [["f", INNER, 12, 1], ["<module>", MAIN, 1, 2]]


def test_what_is_in_a_call(shell: Failed) -> None:
    assert parts(shell, 0) == [["Locals", "", "", True], ["Globals", "", "", True]]
    locals_ = parts(shell, 0, 0)
    assert [(name, of_type, more) for name, _, of_type, more in locals_] == [
        ("a", "int", False), ("b", "dict", True), ("loud", "Loud", True),
    ]  # fmt: skip
    assert parts(shell, 0, 0, 1) == [["'k'", "[7, Loud(part=[…])]", "list", True]]
    assert parts(shell, 0, 0, 1, 0, 1) == [["part", "[1, 2]", "list", True]]
    assert [row[0] for row in parts(shell, 1)] == ["Globals"]
    assert [row[0] for row in parts(shell, 1, 0)] == ["told", "Loud", "Odd", "f"]
    with pytest.raises(failure.FailureError, match="has changed since"):
        parts(shell, 0, 0, 0, 0)


def test_expressions(shell: Failed) -> None:
    assert evaluated(shell, " a * 6 ") == {"lines": ["42"]}
    assert evaluated(shell, "[b, loud]")["lines"][0] == "list of 2"
    assert evaluated(shell, "(a := 3)") == {"lines": ["3"]}
    assert evaluated(shell, "a") == {"lines": ["7"]}, "a variable of the call stays as it is"
    assert evaluated(shell, "b['x']") == {"failed": "KeyError: 'x'"}
    assert evaluated(shell, "a = 3")["failed"].startswith("SyntaxError: ")
    assert evaluated(shell, "a = 3")["failed"].endswith("The call has ended, so only look")
    assert evaluated(shell, "f", frame=1)["lines"] == ["(a, loud)"]


def test_another_error(shell: Failed) -> None:
    token = failure.frames(shell)["token"]
    shell.fail("1 / 0", MAIN)
    with pytest.raises(failure.FailureError, match="another error has come since"):
        failure.parts(shell, token, [0])
    assert failure.frames(shell)["error"] == "ZeroDivisionError: division by zero"
    shell.fail("raise KeyError('x')", MAIN)
    assert failure.frames(shell)["error"] == "KeyError: 'x'"
    shell.fail("raise KeyError", MAIN)
    assert failure.frames(shell)["error"] == "KeyError"


def test_frames_that_are_special(shell: Failed) -> None:
    shell.fail("class Body:\n    inner = 1\n    raise ValueError", MAIN)
    assert [row[0] for row in parts(shell, 0, 0)] == ["__module__", "__qualname__", "inner"]
    code = "class M(type):\n    @classmethod\n    def __prepare__(m, *_): return __import__('collections').OrderedDict()\n"
    shell.fail(f"{code}class Body(metaclass=M):\n    raise ValueError", MAIN)
    del shell.user_ns["M"]
    assert parts(shell, 0, 0) == []
    shell.fail("import json; json.loads('{')", MAIN)
    del shell.user_ns["json"]
    assert failure.frames(shell)["frames"][0][3] is None
    assert "JSONDecoder" in [row[0] for row in parts(shell, 0, 1)]


def test_there_is_none(shell: Failed) -> None:
    shell.fail("1 / 0", "/elsewhere.py")
    assert failure.frames(shell)["frames"] == []
    shell.compile = types.SimpleNamespace()
    assert failure.frames(shell)["frames"] == [], "an IPython that does not tell has no cells"
    shell.state.last_traceback = "odd"
    assert failure.frames(shell) == {"frames": []}
    with pytest.raises(failure.FailureError, match="another error"):
        failure.evaluate(shell, "1-1", 0, "1")
    assert failure._text_of("odd") == "str"
