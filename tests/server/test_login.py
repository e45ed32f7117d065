"""Getting into a real server that has a password and no token."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.kernel.support import Client
from tests.server.support import jupyter_server
from tests.support import ROOT
from tuinb.files import load
from tuinb.files.remote import RemoteFiles
from tuinb.kernel.connection.server import ServerConnection
from tuinb.notebook.changes import ClientId, SpliceSource, Step, Transaction
from tuinb.server import login
from tuinb.server.address import path_of
from tuinb.server.kernels import RemoteKernel
from tuinb.server.rest import Server, ServerError

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.server, pytest.mark.kernel]
ANALYSIS = (ROOT / "tests" / "notebooks" / "analysis.ipynb").read_bytes()
PASSWORD = 'open sésame & "more"'


async def test_a_password_opens_files_and_kernels(tmp_path: Path) -> None:
    auth = pytest.importorskip("jupyter_server.auth")
    hashed = auth.passwd(PASSWORD, algorithm="sha256")
    with jupyter_server(tmp_path / "home", f"--PasswordIdentityProvider.hashed_password={hashed}", token="") as running:
        server = Server(running.base)
        with pytest.raises(ServerError, match="it wants a token or a password"):
            login.log_in(Server(running.base), None)
        with pytest.raises(ServerError, match="it refuses the password"):
            login.log_in(Server(running.base), lambda _question: "wrong")
        login.log_in(server, lambda _question: PASSWORD)
        file = running.folder / "x.ipynb"
        file.write_bytes(ANALYSIS)
        loaded = load.load(path_of(running.base, "x.ipynb"), RemoteFiles(server))
        cell = loaded.notebook.at(0)
        loaded.notebook.apply(Transaction((SpliceSource(cell.id, 0, "", "# mine"),), ClientId("me"), Step.EDIT))
        loaded.file.save_now(loaded.notebook)  # writing needs the cookie and its token against forged requests
        assert b"# mine" in file.read_bytes()
        client = Client(ServerConnection(RemoteKernel(server, "x.ipynb", "python3")))
        await client.kernel.open(client.hear)
        try:
            await client.run("print('inside')")
            assert client.text() == "inside\n"
        finally:
            await client.kernel.shut_down()
        assert PASSWORD not in (tmp_path / "home" / "log").read_text()
