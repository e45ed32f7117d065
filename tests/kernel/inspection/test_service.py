"""Requests as expressions, and the agent that they bring: the answer, its limits, and callbacks that a thread does not hear."""

from __future__ import annotations

import sys
import threading
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from tests.kernel.inspection.support import ROWS, Shell
from tuinb.kernel.inspection import requests
from tuinb.kernel.inspection.agent import namespace, service

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """IPython with this namespace, as long as a test runs. The agent is removed before and after it."""
    remove_agent()
    shell: Any = Shell(rows=ROWS)
    shell.events = SimpleNamespace(callbacks={"post_execute": [print]})
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    yield shell
    remove_agent()


def remove_agent() -> None:
    for name in [name for name in sys.modules if name.startswith("_tuinb")]:
        del sys.modules[name]


def value_of(expression: str) -> dict[str, Any] | str:
    """Returns what a reply with the value of an expression would say."""
    value = eval(expression, {})
    data = {"text/plain": "None"} if value is None else value._repr_mimebundle_()
    return requests.found({requests.KEY: {"status": "ok", "data": data}})


def test_the_agent_is_brought_once(shell: Any) -> None:  # noqa: ANN401 - any shell
    asked = ("names", {"part": ""})
    assert value_of(requests.question(*asked)) == requests.ABSENT
    found = value_of(requests.first_question(*asked))
    assert isinstance(found, dict)
    assert found["names"][0][0] == "rows"
    assert value_of(requests.question(*asked)) == found
    agent = sys.modules[f"{requests.package()}.service"]
    value_of(requests.first_question(*asked))
    assert sys.modules[f"{requests.package()}.service"] is agent
    assert set(shell.user_ns) == {"_oh", "rows"}


def test_every_operation_is_reached(shell: Any) -> None:  # noqa: ANN401 - any shell
    def ask(operation: str, **arguments: object) -> dict[str, Any]:
        found = value_of(requests.first_question(operation, arguments))
        assert isinstance(found, dict)
        assert "problem" not in found
        return found

    token = ask("open", source="rows")["token"]
    ask("inspect", name="rows")
    ask("window", token=token, rows=[0, 2], columns=[0, 2])
    ask("cells", token=token, rows=[0, 2], columns=[0, 2])
    ask("cell", token=token, row=0, column=0)
    ask("columns", token=token, part="", most=3)
    ask("arrange", token=token, keys=[[0, True]], condition="count > 1", patient=False)
    ask("code", token=token)
    ask("search", token=token, text="a", start=[0, 0], backwards=False)
    ask("statistics", token=token, column=0, every=False)
    assert "frames" in ask("calls")
    assert ask("close", token=token) == {}


def test_other_replies() -> None:
    assert requests.found({}) == ""
    assert requests.found({requests.KEY: {"status": "error", "ename": "NameError"}}) == "NameError"
    assert requests.found({requests.KEY: {"status": "error"}}) == ""


def test_an_installation_that_fails_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    remove_agent()
    monkeypatch.setattr(requests, "_sources", lambda: (("values", "x = 1"), ("service", "1 / 0")))
    requests.package.cache_clear()
    try:
        with pytest.raises(ZeroDivisionError):
            eval(requests.first_question("names", {}), {})
        assert not [name for name in sys.modules if name.startswith("_tuinb")]
    finally:
        requests.package.cache_clear()


def ask_agent(**changes: object) -> dict[str, Any]:
    """Asks the agent of this process."""
    arguments = {"operation": "names", "arguments": {"part": ""}, "seconds": 2.0, "characters": 10**6, **changes}
    import json

    content: dict[str, Any] = service.answer(json.dumps(arguments))._content
    return content


@pytest.mark.usefixtures("shell")
def test_an_answer_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    def loop(*_arguments: object) -> None:
        while True:
            try:
                time.sleep(0.001)
            except Exception:  # a library that swallows errors
                raise AssertionError from None

    monkeypatch.setattr(namespace, "list_names", loop)
    assert ask_agent(seconds=0.05) == {"late": 0.05}


@pytest.mark.usefixtures("shell")
def test_an_answer_ends_under_a_trace_function() -> None:
    """Python 3.11 hung: an exception that is taken back from a thread leaves a signal that it never clears."""
    known = sys.gettrace()
    sys.settrace(lambda *_arguments: None)
    try:
        assert "names" in ask_agent()
    finally:
        sys.settrace(known)


@pytest.mark.usefixtures("shell")
@pytest.mark.parametrize(
    ("error", "problem"),
    [
        (MemoryError(), "there is not enough memory for it"),
        (ValueError("no"), "ValueError: no"),
        (threading.BrokenBarrierError("no"), "<class 'threading.BrokenBarrierError'>"),
    ],
)
def test_an_error_is_a_sentence(monkeypatch: pytest.MonkeyPatch, error: Exception, problem: str) -> None:
    def fail(*_arguments: object) -> None:
        raise error

    monkeypatch.setattr(namespace, "list_names", fail)
    assert ask_agent() == {"problem": problem}


@pytest.mark.usefixtures("shell")
def test_an_interrupt_ends_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(namespace, "list_names", interrupt)
    assert "late" in ask_agent()


@pytest.mark.usefixtures("shell")
def test_an_answer_is_not_too_large() -> None:
    assert (
        ask_agent(operation="inspect", arguments={"name": "rows"}, characters=20)["problem"]
        == "the answer has more than 20 characters"
    )


def test_one_thread_does_not_hear_callbacks(shell: Any) -> None:  # noqa: ANN401 - any shell
    heard: list[int] = []

    def in_thread() -> None:
        service.mute()
        callbacks = shell.events.callbacks["post_execute"]
        heard.append(len(callbacks[:]))
        heard.append(len(list(callbacks)))
        callbacks.append(len)

    thread = threading.Thread(target=in_thread)
    thread.start()
    thread.join()
    callbacks = shell.events.callbacks["post_execute"]
    assert heard == [0, 0]
    assert callbacks[:] == [print, len]
    assert list(callbacks) == [print, len]
    assert callbacks[0] is print
