"""Damaged notebooks: the error names the problem, the place and the next step. Readable parts are shown read-only."""

from __future__ import annotations

import errno
import json
import os
import socket
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.files.support import change, opened, rendered, splice, undo
from tests.notebook.test_nesting import nested
from tuinb import errors
from tuinb.errors import NotebookFileError, NotebookFormatError, NotebookSaveError
from tuinb.files.journal.records import pack_changes, unpack_changes
from tuinb.files.load import Loaded, load
from tuinb.notebook.changes import (
    AppendOutput,
    CellId,
    ClientId,
    InsertCell,
    OutputData,
    SetMetadata,
    SetOutputs,
    Step,
    Transaction,
)
from tuinb.notebook.nesting import is_deep

if TYPE_CHECKING:
    from pathlib import Path

CELL: dict[str, Any] = {"cell_type": "code", "execution_count": 1, "id": "a", "metadata": {}, "outputs": [], "source": ["x"]}


def text_of(*cells: object, **top: object) -> str:
    return json.dumps({"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5} | top, indent=1)


def refused(folder: Path, content: str | bytes) -> NotebookFormatError:
    with pytest.raises(NotebookFormatError) as caught:
        opened(folder, content)
    assert caught.value.where.endswith("a.ipynb")
    assert caught.value.hint
    return caught.value


def unsaved(loaded: Loaded) -> None:
    """Asserts that a read-only notebook is not written."""
    before = loaded.file.path.read_bytes()
    with pytest.raises(NotebookSaveError, match="read-only"):
        loaded.file.save_now(loaded.notebook, overwrite=True)
    assert loaded.file.path.read_bytes() == before


# ---- not JSON


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("hello", "line 1, column 1: Expecting value"),
        ('{\n "cells": [\n}', "line 3, column 1"),
        ("[1, 2]", "not a notebook: a notebook is an object"),
        ("3", "not a notebook"),
        ("{}", "no list of cells"),
        ('{"cells": 3, "nbformat": 4}', "no list of cells"),
        ('{"cells": [], "nbformat": 4} x', "line 1, column 30: Extra data"),
        ('{"cells" [], "nbformat": 4}', "Expecting ':' delimiter"),
        ('{"cells": [] "nbformat": 4}', "Expecting ',' delimiter"),
        ('{"cells": [], nbformat: 4}', "Expecting property name"),
        ('{"a": 1, "b": "', "cut off"),
        ("[" * 100_000, "cut off"),
        ("[" * 100_000 + "]" * 100_000, "not a notebook"),
        ("\x00\x01", "line 1, column 1"),
    ],
)
def test_what_can_not_be_shown_says_why(tmp_path: Path, content: str, message: str) -> None:
    assert message in refused(tmp_path, content).what


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("data.csv", "the name of a notebook ends in .ipynb: this may be another kind of file"),
        ("mine.csv", "did you mean mine.ipynb?"),
        ("a.ipynb", "repair it with a text editor, or restore it from a copy"),
    ],
)
def test_another_kind_of_file_is_not_to_be_repaired(tmp_path: Path, name: str, hint: str) -> None:
    (tmp_path / "mine.ipynb").touch()
    with pytest.raises(NotebookFormatError, match="it is not JSON") as caught:
        opened(tmp_path, "a,b\n1,2\n", name)
    assert caught.value.hint == hint


def test_a_file_that_does_not_exist_may_have_another_name(tmp_path: Path) -> None:
    (tmp_path / "mine.ipynb").touch()
    with pytest.raises(NotebookFileError, match=r"there is no such file \(did you mean mine\.ipynb\?\)"):
        load(tmp_path / "mine")
    with pytest.raises(NotebookFileError, match=r"there is no such file \(check the name\)"):
        load(tmp_path / "zebra")


def test_a_file_that_was_cut_off_shows_the_cells_before(tmp_path: Path) -> None:
    whole = text_of(CELL, CELL | {"id": "b", "source": ["y"]})
    loaded = opened(tmp_path, whole[: whole.index('"y"') + 2])
    assert loaded.read_only.startswith("it is cut off at line ")
    assert [cell.source for cell in loaded.notebook][:1] == ["x"]
    assert '"id": "b"' in loaded.notebook.at(1).source
    unsaved(loaded)


def test_conflict_markers_are_named_with_their_line(tmp_path: Path) -> None:
    text = text_of(CELL, CELL | {"id": "b"}).replace('  {\n   "cell_type"', '<<<<<<< HEAD\n  {\n   "cell_type"')
    error = refused(tmp_path, text)
    assert "conflict markers of a merge, the first at line 3" in error.what
    assert "git" in error.hint
    second = text.replace("<<<<<<< HEAD\n", "", 1)
    loaded = opened(tmp_path, second)
    line = second[: second.index("<<<<<<<")].count("\n") + 1
    assert f"the first at line {line}" in loaded.read_only
    assert loaded.notebook.at(0).source == "x"
    unsaved(loaded)


def test_marks_in_a_source_are_no_conflict(tmp_path: Path) -> None:
    assert not opened(tmp_path, text_of(CELL | {"source": ["<<<<<<< HEAD\n"]})).read_only


def test_a_checkpoint_is_named(tmp_path: Path) -> None:
    (tmp_path / ".ipynb_checkpoints").mkdir()
    (tmp_path / ".ipynb_checkpoints" / "a-checkpoint.ipynb").write_text(text_of(), encoding="utf-8")
    assert "a-checkpoint.ipynb" in refused(tmp_path, '{"cells": [').hint


DEEP = "[" * 10_000 + "]" * 10_000
OUTPUT = {"output_type": "display_data", "data": {"application/json": 7, "text/plain": ["x"]}, "metadata": {}}


@pytest.mark.parametrize(
    "cell",
    [
        CELL | {"metadata": {"a": 7}},
        CELL | {"outputs": [OUTPUT, OUTPUT | {"metadata": 7}]},
        CELL | {"outputs": 7},
        CELL | {"outputs": [7]},
        CELL | {"unknown": 7},
    ],
)
def test_what_is_nested_deeper_than_json_reads_is_kept(tmp_path: Path, cell: dict[str, Any]) -> None:
    """Symptom: one output made the whole notebook read-only."""
    text = text_of(CELL | {"id": "b"}, cell, metadata={"b": 7, "kernelspec": {"name": "x"}}, c=7).replace("7", DEEP)
    loaded = opened(tmp_path, text)
    assert not loaded.read_only
    assert rendered(loaded) == text.encode()
    splice(loaded, 0, 0, "", "first ")
    splice(loaded, 1, 0, "", "second ")
    change(loaded, SetMetadata(None, "kernelspec", {"name": "y"}))
    loaded.file.save_now(loaded.notebook)
    expected = text.replace('"x"\n   ]', '"first x"\n   ]', 1)
    expected = '"second x"\n   ]'.join(expected.rsplit('"x"\n   ]', 1)).replace('"name": "x"', '"name": "y"')
    assert loaded.file.path.read_text(encoding="utf-8") == expected


def test_a_deep_output_is_replaced_when_its_cell_runs(tmp_path: Path) -> None:
    loaded = opened(tmp_path, text_of(CELL | {"outputs": [OUTPUT]}).replace("7", DEEP))
    change(loaded, SetOutputs(loaded.notebook.at(0).id, ()), step=Step.OUTPUT)
    assert rendered(loaded) == text_of(CELL).encode()


def test_a_deep_cell_that_is_pasted_is_saved_without_its_deep_part(tmp_path: Path) -> None:
    loaded = opened(tmp_path, text_of(CELL | {"outputs": [OUTPUT]}).replace("7", DEEP))
    cell = loaded.notebook.at(0)
    copy = replace(cell.data(), id=CellId("copy"))
    change(loaded, InsertCell(copy, cell.id))
    first, second = json.loads(rendered(loaded).replace(DEEP.encode(), b"7"))["cells"]
    assert first["outputs"] == [OUTPUT]
    assert second["outputs"] == [OUTPUT | {"data": {"text/plain": ["x"]}}]


def test_the_journal_of_a_deep_output_is_read_with_a_deep_stack() -> None:
    output = {"output_type": "display_data", "data": {"application/json": nested(900)}, "metadata": {}}
    payload = pack_changes([Transaction((AppendOutput(CellId("a"), output),), ClientId("me"), Step.OUTPUT)])

    def read(frames: int) -> list[Transaction]:
        return read(frames - 1) if frames else unpack_changes(memoryview(payload))

    (change,) = read(200)[0].changes
    assert isinstance(change, AppendOutput)
    assert is_deep(change.output)


def test_a_place_of_an_error_beside_what_is_deep(tmp_path: Path) -> None:
    loaded = opened(tmp_path, text_of(CELL, CELL | {"metadata": {"a": 7}}).replace("7", f"{DEEP} x"))
    assert "it is not JSON: line 13, column 3" in loaded.read_only
    assert loaded.notebook.at(0).source == "x"
    unsaved(loaded)


# ---- encodings


@pytest.mark.parametrize("content", ["", "\n", " \n\t"])
def test_an_empty_file_is_a_new_notebook(tmp_path: Path, content: str) -> None:
    loaded = opened(tmp_path, content)
    assert [cell.source for cell in loaded.notebook] == [""]
    assert not loaded.read_only
    assert "the file is empty" in loaded.notices[0]
    assert loaded.file.path.read_text(encoding="utf-8") == content
    loaded.file.save_now(loaded.notebook)
    assert json.loads(loaded.file.path.read_bytes())["nbformat"] == 4


def test_a_byte_order_mark_is_kept(tmp_path: Path) -> None:
    loaded = opened(tmp_path, "\ufeff" + text_of(CELL))
    assert "byte order mark" in loaded.notices[0]
    splice(loaded, 0, 0, "", "é")
    loaded.file.save_now(loaded.notebook)
    assert loaded.file.path.read_bytes().startswith(b'\xef\xbb\xbf{\n "cells"')
    assert load(loaded.file.path).notebook.at(0).source == "éx"


def test_bytes_that_are_not_utf8_are_shown_and_never_saved(tmp_path: Path) -> None:
    data = text_of(CELL).encode().replace(b'"x"', b'"caf\xe9"')
    loaded = opened(tmp_path, data)
    at = data.index(b"\xe9")
    assert f"byte {at} (line {data.count(bytes([10]), 0, at) + 1}) is not UTF-8" in loaded.read_only
    assert loaded.notebook.at(0).source == "caf\N{REPLACEMENT CHARACTER}"
    unsaved(loaded)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_other_encodings_are_shown(tmp_path: Path, encoding: str) -> None:
    loaded = opened(tmp_path, text_of(CELL).encode(encoding))
    assert f"it is in {encoding.upper()}" in loaded.read_only
    assert loaded.notebook.at(0).source == "x"
    unsaved(loaded)
    assert "UTF-16" in refused(tmp_path, b"\xff\xfe\x00\xd8a").what


# ---- formats


@pytest.mark.parametrize("minor", [0, 3, 9])
def test_unknown_minor_versions_are_edited(tmp_path: Path, minor: int) -> None:
    loaded = opened(tmp_path, text_of(CELL, nbformat_minor=minor))
    assert not loaded.read_only
    assert loaded.notebook.nbformat_minor == minor


def test_a_later_format_is_shown(tmp_path: Path) -> None:
    loaded = opened(tmp_path, text_of(CELL, nbformat=5))
    assert loaded.read_only == "it is in notebook format 5, but this program supports formats up to 4"
    assert loaded.notebook.at(0).source == "x"
    unsaved(loaded)


def test_no_format_at_all_is_shown(tmp_path: Path) -> None:
    assert "nbformat is missing" in opened(tmp_path, text_of(CELL, nbformat="4")).read_only


def test_metadata_that_is_no_object(tmp_path: Path) -> None:
    assert "metadata is not an object" in opened(tmp_path, text_of(CELL, metadata=[])).read_only


def test_format_3_is_upgraded_and_stays_as_it_was_until_it_is_changed(tmp_path: Path) -> None:
    cell = {"cell_type": "code", "collapsed": False, "input": ["1+1"], "language": "python", "outputs": [], "prompt_number": 2}
    text = json.dumps({"metadata": {"name": "old"}, "nbformat": 3, "nbformat_minor": 0, "worksheets": [{"cells": [cell]}]})
    loaded = opened(tmp_path, text)
    assert loaded.notices == ("upgraded from format 3; saving a change writes format 4",)
    assert loaded.notebook.at(0).source == "1+1"
    loaded.file.save_now(loaded.notebook)
    assert loaded.file.path.read_text(encoding="utf-8") == text
    splice(loaded, 0, 3, "", "\n2")
    loaded.file.save_now(loaded.notebook)
    saved = json.loads(loaded.file.path.read_bytes())
    assert saved["nbformat"] == 4
    assert saved["cells"][0]["source"] == ["1+1\n", "2"]
    assert saved["cells"][0]["execution_count"] == 2
    again = load(loaded.file.path)
    assert again.notices == ()
    assert rendered(again) == rendered(loaded)


# ---- cells


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        (3, "it is not an object"),
        ({}, "it does not say its type (cell_type)"),
        (CELL | {"cell_type": 1}, "it does not say its type (cell_type)"),
        ({"cell_type": "raw", "metadata": {}}, "it has no source"),
        (CELL | {"source": None}, "it has no source"),
        (CELL | {"source": {}}, "its source is not text"),
        (CELL | {"source": ["a", 1]}, "its source is a list of other things than text"),
        (CELL | {"metadata": None}, "its metadata is not an object"),
        ({"cell_type": "markdown", "source": "", "attachments": []}, "its attachments are not an object"),
    ],
)
def test_a_broken_cell_among_good_ones(tmp_path: Path, cell: object, message: str) -> None:
    loaded = opened(tmp_path, text_of(CELL, cell, CELL | {"id": "c"}))
    assert loaded.read_only == f"cell 2 is broken: {message}"
    assert [cell.kind for cell in loaded.notebook] == ["code", "invalid", "code"]
    assert json.loads(loaded.notebook.at(1).source) == cell
    unsaved(loaded)


ODD: list[Any] = [None, [], [1], {}, {"a": 1}, 1, True, "", "x", ["a", None]]


def _odd_outputs() -> list[Any]:
    """Every field of every output type with a value of every type, and values in place of outputs."""
    stream = {"name": "stdout", "output_type": "stream", "text": ["a\n"]}
    data = {"data": {"text/plain": "2", "application/json": {}, "image/png": "AAAA"}, "metadata": {}}
    whole: list[dict[str, Any]] = [
        stream,
        {"output_type": "display_data", **data},
        {"output_type": "execute_result", "execution_count": 1, **data},
        {"output_type": "error", "ename": "E", "evalue": "v", "traceback": ["t"]},
    ]
    bundles = [{**one, "data": {**one["data"], mime: odd}} for one in whole[1:3] for mime in one["data"] for odd in ODD]
    fields = [one | {key: odd} for one in whole for key in one for odd in ODD]
    return [*ODD, *bundles, *fields, *({k: v for k, v in one.items() if k != key} for one in whole for key in one)]


def test_an_odd_output_stays_and_breaks_nothing(tmp_path: Path) -> None:
    """Symptom: `metadata: []` in an output made the notebook neither editable nor runnable."""
    odd = _odd_outputs()
    text = text_of(*(CELL | {"id": f"c{number}", "outputs": [output]} for number, output in enumerate(odd)))
    loaded = opened(tmp_path, text)
    assert not loaded.read_only
    assert [len(cell.outputs) for cell in loaded.notebook] == [1] * len(odd)
    for number in range(len(odd)):
        splice(loaded, number, 0, "", "#")
    assert rendered(loaded).decode() == text.replace('"x"\n   ]\n  }', '"#x"\n   ]\n  }')
    new = {"output_type": "display_data", "data": {"text/plain": "new"}, "metadata": {}}
    change(loaded, *(AppendOutput(cell.id, new) for cell in loaded.notebook))
    assert [cell["outputs"][0] for cell in json.loads(rendered(loaded))["cells"]] == odd
    change(loaded, *(SetOutputs(cell.id, (OutputData(new),)) for cell in loaded.notebook))
    assert [cell["outputs"] for cell in json.loads(rendered(loaded))["cells"]] == [
        [{"output_type": "display_data", "data": {"text/plain": ["new"]}, "metadata": {}}]
    ] * len(odd)


@pytest.mark.parametrize("odd", [{"a": 1}, {}, "", "y", 0, False, 1.5, {"a": json.loads("[" * 600 + "]" * 600)}])
def test_outputs_that_are_no_list_stay_until_there_are_others(tmp_path: Path, odd: object) -> None:
    text = text_of(CELL | {"outputs": odd})
    loaded = opened(tmp_path, text)
    assert not loaded.read_only
    splice(loaded, 0, 0, "", "#")
    assert rendered(loaded).decode() == text.replace('"x"', '"#x"')
    new = {"output_type": "stream", "name": "stdout", "text": "a"}
    appended = change(loaded, AppendOutput(loaded.notebook.at(0).id, new))
    assert json.loads(rendered(loaded))["cells"][0]["outputs"] == [odd, new | {"text": ["a"]}]
    undo(loaded, appended)
    change(loaded, SetOutputs(loaded.notebook.at(0).id))
    assert json.loads(rendered(loaded))["cells"][0]["outputs"] == []


def test_many_broken_cells_are_counted(tmp_path: Path) -> None:
    assert opened(tmp_path, text_of(*range(9))).read_only.endswith("; 6 more cells are broken")


def test_ids_that_are_missing_or_doubled_stay_in_the_file(tmp_path: Path) -> None:
    bare = {key: value for key, value in CELL.items() if key != "id"}
    text = text_of(CELL, CELL, bare, CELL | {"id": 7}, CELL | {"id": ""}, CELL | {"id": ["x"]})
    loaded = opened(tmp_path, text)
    assert len(set(loaded.notebook.order)) == 6
    for place in range(6):
        splice(loaded, place, 0, "", "-")
    assert rendered(loaded).decode() == text.replace('"x"\n   ]\n  }', '"-x"\n   ]\n  }')


def test_unknown_cells_and_outputs_survive(tmp_path: Path) -> None:
    unknown = {"cell_type": "chart", "spec": {"n": 1.0}, "metadata": {}}
    text = text_of(unknown, CELL | {"outputs": [{"output_type": "hologram", "x": 1}], "extra": [1]}, other={"a": 1})
    loaded = opened(tmp_path, text)
    assert not loaded.read_only
    assert loaded.notebook.at(0).kind == "chart"
    splice(loaded, 1, 0, "", "#")
    loaded.file.save_now(loaded.notebook)
    assert rendered(loaded).decode() == text.replace('"x"\n   ],\n   "extra"', '"#x"\n   ],\n   "extra"')
    splice(loaded, 0, 0, "", "text")
    assert json.loads(rendered(loaded))["cells"][0] == unknown | {"source": ["text"]}


# ---- the disk


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(NotebookFileError, match="no such file"):
        load(tmp_path / "gone.ipynb")


def test_a_part_of_the_path_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    with pytest.raises(NotebookFileError, match="a part of the path is a file"):
        load(tmp_path / "a" / "b.ipynb")


def test_a_folder(tmp_path: Path) -> None:
    with pytest.raises(NotebookFileError, match="it is a folder"):
        load(tmp_path)


def test_a_pipe_and_a_device_never_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(NotebookFileError, match="it is a pipe"):
        load(tmp_path / "pipe")
    with pytest.raises(NotebookFileError, match="it is a device"):
        load(tmp_path.__class__("/dev/zero"))


def test_a_socket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("s")
        with pytest.raises(NotebookFileError, match="it is a socket"):
            load(tmp_path / "s")


def test_links_in_a_circle_and_names_too_long(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("a")
    with pytest.raises(NotebookFileError, match="circle"):
        load(tmp_path / "a")
    with pytest.raises(NotebookFileError, match="too long"):
        load(tmp_path / ("a" * 300))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_no_permission(tmp_path: Path) -> None:
    (tmp_path / "a.ipynb").touch(0o000)
    with pytest.raises(NotebookFileError, match="no permission to read it"):
        load(tmp_path / "a.ipynb")


def test_names_in_messages_are_no_commands(tmp_path: Path) -> None:
    path = tmp_path / "a\x1b[2J\n\u202eb.ipynb"
    path.write_text("[]", encoding="utf-8")
    with pytest.raises(NotebookFormatError) as caught:
        load(path)
    assert str(caught.value).isprintable()
    assert "a\\x1b[2J\\n\\u202eb.ipynb" in str(caught.value)
    assert errors.shown("plain é") == "plain é"


@pytest.mark.parametrize(("code", "message"), [(errno.EACCES, "no permission to read it"), (errno.EIO, "can't be read: Input")])
def test_a_disk_that_refuses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, message: str) -> None:
    def refuse(*_args: object, **_kwargs: object) -> None:
        raise OSError(code, os.strerror(code))

    (tmp_path / "a.ipynb").touch()
    with monkeypatch.context() as patch:
        patch.setattr(os, "open", refuse)
        with pytest.raises(NotebookFileError, match=message):
            load(tmp_path / "a.ipynb")
    with monkeypatch.context() as patch:
        patch.setattr(os, "fstat", refuse)
        with pytest.raises(NotebookFileError, match=message):
            load(tmp_path / "a.ipynb")
