"""What the URLs of servers' pages say."""

from __future__ import annotations

import traceback
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuinb.errors import UsageError, is_remote, shown
from tuinb.server.address import Secret, file_of, is_url, parse, path_of, url_of

SECRET = "token-that-nobody-may-see"


@pytest.mark.parametrize(
    ("url", "base", "file"),
    [
        ("http://localhost:8888/lab/tree/a.ipynb", "http://localhost:8888/", "a.ipynb"),
        ("http://localhost:8888/lab/tree/dir/a%20b.ipynb?reset#x", "http://localhost:8888/", "dir/a b.ipynb"),
        ("https://h/lab/workspaces/auto-Q/tree/x/a.ipynb", "https://h/", "x/a.ipynb"),
        ("https://h/doc/tree/a.ipynb", "https://h/", "a.ipynb"),
        ("https://h/doc/workspaces/w/tree/a.ipynb", "https://h/", "a.ipynb"),
        ("https://h/notebooks/lab/a.ipynb", "https://h/", "lab/a.ipynb"),
        ("https://h/nbclassic/notebooks/a.ipynb", "https://h/", "a.ipynb"),
        ("https://h/edit/a.py", "https://h/", "a.py"),
        ("https://h/files/tree/a.ipynb", "https://h/", "tree/a.ipynb"),
        ("https://h/some/prefix/tree/a.ipynb", "https://h/some/prefix/", "a.ipynb"),
        ("https://hub/user/tree/lab/tree/a.ipynb", "https://hub/user/tree/", "a.ipynb"),
        ("https://hub/user/ann/gpu/lab/tree//x/./a.ipynb", "https://hub/user/ann/gpu/", "x/a.ipynb"),
        ("http://[::1]:8888/lab/tree/a.ipynb", "http://[::1]:8888/", "a.ipynb"),
        ("https://h:8443/lab", "https://h:8443/", ""),
        ("https://h:8443", "https://h:8443/", ""),
    ],
)
def test_the_pages_of_a_server(url: str, base: str, file: str) -> None:
    found = parse(url)
    assert (found.base, found.file, found.token, found.redirect) == (base, file, None, False)


def test_a_hubs_redirect_names_the_hub() -> None:
    found = parse(f"https://h/jupyter/hub/user-redirect/lab/tree/a.ipynb?token={SECRET}")
    assert (found.base, found.file, found.redirect) == ("https://h/jupyter/", "a.ipynb", True)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        (f"https://?token={SECRET}", "it names no server"),
        (f"https://h:port/lab/tree/a.ipynb?token={SECRET}", "it is no URL"),
        (f"ftp://h/lab/tree/a.ipynb?token={SECRET}", "it names no server"),
        (f"https://ann:{SECRET}@h/lab/tree/a.ipynb", "a URL with a name and a password is not taken"),
        (f"https://h/lab/tree/../../etc/passwd?token={SECRET}", "leads out of the server's folder"),
        (f"https://h/lab/tree/%2e%2e/x?token={SECRET}", "leads out of the server's folder"),
    ],
)
def test_a_url_that_is_none_is_said_without_its_secret(url: str, why: str) -> None:
    with pytest.raises(UsageError, match=why) as raised:
        parse(url)
    assert SECRET not in str(raised.value)


def test_a_secret_does_not_show() -> None:
    found = parse(f"https://h/lab/tree/a.ipynb?token={SECRET}")
    assert found.token == Secret(SECRET)
    assert len({found.token, Secret(SECRET)}) == 1
    assert found.token is not None
    assert found.token.reveal() == SECRET
    assert SECRET not in repr(found)
    with pytest.raises(ZeroDivisionError) as raised:
        _fail(found.token)
    told = "".join(traceback.TracebackException.from_exception(raised.value, capture_locals=True).format())
    assert "Secret(…)" in told
    assert SECRET not in told.replace(f'"{SECRET}"', "")


def _fail(token: Secret) -> None:
    _ = 1 // (len(repr(token)) - len(repr(token)))


@given(
    st.sampled_from(["http://h/", "https://h:1/p/", "https://[::1]:8/user/a/"]),
    st.from_regex(r"[^/\x00?#]{1,9}(/[^/\x00]{1,9})?", fullmatch=True),
)
def test_a_path_is_its_url(base: str, file: str) -> None:
    if "." in file.split("/") or ".." in file.split("/"):
        return
    path = path_of(base, file)
    assert path.is_absolute()
    assert is_remote(path)
    assert file_of(path) == (base, file)
    found = parse(url_of(path))
    assert (found.base, found.file) == (base, file)


def test_what_is_a_url() -> None:
    assert is_url("HTTPS://h/lab")
    assert not is_url("a.ipynb")
    assert not is_url("/https:/h/lab/tree/a.ipynb")
    assert not is_remote(Path("/home/https:/a"))
    assert shown(path_of("https://h/", "a.ipynb")) == "https://h/lab/tree/a.ipynb"
