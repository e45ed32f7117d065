"""Notebooks in every JSON style: unedited parts keep their bytes, and edited parts equal the notebook."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.files.support import change, opened, rendered, splice, undo
from tuinb.files.load import Loaded, load
from tuinb.notebook.changes import (
    ABSENT,
    AppendOutput,
    AppendStream,
    CellData,
    CellId,
    Change,
    DeleteCell,
    InsertCell,
    MoveCell,
    SetExecutionCount,
    SetKind,
    SetMetadata,
    SetOutputs,
)

# ---- generated JSON text

SPACE = st.sampled_from(["", " ", "\n", "\n  ", "\t", "\r\n ", " \n"])
NUMBERS = st.sampled_from(["0", "-0", "1.10", "1e-7", "1E400", "123456789012345678901234567890", "-0.0", "1.0", "NaN", "7"])


def characters(char: str, way: int) -> str:
    """One character of a string, in any of JSON's escapes."""
    plain = json.dumps(char, ensure_ascii=False)[1:-1]
    if way == 0 or (0xD800 <= ord(char) < 0xE000):
        return json.dumps(char)[1:-1]
    if way == 1 and char == "/":
        return "\\/"
    if way == 2 and ord(char) < 0x10000:
        return f"\\u{ord(char):04X}"
    return plain


TEXTS = st.text(st.sampled_from('ab \n\r\té"\\/😀\u2028\x0c\ud800'), max_size=12)


@st.composite
def strings(draw: st.DrawFn, value: str | None = None) -> str:
    text = draw(TEXTS) if value is None else value
    return '"' + "".join(characters(char, draw(st.integers(0, 3))) for char in text) + '"'


@st.composite
def containers(draw: st.DrawFn, brackets: str, items: list[str]) -> str:
    if not items:
        return brackets[0] + draw(SPACE) + brackets[1]
    same = draw(st.booleans())
    before, after = draw(SPACE), draw(SPACE)
    parts = [(before if same else draw(SPACE)) + item + (after if same else draw(SPACE)) for item in items]
    return brackets[0] + ",".join(parts) + brackets[1]


@st.composite
def objects(draw: st.DrawFn, members: list[tuple[str, str]]) -> str:
    colon = draw(st.sampled_from([":", ": ", " : "]))
    order = draw(st.permutations(members))
    return draw(containers("{}", [f"{json.dumps(key)}{colon}{value}" for key, value in order]))


@st.composite
def values(draw: st.DrawFn, depth: int = 2) -> str:
    choice = draw(st.integers(0, 5 if depth else 2))
    if choice <= 1:
        return draw(strings())
    if choice == 2:
        return draw(st.one_of(NUMBERS, st.sampled_from(["null", "true", "false"])))
    if choice == 3:
        return draw(containers("[]", [draw(values(depth - 1)) for _ in range(draw(st.integers(0, 3)))]))
    keys = draw(st.lists(st.sampled_from(["a", "b", "c", "tags", "trusted", "é"]), max_size=3))
    return draw(objects([(key, draw(values(depth - 1))) for key in keys]))


@st.composite
def metadata(draw: st.DrawFn) -> str:
    keys = draw(st.lists(st.sampled_from(["a", "b", "tags", "widgets"]), max_size=3))
    return draw(objects([(key, draw(values())) for key in keys]))


@st.composite
def sources(draw: st.DrawFn, as_list: bool) -> str:
    text = draw(TEXTS)
    if not as_list:
        return draw(strings(text))
    lines = text.splitlines(keepends=True)
    if draw(st.booleans()):
        lines = text.split("a")
    return draw(containers("[]", [draw(strings(line)) for line in lines]))


@st.composite
def outputs(draw: st.DrawFn) -> str:
    if draw(st.booleans()):
        text = draw(sources(draw(st.booleans())))
        return draw(objects([("output_type", '"stream"'), ("name", '"stdout"'), ("text", text), ("x", draw(values()))]))
    data = draw(objects([("text/plain", draw(strings())), ("image/png", '"aGk="'), ("application/json", draw(values()))]))
    return draw(objects([("output_type", '"display_data"'), ("data", data), ("metadata", draw(metadata()))]))


@st.composite
def cells(draw: st.DrawFn, number: int, as_list: bool) -> str:
    kind = draw(st.sampled_from(["code", "markdown", "raw", "unknown"]))
    members = [("cell_type", json.dumps(kind)), ("source", draw(sources(as_list)))]
    members.append(("metadata", draw(metadata())))
    if draw(st.booleans()):
        members.append(("id", json.dumps(draw(st.sampled_from([f"id{number}", "twice", "", "bad id"])))))
    if kind == "code":
        if draw(st.booleans()):
            listed = [draw(outputs()) for _ in range(draw(st.integers(0, 3)))]
            members.append(("outputs", draw(containers("[]", listed))))
        if draw(st.booleans()):
            members.append(("execution_count", draw(st.sampled_from(["null", "3", '"x"']))))
    if draw(st.booleans()):
        members.append(("unknown", draw(values())))
    return draw(objects(members))


@st.composite
def notebooks(draw: st.DrawFn) -> str:
    as_list = draw(st.booleans())
    listed = [draw(cells(number, as_list)) for number in range(draw(st.integers(0, 4)))]
    members = [("cells", draw(containers("[]", listed))), ("nbformat", "4")]
    if draw(st.booleans()):
        members.append(("nbformat_minor", draw(st.sampled_from(["0", "4", "5", "9"]))))
    if draw(st.booleans()):
        members.append(("metadata", draw(metadata())))
    if draw(st.booleans()):
        members.append(("unknown", draw(values())))
    bom = draw(st.sampled_from(["", "\ufeff"]))
    return bom + draw(SPACE) + draw(objects(members)) + draw(SPACE)


# ---- comparable content


def said(data: bytes) -> list[dict[str, Any]]:
    cells_ = json.loads(data.decode("utf-8-sig"))["cells"]
    return [normal(cell) for cell in cells_]


def normal(cell: dict[str, Any]) -> dict[str, Any]:
    """Returns a cell with joined texts, without members that equal their absence."""
    result = {key: value for key, value in cell.items() if key != "id"}
    result["source"] = "".join(cell["source"])
    result["outputs"] = [normal_output(output) for output in cell.get("outputs") or []]
    count = cell.get("execution_count")
    result["execution_count"] = count if isinstance(count, int) else None
    # NaN is not equal to itself.
    return json.loads(json.dumps(result).replace("NaN", '"NaN"').replace("Infinity", '"Infinity"'))  # type: ignore[no-any-return]


def normal_output(output: dict[str, Any]) -> dict[str, Any]:
    result = dict(output)
    if "text" in result:
        result["text"] = "".join(result["text"])
    if "data" in result:
        data = result["data"]
        result["data"] = {key: "".join(text) if key.startswith("text/") else text for key, text in data.items()}
    return result


def load_text(folder: str, text: str) -> Loaded:
    loaded = opened(Path(folder), text.encode())
    assert not loaded.read_only
    return loaded


@settings(max_examples=40, deadline=None)
@given(notebooks())
def test_an_unchanged_notebook_is_the_same_bytes(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        loaded = load_text(folder, text)
        assert rendered(loaded) == text.encode()


@settings(max_examples=25, deadline=None)
@given(notebooks(), st.data())
def test_an_edited_source_leaves_all_else(text: str, data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        loaded = load_text(folder, text)
        if not len(loaded.notebook):
            return
        place = data.draw(st.integers(0, len(loaded.notebook) - 1))
        source = loaded.notebook.at(place).source
        start = data.draw(st.integers(0, len(source)))
        end = data.draw(st.integers(start, len(source)))
        # An edit must not join two surrogates into a pair, because JSON reads a pair as one character.
        inserted = data.draw(st.text(st.sampled_from('ab \n\ré"\\/\x0c'), max_size=6))
        splice(loaded, place, start, source[start:end], inserted)
        after = rendered(loaded)
        new = source[:start] + inserted + source[end:]
        found, before = said(after), said(text.encode())
        assert json.dumps(found[place].pop("source")) == json.dumps(new) or "\ud800" in new
        before[place].pop("source")
        assert found == before
        assert texts_around(after.decode(), place) == texts_around(text, place)


def texts_around(text: str, place: int) -> tuple[str, str]:
    """Returns the raw text before and after one cell."""
    from tuinb.files.ipynb.scan import scan_notebook

    scan = scan_notebook(text.removeprefix("\ufeff"))
    return scan.text[: scan.starts[place]], scan.text[scan.ends[place] :]


NEW = CellData(CellId("new"), "code", "print('é')\n1", {"metadata": {"z": 1, "a": [1.5, None, True]}}, (), 4)


def any_change(loaded: Loaded, data: st.DataObject) -> Change | None:
    notebook = loaded.notebook
    order = list(notebook.order)
    if not order:
        return None if "new" in notebook or notebook.knows(NEW.id) else InsertCell(NEW, None)
    cell = data.draw(st.sampled_from(order))
    others: list[CellId | None] = [None, *(other for other in order if other != cell)]
    after = data.draw(st.sampled_from(others))
    output = {"output_type": "display_data", "data": {"text/plain": "a\nb", "image/png": "eA=="}, "metadata": {}}
    choices: list[Change] = [
        DeleteCell(cell),
        MoveCell(cell, after),
        SetMetadata(cell, "new key", {"deep": [1, {"x": "y"}]}),
        SetMetadata(cell, "a", ABSENT),
        SetMetadata(None, "b", 2),
        SetKind(cell, data.draw(st.sampled_from(["code", "markdown"]))),
    ]
    if not notebook.knows(NEW.id):
        choices.append(InsertCell(NEW, after))
    if notebook[cell].kind == "code":
        choices += [AppendOutput(cell, output), AppendStream(cell, "stdout", "x\ny")]
        choices += [SetOutputs(cell), SetExecutionCount(cell, 9)]
    return data.draw(st.sampled_from(choices))


@settings(max_examples=25, deadline=None)
@given(notebooks(), st.data())
def test_any_changes_and_saves_say_what_the_notebook_says(text: str, data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        loaded = load_text(folder, text)
        loaded.notebook.retain(list(loaded.notebook.order))
        for _ in range(data.draw(st.integers(1, 5))):
            made = any_change(loaded, data)
            if made is None:
                continue
            applied = change(loaded, made)
            if data.draw(st.booleans()):
                loaded.file.save_now(loaded.notebook)
            if data.draw(st.integers(0, 3)) == 0:
                undo(loaded, applied)
        saved = loaded.file.save_now(loaded.notebook).data
        assert saved == loaded.file.path.read_bytes()
        again = load(loaded.file.path)
        assert not again.read_only
        assert [content(cell.data()) for cell in again.notebook] == [content(cell.data()) for cell in loaded.notebook]
        assert plain(again.notebook.metadata) == plain(loaded.notebook.metadata)
        assert rendered(loaded) == rendered(again) == saved


def content(cell: CellData) -> tuple[str, ...]:
    found = [normal_output(dict(output.raw)) for output in cell.outputs]
    raw = {key: value for key, value in cell.raw.items() if key != "id"}
    return cell.kind, plain(cell.source), plain(raw), plain(found), plain(cell.execution_count)


def plain(value: object) -> str:
    """Returns the JSON of a value. NaN, which is not JSON, is saved as null."""
    return json.dumps(value, sort_keys=True).replace("NaN", "null")


def test_keys_and_values_outside_ascii_are_read_as_they_are(tmp_path: Path) -> None:
    cell = {"cell_type": "markdown", "metadata": {"ключ": "значение"}, "source": ["é😀\u2028\n", "plain"]}
    content = {"cells": [cell], "metadata": {"título": "ñ"}, "nbformat": 4, "nbformat_minor": 4, "日本": {"語": 1}}
    loaded = opened(tmp_path, json.dumps(content, indent=1, ensure_ascii=False))
    assert loaded.notebook.at(0).source == "é😀\u2028\nplain"
    assert loaded.notebook.at(0).raw["metadata"] == {"ключ": "значение"}
    assert loaded.notebook.metadata == {"título": "ñ"}
    assert loaded.notebook.extra == {"日本": {"語": 1}}
    splice(loaded, 0, 1, "😀", "ü")
    cell["source"] = ["éü\u2028\n", "plain"]
    assert json.loads(rendered(loaded)) == content
