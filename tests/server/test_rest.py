"""What is said where a server does not do what it should, against servers that misbehave."""

from __future__ import annotations

import json
import ssl
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from tests.server.support import free_port
from tuinb.server import login
from tuinb.server.address import Secret
from tuinb.server.rest import Server, ServerError

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator
    from pathlib import Path

SECRET = "token-that-nobody-may-see"
Answer = tuple[int, dict[str, str], bytes]


@contextmanager
def answering(
    answer: Callable[[str, str, dict[str, str], bytes], Answer | None], tls: ssl.SSLContext | None = None
) -> Iterator[tuple[str, list[dict[str, str]]]]:
    """Runs a server that answers so. Gives its base URL, and the headers of the requests."""
    heard: list[dict[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            sent = {name.title(): value for name, value in self.headers.items()}
            heard.append(sent)
            body = self.rfile.read(int(sent.get("Content-Length", 0)))
            found = answer(self.command, self.path, sent, body)
            if found is None:
                self.close_connection = True
                return
            status, headers, data = found
            self.send_response(status)
            for name, value in {"Content-Length": str(len(data)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815 - their names in the base class

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name in the base class
            """Says nothing."""

    class Server(ThreadingHTTPServer):
        def get_request(self) -> tuple[socket.socket, Any]:
            found, address = super().get_request()
            return (found if tls is None else tls.wrap_socket(found, server_side=True)), address

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"{'http' if tls is None else 'https'}://127.0.0.1:{server.server_port}/", heard
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def said_of(answer: Answer | None, *, token: bool = True, path: str = "api/status") -> str:
    with answering(lambda *_: answer) as (base, _), pytest.raises(ServerError) as raised:
        Server(base, Secret(SECRET) if token else None).request("GET", path, most=2 << 20)
    text = str(raised.value)
    assert SECRET not in text
    assert base in text
    return text


@pytest.mark.parametrize(
    ("answer", "what"),
    [
        ((403, {}, b""), "it refuses the token (a wrong or expired one?"),
        ((401, {}, b'{"message": "Unauthorized"}'), "it refuses the token"),
        ((404, {}, b"<html>"), "there is no such page"),
        ((404, {}, b'{"message": "No such kernel: x"}'), "No such kernel: x"),
        ((302, {"Location": f"https://sso.example/in?next={SECRET}"}, b""), "elsewhere, to https://sso.example/in ("),
        ((424, {}, b"{}"), "the server behind it does not run (status 424)"),
        ((502, {}, b"<html>Bad gateway"), "the server behind it does not run (status 502)"),
        ((413, {}, b""), "too large"),
        ((429, {}, b""), "takes no more requests"),
        ((500, {}, b'{"message": "disk\\u001b[31m\\nfull"}'), "it refuses: disk\\x1b[31m full (status 500)"),
        ((500, {}, b'{"message": 7}'), "it answers with status 500"),
        ((200, {}, b"<!DOCTYPE html>"), "it answers with a web page where data is expected (a proxy or a login page"),
        ((200, {}, b"SSH-2.0"), "its answer is not JSON"),
        ((200, {}, b'"' + b"x" * (3 << 20) + b'"'), "its answer has more than 2 MB"),
        (None, "it ended the connection without an answer (if it is a server with TLS, write https://)"),
    ],
)  # fmt: skip
def test_what_a_server_answers(answer: Answer | None, what: str) -> None:
    assert what in said_of(answer)


def test_without_a_token_one_is_asked_for() -> None:
    assert "it wants a token or a password (add ?token=… to the URL, or set JUPYTER_TOKEN)" in said_of(
        (403, {}, b""), token=False
    )


def test_an_empty_answer_is_none() -> None:
    with answering(lambda *_: (204, {}, b"")) as (base, _):
        assert Server(base).request("DELETE", "api/kernels/x") is None


def test_nobody_listens() -> None:
    base = f"http://127.0.0.1:{free_port()}/"
    with pytest.raises(ServerError, match="nothing listens there"):
        Server(base).version()


def test_a_name_that_does_not_resolve() -> None:
    with pytest.raises(ServerError, match=r"the name nowhere\.invalid does not resolve \(check the name"):
        Server("http://nowhere.invalid/").version()


def test_a_server_that_is_silent() -> None:
    done = threading.Event()

    def wait(*_: object) -> None:
        done.wait(20)

    with answering(wait) as (base, _):
        with pytest.raises(ServerError, match="it does not answer in time"):
            Server(base).request("GET", "api", timeout=0.1)
        done.set()


def test_tls_that_is_none_and_a_file_that_has_no_certificates(tmp_path: Path) -> None:
    with answering(lambda *_: (200, {}, b"{}")) as (base, _):
        secure = base.replace("http:", "https:")
        with pytest.raises(ServerError, match=r"it does not speak TLS \(if it is a server without TLS, write http://\)"):
            Server(secure).request("GET", "api", timeout=5)
    (tmp_path / "ca.pem").write_text("no certificate")
    with pytest.raises(ServerError, match=r"ca\.pem: it can't be used"):
        Server("https://127.0.0.1/", authority=str(tmp_path / "ca.pem")).version()
    refused = ssl.SSLCertVerificationError("x")
    refused.verify_message = "self-signed certificate"
    assert "its certificate is not trusted: self-signed certificate (`tuinb server pin https://h/` shows it" in str(
        Server("https://h/").unreachable(refused)
    )


def test_a_redirect_gets_no_token() -> None:
    with answering(lambda *_: (200, {}, b"{}")) as (other, heard):
        assert "it sends requests elsewhere" in said_of((302, {"Location": other}, b""))
        assert not heard


@pytest.mark.parametrize("version", [b"[]", b"{}", b'{"version": 3}'])
def test_json_of_something_else_is_no_server(version: bytes) -> None:
    with answering(lambda *_: (200, {}, version)) as (base, _), pytest.raises(ServerError, match="there is no Jupyter server"):
        Server(base).version()


def test_a_page_that_is_missing_is_no_server() -> None:
    with answering(lambda *_: (404, {}, b"")) as (base, _), pytest.raises(ServerError, match="there is no Jupyter server"):
        login.log_in(Server(base, Secret(SECRET)), None)


# ---- passwords


def with_password(method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
    """Answers as a server with the password `open sesame`."""
    inside = "user=1" in headers.get("Cookie", "")
    if path == "/api":
        return 200, {}, json.dumps({"version": "2.0"}).encode()
    if path == "/login" and method == "GET":
        return 200, {"Set-Cookie": "_xsrf=abc; Path=/"}, b"<form>"
    if path == "/login":
        right = body == b"password=open+sesame&_xsrf=abc" and "_xsrf=abc" in headers.get("Cookie", "")
        return (302, {"Location": "/", "Set-Cookie": "user=1; Path=/"}, b"") if right else (401, {}, b"")
    if method == "POST" and headers.get("X-Xsrftoken") != "abc":
        return 403, {}, b""
    return (200, {}, b"{}") if inside else (403, {}, b"")


def test_a_password_becomes_a_cookie() -> None:
    answers = iter(["wrong", "open sesame"])
    asked: list[str] = []

    def ask(question: str) -> str:
        asked.append(question)
        return next(answers)

    with answering(with_password) as (base, heard):
        server = Server(base)
        login.log_in(server, ask)
        assert asked == [f"Password for {base} "] * 2
        server.request("POST", "api/sessions", {})
        assert "sesame" not in str(heard)
        assert "sesame" not in str(vars(server))


def test_a_wrong_password_none_and_nobody_to_ask() -> None:
    with answering(with_password) as (base, _):
        with pytest.raises(ServerError, match="it refuses the password"):
            login.log_in(Server(base), lambda _: "wrong")
        with pytest.raises(ServerError, match="it wants a token or a password"):
            login.log_in(Server(base), lambda _: "")
        with pytest.raises(ServerError, match="it wants a token or a password"):
            login.log_in(Server(base), None)
        expired = Server(base)
        login.log_in(expired, lambda _: "open sesame")
        expired.cookies.clear("127.0.0.1", "/", "user")
        with pytest.raises(ServerError, match="the login has expired"):
            expired.request("GET", "api/status")


def test_a_server_without_a_login_page() -> None:
    def answer(method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        return (200, {}, b'{"version": "2"}') if path == "/api" else (403 if path == "/api/status" else 404, {}, b"")

    with answering(answer) as (base, _), pytest.raises(ServerError, match="there is no such page"):
        login.log_in(Server(base), lambda _: "x")


def test_a_gateway_has_no_status() -> None:
    with answering(lambda *_: (404, {}, b"")) as (base, _):
        assert Server(base).is_open()
    with answering(lambda *_: (500, {}, b"")) as (base, _), pytest.raises(ServerError):
        Server(base).is_open()
