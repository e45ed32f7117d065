"""The table of a kernel's states: one case for each state and kind of event, and what a status says beside its state."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuinb.errors import KernelSpecError, KernelStartError
from tuinb.kernel.execution.effects import KernelStopped, StartFailed
from tuinb.kernel.protocol.events import KernelInfoReply, MessageId
from tuinb.kernel.protocol.lifecycle import (
    HeartbeatBack,
    HeartbeatLost,
    KernelConnected,
    KernelDied,
    KernelSilent,
    KernelStarting,
    OutputDropped,
)
from tuinb.session.kernel_status import COLUMNS, TABLE, Kind, StatusEvent, Working, kind_of, step
from tuinb.session.state import NO_KERNEL, KernelState, KernelStatus

EVENTS: dict[str, StatusEvent] = {
    "start": KernelStarting(),
    "restart": KernelStarting(restart=True),
    "connect": KernelConnected(),
    "die": KernelDied("killed"),
    "fail": StartFailed(KernelStartError("no such program")),
    "stop": KernelStopped(),
    "no spec": StartFailed(KernelSpecError("no such kernelspec")),
    "heart lost": HeartbeatLost(),
    "heart back": HeartbeatBack(),
    "busy": Working(busy=True),
    "idle": Working(busy=False),
}
EXPECTED = """
           | none       starting   idle        busy        restarting dead unreachable
start      | starting   starting   starting    starting    starting   starting   starting
restart    | restarting restarting restarting  restarting  restarting restarting restarting
connect    | idle       idle       idle        idle        idle       idle       idle
die        | dead       dead       dead        dead        dead       dead       dead
fail       | dead       dead       dead        dead        dead       dead       dead
stop       | none       none       none        none        none       none       none
no spec    | none       none       none        none        none       none       none
heart lost | none       starting   unreachable unreachable restarting dead       unreachable
heart back | none       starting   idle        busy        restarting dead       idle
busy       | none       starting   busy        busy        restarting dead       unreachable
idle       | none       starting   idle        idle        restarting dead       unreachable
"""
ROWS = [line.partition("|") for line in EXPECTED.strip().splitlines()]
STATES = ROWS[0][2].split()
CELLS = [(name.strip(), *cell) for name, _, states in ROWS[1:] for cell in zip(STATES, states.split(), strict=True)]


@pytest.mark.parametrize(("event", "before", "after"), CELLS)
def test_which_state_follows(event: str, before: str, after: str) -> None:
    status = step(KernelStatus(KernelState[before.upper()]), EVENTS[event])
    assert status.state is KernelState[after.upper()]


def test_the_table_is_whole() -> None:
    assert {name for name, _, _ in CELLS} == set(EVENTS)
    assert set(COLUMNS) == set(KernelState)
    assert set(TABLE) == set(Kind)
    assert {len(row) for row in TABLE.values()} == {len(COLUMNS)}
    assert {
        kind_of(event) for event in EVENTS.values() if not isinstance(event, KernelInfoReply | KernelSilent | OutputDropped)
    } == set(Kind)


def test_why_it_ended_stands_until_another_is_started() -> None:
    dead = step(NO_KERNEL, KernelDied("killed by SIGKILL", "last words"))
    assert dead.detail == "killed by SIGKILL\nlast words"
    assert step(dead, Working(busy=False)).detail == dead.detail
    assert step(dead, KernelStarting()).detail == ""
    assert step(dead, KernelStopped()).detail == ""
    failed = step(dead, StartFailed(KernelStartError("no such program", hint="install it", stderr="sh: not found")))
    assert failed.detail == "no such program (install it)\nsh: not found"


def test_the_language_is_the_one_that_the_kernel_told_and_survives_a_restart() -> None:
    info = KernelInfoReply(MessageId(""), "shell", "5.3", "irkernel", "", {"name": "R"})
    known = step(step(NO_KERNEL, KernelStarting()), info)
    assert (known.language, known.state) == ("R", KernelState.STARTING)
    assert step(known, KernelStarting(restart=True)).language == "R"
    assert step(known, KernelStarting()).language == ""


@given(st.lists(st.sampled_from(sorted(EVENTS)), max_size=20), st.booleans())
def test_what_a_lost_heartbeat_hid_is_right_again(names: list[str], busy: bool) -> None:
    status = NO_KERNEL
    for name in names:
        status = step(status, EVENTS[name])
    beating = step(status, HeartbeatBack())
    hidden = step(step(beating, HeartbeatLost()), HeartbeatBack())
    assert step(hidden, Working(busy)) == step(beating, Working(busy))
