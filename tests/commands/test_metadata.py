"""Metadata, tags and attachments that are edited."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tuinb.errors import TuinbError
from tuinb.notebook.changes import CellId, ClientId, SetAttachments, SetMetadata, Transaction

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.commands.conftest import Desk

    Make = Callable[[str], Desk]

A, B = CellId("c0"), CellId("c1")


def with_metadata(it: Desk, cell: CellId | None, **values: Any) -> Desk:  # noqa: ANN401
    changes = tuple(SetMetadata(cell, key, value) for key, value in values.items())
    it.notebook.apply(Transaction(changes, ClientId("x")))
    return it


def test_keys_of_a_cell_are_changed_as_one_step(desk: Make) -> None:
    it = with_metadata(desk("a|b*"), B, one=1, two={"x": [True]}, three=3)
    edited = {"one": 1, "two": {"x": [1]}, "tags": ["a b"]}
    it.run("edit-metadata", json.dumps(edited))
    asked = it.host.log[0]
    assert asked[:2] == ("edit_text", "analysis-cell-2-metadata.json")
    assert json.loads(asked[2]) == {"one": 1, "two": {"x": [True]}, "three": 3}
    assert it.notebook[B].metadata == edited
    assert it.said() == ["Changed 3 keys."]
    it.run("undo")
    assert json.dumps(dict(it.notebook[B].metadata)) == json.dumps({"one": 1, "two": {"x": [True]}, "three": 3})


def test_keys_of_the_notebook(desk: Make) -> None:
    it = with_metadata(desk("a*"), None, title="x")
    it.run("edit-notebook-metadata", '{"title": "ü"}')
    assert it.notebook.metadata == {"title": "ü"}
    it.run("edit-notebook-metadata", '{ "title": "ü" }')
    it.run("edit-notebook-metadata", None)
    assert it.said() == ["Changed a key.", "Nothing was changed.", "Nothing was changed."]


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ('{\n"a": }', 2, "Line 2, column 6: Expecting value"),
        ("[1]", 1, "Metadata is an object"),
        ('{"a": NaN}', 1, "NaN is no JSON"),
        ("[" * 100_000, 1, "It can't be read"),
        ('{"tags": "x"}', 1, "tags must be a list"),
        ('{"tags": ["x", "x"]}', 1, "tags must be a list"),
        ('{"tags": ["x,y"]}', 1, "tags must be a list"),
        ('{"scrolled": 1}', 1, "scrolled must be true or false"),
        ('{"name": ""}', 1, "name must be a text"),
        ('{"jupyter": []}', 1, "jupyter must be an object"),
    ],
)
def test_a_wrong_text_is_kept_for_another_try(desk: Make, text: str, line: int, said: str) -> None:
    it = desk("a*")
    it.run("edit-metadata", text, True, '{"b": 2}')
    confirm, again = it.host.log[1:3]
    assert said in confirm[1]
    assert again[2:] == (text, line)
    assert it.notebook[A].metadata == {"b": 2}
    it.run("edit-metadata", text, False)
    assert it.notebook[A].metadata == {"b": 2}


@pytest.mark.parametrize("text", ['{"kernelspec": {"name": "x"}}', '{"language_info": 1}', '{"orig_nbformat": true}'])
def test_the_notebooks_own_keys(desk: Make, text: str) -> None:
    it = desk("a*")
    it.run("edit-notebook-metadata", text, False)
    assert "must be" in it.host.log[-2][1]
    assert it.said() == ["Nothing was changed."]
    assert it.session.applied == []


def test_what_was_wrong_before_may_stay(desk: Make) -> None:
    it = with_metadata(desk("a*"), A, tags=3)
    it.run("edit-metadata", '{"tags": 3, "x": 1}')
    assert it.notebook[A].metadata == {"tags": 3, "x": 1}


def test_what_others_set_meanwhile_stays(desk: Make) -> None:
    it = with_metadata(desk("a*"), A, one=1)

    def edited(_text: str) -> str:
        with_metadata(it, A, two=2)
        return '{"one": 3}'

    it.run("edit-metadata", edited)
    assert it.notebook[A].metadata == {"one": 3, "two": 2}


def test_tags(desk: Make) -> None:
    it = with_metadata(with_metadata(desk("[a*|b]|c"), A, tags=["old", "both"]), B, tags=["both", "own"])
    it.run("edit-tags", " both , new,new, ")
    assert it.host.log[0][1].startswith("Tags, separated by commas (known: own, parameters, ")
    assert it.host.log[0][2] == "old, both"
    assert (it.notebook[A].tags, it.notebook[B].tags) == (("both", "new"), ("both", "own", "new"))
    assert it.said() == ["Changed the tags of 2 cells."]
    assert len(it.session.applied) == 1
    it.run("edit-tags", "both, new")
    assert it.said()[1:] == ["Nothing was changed."]
    it = with_metadata(desk("a*"), A, tags=["x"])
    it.run("edit-tags", "")
    assert "tags" not in it.notebook[A].metadata


def test_attachments(desk: Make) -> None:
    it = desk("m:![](attachment:a.png)*|b")
    found = {"a.png": {"image/png": "A" * 8000}, "b.png": {"image/png": "AAAA"}, "c": 3}
    it.notebook.apply(Transaction((SetAttachments(A, found),), ClientId("x")))
    it.run("attachments", 1, True)
    assert it.host.log[0] == (
        "choose",
        "Attachments: Enter removes one",
        ["a.png  image/png, 6 kB", "b.png  image/png, 1 kB · not used", "c  unreadable · not used"],
    )
    assert set(it.notebook[A].raw["attachments"]) == {"a.png", "c"}
    it.run("attachments", 0, False)
    it.run("attachments", None)
    it.run("attachments", 1, True)
    it.run("attachments", 0, True)
    assert "attachments" not in it.notebook[A].raw
    it.run("attachments")
    assert it.said() == ["Nothing was removed.", "This cell has no attachments."]


@pytest.mark.parametrize("name", ["edit-metadata", "edit-notebook-metadata", "edit-tags"])
def test_read_only(desk: Make, name: str) -> None:
    it = desk("a*")
    it.session.read_only = "it is locked"
    with pytest.raises(TuinbError, match="Read-only"):
        it.run(name, "{}")
