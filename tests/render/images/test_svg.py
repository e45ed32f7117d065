"""SVG drawings with resvg: size, removed references, limits."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.render.images.support import BLUE, data_of, quarters
from tuinb.render.images import svg

if TYPE_CHECKING:
    from pathlib import Path

NAMES = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'


def drawing(
    inside: str = '<rect width="50" height="100" fill="#0000dc"/>', attributes: str = 'width="100" height="100"'
) -> bytes:
    return f"<svg {NAMES} {attributes}>{inside}</svg>".encode()


@pytest.fixture
def resvg() -> None:
    pytest.importorskip("resvg_py", reason="the extra tuinb[svg] is not installed")


@pytest.mark.parametrize(
    ("attributes", "size"),
    [
        ('width="100" height="50"', (100, 50)),
        ('width="72pt" height="1in"', (96, 96)),
        ('width="2.54cm" height="25.4mm"', (96, 96)),
        ('viewBox="0 0 320 200"', (320, 200)),
        ('viewBox="0,0,320,200" width="160"', (160, 100)),
        ('viewBox="0 0 320 200" height="400"', (640, 400)),
        ('viewBox="0 0 320 200" width="100%" height="100%"', (320, 200)),
        ('viewBox="0 0 0 nan"', (300, 150)),
        ('width="-5" height="inf"', (300, 150)),
        ('width="1e300" height="0.001"', (1 << 20, 1)),
        ("", (300, 150)),
    ],
)
def test_the_size_that_it_says(attributes: str, size: tuple[int, int]) -> None:
    assert svg.size_of(drawing(attributes=attributes)) == size


def test_its_first_tag_may_come_late() -> None:
    comment = b"<?xml version='1.0'?>\n<!DOCTYPE svg PUBLIC 'a' 'http://host/b.dtd'>\n<!--" + b" x" * 5000 + b"-->"
    assert svg.size_of(comment + drawing()) == (100, 100)
    assert svg.size_of(drawing().replace(b"<svg", b"<s:svg xmlns:s='http://www.w3.org/2000/svg'")) == (100, 100)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "not an SVG"),
        (b"<html><svg/></html>", "not an SVG"),
        (b"text", "not an SVG"),
        (b'<!DOCTYPE svg [<!ENTITY a "aa">]>' + drawing(), "declares entities"),
        (drawing()[:60], "not an SVG"),
    ],
)
def test_what_is_none(data: bytes, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        svg.size_of(data)


@pytest.mark.usefixtures("resvg")
def test_draws() -> None:
    image = svg.draw(b"<?xml version='1.0' encoding='latin-1'?><!DOCTYPE svg>" + drawing(), (40, 40))
    assert (image.size, image.mode) == ((40, 40), "RGBA")
    assert image.getpixel((5, 20)) == (*BLUE, 255)
    assert image.getpixel((35, 20)) == (0, 0, 0, 0)


@pytest.mark.usefixtures("resvg")
def test_styles_and_images_of_its_own_are_drawn() -> None:
    from tests.render.images.support import b64

    dropped = "<script>anything</script><foreignObject><g/>text</foreignObject>"
    inside = f"{dropped}<style>rect {{ fill: #0000dc }} a > b {{ fill: red }}</style><rect width='100' height='100'/>"
    assert svg.draw(drawing(inside), (10, 10)).getpixel((5, 5)) == (*BLUE, 255)
    inside = f'<image width="100" height="100" xlink:href="data:image/png;base64,{b64(data_of(quarters()))}"/>'
    assert svg.draw(drawing(inside), (100, 100)).getpixel((20, 80)) == (*BLUE, 255)


@pytest.mark.usefixtures("resvg")
@pytest.mark.parametrize(
    "reference", ['<image href="{}"', '<image xlink:href="{}"', '<image xlink:href=" {}"', '<image href="file://{}"']
)
def test_no_file_is_read(reference: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "secret.png").write_bytes(data_of(quarters()))
    for name in ("secret.png", str(tmp_path / "secret.png")):
        image = svg.draw(drawing(reference.format(name) + ' width="100" height="100"/>'), (20, 20))
        assert image.getextrema() == ((0, 0),) * 4


@pytest.mark.usefixtures("resvg")
@pytest.mark.parametrize(
    ("data", "why"),
    [
        (drawing()[:-3], "it is not valid XML"),
        (b'<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/hostname">]>' + drawing("<text>&a;</text>"), "declares entities"),
        (drawing("<g>" * 100_000 + "</g>" * 100_000), "nested too deeply"),
        (drawing('<use href="#b"/>').replace(b"svg", b"html"), "it can't be drawn: "),
    ],
)
def test_what_is_wrong(data: bytes, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        svg.draw(data, (20, 20))


def test_one_that_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(svg, "LONGEST", 10)
    with pytest.raises(ValueError, match="larger than"):
        svg.draw(drawing(), (20, 20))


@pytest.mark.usefixtures("resvg")
def test_modules_of_the_notebooks_folder_are_not_taken_for_the_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "resvg_py.py").write_text("raise SystemExit('taken')")
    monkeypatch.chdir(tmp_path)
    assert svg.draw(drawing(), (4, 4)).getpixel((0, 0)) == (*BLUE, 255)


def test_nothing_is_imported_to_know_that_it_is_there() -> None:
    code = "import sys; from tuinb.render.images import svg; svg.available(); print('resvg_py' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
