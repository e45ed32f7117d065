"""What functions do when they are called: changes of hidden state are found, and what is only mentioned is not followed."""

from __future__ import annotations

import pytest

from tests.analysis.test_staleness import IMPURE, Desk
from tuinb.analysis.judgement import NOTHING_KNOWN, Why

COUNTER = """
class Counter:
    def __init__(self): self.n, self.seen = 0, []
    def up(self): self.n += 1
    def put(self):
        for _ in range(2):
            seen = self.seen
            seen.append(1)
    def twice(self): self.up()
    def show(self): return self.n
"""


def again(*sources: str) -> list[str]:
    """Runs cells from the top, then the last but one again. Returns the names that it is said to have changed."""
    it = Desk(*sources)
    assert it.said() == {}
    last = it.page[-2][0]
    it.run(last)
    judgement = it.staleness.judge(it.page).get(last, NOTHING_KNOWN)
    return [reason.name for reason in judgement.reasons if reason.why is Why.OWN]


CHANGES = {
    "default": ("deck = [3]", "def f(d=deck): d.append(1)", "f()"),
    "default of the same name": ("deck = [3]", "from random import shuffle\ndef f(deck=deck): shuffle(deck)", "f()"),
    "default of a keyword": ("deck = [3]", "def f(*, d=deck): d.append(1)", "f()"),
    "default of a lambda": ("deck = [3]", "f = lambda d=deck: d.append(1)", "f()"),
    "default of a method": ("deck = [3]", "class A:\n    def m(self, d=deck): d.append(1)", "a = A()", "a.m()"),
    "default that is passed on": ("deck = [3]", "def g(d): d.append(1)", "def f(d=deck): g(d)", "f()"),
    "default in the same cell": ("deck = [3]", "def f(d=deck): d.append(1)\nf()"),
    "partial": ("deck = [3]", "from functools import partial\ndef f(d): d.append(1)", "g = partial(f, deck)", "g()"),
    "partial in the same cell": (
        "deck = [3]",
        "import functools\ndef f(d): d.append(1)\ng = functools.partial(f, deck)",
        "g()",
    ),
    "partial that is called at once": ("deck = [3]", "def f(d, k): d.append(k)", "list(map(functools.partial(f, deck), [1]))"),
    "method kept": ("deck = [3]", "put = deck.append", "put(1)"),
    "method passed on": ("deck = [3]", "list(map(deck.append, [1]))"),
    "function that calls another": ("deck = [3]", "def f(): g(deck)", "def g(d): d.append(1)", "f()"),
    "function that passes its argument on": ("deck = [3]", "def g(d): d.append(1)", "def f(d): g(d)", "f(deck)"),
    "passed on in the same cell": ("deck = [3]", "def g(d): d.append(1)\ndef f(d): g(d)", "f(deck)"),
    "passed on and called in the same cell": ("deck = [3]", "def g(d): d.append(1)", "def f(d): g(d)\nf(deck)"),
    "function inside": ("deck = [3]", "def f(d):\n    def g(k): k.append(1)\n    g(d)", "f(deck)"),
    "local name": ("deck = [3]", "def f(d):\n    e = d or []\n    e.append(1)", "f(deck)"),
    "local name of a global": ("deck = [3]", "def f():\n    e = deck\n    e.append(1)", "f()"),
    "loop in a function": ("deck = [[3]]", "def f(d):\n    for i, e in enumerate(d): e.append(i)", "f(deck)"),
    "loop": ("deck = [[3]]", "for e in deck: e.append(1)"),
    "part in the same cell": ("deck = [[3]]", "e = deck[0]\ne.append(1)"),
    "second of two": ("deck = [3]", "n, d = 1, deck", "d.append(1)"),
    "one of two": ("deck = [3]", "d = deck if deck else deck", "d.append(1)"),
    "a list added": ("deck = [3]", "d = deck", "d += [1]"),
    "decorator": ("deck = []", "def d(f):\n    def g(): deck.append(f())\n    return g", "@d\ndef h(): return 1", "h()"),
    "method": ("import copy", COUNTER, "deck = Counter()", "deck.up()"),
    "method by another": ("import copy", COUNTER, "deck = Counter()", "deck.twice()"),
    "method that names a part": ("import copy", COUNTER, "deck = Counter()", "deck.put()"),
    "method in a function": ("import copy", COUNTER, "deck = Counter()", "def f(): deck.up()", "f()"),
    "inherited": ("import copy", COUNTER, "class C(Counter): pass", "deck = C()", "deck.up()"),
    "inherited and called": (COUNTER, "class C(Counter):\n    def m(self): self.up()", "deck = C()", "deck.m()"),
    "of the base class": (COUNTER, "class C(Counter):\n    def m(self): super().up()", "deck = C()", "deck.m()"),
    "generator": ("deck = (i for i in range(9))", "print(list(deck))"),
    "iterator": ("deck = zip([1], [2])", "for pair in deck: print(pair)"),
    "generator function": ("def f():\n    yield 1", "deck = f()", "print(sum(deck))"),
    "closure": ("def f():\n    n = 0\n    def g():\n        nonlocal n\n        n += 1\n    return g", "deck = f()", "deck()"),
    "closure over a list": ("def f():\n    n = []\n    def g(): n.append(1)\n    return {'g': g}", "deck = f()", "deck['g']()"),
    "default of its own": ("def deck(seen=[]): seen.append(1)", "deck()"),
}


@pytest.mark.parametrize("sources", CHANGES.values(), ids=CHANGES.keys())
def test_what_is_changed(sources: tuple[str, ...]) -> None:
    assert "deck" in again(*sources, "print(deck)")


KEEPS = {
    "default given": ("deck = [3]", "def f(d=deck): d.append(1)", "f([])"),
    "default given by keyword": ("deck = [3]", "def f(d=deck): d.append(1)", "f(d=[])"),
    "default that is read": ("deck = [3]", "def f(d=deck): return len(d)", "f()"),
    "default of another object": ("deck = [3]", "def f(d=deck): d.append(1)", f"deck = {IMPURE}", "f()"),
    "a dict as default": ("deck = 3", "def f(n, cache={}): cache[n] = n", "f(1)"),
    "the other argument": ("deck = [3]\ne = []", "def f(d, e): e.append(d)", "f(deck, [])"),
    "a copy": ("deck = [3]", "def f(d):\n    d = list(d)\n    d.append(1)", "f(deck)"),
    "kept by an object": ("deck = [3]", "class A:\n    def __init__(self, d): self.d = d", "a = A(deck)"),
    "a method that reads": (COUNTER, "deck = Counter()", "deck.show()"),
    "a function inside that is not called": ("deck = [3]", "def f(d):\n    def g(k): k.append(1)\n    return d", "f(deck)"),
    "a part of what is unpacked": ("deck, e = zip([1], [2])", "print(deck)"),
    "a context manager": ("import contextlib\n@contextlib.contextmanager\ndef f(): yield 1", "deck = f()", "print(deck)"),
    "a function that keeps nothing": ("def f(n):\n    def g(): return n\n    return g", "deck = f(1)", "deck()"),
    "parts of each other": ("a = b = 1", "deck = a.b\na = deck.c\na.d = 1\ndeck = 1", "print(deck)"),
}


@pytest.mark.parametrize("sources", KEEPS.values(), ids=KEEPS.keys())
def test_what_is_not_changed(sources: tuple[str, ...]) -> None:
    assert again(*sources, "print(deck)") == []


USES = "k = 1", "def f(x=0):\n    'Says k.'\n    return k"


@pytest.mark.parametrize(
    "source",
    [
        "print(f.__doc__)", "help(f)", "f.__name__", "g = f", "g = [f, {'f': f}]", "print(callable(f), isinstance(1, f))",
        "import inspect\ninspect.signature(f)", "from functools import partial\ng = partial(f, 1)", "def g(): return f()",
        "g = lambda: f()", "def h(): help(f)\nh()", "g = f\nprint(g.__doc__)", "class A(f): pass",
        "try: pass\nexcept f: pass",
    ],
)  # fmt: skip
def test_a_function_that_is_only_mentioned_is_not_followed(source: str) -> None:
    it = Desk(*USES, source)
    it.edit("a", "k = 2")
    assert it.said() == {}
    it.edit("b", "def f(): return 3")
    assert it.said().keys() <= {"c"}


@pytest.mark.parametrize(
    "source",
    [
        "print(f())", "print(f.__doc__, f())", "sorted([1], key=f)", "g = f\ng()", "g = [f]\nprint(g[0]())", "[f][0]()",
        "from functools import partial\nprint(partial(f, 1)())", "from functools import partial\ng = partial(f, 1)\ng()",
        "def h(): return f()\nh()", "def h():\n    g = f\n    return g()\nh()", "g = lambda: f()\ng()", "f",
    ],
)  # fmt: skip
def test_a_function_that_may_be_called_is_followed(source: str) -> None:
    it = Desk(*USES, source)
    it.edit("a", "k = 2")
    assert it.said() == {"c": "cell 1 was edited (k)"}


@pytest.mark.parametrize(
    "source", ["g = f", "g = [f]", "g = {'f': f}", "g = lambda: f()", "from functools import partial\ng = partial(f, 1)"]
)
def test_a_function_that_is_kept_is_followed_where_it_is_called(source: str) -> None:
    it = Desk(*USES, source, "print(g)")
    it.edit("a", "k = 2")
    assert it.said() == {"d": "cell 1 was edited (k)"}
