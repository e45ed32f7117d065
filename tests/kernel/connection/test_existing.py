"""A connection to an ipykernel that another program started, as a Jupyter server does."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from jupyter_client.manager import AsyncKernelManager

from tests.kernel.support import Client
from tests.support import wait_for
from tuinb.errors import KernelStartError
from tuinb.kernel.connection.connection import Connection, Timing, attach
from tuinb.kernel.connection.survey import Activity, ask
from tuinb.kernel.launch.connection_files import find, running
from tuinb.kernel.protocol.events import ErrorOutput, FromOther, Stream
from tuinb.kernel.protocol.lifecycle import (
    HeartbeatBack,
    HeartbeatLost,
    InterruptMeans,
    KernelConnected,
    KernelDied,
    KernelSilent,
    KernelStarting,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = pytest.mark.kernel
CURVE = {"transport_encryption": "auto"} if hasattr(AsyncKernelManager, "transport_encryption") else {}
"""jupyter_client 8.9 and later can encrypt connections."""


@pytest.fixture
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[AsyncKernelManager]:
    """What another program is to its kernel."""
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="t") as runtime:
        monkeypatch.setenv("JUPYTER_RUNTIME_DIR", runtime)
        manager = AsyncKernelManager(kernel_name="python3", connection_file=str(Path(runtime, "kernel-them.json")), **CURVE)
        await manager.start_kernel(
            env=os.environ | {"JPY_SESSION_NAME": "/home/me/theirs.ipynb", "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
        )
        yield manager
        with suppress(RuntimeError):
            await manager.shutdown_kernel(now=True)


async def test_a_kernel_of_another_program(server: AsyncKernelManager) -> None:
    them = server.client()
    them.start_channels()
    await them.wait_for_ready(timeout=60)
    found = find("theirs.ipynb", None, os.environ)
    assert bool(found.file.info.get("curve_publickey")) == bool(CURVE)
    assert server.provisioner is not None
    if sys.platform == "linux":
        assert found.pid == server.provisioner.pid  # type: ignore[attr-defined]
    assert [each.activity for each in await asyncio.to_thread(ask, running(os.environ))] == [Activity.IDLE]

    client = Client(attach(found))
    try:
        await client.kernel.open(client.hear)
        assert client.events[:2] == [KernelStarting(), KernelConnected(shared=True)]
        assert (client.kernel.describe().name, client.kernel.pid) == ("python3", None)
        await client.run("ours = 42; print('ours')")

        # What they run is theirs, is seen, can be interrupted by message, and leaves ours as it was.
        them.execute("import time; print(ours, flush=True); time.sleep(60)", stop_on_error=False)
        await client.wait(FromOther, lambda event: isinstance(event.event, Stream) and event.event.text.startswith("42"))
        seen = await asyncio.to_thread(ask, [found], 0.1)
        assert [each.activity for each in seen] == [Activity.BUSY]
        assert client.kernel.interrupt_means() == (InterruptMeans.MESSAGE, InterruptMeans.SIGNAL)
        client.kernel.interrupt(InterruptMeans.MESSAGE)
        await client.wait(FromOther, lambda event: isinstance(event.event, ErrorOutput))
        assert client.text() == "ours\n"
        assert (await client.run("print(ours)")).count == 3

        with pytest.raises(KernelStartError, match="tuinb did not start it, and can't restart it"):
            await client.kernel.restart()
        await server.restart_kernel(now=True)
        await client.wait(KernelStarting, lambda event: event.by_others)
        assert (await client.run("'ours' in dir()")).status == "ok"

        await client.kernel.shut_down()
        assert await server.is_alive()
    finally:
        await client.kernel.shut_down()
        them.stop_channels()

    other = Client(attach(find("them", None, os.environ)))
    try:
        await other.kernel.open(other.hear)
        await server.shutdown_kernel()
        died = await other.wait(KernelDied)
        assert died.reason == "it was ended where it was started"
        assert any(isinstance(event, HeartbeatLost) for event in other.events)
    finally:
        await other.kernel.shut_down()


async def test_a_kernel_that_is_killed_and_one_with_another_key(server: AsyncKernelManager) -> None:
    await wait_for(lambda: bool(running(os.environ)))
    found = find("them", None, os.environ)
    wrong = replace(found.file, info={**found.file.info, "key": "another"})
    stranger = Client(attach(replace(found, file=wrong), Timing(silent=0.05)))
    opening = asyncio.ensure_future(stranger.kernel.open(stranger.hear))
    await stranger.wait(KernelSilent)
    await stranger.kernel.shut_down()
    with suppress(KernelStartError):
        await opening

    # The connection breaks, as to another machine, and the same process answers again.
    client = Client(attach(replace(found, file=replace(found.file, local=False)), Timing(regain=20.0)))
    assert isinstance(client.kernel, Connection)
    try:
        await client.kernel.open(client.hear)
        connection = client.kernel
        await wait_for(lambda: bool(connection._kernel_session))
        connection._on_disconnect()
        client.send("1")
        assert client.events[-1] == HeartbeatLost()
        await client.wait(HeartbeatBack)
        assert (await client.done(client.last)).status == "ok"
        assert not any(isinstance(event, KernelStarting) and event.by_others for event in client.events)
    finally:
        await client.kernel.shut_down()

    client = Client(attach(found, Timing(regain=0.2)))
    try:
        await client.kernel.open(client.hear)
        assert server.provisioner is not None
        await server.provisioner.kill()
        await client.wait(KernelDied)
        await wait_for(lambda: running(os.environ) == [])
    finally:
        await client.kernel.shut_down()
