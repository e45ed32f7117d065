"""Questions to R as code, what is made of its answers, and the views of tables. tests/session/test_r_kernel.py asks R."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tuinb.kernel.inspection import r
from tuinb.kernel.inspection.requests import MIME

if TYPE_CHECKING:
    from collections.abc import Mapping

OPENED = {"type": "data.frame", "frame": True, "rows": 4, "width": 2, "names": ["city", "n"], "index": []}
WINDOW = {
    "cells": [["Oslo", None], ["2.5", "-1"]], "labels": [["1", "3"]], "count": 2,
    "header": [[["city"], "character", False], [["n"], "numeric", True]],
}  # fmt: skip


class R:
    """Stands for the kernel: notes what it is asked, and gives the answers in turn."""

    def __init__(self, *answers: Mapping[str, Any]) -> None:
        self.asked: list[tuple[str, Mapping[str, Any]]] = []
        self.answers = list(answers)
        self.questions = r.Questions()

    async def ask(self, operation: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        self.asked.append((operation, arguments))
        return self.answers.pop(0)

    async def answer(self, operation: str, **arguments: object) -> Mapping[str, Any]:
        return await self.questions.answer(self.ask, operation, arguments)

    async def opened(self, *answers: Mapping[str, Any]) -> str:
        self.answers = [OPENED, *answers]
        return str((await self.answer("open", source="df"))["token"])


def test_a_question_is_one_expression_that_leaves_nothing() -> None:
    code = r.question("window", 2.0, {"source": 'a "b"\\', "rows": [0, 64], "patient": True, "keys": [[1, False]]})
    assert code.startswith("base::invisible(base::local({\n")
    assert code.endswith("}, base::new.env(parent = base::baseenv())))")
    arguments = r'list(source = "a \"b\"\\", rows = list(0, 64), patient = TRUE, keys = list(list(1, FALSE)))'
    assert f'answer("window", 2, {arguments})' in code
    assert "\n#" not in code
    with pytest.raises(TypeError):
        r.question("names", 2.0, {"part": None})


@pytest.mark.parametrize(
    ("data", "answer"),
    [
        ({MIME: '{"left": 1}'}, {"left": 1}),
        ({MIME: {"left": 1}}, {"left": 1}),
        ({MIME: "{"}, None),
        ({MIME: "[1]"}, None),
        ({"text/plain": "1"}, None),
    ],
)
def test_what_was_published(data: dict[str, Any], answer: dict[str, Any] | None) -> None:
    assert r.found(data) == answer


async def test_names_and_values() -> None:
    kernel = R({"names": [], "left": 0}, {"lines": ["x"]})
    assert await kernel.answer("names", part="a") == {"names": [], "left": 0}
    assert await kernel.answer("inspect", name="x") == {"lines": ["x"]}
    assert [operation for operation, _ in kernel.asked] == ["names", "inspect"]
    assert "Python only" in (await kernel.answer("calls"))["problem"]


async def test_opening() -> None:
    kernel = R({"gone": True})
    assert await kernel.answer("open", source="Out[3]") == {"gone": True}
    assert await kernel.answer("open", source="df") == {"gone": True}
    token = await kernel.opened()
    assert await kernel.answer("close", token=token) == {}
    assert await kernel.answer("close", token=token) == {"gone": True}
    assert await kernel.answer("window", token=token, rows=[0, 1], columns=[0, 1]) == {"gone": True}


async def test_reading() -> None:
    kernel = R()
    token = await kernel.opened(WINDOW, WINDOW, WINDOW, {"changed": "df was set again"})
    answer = await kernel.answer("window", token=token, rows=[0, 64], columns=[0, 8])
    assert answer["cells"] == [["Oslo", "\0NA"], ["2.5", "-1"]]
    place = {"source": "df", "shape": [4, 2], "mask": "", "keys": []}
    assert kernel.asked[1] == ("window", {**place, "rows": [0, 64], "columns": [0, 8]})
    answer = await kernel.answer("cells", token=token, rows=[0, 4], columns=[0, 2])
    assert answer == {"rows": [["Oslo", "2.5"], ["", "-1"]], "labels": [["1"], ["3"]], "header": [["city"], ["n"]], "next": 4}
    assert kernel.asked[2][1]["whole"] is True
    answer = await kernel.answer("cell", token=token, row=0, column=0)
    assert answer == {"lines": ["Oslo", "NA", "2.5", "-1"]}
    for operation, arguments in {"window": {"rows": [0, 4], "columns": [0, 2]}}.items():
        assert await kernel.answer(operation, token=token, **arguments) == {"changed": "df was set again"}
    assert await kernel.answer("columns", token=token, part="I", most=5) == {"columns": [[0, "city"]], "left": 0}


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        ("cells", {"rows": [0, 4], "columns": [0, 2]}),
        ("cell", {"row": 0, "column": 0}),
        ("statistics", {"column": 0, "every": False}),
        ("arrange", {"keys": [], "condition": "n > 1", "patient": False}),
    ],
)
async def test_a_table_that_is_gone(operation: str, arguments: dict[str, Any]) -> None:
    kernel = R()
    token = await kernel.opened({"gone": True}, WINDOW)
    assert await kernel.answer(operation, token=token, **arguments) == {"gone": True}
    await kernel.answer("window", token=token, rows=[0, 1], columns=[0, 1])
    assert kernel.asked[-1][1]["mask"] == "", "a condition that was refused is none"


@pytest.mark.parametrize(
    ("condition", "mask", "code"),
    [
        ("n > 3", "of(2) > 3", 'df[["n"]] > 3'),
        ("'os' in city and n != 2.5", None, '(grepl("os", df[["city"]], fixed = TRUE)) & (df[["n"]] != 2.5)'),
        (
            "not city.startswith('O')",
            '!(startsWith(as.character(of(1)), "O"))',
            '!(startsWith(as.character(df[["city"]]), "O"))',
        ),
        ("city is None", "is.na(of(1))", 'is.na(df[["city"]])'),
        ("city in ['a', 'b']", 'of(1) %in% c("a", "b")', 'df[["city"]] %in% c("a", "b")'),
        ("n == True", "of(2) == TRUE", 'df[["n"]] == TRUE'),
    ],
)
async def test_conditions(condition: str, mask: str | None, code: str) -> None:
    kernel = R()
    token = await kernel.opened({**WINDOW, "cells": [], "count": 2}, WINDOW)
    answer = await kernel.answer("arrange", token=token, keys=[], condition=condition, patient=False)
    assert answer == {"count": 2, "all": 2, "top": False}
    if mask is not None:
        assert kernel.asked[-1][1]["mask"] == mask
    assert (await kernel.answer("code", token=token))["code"] == f"rows <- df[which({code}), ]\nrows"


async def test_sorting() -> None:
    kernel = R()
    token = await kernel.opened({**WINDOW, "count": 4}, WINDOW)
    assert "problem" in await kernel.answer("arrange", token=token, keys=[], condition="nope > 1", patient=False)
    assert "problem" in await kernel.answer("arrange", token=token, keys=[], condition="n >", patient=False)
    await kernel.answer("arrange", token=token, keys=[[1, True], [0, False]], condition="", patient=True)
    await kernel.answer("window", token=token, rows=[0, 1], columns=[0, 1])
    assert kernel.asked[-1][1]["keys"] == [[2, True], [1, False]]
    code = (await kernel.answer("code", token=token))["code"]
    assert code == 'df[order(df[["n"]], df[["city"]], decreasing = c(TRUE, FALSE), method = "radix"), ]'


async def test_a_matrix_has_columns_by_number() -> None:
    kernel = R({**OPENED, "frame": False}, {**WINDOW, "count": 4})
    token = (await kernel.answer("open", source="m"))["token"]
    await kernel.answer("arrange", token=token, keys=[[1, True]], condition="", patient=True)
    assert (await kernel.answer("code", token=token))["code"].startswith("m[order(m[, 2], ")


async def test_searching_and_figures() -> None:
    kernel = R()
    figures = {**WINDOW, "cells": [[1, 2.5, None]], "header": [[["n"], "numeric", True]]}
    token = await kernel.opened({"row": 1, "column": 0}, figures)
    assert await kernel.answer("search", token=token, text="a", start=[0, 1], backwards=False) == {"row": 1, "column": 0}
    assert kernel.asked[-1][1]["wanted"] == "a"
    answer = await kernel.answer("statistics", token=token, column=1, every=False)
    assert (answer["name"], answer["type"], answer["rows"], answer["of"], answer["nulls"]) == ("n", "numeric", 4, 3, 1)
    assert answer["figures"]["mean"] == "1.75"
    json.dumps(answer)
