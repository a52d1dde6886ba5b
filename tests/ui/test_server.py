"""The server's own routes: files and QR codes; and its start."""

import asyncio
import gc
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import plotly
import pytest

from dlcore.ui import server
from tests.ui.asgi_client import Client

VERSION = server.version()


# Files


@pytest.mark.parametrize(
    "path", sorted(p.relative_to(server.ASSETS) for f in server.FOLDERS for p in (server.ASSETS / f).iterdir())
)
def test_every_script_and_style_is_served_and_nothing_else(client: Client, path: Path) -> None:
    answer = client.get(f"/descent/{VERSION}/{path.as_posix()}")
    if path.suffix in (".js", ".css"):
        assert answer.status_code == 200
        assert answer.content == (server.ASSETS / path).read_bytes()
        assert answer.headers["content-type"].startswith({".js": "text/javascript", ".css": "text/css"}[path.suffix])
        assert "immutable" in answer.headers["cache-control"]
    else:
        assert answer.status_code == 404


def test_there_are_scripts_to_serve() -> None:
    assert {path.name for path in (server.ASSETS / "player").glob("*.js")} >= {"main.js", "pack.js"}
    assert list((server.ASSETS / "shell").glob("*.js"))


@pytest.mark.parametrize(
    "path",
    [
        "player/nothing.js",
        "player/..%2f..%2fapp.py",
        "player/..%2fMANIFEST.json",
        "player/%2e%2e%2f%2e%2e%2fpyproject.toml",
        "player/..%5c..%5capp.py",
        "player/%2fetc%2fpasswd",
        "..%2f..%2fetc/passwd",
        "%2e%2e/app.py",
        "../dlcore/device.py",
        "thumbnails/optimizers.png",
        "player/main.js%00.py",
        "player/",
        "./main.js",
    ],
)
def test_no_path_leads_out_of_the_folders(client: Client, path: str) -> None:
    answer = client.get(f"/descent/{VERSION}/{path}")
    assert answer.status_code == 404
    assert "import" not in answer.text


def test_a_script_outside_the_two_folders_is_not_served(
    client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assets = tmp_path / "assets"
    for folder in ("assets/player", "assets/secret", "secret"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "main.js").write_text(folder)
    (tmp_path / "main.js").write_text("above")
    (assets / "main.js").write_text("beside")
    monkeypatch.setattr(server, "ASSETS", assets)
    assert client.get(f"/descent/{VERSION}/player/main.js").text == "assets/player"
    for path in ("secret/main.js", "../main.js", "./main.js", "%2e%2e/main.js", "player%2f..%2fsecret/main.js"):
        assert client.get(f"/descent/{VERSION}/{path}").status_code == 404, path


def test_a_name_with_a_path_before_it_is_only_a_name(client: Client) -> None:
    # What is left of it is a file of the folder, or nothing.
    answer = client.get(f"/descent/{VERSION}/player/..%2fshell%2ftoolbar.js")
    assert answer.status_code == 404


def test_plotly_is_the_installed_packages(client: Client) -> None:
    answer = client.get(f"/descent/{VERSION}/plotly.min.js")
    assert answer.status_code == 200
    assert answer.content == (Path(str(plotly.__file__)).parent / "package_data" / "plotly.min.js").read_bytes()
    assert re.search(rb"plotly\.js v\d+\.\d+\.\d+", answer.content[:400])
    assert "immutable" in answer.headers["cache-control"]


def test_the_version_changes_with_any_script_or_style(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder in server.FOLDERS:
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "main.js").write_text("1")
    monkeypatch.setattr(server, "ASSETS", tmp_path)
    versions = [server.version.__wrapped__()]
    for folder in server.FOLDERS:
        (tmp_path / folder / "main.js").write_text("2")
        versions.append(server.version.__wrapped__())
    assert len(set(versions)) == 3
    assert all(re.fullmatch(r"[0-9a-f]{12}", version) for version in versions)


# QR codes


def test_a_qr_code_is_a_picture_dark_on_white(client: Client) -> None:
    answer = client.get("/descent/qr.svg", params={"text": "https://example.org/optimizers?optimizers.lr=0.1"})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/svg+xml"
    root = ET.fromstring(answer.text)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert "#fff" in answer.text
    assert len(list(root.iter("{http://www.w3.org/2000/svg}path"))) == 2  # ground and modules
    assert "script" not in answer.text.lower()


def test_the_qr_code_is_that_of_this_link(client: Client) -> None:
    import segno

    link = "http://localhost:8501/optimizers?optimizers.optimizers=SGD&optimizers.optimizers=Adam&lecture=1"
    code = segno.make(link, error="m")
    root = ET.fromstring(client.get("/descent/qr.svg", params={"text": link}).text)
    width = float(root.attrib["width"])
    assert width == code.symbol_size(scale=8, border=3)[0]
    other = client.get("/descent/qr.svg", params={"text": link + "2"}).text
    assert other != client.get("/descent/qr.svg", params={"text": link}).text


@pytest.mark.parametrize("length", [500, 1999, 2000])
def test_long_links_have_a_code(client: Client, length: int) -> None:
    link = "https://example.org/?" + "a" * (length - len("https://example.org/?"))
    answer = client.get("/descent/qr.svg", params={"text": link})
    assert answer.status_code == 200
    ET.fromstring(answer.text)


def test_a_link_with_symbols_of_the_lessons_has_a_code(client: Client) -> None:
    link = "https://example.org/?optimizers.rates=own η&x=é漢" + "κ" * 300
    assert client.get("/descent/qr.svg", params={"text": link}).status_code == 200


@pytest.mark.parametrize(
    "text", ["", "hello", "javascript:alert(1)", "ftp://example.org", "https://example.org/" + "a" * 2000]
)
def test_what_is_no_link_or_too_long_is_refused_in_one_sentence(client: Client, text: str) -> None:
    answer = client.get("/descent/qr.svg", params={"text": text})
    assert answer.status_code == 400
    assert answer.text == "text: give a link of at most 2000 characters."


def test_a_link_of_many_bytes_is_refused_or_drawn_but_no_error(client: Client) -> None:
    # 2000 characters can be 8000 bytes, and a QR code holds 2331 at this level.
    answer = client.get("/descent/qr.svg", params={"text": "https://example.org/" + "漢" * 1900})
    assert answer.status_code in (200, 400)


# The start of the server


def test_the_lifespan_warms_the_imports_and_leaves_the_generator_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    monkeypatch.setattr(server.logs, "configure", lambda kind: None)  # the tests have a log of their own

    state = torch.get_rng_state()

    async def start() -> None:
        async with server.lifespan(None):
            assert gc.get_freeze_count() > 1000

    try:
        asyncio.run(start())
    finally:
        gc.unfreeze()
    assert torch.get_num_threads() == 1
    assert torch.equal(torch.get_rng_state(), state)


def test_more_files_may_be_open_than_a_shell_allows() -> None:
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, before[1]))
    try:
        server._open_files()
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        assert soft == (server.MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, server.MOST_FILES))
        assert hard == before[1]
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
