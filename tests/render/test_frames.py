"""Which lines of a traceback are frames, and which frames are of libraries."""

from __future__ import annotations

import pytest

from tuinb.render.frames import PLACE, Frame, frames, groups, library_of, title


@pytest.mark.parametrize(
    ("place", "library"),
    [
        ("File ~/.venv/lib/python3.11/site-packages/pandas/core/frame.py:4330", "pandas"),
        ("File ~/.venv/lib/python3.11/site-packages/six.py:3", "six"),
        ("File ~/.pyenv/versions/3.11.7/lib/python3.11/json/__init__.py:346", "json"),
        ("/usr/lib/python3/dist-packages/numpy/core.py", "numpy"),
        (r"File C:\Users\me\anaconda3\lib\site-packages\pandas\core\frame.py:1", "pandas"),
        (r"File C:\Python311\Lib\json\decoder.py:3", "json"),
        (r"File ~\anaconda3\envs\new\lib\json\decoder.py:3", "json"),
        ("File <frozen importlib._bootstrap>:241", "importlib"),
        ("File <__array_function__ internals>:200", "numpy"),
        ("File pandas/_libs/index.pyx:172", "pandas"),
        ("Cell In[1], line 3", ""),
        ("<ipython-input-3-abc>", ""),
        ("File <magic-timeit>:1", ""),
        ("File ~/project/lib/helper.py:3", ""),
        (r"File C:\project\lib\helper.py:3", ""),
    ],
)
def test_the_library_of_a_place(place: str, library: str) -> None:
    assert library_of(place) == library


@pytest.mark.parametrize(
    ("line", "place", "function"),
    [
        ("Cell In[1], line 3", "Cell In[1], line 3", None),
        ("Cell In[1], line 3, in f(x)", "Cell In[1], line 3", "f"),
        ("Input In [1], in <cell line: 1>()", "Input In [1]", "<cell line: 1>"),
        ("<ipython-input-3-abc> in <module>", "<ipython-input-3-abc>", "<module>"),
        ("~/x/y.py in f(self, a)", "~/x/y.py", "f"),
        ("File ~/x.py:3, in A.f(a)", "File ~/x.py:3", "A.f"),
        ("  Cell In[1], line 1", "Cell In[1], line 1", None),
    ],
)
def test_versions_of_ipython_say_in_their_ways_where_a_frame_is(line: str, place: str, function: str | None) -> None:
    found = PLACE.match(line)
    assert found is not None
    assert (found["place"], found["function"]) == (place, function)


@pytest.mark.parametrize("line", ["", "a message", "File data.csv: 3 rows", "      1 x = 1", "/a/b c", "ValueError: In [1]"])
def test_other_lines_are_no_place(line: str) -> None:
    assert PLACE.match(line) is None


TEXT = [
    "ValueError                                Traceback (most recent call last)",
    "Cell In[1], line 1",
    "----> 1 f()",
    "",
    "File /v/lib/python3.11/site-packages/pandas/a.py:3, in f()",
    "----> 3 g()",
    "    [... skipping similar frames: f at line 3 (9 times)]",
    "",
    "File /v/lib/python3.11/json/b.py:3, in g()",
    "",
    "ValueError: bad",
    "more",
]


def test_frames_of_libraries_that_follow_each_other_are_one_group() -> None:
    found = groups(frames(TEXT))
    assert found == [
        [Frame(0, 1)],
        [Frame(1, 4, is_frame=True)],
        [Frame(4, 8, "pandas", is_frame=True), Frame(8, 10, "json", is_frame=True)],
        [Frame(10, 12)],
    ]
    assert title(found[2]) == "2 frames in pandas, json"
    assert title([Frame(0, 1, name, is_frame=True) for name in "abcad"]) == "5 frames in a, b, c, …"
    assert title([Frame(0, 1, "a", is_frame=True)]) == "1 frame in a"


def test_the_source_of_a_syntax_error_belongs_to_its_frame() -> None:
    lines = ["  Cell In[1], line 1", "    def f(:", "          ^", "SyntaxError: invalid syntax"]
    assert sum(frame.last - frame.first for frame in frames(lines)) == len(lines)
    assert frames(lines)[0].is_frame
