"""What a source does with names."""

from __future__ import annotations

import sys

import pytest

from tuinb.analysis.effects import Effects
from tuinb.analysis.names import effects_of


def did(source: str) -> dict[str, object]:
    """Returns the effects that are sets of names, without empty ones."""
    effects = effects_of(source)
    found = {
        name: set(getattr(effects, name)) for name in ("may_use", "sets", "may_set", "changes", "draws", "seeds", "deletes")
    }
    return {"uses": set(effects.uses), **found}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("x = y", {"uses": {"y"}, "sets": {"x"}}),
        ("x = 1\ny = x", {"uses": set(), "sets": {"x", "y"}}),
        ("x += 1", {"uses": {"x"}, "changes": {"x"}, "sets": set()}),
        ("x = 1\nx += 1", {"uses": set(), "changes": set(), "sets": {"x"}}),
        ("if a: x = 1\nx", {"uses": {"a"}, "may_set": {"x"}, "may_use": {"x"}}),
        ("if a: x = 1\nelse: x = 2", {"sets": {"x"}}),
        ("for i in a: t += i", {"uses": {"a", "t"}, "sets": {"i"}, "changes": {"t"}}),
        ("match a:\n  case [x]: y = 1", {"may_set": {"x", "y"}}),
        ("d['k'] = v", {"uses": {"d", "v"}, "changes": {"d"}}),
        ("d.a.b[0] = 1\ndel e[0]", {"changes": {"d", "e"}}),
        ("d['k'] += 1", {"uses": {"d"}, "changes": {"d"}}),
        ("xs.append(1)\ndf.dropna(inplace=True)\ndf.head(inplace=False)", {"changes": {"xs", "df"}}),
        ("random.shuffle(xs)\nnext(it)", {"changes": {"xs", "it"}, "draws": {"random"}}),
        ("rng.integers(3)\nnp.random.seed(0)", {"draws": {"rng"}, "seeds": {"np"}}),
        ("del x", {"uses": {"x"}, "deletes": {"x"}}),
        ("if a: del x", {"changes": {"x"}, "deletes": set()}),
        ("def f(a, *b, c=d, **e): return a + b + c + e + g", {"uses": {"d"}, "sets": {"f"}}),
        ("def f(): return g\nf()", {"may_use": {"g"}}),
        ("def f(): h.append(g)\nf()", {"may_use": {"g", "h"}, "changes": {"h"}}),
        ("def f():\n    def g(): return h\n    return g\nf()", {"may_use": {"h"}}),
        ("def f(a): a.append(1)\nf(xs)", {"changes": {"xs"}}),
        ("sorted(xs, key=lambda x: w[x])", {"uses": {"sorted", "xs"}, "may_use": {"w"}}),
        ("class A(B):\n    k = 1\n    j = k\n    def m(self): return n", {"uses": {"B"}, "sets": {"A"}}),
        ("def show(t): return eval(t)\nshow('p + q')", {"may_use": {"p", "q", "eval"}}),
        ("df.query('a > @limit and b < @x.y')", {"may_use": {"limit", "x"}}),
        ("!ls {folder} $name", {"may_use": {"folder", "name"}}),
        ("async def f(): pass\nasync for i in a: pass\nasync with b as c: pass", {"uses": {"a", "b"}, "sets": {"f", "i", "c"}}),
        ("x: int = y\nz: int", {"uses": {"y"}, "sets": {"x"}}),
        ("try:\n    x = 1\nexcept* E as e:\n    y = 2\nelse:\n    z = 3", {"sets": {"x", "z"}, "may_set": {"y"}}),
        ("match a:\n  case {'k': b, **c}: pass\n  case [d, *e]: pass", {"may_set": {"b", "c", "d", "e"}}),
        ("x = 1\ndel x", {"uses": set(), "sets": set(), "deletes": {"x"}}),
        ("globals()['x']", {"uses": {"x"}, "changes": set()}),
        ("xs.push(y)", {"uses": {"xs", "y"}, "sets": set()}),
        ("[j for a in xs if c for j in e]", {"uses": {"xs", "c", "e"}, "sets": set()}),
        ("[i.append(1) for i in xs]", {"uses": {"xs"}, "changes": set()}),
        ("for v in d.values(): v.append(1)", {"changes": {"d"}}),
        ("for v in [a, b]: v.append(1)", {"changes": {"a", "b"}}),
        ("def f(): return lambda: g\nf()", {"may_use": {"g"}}),
        ("def f():\n    global x\n    def g(): x.append(1)\n    g()\nf()", {"may_use": {"x"}, "changes": {"x"}}),
        ("def f():\n    [n := i for i in a]\n    return n\nf()", {"may_use": {"a"}}),
        ("def f():\n    import m.n as k\n    from p import q\n    return k, q\nf()", {"uses": set(), "may_use": set()}),
        ("def f():\n    try: g()\n    except E as e: e\n    except F: e\nf()", {"may_use": {"g", "E", "F"}}),
        ("def f(a):\n    match a:\n        case {'k': b, **c}: b, c\n        case [d, *e] | _: d, e\nf(1)", {"may_use": set()}),
        ("@d\nclass A: pass", {"uses": {"d"}, "sets": {"A"}}),
        ("class A:\n    def __init__(self): h.append(1)\nclass B(A): pass\nB()", {"changes": {"h"}}),
        ("a\n  b\n c\n%x", {"uses": set()}),
        ("%%timeit\nx = y", {"uses": {"get_ipython", "y"}, "sets": set()}),
    ],
)
def test_what_a_source_does(source: str, expected: dict[str, set[str]]) -> None:
    found = did(source)
    assert {name: found[name] for name in expected} == expected


@pytest.mark.parametrize("source", ["exec(code)", "globals().update(a=1)", "%run other.py", "x = = 1"])
def test_it_may_do_anything(source: str) -> None:
    assert effects_of(source).anything


@pytest.mark.parametrize("terms", [1500, 5000])
def test_a_source_that_is_too_deep_may_do_anything(terms: int) -> None:
    assert effects_of(f"x{' + x' * terms}").anything


@pytest.mark.skipif(sys.version_info < (3, 12), reason="the statement is new in Python 3.12")
def test_the_value_of_a_type_alias_is_not_evaluated() -> None:
    assert did("type X = Y")["sets"] == {"X"}
    assert did("type X = Y")["uses"] == set()


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("x = 3", "x"),
        ("x = [len(y), -1]", "x"),
        ("import numpy as np", "np"),
        ("def f(a=1): return b", "f"),
        ("x = 3\ny = x", "y"),
    ],
)
def test_a_value_follows_from_its_text(source: str, name: str) -> None:
    definition = effects_of(source).sets[name]
    assert definition is not None
    assert effects_of(f"# again\n{source}").sets[name] == definition


@pytest.mark.parametrize(
    "source", ["x = f()", "x = []\nx.append(1)", "y.sort()\nx = y", "if a: x = 1\nelse: x = 2", "x = y = f()"]
)
def test_a_value_does_not_follow_from_its_text(source: str) -> None:
    assert effects_of(source).sets["x"] is None


def test_values_of_other_texts_differ() -> None:
    assert effects_of("x = 3").sets["x"] != effects_of("x = 4").sets["x"]
    assert effects_of("a = 3\nx = a").sets["x"] != effects_of("a = 4\nx = a").sets["x"]


@pytest.mark.parametrize(
    ("source", "outside"),
    [
        ("open('f')", True),
        ("pd.read_csv('f')", True),
        ("def f(): return open('f')\nf()", True),
        ("def f(): return open('f')", False),
        ("np.random.default_rng()", True),
        ("np.random.default_rng(1)", False),
        ("print(x)", False),
    ],
)
def test_what_reaches_outside(source: str, outside: bool) -> None:
    assert effects_of(source).outside is outside


def test_nothing_does_nothing() -> None:
    assert effects_of("") == Effects()
