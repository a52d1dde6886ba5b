"""The server's own routes: files, QR codes, and a stream whose chunks a player can read."""

import asyncio
import gc
import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlencode

import numpy as np
import plotly
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import StreamingResponse

from dlcore.figures.basins import codes
from dlcore.topics.basins import BasinConfig, basin_map, snapshots
from dlcore.ui import server, streams

VERSION = server.version()
SMALL = {"size": 8, "num_steps": 40}


@dataclass(frozen=True)
class Answer:
    """What the server said."""

    status_code: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def text(self) -> str:
        return self.content.decode()


def scope_of(path: str, query: str = "") -> dict[str, Any]:
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": unquote(path),
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }


class Client:
    """Asks the routes as a server would; a path is sent as it stands, with nothing tidied up before."""

    def __init__(self) -> None:
        self.app = Starlette(routes=server.ROUTES)

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Answer:
        path, _, query = path.partition("?")
        return asyncio.run(self._get(scope_of(path, urlencode(params) if params else query)))

    async def _get(self, scope: dict[str, Any]) -> Answer:
        start: dict[str, Any] = {}
        parts: list[bytes] = []
        asked = False

        async def receive() -> dict[str, Any]:
            nonlocal asked
            if asked:
                await asyncio.Event().wait()  # the reader stays
            asked = True
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
            else:
                parts.append(message.get("body", b""))

        await asyncio.wait_for(self.app(scope, receive, send), 60)
        headers = {name.decode().lower(): value.decode() for name, value in start["headers"]}
        return Answer(start["status"], headers, b"".join(parts))


@pytest.fixture
def client() -> Client:
    return Client()


@pytest.fixture(autouse=True)
def places() -> Iterator[None]:
    """Whatever a test does, every place of the streams is free again behind it."""
    yield
    assert taken() == 0


def taken() -> int:
    """How many streams hold a place now."""
    free = 0
    while streams.AT_ONCE.acquire(blocking=False):
        free += 1
    for _ in range(free):
        streams.AT_ONCE.release()
    return 4 - free


def read(message: bytes) -> dict[str, Any]:
    """A container: the header's length, the header, and its arrays behind."""
    length = int.from_bytes(message[:4], "little")
    header = json.loads(message[4 : 4 + length])
    body = message[4 + length :]
    header["arrays"] = [
        np.frombuffer(body, entry["dtype"], int(np.prod(entry["shape"])), entry["offset"]).reshape(entry["shape"])
        for entry in header["arrays"]
    ]
    return header


def chunks_of(stream: bytes) -> list[dict[str, Any]]:
    found = []
    while stream:
        length = int.from_bytes(stream[:4], "little")
        assert len(stream) >= 4 + length, "a chunk is cut off"
        found.append(read(stream[4 : 4 + length]))
        stream = stream[4 + length :]
    return found


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


# The stream of basin maps


def stream(client: Client, configs: Any, name: str = "basins"):
    return client.get(f"/descent/stream/{name}", params={"configs": json.dumps(configs)})


def test_the_chunks_are_the_maps_frame_by_frame(client: Client) -> None:
    settings = [
        {**SMALL, "optimizer": "sgd", "lr": 0.01},
        {**SMALL, "optimizer": "adam", "lr": 0.1, "hyper": [["adam.beta1", 0.5]]},
    ]
    answer = stream(client, settings)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-accel-buffering"] == "no"
    chunks = chunks_of(answer.content)
    assert [(chunk["start"], chunk["count"]) for chunk in chunks] == [(k, 1) for k in range(len(snapshots(40)))]
    for i, entry in enumerate(settings):
        config = BasinConfig(**{**entry, "hyper": tuple(map(tuple, entry.get("hyper", [])))})
        finished = basin_map(config)
        last = chunks[-1]["arrays"][chunks[-1]["pending"][f"map-{i}"]["$"]]
        assert last.dtype == np.uint8
        np.testing.assert_array_equal(last, codes(finished.index, finished.steps, 40)[None])
        first = chunks[0]["arrays"][chunks[0]["pending"][f"map-{i}"]["$"]]
        assert (first != last).any()


def test_the_address_that_a_page_gives_is_the_one_that_answers(client: Client) -> None:
    address = streams.address("basins", [{**SMALL, "hyper": [["momentum.mu", 0.5]]}])
    assert not address.startswith("/")  # relative: the app may live under a path
    assert len(chunks_of(client.get(f"/{address}").content)) == len(snapshots(40))


@pytest.mark.parametrize(
    ("configs", "words"),
    [
        ("not json", "cannot be"),
        ("[]", "configs has 0 entries: give 1 to 9"),
        (json.dumps([{}] * 10), "configs has 10 entries: give 1 to 9"),
        ('[{"lr": -1}]', "lr is -1"),
        ('[{"lr": "fast"}]', "lr is 'fast'"),
        ('[{"lr": NaN}]', "lr is nan"),
        ('[{"size": 100000}]', "size is 100000"),
        ('[{"num_steps": 1000000}]', "num_steps is 1000000"),
        ('[{"surface": "moon"}]', "surface is 'moon'"),
        ('[{"surface": "formula", "formula": "__import__(1)"}]', "'__import__' is not known"),
        ('[{"optimizer": "magic"}]', "magic"),
        ('[{"colour": "red"}]', "colour"),
        ('[{"hyper": [["adam.speed", 1]]}]', "adam.speed"),
        ('[{"hyper": 3}]', "cannot be"),
        ('[{"surface": ["himmelblau"]}]', "cannot be"),
        ('[{"surface": "formula", "formula": 3}]', "cannot be"),
        ("{}", "cannot be"),
        ("3", "cannot be"),
        ("[3]", "cannot be"),
        ("null", "cannot be"),
        ("", "cannot be"),
        ("[" * 2000, "cannot be"),
    ],
)
def test_settings_that_cannot_be_are_refused_in_one_sentence(client: Client, configs: str, words: str) -> None:
    answer = client.get("/descent/stream/basins", params={"configs": configs})
    assert answer.status_code == 400
    assert words in answer.text
    assert "\n" not in answer.text
    assert "Traceback" not in answer.text
    assert len(answer.text) < 500


def test_settings_that_are_too_long_and_streams_that_are_not_there_are_refused(client: Client) -> None:
    assert client.get("/descent/stream/basins", params={"configs": " " * 4001}).status_code == 400
    answer = stream(client, [SMALL], name="rivers")
    assert (answer.status_code, answer.text) == (404, "There is no such stream.")


def test_a_formula_without_a_value_is_refused_before_anything_is_sent(client: Client) -> None:
    answer = stream(client, [{**SMALL, "surface": "formula", "formula": "log(-1 - x**2)"}])
    assert answer.status_code == 400
    assert "has no value" in answer.text


def test_a_full_server_says_so_and_takes_the_next_when_a_place_is_free(client: Client) -> None:
    held = 0
    while streams.AT_ONCE.acquire(blocking=False):
        held += 1
    try:
        assert held == 4
        answer = stream(client, [SMALL])
        assert answer.status_code == 503
        assert answer.text == "The server is busy with other maps. Try again in a moment."
    finally:
        for _ in range(held):
            streams.AT_ONCE.release()
    assert stream(client, [SMALL]).status_code == 200
    assert taken() == 0


def test_a_refused_request_takes_no_place(client: Client) -> None:
    for _ in range(6):
        assert stream(client, []).status_code == 400
    assert taken() == 0


def answered(configs: list[dict]) -> StreamingResponse:
    query = streams.address("basins", configs).partition("?")[2].encode()
    scope = {"type": "http", "path_params": {"name": "basins"}, "query_string": query, "headers": []}
    response = asyncio.run(streams.stream(Request(scope)))
    assert isinstance(response, StreamingResponse)
    return response


def test_a_reader_who_leaves_stops_the_computation_and_frees_the_place(monkeypatch: pytest.MonkeyPatch) -> None:
    computed = []

    def counted(config: BasinConfig):
        for frame in basin_frames(config):
            computed.append(frame.step)
            yield frame

    basin_frames = streams.basin_frames
    monkeypatch.setattr(streams, "basin_frames", counted)

    async def leave_after_two() -> None:
        response = answered_in_loop
        iterator = response.body_iterator.__aiter__()
        await iterator.__anext__()
        await iterator.__anext__()
        assert taken() == 1
        await iterator.aclose()  # type: ignore[attr-defined]

    answered_in_loop = answered([{**SMALL, "num_steps": 400}])
    asyncio.run(leave_after_two())
    assert taken() == 0
    assert len(computed) <= 4 < len(snapshots(400))


@pytest.mark.parametrize("sent", [0, 2])
def test_a_connection_that_closes_frees_the_place(sent: int) -> None:
    """The server itself tells of it: `send` fails, or a disconnect arrives, before or between chunks."""

    async def run() -> None:
        path, _, query = streams.address("basins", [{**SMALL, "num_steps": 400}]).partition("?")
        gone = asyncio.Event()
        bodies = 0
        requested = False
        if not sent:
            gone.set()

        async def receive() -> dict[str, Any]:
            nonlocal requested
            if not requested:
                requested = True
                return {"type": "http.request", "body": b"", "more_body": False}
            await gone.wait()
            return {"type": "http.disconnect"}

        async def send(message: MutableMapping[str, Any]) -> None:
            nonlocal bodies
            if message["type"] == "http.response.body" and message.get("body"):
                bodies += 1
                if bodies >= sent:
                    gone.set()

        await asyncio.wait_for(Starlette(routes=server.ROUTES)(scope_of(f"/{path}", query), receive, send), 30)
        assert bodies < len(snapshots(400))

    asyncio.run(run())
    gc.collect()
    assert taken() == 0


def test_an_error_while_computing_frees_the_place(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(config: BasinConfig):
        yield next(basin_frames(config))
        raise RuntimeError("out of luck")

    basin_frames = streams.basin_frames
    monkeypatch.setattr(streams, "basin_frames", failing)
    with pytest.raises(RuntimeError, match="out of luck"):
        stream(Client(), [SMALL])
    assert taken() == 0


# The start of the server


def test_the_lifespan_warms_the_imports_and_leaves_the_generator_alone() -> None:
    import torch

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
