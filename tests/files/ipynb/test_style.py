"""New cells and outputs are written in the style of the file."""

from __future__ import annotations

import json
from io import BytesIO
from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.files.support import change, opened, rendered, splice, undo
from tuinb import long_text
from tuinb.files.ipynb import build
from tuinb.files.ipynb import style as style_module
from tuinb.files.ipynb.cell_text import CellWork, changed_cell, new_cell
from tuinb.files.ipynb.style import Lines, Style, utf8_pieces
from tuinb.files.load import load, new
from tuinb.notebook.changes import (
    AppendOutput,
    AppendStream,
    CellData,
    CellId,
    DeleteCell,
    InsertCell,
    MoveCell,
    OutputData,
    SetExecutionCount,
    SetKind,
    SetMetadata,
    SetOutputs,
)

if TYPE_CHECKING:
    from pathlib import Path

    from tuinb.notebook.changes import Json

CELL: dict[str, Json] = {
    "cell_type": "code",
    "execution_count": None,
    "id": "one",
    "metadata": {},
    "outputs": [],
    "source": ["a = 'é'\n", "a"],
}
PRINTED = {"output_type": "stream", "name": "stdout", "text": "1\n2\n"}
NEW = CellData(CellId("two"), "code", "b = 'ü'\nb", {"metadata": {"tags": ["x"]}}, (OutputData(PRINTED),), 2)


def notebook(*cells: Json, **top: Json) -> dict[str, Json]:
    return {"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5} | top


def two(order: list[str] | None = None, *, lists: bool = True) -> dict[str, Json]:
    """The text of the cell NEW in a file."""
    source: Json = ["b = 'ü'\n", "b"] if lists else "b = 'ü'\nb"
    text: Json = ["1\n", "2\n"] if lists else "1\n2\n"
    cell: dict[str, Json] = {
        "cell_type": "code",
        "execution_count": 2,
        "id": "two",
        "metadata": {"tags": ["x"]},
        "outputs": [{"name": "stdout", "output_type": "stream", "text": text}],
        "source": source,
    }
    return cell if order is None else {key: cell[key] for key in order}


@pytest.mark.parametrize("indent", [1, 2, 4, "\t", 0])
@pytest.mark.parametrize("ascii_only", [False, True])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_indented_files(tmp_path: Path, indent: int | str, ascii_only: bool, newline: str) -> None:
    def text(*cells: Json) -> str:
        return json.dumps(notebook(*cells), indent=indent, ensure_ascii=ascii_only).replace("\n", newline)

    loaded = opened(tmp_path, text(CELL))
    change(loaded, InsertCell(NEW, CellId("one")))
    assert rendered(loaded).decode() == text(CELL, two())


@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": ")])
def test_files_of_one_line(tmp_path: Path, separators: tuple[str, str]) -> None:
    def text(*cells: Json) -> str:
        return json.dumps(notebook(*cells), separators=separators, ensure_ascii=False)

    loaded = opened(tmp_path, text(CELL))
    change(loaded, InsertCell(NEW, None))
    assert rendered(loaded).decode() == text(two(), CELL)


def test_texts_as_strings_and_the_keys_in_the_order_of_the_file(tmp_path: Path) -> None:
    order = ["cell_type", "source", "metadata", "id", "execution_count", "outputs"]
    cell = {key: (CELL | {"source": "a\nb"})[key] for key in order}
    text = json.dumps(notebook(cell), indent=2, ensure_ascii=False)
    loaded = opened(tmp_path, text)
    change(loaded, InsertCell(NEW, CellId("one")))
    # Outputs keep the order of their keys, because nothing in this file is sorted.
    made = two(order, lists=False)
    made["outputs"] = [{key: made["outputs"][0][key] for key in ("output_type", "name", "text")}]
    assert rendered(loaded).decode() == json.dumps(notebook(cell, made), indent=2, ensure_ascii=False)


def test_no_ids_before_format_4_5(tmp_path: Path) -> None:
    cell = {key: value for key, value in CELL.items() if key != "id"}
    loaded = opened(tmp_path, json.dumps(notebook(cell, nbformat_minor=4), indent=1))
    change(loaded, InsertCell(NEW, None))
    assert "id" not in json.loads(rendered(loaded))["cells"][0]


def test_the_first_cell_of_a_file_without_any(tmp_path: Path) -> None:
    text = json.dumps(notebook(), indent=1) + "\n"
    loaded = opened(tmp_path, text)
    change(loaded, InsertCell(NEW, None))
    assert rendered(loaded).decode() == json.dumps(notebook(two()), indent=1, ensure_ascii=False) + "\n"


def test_outputs_of_a_run(tmp_path: Path) -> None:
    loaded = opened(tmp_path, json.dumps(notebook(CELL), indent=1, ensure_ascii=False))
    cell = CellId("one")
    table = {"text/html": "<p>\n</p>", "text/plain": "é", "image/png": "eA==\n", "application/json": {"b": 1, "a": "x\ny"}}
    change(
        loaded,
        SetExecutionCount(cell, 7),
        AppendStream(cell, "stdout", "1\n"),
        AppendStream(cell, "stdout", "2"),
        AppendOutput(cell, {"output_type": "display_data", "metadata": {}, "data": table}),
    )
    data = table | {"text/html": ["<p>\n", "</p>"], "text/plain": ["é"]}
    outputs: Json = [
        {"name": "stdout", "output_type": "stream", "text": ["1\n", "2"]},
        {"data": dict(sorted(data.items())), "metadata": {}, "output_type": "display_data"},
    ]
    outputs[1]["data"]["application/json"] = {"a": "x\ny", "b": 1}
    expected = json.dumps(notebook(CELL | {"execution_count": 7, "outputs": outputs}), indent=1, ensure_ascii=False)
    assert rendered(loaded).decode() == expected


def test_old_outputs_keep_their_text(tmp_path: Path) -> None:
    outputs = '[{"output_type":"display_data","data":{"application/json":1.10},"metadata":{}}, {"output_type":"x\\/y"}]'
    text = json.dumps(notebook(CELL)).replace('"outputs": []', f'"outputs": {outputs}')
    loaded = opened(tmp_path, text)
    cell = CellId("one")
    change(loaded, AppendStream(cell, "stdout", "x"))
    assert outputs[:-1] in rendered(loaded).decode()
    # The same holds after a save, and after the output was cleared and restored.
    loaded.file.save_now(loaded.notebook)
    first = rendered(loaded)
    applied = change(loaded, SetOutputs(cell))
    undo(loaded, applied)
    assert rendered(loaded) == first


def test_a_kind_that_changes_takes_its_keys_along(tmp_path: Path) -> None:
    loaded = opened(tmp_path, json.dumps(notebook(CELL), indent=1, ensure_ascii=False))
    applied = change(loaded, SetKind(CellId("one"), "markdown"))
    made = {"cell_type": "markdown", "id": "one", "metadata": {}, "source": CELL["source"]}
    assert rendered(loaded).decode() == json.dumps(notebook(made), indent=1, ensure_ascii=False)
    loaded.file.save_now(loaded.notebook)
    undo(loaded, applied)
    assert rendered(loaded).decode() == json.dumps(notebook(CELL), indent=1, ensure_ascii=False)


ODD = '{"source":  "1" ,"metadata":{"n":1.10,"s":"\\u00e9\\/"},"cell_type":"raw","id":"odd"}'


def test_a_deleted_cell_comes_back_with_its_text_even_after_a_save(tmp_path: Path) -> None:
    plain = json.dumps(CELL)
    text = f'{{"cells": [\n{plain},\n{ODD}\n], "metadata": {{}}, "nbformat": 4, "nbformat_minor": 5}}'
    loaded = opened(tmp_path, text)
    loaded.notebook.retain([CellId("odd")])
    applied = change(loaded, DeleteCell(CellId("odd")))
    assert "1.10" not in loaded.file.save_now(loaded.notebook).data.decode()
    loaded.file.save_now(loaded.notebook)
    undo(loaded, applied)
    assert rendered(loaded).decode() == text
    loaded.file.save_now(loaded.notebook)
    change(loaded, MoveCell(CellId("odd"), None))
    assert rendered(loaded).decode() == text.replace(f"{plain},\n{ODD}", f"{ODD},\n{plain}")


def test_the_metadata_of_the_notebook_changes_by_the_key(tmp_path: Path) -> None:
    metadata = '{ "z": 1.0 , "kernelspec":{"name":"p\\/q","n":1e1}, "a":[] }'
    text = f'{{"metadata": {metadata}, "cells": [], "nbformat": 4, "nbformat_minor": 2}}'
    loaded = opened(tmp_path, text)
    change(loaded, SetMetadata(None, "kernelspec", {"name": "r", "n": 10.0}))
    assert rendered(loaded).decode() == text.replace('"p\\/q"', '"r"')
    change(loaded, SetMetadata(None, "language_info", {"name": "R"}))
    assert '"a":[], "language_info": {"name": "R"} }' in rendered(loaded).decode()


@pytest.mark.parametrize("indent", [None, 1])
def test_metadata_where_there_was_none(tmp_path: Path, indent: int | None) -> None:
    content = {"cells": [], "nbformat": 4, "nbformat_minor": 5}
    loaded = opened(tmp_path, json.dumps(content, indent=indent))
    change(loaded, SetMetadata(None, "a", 1))
    expected = {"cells": [], "metadata": {"a": 1}, "nbformat": 4, "nbformat_minor": 5}
    assert rendered(loaded).decode() == json.dumps(expected, indent=indent)
    loaded.file.save_now(loaded.notebook)
    change(loaded, SetMetadata(None, "a", 2))
    assert json.loads(rendered(loaded))["metadata"] == {"a": 2}


def test_a_new_notebook_is_written_as_jupyter_writes_it(tmp_path: Path) -> None:
    loaded = new(tmp_path / "new.ipynb", {"name": "python3", "display_name": "Python 3"})
    assert not loaded.file.exists
    assert [cell.source for cell in loaded.notebook] == [""]
    change(loaded, DeleteCell(loaded.notebook.order[0]), InsertCell(NEW, None))
    loaded.file.save_now(loaded.notebook)
    metadata = {"kernelspec": {"display_name": "Python 3", "name": "python3"}}
    expected = json.dumps(notebook(two(), metadata=metadata), indent=1, ensure_ascii=False) + "\n"
    assert loaded.file.path.read_text(encoding="utf-8") == expected
    assert rendered(load(loaded.file.path)).decode() == expected
    splice(loaded, 0, 0, "", "#")
    assert rendered(loaded).decode() == expected.replace('"b = ', '"#b = ')


def test_infinity_is_a_number_too_large_and_nan_is_null(tmp_path: Path) -> None:
    loaded = opened(tmp_path, json.dumps(notebook(CELL)))
    change(loaded, SetMetadata(CellId("one"), "n", [float("nan"), 1.5, True, 10**30, float("inf"), -float("inf")]))
    assert '"n": [null, 1.5, true, 1000000000000000000000000000000, 1E400, -1E400]' in rendered(loaded).decode()


def test_a_lone_surrogate_is_written_as_its_escape(tmp_path: Path) -> None:
    loaded = opened(tmp_path, json.dumps(notebook(CELL), ensure_ascii=False, indent=1))
    splice(loaded, 0, 0, "", "\ud800é")
    assert '"\\ud800éa = ' in rendered(loaded).decode()


def test_numbers_longer_than_python_reads_keep_their_digits(tmp_path: Path) -> None:
    digits = "9" * 5000
    text = json.dumps(notebook(CELL)).replace('"metadata": {}', f'"metadata": {{"n": {digits}}}')
    loaded = opened(tmp_path, text)
    splice(loaded, 0, 0, "", "x")
    assert f'{{"n": {digits}}}' in rendered(loaded).decode()


@pytest.mark.parametrize("ascii_only", [False, True])
def test_long_texts_are_encoded_piece_by_piece_as_json_would_at_once(ascii_only: bool) -> None:
    text = "".join(f"line {number} é 😀 \\ \r\n" + "x" * (number % 700) + "\n\x0c" for number in range(1000))
    assert len(text) > 300_000
    style = Style(ascii_only=ascii_only)
    for value, plain in ((text, text), (Lines(text), text.splitlines(keepends=True)), (Lines(""), []), (Lines("a"), ["a"])):
        expected = json.dumps({"a": plain}, indent=1, ensure_ascii=ascii_only)
        assert "".join(style.encode({"a": value}, "")) == expected


@given(st.text(st.sampled_from("ab\r\n\x0b\x85\u2028é😀\ud800")), st.integers(1, 4), st.booleans())
def test_lines_are_the_same_wherever_the_text_is_cut(text: str, size: int, ascii_only: bool) -> None:
    with patch.object(style_module, "_CHUNK", size):
        encoded = "".join(Style(ascii_only=ascii_only).encode(Lines(text), ""))
    assert encoded == json.dumps(text.splitlines(keepends=True), indent=1, ensure_ascii=ascii_only)


def long_outputs() -> list[dict[str, Json]]:
    """Returns outputs whose texts and whose line are longer than C code may handle at once."""
    data = {"text/html": "<p>é\n" * 300_000, "image/png": "A" * 1_000_000, "text/plain": "x" * 1_000_000}
    return [{"output_type": "display_data", "metadata": {}, "data": data}]


def test_long_outputs_are_written_in_small_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []

    class Written(BytesIO):
        def write(self, data: bytes | memoryview) -> int:  # type: ignore[override]
            sizes.append(len(data))
            return super().write(data)

    monkeypatch.setattr(build, "BytesIO", Written)
    loaded = opened(tmp_path, json.dumps(notebook(CELL)))
    change(loaded, SetOutputs(CellId("one"), tuple(OutputData(output) for output in long_outputs())))
    first = rendered(loaded)
    assert max(sizes) < 1 << 20 < sum(sizes) == len(first)
    assert json.loads(first)["cells"][0]["outputs"][0]["data"]["image/png"] == "A" * 1_000_000


def test_no_long_text_is_joined_while_a_cell_is_encoded() -> None:
    work = CellWork("one", "code", "x", {"metadata": {}}, tuple(long_outputs()), 1)
    assert max(map(len, new_cell(work, Style(), with_id=True))) < 1 << 19
    old = json.dumps(CELL, indent=1)
    assert max(map(len, changed_cell(old, work, "", Style()))) < 1 << 19


@given(st.text(), st.text(), st.integers(1, 5))
def test_a_part_of_a_file_is_decoded_wherever_it_is_cut(before: str, part: str, most: int) -> None:
    start = len(style_module.to_utf8(before))
    data = style_module.to_utf8(before + part) + b"\xff"
    with patch.object(long_text, "PIECE", most):
        assert long_text.decode(data, start, len(data) - 1) == style_module.to_utf8(part).decode()


def test_small_pieces_are_encoded_together_and_long_ones_apart() -> None:
    small, long = ["é"] * 5000, ["y" * 60_000] * 3
    pieces = list(utf8_pieces([*small, *long, "\ud800"]))
    assert b"".join(pieces) == "".join([*small, *long, "\\ud800"]).encode()
    assert (len(pieces) < 1200, max(map(len, pieces))) == (True, 60_000)


def test_a_long_source_and_the_outputs_of_a_flood(tmp_path: Path) -> None:
    loaded = opened(tmp_path, json.dumps(notebook(CELL), indent=1, ensure_ascii=False))
    lines = [f"line {number}\n" for number in range(20_000)]
    splice(loaded, 0, 0, "a = 'é'\na", "".join(lines))
    change(loaded, AppendStream(CellId("one"), "stdout", "".join(lines)))
    output = {"name": "stdout", "output_type": "stream", "text": lines}
    expected = notebook(CELL | {"source": lines, "outputs": [output]})
    assert rendered(loaded).decode() == json.dumps(expected, indent=1, ensure_ascii=False)


def test_what_is_no_json_is_refused() -> None:
    with pytest.raises(TypeError, match="not a JSON value: set"):
        Style().encode({1}, None)
