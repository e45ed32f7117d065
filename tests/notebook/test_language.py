"""The language of a notebook, from a kernelspec and a language_info that may disagree."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tuinb.notebook.language import agreed_language, is_same, kernelspec_of, language_of, substitute_language, suffix_of

if TYPE_CHECKING:
    from tuinb.notebook.changes import Json


def metadata(kernelspec: dict[str, Json] | None, language: str | None) -> dict[str, Json]:
    found: dict[str, Json] = {}
    if kernelspec is not None:
        found["kernelspec"] = kernelspec
    if language is not None:
        found["language_info"] = {"name": language}
    return found


JULIA: dict[str, Json] = {"name": "julia-1.5", "display_name": "Julia 1.5.3"}
R: dict[str, Json] = {"name": "ir", "display_name": "R"}


@pytest.mark.parametrize(
    ("kernelspec", "info", "language", "substitute"),
    [
        ({**JULIA, "language": "julia"}, "python", "julia", None),
        (JULIA, "python", "julia", None),
        (JULIA, None, "julia", "julia"),
        (JULIA, "julia", "julia", "julia"),
        ({"name": ".net-csharp", "display_name": ".NET (C#)"}, "python", "c#", None),
        ({"name": "xcpp17", "display_name": "C++17"}, "python", "c++", None),
        ({"name": "mine", "display_name": "C++ 20"}, None, "c++", "c++"),
        ({"name": "wolframlanguage13.1"}, "python", "wolfram language", None),
        ({"name": "calysto_prolog"}, "python", "prolog", None),
        ({"name": "sagemath", "display_name": "SageMath 9.5", "language": "sage"}, "python", "sage", None),
        (R, "python", "r", None),
        (R, "R", "R", "R"),
        ({"name": "ir", "language": "R"}, "r", "r", "r"),
        ({"name": "mine", "display_name": "Python (mine)"}, "python", "python", "python"),
        ({"name": "mine", "display_name": "Python (R and julia)"}, None, "python", "python"),
        ({"name": "mine", "language": "python3"}, "ipython", "ipython", "ipython"),
        ({"name": "mine", "display_name": "Mine"}, "python", "python", "python"),
        ({"name": "mine", "display_name": "Mine"}, None, "python", None),
        ({"language": "julia"}, "python", "julia", "julia"),
        (None, "python", "python", "python"),
        (None, None, "python", "python"),
    ],
)
def test_the_kernelspec_decides(
    kernelspec: dict[str, Json] | None, info: str | None, language: str, substitute: str | None
) -> None:
    found = metadata(kernelspec, info)
    assert language_of(found) == language
    assert substitute_language(found) == substitute


@pytest.mark.parametrize("odd", [None, [], 3, "python", {"name": None, "language": [], "display_name": {}}])
def test_malformed_metadata_names_no_language(odd: Json) -> None:
    found: dict[str, Json] = {"kernelspec": odd, "language_info": odd}
    assert (language_of(found), substitute_language(found)) == ("python", "python")


@pytest.mark.parametrize(("one", "other", "same"), [("Python3", "ipython", True), ("C++17", "c++", True), ("C", "C++", False)])
def test_names_of_one_language(one: str, other: str, same: bool) -> None:
    assert is_same(one, other) is same


@pytest.mark.parametrize(
    ("metadata", "suffix"),
    [
        ({"language_info": {"name": "python", "file_extension": ".py3"}}, ".py3"),
        ({"language_info": {"name": "python", "file_extension": "/../x"}}, ".py"),
        ({"language_info": {"name": "python", "file_extension": ".py"}, "kernelspec": {"name": "ir", "language": "R"}}, ".R"),
        ({"kernelspec": {"name": "julia-1.11", "language": "julia"}}, ".jl"),
        ({"language_info": {"name": "befunge"}}, ".txt"),
        ({}, ".py"),
    ],
)
def test_the_suffix_of_a_script(metadata: dict[str, Json], suffix: str) -> None:
    assert suffix_of(metadata) == suffix


@pytest.mark.parametrize(
    ("metadata", "name"),
    [({}, None), ({"kernelspec": {"name": "ir"}}, "ir"), ({"kernelspec": {"name": 3}}, None), ({"kernelspec": "ir"}, None)],
)
def test_the_kernelspec_that_a_notebook_names(metadata: dict[str, Json], name: str | None) -> None:
    assert kernelspec_of(metadata) == name


@pytest.mark.parametrize(
    ("kernelspec", "info", "agreed"),
    [
        ({"name": "python3", "language": "julia"}, "julia", "julia"),
        ({"name": "python3", "language": "python"}, "julia", ""),
        ({"name": "sagemath", "language": "sage"}, "python", ""),
        ({"name": "python3"}, "julia", ""),
        ({"name": "python3", "language": "julia"}, None, ""),
    ],
)
def test_a_language_on_which_the_metadata_agrees(kernelspec: dict[str, Json], info: str | None, agreed: str) -> None:
    assert agreed_language(metadata(kernelspec, info)) == agreed
