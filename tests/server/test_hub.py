"""A hub: whose server is whose, and starting it. Against a server that answers as JupyterHub 5 and 6 do."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.server.test_rest import Answer, answering
from tuinb.errors import TuinbError
from tuinb.server import hub, known
from tuinb.server.address import Secret, path_of
from tuinb.server.rest import Server, ServerError

if TYPE_CHECKING:
    from collections.abc import Iterator

TOKEN = "token-that-nobody-may-see"
READY = [{"progress": 50, "message": "Spawning\x1b server..."}, {"progress": 100, "message": "Server ready", "ready": True}]
FAILED = [{"progress": 100, "failed": True, "message": "Spawn failed: no\nspace"}]


class Hub:
    """A hub with the user `ann b`, whose server runs once it was started."""

    def __init__(self, events: list[dict[str, object]] | None = None, start: int = 202, user: object = None) -> None:
        self.running = False
        self.events = READY if events is None else events
        self.start = start
        self.user = {"name": "ann b"} if user is None else user
        self.asked: list[tuple[str, str]] = []

    def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        self.asked.append((method, path))
        if headers.get("Authorization") != f"token {TOKEN}" and path != "/p/hub/api":
            return 403, {}, b""
        if path.startswith("/p/user/"):
            return (200, {}, b'{"version": "2.0"}') if self.running else (302, {"Location": f"/p/hub{path[2:]}"}, b"")
        if path == "/p/hub/api":
            return 200, {}, b'{"version": "6.1"}'
        if path.startswith("/p/hub/api/users/ann%20b?"):
            return 200, {}, json.dumps({"servers": {"gpu": {"ready": False}, "up": {"ready": True}}}).encode()
        if path == "/p/hub/api/user":
            return 200, {}, json.dumps(self.user).encode()
        if method == "POST":
            return self.start, {}, b""
        self.running = any(event.get("ready") for event in self.events)
        return (
            200,
            {"Content-Type": "text/event-stream"},
            b"".join(b"data: %s\n\n" % json.dumps(each).encode() for each in self.events),
        )


@pytest.fixture
def ann() -> Iterator[tuple[Hub, str]]:
    made = Hub()
    with answering(made.answer) as (base, _):
        yield made, f"{base}p/"


def test_from_a_redirect_to_a_server_that_runs(
    ann: tuple[Hub, str], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    there, base = ann
    path = known.locate(f"{base}hub/user-redirect/lab/tree/dir/a.ipynb?token={TOKEN}")
    assert path == path_of(f"{base}user/ann%20b/", "dir/a.ipynb")
    assert known.server(f"{base}user/ann%20b/").token == Secret(TOKEN)
    assert ("POST", "/p/hub/api/users/ann%20b/server") in there.asked
    said = capfd.readouterr().err
    assert "Starting the server" in said
    assert "50 % Spawning\\x1b server..." in said
    assert TOKEN not in said


def test_a_named_server_that_starts_already(ann: tuple[Hub, str]) -> None:
    there, base = ann
    there.start = 400
    said: list[str] = []
    hub.start(Server(f"{base}user/ann%20b/gpu/", Secret(TOKEN)), ServerError("x", status=424), said.append)
    assert ("GET", "/p/hub/api/users/ann%20b/servers/gpu/progress") in there.asked
    assert said[-1] == "100 % Server ready"


@pytest.mark.parametrize(("name", "starts"), [("gpu", True), ("up", False), ("none", False)])
def test_a_named_server_in_whose_place_another_one_answers(ann: tuple[Hub, str], name: str, starts: bool) -> None:
    there, base = ann
    error = ServerError("there is no Jupyter server", status=404)
    server = Server(f"{base}user/ann%20b/{name}/", Secret(TOKEN))
    if starts:
        hub.start(server, error, lambda _: None)
    else:
        with pytest.raises(ServerError, match="there is no Jupyter server"):
            hub.start(server, error, lambda _: None)
    assert (("POST", f"/p/hub/api/users/ann%20b/servers/{name}") in there.asked) is starts


@pytest.mark.parametrize(
    ("events", "start", "why"),
    [
        (FAILED, 202, r"the server did not start: Spawn failed: no\\nspace \(the hub's page says more"),
        ([], 202, "the hub did not say that the server has started"),
        (None, 403, "the hub refuses the token .*that may start servers"),
        (None, 404, "there is no such user or server that the token may start"),
        (None, 500, "it answers with status 500"),
    ],
)
def test_a_server_that_does_not_start(events: list[dict[str, object]] | None, start: int, why: str) -> None:
    with answering(Hub(events, start).answer) as (base, _), pytest.raises(ServerError, match=why):
        hub.start(Server(f"{base}p/user/ann/", Secret(TOKEN)), ServerError("x", status=302), lambda _: None)


def test_a_server_that_is_no_hubs_keeps_its_error() -> None:
    error = ServerError("as it was", status=302)
    with answering(lambda *_: (404, {}, b"")) as (base, _):
        for where in (base, f"{base}user/ann/"):
            with pytest.raises(ServerError, match="as it was"):
                hub.start(Server(where, Secret(TOKEN)), error, lambda _: None)
    with pytest.raises(ServerError, match="as it was"):
        hub.start(Server("https://h/user/ann/"), error, lambda _: None)


@pytest.mark.parametrize(
    ("user", "why"),
    [
        ([], "its answer names no user"),
        ({"name": 3}, "its answer names no user"),
        ({"name": "ann", "servers": {"": {"url": "https://elsewhere/user/ann/"}}}, "your server is elsewhere"),
    ],
)
def test_a_hub_that_does_not_say_whose_server_it_is(user: object, why: str) -> None:
    with answering(Hub(user=user).answer) as (base, _), pytest.raises(TuinbError, match=why):
        known.locate(f"{base}p/hub/user-redirect/lab/tree/a.ipynb?token={TOKEN}")


def test_the_server_that_the_hub_names_and_a_redirect_without_a_token(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("JUPYTER_TOKEN", "JUPYTERHUB_API_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    with answering(Hub(user={"name": "ann", "servers": {"": {"url": "/p/user/other"}}}).answer) as (base, _):
        hub_of_ann = Server(f"{base}p/", Secret(TOKEN))
        assert hub.server_of_user(hub_of_ann) == f"{base}p/user/other/"
        with pytest.raises(TuinbError, match=r"a hub wants a token .*hub/token"):
            known.locate(f"{base}p/hub/user-redirect/lab/tree/a.ipynb")
