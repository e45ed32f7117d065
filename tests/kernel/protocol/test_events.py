"""The reader takes anything; what it makes of good, odd and bad messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tuinb.kernel.protocol import codec, requests
from tuinb.kernel.protocol import events as m
from tuinb.kernel.protocol.codec import parse, to_wire
from tuinb.kernel.protocol.events import NO_PARENT, MessageId

if TYPE_CHECKING:
    from collections.abc import Sequence

P = MessageId("p")


def read(kind: str, content: object, channel: m.Channel = "iopub", buffers: Sequence[bytes | memoryview] = ()) -> m.Event:
    return parse(channel, {"msg_id": "own", "msg_type": kind}, {"msg_id": "p"}, {}, content, buffers)


@pytest.mark.parametrize(
    ("kind", "content", "event"),
    [
        ("status", {"execution_state": "busy"}, m.Status(P, "busy")),
        ("stream", {"name": "stderr", "text": "a"}, m.Stream(P, "stderr", "a")),
        ("stream", {"text": ["a", "b"]}, m.Stream(P, "stdout", "ab")),
        ("stream", {}, m.Stream(P, "stdout", "")),
        (
            "display_data",
            {"data": {"text/plain": "a"}, "metadata": None, "transient": {"display_id": "d"}},
            m.DisplayData(P, {"text/plain": "a"}, {}, "d"),
        ),
        ("display_data", {"data": {}, "transient": {"display_id": 3}}, m.DisplayData(P, {}, {}, None)),
        ("update_display_data", {"data": {"a": 1}}, m.UpdateDisplayData(P, {"a": 1}, {}, None)),
        ("execute_result", {"data": {}, "execution_count": 3}, m.ExecuteResult(P, 3, {}, {}, None)),
        ("execute_result", {"data": {}, "execution_count": "three"}, m.ExecuteResult(P, None, {}, {}, None)),
        ("execute_result", {"data": {}, "execution_count": True}, m.ExecuteResult(P, None, {}, {}, None)),
        ("error", {"ename": "E", "evalue": "v", "traceback": ["a", "b"]}, m.ErrorOutput(P, "E", "v", ("a", "b"))),
        ("error", {"traceback": "all of it"}, m.ErrorOutput(P, "", "", ("all of it",))),
        ("clear_output", {"wait": True}, m.ClearOutput(P, wait=True)),
        ("execute_input", {"code": "a", "execution_count": 1}, m.ExecuteInput(P, "a", 1)),
        ("comm_open", {"comm_id": "c", "target_name": "t", "data": {"a": 1}}, m.CommOpen(P, "c", "t", {"a": 1}, {})),
        ("comm_msg", {"comm_id": "c", "data": {}}, m.CommMessage(P, "c", {}, {})),
        ("comm_close", {"comm_id": "c"}, m.CommClosed(P, "c")),
        ("execute_reply", {"status": "ok", "execution_count": 2}, m.ExecuteReply(P, "ok", 2)),
        ("execute_reply", {"status": "abort"}, m.ExecuteReply(P, "aborted", None)),
        ("execute_reply", {"status": "aborted", "ename": 3}, m.ExecuteReply(P, "aborted", None)),
        ("execute_reply", {"status": "error", "ename": "E", "evalue": "v"}, m.ExecuteReply(P, "error", None, "E", "v")),
        ("execute_reply", {"status": 7}, m.ExecuteReply(P, "error", None)),
        ("execute_reply", {}, m.ExecuteReply(P, "error", None)),
        (
            "execute_reply",
            {"status": "ok", "payload": [{"source": "page"}, "odd"]},
            m.ExecuteReply(P, "ok", None, payload=({"source": "page"},)),
        ),
        (
            "complete_reply",
            {"matches": ["a", "b"], "cursor_start": 1, "cursor_end": 2},
            m.CompleteReply(P, ("a", "b"), 1, 2, {}),
        ),
        ("complete_reply", {"status": "error"}, m.CompleteReply(P, (), 0, 0, {})),
        ("inspect_reply", {"found": True, "data": {"text/plain": "a"}}, m.InspectReply(P, True, {"text/plain": "a"})),
        ("history_reply", {"history": [[1, 2, "a"], [1, 3, "b\nc"], "odd", [1]]}, m.HistoryReply(P, ("a", "b\nc"))),
        ("history_reply", {"status": "error"}, m.HistoryReply(P, ())),
        ("create_subshell_reply", {"status": "ok", "subshell_id": "s"}, m.SubshellReply(P, "s")),
        ("create_subshell_reply", {"status": "error"}, m.SubshellReply(P, "")),
        ("delete_subshell_reply", {"status": "ok"}, m.SubshellReply(P, "")),
        ("input_request", {"prompt": "? ", "password": True}, m.InputRequest(P, "? ", password=True, id=MessageId("own"))),
        ("debug_event", {"event": "stopped", "body": {"threadId": 1}}, m.DebugEvent(P, "stopped", {"threadId": 1})),
        ("debug_reply", {"success": True, "body": {"a": 1}}, m.DebugReply(P, True, "", {"a": 1})),
        ("debug_reply", {"success": False, "message": "no"}, m.DebugReply(P, False, "no", {})),
        ("odd_event", {"a": 1}, m.Unknown("iopub", P, "odd_event", {"a": 1})),
    ],
)
def test_reads(kind: str, content: object, event: m.Event) -> None:
    assert read(kind, content) == event


def test_kernel_info_keeps_its_channel() -> None:
    content = {"protocol_version": "5.4", "implementation": "i", "banner": "b", "language_info": {"name": "R"}}
    assert read("kernel_info_reply", content, "control") == m.KernelInfoReply(P, "control", "5.4", "i", "b", {"name": "R"})


def test_buffers_are_kept_with_comms() -> None:
    event = read("comm_msg", {"comm_id": "c"}, buffers=[memoryview(b"ab"), b"c"])
    assert isinstance(event, m.CommMessage)
    assert event.buffers == (b"ab", b"c")


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("stream", {"text": 3}),
        ("stream", {"text": ["a", 3]}),
        ("stream", ["a"]),
        ("stream", None),
        ("status", {"execution_state": {}}),
        ("display_data", {"data": "text"}),
        ("display_data", {"data": {}, "transient": "d"}),
        ("error", {"traceback": [1]}),
        ("complete_reply", {"matches": ["a"], "cursor_start": 3, "cursor_end": 2}),
        ("complete_reply", {"matches": ["a"]}),
    ],
)
def test_wrong_types_are_garbage_with_a_reason(kind: str, content: object) -> None:
    event = read(kind, content)
    assert isinstance(event, m.Malformed)
    assert event.reason.startswith(kind)


@pytest.mark.parametrize("header", [None, {}, [], {"msg_type": 3}, "status"])
def test_a_header_without_a_type_is_garbage(header: object) -> None:
    assert isinstance(parse("shell", header, {}, {}, {}), m.Malformed)


@pytest.mark.parametrize("parent", [None, {}, [], "p", {"msg_id": 3}])
def test_a_parent_that_is_none(parent: object) -> None:
    assert parse("iopub", {"msg_type": "status"}, parent, None, {"execution_state": "idle"}) == m.Status(NO_PARENT, "idle")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
FIELDS = [
    *("execution_state", "name", "text", "data", "metadata", "transient", "execution_count", "ename", "evalue", "traceback"),
    *("wait", "code", "comm_id", "target_name", "status", "payload", "matches", "cursor_start", "cursor_end", "found"),
    *("prompt", "password", "language_info", "restart"),
]


@settings(deadline=None)
@given(
    kind=st.sampled_from(sorted(codec._READERS)) | json_values,
    parent=json_values,
    content=st.dictionaries(st.sampled_from(FIELDS), json_values) | json_values,
)
def test_never_raises(kind: object, parent: object, content: object) -> None:
    assert isinstance(parse("iopub", {"msg_type": kind}, parent, {}, content), get_args(m.Event))


@pytest.mark.parametrize(
    ("request_", "channel", "kind", "content"),
    [
        (requests.Complete(P, "ab", 1), "shell", "complete_request", {"code": "ab", "cursor_pos": 1}),
        (requests.Inspect(P, "ab", 1), "shell", "inspect_request", {"code": "ab", "cursor_pos": 1, "detail_level": 0}),
        (requests.KernelInfo(P), "shell", "kernel_info_request", {}),
        (requests.KernelInfo(P, "control"), "control", "kernel_info_request", {}),
        (requests.InputReply(P, P, "x"), "stdin", "input_reply", {"value": "x"}),
        (requests.CommClose(P, "c"), "shell", "comm_close", {"comm_id": "c", "data": {}}),
    ],
)
def test_to_wire(request_: requests.Request, channel: str, kind: str, content: dict[str, Any]) -> None:
    assert to_wire(request_) == (channel, kind, content)


def test_evaluate_to_wire() -> None:
    channel, kind, content = to_wire(requests.Evaluate(P, "x", "1 + 1"))
    assert (channel, kind) == ("shell", "execute_request")
    assert content == {
        "code": "",
        "silent": True,
        "store_history": False,
        "user_expressions": {"x": "1 + 1"},
        "allow_stdin": True,
        "stop_on_error": False,
    }
    assert read("execute_reply", {"status": "ok", "user_expressions": {"x": {}}}).expressions == {"x": {}}  # type: ignore[union-attr]
    assert read("execute_reply", {"status": "ok", "user_expressions": 3}).expressions == {}  # type: ignore[union-attr]


def test_execute_to_wire() -> None:
    channel, kind, content = to_wire(requests.Execute(P, "1", stop_on_error=False))
    assert (channel, kind) == ("shell", "execute_request")
    assert content == {
        "code": "1",
        "silent": False,
        "store_history": True,
        "user_expressions": {},
        "allow_stdin": True,
        "stop_on_error": False,
    }
