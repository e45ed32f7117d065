"""Messages of widgets in tables: what becomes of models, what is captured, what is told back; and that garbage is harmless."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tuinb.kernel.execution import comms as module
from tuinb.kernel.execution.comms import Comms
from tuinb.kernel.protocol import events as m
from tuinb.kernel.protocol.events import NO_PARENT, MessageId
from tuinb.notebook.document import Notebook
from tuinb.notebook.widgets import Widgets

if TYPE_CHECKING:
    from collections.abc import Sequence

RUN, OTHER = MessageId("run"), MessageId("other")


class Table:
    """A table of comms, with the models that it changes."""

    def __init__(self) -> None:
        self.widgets = Widgets(Notebook())
        self.comms = Comms(self.widgets)

    def open(self, model: str, **state: object) -> tuple[str, ...] | None:
        event = m.CommOpen(NO_PARENT, model, "jupyter.widget", {"state": state}, {"version": "2.1.0"})
        return self.comms.receive(event, own=False)

    def send(
        self,
        model: str,
        method: str = "update",
        *,
        own: bool = False,
        paths: object = None,
        buffers: Sequence[bytes] = (),
        **state: object,
    ) -> tuple[str, ...] | None:
        data = {"method": method, "state": state, "buffer_paths": paths}
        return self.comms.receive(m.CommMessage(NO_PARENT, model, data, {}, tuple(buffers)), own=own)

    def close(self, model: str) -> tuple[str, ...] | None:
        return self.comms.receive(m.CommClosed(NO_PARENT, model), own=False)

    def output(self, model: str = "out", captures: str = RUN, **state: object) -> None:
        self.open(model, _model_name="OutputModel", msg_id=captures, **state)

    def give(self, *events: m.CellOutput | m.Stream | m.ClearOutput) -> list[str | None]:
        """The widgets that took the events."""
        taken: list[str | None] = []
        for event in events:
            captor = self.comms.captor(event.parent)
            if captor is not None:
                self.comms.give(captor, event)
            taken.append(captor.id if captor is not None else None)
        return taken

    def outputs(self, model: str = "out") -> list[Any]:
        found = self.widgets.find(model)
        assert found is not None
        assert found.outputs is not None
        return list(found.outputs.to_json())

    def state(self, model: str) -> dict[str, Any]:
        found = self.widgets.find(model)
        assert found is not None
        return found.state


def text(value: str, parent: MessageId = RUN) -> m.Stream:
    return m.Stream(parent, "stdout", value)


def shown(value: str, display_id: str | None = None) -> m.DisplayData:
    return m.DisplayData(RUN, {"text/plain": value}, {}, display_id)


# ---- models


def test_a_model_is_opened_updated_and_closed() -> None:
    table = Table()
    assert table.open("bar", value=0, max=10) == ("bar",)
    assert table.send("bar", value=3) == ("bar",)
    assert table.send("bar", "echo_update", max=5) == ("bar",)
    assert table.state("bar") == {"value": 3, "max": 5}
    assert table.close("bar") == ("bar",)
    assert table.send("bar", value=4) == ()
    assert table.close("bar") == ()
    found = table.widgets.find("bar")
    assert found is not None
    assert (found.closed, found.state["value"]) == (True, 3)


def test_what_the_kernel_is_told_of_an_operated_model() -> None:
    table = Table()
    table.open("a", _model_name="TextModel", value="")
    update = {"method": "update", "state": {"value": "x"}, "buffer_paths": []}
    submit = {"method": "custom", "content": {"event": "submit"}}
    assert table.comms.operate("a", {"value": "x"}) == [update, submit, {"method": "request_state"}]
    assert table.state("a")["value"] == "x"
    table.close("a")
    assert table.comms.operate("a", {"value": "y"}) == []


def test_a_model_opened_anew_starts_anew() -> None:
    table = Table()
    table.open("a", x=1)
    table.close("a")
    assert table.open("a", y=1) == ("a",)
    assert table.state("a") == {"y": 1}
    assert table.send("a", y=2) == ("a",)


@pytest.mark.parametrize("method", ["custom", "request_state", "display", 3, None])
def test_other_messages_change_nothing(method: Any) -> None:  # noqa: ANN401
    table = Table()
    table.open("a", x=1)
    assert table.send("a", method, x=2) == ()
    assert table.state("a") == {"x": 1}


@pytest.mark.parametrize(
    ("target", "version"),
    [("", "2.1.0"), ("jupyter.widget.control", "2.1.0"), ("hv", None), ("jupyter.widget", "1.0"), ("jupyter.widget", 2)],
)
def test_what_nobody_speaks_is_closed(target: str, version: object) -> None:
    table = Table()
    metadata = {} if version is None else {"version": version}
    assert table.comms.receive(m.CommOpen(NO_PARENT, "c", target, {}, metadata), own=False) is None
    assert table.widgets.find("c") is None


def test_binary_values_stand_at_their_paths() -> None:
    table = Table()
    state = {"deep": {"list": [None, {"k": 1}]}, "plain": 1}
    opened = m.CommOpen(
        NO_PARENT,
        "image",
        "jupyter.widget",
        {"state": state, "buffer_paths": [["value"], ["deep", "list", 0], ["deep", "list", 1, "b"]]},
        {},
        (b"one", b"two", b"three"),
    )
    assert table.comms.receive(opened, own=False) == ("image",)
    assert table.state("image") == {"deep": {"list": [b"two", {"k": 1, "b": b"three"}]}, "plain": 1, "value": b"one"}
    assert state == {"deep": {"list": [None, {"k": 1}]}, "plain": 1}
    found = table.widgets.find("image")
    assert found is not None
    saved = found.to_json()
    assert saved["state"] == {"deep": {"list": [None, {"k": 1}]}, "plain": 1}
    encoded = {tuple(buffer["path"]): base64.b64decode(buffer["data"]) for buffer in saved["buffers"]}
    assert encoded == {("value",): b"one", ("deep", "list", 0): b"two", ("deep", "list", 1, "b"): b"three"}


@pytest.mark.parametrize(
    "path",
    [None, [], "value", [1], ["a", "b"], ["list", 7], ["list", -1], ["list", "x"], ["text", 0], [None], [[]], ["list", 0, 0]],
)
def test_a_path_that_leads_nowhere_is_passed_over(path: object) -> None:
    table = Table()
    table.open("a", list=[None], text="t")
    assert table.send("a", paths=[path], buffers=[b"x"], list=[None], text="t") == ("a",)
    assert table.state("a") == {"list": [None], "text": "t"}


# ---- captured outputs


def test_outputs_of_the_request_are_captured_and_merged() -> None:
    table = Table()
    table.output()
    taken = table.give(
        text("a"), text("b\n"), shown("d"), m.ExecuteResult(RUN, 3, {}, {}, None), m.ErrorOutput(RUN, "E", "v", ("t",))
    )
    assert taken == ["out"] * 5
    assert table.give(text("c", OTHER)) == [None]
    stream, display, result, error = table.outputs()
    assert stream == {"name": "stdout", "output_type": "stream", "text": "ab\n"}
    assert display == {"data": {"text/plain": "d"}, "metadata": {}, "output_type": "display_data"}
    assert (result["output_type"], result["execution_count"]) == ("execute_result", 3)
    assert error == {"ename": "E", "evalue": "v", "output_type": "error", "traceback": ["t"]}


def test_clearing() -> None:
    table = Table()
    table.output()
    table.give(text("a"), m.ClearOutput(RUN, wait=True))
    assert len(table.outputs()) == 1
    table.give(text("b"))
    assert [output["text"] for output in table.outputs()] == ["b"]
    table.give(m.ClearOutput(RUN, wait=False))
    assert table.outputs() == []


def test_the_one_that_asked_last_captures_and_gives_back() -> None:
    table = Table()
    table.output("one")
    table.output("two")
    assert table.give(text("a")) == ["two"]
    table.send("two", msg_id="")
    assert table.give(text("b")) == ["one"]
    table.send("one", msg_id=OTHER)
    assert table.give(text("c"), text("d", OTHER)) == [None, "one"]


@pytest.mark.parametrize("end", ["close", "lose", "release", "open"])
def test_a_capture_ends(end: str) -> None:
    table = Table()
    table.output()
    match end:
        case "close":
            table.close("out")
        case "lose":
            table.comms.on_kernel_lost()
        case "release":
            table.send("out", msg_id=None)
        case _:
            table.output(captures="")
    assert table.give(text("a")) == [None]


def test_only_output_widgets_capture() -> None:
    table = Table()
    table.open("bar", _model_name="IntProgressModel", msg_id=RUN)
    assert table.give(text("a")) == [None]


def test_a_widget_that_was_dropped_captures_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    table = Table()
    table.output()
    monkeypatch.setattr("tuinb.notebook.widgets.MOST_MODELS", 1)
    table.open("bar")
    assert table.give(text("a")) == [None]


def test_outputs_that_the_kernel_sets_replace_what_was_captured() -> None:
    table = Table()
    table.output(outputs=[{"output_type": "stream", "name": "stderr", "text": ["x", "y"]}])
    assert [output["text"] for output in table.outputs()] == ["xy"]
    table.give(text("a"))
    stream = {"output_type": "stream", "name": "stdout"}
    table.send("out", outputs=[{**stream, "text": "b"}, {**stream, "text": "c"}, 3, {"output_type": "odd"}])
    assert table.outputs() == [{**stream, "text": "bc"}, {"output_type": "odd"}]
    table.send("out", outputs="nothing of the kind")
    assert table.outputs() == []
    assert "outputs" not in table.state("out")
    found = table.widgets.find("out")
    assert found is not None
    assert found.to_json()["state"]["outputs"] == []


def test_displays_are_updated_where_they_were_captured() -> None:
    table = Table()
    table.output()
    table.give(shown("old", "here"), shown("other", "there"))
    update = m.UpdateDisplayData(NO_PARENT, {"text/plain": "new"}, {}, "here")
    assert list(table.comms.update_display(update)) == ["out"]
    assert [output["data"]["text/plain"] for output in table.outputs()] == ["new", "other"]
    assert list(table.comms.update_display(m.UpdateDisplayData(NO_PARENT, {}, {}, None))) == []
    table.give(m.ClearOutput(RUN, wait=False))
    assert list(table.comms.update_display(update)) == []


def test_the_kernel_is_told_once_a_capture_ends() -> None:
    table = Table()
    table.output()
    table.give(text("a"), text("b"))
    assert table.comms.pending_updates(capturing=False) == []
    table.send("out", msg_id="")
    told = {"method": "update", "state": {"outputs": table.outputs()}, "buffer_paths": []}
    assert table.comms.pending_updates(capturing=False) == [("out", told)]
    assert table.comms.pending_updates(capturing=True) == []


def test_the_kernel_is_told_at_the_end_of_a_cell_in_any_case() -> None:
    table = Table()
    table.output()
    table.give(text("a"))
    assert [model for model, _ in table.comms.pending_updates(capturing=True)] == ["out"]


def test_what_the_kernel_knows_or_is_too_much_or_has_no_widget_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    table = Table()
    for model in ("told", "gone", "long"):
        table.output(model)
        table.give(text("a" * 200))
    table.send("told", outputs=[])
    table.close("gone")
    monkeypatch.setattr(module, "MOST_TOLD", 100)
    assert table.comms.pending_updates(capturing=True) == []


def test_an_echo_of_ours_is_passed_over() -> None:
    table = Table()
    table.output()
    table.give(text("a"))
    assert table.send("out", "echo_update", own=True, outputs=[]) == ()
    assert len(table.outputs()) == 1


# ---- anything at all

json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["a", "b", RUN, OTHER, "OutputModel"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
keys = st.sampled_from(["_model_name", "_model_module", "msg_id", "outputs", "children", "layout", "value"]) | st.text(
    max_size=3
)
ids = st.sampled_from(["a", "b", "c"])
states = st.dictionaries(keys, json, max_size=4)
paths = st.lists(st.lists(keys | st.integers(-1, 3) | json, max_size=3) | json, max_size=3) | json
data = st.builds(
    lambda method, state, where: {"method": method, "state": state, "buffer_paths": where},
    st.sampled_from(["update", "echo_update", "custom"]) | json,
    states | json,
    paths,
) | st.dictionaries(keys, json)
buffers = st.lists(st.binary(max_size=3), max_size=3).map(tuple)
comm_events = (
    st.builds(m.CommOpen, st.just(NO_PARENT), ids, st.just("jupyter.widget"), data, st.just({}), buffers)
    | st.builds(m.CommMessage, st.just(NO_PARENT), ids, data, st.just({}), buffers)
    | st.builds(m.CommClosed, st.just(NO_PARENT), ids)
)
outputs = st.sampled_from(
    [text("x"), text("y", OTHER), shown("d", "here"), m.ClearOutput(RUN, True), m.ClearOutput(OTHER, False)]
)
updates = st.just(m.UpdateDisplayData(NO_PARENT, {"text/plain": "u"}, {}, "here"))


@settings(deadline=None)
@given(st.lists(comm_events | outputs | updates | st.just("lose") | st.just("tell"), max_size=20))
def test_garbage_in_any_order_raises_nothing(sequence: list[Any]) -> None:
    table = Table()
    for event in sequence:
        match event:
            case "lose":
                table.comms.on_kernel_lost()
            case "tell":
                table.comms.pending_updates(capturing=False)
            case m.UpdateDisplayData():
                table.comms.update_display(event)
            case m.CommOpen() | m.CommMessage() | m.CommClosed():
                table.comms.receive(event, own=False)
            case _:
                table.give(event)
    for model in ("a", "b", "c"):
        found = table.widgets.find(model)
        if found is not None:
            assert isinstance(found.to_json()["state"], dict)
    assert all(model.size >= 0 for model in table.widgets._models.values())
    assert table.widgets._bytes == sum(model.size for model in table.widgets._models.values())
