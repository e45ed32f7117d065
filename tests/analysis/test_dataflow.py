"""Names that only a kernel with a past could have known."""

from __future__ import annotations

import sys

import pytest

from tuinb.analysis.dataflow import defines, origin_of_missing, undefined

LATER, NEVER, GONE = "only a later cell", "only a deleted cell", "not there any more"


def found(*cells: str) -> list[tuple[int, str, int, tuple[int, ...]]]:
    return [(name.place, name.name, name.line, name.setters) for name in undefined(list(enumerate(cells)))]


@pytest.mark.parametrize(
    ("place", "message", "expected"),
    [
        (2, "name 'x' is not defined", "which cell 1 was to define"),
        (0, "name 'y' is not defined", "which only a later cell defined (cell 2)"),
        (2, "name 'z' is not defined", "which only a deleted cell can have defined"),
        (2, "division by zero", ""),
    ],
)
def test_the_origin_of_a_name_that_an_exception_misses(place: int, message: str, expected: str) -> None:
    assert origin_of_missing([(0, "x = 1"), (1, "y = 2"), (2, "x, y, z")], place, message) == expected


def test_a_name_of_a_later_or_of_no_cell() -> None:
    cells = ["import numpy as np\nx = np.array([1])", "y = x + z", "z = 3", "def f():\n    return 1\nprint(w, f)"]
    assert found(*cells) == [(1, "z", 1, (2,)), (3, "w", 3, ())]
    first, second = undefined(list(enumerate(cells)))
    assert first.describe() == "cell 2 uses `z` (line 1), which only a later cell defined (cell 3)"
    assert second.describe() == "cell 4 uses `w` (line 3), which only a deleted cell can have defined"


def test_a_name_that_was_deleted() -> None:
    (name,) = undefined(list(enumerate(["x = 1", "del x", "x"])))
    assert name.describe() == "cell 3 uses `x` (line 1), which is not there any more (cell 1 defined it)"


@pytest.mark.parametrize(
    "cells",
    [
        ["print(len([]), __name__, _, __, _3, _i2, Out[1], In[1], get_ipython(), display)"],
        ["[i for i in range(3)]; {k: v for k, v in {}.items()}; (lambda a, *b, **c: (a, b, c))(1)"],
        ["def f():\n    return later", "later = 1", "f()"],
        ["class A:\n    b = 1\n    c = b\n    def m(self): return A"],
        ["for a in []: pass\nwith open('f') as b: pass\nimport c.d, e as f\ntry: pass\nexcept OSError as g: g", "a, b, c, f"],
        ["match [1]:\n  case [x, *y]: pass\n  case {'k': 1, **z}: pass", "x, y, z"],
        ["def f():\n    global g\n    g = 1\nf()", "g"],
        ["try:\n    x\nexcept NameError:\n    x = 1"],
        ["from math import *", "sin(1)"],
        ["exec('x = 1')\nx", "x"],
        ["%run other.py\ny", "y"],
        ["x = = 1\ny = 2", "y"],
        ["x = = 1\nexec(y)", "z"],
        ["x = = 1\n%run y", "z"],
        ["x = = 1\ny", "def f(): return y"],
        ["from math import *", "def f(): return sin"],
        ["from math import *\nsin(1)"],
        ["from os.path import *", "join"],
        ["from numpy import *", "array"],
        ["%matplotlib inline\n!ls {nothing}\nfiles = !ls\nfiles", "?files", "files?"],
        ["%time q = sum([1])", "q", "%timeit -n 10 sum([q])"],
        ["%%time\na = 1", "a"],
        ["%%bash --out res\necho $x", "res"],
        ["%%capture said\nprint(1)", "said.show()"],
        ["async def f(): pass\nawait f()"],
        ["import typing\ndef f(x: 'Later', y: typing.Optional['Never']) -> 'Never': pass\ntyping.cast('Never', 1)"],
        ["from __future__ import annotations", "def f(x: Never) -> Never: pass"],
        [f"x = 0\nx{' + x' * 900}", "x"],
        ["get_ipython().push({'p': 1})\nget_ipython().user_ns['u'] = 1\nglobals()['g'] = 1", "p, u, g"],
        ["import builtins\nbuiltins.b = 1", "b"],
        ["list = [1]", "del list", "list()"],
        ["def f[T](x: T) -> T: return x\nclass A[U]: pass\ntype X = int", "X"] if sys.version_info >= (3, 12) else [],
        ["def f():\n    global k\n    k = 1\n    return k", "f()", "k"],
        ["def f():\n    return k\nk = 1\nf()"],
        ["try:\n    import a\nexcept ImportError:\n    a = None", "a"],
        ["with open('f') as (a, *b): pass", "a, b"],
        ["[y := 1 for _ in 'ab']", "y"],
        ["eval('1 + 1')", "exec('z = 1')\nz"],
    ],
)
def test_nothing_is_said_of(cells: list[str]) -> None:
    assert found(*cells) == []


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["%%time\na = 1\nb = c"], (0, "c", 3, ())),
        (["[i for i in range(3)]", "i"], (1, "i", 1, ())),
        (["%%capture --no-stderr\nprint(x)"], (0, "x", 2, ())),
        (["y", "from math import *"], (0, "y", 1, ())),
        (["def f():\n    return never"], (0, "never", 2, ())),
        (["def f(x: Never): pass"], (0, "Never", 1, ())),
        (["try: pass\nexcept OSError as error: pass", "error"], (1, "error", 1, (0,))),
        (["from math import *", "late", "late = 1"], (1, "late", 1, (2,))),
        (["x = = 1", "y"], (1, "y", 1, ())),
        (["x", "x = = 1"], (0, "x", 1, (1,))),
        (["x = = 1", "def f(): return y"], (1, "y", 1, ())),
        (["from math import *", "sin(x)"], (1, "x", 1, ())),
        (["from math import *", "def f(): return x"], (1, "x", 1, ())),
        (["from numpy import *", "x", "x = 1"], (1, "x", 1, (2,))),
        (["%timeit t = 1", "t"], (1, "t", 1, ())),
        (["x = 1", "%xdel x", "x"], (2, "x", 1, (0,))),
        (["x = 1", "%reset_selective -f x", "x"], (2, "x", 1, (0,))),
        (["print(__file__)"], (0, "__file__", 1, ())),
        (["class A:\n    x = 1\n    y = [x for _ in range(2)]"], (0, "x", 3, ())),
        (["def f():\n    return k", "f()", "k = 1"], (1, "k", 1, (2,))),
        (["sorted([], key=lambda p: never)"], (0, "never", 1, ())),
        (["eval('gone + 1')"], (0, "gone", 1, ())),
    ],
)
def test_it_is_said_of(cells: list[str], expected: tuple[int, str, int, tuple[int, ...]]) -> None:
    assert found(*cells) == [expected]


def test_which_cells_define_a_name() -> None:
    assert defines([(0, "x"), (2, "import x.y"), (5, "def f(x): pass"), (6, "%time x = 1")], "x") == [2, 6]
