"""The queue, the two flags, prompts, loss and death; and that no order of events confuses it."""

from __future__ import annotations

from itertools import count
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tuinb.kernel.execution import effects as k
from tuinb.kernel.execution import executor as module
from tuinb.kernel.execution.effects import Effects, Submission
from tuinb.kernel.execution.executor import HANDLERS, LOST_AFTER, RESEND_AFTER, RESEND_UNTIL, Executor
from tuinb.kernel.execution.runs import RunState
from tuinb.kernel.protocol import events as m
from tuinb.kernel.protocol import lifecycle, requests
from tuinb.kernel.protocol.events import NO_PARENT, MessageId
from tuinb.kernel.protocol.lifecycle import Phase
from tuinb.notebook.changes import (
    AppendOutput,
    AppendStream,
    CellId,
    Change,
    ClearOutputs,
    SetExecutionCount,
    SetOutputs,
    UpdateDisplay,
)
from tuinb.notebook.document import Notebook
from tuinb.notebook.widgets import Widgets

A, B, C = CellId("a"), CellId("b"), CellId("c")
WALL = 1_700_000_000.0
"""The wall time of the first run; each later one starts a second later."""


def live() -> Executor:
    numbers, times = count(1), count(WALL)
    executor = Executor(Widgets(Notebook()), lambda: MessageId(f"m{next(numbers)}"), lambda: next(times))
    executor.receive([lifecycle.KernelStarting(), lifecycle.KernelConnected()], 0.0)
    return executor


def submit(executor: Executor, *cells: CellId, now: float = 1.0, stop_on_error: bool = True) -> Effects:
    return executor.run([Submission(cell, f"code {cell}", stop_on_error) for cell in cells], now)


def running(executor: Executor) -> MessageId:
    message = executor.in_flight
    assert message is not None
    return message


def finish(executor: Executor, status: str = "ok", now: float = 2.0) -> Effects:
    message = running(executor)
    return executor.receive([m.ExecuteReply(message, status, 1), m.Status(message, "idle")], now)


def works(executor: Executor) -> bool:
    """Whether handlers of widgets run: a function, so that mypy does not take it for what it was before."""
    return executor.handles_widgets and executor.busy


def states(executor: Executor, *cells: CellId) -> list[RunState]:
    return [executor.run_of(cell).state for cell in cells]


# ---- the queue


def test_runs_one_and_queues_the_others() -> None:
    executor = live()
    effects = submit(executor, A, B, C)
    assert effects.changes == (SetOutputs(A), SetExecutionCount(A, None))
    assert effects.requests == (requests.Execute(MessageId("m1"), "code a"),)
    assert effects.events == (k.RunsChanged((A, B, C), moved=True),)
    assert executor.queue() == (A, B, C)
    assert states(executor, A, B, C) == [RunState.RUNNING, RunState.QUEUED, RunState.QUEUED]
    assert [executor.run_of(cell).place for cell in (A, B, C)] == [0, 1, 2]
    assert executor.busy


def test_a_part_adds_its_outputs() -> None:
    executor = live()
    effects = executor.run([Submission(A, "part", is_part=True)], 1.0)
    assert effects.changes == (SetExecutionCount(A, None),)
    assert effects.requests == (requests.Execute(MessageId("m1"), "part"),)
    assert executor.run_of(A).code == "part"


def test_progress_counts_from_when_the_queue_was_empty() -> None:
    executor = live()
    assert executor.progress == (0, 0)
    submit(executor, A, B, stop_on_error=False)
    assert executor.progress == (1, 2)
    submit(executor, C, stop_on_error=False)
    finish(executor, "error")
    assert executor.progress == (2, 3)
    finish(executor, "aborted")
    assert executor.progress == (1, 3)
    executor.tick(5.0)
    assert executor.progress == (2, 3)
    executor.cancel()
    assert executor.progress == (2, 2)
    finish(executor)
    assert executor.progress == (0, 0)
    submit(executor, A)
    assert executor.progress == (1, 1)


def test_waits_for_a_kernel() -> None:
    executor = Executor(Widgets(Notebook()))
    assert submit(executor, A).requests == ()
    assert states(executor, A) == [RunState.QUEUED]
    assert executor.receive([lifecycle.KernelStarting()], 1.0).requests == ()
    assert len(executor.receive([lifecycle.KernelConnected()], 2.0).requests) == 1


@pytest.mark.parametrize("reply_first", [True, False])
def test_done_at_reply_and_idle(reply_first: bool) -> None:
    executor = live()
    submit(executor, A, B)
    events: list[m.Event] = [m.ExecuteReply(running(executor), "ok", 4), m.Status(running(executor), "idle")]
    first, second = events if reply_first else reversed(events)
    executor.receive([first], 2.0)
    assert states(executor, A) == [RunState.RUNNING]
    effects = executor.receive([second], 3.0)
    run = executor.run_of(A)
    assert (run.state, run.started, run.seconds, run.code, run.current) == (RunState.OK, WALL, 1.0, f"code {A}", True)
    assert [type(request) for request in effects.requests] == [requests.Execute]
    assert executor.queue() == (B,)
    assert (executor.run_of(B).started, executor.run_of(B).seconds) == (WALL + 1, None)


def test_a_queued_cell_run_again_keeps_its_place_and_takes_the_newer_source() -> None:
    executor = live()
    submit(executor, A, B, C)
    executor.run([Submission(B, "newer")], 2.0)
    assert executor.queue() == (A, B, C)
    effects = finish(executor)
    assert isinstance(effects.requests[0], requests.Execute)
    assert effects.requests[0].code == "newer"


def test_the_running_cell_run_again_is_queued_behind() -> None:
    executor = live()
    submit(executor, A, B)
    submit(executor, A)
    run = executor.run_of(A)
    assert (run.state, run.place) == (RunState.RUNNING, 2)
    finish(executor)
    assert states(executor, A, B) == [RunState.QUEUED, RunState.RUNNING]


def test_cancel_one_and_all() -> None:
    executor = live()
    submit(executor, A, B, C)
    assert executor.cancel([B]).events == (k.RunsChanged((B,), moved=True),)
    assert [executor.pending(cell) for cell in (A, B, C)] == [True, False, True]
    assert executor.run_of(C).place == 1
    assert states(executor, B) == [RunState.NEVER]
    assert executor.cancel().events == (k.RunsChanged((C,)),)
    assert executor.queue() == (A,)
    assert executor.cancel() == Effects()


def test_a_cancelled_cell_has_its_earlier_result_again() -> None:
    executor = live()
    submit(executor, A)
    finish(executor)
    submit(executor, B, A)
    assert states(executor, A) == [RunState.QUEUED]
    executor.cancel([A])
    assert states(executor, A) == [RunState.OK]


def test_places_stay_right_while_the_queue_grows_shrinks_and_moves_on() -> None:
    executor = live()
    submit(executor, A, B, C)
    finish(executor)
    submit(executor, A)
    executor.cancel([C])
    submit(executor, C)
    assert [executor.run_of(cell).place for cell in (A, C)] == [1, 2]


# ---- how a run ends


def test_an_error_empties_the_queue() -> None:
    executor = live()
    submit(executor, A, B)
    message = running(executor)
    effects = executor.receive([m.ErrorOutput(message, "ValueError", "no", ("t",))], 2.0)
    output = {"ename": "ValueError", "evalue": "no", "output_type": "error", "traceback": ["t"]}
    assert effects.changes == (AppendOutput(A, output),)
    effects = executor.receive([m.ExecuteReply(message, "error", 2, "ValueError"), m.Status(message, "idle")], 2.0)
    assert effects.requests == ()
    assert states(executor, A, B) == [RunState.ERROR, RunState.NEVER]
    assert executor.run_of(A).error_name == "ValueError"


def test_an_error_that_nothing_showed_becomes_an_output() -> None:
    executor = live()
    for shown, output in (
        ((), {"ename": "E", "evalue": "why", "output_type": "error", "traceback": []}),
        (("stdout",), {"ename": "E", "evalue": "why", "output_type": "error", "traceback": []}),
        (("stdout", "stderr"), None),
    ):
        submit(executor, A)
        message = running(executor)
        executor.receive([m.Stream(message, name, "E: why") for name in shown], 2.0)
        effects = executor.receive([m.ExecuteReply(message, "error", None, "E", "why"), m.Status(message, "idle")], 2.0)
        assert effects.changes == (() if output is None else (AppendOutput(A, output),))


def test_an_expected_error_does_not() -> None:
    executor = live()
    submit(executor, A, B, stop_on_error=False)
    finish(executor, "error")
    assert states(executor, A, B) == [RunState.ERROR, RunState.RUNNING]


def test_a_cell_that_the_kernel_drops_after_an_error_is_sent_again() -> None:
    executor = live()
    submit(executor, A, B, C, stop_on_error=False)
    finish(executor, "error", 2.0)
    dropped = running(executor)
    effects = finish(executor, "aborted", 2.5)
    assert (effects.requests, executor.queue(), executor.busy) == ((), (B, C), False)
    assert [executor.run_of(cell).place for cell in (B, C)] == [1, 2]
    assert executor.deadline == 2.5 + RESEND_AFTER
    assert executor.tick(2.5).requests == ()
    (again,) = executor.tick(2.5 + RESEND_AFTER).requests
    assert isinstance(again, requests.Execute)
    assert (again.code, again.id != dropped) == ("code b", True)
    finish(executor, "ok", 3.0)
    finish(executor, "ok", 3.0)
    assert states(executor, A, B, C) == [RunState.ERROR, RunState.OK, RunState.OK]


def test_a_cell_that_the_kernel_drops_for_ever_is_not_run() -> None:
    executor = live()
    submit(executor, A, B, stop_on_error=False)
    finish(executor, "error", 2.0)
    finish(executor, "aborted", 2.0 + RESEND_UNTIL)
    assert (executor.queue(), states(executor, A, B)) == ((), [RunState.ERROR, RunState.ABORTED])


def test_a_cell_that_an_interrupt_drops_is_not_sent_again() -> None:
    executor = live()
    submit(executor, A, B, stop_on_error=False)
    finish(executor, "error", 2.0)
    executor.cancel()
    finish(executor, "aborted", 2.1)
    assert (executor.queue(), executor.deadline, states(executor, B)) == ((), None, [RunState.ABORTED])


def test_a_dropped_cell_that_is_queued_again_or_taken_back() -> None:
    executor = live()
    submit(executor, A, B, stop_on_error=False)
    finish(executor, "error", 2.0)
    newer = Submission(B, "newer")
    executor.run([newer, Submission(C, "code c")], 2.1)
    finish(executor, "aborted", 2.1)
    assert executor.queue() == (B, C)
    executor.cancel([C])
    (again,) = executor.tick(2.3).requests
    assert isinstance(again, requests.Execute)
    assert again.code == "newer"
    finish(executor, "error", 2.3)
    submit(executor, A, now=2.4)
    finish(executor, "aborted", 2.4)
    executor.cancel([A])
    assert executor.tick(3.0) == Effects()
    assert executor.deadline is None


def test_an_error_that_only_the_reply_names() -> None:
    executor = live()
    submit(executor, A)
    message = running(executor)
    executor.receive([m.ExecuteReply(message, "error", 1, "UsageError", "no magic"), m.Status(message, "idle")], 2.0)
    assert (executor.run_of(A).error_name, executor.run_of(A).error_value) == ("UsageError", "no magic")


def test_an_aborted_cell_counts_as_not_run_and_stops_the_queue() -> None:
    executor = live()
    submit(executor, A, B, stop_on_error=False)
    effects = finish(executor, "aborted")
    assert effects.changes == ()
    assert states(executor, A, B) == [RunState.ABORTED, RunState.NEVER]


@pytest.mark.parametrize("reply_first", [False, True])
def test_an_error_has_the_name_that_is_shown(reply_first: bool) -> None:
    executor = live()
    submit(executor, A)
    message = running(executor)
    shown, reply = m.ErrorOutput(message, "ValueError", "no", ()), m.ExecuteReply(message, "error", 1, "NoneType")
    executor.receive([reply, shown] if reply_first else [shown, reply], 2.0)
    executor.receive([m.Status(message, "idle")], 2.0)
    assert (executor.run_of(A).state, executor.run_of(A).error_name) == (RunState.ERROR, "ValueError")


def test_an_error_that_the_reply_denies() -> None:
    executor = live()
    submit(executor, A)
    executor.receive([m.ErrorOutput(running(executor), "E", "", ())], 2.0)
    finish(executor)
    assert executor.run_of(A).state is RunState.OK
    assert executor.run_of(A).error_name == ""


def test_a_reply_counts_once() -> None:
    executor = live()
    submit(executor, A)
    message = running(executor)
    executor.receive([m.ExecuteReply(message, "error", 1), m.ExecuteReply(message, "ok", 2), m.Status(message, "idle")], 2.0)
    assert states(executor, A) == [RunState.ERROR]
    assert executor.receive([m.ExecuteReply(message, "ok", 3)], 3.0) == Effects()


# ---- outputs


def test_outputs_become_changes() -> None:
    executor = live()
    submit(executor, A)
    message = running(executor)
    effects = executor.receive(
        [
            m.Status(message, "busy"),
            m.ExecuteInput(message, "code a", 5),
            m.DisplayData(message, {"text/plain": "d"}, {}, "x"),
            m.ExecuteResult(message, 5, {"text/plain": "r"}, {}, None),
            m.ClearOutput(message, wait=True),
            m.UpdateDisplayData(message, {"text/plain": "1"}, {}, "x"),
            m.UpdateDisplayData(message, {"text/plain": "2"}, {}, "x"),
            m.UpdateDisplayData(message, {"text/plain": "2"}, {}, None),
        ],
        2.0,
    )
    assert effects.changes == (
        SetExecutionCount(A, 5),
        AppendOutput(A, {"data": {"text/plain": "d"}, "metadata": {}, "output_type": "display_data"}, "x"),
        AppendOutput(
            A, {"data": {"text/plain": "r"}, "execution_count": 5, "metadata": {}, "output_type": "execute_result"}, None
        ),
        ClearOutputs(A, wait=True),
        UpdateDisplay("x", {"text/plain": "2"}, {}),
    )
    assert executor.unknown == 1


def test_the_count_is_set_once() -> None:
    executor = live()
    submit(executor, A)
    message = running(executor)
    assert executor.receive([m.ExecuteInput(message, "", None)], 2.0).changes == ()
    effects = executor.receive([m.ExecuteInput(message, "", 5), m.ExecuteReply(message, "ok", 5)], 2.0)
    assert effects.changes == (SetExecutionCount(A, 5),)


def test_adjacent_chunks_of_a_stream_become_one() -> None:
    executor = live()
    submit(executor, A)
    message = running(executor)
    texts = [("stdout", "1"), ("stdout", "2"), ("stderr", "3"), ("stdout", "4"), ("stdout", "5")]
    effects = executor.receive([m.Stream(message, name, text) for name, text in texts], 2.0)
    assert effects.changes == (AppendStream(A, "stdout", "12"), AppendStream(A, "stderr", "3"), AppendStream(A, "stdout", "45"))


def test_order_within_a_batch_is_kept_around_streams() -> None:
    executor = live()
    submit(executor, A)
    message = running(executor)
    effects = executor.receive([m.Stream(message, "stdout", "1"), m.ClearOutput(message, wait=False)], 2.0)
    assert effects.changes == (AppendStream(A, "stdout", "1"), ClearOutputs(A))


def test_late_outputs_reach_their_cell() -> None:
    executor = live()
    submit(executor, A, B)
    first = running(executor)
    finish(executor)
    effects = executor.receive([m.Stream(first, "stdout", "late")], 3.0)
    assert effects.changes == (AppendStream(A, "stdout", "late"),)
    late: list[m.Event] = [m.ErrorOutput(first, "E", "", ()), m.ExecuteInput(first, "", 9), m.Status(first, "idle")]
    executor.receive(late, 3.0)
    assert states(executor, A, B) == [RunState.OK, RunState.RUNNING]
    assert executor.strays == 0


def test_a_new_run_of_a_cell_ends_the_claim_of_the_former() -> None:
    executor = live()
    submit(executor, A)
    first = running(executor)
    finish(executor)
    submit(executor, A)
    assert executor.receive([m.Stream(first, "stdout", "late")], 3.0) == Effects()
    assert executor.strays == 1


def test_the_table_of_message_ids_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "REMEMBERED", 2)
    executor = live()
    messages = []
    for cell in (A, B, C):
        submit(executor, cell)
        messages.append(running(executor))
        finish(executor)
    executor.receive([m.Stream(message, "stdout", "late") for message in messages], 3.0)
    assert executor.strays == 1


# ---- strays


def test_strays_are_counted_and_never_fatal() -> None:
    executor = live()
    events: list[m.Event] = [
        m.Stream(NO_PARENT, "stdout", ""),
        m.DisplayData(NO_PARENT, {}, {}, None),
        m.ErrorOutput(NO_PARENT, "", "", ()),
        m.ClearOutput(NO_PARENT, wait=False),
        m.ExecuteInput(NO_PARENT, "", 1),
        m.ExecuteReply(NO_PARENT, "ok", 1),
        m.Status(MessageId("stranger"), "idle"),
        m.CommOpen(NO_PARENT, "", "", {}, {}),
        m.CommMessage(NO_PARENT, "", {}, {}),
        m.CommClosed(NO_PARENT, ""),
    ]
    assert executor.receive(events, 1.0) == Effects(requests=(requests.CommClose(MessageId("m1"), ""),))
    assert executor.strays == len(events)


def test_what_belongs_to_a_request_of_ours_is_no_stray() -> None:
    executor = live()
    executor.own(MessageId("q"))
    executor.receive([m.Status(MessageId("q"), "busy"), m.Status(MessageId("q"), "idle"), m.Status(NO_PARENT, "starting")], 1.0)
    assert executor.strays == 0


def test_the_value_of_an_expression_and_what_comes_with_it() -> None:
    executor = live()
    submit(executor, A)
    probe = MessageId("probe")
    executor.evaluates(probe)
    reply = m.ExecuteReply(probe, "ok", 0, expressions={"x": 1})
    # What a thread of the cell prints has the latest request as its parent. An error is of the expression itself.
    error = m.ErrorOutput(probe, "E", "", ())
    effects = executor.receive([m.Stream(probe, "stdout", "thread\n"), error, reply, m.InputRequest(probe, "? ", False)], 2.0)
    assert effects.changes == (AppendStream(A, "stdout", "thread\n"),)
    assert effects.events == (reply, k.PromptOpened(k.Prompt(A, "? ", False)))
    assert executor.answer("yes").changes == (AppendStream(A, "stdout", "? yes\n"),)
    assert states(executor, A) == [RunState.RUNNING]
    finish(executor)
    executor.free(3.0, Phase.STARTING)
    early = MessageId("early")
    executor.evaluates(early)
    assert executor.receive([m.Stream(early, "stdout", "nobody's"), m.Status(early, "idle")], 4.0).changes == ()
    assert executor.strays == 0


def test_unknown_and_garbage_are_counted() -> None:
    executor = live()
    executor.receive([m.Unknown("iopub", NO_PARENT, "x", {}), m.Malformed("shell", "reason")], 1.0)
    assert executor.unknown == 2


def test_what_a_widget_captures_is_not_the_cell_s() -> None:
    executor = live()
    submit(executor, A, B)
    run = running(executor)
    widget = m.CommOpen(run, "out", "jupyter.widget", {"state": {"_model_name": "OutputModel", "msg_id": run}}, {})
    captured: list[m.Event] = [
        m.Stream(run, "stdout", "a"),
        m.DisplayData(run, {"text/plain": "d"}, {}, "here"),
        m.ExecuteResult(run, 1, {"text/plain": "r"}, {}, None),
        m.ErrorOutput(run, "E", "v", ()),
    ]
    assert executor.receive([widget, *captured], 2.0) == Effects(events=(k.WidgetsChanged(("out",)),))
    update = m.UpdateDisplayData(run, {"text/plain": "new"}, {}, "here")
    effects = executor.receive([update], 2.0)
    assert effects.changes == (UpdateDisplay("here", {"text/plain": "new"}, {}),)
    assert effects.events == (k.WidgetsChanged(("out",)),)
    told, sent = finish(executor).requests
    assert isinstance(told, requests.CommSend)
    assert isinstance(sent, requests.Execute)
    assert [output["output_type"] for output in told.data["state"]["outputs"]] == [
        "stream",
        "display_data",
        "execute_result",
        "error",
    ]
    assert told.data["state"]["outputs"][1]["data"] == {"text/plain": "new"}
    assert states(executor, A) == [RunState.OK]


def test_the_kernel_is_told_when_a_capture_ends_and_its_echo_changes_nothing() -> None:
    executor = live()
    submit(executor, A)
    run = running(executor)
    widget = m.CommOpen(run, "out", "jupyter.widget", {"state": {"_model_name": "OutputModel", "msg_id": run}}, {})
    release = m.CommMessage(run, "out", {"method": "update", "state": {"msg_id": ""}}, {})
    effects = executor.receive([widget, m.Stream(run, "stdout", "a"), m.ClearOutput(run, wait=True), release], 2.0)
    (told,) = effects.requests
    assert isinstance(told, requests.CommSend)
    assert told.data["state"] == {"outputs": [{"name": "stdout", "output_type": "stream", "text": "a"}]}
    echo = m.CommMessage(told.id, "out", {"method": "echo_update", "state": {"outputs": []}}, {})
    assert executor.receive([m.Status(told.id, "busy"), echo, m.Status(told.id, "idle")], 2.0) == Effects()
    assert executor.strays == 0
    after = executor.receive([m.Stream(run, "stdout", "b")], 2.0)
    assert after.changes == (AppendStream(A, "stdout", "b"),)
    assert len(finish(executor).requests) == 0


def test_the_cell_of_a_widget_gets_what_its_handlers_print_until_it_runs_again() -> None:
    executor = live()
    submit(executor, A)
    slider = {"state": {"_model_name": "IntSliderModel", "value": 1}}
    executor.receive([m.CommOpen(running(executor), "s", "jupyter.widget", slider, {})], 2.0)
    finish(executor)
    effects = executor.operate(A, "s", {"value": 2})
    assert effects.events == (k.WidgetsChanged(("s",)),)
    told, asked, last = effects.requests
    assert isinstance(told, requests.CommSend)
    assert isinstance(asked, requests.CommSend)
    assert works(executor)
    assert (told.comm_id, told.data["state"], asked.data) == ("s", {"value": 2}, {"method": "request_state"})
    echo = m.CommMessage(told.id, "s", {"method": "echo_update", "state": {"value": 9}}, {})
    state = m.CommMessage(asked.id, "s", {"method": "update", "state": {"value": 2}}, {})
    error = m.ErrorOutput(told.id, "E", "v", ())
    effects = executor.receive([echo, m.Stream(told.id, "stdout", "a"), error, m.Status(told.id, "idle"), state], 2.0)
    assert [type(change) for change in effects.changes] == [AppendStream, AppendOutput]
    assert states(executor, A) == [RunState.OK]
    assert works(executor)
    executor.receive([m.KernelInfoReply(last.id, "shell", "", "", "", {})], 2.0)
    assert not works(executor)
    press, _ = executor.operate(A, "s", None).requests
    assert isinstance(press, requests.CommSend)
    assert press.data == {"method": "custom", "content": {"event": "click"}}
    submit(executor, A)
    assert executor.receive([m.Stream(press.id, "stdout", "late")], 3.0).changes == ()
    assert executor.strays == 0
    assert executor.operate(A, "nobody", {"value": 1}) == Effects()
    assert works(executor)
    executor.receive([lifecycle.Reconnected(lost=False)], 4.0)
    assert not works(executor)
    executor.operate(A, "s", None)
    executor.free(5.0, Phase.STARTING)
    assert not works(executor)


def test_a_comm_that_nobody_here_speaks_with_is_closed() -> None:
    executor = live()
    effects = executor.receive([m.CommOpen(NO_PARENT, "c", "plotter", {}, {})], 1.0)
    assert effects == Effects(requests=(requests.CommClose(MessageId("m1"), "c"),))
    executor.receive([m.Status(MessageId("m1"), "idle")], 1.0)
    assert executor.strays == 1


def test_updates_of_displays_need_no_parent() -> None:
    assert live().receive([m.UpdateDisplayData(NO_PARENT, {}, {}, "x")], 1.0).changes == (UpdateDisplay("x", {}, {}),)


# ---- payloads


def test_payloads_become_notices() -> None:
    executor = live()
    submit(executor, A)
    payload = (
        {"source": "page", "data": {"text/plain": "help"}},
        {"source": "page", "text": "old"},
        {"source": "set_next_input", "text": "x", "replace": True},
        {"source": "ask_exit", "keepkernel": False},
        {"source": "edit"},
        {"source": "set_next_input", "text": 3},
    )
    effects = executor.receive([m.ExecuteReply(running(executor), "ok", 1, payload=payload)], 2.0)
    assert effects.events == (
        k.Page({"text/plain": "help"}),
        k.Page({"text/plain": "old"}),
        k.NextInput(A, "x", replace=True),
        k.ExitAsked(),
    )
    assert executor.unknown == 2


@pytest.mark.parametrize(("keeps", "waiting"), [(False, RunState.NEVER), (True, RunState.RUNNING)])
def test_a_cell_that_exits_empties_the_queue_unless_it_keeps_the_kernel(keeps: bool, waiting: RunState) -> None:
    executor = live()
    submit(executor, A, B)
    message = running(executor)
    reply = m.ExecuteReply(message, "ok", 1, payload=({"source": "ask_exit", "keepkernel": keeps},))
    executor.receive([reply, m.Status(message, "idle")], 2.0)
    assert states(executor, A, B) == [RunState.OK, waiting]
    assert executor.run_of(A).asked_exit is not keeps


def test_a_death_is_told_with_the_cell_that_exited_and_what_waited() -> None:
    executor = live()
    submit(executor, A, B)
    message = running(executor)
    exits = m.ExecuteReply(message, "ok", 1, payload=({"source": "ask_exit", "keepkernel": False},))
    executor.receive([exits, m.Status(message, "idle")], 2.0)
    submit(executor, C)
    died = lifecycle.KernelDied("exited with code 0")
    assert executor.receive([died], 3.0).events[1:] == (k.CellsLost(A, asked_exit=True, waiting=(B, C)), died)
    executor.receive([lifecycle.KernelStarting(), lifecycle.KernelConnected()], 4.0)
    assert k.CellsLost not in map(type, executor.receive([died], 5.0).events)


def test_a_death_is_told_with_the_cell_in_flight_and_what_waited() -> None:
    executor = live()
    submit(executor, A, B)
    died = lifecycle.KernelDied("exited with code 3")
    assert executor.receive([died], 2.0).events[1:] == (k.CellsLost(A, asked_exit=False, waiting=(B,)), died)


def test_a_cell_that_replied_has_run_although_the_kernel_died_before_its_idle() -> None:
    executor = live()
    submit(executor, A)
    executor.receive([m.ExecuteReply(running(executor), "ok", 1), lifecycle.KernelDied("exited with code 0")], 2.0)
    assert states(executor, A) == [RunState.OK]


# ---- prompts


def ask(executor: Executor, parent: MessageId, text: str = "? ") -> Effects:
    return executor.receive([m.InputRequest(parent, text, password=False, id=MessageId("ask"))], 2.0)


def test_a_prompt_is_shown_and_answered() -> None:
    executor = live()
    submit(executor, A)
    assert ask(executor, running(executor)).events == (k.PromptOpened(k.Prompt(A, "? ", password=False)),)
    assert executor.prompt is not None
    effects = executor.answer("x")
    assert effects.requests == (requests.InputReply(MessageId("m2"), MessageId("ask"), "x"),)
    assert effects.events == (k.PromptClosed(),)
    assert effects.changes == (AppendStream(A, "stdout", "? x\n"),)
    assert executor.answer("again") == Effects()


def test_of_a_flood_of_prompts_only_the_last_is_shown() -> None:
    executor = live()
    flood = [m.InputRequest(MessageId("a"), f"{number}? ", False, MessageId(f"ask-{number}")) for number in range(3)]
    assert executor.receive(flood, 3.0).events == (k.PromptOpened(k.Prompt(None, "2? ", password=False)),)
    assert executor.answer("x").requests == (requests.InputReply(MessageId("m1"), MessageId("ask-2"), "x"),)


def test_a_password_leaves_no_trace_of_itself() -> None:
    executor = live()
    submit(executor, A)
    executor.receive([m.InputRequest(running(executor), "key: ", password=True, id=MessageId("ask"))], 2.0)
    effects = executor.answer("secret")
    assert "secret" not in repr(effects.changes)
    assert effects.changes == (AppendStream(A, "stdout", "key: ········\n"),)


def test_end_of_file() -> None:
    executor = live()
    submit(executor, A)
    ask(executor, running(executor))
    assert executor.eof().requests == (requests.InputReply(MessageId("m2"), MessageId("ask"), "\x04"),)


def test_a_prompt_of_no_cell_is_shown_and_outlives_its_parent() -> None:
    executor = live()
    stranger = MessageId("stranger")
    prompt = k.Prompt(None, "? ", password=False)
    assert ask(executor, stranger).events == (k.PromptOpened(prompt),)
    assert executor.receive([m.Status(stranger, "idle")], 3.0).events == ()
    assert executor.prompt == prompt


def test_an_interrupted_prompt_of_no_cell_closes_with_its_parent() -> None:
    executor = live()
    stranger = MessageId("stranger")
    ask(executor, stranger)
    executor.interrupted()
    assert executor.receive([m.Status(MessageId("another"), "idle")], 3.0).events == ()
    assert executor.receive([m.Status(stranger, "idle")], 3.0).events == (k.PromptClosed(),)


def test_a_prompt_of_a_thread_outlives_its_cell_and_is_answered() -> None:
    executor = live()
    submit(executor, A)
    asking = running(executor)
    ask(executor, asking)
    finish(executor)
    assert not executor.busy
    submit(executor, B)
    assert executor.asks_in(asking)
    assert not executor.asks_in(running(executor))
    finish(executor)
    assert executor.prompt == k.Prompt(A, "? ", password=False)
    effects = executor.answer("x")
    assert effects.requests[0] == requests.InputReply(effects.requests[0].id, MessageId("ask"), "x")
    assert effects.changes == (AppendStream(A, "stdout", "? x\n"),)


def test_an_answer_is_no_output_of_a_later_run() -> None:
    executor = live()
    submit(executor, A)
    ask(executor, running(executor))
    finish(executor)
    submit(executor, A)
    assert executor.answer("x").changes == ()


def test_an_interrupt_of_a_later_cell_leaves_the_prompt_of_a_thread_open() -> None:
    executor = live()
    submit(executor, A)
    ask(executor, running(executor))
    finish(executor)
    submit(executor, B)
    executor.interrupted()
    executor.receive([m.ExecuteReply(running(executor), "error", 2, "KeyboardInterrupt")], 3.0)
    executor.receive([m.Status(running(executor), "idle")], 3.0)
    assert not executor.busy
    assert executor.prompt is not None


@pytest.mark.parametrize("last", ["reply", "idle"])
def test_an_interrupt_of_a_cell_whose_thread_waits_leaves_the_prompt_open(last: str) -> None:
    executor = live()
    submit(executor, A)
    at = running(executor)
    ask(executor, at)
    executor.interrupted()
    executor.receive([m.ErrorOutput(at, "KeyboardInterrupt", "", ())], 3.0)
    events: list[m.Event] = [m.Status(at, "idle"), m.ExecuteReply(at, "error", 1, "KeyboardInterrupt")]
    executor.receive(events if last == "reply" else events[::-1], 3.0)
    assert not executor.busy
    assert executor.prompt is not None
    assert executor.answer("x").requests


@pytest.mark.parametrize("last", ["reply", "idle"])
def test_a_prompt_that_was_interrupted_itself_closes_with_its_cell(last: str) -> None:
    executor = live()
    submit(executor, A)
    at, value = running(executor), "Interrupted by user"
    ask(executor, at)
    executor.interrupted()
    events: list[m.Event] = [m.Status(at, "idle"), m.ExecuteReply(at, "error", 1, "KeyboardInterrupt", value)]
    effects = executor.receive([m.ErrorOutput(at, "KeyboardInterrupt", value, ()), events[last == "idle"]], 3.0)
    assert k.PromptClosed() in effects.events


def test_a_prompt_that_replaces_an_interrupted_one_is_open_until_its_answer() -> None:
    executor = live()
    submit(executor, A)
    ask(executor, running(executor))
    executor.interrupted()
    ask(executor, running(executor), "again? ")
    finish(executor)
    assert executor.prompt == k.Prompt(A, "again? ", password=False)


@pytest.mark.parametrize("last", ["reply", "idle"])
def test_a_prompt_closes_when_its_cell_catches_the_interrupt(last: str) -> None:
    executor = live()
    submit(executor, A)
    at = running(executor)
    ask(executor, at)
    executor.interrupted()
    first = m.Status(at, "idle") if last == "reply" else m.ExecuteReply(at, "ok", 1)
    assert executor.receive([first], 3.0).events == (k.PromptClosed(),)
    assert executor.answer("x") == Effects()


def test_a_prompt_interrupted_by_another_client_closes_at_the_reply() -> None:
    executor = live()
    submit(executor, A)
    ask(executor, running(executor))
    reply = m.ExecuteReply(running(executor), "error", 1, "KeyboardInterrupt", "Interrupted by user")
    effects = executor.receive([reply], 3.0)
    assert effects.events == (k.PromptClosed(),)
    assert executor.answer("x") == Effects()


def test_a_prompt_closes_with_the_kernel() -> None:
    executor = live()
    submit(executor, A)
    ask(executor, running(executor))
    assert k.PromptClosed() in executor.receive([lifecycle.KernelDied("killed")], 3.0).events
    assert executor.answer("x") == Effects()


# ---- a lost reply or idle


@pytest.mark.parametrize("lost", ["idle", "reply"])
def test_what_is_lost_is_asked_after(lost: str) -> None:
    executor = live()
    submit(executor, A, B)
    message = running(executor)
    came: m.Event = m.ExecuteReply(message, "ok", 1) if lost == "idle" else m.Status(message, "idle")
    assert not executor.deadline
    executor.receive([came], 5.0)
    assert executor.deadline == 5.0 + LOST_AFTER
    assert executor.tick(5.0 + LOST_AFTER / 2) == Effects()
    (probe,) = executor.tick(5.0 + LOST_AFTER).requests
    assert isinstance(probe, requests.KernelInfo)
    assert executor.deadline == 5.0 + 2 * LOST_AFTER
    proof: m.Event = m.Status(probe.id, "idle") if lost == "idle" else m.KernelInfoReply(probe.id, "shell", "", "", "", {})
    executor.receive([proof], 8.0)
    assert states(executor, A, B) == [RunState.OK, RunState.RUNNING]
    assert executor.run_of(A).seconds == 4.0
    assert executor.strays == 0


def reconnected(*, lost: bool) -> tuple[Executor, MessageId, MessageId]:
    """An executor whose connection came back while cell A ran and B waited. Returns the ids of A's request and the question."""
    executor = live()
    submit(executor, A, B)
    message = running(executor)
    effects = executor.receive([lifecycle.HeartbeatLost("why"), lifecycle.Reconnected(lost=lost)], 3.0)
    (probe,) = effects.requests
    assert isinstance(probe, requests.KernelInfo)
    assert executor.run_of(A).state is RunState.RUNNING
    assert executor.run_of(A).incomplete == (module.LOST if lost else "")
    return executor, message, probe.id


@pytest.mark.parametrize("lost", [False, True])
def test_a_cell_that_ends_after_the_connection_came_back(lost: bool) -> None:
    executor, message, probe = reconnected(lost=lost)
    executor.receive([m.ExecuteReply(message, "ok", 1), m.Status(message, "idle")], 4.0)
    executor.receive([m.KernelInfoReply(probe, "shell", "", "", "", {}), m.Status(probe, "idle")], 4.0)
    assert states(executor, A, B) == [RunState.OK, RunState.RUNNING]
    assert executor.run_of(A).incomplete == (module.LOST if lost else "")
    assert executor.run_of(B).incomplete == ""


@pytest.mark.parametrize("lost", [False, True])
def test_a_cell_whose_end_nobody_knows_is_not_run_and_ends_the_queue(lost: bool) -> None:
    executor, _, probe = reconnected(lost=lost)
    executor.receive([m.KernelInfoReply(probe, "shell", "", "", "", {}), m.Status(probe, "idle")], 4.0)
    assert states(executor, A, B) == [RunState.ABORTED, RunState.NEVER]
    assert executor.run_of(A).incomplete == (module.LOST if lost else module.NO_REPLY)


def test_a_cell_whose_error_came_through_has_failed() -> None:
    executor, message, probe = reconnected(lost=True)
    executor.receive([m.ErrorOutput(message, "E", "e", ()), m.KernelInfoReply(probe, "shell", "", "", "", {})], 4.0)
    executor.receive([m.Status(probe, "idle")], 4.0)
    assert states(executor, A, B) == [RunState.ERROR, RunState.NEVER]


def test_reconnecting_without_a_cell_asks_nothing() -> None:
    assert live().receive([lifecycle.Reconnected(lost=True)], 1.0).requests == ()


def test_output_that_a_server_drops_is_said_of_its_cell() -> None:
    executor = live()
    submit(executor, A)
    message = running(executor)
    effects = executor.receive([lifecycle.OutputDropped(message, "too fast"), lifecycle.OutputDropped(message, "again")], 1.5)
    assert k.RunsChanged((A,)) in effects.events
    executor.receive([lifecycle.OutputDropped("other", "x")], 1.5)
    finish(executor)
    assert (executor.run_of(A).state, executor.run_of(A).incomplete) == (RunState.OK, "too fast")
    submit(executor, A)
    finish(executor)
    assert executor.run_of(A).incomplete == ""


def test_a_lost_reply_after_an_error() -> None:
    executor = live()
    submit(executor, A)
    executor.receive([m.ErrorOutput(running(executor), "E", "", ()), m.Status(running(executor), "idle")], 5.0)
    (probe,) = executor.tick(10.0).requests
    executor.receive([m.KernelInfoReply(probe.id, "shell", "", "", "", {})], 10.0)
    assert (executor.run_of(A).state, executor.run_of(A).error_name) == (RunState.ERROR, "E")


def test_nothing_is_asked_while_a_cell_runs() -> None:
    executor = live()
    assert executor.tick(100.0) == Effects()
    submit(executor, A)
    assert executor.tick(100.0) == Effects()


# ---- the kernel's life


@pytest.mark.parametrize("event", [lifecycle.KernelDied("killed"), lifecycle.KernelStarting(restart=True)])
def test_a_kernel_that_goes_frees_all(event: m.Event) -> None:
    executor = live()
    submit(executor, C)
    finish(executor)
    submit(executor, A, B)
    generation = executor.generation
    effects = executor.receive([event], 9.0)
    assert executor.generation == generation + 1
    assert executor.queue() == ()
    assert states(executor, A, B, C) == [RunState.ABORTED, RunState.NEVER, RunState.OK]
    assert not executor.run_of(C).current
    assert executor.run_of(A).seconds == 8.0
    assert isinstance(effects.events[0], k.RunsChanged)
    assert set(effects.events[0].cells) == {A, B, C}
    assert effects.events[-1] == event


def test_what_is_queued_while_a_kernel_starts_is_run_by_it() -> None:
    executor = live()
    executor.free(1.0, Phase.STARTING)
    submit(executor, A)
    executor.receive([lifecycle.KernelStarting(restart=True)], 2.0)
    assert states(executor, A) == [RunState.QUEUED]
    assert len(executor.receive([lifecycle.KernelConnected()], 2.0).requests) == 1
    finish(executor)
    assert executor.run_of(A).current


def test_a_start_that_fails_frees_the_queue() -> None:
    executor = Executor(Widgets(Notebook()))
    executor.receive([lifecycle.KernelStarting()], 1.0)
    submit(executor, A)
    executor.receive([lifecycle.KernelDied("no", at_start=True)], 2.0)
    assert states(executor, A) == [RunState.NEVER]
    assert executor.phase is Phase.ABSENT


def test_a_dead_kernel_takes_nothing_with_it_twice() -> None:
    executor = live()
    executor.receive([lifecycle.KernelDied("killed")], 1.0)
    submit(executor, A)
    executor.receive([lifecycle.KernelDied("killed")], 2.0)
    assert states(executor, A) == [RunState.QUEUED]


def test_answers_and_heartbeats_are_passed_on() -> None:
    events = (lifecycle.HeartbeatLost(), lifecycle.HeartbeatBack(), m.CompleteReply(NO_PARENT, (), 0, 0, {}))
    assert live().receive(events, 1.0).events == events


def test_every_kind_of_event_has_a_handler() -> None:
    assert set(HANDLERS) == set(get_args(m.Event))


# ---- any order of anything


def _cells_of(changes: tuple[Change, ...]) -> list[tuple[CellId, str]]:
    """The cells that streams went to, with their texts, each of which names the cell that printed it."""
    return [(change.cell, change.text) for change in changes if isinstance(change, AppendStream)]


def _open_output(model: str, captured: MessageId) -> m.CommOpen:
    return m.CommOpen(NO_PARENT, model, "jupyter.widget", {"state": {"_model_name": "OutputModel", "msg_id": captured}}, {})


steps = st.lists(
    st.sampled_from(
        [
            *("run a", "run b", "run a b c", "cancel", "cancel b", "own"),
            *("reply ok", "reply error", "reply aborted", "idle", "busy", "print", "late", "input", "answer"),
            *("capture", "release"),
            *("stray", "garbage", "tick", "probe idle", "probe reply", "die", "start", "restart", "connect", "free"),
            *("reconnect", "lose", "drop"),
        ]
    ),
    max_size=40,
)


ANSWERED = "x\n"
"""What an answer to a prompt without words leaves in the outputs."""


class Kernel:
    """Plays steps into an executor and remembers whose message is whose."""

    def __init__(self) -> None:
        self.executor = Executor(Widgets(Notebook()))
        self.owners: dict[MessageId, CellId] = {}
        self.latest: MessageId = NO_PARENT
        self.probe: MessageId = NO_PARENT
        self.now = 0.0

    def take(self, effects: Effects) -> None:
        for request in effects.requests:
            match request:
                case requests.Execute():
                    self.owners[request.id] = self.executor.queue()[0]
                    self.latest = request.id
                case requests.KernelInfo():
                    self.probe = request.id
                case _:
                    pass
        for cell, text in _cells_of(effects.changes):
            assert text == ANSWERED or set(text) == {cell}

    def events(self, step: str) -> list[m.Event]:
        latest, probe = self.latest, self.probe
        table: dict[str, list[m.Event]] = {
            "reply ok": [m.ExecuteReply(latest, "ok", 1)],
            "reply error": [m.ExecuteReply(latest, "error", 1)],
            "reply aborted": [m.ExecuteReply(latest, "aborted", None)],
            "idle": [m.Status(latest, "idle")],
            "busy": [m.Status(latest, "busy")],
            "print": [m.Stream(latest, "stdout", self.owners.get(latest, "?"))],
            "late": [m.Stream(message, "stdout", cell) for message, cell in self.owners.items()],
            "input": [m.InputRequest(latest, "", password=False)],
            "stray": [m.Status(MessageId("x"), "idle"), m.Stream(NO_PARENT, "stdout", "?")],
            "capture": [_open_output("out", latest), m.Stream(latest, "stdout", "captured")],
            "release": [m.CommMessage(latest, "out", {"method": "update", "state": {"msg_id": ""}}, {})],
            "garbage": [m.Malformed("iopub", ""), m.Unknown("shell", NO_PARENT, "", {})],
            "probe idle": [m.Status(probe, "idle")],
            "reconnect": [lifecycle.Reconnected(lost=False)],
            "lose": [lifecycle.Reconnected(lost=True)],
            "drop": [lifecycle.OutputDropped(latest, "x")],
            "probe reply": [m.KernelInfoReply(probe, "shell", "", "", "", {})],
            "die": [lifecycle.KernelDied("")],
            "start": [lifecycle.KernelStarting()],
            "restart": [lifecycle.KernelStarting(restart=True)],
            "connect": [lifecycle.KernelConnected()],
        }
        return table[step]

    def play(self, step: str) -> None:
        self.now += 1.0
        executor = self.executor
        match step.split():
            case ["run", *cells]:
                self.take(submit(executor, *map(CellId, cells), now=self.now))
            case ["cancel", *cells]:
                self.take(executor.cancel([CellId(cell) for cell in cells] or None))
            case ["own"]:
                executor.own(MessageId("ours"))
            case ["answer"]:
                self.take(executor.answer("x"))
            case ["tick"]:
                self.take(executor.tick(self.now))
            case ["free"]:
                self.take(executor.free(self.now, Phase.ABSENT))
            case _:
                self.take(executor.receive(self.events(step), self.now))
        self.check()

    def check(self) -> None:
        queue = self.executor.queue()
        waiting = queue[1:] if self.executor.busy else queue
        assert [self.executor.run_of(cell).place for cell in waiting] == list(range(1, len(waiting) + 1))
        for cell in (A, B, C):
            state = self.executor.run_of(cell).state
            assert (state in (RunState.RUNNING, RunState.QUEUED)) == (cell in queue)
        assert not self.executor.busy or self.executor.phase is Phase.LIVE


@settings(max_examples=150, deadline=None)
@given(steps)
def test_any_order_of_anything_ends_when_the_kernel_answers(sequence: list[str]) -> None:
    kernel = Kernel()
    for step in sequence:
        kernel.play(step)
    kernel.play("connect")
    for _cell in range(4):
        for step in ("reply ok", "idle"):
            kernel.play(step)
    assert kernel.executor.queue() == ()


@settings(deadline=None)
@given(steps)
def test_any_order_of_anything_ends_when_the_kernel_dies(sequence: list[str]) -> None:
    kernel = Kernel()
    for step in ["start", "connect", *sequence, "connect", "die"]:
        kernel.play(step)
    assert kernel.executor.queue() == ()
    assert kernel.executor.prompt is None


def test_what_answers_a_request_for_no_cell_is_passed_on() -> None:
    executor = Executor(Widgets(Notebook()))
    executor.own(MessageId("own"))
    events: list[m.Event] = [
        m.ExecuteReply(MessageId("own"), "ok", None),
        m.DebugReply(MessageId("own"), True, "", {}),
        m.DebugEvent(NO_PARENT, "stopped", {"threadId": 1}),
    ]
    assert list(executor.receive([*events, m.ExecuteReply(MessageId("other"), "ok", None)], 1.0).events) == events
