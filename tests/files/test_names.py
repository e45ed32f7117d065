"""Which names are a notebook's, and which notebook is meant by a name that is none's."""

from __future__ import annotations

from pathlib import Path

import pytest

from tuinb.files.names import is_notebook_name, similar


@pytest.mark.parametrize(
    ("name", "is_one"), [("a.ipynb", True), ("A.IPYNB", True), ("a.py", True), ("a.md", True), ("a", False), ("a.csv", False)]
)
def test_names_of_notebooks(name: str, is_one: bool) -> None:
    assert is_notebook_name(Path(name)) is is_one


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("sales", "sales.ipynb"),
        ("sales.csv", "sales.ipynb"),
        ("sales.ipy", "sales.ipynb"),
        ("sales.ipynb.txt", "sales.ipynb"),
        ("slaes", "sales.ipynb"),
        ("slaes.ipynb", "sales.ipynb"),
        ("sales.ipynb", ""),
        ("part3", ""),
        ("zebra", ""),
    ],
)
def test_the_notebook_that_is_meant(name: str, meant: str, tmp_path: Path) -> None:
    for there in ("sales.ipynb", "part1.ipynb", "part2.ipynb", "zebra.txt"):
        (tmp_path / there).touch()
    assert similar(tmp_path / name) == meant


def test_a_folder_that_can_not_be_listed(tmp_path: Path) -> None:
    assert similar(tmp_path / "no" / "sales") == ""
