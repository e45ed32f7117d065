"""One Jupyter server for all tests of this folder in a process."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

from tests.server.support import Relay, jupyter_server
from tuinb.server import known

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from tests.server.support import JupyterServer


@pytest.fixture(scope="session")
def jupyter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    if find_spec("jupyter_server") is None:
        pytest.skip("jupyter_server is not installed")
    with jupyter_server(tmp_path_factory.mktemp("jupyter")) as running:
        yield running


@pytest.fixture(scope="session")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    if find_spec("kernel_gateway") is None:
        pytest.skip("jupyter_kernel_gateway is not installed")
    with jupyter_server(tmp_path_factory.mktemp("gateway"), module="kernel_gateway", base_url="/gate/") as running:
        yield running


@pytest.fixture
async def relay(jupyter: JupyterServer) -> AsyncIterator[Relay]:
    relay = Relay(jupyter.base)
    await relay.start()
    yield relay
    await relay.stop()


@pytest.fixture(autouse=True)
def no_logins() -> Iterator[None]:
    """No test knows the tokens and logins of another one."""
    yield
    known._GIVEN.clear()
    known._OPEN.clear()
