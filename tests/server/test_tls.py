"""Certificates of servers: those of an authority, those that the user has pinned, and those that nothing is sent to."""

from __future__ import annotations

import datetime
import hashlib
import ssl
from typing import TYPE_CHECKING, NamedTuple

import pytest
import trustme

from tests.kernel.support import Client
from tests.server.support import TOKEN, Relay, jupyter_server
from tests.server.test_rest import answering
from tuinb import cli
from tuinb.errors import ConfigError, KernelStartError, UsageError
from tuinb.files.remote import RemoteFiles
from tuinb.kernel.connection.server import ServerConnection
from tuinb.kernel.protocol.events import ExecuteResult
from tuinb.kernel.protocol.lifecycle import HeartbeatLost, Reconnected
from tuinb.server import certificates, hub, known
from tuinb.server.address import Secret, path_of
from tuinb.server.certificates import fingerprint_in, fingerprint_of
from tuinb.server.kernels import RemoteKernel
from tuinb.server.rest import CertificateError, Server, ServerError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.server.support import JupyterServer
    from tests.server.test_rest import Answer

BASE = "https://127.0.0.1:8888/user/ann/"
SOME = fingerprint_of(b"some certificate")


class Given(NamedTuple):
    """A certificate, and the file of the authority that vouches for it."""

    context: ssl.SSLContext
    fingerprint: str
    pem: Path
    authority: Path


def given(folder: Path, host: str, *, expired: bool = False) -> Given:
    authority = trustme.CA()
    yesterday = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)
    made = authority.issue_cert(host, not_after=yesterday if expired else None)
    pem, of_authority = folder / f"{host}.pem", folder / f"{host}-authority.pem"
    made.private_key_and_cert_chain_pem.write_to_path(pem)
    authority.cert_pem.write_to_path(of_authority)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.configure_cert(context)
    der = ssl.PEM_cert_to_DER_cert(made.cert_chain_pems[0].bytes().decode())
    return Given(context, fingerprint_of(der), pem, of_authority)


@pytest.fixture(scope="session")
def right(tmp_path_factory: pytest.TempPathFactory) -> Given:
    return given(tmp_path_factory.mktemp("right"), "127.0.0.1")


@pytest.fixture(scope="session")
def expired(tmp_path_factory: pytest.TempPathFactory) -> Given:
    return given(tmp_path_factory.mktemp("expired"), "127.0.0.1", expired=True)


@pytest.fixture(scope="session")
def wrong_name(tmp_path_factory: pytest.TempPathFactory) -> Given:
    return given(tmp_path_factory.mktemp("name"), "elsewhere.example")


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("STATE", "CONFIG"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    return tmp_path / "state" / "tuinb" / "certificates"


def answer(method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
    return 200, {}, b'{"version": "2.0"}'


# ---- fingerprints, and the file of pins


def test_fingerprints() -> None:
    digest = hashlib.sha256(b"some certificate").hexdigest()
    assert f"SHA256:{':'.join(digest[at : at + 2].upper() for at in range(0, 64, 2))}" == SOME
    for written in (SOME, SOME.lower(), digest, f" sha-256:{digest}\n"):
        assert fingerprint_in(written) == SOME
    for wrong in ("", "SHA256:", digest[:-2], f"{digest}00", f"md5:{digest}", digest.replace("a", "g", 1) + "!"):
        with pytest.raises(UsageError, match="it is no fingerprint of a certificate"):
            fingerprint_in(wrong)


def test_pins_are_kept_by_host_and_port_for_their_user_alone(state: Path) -> None:
    assert certificates.pinned(BASE) == ""
    certificates.pin(BASE, SOME)
    certificates.pin("https://other/", SOME)
    assert certificates.pinned("https://127.0.0.1:8888/other/user/") == SOME
    assert certificates.pinned("https://127.0.0.1/") == ""
    assert state.read_text() == f"127.0.0.1:8888 {SOME}\nother:443 {SOME}\n"
    assert (state.stat().st_mode & 0o777, state.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert certificates.unpin(BASE)
    assert not certificates.unpin(BASE)
    assert certificates.pinned("https://other:443/x/") == SOME


@pytest.mark.parametrize("text", [b"\xff", b"127.0.0.1:8888 SHA256:00\n", b"\n"])
def test_a_file_of_pins_that_can_not_be_read_makes_no_host_a_new_one(text: bytes, state: Path) -> None:
    state.parent.mkdir(parents=True)
    state.write_bytes(text)
    with pytest.raises(ServerError, match="certificates: "):
        Server(BASE).version()
    with pytest.raises(ConfigError):
        certificates.pin(BASE, SOME)
    assert state.read_bytes() == text


def test_a_pin_that_can_not_be_kept(state: Path) -> None:
    state.parent.parent.mkdir()
    state.parent.write_text("a file")
    with pytest.raises(ConfigError, match="can't be read"):
        certificates.pin(BASE, SOME)


# ---- what is trusted


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("right", "unable to get local issuer certificate"),
        ("expired", "unable to get local issuer certificate"),
        ("wrong_name", "unable to get local issuer certificate"),
    ],
)
def test_a_certificate_of_an_unknown_authority_is_refused_until_it_is_pinned(
    name: str, why: str, request: pytest.FixtureRequest
) -> None:
    there: Given = request.getfixturevalue(name)
    with answering(answer, there.context) as (base, heard):
        server = Server(base, Secret(TOKEN))
        with pytest.raises(CertificateError, match=f"not trusted: {why} .*`tuinb server pin {base}`"):
            server.version()
        assert server.fingerprint() == there.fingerprint
        assert not heard
        certificates.pin(base, there.fingerprint)
        assert server.version() == "2.0"
        assert [each["Authorization"] for each in heard] == [f"token {TOKEN}"]


@pytest.mark.parametrize(
    ("name", "why"),
    [("right", ""), ("expired", "certificate has expired"), ("wrong_name", "certificate is not valid for '127.0.0.1'")],
)
def test_a_certificate_of_a_given_authority(name: str, why: str, request: pytest.FixtureRequest) -> None:
    there: Given = request.getfixturevalue(name)
    with answering(answer, there.context) as (base, heard):
        server = Server(base, authority=str(there.authority))
        if why:
            with pytest.raises(CertificateError, match=why):
                server.version()
            assert not heard
        else:
            assert server.version() == "2.0"


def test_a_certificate_that_changed_is_refused_with_the_next_step(right: Given, expired: Given) -> None:
    with answering(answer, right.context) as (base, heard):
        certificates.pin(base, expired.fingerprint)
        server = Server(base, Secret(TOKEN), authority=str(right.authority))
        with pytest.raises(CertificateError) as refused:
            known._trusting(server, server.version)
        said = str(refused.value)
        assert f"its certificate is not the pinned one, but {right.fingerprint}: nothing was sent to it" in said
        assert "somebody may pose as the server" in said
        assert f"`tuinb server pin {base}`" in said
        assert not heard
        certificates.pin(base, right.fingerprint)  # as the user does meanwhile
        assert server.version() == "2.0"


def test_a_hub_has_the_pin_of_its_host(right: Given) -> None:
    with answering(lambda *_: (200, {}, b'{"name": "ann"}'), right.context) as (base, _):
        certificates.pin(base, right.fingerprint)
        assert hub.server_of_user(Server(base, Secret(TOKEN))) == f"{base}user/ann/"


def test_a_server_that_has_no_certificate() -> None:
    with answering(answer) as (base, _):
        with pytest.raises(ServerError, match="it does not speak TLS"):
            Server(base.replace("http", "https")).fingerprint()
        with pytest.raises(ServerError, match="it has no certificate"):
            Server(base).fingerprint()


# ---- the question


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Questions to the user, who agrees to the last one."""
    found: list[str] = []

    def ask(question: str) -> str:
        found.append(question)
        return ("", "no", "y")[len(found) - 1]

    monkeypatch.setattr(known, "_ask", ask)
    monkeypatch.setattr(known, "_is_attended", lambda: True)
    return found


def test_the_user_is_asked_once_and_no_is_the_default(asked: list[str], right: Given, state: Path) -> None:
    with answering(answer, right.context) as (base, heard):
        for _ in range(2):
            with pytest.raises(CertificateError, match=f"`tuinb server pin {base} {right.fingerprint}` trusts this one"):
                known.server(base)
            assert not state.exists()
        assert not heard
        assert known.server(base).version() == "2.0"
        known._OPEN.clear()
        known.server(base)
    assert len(asked) == 3
    assert f"not trusted: unable to get local issuer certificate.\nIts fingerprint is\n  {right.fingerprint}\n" in asked[0]
    assert asked[0].endswith("Trust it? [y/N] ")


def told(capfd: pytest.CaptureFixture[str], *words: str, code: int = 0) -> str:
    assert cli.main(["server", *words]) == code
    found = capfd.readouterr()
    assert TOKEN not in found.out + found.err
    return found.out + found.err


def test_pinning_without_a_terminal(right: Given, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    with answering(answer, right.context) as (base, heard):
        refused = told(capfd, "pin", base, code=1)
        assert f"`tuinb server pin {base} {right.fingerprint}` trusts this one, if it is the server's" in refused
        assert not heard
        assert "trusted with this certificate only" in told(capfd, "pin", base, right.fingerprint)
        assert "Added lab" in told(capfd, "add", "lab", base, "--ca", str(right.authority))
        assert "its certificate is vouched for, and pinned no longer" in told(capfd, "pin", "lab")
        assert "there is nothing to pin" in told(capfd, "pin", "lab")
        told(capfd, "add", "other", base, "--pin", SOME)
        assert certificates.pinned(base) == SOME
    for words, why in (
        (("pin", "http://127.0.0.1/"), "it has no certificate"),
        (("pin", base, "x"), "it is no fingerprint"),
        (("add", "third", "http://127.0.0.1/", "--pin", SOME), "it has no certificate"),
        (("add", "third", base, "--pin", "x"), "it is no fingerprint"),
    ):
        assert why in told(capfd, *words, code=2)


def test_the_user_is_asked_by_the_command(capfd: pytest.CaptureFixture[str], asked: list[str], right: Given) -> None:
    with answering(answer, right.context) as (base, _):
        certificates.pin(base, SOME)
        for code in (1, 1, 0):
            told(capfd, "pin", base, code=code)
        assert certificates.pinned(base) == right.fingerprint
    assert len(asked) == 3


# ---- a real server


@pytest.fixture(scope="module")
def secure(right: Given, tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    with jupyter_server(tmp_path_factory.mktemp("secure"), tls=(right.pem, right.authority)) as running:
        yield running


@pytest.mark.server
@pytest.mark.kernel
@pytest.mark.parametrize("how", ["pinned", "authority"])
async def test_files_and_kernels_of_a_server_with_tls(how: str, secure: JupyterServer, right: Given) -> None:
    server = Server(secure.base, Secret(TOKEN), authority=str(right.authority) if how == "authority" else "")
    if how == "pinned":
        certificates.pin(secure.base, right.fingerprint)
    path = path_of(secure.base, f"{how}.ipynb")
    RemoteFiles(server).replace(path, b"{}")
    assert RemoteFiles(server).read(path)[0] == b"{}"
    client = Client(ServerConnection(RemoteKernel(server, f"{how}.ipynb", "python3")))
    await client.kernel.open(client.hear)
    await client.run("6 * 7")
    assert (await client.wait(ExecuteResult)).data["text/plain"] == "42"
    await client.kernel.shut_down()


@pytest.mark.server
@pytest.mark.kernel
async def test_a_websocket_is_refused_by_another_certificate_than_the_pinned_one(
    jupyter: JupyterServer, right: Given, wrong_name: Given
) -> None:
    relay = Relay(jupyter.base, right.context)
    await relay.start()
    certificates.pin(relay.base, right.fingerprint)
    server = Server(relay.base, Secret(TOKEN))
    client = Client(ServerConnection(RemoteKernel(server, "tls.ipynb", "python3")))
    await client.kernel.open(client.hear)
    await relay.stop()
    other = Relay(jupyter.base, wrong_name.context, relay.port)
    await other.start()
    lost = await client.wait(HeartbeatLost, lambda event: "its certificate is not the pinned one" in event.reason)
    assert "tuinb server pin" in lost.reason
    assert other.received == 0
    # The certificate is checked on the websocket's own connection, too.
    assert isinstance(client.kernel, ServerConnection)
    with pytest.raises(ServerError, match="its certificate is not the pinned one"):
        await client.kernel._dial()
    assert other.received == 0
    certificates.pin(relay.base, wrong_name.fingerprint)
    await client.wait(Reconnected)
    await client.run("6 * 7")
    await client.kernel.shut_down()
    await other.stop()
    with pytest.raises(KernelStartError, match="nothing listens there"):
        await ServerConnection(RemoteKernel(server, "tls.ipynb", "python3")).open(lambda _: None)
