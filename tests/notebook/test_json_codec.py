"""Changes and transactions as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.notebook.building import A, B
from tuinb.errors import RecordError
from tuinb.notebook import changes as c
from tuinb.notebook.json_codec import CHANGES, TRANSACTIONS

if TYPE_CHECKING:
    from tuinb.notebook.changes import Json

TEXT = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("\udc80\udfff"), max_size=6)
JSON: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
BUNDLE = st.dictionaries(TEXT, JSON, max_size=3)
CELL = TEXT.map(c.CellId)
ANCHOR = st.none() | CELL
OUTPUTS = st.lists(st.builds(c.OutputData, BUNDLE, st.none() | TEXT), max_size=3).map(tuple)
COUNT = st.none() | st.integers()

STRATEGIES: dict[type, st.SearchStrategy[Any]] = {
    c.InsertCell: st.builds(c.InsertCell, st.builds(c.CellData, CELL, TEXT, TEXT, BUNDLE, OUTPUTS, COUNT), ANCHOR),
    c.DeleteCell: st.builds(c.DeleteCell, CELL),
    c.MoveCell: st.builds(c.MoveCell, CELL, ANCHOR),
    c.SetKind: st.builds(c.SetKind, CELL, TEXT),
    c.SetMetadata: st.builds(c.SetMetadata, ANCHOR, TEXT, st.just(c.ABSENT) | JSON, st.none() | st.integers(0)),
    c.SetAttachments: st.builds(c.SetAttachments, CELL, st.none() | BUNDLE, st.none() | st.integers(0)),
    c.SpliceSource: st.builds(c.SpliceSource, CELL, st.integers(0), TEXT, TEXT),
    c.AppendOutput: st.builds(c.AppendOutput, CELL, BUNDLE, st.none() | TEXT),
    c.AppendStream: st.builds(c.AppendStream, CELL, TEXT, TEXT),
    c.ClearOutputs: st.builds(c.ClearOutputs, CELL, st.booleans()),
    c.UpdateDisplay: st.builds(c.UpdateDisplay, TEXT, BUNDLE, BUNDLE),
    c.SetOutputs: st.builds(c.SetOutputs, CELL, OUTPUTS),
    c.SetExecutionCount: st.builds(c.SetExecutionCount, CELL, COUNT),
}
CHANGE = st.one_of(*STRATEGIES.values())
TRANSACTION = st.builds(
    c.Transaction, st.lists(CHANGE, max_size=3).map(tuple), TEXT.map(c.ClientId), st.sampled_from(c.Step), TEXT
)


def test_every_plain_change_is_tried() -> None:
    assert set(get_args(c.PlainChange)) == set(STRATEGIES)


@given(CHANGE)
def test_a_change_that_is_read_is_the_one_that_was_written(change: c.PlainChange) -> None:
    assert CHANGES.from_json(json.loads(json.dumps(CHANGES.to_json(change)))) == change


@given(TRANSACTION)
def test_a_transaction_that_is_read_is_the_one_that_was_written(transaction: c.Transaction) -> None:
    assert TRANSACTIONS.from_json(json.loads(json.dumps(TRANSACTIONS.to_json(transaction)))) == transaction


def test_the_form_of_a_record() -> None:
    written = TRANSACTIONS.to_json(c.Transaction((c.MoveCell(A, None), c.SetMetadata(B, "k", None)), c.KERNEL, c.Step.OUTPUT))
    changes = [
        {"type": "MoveCell", "cell": "a", "after": None},
        {"type": "SetMetadata", "cell": "b", "key": "k", "value": [None], "position": None},
    ]
    assert written == {"type": "Transaction", "changes": changes, "origin": "kernel", "step": "OUTPUT", "label": ""}


def test_a_high_surrogate_alone_is_kept() -> None:
    change = c.SpliceSource(A, 0, "", "\ud83d")
    assert CHANGES.from_json(json.loads(json.dumps(CHANGES.to_json(change)))) == change


def test_a_record_of_an_earlier_version_may_lack_what_has_a_default() -> None:
    assert CHANGES.from_json({"type": "SetOutputs", "cell": "a"}) == c.SetOutputs(A)


@pytest.mark.parametrize("change", [c.RestoreCell(A, None), c.RestoreOutputs(A, None)])
def test_changes_for_one_notebook_alone_are_refused(change: c.Change) -> None:
    kind = type(change).__name__
    with pytest.raises(RecordError, match=f"{kind}: it can't be written down"):
        TRANSACTIONS.to_json(c.Transaction((change,), c.KERNEL))
    with pytest.raises(RecordError, match=f"Transaction.changes: '{kind}' is an unknown type"):
        TRANSACTIONS.from_json({"type": "Transaction", "changes": [{"type": kind}], "origin": "kernel"})


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (None, "a record: None is no dict"),
        ({}, "a record: None is an unknown type"),
        ({"type": ["x"]}, r"a record: \['x'\] is an unknown type"),
        ({"type": "SetKind", "cell": "a"}, "SetKind: it lacks kind"),
        ({"type": "DeleteCell", "cell": "a", "soft": 1}, "it has unknown fields: soft"),
        ({"type": "DeleteCell", "cell": 1}, "DeleteCell.cell: 1 is no str"),
        ({"type": "ClearOutputs", "cell": "a", "wait": 1}, "ClearOutputs.wait: 1 is no bool"),
        ({"type": "SetExecutionCount", "cell": "a", "count": True}, "SetExecutionCount.count: True is no int"),
        ({"type": "SetOutputs", "cell": "a", "outputs": {}}, "SetOutputs.outputs: {} is no list"),
        ({"type": "AppendOutput", "cell": "a", "output": []}, r"AppendOutput.output: \[\] is no dict"),
        ({"type": "SetMetadata", "cell": "a", "key": "k", "value": 1}, "SetMetadata.value: 1 is no list"),
        ({"type": "SetMetadata", "cell": "a", "key": "k", "value": [1, 2]}, "is more than one value"),
    ],
)
def test_what_is_no_record_is_refused(data: Json, said: str) -> None:
    with pytest.raises(RecordError, match=said):
        CHANGES.from_json(data)


def test_an_unknown_step_is_refused() -> None:
    with pytest.raises(RecordError, match=r"Transaction.step: 'edit' is no Step"):
        TRANSACTIONS.from_json({"type": "Transaction", "changes": [], "origin": "x", "step": "edit"})
