"""Walks of syntax trees, against those of the module ast."""

from __future__ import annotations

import ast

import pytest

from tuinb.analysis.syntax_tree import fingerprint, walk

SOURCES = [
    "x = f(a, *b, k=1, **c)[0].d",
    "x = f(a, *b, k=2, **c)[0].d",
    "y = x + 1 if -x else not x",
    "y = x - 1 if -x else not x",
    "x[1:]", "x[:1]", "x[::1]",
    "x = 1", "x = 1.0", "x = True", "x = '1'", "x = b'1'", "x = u'1'", "x = Ellipsis", "x = ...", "x = inf", "x = 1e999",
    "x = '\\n<Name'", "x = None", "{**a}", "{None: a}",
    "@d\ndef f(a, /, b=1, *c, d: int, e=2, **g) -> str:\n    global x\n    return [i for i in a if i < b <= 3]",
    "async def f():\n    nonlocal x\n    async with a as b:\n        yield {k: v async for k, v in b}",
    "try:\n    import a.b as c\nexcept E as e:\n    from . import d\nfinally:\n    del x",
    "match x:\n    case [1, *rest] | {'k': P(a=y), **more}:\n        pass\n    case None | _:\n        f'{x!r:>{n}}'",
    "while (n := g()):\n    class A(B, m=1):\n        x: int = 1",
]  # fmt: skip
_WITHOUT_NAMES = (ast.expr_context, ast.operator, ast.unaryop, ast.boolop, ast.cmpop)


@pytest.mark.parametrize("source", SOURCES)
def test_a_walk_finds_all_nodes_but_operators(source: str) -> None:
    tree = ast.parse(source)
    assert walk(tree) == [node for node in ast.walk(tree) if not isinstance(node, _WITHOUT_NAMES)]


def test_fingerprints_differ_where_trees_do() -> None:
    dumps = {ast.dump(ast.parse(source)) for source in SOURCES}
    assert len(dumps) == len({fingerprint(ast.parse(source)) for source in SOURCES}) == len(SOURCES)


def test_comments_and_layout_are_not_in_a_fingerprint() -> None:
    one, other = "x = f(a,\n      'b')  # why", '\n\nx = (f( a , "b" ))'
    assert fingerprint(ast.parse(one)) == fingerprint(ast.parse(other))
