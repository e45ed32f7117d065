"""What is known about functions and methods of Python and its libraries, by their names: tables for names.py."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


MUTATORS: Final = _words("""
    add append appendleft clear compile discard extend extendleft fill fit fit_transform insert load_state_dict move_to_end
    partial_fit pop popitem popleft put remove resize reverse rotate seek send setdefault sort step subtract train
    update write writelines __setitem__ __delitem__ __next__ backward zero_grad set_params
""")
"""Methods that change their object."""
DRAWS: Final = _words("""
    beta betavariate binomial bytes chisquare choice choices exponential expovariate gamma gammavariate gauss geometric gumbel
    getrandbits integers laplace logistic lognormal lognormvariate multinomial multivariate_normal normal normalvariate
    paretovariate permutation permuted poisson rand randbytes randint randn random random_integers random_sample randrange
    sample shuffle standard_normal standard_t triangular uniform vonmises vonmisesvariate weibull weibullvariate zipf
""")
"""Methods that draw from a random generator, and so change it."""
SEEDS: Final = _words("seed set_seed set_state setstate manual_seed")
"""Methods that set a random generator anew."""
UNSEEDED: Final = _words("default_rng RandomState Random SystemRandom Generator seed")
"""What draws its seed from the system, if it is called without one."""
CHANGE_FIRST: Final = _words(
    "next setattr delattr shuffle heappush heappop heapify insort at copyto fill_diagonal place putmask"
)
"""Functions that change their first argument, whatever they are called on."""
PURE: Final = _words("""
    abs all any bin bool bytes chr complex dict divmod enumerate float format frozenset hash hex int isinstance issubclass len
    list map max min oct ord pow range repr reversed round set slice sorted str sum tuple type zip
""")
"""Built-in functions whose result follows from their arguments, and which change none of them."""
MAKERS: Final = _words("""
    Counter NamedTuple NewType OrderedDict TypeVar cache dataclass defaultdict deque field lru_cache namedtuple
""")
"""Functions and classes of the standard library that make collections, classes and decorators: the same from the same
arguments. What the notebook itself defines by such a name counts by its own text."""
CHANGE_NONE: Final = PURE | _words("print id display")
"""Functions that change none of their arguments."""
VIEWS: Final = _words("T flat imag ravel real reshape squeeze swapaxes transpose values view")
"""Attributes and methods of arrays whose value has the same elements: what changes one changes the other."""
NAMESPACES: Final = _words("globals locals vars")
"""Functions by which any name may be set."""
OUTSIDE_NAMES: Final = _words("""
    open input exec eval compile __import__ breakpoint exit quit get_ipython globals locals vars id object
""")
"""Functions whose result does not follow from their arguments."""
_OUTSIDE: Final = re.compile(
    r"(?:read|load|open|fetch|download|url|now|today|input|genfromtxt|memmap|from_?file|connect)(?![a-z]).*|read_.*|empty(?:_like)?"
)
PACKAGES: Final = _words("""
    __future__ abc bisect cmath collections copy dataclasses decimal enum fractions functools heapq itertools math networkx
    numbers numpy operator pandas random re scipy sklearn statistics string sympy textwrap types typing unicodedata
""")
"""Packages whose results follow from their arguments, but for what `reaches_outside` says."""
CACHES: Final = _words("cache lru_cache")
"""Decorators by which a function keeps its results."""
INERT_ATTRIBUTES: Final = _words("""
    __annotations__ __bases__ __class__ __code__ __defaults__ __doc__ __kwdefaults__ __module__ __mro__ __name__ __qualname__
""")
"""Attributes that are read without calling what they are of."""
INERT_CALLS: Final = _words("""
    callable help id isinstance issubclass type
    getcomments getdoc getfile getmodule getsource getsourcelines isclass isfunction ismethod signature
""")
"""Functions, and those of the module inspect, that call none of their arguments."""
ITERATORS: Final = _words("chain count cycle enumerate filter finditer islice iter map product reversed zip")
"""Functions that return an iterator, which is used up when it is read."""
BOUND_MUTATORS: Final = _words("add append appendleft discard extend extendleft insert remove setdefault update")
"""Methods of lists, sets and dicts that change them, also when they are passed on: `map(xs.append, ys)`."""


@lru_cache(maxsize=1024)
def reaches_outside(name: str) -> bool:
    """Returns whether an attribute or imported function of this name reaches files, the network or the clock."""
    return _OUTSIDE.fullmatch(name) is not None
