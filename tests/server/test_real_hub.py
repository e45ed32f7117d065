"""A real JupyterHub, with a server for each user that is a real one, too: from nothing to the first result with one command."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import sysconfig
import time
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.server.support import free_port
from tests.server.test_commands import NOTEBOOK
from tuinb import cli
from tuinb.server import known
from tuinb.server.address import Secret
from tuinb.server.rest import Server, ServerError

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.server, pytest.mark.kernel]
SCRIPTS = Path(sysconfig.get_path("scripts"))
MAKER = "token-of-the-service-that-makes-users"
CONFIG = """
c = get_config()
c.JupyterHub.bind_url = "http://127.0.0.1:{port}/hub-prefix/"
c.JupyterHub.hub_port = {hub_port}
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{proxy_port}"
c.ConfigurableHTTPProxy.command = ["{scripts}/configurable-http-proxy"]
c.JupyterHub.db_url = "sqlite://"
c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allow_all = True
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = "{home}/{{username}}"
c.Spawner.cmd = ["{python}", "-m", "jupyterhub.singleuser", "--allow-root"]
c.Spawner.environment = {{"JUPYTERHUB_SINGLEUSER_APP": "jupyter_server.serverapp.ServerApp"}}
c.JupyterHub.allow_named_servers = True
c.JupyterHub.services = [{{"name": "maker", "api_token": "{maker}"}}]
c.JupyterHub.load_roles = [{{"name": "maker", "scopes": ["admin:users", "tokens"], "services": ["maker"]}}]
"""
"""A service makes the user and the token, as the user does on the hub's pages."""


class Hub(NamedTuple):
    base: str
    token: str
    home: Path
    """The user's."""


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    if find_spec("jupyterhub") is None or not (SCRIPTS / "configurable-http-proxy").exists():
        pytest.skip("jupyterhub and configurable-http-proxy are not installed")
    folder = tmp_path_factory.mktemp("hub")
    port, hub_port, proxy_port = free_port(), free_port(), free_port()
    names = {"port": port, "hub_port": hub_port, "proxy_port": proxy_port, "scripts": SCRIPTS}
    (folder / "config.py").write_text(CONFIG.format(**names, home=folder, python=sys.executable, maker=MAKER))
    log = (folder / "log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", "jupyterhub", "-f", "config.py"],
        cwd=folder,
        stdout=log,
        stderr=log,
        env={**os.environ, "JUPYTER_RUNTIME_DIR": str(folder / "runtime")},
        start_new_session=True,
    )
    base = f"http://127.0.0.1:{port}/hub-prefix/"
    try:
        yield Hub(base, made_user(base, process, folder / "log"), folder / "ann")
    finally:
        process.send_signal(signal.SIGTERM)  # it ends the proxy and the servers
        process.wait()
        log.close()


def made_user(base: str, process: subprocess.Popen[bytes], log: Path) -> str:
    """Waits for the hub, makes a user, and returns the user's token."""
    service, until = Server(base, Secret(MAKER)), time.monotonic() + 60
    while True:
        with suppress(ServerError):
            service.request("POST", "hub/api/users/ann")
            return str(service.request("POST", "hub/api/users/ann/tokens", {})["token"])
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < until, log.read_text()
        time.sleep(0.1)


def test_from_nothing_to_the_first_result(hub: Hub, capfd: pytest.CaptureFixture[str]) -> None:
    hub.home.mkdir()
    there = hub.home / "hub.ipynb"
    there.write_text(json.dumps(NOTEBOOK))
    url = f"{hub.base}user/ann/gpu/lab/tree/hub.ipynb?token={hub.token}"  # a named server
    assert cli.main(["run", "--in-place", url]) == 0
    said = capfd.readouterr()
    assert f"Starting the server {hub.base}user/ann/gpu/" in said.err
    assert "100 % Server ready" in said.err
    assert "'42'" in str(json.loads(there.read_text())["cells"][1]["outputs"])
    assert hub.token not in said.out + said.err


def test_whose_server_a_redirect_leads_to(hub: Hub) -> None:
    address = known.address_of(f"{hub.base}hub/user-redirect/lab/tree/hub.ipynb?token={hub.token}")
    assert (address.base, address.file) == (f"{hub.base}user/ann/", "hub.ipynb")
