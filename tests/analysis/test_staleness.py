"""Which cells no longer follow from the ones above: sessions as lists of steps, and what is said of each cell at their end."""

from __future__ import annotations

import random
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tests.analysis.random_sessions import Session, fresh_names, judge, run_one, session_of
from tuinb.analysis.cell_code import code_of
from tuinb.analysis.name_uses import names_of
from tuinb.analysis.names import effects_of
from tuinb.analysis.page import OUTSIDE
from tuinb.analysis.staleness import Staleness
from tuinb.notebook.changes import CellId

if TYPE_CHECKING:
    from tuinb.analysis.judgement import Judgement

IMPURE = "open('f')"
"""Reaches a file, so that running it again may give something else."""


class Desk:
    """A page of cells a, b, c … that were run from the top."""

    def __init__(self, *sources: str, run: bool = True) -> None:
        self.page = [(CellId(chr(ord("a") + place)), source) for place, source in enumerate(sources)]
        self.staleness = Staleness()
        if run:
            self.run(*(cell for cell, _ in self.page))

    def run(self, *cells: str, ok: bool = True) -> None:
        sources = dict(self.page)
        for cell in cells:
            self.staleness.ran(CellId(cell), sources[CellId(cell)], ok=ok)

    def edit(self, cell: str, source: str) -> None:
        self.page = [(one, source if one == cell else old) for one, old in self.page]

    def delete(self, cell: str) -> None:
        self.page = [(one, source) for one, source in self.page if one != cell]

    def move(self, cell: str, place: int) -> None:
        found = next(one for one in self.page if one[0] == cell)
        self.page.remove(found)
        self.page.insert(place, found)

    def number(self, cell: CellId) -> int:
        return [one for one, _ in self.page].index(cell) + 1

    def said(self) -> dict[str, str]:
        """Returns the first reason for each stale cell."""
        found = self.staleness.judge(self.page)
        return {cell: one.reasons[0].describe(self.number) for cell, one in found.items() if one.reasons}

    def perhaps(self) -> dict[str, str]:
        return {cell: one.perhaps for cell, one in self.staleness.judge(self.page).items() if one.perhaps}

    def plan(self, *cells: str) -> str:
        self.staleness.judge(self.page)
        return "".join(self.staleness.plan(self.page, map(CellId, cells)))

    def followers(self, *cells: str) -> str:
        self.staleness.judge(self.page)
        return "".join(self.staleness.followers(self.page, map(CellId, cells)))


def test_nothing_is_said_after_a_run_from_the_top() -> None:
    it = Desk(
        "import math\nx = 1",
        f"y = {IMPURE}",
        "y.a = x\nxs = []",
        "xs.append(y)\nx += 1",
        "def f(): return y",
        "f()",
        "%run z",
        "w",
    )
    assert it.said() == {}
    assert it.perhaps() == {}


def test_a_cell_that_ran_again() -> None:
    it = Desk(f"x = {IMPURE}", "y = x", "z = 1", "print(y, z)")
    it.run("a")
    assert it.said() == {"b": "x set again in cell 1", "d": "cell 2 is stale (y)"}
    assert it.plan("d") == "bd"
    it.run("b", "d")
    assert it.said() == {}


def test_a_cell_that_no_longer_gives_a_name() -> None:
    it = Desk("x = []", "x.append(1)", "print(x)")
    it.edit("b", "3")
    it.run("b")
    assert it.said() == {"c": "x is no longer changed in cell 2"}
    it.edit("a", "y = []")
    it.run("a", "b")
    assert it.said() == {"c": "x is no longer set above"}
    it.edit("a", "x = [")
    it.run("a", ok=False)
    assert it.said() == {"c": "x is no longer set above"}


def test_what_does_the_same_again_is_no_news() -> None:
    it = Desk(
        "import numpy as np\nnp.random.seed(1)", "n = 3\ndef f(): return n", "xs = [f()]\nxs.append(np.ones(n))", "print(xs)"
    )
    it.run("a", "b", "c", "b")
    assert it.said() == {}


@pytest.mark.parametrize(
    "made",
    [
        "P = namedtuple('P', 'x y')",
        "@dataclass(frozen=True)\nclass P:\n    x: int = field(default=1)",
        "@functools.lru_cache(None)\ndef P(n): return n",
        "P = collections.defaultdict(list)",
    ],
)
def test_what_the_standard_library_makes_follows_from_its_text(made: str) -> None:
    imports = "import collections, functools\nfrom collections import namedtuple\nfrom dataclasses import dataclass, field"
    it = Desk(imports, f"{made}\nn = 1", "print(P)", "print(n)")
    it.edit("b", f"{made}\nn = 2")
    it.run("b")
    assert it.said() == {"d": "n set again in cell 2"}


def test_a_call_of_anything_else_does_not_follow_from_its_text() -> None:
    it = Desk("import m", "P = m.sub.namedtuple('P')\nQ = m.f('Q')\nn = 1", "print(P)", "print(Q)")
    it.edit("b", it.page[1][1].replace("n = 1", "n = 2"))
    it.run("b")
    assert it.said() == {"c": "P set again in cell 2", "d": "Q set again in cell 2"}


CACHED = ("from functools import cache, lru_cache\nk = 2", "def g(n): return n * 3", "@cache\ndef f(n): return g(n)")
"""A function that keeps its results, and one that it calls."""
KEEPS = "f keeps results in its cache; run cell 3"


def test_a_cached_function_keeps_results_of_what_was_set_again() -> None:
    it = Desk(*CACHED, "f(2)", "f(3)")
    it.edit("b", "def g(n): return n * 4")
    it.run("b")
    assert it.said() == {"d": "g set again in cell 2", "e": "g set again in cell 2"}
    assert it.staleness.plan(it.page, [CellId("d")]) == ["c", "d"]
    it.run("d", "e")
    assert it.said() == {"d": KEEPS, "e": KEEPS}
    assert it.staleness.plan(it.page, [CellId("e")]) == ["c", "e"]
    it.run("c", "d", "e")
    assert it.said() == {}


@pytest.mark.parametrize("decorator", ["lru_cache(None)", "functools.lru_cache(maxsize=9)", "functools.cache"])
def test_what_caches_is_known_by_its_name(decorator: str) -> None:
    it = Desk(f"{CACHED[0]}\nimport functools", CACHED[1], CACHED[2].replace("cache\n", f"{decorator}\n"), "f(2)")
    it.edit("b", "def g(n): return n * 4")
    it.run("b", "d")
    assert it.said() == {"d": KEEPS}


def test_a_cache_that_is_cleared_keeps_nothing() -> None:
    it = Desk(*CACHED, "f(2)", "f.cache_clear()")
    it.edit("b", "def g(n): return n * 4")
    it.run("b", "e", "d")
    assert it.said() == {}


def test_a_cell_that_clears_a_cache_sees_nothing_of_it() -> None:
    it = Desk(*CACHED, "f(1)", "def g(n): return 2 * n", "f.cache_clear()")
    it.run("f")
    assert it.said() == {}


def test_a_cache_holds_what_the_page_gives_it_first() -> None:
    """A function that is set again between two calls is no news where a run from the top does the same."""
    it = Desk(*CACHED, "f(1)", "def g(n): return 2 * n", "f(1)")
    assert it.said() == {}
    it.run("f")
    assert it.said() == {}


def test_another_name_of_a_cached_function() -> None:
    it = Desk(*CACHED, "h = f\nh(2)", "h(2)")
    it.edit("b", "def g(n): return n * 4")
    it.run("b", "d", "e")
    assert it.said() == {"d": KEEPS, "e": KEEPS}
    it.run("c", "d", "e")
    assert it.said() == {}


def test_a_cached_function_that_counts_its_calls() -> None:
    counts = "@cache\ndef f(n):\n    seen.append(n)\n    return k"
    it = Desk(f"{CACHED[0]}\nseen = []", "1", counts, "f(2)", "f(2)")
    it.run("e")
    assert "keeps" not in "".join(it.said().values())


def test_a_cached_function_that_calls_itself_and_is_deleted() -> None:
    it = Desk(*CACHED[:2], "@cache\ndef f(n): return g(f(n - 1)) if n else h()", "f(2)")
    it.edit("b", "def g(n): return n * 4")
    it.run("b", "d")
    assert it.said() == {"d": KEEPS}
    it.staleness.ran(OUTSIDE, "del f", ok=True)
    it.run("c", "d")
    assert it.said() == {}


def test_a_cell_that_was_edited_and_undone() -> None:
    it = Desk("x = 1", "y = x + 1", "print(y)", "z = 5", "print(z)")
    it.edit("a", "x = 2")
    assert it.said() == {"b": "cell 1 was edited (x)", "c": "cell 2 is stale (y)"}
    it.edit("a", "x = 1")
    assert it.said() == {}
    it.edit("a", "x = 2")
    it.run("a")
    assert it.said() == {"b": "x set again in cell 1", "c": "cell 2 is stale (y)"}
    it.edit("a", "x = 1")
    it.run("a")
    assert it.said() == {}


def test_comments_and_layout_change_nothing_for_others() -> None:
    it = Desk("def f(): return x\nx = 1", f"y = {IMPURE}", "f(), y")
    it.edit("a", "# what it gives\ndef f():\n    return x  # global\n\nx = 1 ")
    it.edit("b", f"y = {IMPURE};")
    assert it.said() == {}
    it.run("a")
    assert it.said() == {}
    it.run("b")
    assert it.said() == {"c": "y set again in cell 2"}
    it.run("c")
    it.edit("a", "def f(): return x\nx = 2")
    assert it.said() == {"c": "cell 1 was edited (x)"}


def test_a_sum_that_python_does_not_parse_is_compared_as_text() -> None:
    text = "x = " + " + ".join(["1"] * 20_000)
    assert code_of(text) == text


def test_sums_that_python_parses_are_compared_by_their_code() -> None:
    text = "x = " + " + ".join(["1"] * 900)
    assert code_of(text) == code_of(f"{text}  # again") != text


def test_a_plan_makes_anew_what_a_chosen_cell_changes() -> None:
    it = Desk("xs = []", "ys.append(1)", "print(ys)", "ys = xs")
    it.run("d")
    assert it.plan("c") == "abc"


def test_a_module_that_seems_to_change() -> None:
    it = Desk("import store", "store.clear()", "print(store)")
    it.run("b")
    assert it.said() == {}


def test_a_source_that_changes_while_it_runs_is_judged_as_it_was_sent() -> None:
    it = Desk("x = 1", "print(x)", run=False)
    it.run("a", "b")
    it.edit("a", "x = 2")
    assert it.said() == {"b": "cell 1 was edited (x)"}


def test_a_deleted_cell_keeps_its_run() -> None:
    it = Desk("x = 1", "print(x)")
    it.delete("a")
    assert it.said() == {"b": "x comes from a deleted cell"}
    assert it.staleness.judge(it.page)[CellId("b")].fails is not None
    assert it.plan("b") == "b"


def test_annotations_need_their_names_but_not_their_values() -> None:
    it = Desk("Deck = list", "def f(d: Deck) -> Deck: return 1", "f(1)")
    it.edit("a", "Deck = tuple")
    it.run("a")
    assert it.said() == {}
    it.edit("a", "1")
    it.run("a")
    assert it.said() == {"b": "Deck is no longer set above"}
    it = Desk("Deck = list", "def f(d: Deck) -> Deck: return 1", "f(1)")
    it.delete("a")
    assert it.said() == {"b": "Deck comes from a deleted cell"}
    assert it.staleness.judge(it.page)[CellId("b")].fails is not None
    postponed = Desk("from __future__ import annotations", "Deck = list", "def f(d: Deck): return 1")
    postponed.delete("b")
    assert postponed.said() == {}


def test_what_fails_on_a_fresh_kernel_is_said_first() -> None:
    it = Desk("x = 1", "print(x)", "y = 2")
    it.edit("b", "print(x, y)")
    it.run("b")
    it.edit("a", "x = 3")
    assert it.said() == {"b": "y comes from cell 3, below"}


def test_a_name_that_a_cell_above_sets_too_is_there_on_a_fresh_kernel() -> None:
    it = Desk("x = 1", "print(x)", "x = 2")
    it.run("b")
    assert it.said() == {"b": "x comes from cell 3, below"}
    assert it.staleness.judge(it.page)[CellId("b")].fails is None
    it.delete("a")
    judgement = it.staleness.judge(it.page)[CellId("b")]
    assert judgement.fails is not None
    assert judgement.fails.describe(lambda _: 2) == "x comes from cell 2, below"


def test_random_numbers_are_there_on_a_fresh_kernel() -> None:
    it = Desk("import random", "print(random.random())")
    it.run("b", "b")
    judgement = it.staleness.judge(it.page)[CellId("b")]
    assert [reason.describe(lambda _: 2) for reason in judgement.reasons] == ["ran on its own result: random numbers"]
    assert judgement.fails is None


def test_what_only_a_later_definition_uses_is_not_missing() -> None:
    it = Desk("def f(): return 1", "f()", "y = 2\ndef f(): return y")
    it.run("b")
    judgement = it.staleness.judge(it.page)[CellId("b")]
    assert [reason.name for reason in judgement.reasons] == ["f", "y"]
    assert judgement.fails is None


def test_a_star_import_of_a_deleted_cell() -> None:
    it = Desk("from math import *", "sqrt(2)", "from cmath import *", "phase(1)")
    it.run("a")
    assert it.said() == {}
    it.delete("c")
    assert it.said() == {"d": "a star import comes from a deleted cell"}


def test_the_same_star_import_again_changes_nothing() -> None:
    it = Desk("from math import *", "sqrt(2)")
    it.edit("a", "from math import *  # as before")
    it.run("a")
    assert it.said() == {}
    it.edit("a", "from cmath import *")
    it.run("a")
    assert it.said() == {"b": "a star import set again in cell 1"}


def test_cells_that_moved() -> None:
    it = Desk("x = 1", "print(x)", "x = 2", "print(x)")
    it.move("c", 1)
    assert it.said() == {"b": "x set again in cell 2"}
    it.move("c", 2)
    assert it.said() == {}
    it.move("a", 3)
    it.delete("c")
    assert it.said()["b"] == "x comes from cell 3, below"


def test_a_result_of_its_own() -> None:
    it = Desk("x = 1", "x += 1", "print(x)")
    it.run("b")
    assert it.said() == {"b": "ran on its own result: x"}  # the last cell shows what a run from the top shows
    assert it.plan("c") == "abc"
    it.run("a", "b", "c")
    assert it.said() == {}


def test_a_result_of_its_own_that_began_in_a_deleted_cell() -> None:
    it = Desk("n = 0", "n += 1\nn")
    it.run("b")
    assert it.said() == {"b": "ran on its own result: n"}
    it.delete("a")
    assert it.said() == {"b": "n comes from a deleted cell"}


def test_names_in_functions_and_classes() -> None:
    it = Desk(
        "k = 1",
        "def f(): return g()\ndef g(): return k",
        "class A:\n    def m(self): return f()",
        "a = A()",
        "a.m()",
        "h = [f]",
        "h[0]()",
    )
    it.edit("a", "k = 2")
    it.run("a")
    assert {"e", "g"} <= it.said().keys() <= {"d", "e", "f", "g"}
    assert it.followers("a")[-1] == "g"


def test_a_function_that_changes_what_it_is_given() -> None:
    it = Desk(
        "d = {}",
        "def put(d, k): d[k] = 1",
        "put(d, 1)",
        "print(d)",
        "n = 0",
        "def up():\n    global n\n    n += 1",
        "up()",
        "print(n)",
    )
    it.run("c", "g")
    assert it.said() == {"c": "ran on its own result: d", "g": "ran on its own result: n"}


def test_random_numbers() -> None:
    it = Desk(
        "import random\nfrom random import choice\nrandom.seed(1)",
        "random.random()",
        "choice([1, 2])",
        "rng = random.Random(1)",
        "rng.random()",
        "rng.random()",
    )
    it.run("b")
    assert it.said()["b"] == "ran on its own result: random numbers"
    it.run("a", "b", "c")
    assert it.said() == {}
    it.run("e")
    assert it.said() == {"e": "ran on its own result: rng"}


@pytest.mark.parametrize(
    ("seed", "draw"),
    [
        ("import random", "random.seed(1)\nprint(random.random())"),
        ("import random\ndef f(): return random.random()", "random.seed(1)\nprint(f())"),
        ("import numpy as np", "np.random.seed(1)\nprint(np.random.rand(3))"),
    ],
)
def test_what_is_seeded_in_the_same_cell_follows(seed: str, draw: str) -> None:
    it = Desk(seed, draw, draw.partition("\n")[2])
    it.run("c", "b", "c")
    assert it.said() == {}
    it.run("c", "b")
    assert it.said() == {"c": "ran on its own result: random numbers"}


def test_random_numbers_from_below() -> None:
    it = Desk("import random", "random.random()", "x = random.random()")
    it.move("b", 2)
    assert it.said() == {"c": "random numbers come from cell 3, below"}


def test_a_failed_run_may_have_set_nothing() -> None:
    it = Desk("x = 1", f"x = {IMPURE}", "print(x)", run=False)
    it.run("a")
    it.run("b", ok=False)
    it.run("c")
    assert it.said() == {}
    it.run("b")
    assert it.said() == {"c": "x set again in cell 2"}


def test_a_stale_cell_taints_what_it_gives() -> None:
    it = Desk(f"a = {IMPURE}", "b = a.read()", "print(b)")
    it.run("a")
    assert it.said() == {"b": "a set again in cell 1", "c": "cell 2 is stale (b)"}


def test_what_gives_a_name_has_not_run() -> None:
    it = Desk("x = 1", "x.y = 2", "print(x)", run=False)
    it.run("a", "c")
    assert it.said() == {"c": "x: cell 2 has not run"}
    assert it.plan("c") == "bc"
    other = Desk("x = 1", "print(x)", run=False)
    other.run("b", ok=False)
    assert other.said() == {"b": "x: cell 1 has not run"}


def test_what_is_not_known_is_only_perhaps() -> None:
    it = Desk("x = f()", "g(x)", "print(x)")
    it.run("b")
    assert it.said() == {}
    assert it.perhaps() == {"b": "x", "c": "x"}
    other = Desk("x = f()", "%run other.py", "print(x)")
    other.run("b")
    assert other.perhaps()["c"] == "any name"
    elsewhere = Desk("print(x)", "x = 1")
    elsewhere.move("b", 0)
    assert elsewhere.perhaps() == {"a": "x"}


def test_code_that_is_no_cell_and_names_that_are_deleted() -> None:
    it = Desk("x = 1", "print(x)")
    it.staleness.ran(OUTSIDE, "x = 5", ok=True)
    it.run("b")
    assert it.said() == {"b": "x comes from code that is no cell"}
    gone = Desk("x = 1", "del x", "y = 2")
    gone.run("a")
    assert gone.said() == {}


def test_another_kernel_knows_nothing() -> None:
    it = Desk("x = 1", "print(x)")
    it.delete("a")
    it.staleness.forget_kernel()
    assert it.said() == {}


def test_text_that_is_evaluated() -> None:
    it = Desk(
        "def show(text): print(eval(text))", "p = 1", "show('p')", "class V:\n    def __init__(s, t): s.t = eval(t)", "V('p')"
    )
    it.edit("b", "p = 2")
    assert set(it.said()) == {"c", "e"}


def test_what_to_run_includes_what_a_rerun_needs() -> None:
    it = Desk(f"x = {IMPURE}", "x.a = 1", "y = x.a", "x.b = y", "print(x)")
    it.edit("c", "y = x.a + 1")
    assert it.plan("e") == "abcde"
    assert it.followers("b") == "bcde"


def test_where_names_are() -> None:
    it = Desk("import math\nx = 1", "x += math.pi", "def f(): return x", "print(f(), missing)")
    found = {one.name: ("".join(one.set_in), "".join(one.changed_in), "".join(one.used_in)) for one in names_of(it.page)}
    assert found == {"math": ("a", "", "b"), "x": ("a", "b", "bc"), "f": ("c", "", "d"), "missing": ("", "", "d")}


# ---- held to truth

TEMPLATES = """
{a} = {n}
{a} = {b} + {n}
{a} += {n}
xs.append({a})
xs = [{n}]
print({a}, {b})
print(xs)
def f(q): return q + {a}
{a} = f({n})
print(f({b}))
d = dict(k={a})
d['k'] += {n}
print(d)
{a} = sum(xs)
for i in range({n}): {a} += i
if {a} > {n}: {b} = {n}
print([{a} * i for i in xs])
del {a}
print(C().m())
""".strip().splitlines()


def program(rng: random.Random) -> list[str]:
    names = ["x", "y", "z"]
    head = ["x = 1", "y = 2\nz = 3", "xs = [4]", "d = {'k': 1}", "def f(q): return q", "class C:\n    def m(self): return 1"]
    return head + [
        rng.choice(TEMPLATES).format(a=rng.choice(names), b=rng.choice(names), n=rng.randrange(9)) for _ in range(12)
    ]


def outputs_of(runs: list[tuple[CellId, str]]) -> list[tuple[str, bool]]:
    names = fresh_names()
    return [run_one(source, names) for _, source in runs]


def test_random_programs_are_judged_as_a_run_from_the_top_does() -> None:
    """The same as random_sessions.py does with notebooks, in this process."""
    counts: Counter[str] = Counter()
    for number in range(150):
        rng = random.Random(number)
        session: Session = session_of(program(rng), rng)
        outputs = outputs_of(session.runs)
        marks = judge(session, outputs)
        shown = {cell: output for (cell, _), (output, _) in zip(session.runs, outputs, strict=True)}
        for (cell, _), (truth, _) in zip(session.cells, outputs_of(session.cells), strict=True):
            if truth or shown[cell]:
                counts["marked" if cell in marks else "silent", shown[cell] == truth] += 1  # type: ignore[index]
    marked, missed, same = (counts[key] for key in (("marked", False), ("silent", False), ("marked", True)))  # type: ignore[index]
    assert marked > 200
    assert missed <= 0.02 * (marked + missed), counts
    assert same <= 0.45 * (marked + same), counts


def found(judgements: dict[CellId, Judgement]) -> dict[CellId, tuple[set[str], str]]:
    """Returns the names, without the reasons: equal values may have several histories."""
    return {cell: ({reason.name for reason in one.reasons}, one.perhaps) for cell, one in judgements.items()}


@pytest.mark.parametrize("seed", range(20))
def test_only_what_changed_is_judged_again_with_the_same_result(seed: int) -> None:
    rng = random.Random(seed)
    session = session_of(program(rng), rng)
    kept, sources = Staleness(), dict(session.cells)
    for cell, source in session.runs:
        kept.ran(cell, source, ok=True)
        kept.judge([one for one in session.cells if one[0] in sources])
    anew = Staleness()
    for cell, source in session.runs:
        anew.ran(cell, source, ok=True)
    assert found(kept.judge(session.cells)) == found(anew.judge(session.cells))


def test_a_name_that_cannot_be_set_any_more_taints_what_follows() -> None:
    it = Desk("import pandas as pd", "a = {1: 2}\ns = pd.Series(a)", "t = pd.DataFrame(s)", "n = len(t)", "print(n)")
    it.move("b", 0)
    assert it.said() == {
        "b": "pd comes from cell 2, below",
        "c": "cell 1 is stale (s)",
        "d": "cell 3 is stale (t)",
        "e": "cell 4 is stale (n)",
    }


@pytest.mark.parametrize(
    "value", ["a", "a[1:]", "a[:, 0]", "a[0, 1:]", "a.T", "a.values", "a.reshape(2, 3)", "a.ravel()", "a.T.view()"]
)
def test_two_names_of_one_object(value: str) -> None:
    for changed, used in ("ba", "ab"):
        it = Desk(f"a = {IMPURE}", f"b = {value}", f"{changed}[0] = 1", f"print({used})")
        it.delete("c")
        assert it.said() == {"d": "a comes from a deleted cell"}


def test_two_names_that_share_an_object_no_more() -> None:
    it = Desk(f"a = {IMPURE}", "b = a", "a = 1", "b[0] = 1", "print(a)")
    it.run("d")
    assert it.said() == {"d": "ran on its own result: b"}
    it = Desk(f"a = {IMPURE}", "b = a", "b += 1", "print(a)")
    it.run("c")
    assert it.said() == {"c": "ran on its own result: b"}
    assert effects_of("b = a\na = b").shares == {"b": "a"}


def test_two_names_of_one_object_in_a_cell() -> None:
    it = Desk(f"a = {IMPURE}", "b = a[1:]\nb[0] = 1", "print(a)")
    it.run("b")
    assert it.said() == {"b": "ran on its own result: a", "c": "cell 2 is stale (a)"}
