"""The events of a session as JSON."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.notebook.test_json_codec import BUNDLE, CELL, TEXT, TRANSACTION
from tests.support import ROOT
from tuinb.errors import RecordError
from tuinb.kernel.protocol.lifecycle import InterruptMeans
from tuinb.notebook import changes as c
from tuinb.session import events as e
from tuinb.session.json_codec import RECORDS
from tuinb.session.state import Frame, KernelState, KernelStatus, Stop

CELLS = st.lists(CELL, max_size=3).map(tuple)
PID = st.none() | st.integers(1)
STATUS = st.builds(KernelStatus, st.sampled_from(KernelState), TEXT, TEXT, TEXT, TEXT, TEXT, PID, st.integers(0), TEXT)

FRAME = st.builds(Frame, st.integers(), TEXT, st.none() | CELL, st.integers(), TEXT)
STOP = st.builds(Stop, st.integers(), TEXT, st.lists(FRAME, max_size=2).map(tuple))

EVENTS: dict[type, st.SearchStrategy[Any]] = {
    e.KernelChanged: st.builds(e.KernelChanged, STATUS),
    e.CellsChanged: st.builds(e.CellsChanged, CELLS),
    e.WidgetsChanged: st.builds(e.WidgetsChanged, st.lists(TEXT, max_size=3).map(tuple)),
    e.PromptOpened: st.builds(e.PromptOpened, st.builds(e.Prompt, st.none() | CELL, TEXT, st.booleans())),
    e.PromptClosed: st.builds(e.PromptClosed),
    e.Page: st.builds(e.Page, BUNDLE),
    e.InterruptTimedOut: st.builds(e.InterruptTimedOut, st.none() | st.sampled_from(InterruptMeans)),
    e.Saved: st.builds(e.Saved, TEXT.map(Path), st.lists(TEXT, max_size=2).map(tuple)),
    e.Message: st.builds(e.Message, TEXT, TEXT),
    e.DebugChanged: st.builds(e.DebugChanged, st.none() | STOP),
}


def test_every_event_is_tried() -> None:
    assert set(get_args(e.SessionEvent)) == set(EVENTS)


@given(st.one_of(*EVENTS.values()) | TRANSACTION)
@settings(deadline=None)
def test_what_is_read_is_what_was_written(record: Any) -> None:  # noqa: ANN401
    assert RECORDS.from_json(json.loads(json.dumps(RECORDS.to_json(record)))) == record


def test_the_form_of_an_event() -> None:
    written = {"type": "Saved", "path": "a/b.ipynb", "notices": [], "automatic": False}
    assert RECORDS.to_json(e.Saved(Path("a/b.ipynb"))) == written
    status = {"type": "KernelStatus", "state": "IDLE", "name": "python3", "display_name": "", "interpreter": "", "language": ""}
    written = RECORDS.to_json(e.KernelChanged(KernelStatus(KernelState.IDLE, "python3")))
    more = {"detail": "", "pid": None, "strays": 0, "untrusted": "", "explanation": ""}
    shared = {"connection_file": "", "foreign": False, "server": "", "others_run": False}
    assert written == {"type": "KernelChanged", "status": {**status, **more, **shared}}


def test_a_path_is_text() -> None:
    with pytest.raises(RecordError, match=r"Saved.path: 1 is no str"):
        RECORDS.from_json({"type": "Saved", "path": 1})


@pytest.mark.parametrize(
    ("mark", "records"),
    [
        ("events of watch", (*get_args(e.SessionEvent), c.Transaction)),
        ("changes of watch", get_args(c.PlainChange)),
    ],
)
def test_the_readme_names_each_record_and_its_fields(mark: str, records: tuple[Any, ...]) -> None:
    table = (ROOT / "README.md").read_text().partition(f"<!-- {mark} -->\n")[2].partition("\n\n")[0]
    rows = [line.strip("| ").split("|") for line in table.splitlines()[2:]]
    named = {row[0].strip(" `"): row[1].split() for row in rows}
    assert named == {record.__name__: [f"`{field.name}`" for field in fields(record)] for record in records}
