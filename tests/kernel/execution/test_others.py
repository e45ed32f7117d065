"""What other clients run: whether something runs, and the log, bounded."""

from __future__ import annotations

from tuinb.kernel.execution.others import KEPT, LOGGED, Others
from tuinb.kernel.protocol import events as m
from tuinb.kernel.protocol.events import FromOther, MessageId


def told(others: Others, *events: m.Event, run: str = "a", client: str = "them", request: str = "execute_request") -> None:
    for event in events:
        others.receive(FromOther(client, request, MessageId(run), event))


def began(run: str = "a", code: str = "1 + 1", count: int | None = 3) -> m.Event:
    return m.ExecuteInput(MessageId(run), code, count)


IDLE = m.Status(MessageId("a"), "idle")


def text(value: str) -> m.Event:
    return m.Stream(MessageId("a"), "stdout", value)


def busy(others: Others) -> bool:
    return others.busy


def test_a_run_from_its_input_to_its_idle() -> None:
    others = Others()
    told(others, m.Status(MessageId("a"), "busy"))
    assert not busy(others)
    told(others, began(), text("one\n"), m.DisplayData(MessageId("a"), {"text/plain": ["two"]}, {}, None))
    assert busy(others)
    told(others, m.ExecuteResult(MessageId("a"), 3, {"image/png": "…", "text/html": "…"}, {}, None), IDLE)
    assert not busy(others)
    run = others.runs[MessageId("a")]
    assert (run.client, run.code, run.count, run.running, run.failed) == ("them", "1 + 1", 3, False, False)
    assert run.output == "one\ntwo\n[image/png, text/html]\n"
    told(others, text("a thread\n"))
    assert run.output.endswith("a thread\n")
    assert not busy(others)


def test_failure_and_cleared_output() -> None:
    others = Others()
    told(others, began(), text("gone"), m.ClearOutput(MessageId("a"), wait=False))
    told(others, m.ErrorOutput(MessageId("a"), "E", "v", ("line 1", "E: v")), m.UpdateDisplayData(MessageId("a"), {}, {}, "d"))
    run = others.runs[MessageId("a")]
    assert (run.failed, run.output) == (True, "line 1\nE: v\n")


def test_other_requests_are_no_runs() -> None:
    others = Others()
    told(others, m.Status(MessageId("a"), "busy"), text("x"), request="complete_request")
    assert not others.runs


def test_what_began_before_this_client_connected() -> None:
    others = Others()
    others.assume_busy()
    assert busy(others)
    told(others, text("late"))
    assert others.runs[MessageId("a")].code is None
    others.all_done()
    assert not busy(others)
    assert not others.runs[MessageId("a")].running
    told(others, text("of a thread"), run="b")
    assert not busy(others)


def test_the_log_is_bounded() -> None:
    others = Others()
    for number in range(LOGGED + 10):
        told(others, began(str(number)), run=str(number))
    assert len(others.runs) == LOGGED
    assert next(iter(others.runs)) == "10"
    others.all_done()
    for _ in range(50):
        told(others, text("x" * 1000), run="209")
    told(others, text("end"), run="209")
    run = others.runs[MessageId("209")]
    assert (len(run.output), run.output[-4:]) == (KEPT, "xend")
    assert sum(map(len, run._text)) <= 2 * KEPT
