"""What the source of a Python cell does with the names of the notebook, read from the source alone.

`effects_of` is the one analysis of names: dataflow.py finds names that no cell defines by it, staleness.py the cells whose
results are out of date. Statements are read in their order. A loop, a `with` and the body of a `try` count as run, the parts of
`if`, `match` and `except` as perhaps run. What a function does, it does when it is called: see `Body`.

Limits: two names of one object are known as such where one is set to the other, or to a view of it as numpy has them; that an
object is a part of another (`b = a.b`, a loop over a) only in the same cell or function. Code in other files is not read, and
an unknown call may change its arguments (`may_change`).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from tuinb.analysis.cell_code import read_code
from tuinb.analysis.effects import Effects
from tuinb.analysis.reading import assignments, calls, control_flow, expressions, functions
from tuinb.analysis.reading.reader import Handlers, Reader

STAR: Final = "*"
"""Stands for the names that a star import sets."""
_HANDLERS: Final = Handlers(
    {
        **expressions.HANDLERS,
        **calls.HANDLERS,
        **functions.HANDLERS,
        **assignments.HANDLERS,
        **control_flow.HANDLERS,
    }
)
_WORD: Final = re.compile(r"[^\W\d]\w*")
_SETS_OTHERS: Final = re.compile(
    r"import\s*\*|\b(?:exec|execfile|eval|globals|locals|vars|get_ipython|setattr)\b|^\s*%", re.MULTILINE
)
"""What may set names that a source does not mention."""


@lru_cache(maxsize=8192)
def effects_of(source: str) -> Effects:
    """Returns what a source does. The result is cached."""
    code = read_code(source)
    if code.unparsable:
        mentions = None if _SETS_OTHERS.search(source) else frozenset(_WORD.findall(source))
        return Effects(anything=True, unparsable=True, mentions=mentions)
    reader = Reader(_HANDLERS, has_walrus=":=" in code.text)
    try:
        reader.block(code.body)
    except RecursionError:  # a sum of a thousand terms: nothing is certain
        return Effects(anything=True)
    reader.may_use(code.inserted)
    reader.anything |= code.defines_any
    return reader.result()
