"""Which kernels get keys for an encrypted connection. An encrypted kernel is run in tests/kernel/connection."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
import zmq

from tuinb.kernel.launch.kernelspecs import KernelSpec
from tuinb.kernel.launch.spawn import connection_info

TCP, CURVE = {"tuinb": {"transport": "tcp"}}, {"supported_encryption": ["curve"]}
NAMES = {"curve_publickey", "curve_secretkey"}


def keys(words: dict[str, Any], **fields: Any) -> dict[str, Any]:  # noqa: ANN401
    argv = ("python", "-m", "ipykernel_launcher", "-f", "{connection_file}")
    info = connection_info(KernelSpec("k", "K", "python", argv, metadata=words, **fields), Path("/tmp"))
    return {name: info[name] for name in NAMES & set(info)}


@pytest.mark.skipif(not zmq.has("curve"), reason="this pyzmq has no CURVE")
def test_a_kernel_on_tcp_that_says_so_gets_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metadata, "version", lambda _name: "8.9.0")
    for words in (["curve"], "Curve", ["other", "CURVE"]):
        made = keys(TCP | {"supported_encryption": words})
        assert zmq.curve_public(made["curve_secretkey"].encode()) == made["curve_publickey"].encode()
    assert keys(TCP | CURVE) != keys(TCP | CURVE)


@pytest.mark.parametrize("words", [None, [], "", "none", {"curve": 1}, [["curve"]], 7])
def test_others_get_none(words: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metadata, "version", lambda _name: "8.10.0")
    assert keys(TCP | {"supported_encryption": words}) == keys(TCP) == {}
    assert keys(CURVE) == {}, "an ipc socket is private"
    assert keys(TCP | CURVE, other_interpreter=True) == {}, "that ipykernel may be older"


def test_what_can_not_do_it_gets_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metadata, "version", lambda _name: "8.8.0")
    assert keys(TCP | CURVE) == {}, "`jupyter console --existing` would wait for ever"
    monkeypatch.setattr(metadata, "version", lambda _name: "odd")
    assert keys(TCP | CURVE) == {}
    monkeypatch.setattr(metadata, "version", lambda _name: "9.0")
    monkeypatch.setattr(zmq, "has", lambda _what: False)
    assert keys(TCP | CURVE) == {}
