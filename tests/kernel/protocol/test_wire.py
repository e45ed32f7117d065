"""Frames and signatures, against jupyter_client's own reading of the format."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jupyter_client.session import Session

from tuinb.kernel.protocol.wire import DELIMITER, MalformedMessageError, Wire, WireMessage

if TYPE_CHECKING:
    from collections.abc import Callable

KEY = b"0123456789abcdef"


def peer() -> Session:
    return Session(key=KEY, username="someone")


def frames_from_peer(
    content: dict[str, Any], message_type: str = "stream", parent: dict[str, Any] | None = None
) -> list[bytes]:
    session = peer()
    return [b"topic", *session.serialize(session.msg(message_type, content, parent=parent))]


def test_jupyter_client_reads_what_is_packed() -> None:
    frames = Wire(KEY, "session").pack("id-1", "execute_request", {"code": "é"}, {"msg_id": "parent"})
    _, parts = peer().feed_identities(frames)
    message = peer().deserialize(parts)
    assert message["content"] == {"code": "é"}
    assert (message["msg_id"], message["msg_type"]) == ("id-1", "execute_request")
    assert message["header"]["session"] == "session"
    assert message["parent_header"] == {"msg_id": "parent"}


def test_the_subshell_is_in_the_header() -> None:
    _, parts = peer().feed_identities(Wire(KEY, "session").pack("id-1", "complete_request", {}, None, "sub"))
    assert peer().deserialize(parts)["header"]["subshell_id"] == "sub"


def test_what_jupyter_client_packs_is_read() -> None:
    frames = frames_from_peer({"name": "stdout", "text": "hé\n"})
    message = Wire(KEY, "session").unpack([*frames, b"buffer"])
    assert message.header["msg_type"] == "stream"
    assert message.content == {"name": "stdout", "text": "hé\n"}
    assert message.buffers == (b"buffer",)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda values: st.lists(values, max_size=4) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), values),
    max_leaves=12,
)
CONTENT = st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), JSON, max_size=5)
SCHEMES = st.sampled_from(["hmac-sha256", "hmac-sha512", "hmac-sha1"])


@settings(max_examples=25, deadline=None)
@given(CONTENT, CONTENT, SCHEMES)
def test_jupyter_client_reads_any_content_that_is_packed(content: dict[str, Any], parent: dict[str, Any], scheme: str) -> None:
    frames = Wire(KEY, "session", scheme).pack("id", "comm_msg", content, parent)
    session = Session(key=KEY, signature_scheme=scheme)
    message = session.deserialize(session.feed_identities(frames)[1])
    assert (message["content"], message["metadata"], message["buffers"]) == (content, {}, [])
    assert {key: message["parent_header"][key] for key in parent} == parent
    assert {"msg_id", "msg_type", "session", "username", "date", "version"} == set(message["header"])


@settings(max_examples=25, deadline=None)
@given(CONTENT, CONTENT, st.lists(st.binary()), SCHEMES)
def test_any_message_that_jupyter_client_packs_is_read(
    content: dict[str, Any], metadata: dict[str, Any], buffers: list[bytes], scheme: str
) -> None:
    session = Session(key=KEY, signature_scheme=scheme)
    parent = session.msg("comm_open")
    sent = session.msg("comm_msg", content, parent=parent, metadata=metadata)
    message = Wire(KEY, "session", scheme).unpack([b"identity", *session.serialize(sent), *buffers])
    assert (message.content, message.metadata, message.buffers) == (content, metadata, tuple(buffers))
    assert (message.header["msg_id"], message.header["msg_type"]) == (sent["msg_id"], "comm_msg")
    assert message.parent_header["msg_id"] == parent["msg_id"]


def test_a_scheme_that_is_unknown() -> None:
    with pytest.raises(ValueError, match="rot13"):
        Wire(KEY, "session", "hmac-rot13")


def test_a_parent_that_differs_is_read_anew() -> None:
    wire, session = Wire(KEY, "session"), peer()
    parents = [session.msg("execute_request", {}), session.msg("execute_request", {})]
    for parent in (parents[0], parents[0], parents[1], parents[0]):
        frames = session.serialize(session.msg("status", {"execution_state": "busy"}, parent=parent))
        assert wire.unpack(frames).parent_header["msg_id"] == parent["msg_id"]


def test_without_a_key_nothing_is_signed_or_checked() -> None:
    frames = Wire(b"", "session").pack("id", "kernel_info_request", {})
    assert frames[1] == b""
    assert Wire(b"", "other").unpack([DELIMITER, b"whatever", *frames[2:]]).header["msg_id"] == "id"


def test_a_null_parent_is_none() -> None:
    frames = Wire(b"", "session").pack("id", "status", {})
    message = Wire(b"", "session").unpack([*frames[:3], b"null", b"null", frames[5]])
    assert (message.parent_header, message.metadata) == ({}, {})


def test_a_lone_surrogate_can_be_sent() -> None:
    frames = Wire(KEY, "session").pack("id", "execute_request", {"code": "'\ud800'"})
    assert peer().deserialize(peer().feed_identities(frames)[1])["content"]["code"] == "'?'"


def test_invalid_utf8_is_replaced() -> None:
    wire = Wire(b"", "session")
    frames = wire.pack("id", "stream", {"text": "XX"})
    assert wire.unpack([*frames[:5], frames[5].replace(b"XX", b"\xff\xfe")]).content == {"text": "��"}


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda frames: frames[2:], "no delimiter"),
        (lambda frames: frames[:4], "2 parts"),
        (lambda frames: [*frames[:2], b"0" * 64, *frames[3:]], "wrong signature"),
        (lambda frames: [*frames[:6], frames[6] + b" "], "wrong signature"),
        (lambda frames: [], "no delimiter"),
    ],
)
def test_frames_that_are_no_message(spoil: Callable[[list[bytes]], list[bytes]], reason: str) -> None:
    with pytest.raises(MalformedMessageError, match=reason):
        Wire(KEY, "session").unpack(spoil(frames_from_peer({"text": "x"})))


@pytest.mark.parametrize(
    ("part", "reason"),
    [(b"{", "not JSON"), (b"[1]", "a JSON list"), (b"null", "a JSON NoneType"), (b'{"a":' * 5000, "not JSON")],
)
def test_parts_that_are_no_json_objects(part: bytes, reason: str) -> None:
    with pytest.raises(MalformedMessageError, match=reason):
        Wire(b"", "session").unpack([DELIMITER, b"", b"{}", b"{}", b"{}", part])


def test_content_that_is_nested_deeper_than_json_reads_is_a_message() -> None:
    """Symptom: such an output was dropped without a word."""
    deep = b"[" * 10_000 + b"]" * 10_000
    content = b'{"data":{"application/json":' + deep + b',"text/plain":"x"},"metadata":{}}'
    data = Wire(b"", "session").unpack([DELIMITER, b"", b"{}", b"{}", b"{}", content]).content["data"]
    assert data["text/plain"] == "x"
    assert isinstance(data["application/json"], list)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.one_of(st.binary(max_size=20), st.just(DELIMITER), st.just(b"{}")), max_size=9))
def test_any_frames_are_a_message_or_malformed(frames: list[bytes]) -> None:
    try:
        message = Wire(b"", "session").unpack(frames)
    except MalformedMessageError:
        return
    assert isinstance(message.content, dict)


# ---- large messages

PIECES = st.lists(
    st.sampled_from(["a" * 20, "\n", "\\", '"', "\x1b", "é", "漢", "😀", "\ud83d", "\ude00", "\\u00e9", "\u2028"]), max_size=60
)


def large(content: bytes, kind: str = "stream") -> list[WireMessage]:
    """Unpacks a message as a large one."""
    wire = Wire(KEY, "session")
    frames = wire.pack("id", kind, {})
    parts = [*frames[2:5], content]
    return wire.unpack_large([b"topic", frames[0], wire._sign(parts), *parts[:3], memoryview(content), b"buffer"])


@pytest.mark.parametrize("ascii_only", [True, False])
@given(PIECES)
def test_the_text_of_a_large_stream_is_cut_after_line_feeds_and_stays_the_same(ascii_only: bool, pieces: list[str]) -> None:
    content = json.dumps({"name": "stderr", "text": "".join(pieces)}, ensure_ascii=ascii_only).encode("utf-8", "replace")
    with patch("tuinb.kernel.protocol.wire._PIECE", 16):
        messages = large(content)
    texts = [message.content["text"] for message in messages]
    assert "".join(texts) == json.loads(content)["text"]
    assert all(text.endswith("\n") for text in texts[:-1])
    assert {message.content["name"] for message in messages} <= {"stderr"}
    assert [message.buffers for message in messages] == [(b"buffer",)] * len(messages)


def test_a_large_stream_is_cut_as_often_as_it_is_long() -> None:
    with patch("tuinb.kernel.protocol.wire._PIECE", 1000):
        assert len(large(json.dumps({"name": "stdout", "text": "line\n" * 1000}).encode())) == 6
        assert len(large(json.dumps({"name": "stdout", "text": "\\" * 10_000}).encode())) == 1
        assert len(large(json.dumps({"name": "stdout", "text": "x" * 10_000}).encode())) == 1


@pytest.mark.parametrize(
    "content",
    [
        b'{"text": "a\\n", "name": "stdout"}',
        b'{"name": "stdout", "text": "a", "more": "b"}',
        b'{"name": "stdout", "text": ["a", "b"]}',
        b'{"name": "stdout", "text": "a"  }',
        b'{"name": "stdout", "text": "\xff"}',
        b'{"name": "stdout", "text": ""}',
        b"{}",
    ],
)
def test_any_other_form_of_a_stream_is_read_as_it_is(content: bytes) -> None:
    (message,) = large(content)
    assert message.content == json.loads(content.decode("utf-8", "replace"))
    assert message.header["msg_type"] == "stream"


def test_other_large_messages_are_whole() -> None:
    (message,) = large(b'{"name": "stdout", "text": "a"}', "display_data")
    assert message.content == {"name": "stdout", "text": "a"}


def test_a_large_message_that_is_none() -> None:
    with pytest.raises(MalformedMessageError, match="not JSON"):
        large(b'{"name": "stdout", "text": "a" "}')
